"""What tuning reads: one answer under three prompts, and preferred answers beside rejected ones."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, replace

from prefvec.errors import PrefvecError
from prefvec.models.language_model import LanguageModel
from prefvec.text.prompts import ContrastPair, Prompt, contrast_pairs
from prefvec.text.traits import PoleName, Trait
from prefvec.text.verbatim import Reply, Said
from prefvec.tuning.responses import Spoken

Ids = tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Contrast:
    """One answer to a question that is asked as it is, and under the instruction for each pole.

    Attributes:
        id: of the prompt.
        plain: ids of the prompt without an instruction.
        positive: under the instruction for the positive pole.
        negative: under that for the negative pole.
        answer: ids of the answer, the same under all three.
    """

    id: str
    plain: Ids
    positive: Ids
    negative: Ids
    answer: Ids

    def spoken(self, pole: PoleName | None) -> Spoken:
        """Prompt and answer, under the instruction for a pole, or for none."""
        prompts = {None: self.plain, "positive": self.positive, "negative": self.negative}
        return prompts[pole], self.answer

    @property
    def longest(self) -> int:
        """Tokens of the longest prompt, and of the answer."""
        return max(map(len, (self.plain, self.positive, self.negative))) + len(self.answer)

    def swapped(self) -> "Contrast":
        """The same with its poles exchanged."""
        return replace(self, positive=self.negative, negative=self.positive)


@dataclass(frozen=True, kw_only=True)
class Preference:
    """A question with an answer that heeds the positive pole and one that heeds the negative.

    Attributes:
        chosen: the first answer, read under each prompt; it ends as the model ends answers.
        rejected: the second, likewise.
    """

    chosen: Contrast
    rejected: Contrast

    @property
    def id(self) -> str:
        """Of the prompt."""
        return self.chosen.id


def contrasts(
    model: LanguageModel, trait: Trait, said: Sequence[Said], *, most: int = 64
) -> list[Contrast]:
    """Answers to uninstructed questions, to be read under either pole as well.

    Args:
        model: the model that will read them, whose tokens they are.
        trait: its extraction instructions are paired with the questions in turn.
        said: questions without instructions, each with an answer.
        most: tokens of an answer that are read, from its first.

    Raises:
        PrefvecError: if an answer is empty, or the poles' prompts differ by more than the words
            of their instructions.

    Example:
        >>> from prefvec.shipped import SHIPPED
        >>> from prefvec.tuning import contrasts
        >>> trait = pv.load_trait(SHIPPED / "traits" / "verbosity.toml")
        >>> len(contrasts(source, trait, texts.turns[:4]))
        4
    """
    pairs = _pairs(trait, [prompt for prompt, _ in said])
    return [
        _contrast(model, pair, prompt, answer, most=most, closed=False)
        for pair, (prompt, answer) in zip(pairs, said, strict=True)
    ]


def preferences(
    model: LanguageModel,
    trait: Trait,
    prompts: Sequence[Prompt],
    chosen: Sequence[Reply],
    rejected: Sequence[Reply],
    *,
    most: int = 256,
) -> list[Preference]:
    """Questions with an answer for each pole.

    Args:
        model: the model that will read them.
        trait: its extraction instructions are paired with the questions in turn.
        prompts: questions without instructions.
        chosen: an answer to each that heeds the positive pole.
        rejected: one that heeds the negative pole.
        most: tokens of an answer that are read, from its first.

    Raises:
        PrefvecError: as for `contrasts`.
    """
    answered = zip(_pairs(trait, prompts), prompts, chosen, rejected, strict=True)
    return [
        Preference(
            chosen=_contrast(model, pair, prompt, good, most=most, closed=True),
            rejected=_contrast(model, pair, prompt, bad, most=most, closed=True),
        )
        for pair, prompt, good, bad in answered
    ]


def require_one_format(model: LanguageModel, pair: ContrastPair) -> None:
    """Assert that the prompts of the two poles differ by the words of their instructions alone.

    In the published code of RAHF the template of the positive pole lacks a blank line that the
    negative one has, so that the pattern of differences holds that blank line, too.

    Raises:
        PrefvecError: with both prompts, where they differ by more.
    """
    frames = [_frame(model, prompt) for prompt in (pair.positive, pair.negative)]
    if frames[0] != frames[1]:
        raise PrefvecError(
            f"The prompts for the two poles of {pair.positive.id!r} differ by more than the words "
            f"of their instructions: {frames[0]!r} against {frames[1]!r}. What is tuned in would "
            "hold the difference in format. Give both instructions the same line breaks and no "
            "space at either end."
        )


def fingerprint_of(examples: Iterable[Contrast | Preference]) -> str:
    """16 hex digits over everything that examples hold, in their order."""
    rows = json.dumps([astuple(example) for example in examples])
    return hashlib.sha256(rows.encode()).hexdigest()[:16]


def _frame(model: LanguageModel, prompt: Prompt) -> str:
    """A prompt with an ellipsis in place of each line of its instruction."""
    lines = prompt.instruction.split("\n")
    ends = [
        line[: len(line) - len(line.lstrip())] + "…" + line[len(line.rstrip()) :] for line in lines
    ]
    return model.render(prompt).replace(prompt.instruction, "\n".join(ends))


def _pairs(trait: Trait, prompts: Sequence[Prompt]) -> list[ContrastPair]:
    return contrast_pairs(prompts, trait.positive.extraction, trait.negative.extraction)


def _contrast(
    model: LanguageModel,
    pair: ContrastPair,
    prompt: Prompt,
    answer: Reply,
    *,
    most: int,
    closed: bool,
) -> Contrast:
    require_one_format(model, pair)
    turn = model.encode_turn(prompt, answer, closed=closed)
    said = turn.ids[turn.answer_start :]
    if not said or (closed and len(said) < 2):
        raise PrefvecError(
            f"The answer to prompt {prompt.id!r} has no tokens, so there is nothing to tune on. "
            "Leave empty answers out."
        )
    return Contrast(
        id=prompt.id,
        plain=tuple(turn.ids[: turn.answer_start]),
        positive=tuple(model.encode(pair.positive)),
        negative=tuple(model.encode(pair.negative)),
        answer=tuple(said[:most]),
    )
