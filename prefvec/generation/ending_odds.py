"""Whether steering makes a model go on where it could stop, without generating anything.

At each sentence end of given answers the model could end its answer. The log-odds that it goes
on, ln((1 − P(end)) / P(end)), are read there as `decode` would meet them: the prompt up to its
last token unsteered, unless the steering is added there, too, then every token under it. P(end) is
the total probability of all tokens that end an answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

import torch
from jaxtyping import Float, Int
from torch import Tensor

from prefvec.errors import PrefvecError
from prefvec.generation.nearby import in_pieces
from prefvec.generation.teacher_forcing import Batch, as_read_by, read_answers
from prefvec.models.dialect import Turn
from prefvec.models.language_model import LanguageModel
from prefvec.text.metrics import sentence_ends
from prefvec.text.verbatim import Said, text_of
from prefvec.vectors.steering import UNSTEERED, Steering


def going_on_shift(
    model: LanguageModel,
    turns: Sequence[Said],
    steering: Steering,
    *,
    batch_size: int | None = None,
) -> dict[str, float]:
    """By how much steering raises the log-odds of going on at sentence ends, prompt by prompt.

    The odd part, (log-odds at +c less those at −c) / 2, in the mean over the sentence ends of
    all answers to a prompt, the end of the answer among them where it ends a sentence. Positive
    means longer answers. Sentences end as `sentence_ends` finds them, where a token ends there
    as well. Of a prompt none of whose answers has such an end, the last position of each answer
    is read, the one before the token that ends it.

    Args:
        model: reads the answers.
        turns: prompts, each with an answer that the model gave unsteered. A repeated answer
            counts each time.
        steering: of the model, at +c.
        batch_size: answers at once; None takes what `perplexity.TOKENS` and memory allow.

    Returns:
        One value for each prompt id, in the order in which prompts first occur.

    Raises:
        PrefvecError: if there are no turns, if the vector is of another model, or if one answer
            alone does not fit in memory.

    Example:
        >>> dose = pv.Steering(vector=vector.middle, coefficient=1.0)
        >>> shifts = pv.going_on_shift(source, answers.at(0).turns[:4], dose)
        >>> len(shifts), sum(shifts.values()) > 0
        (4, True)
    """
    return going_on_shifts(model, turns, [steering], batch_size=batch_size)[0]


def going_on_shifts(
    model: LanguageModel,
    turns: Sequence[Said],
    steerings: Sequence[Steering],
    *,
    batch_size: int | None = None,
) -> list[dict[str, float]]:
    """The same under each of several steerings, with everything before the first of them read once.

    Args:
        model: reads the answers.
        turns: prompts, each with an answer that the model gave unsteered.
        steerings: of the model, each at +c.
        batch_size: answers at once; None takes what memory allows.

    Returns:
        For each steering what `going_on_shift` returns, to the bit.

    Raises:
        PrefvecError: as for `going_on_shift`.
    """
    if not turns:
        raise PrefvecError(
            "There are no answers to read, so no odds of going on. Give answers that the model "
            "gave unsteered."
        )
    doses = [(each, replace(each, coefficient=-each.coefficient)) for each in steerings]
    ends = torch.tensor(model.end_ids, device=model.device)
    places = {said: _Places.of(model, said) for said in turns}

    def odd(batch: Batch, pair: tuple[Steering, Steering]) -> list[list[float]]:
        tokens = [places[said].tokens for said in batch.answers]
        ahead, behind = (
            [going_on_odds(logits, ends) for logits in batch.logits_before(tokens, dose)]
            for dose in pair
        )
        return [((more - less) / 2).tolist() for more, less in zip(ahead, behind, strict=True)]

    def measure(batch: Batch) -> list[tuple[list[float], ...]]:
        return list(zip(*(odd(batch, pair) for pair in doses), strict=True))

    either = [dose for pair in doses for dose in pair]
    found = read_answers(model, turns, either, measure, passes=0, batch_size=batch_size)
    of_each = zip(*(found[turn] for turn in turns), strict=True)
    return [_by_prompt(turns, places, shifts) for shifts in of_each]


def going_on_shift_between(
    more: LanguageModel,
    less: LanguageModel,
    turns: Sequence[Said],
    *,
    batch_size: int | None = None,
) -> dict[str, float]:
    """The same of two models, instead of one under a steering: half of what sets them apart.

    Args:
        more: a model tuned towards longer answers.
        less: one tuned towards shorter ones, of the same tokenizer and dialect.
        turns: prompts, each with an answer that the model gave untuned, as ids or as text.
        batch_size: answers at once; None takes what memory allows.

    Returns:
        One value for each prompt id, in the order in which prompts first occur.

    Raises:
        PrefvecError: as for `going_on_shift`.
    """
    if not turns:
        raise PrefvecError(
            "There are no answers to read, so no odds of going on. Give answers that the model "
            "gave untuned."
        )
    own = as_read_by(more, turns)
    places = {said: _Places.of(more, said) for said in own}
    tokens = [places[said].tokens for said in own]
    above, below = (_odds(model, turns, tokens, batch_size) for model in (more, less))
    shifts = [
        [(one - other) / 2 for one, other in zip(ahead, behind, strict=True)]
        for ahead, behind in zip(above, below, strict=True)
    ]
    return _by_prompt(own, places, shifts)


def _odds(
    model: LanguageModel,
    turns: Sequence[Said],
    tokens: Sequence[Sequence[int]],
    batch_size: int | None,
) -> list[list[float]]:
    """Of each answer the log-odds of going on before some of its tokens."""
    ends = torch.tensor(model.end_ids, device=model.device)
    own = as_read_by(model, turns)
    wanted = dict(zip(own, tokens, strict=True))

    def measure(batch: Batch) -> list[list[float]]:
        before = batch.logits_before([wanted[said] for said in batch.answers], UNSTEERED)
        return [going_on_odds(logits, ends).tolist() for logits in before]

    found = read_answers(model, own, [], measure, passes=0, batch_size=batch_size)
    return [found[turn] for turn in own]


@dataclass(frozen=True, kw_only=True)
class _Places:
    """Where an answer is read: before which of its tokens, the one that ends it included.

    Attributes:
        tokens: those after a sentence's end; the last where no sentence ends.
        ends: whether sentences end there.
    """

    tokens: list[int]
    ends: bool

    @classmethod
    def of(cls, model: LanguageModel, said: Said) -> "_Places":
        """Those of an answer in a model's tokens."""
        prompt, answer = said
        turn = model.encode_turn(prompt, answer, closed=True)
        last = len(turn.ids) - turn.answer_start - 1
        # After a token that has ended the answer nothing is read: it could end before that one.
        after = could_end(model.encode_turn(prompt, answer), text_of(answer))
        return cls(tokens=[min(i, last) for i in after] or [last], ends=bool(after))


