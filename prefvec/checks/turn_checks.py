"""The dialect on trial: how a prompt begins, how its answer begins, and how that ends."""

import re
from collections.abc import Iterable
from itertools import takewhile

from prefvec.errors import PrefvecError
from prefvec.models.language_model import LanguageModel
from prefvec.models.turns import is_special, special_id
from prefvec.text.prompts import Prompt

_THOUGHT = re.compile(r"<(/?)(?:think(?:ing)?|thought|reasoning)>")
"""Opens or closes what a model thinks aloud."""


def bos_stands_once(model: LanguageModel, prompts: Iterable[Prompt]) -> str:
    """A BOS that template and tokenizer both know of is not written twice.

    A ChatML template opens every turn with the token that the tokenizer calls its BOS. So what
    is counted is where the template writes it, and what the tokenizer adds to that.

    Args:
        model: on trial.
        prompts: to be rendered.

    Returns:
        What was seen, as a sentence.

    Raises:
        PrefvecError: if the law does not hold, and what that does to a measurement.
    """
    bos, sign = special_id(model.tokenizer, "bos"), str(model.tokenizer.bos_token)
    if bos is None:
        return "The tokenizer has no BOS."
    first = 0
    for prompt in prompts:
        ids, written = model.encode(prompt), model.render(prompt).count(sign)
        wanted = written or int(model.dialect.adds_bos)
        first = sum(1 for _ in takewhile(lambda token: token == bos, ids))
        if first != min(wanted, 1):
            raise PrefvecError(
                f"The BOS token stands {first} times at the beginning of a prompt instead of "
                f"{min(wanted, 1)}, the model has never seen such a text. Repair the chat template."
            )
        if ids.count(bos) != wanted:
            raise PrefvecError(
                f"The BOS token stands {ids.count(bos)} times in a prompt, for which its text "
                f"has it {wanted} times: the tokenizer adds or loses some. Repair tokenizer.json."
            )
    if not first:
        return "Neither the tokenizer nor the template writes a BOS, and no prompt has one."
    return "Every prompt begins with one BOS."


def answers_begin(model: LanguageModel, prompts: Iterable[Prompt]) -> str:
    """What follows a prompt is an answer, and not what the model thinks before it.

    Raises:
        PrefvecError: if the template opens a thought and leaves it open.
    """
    for prompt in prompts:
        thoughts = [*_THOUGHT.finditer(model.render(prompt).removesuffix(prompt.text))]
        if thoughts and not thoughts[-1][1]:
            raise PrefvecError(
                f"The chat template opens {thoughts[-1][0]} before the answer and leaves it "
                "open although it is told that thinking is off, so the words counted would be "
                "those of thoughts. Use a model, or a template, that answers without them."
            )
    return "What follows a prompt is its answer."


def answers_end(model: LanguageModel) -> str:
    """What stands after an answer in a closed turn is what ends one.

    Raises:
        PrefvecError: if the law does not hold, and what that does to a measurement.
    """
    tokenizer, answer = model.tokenizer, "Rain is water that falls from clouds."
    for token in model.dialect.closers:
        if not is_special(tokenizer, token):
            raise PrefvecError(
                f"The end token {token} is the ordinary token {tokenizer.decode([token])!r}, so "
                "answers would stop inside a sentence. Set `eos_token_id` in "
                "generation_config.json to the tokenizer's EOS."
            )
    asked = Prompt(id="short", text="What is rain?", topic="check")
    text = model.dialect.render_closed(asked, answer)
    after = _after(model, text, text.rindex(answer) + len(answer))
    if after is None or after not in model.end_ids:
        found = "nothing" if after is None else repr(tokenizer.decode([after]))
        raise PrefvecError(
            f"A closed turn has {found} after the answer, which is not among the end tokens "
            f"{[tokenizer.decode([token]) for token in model.end_ids[:8]]}. Answers would run on "
            "to the cap. Add the token that ends a turn to `eos_token_id` in "
            "generation_config.json."
        )
    return f"A closed turn ends with {tokenizer.decode([after])!r}, which ends an answer."


def _after(model: LanguageModel, text: str, end: int) -> int | None:
    """The first token of a text that reaches past a character and means something there."""
    coded = model.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    spans = zip(coded["input_ids"], coded["offset_mapping"], strict=True)
    for token, (first, last) in spans:
        if last > end and (token in model.end_ids or text[max(first, end) : last].strip()):
            return int(token)
    return None
