"""Given answers read under a steering, as decoding would have written them."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import torch
from jaxtyping import Float, Int
from torch import Tensor

from prefvec.generation.cache import PreallocatedCache, require_plain_attention
from prefvec.generation.decoding import read_prefixes
from prefvec.generation.lanes import in_lanes
from prefvec.generation.perplexity import TOKENS, rows_at_once
from prefvec.models.dialect import Turn
from prefvec.models.language_model import LanguageModel
from prefvec.text.verbatim import Said, Verbatim
from prefvec.vectors.partial_passes import Begun, begun, going_on_from, logits_at
from prefvec.vectors.residual import add
from prefvec.vectors.steering import Steering, deltas

Measure = TypeVar("Measure")


@dataclass(frozen=True, kw_only=True, eq=False)
class Batch:
    """Answers side by side, to be read under any number of steerings.

    A prompt before its last token is read once, whatever is said after it and under which
    steering; anew only under one that is added there, by the positions `all`.

    Attributes:
        model: reads the answers.
        prompts: the tokens of each distinct prompt.
        prefixes: keys and values of each without its last token, unsteered.
        columns: of the longest prefix.
        which: the prefix of each answer.
        inputs: for each answer the prompt's last token and all of its own but the last.
        said: the tokens of each answer.
        answers: the same as they were given.
        starts: passes as far as the end of a block, by its number, as they are needed.
    """

    model: LanguageModel
    prompts: list[tuple[int, ...]]
    prefixes: PreallocatedCache
    columns: int
    which: Int[Tensor, " rows"]
    inputs: dict[str, Int[Tensor, "rows _"]]
    said: list[Int[Tensor, " _"]]
    answers: tuple[Said, ...] = ()
    starts: dict[int, Begun] = field(default_factory=dict)

    @classmethod
    def of(
        cls, model: LanguageModel, turns: Sequence[Turn], answers: Sequence[Said] = ()
    ) -> "Batch":
        """Read the prompts up to their last token."""
        prompts = [tuple(turn.ids[: turn.answer_start]) for turn in turns]
        number = {prompt: i for i, prompt in enumerate(dict.fromkeys(prompts))}
        columns = max(map(len, prompts)) - 1
        said = [torch.tensor(turn.ids[turn.answer_start :]) for turn in turns]
        steps = torch.arange(max(map(len, said)))
        ids = torch.full((len(turns), len(steps)), model.pad_id)
        positions = torch.zeros_like(ids)
        mask = torch.zeros((len(turns), columns + len(steps)), dtype=torch.long)
        for row, (prompt, answer) in enumerate(zip(prompts, said, strict=True)):
            ids[row, 0], ids[row, 1 : len(answer)] = prompt[-1], answer[:-1]
            # What follows an answer is read by nobody, but its position has to exist.
            positions[row] = len(prompt) - 1 + steps.clamp(max=len(answer) - 1)
            mask[row, columns - len(prompt) + 1 : columns + len(answer)] = 1
        inputs = {"input_ids": ids, "position_ids": positions, "attention_mask": mask}
        return cls(
            model=model,
            prompts=list(number),
            prefixes=read_prefixes(model, list(number), columns),
            columns=columns,
            which=torch.tensor([number[prompt] for prompt in prompts], device=model.device),
            inputs={name: values.to(model.device) for name, values in inputs.items()},
            said=[answer.to(model.device) for answer in said],
            answers=tuple(answers),
        )

    def logits(self, steering: Steering) -> list[Float[Tensor, "_ vocabulary"]]:
        """Of each answer the logits before each of its tokens."""
        return self.side_by_side([steering])[0]

    def side_by_side(
        self, steerings: Sequence[Steering]
    ) -> list[list[Float[Tensor, "_ vocabulary"]]]:
        """`logits` under each of several steerings, from one pass."""
        return [
            [row[: len(said)] for row, said in zip(some, self.said, strict=True)]
            for some in self._steered(steerings).split(len(self.said))
        ]

    def logits_before(
        self, tokens: Sequence[Sequence[int]], steering: Steering
    ) -> list[Float[Tensor, "_ vocabulary"]]:
        """Of each answer the logits before some of its tokens, and no others computed.

        Args:
            tokens: of each answer, by number from its first.
            steering: under which they are read.
        """
        rows = [row for row, some in enumerate(tokens) for _ in some]
        with logits_at(self.model, rows, [token for some in tokens for token in some]):
            (found,) = self._steered([steering])
        return list(found.split([len(some) for some in tokens]))

    def _steered(self, steerings: Sequence[Steering]) -> Float[Tensor, "rows _ vocabulary"]:
        """The logits of one pass of every answer under each steering."""
        prefixes, which = self._prefixes(steerings)
        before = self._before(steerings)
        added, rows = deltas(self.model, steerings), len(self.said)
        with ExitStack() as stack:
            if before is not None:
                stack.enter_context(going_on_from(self.model, before, times=len(steerings)))
            by_row = {site: each.repeat_interleave(rows, 0) for site, each in added.items()}
            stack.enter_context(add(self.model, by_row))
            return self._forward(self.model.network, prefixes, which).logits

    def _forward(
        self, network: Callable[..., Any], prefixes: PreallocatedCache, which: Tensor
    ) -> Any:
        """One pass of every answer, as often as there are prefixes for it."""
        cache = (
            prefixes.expanded(which, self.columns + self.steps)
            if self.columns
            else PreallocatedCache.empty(self.model.n_layers, self.steps)
        )
        times = len(which) // len(self.said)
        inputs = {name: values.repeat(times, 1) for name, values in self.inputs.items()}
        return network(**inputs, past_key_values=cache, use_cache=True)

    def _prefixes(self, steerings: Sequence[Steering]) -> tuple[PreallocatedCache, Tensor]:
        """The prompts under each steering, and for each answer under each the row that is its."""
        before = [steering.before_answer for steering in steerings]
        if all(steering.site is None for steering in before):
            return self.prefixes, self.which.repeat(len(before))
        count = len(self.prompts)
        read = read_prefixes(
            self.model,
            self.prompts * len(before),
            self.columns,
            [steering for steering in before for _ in range(count)],
        )
        return read, torch.cat([self.which + i * count for i in range(len(before))])

    def _before(self, steerings: Sequence[Steering]) -> Begun | None:
        """The pass as far as none of the steerings moves it, read once; None where that is at once.

        A whole pass that nothing moves is not begun: it comes once. Up to there the prompts are
        what they are unsteered, at whichever of their tokens is added.
        """
        sites = [each.site for each in steerings if each.site is not None]
        if not sites:
            return None
        layer = min(site.layer - (site.point == "resid_pre") for site in sites)
        if layer < 0:
            return None
        if layer not in self.starts:
            decoder: Any = self.model.network.base_model
            self.starts[layer] = begun(
                self.model, layer, lambda: self._forward(decoder, self.prefixes, self.which)
            )
        return self.starts[layer]

    @property
    def steps(self) -> int:
        """Columns of the longest answer."""
        return self.inputs["input_ids"].shape[1]


def read_answers(
    model: LanguageModel,
    turns: Sequence[Said],
    steerings: Sequence[Steering],
    measure: Callable[[Batch], Sequence[Measure]],
    *,
    passes: int,
    batch_size: int | None,
    most: int | None = None,
) -> dict[Said, Measure]:
    """Measure each answer, the token that ends it included; equal ones once.

    Args:
        model: reads the answers.
        turns: prompts, each with an answer; an empty one is its end alone.
        steerings: that `measure` reads them under.
        measure: gives one result for each answer of a batch; under `inference_mode`.
        passes: how many passes' logits it holds at the same time, at every token; 0 where it asks
            for a few tokens' alone.
        batch_size: answers at once; None takes what `perplexity.TOKENS` and memory allow.
        most: tokens of an answer that are read, from its first; None reads them all.

    Raises:
        PrefvecError: if a vector is of another model, if the model does not attend plainly, or
            if one answer alone does not fit in memory.
    """
    require_plain_attention(model.network.config, model.name)
    for steering in steerings:
        steering.require(model)
    coded = {
        said: _cut(model.encode_turn(*said, closed=True), most) for said in dict.fromkeys(turns)
    }
    waiting = sorted(coded, key=lambda said: -len(coded[said].ids))
    if not waiting:
        return {}

    @torch.inference_mode()
    def work(lane: LanguageModel, batch: Sequence[Said]) -> Sequence[Measure]:
        return measure(Batch.of(lane, [coded[said] for said in batch], batch))

    longest = len(coded[waiting[0]].ids)
    fitting = rows_at_once(model, longest, passes=passes) if passes else max(1, TOKENS // longest)
    size = batch_size or fitting
    found: dict[Said, Measure] = {}
    for batch in in_lanes(model, waiting, size, work):
        found |= dict(batch)
    return found


def as_read_by(model: LanguageModel, turns: Sequence[Said]) -> list[Said]:
    """The same answers in the same tokens, read by a model that has its writer's tokenizer.

    Args:
        model: e.g. a tuned one, whose weights are others than its writer's.
        turns: prompts, each with an answer.
    """
    return [
        (prompt, replace(said, model=model.fingerprint) if isinstance(said, Verbatim) else said)
        for prompt, said in turns
    ]


def _cut(turn: Turn, most: int | None) -> Turn:
    """A turn with no more than the first tokens of its answer."""
    if most is None:
        return turn
    return Turn(
        ids=turn.ids[: turn.answer_start + most],
        answer_start=turn.answer_start,
        answer_ends=turn.answer_ends[:most],
    )