def _by_prompt(
    turns: Sequence[Said], places: Mapping[Said, _Places], shifts: Sequence[Sequence[float]]
) -> dict[str, float]:
    """The mean at the sentence ends of all answers to a prompt; where there is none, at the last.

    Args:
        turns: prompts, each with an answer.
        places: where each was read.
        shifts: of each answer those there.
    """
    at_ends: dict[str, list[float]] = {}
    at_last: dict[str, list[float]] = {}
    for said, shift in zip(turns, shifts, strict=True):
        prompt = said[0].id
        at_ends.setdefault(prompt, []).extend(shift if places[said].ends else ())
        at_last.setdefault(prompt, []).append(shift[-1])
    return {prompt: fmean(found or at_last[prompt]) for prompt, found in at_ends.items()}


def going_on_odds(
    logits: Float[Tensor, "tokens vocabulary"], end_ids: Sequence[int] | Int[Tensor, " ends"]
) -> Float[Tensor, " tokens"]:
    """Log-odds that the next token is none of those that end an answer; float64 on the CPU.

    Neither probability is taken from 1, so that none is lost where the other is next to 1.

    Args:
        logits: of the next token, of any floating type.
        end_ids: the tokens that end an answer.
    """
    end = torch.as_tensor(end_ids, device=logits.device)
    found: list[Tensor] = []
    for (wide,) in in_pieces(logits):
        others = wide.index_fill(1, end, -torch.inf).logsumexp(dim=1)
        ending = wide.index_select(1, end).logsumexp(dim=1)
        found.append(others.cpu().double() - ending.cpu().double())
    return torch.cat(found)


def could_end(turn: Turn, answer: str) -> list[int]:
    """After how many tokens of an answer a sentence ends.

    Args:
        turn: the answer as the model reads it, without the token that ends it.
        answer: its text.
    """
    after = {end: i + 1 for i, end in enumerate(turn.answer_ends)}
    return [after[end] for end in sentence_ends(answer) if end in after]
