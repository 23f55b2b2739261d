"""How a prompt becomes token ids: a model's chat template, or plain text for a base model."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from transformers import PreTrainedTokenizerBase

from prefvec.errors import PrefvecError
from prefvec.models.consumed import by_beginnings, by_offsets
from prefvec.models.endings import LINE_END, plain_end, tokens_holding
from prefvec.models.turns import closed_turn, is_special, render_turn, special_id, takes_system_role
from prefvec.text.prompts import Prompt


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A prompt and an answer as token ids.

    Attributes:
        ids: of the prompt, then of the answer.
        answer_start: index in `ids` of the answer's first token; before it stand exactly the
            ids that generation would start from.
        answer_ends: for each answer token, the number of characters of the answer consumed up
            to and including it. It never falls; the last is the length of the answer.
    """

    ids: list[int]
    answer_start: int
    answer_ends: list[int]


@dataclass(frozen=True, kw_only=True, eq=False)
class Dialect:
    """How one model is spoken to.

    Attributes:
        tokenizer: the model's own; it must give character offsets.
        kind: "chat" when the tokenizer has a chat template, else "plain": the instruction, an
            empty line, then `Question: …` and `Answer:`.
        system_role: whether an instruction goes into a system turn. Where the template refuses
            or drops it, or has a default system turn that gives way to it, the instruction
            stands before the question in the user turn.
        adds_bos: whether the tokenizer puts a BOS before a text.
        lead: what the template writes between the prompt and an answer.
        end_strings: text that ends an answer: in plain text that ends by lines a new line, else
            nothing. What a token writes before it, such as a full stop, still belongs to the
            answer.
        end_ids: the tokens that end an answer, the one that closes a turn first: what the chat
            template closes it with, then the EOS; in plain text all tokens that hold one of the
            strings, and the EOS.
        pad_id: fills the left of a batch; a mask hides it.
    """

    tokenizer: PreTrainedTokenizerBase
    kind: Literal["chat", "plain"]
    system_role: bool
    adds_bos: bool
    lead: str
    end_strings: tuple[str, ...]
    end_ids: tuple[int, ...]
    pad_id: int

    def render(self, prompt: Prompt) -> str:
        """The text a model reads before it answers, with whatever opens its turn.

        Raises:
            PrefvecError: if the chat template fails, or drops the question or the instruction.
        """
        text = self._rendered(prompt)
        for what, wanted in (("instruction", prompt.instruction), ("question", prompt.text)):
            if wanted.strip() not in text:
                raise PrefvecError(
                    f"The chat template lost the {what} of the prompt {prompt.id!r}: "
                    f"{wanted.strip()!r} does not stand in the rendered text. The model would "
                    "answer something else. Use a tokenizer whose template keeps its input."
                )
        return text

    def render_closed(self, prompt: Prompt, answer: str) -> str:
        """The text of a whole turn: a prompt, its answer, and what closes it.

        Raises:
            PrefvecError: if the chat template fails.
        """
        return self._rendered(prompt, answer)

    def encode(self, prompt: Prompt) -> list[int]:
        """Token ids of the rendered prompt, with one BOS where the model expects one."""
        return self._tokenize(self.render(prompt))[0]

    def encode_turn(self, prompt: Prompt, answer: str, *, closed: bool = False) -> Turn:
        """Token ids of a prompt and an answer to it, as generation would have produced them.

        Args:
            prompt: the question.
            answer: its answer, without special tokens.
            closed: append the token that ends the answer.
        """
        text = self.render(prompt)
        ids, _ = self._tokenize(text)
        start = len(ids)
        ends: list[int] = []
        if answer:
            said, ends = self._answer(text, ids, answer)
            ids = ids + said
        if closed:
            ids = [*ids, self.end_ids[0]]
            ends = [*ends, len(answer)]
        return Turn(ids=ids, answer_start=start, answer_ends=ends)

    def generated_turn(
        self, prompt: Prompt, answer: str, ids: Sequence[int], *, closed: bool = False
    ) -> Turn:
        """Token ids of a prompt and of an answer in the tokens that generation produced.

        Where the answer's text is encoded in the same tokens, this is what `encode_turn` gives.

        Args:
            prompt: the question.
            answer: its answer, as `decode` gives it.
            ids: the tokens it was written in; what ended it is among them where that wrote some
                of the text.
            closed: append the token that ends the answer, unless the last one has ended it.
        """
        coded, said = self.encode_turn(prompt, answer), list(ids)
        ends = coded.answer_ends
        if coded.ids[coded.answer_start :] != said:
            texts = [self._text(said[: count + 1]) for count in range(len(said))]
            ends = by_beginnings(texts, len(answer))
        if closed and not (said and said[-1] in self._ends):
            said, ends = [*said, self.end_ids[0]], [*ends, len(answer)]
        before = coded.ids[: coded.answer_start]
        return Turn(ids=before + said, answer_start=len(before), answer_ends=ends)

    def encode_text(self, text: str) -> Turn:
        """Token ids of a text as it stands, without any template; all of it is the answer.

        Args:
            text: as a model meets it in pretraining, with one BOS where it expects one.
        """
        ids, offsets = self._tokenize(text)
        start = int(bool(offsets) and offsets[0] == (0, 0))
        return Turn(
            ids=ids, answer_start=start, answer_ends=by_offsets(offsets[start:], 0, len(text))
        )

    def decode(self, ids: Iterable[int]) -> str:
        """The text of an answer: no special tokens, no spaces around it.

        Where strings end an answer, it is what stands before the first of them.
        """
        ids = list(ids)
        if not self.end_strings:
            return self._text([token for token in ids if token not in self._ends]).strip()
        end = next((i for i, token in enumerate(ids) if token in self._ends), len(ids))
        last = [token for token in ids[end : end + 1] if token not in self.closers]
        text = self._text(ids[:end] + last)
        for string in self.end_strings:
            text = text.partition(string)[0]
        return text.strip()

    def summary(self) -> str:
        """One sentence: by what the model is asked, and what ends its answers."""
        asked = {"chat": "its chat template", "plain": "plain text, Question: … Answer:"}[self.kind]
        if self.kind == "plain":
            instructed = "above the question"
        else:
            instructed = "in a system turn" if self.system_role else "in the user turn"
        ends = ["a new line"] if LINE_END in self.end_strings else []
        ends += [str(self.tokenizer.decode([token])) for token in self.closers]
        return f"asked in {asked}; instructions {instructed}; {' or '.join(ends)} ends an answer"

    @cached_property
    def closers(self) -> tuple[int, ...]:
        """The tokens that end an answer by what they are and not by their text."""
        return tuple(
            token
            for token in self.end_ids
            if not any(string in self._text([token]) for string in self.end_strings)
        )

    def _rendered(self, prompt: Prompt, answer: str = "") -> str:
        return render_turn(
            self.tokenizer,
            prompt,
            system_role=self.system_role,
            answer=answer,
            end=plain_end(self.tokenizer, self.end_strings),
        )

    @cached_property
    def ends_fingerprint(self) -> str:
        """16 hex digits over the tokens and strings that end an answer, in their order."""
        ends = repr((self.end_ids, self.end_strings))
        return hashlib.sha256(ends.encode()).hexdigest()[:16]

    @cached_property
    def _ends(self) -> frozenset[int]:
        return frozenset(self.end_ids)

    def _text(self, ids: list[int]) -> str:
        return str(
            self.tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        )

    def _tokenize(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """Ids and character offsets; a BOS is added only where the text does not begin with it."""
        coded = self.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        ids = list(coded["input_ids"])
        offsets = [(int(first), int(last)) for first, last in coded["offset_mapping"]]
        bos = special_id(self.tokenizer, "bos")
        if bos is not None and self.adds_bos and ids[:1] != [bos]:
            return [bos, *ids], [(0, 0), *offsets]
        return ids, offsets

    def _answer(self, text: str, before: list[int], answer: str) -> tuple[list[int], list[int]]:
        """Ids of an answer and the characters of it consumed after each."""
        whole, offsets = self._tokenize(text + self.lead + answer)
        base = len(text) + len(self.lead)
        if whole[: len(before)] == before:
            said, offsets = whole[len(before) :], offsets[len(before) :]
        else:
            # A token would straddle the boundary, which generation cannot produce.
            coded = self.tokenizer(
                self.lead + answer, add_special_tokens=False, return_offsets_mapping=True
            )
            said, offsets, base = list(coded["input_ids"]), coded["offset_mapping"], len(self.lead)
        return said, by_offsets(offsets, base, len(answer))


def dialect_of(
    tokenizer: PreTrainedTokenizerBase, *, eos_ids: Sequence[int] = (), line_ends: bool = True
) -> Dialect:
    """Find out how a tokenizer's model is spoken to, by rendering small turns.

    Args:
        tokenizer: with or without a chat template.
        eos_ids: end tokens that the model's generation config names.
        line_ends: whether a new line ends an answer in plain text, as with base models. Not so
            where a model was trained to end answers of several lines by its EOS.

    Raises:
        PrefvecError: if the tokenizer gives no character offsets, its template does not render,
            no token ends an answer, or no token can serve as padding.
    """
    if not tokenizer.is_fast:
        raise PrefvecError(
            f"The tokenizer {type(tokenizer).__name__} gives no character offsets, so positions "
            "cannot be aligned between models. Use a repository that has a tokenizer.json."
        )
    chats = bool(tokenizer.chat_template)
    breaks = tokens_holding(tokenizer, LINE_END) if line_ends and not chats else []
    end_strings = (LINE_END,) if breaks else ()
    lead, first = closed_turn(tokenizer, end=plain_end(tokenizer, end_strings))
    named = [*first, *breaks[:1], *eos_ids, special_id(tokenizer, "eos"), *breaks]
    end_ids = tuple(dict.fromkeys(token for token in named if token is not None))
    if not end_ids:
        raise PrefvecError(
            "No token ends an answer: the tokenizer has no EOS, its chat template closes a turn "
            "with none, and the generation config names none. Every answer would run to the cap. "
            "Set `eos_token` in tokenizer_config.json."
        )
    bos = special_id(tokenizer, "bos")
    return Dialect(
        tokenizer=tokenizer,
        kind="chat" if chats else "plain",
        system_role=takes_system_role(tokenizer),
        adds_bos=bos is not None and list(tokenizer("a")["input_ids"])[:1] == [bos],
        lead=lead,
        end_strings=end_strings,
        end_ids=end_ids,
        pad_id=_padding(tokenizer, end_ids),
    )


def _padding(tokenizer: PreTrainedTokenizerBase, end_ids: tuple[int, ...]) -> int:
    """Any token serves, since a mask hides it: the pad token, else one that means no word."""
    for role in ("pad", "eos", "unk"):
        token = special_id(tokenizer, role)
        if token is not None:
            return token
    for token in end_ids:
        if is_special(tokenizer, token):
            return token
    raise PrefvecError(
        "The tokenizer has no pad token, no EOS and no unknown token, so answers of different "
        "lengths cannot share a batch. Set `pad_token` in tokenizer_config.json."
    )
