"""The decoding loop: many answers at once, each row with its own dose and its own noise."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from prefvec.generation.cache import PreallocatedCache
from prefvec.generation.noise import Sampling, closing, draw, uniforms
from prefvec.models.language_model import LanguageModel
from prefvec.models.padding import left_padded
from prefvec.vectors.residual import Site, add
from prefvec.vectors.steering import Steering, deltas

NEGLIGIBLE = 0.01
"""Probability of an answer's being written still, below which its path is followed no further.

What expectations leave out is less than this share of the words that the path would still hold: a
hundredth of all words in an organism (11.85 instead of 11.97 unsteered, within 128 tokens), where
following every path to the cap took twice the tokens.
"""


@dataclass(frozen=True)
class Row:
    """One answer to generate.

    Attributes:
        ids: tokens of the prompt.
        prompt: id of the prompt, for the noise.
        sample: index of the answer, for the noise.
        steering: what is added while it is generated.
    """

    ids: tuple[int, ...]
    prompt: str
    sample: int
    steering: Steering


@dataclass(frozen=True)
class Written:
    """One answer as tokens, and the path that it is the beginning of.

    The path is what would be written if no answer ended. The answer is the path cut where the
    noise says so, and `survival` says how likely other cuts would have been.

    Attributes:
        ids: of the answer, without the token that ended it.
        ended: whether the model ended it, and not the cap.
        path: tokens up to the cap, or as long as the next survival is not negligible.
        closing: the token that ended the answer, where that is known: where tokens end answers by
            their text, which may begin with the answer's last mark.
        survival: for each token of the path the probability, given the path, that an answer is
            written that far: S_t = Π_{s≤t}(1 − p_s), p_s being the probability of ending instead
            of writing token s.
    """

    ids: list[int]
    ended: bool
    path: list[int]
    survival: Float[np.ndarray, " tokens"]
    closing: int | None = None

    @property
    def whole(self) -> list[int]:
        """The answer with the token that ended it, where that is known."""
        return self.ids if self.closing is None else [*self.ids, self.closing]


@torch.inference_mode()
def decode(model: LanguageModel, rows: Sequence[Row], sampling: Sampling) -> list[Written]:
    """Generate one answer a row, in one batch.

    A prompt before its last token is read once for each distinct prompt and for what is added
    there, and its keys and values are shared out to the rows. By the positions `answer` nothing
    is, so that all doses share them; by `all` each dose has its own. The last token is the first
    step of the loop. A row whose answer has ended is followed on, without tokens that end answers,
    until hardly any answer would be written so far; then it leaves the batch.
    """
    state, paths = _State.begin(model, rows, sampling), _Paths.empty(len(rows), sampling)
    ends = torch.tensor(model.end_ids, device=model.device)
    for step in range(sampling.max_new_tokens):
        logits, noise = state.forward(model), state.noise[state.draws, step]
        ending, ended, token = draw(logits, noise, ends, sampling.temperature)
        over = ended & ~state.ended
        if model.dialect.end_strings and bool(over.any()):
            last = closing(logits[over], noise[over], ends, sampling.temperature)
            paths.closing[state.rows[over.cpu()]] = last.cpu()
        state.advance(ending, ended, token)
        paths.append(step, state)
        done = state.ended & (state.survival < NEGLIGIBLE)
        if bool(done.any()):
            state.keep(~done)
            if not len(state.rows):
                break
    return paths.written()


@dataclass(frozen=True)
class _Paths:
    """What has been written so far, by row asked for, on the CPU."""

    tokens: Int[Tensor, "rows steps"]
    survival: Float[Tensor, "rows steps"]
    lengths: Int[Tensor, " rows"]  # tokens of the answer; those up to the cap if it has not ended
    closing: Int[Tensor, " rows"]  # the token that ended the answer; -1 where it is not known

    @classmethod
    def empty(cls, rows: int, sampling: Sampling) -> "_Paths":
        steps = sampling.max_new_tokens
        return cls(
            tokens=torch.zeros((rows, steps), dtype=torch.long),
            survival=torch.zeros((rows, steps), dtype=torch.float64),
            lengths=torch.full((rows,), steps),
            closing=torch.full((rows,), -1),
        )

    def append(self, step: int, state: "_State") -> None:
        """Take over a step of the rows in the batch."""
        self.tokens[state.rows, step] = state.token.cpu()
        self.survival[state.rows, step] = state.survival.to("cpu", torch.float64)
        over = state.rows[state.ended.cpu()]
        self.lengths[over] = self.lengths[over].clamp(max=step)

    def written(self) -> list[Written]:
        steps = self.tokens.shape[1]
        closing = [None if token < 0 else token for token in self.closing.tolist()]
        followed = (self.survival >= NEGLIGIBLE).sum(dim=1).tolist()
        return [
            Written(
                ids=self.tokens[row, :length].tolist(),
                ended=length < steps,
                path=self.tokens[row, : followed[row]].tolist(),
                survival=self.survival[row, : followed[row]].numpy(),
                closing=closing[row],
            )
            for row, length in enumerate(self.lengths.tolist())
        ]


@dataclass
class _State:
    """What the rows still being followed have; every tensor but `noise` and `doses` is by row."""

    cache: PreallocatedCache
    columns: int  # columns of the cache in use
    rows: Int[Tensor, " alive"]  # index among the rows asked for, on the CPU
    token: Int[Tensor, " alive"]  # the latest token
    position: Int[Tensor, " alive"]  # its position
    survival: Float[Tensor, " alive"]  # probability that an answer is written so far
    ended: Bool[Tensor, " alive"]  # whether this one is not
    mask: Bool[Tensor, "alive capacity"] | None  # columns that are not padding; None: none is
    draws: Int[Tensor, " alive"]  # index into the noise
    noise: Float[Tensor, "draws steps 2"]
    dose: Int[Tensor, " alive"]  # index into the doses
    doses: dict[Site, Float[Tensor, "steerings d_model"]]
    deltas: dict[Site, Float[Tensor, "alive d_model"]]

    @classmethod
    def begin(cls, model: LanguageModel, rows: Sequence[Row], sampling: Sampling) -> "_State":
        """Read the prompts up to their last token."""
        begun = {_beginning(row): row for row in rows}
        prefix = {beginning: i for i, beginning in enumerate(begun)}
        noises = {(row.prompt, row.sample): row for row in rows}
        draws = {key: i for i, key in enumerate(noises)}
        steerings = {row.steering.fingerprint: row.steering for row in rows}
        number = {fingerprint: i for i, fingerprint in enumerate(steerings)}
        noise = np.stack([uniforms(sampling.seed, *key, sampling.max_new_tokens) for key in noises])
        longest = max(len(row.ids) for row in rows) - 1
        mask = _mask(rows, longest, sampling.max_new_tokens)

        def by_row(values: list[int]) -> Tensor:
            return torch.tensor(values, device=model.device)

        dose = by_row([number[row.steering.fingerprint] for row in rows])
        doses = deltas(model, list(steerings.values()))
        cache = read_prefixes(
            model,
            [row.ids for row in begun.values()],
            longest,
            [row.steering.before_answer for row in begun.values()],
        )
        return cls(
            cache=cache.expanded(
                by_row([prefix[_beginning(row)] for row in rows]),
                longest + sampling.max_new_tokens,
            )
            if longest
            else PreallocatedCache.empty(model.n_layers, sampling.max_new_tokens),
            columns=longest,
            rows=torch.arange(len(rows)),
            token=by_row([row.ids[-1] for row in rows]),
            position=by_row([len(row.ids) - 1 for row in rows]),
            survival=torch.ones(len(rows), device=model.device, dtype=_noise_dtype(model)),
            ended=torch.zeros(len(rows), device=model.device, dtype=torch.bool),
            mask=None if bool(mask.all()) else mask.to(model.device),
            draws=by_row([draws[row.prompt, row.sample] for row in rows]),
            noise=torch.from_numpy(noise).to(model.device, _noise_dtype(model)),
            dose=dose,
            doses=doses,
            deltas={site: table[dose] for site, table in doses.items()},
        )

    def forward(self, model: LanguageModel) -> Float[Tensor, "alive vocabulary"]:
        """Logits after the latest token of every row."""
        self.columns += 1
        with add(model, self.deltas):
            output = model.network(
                input_ids=self.token[:, None],
                position_ids=self.position[:, None],
                attention_mask=None if self.mask is None else self.mask[:, : self.columns],
                past_key_values=self.cache,
                use_cache=True,
            )
        return output.logits[:, -1]

    def advance(
        self,
        ending: Float[Tensor, " alive"],
        ended: Bool[Tensor, " alive"],
        token: Int[Tensor, " alive"],
    ) -> None:
        """Make what was just drawn the latest token."""
        self.survival = self.survival * (1 - ending)
        self.ended = self.ended | ended
        self.token = token
        self.position = self.position + 1

    def keep(self, alive: Bool[Tensor, " alive"]) -> None:
        """Drop the rows that are followed no further."""
        order = self.cache.keep(alive)
        self.rows = self.rows[order.cpu()]
        self.token, self.position = self.token[order], self.position[order]
        self.survival, self.ended = self.survival[order], self.ended[order]
        self.draws, self.dose = self.draws[order], self.dose[order]
        self.mask = None if self.mask is None else self.mask[order]
        self.deltas = {site: table[self.dose] for site, table in self.doses.items()}


def read_prefixes(
    model: LanguageModel,
    prompts: Sequence[tuple[int, ...]],
    longest: int,
    steerings: Sequence[Steering] = (),
) -> PreallocatedCache:
    """Keys and values of each prompt without its last token.

    Args:
        model: reads the prompts.
        prompts: tokens of each.
        longest: tokens of the longest, without its last.
        steerings: for each prompt what is added at every token of it but the last; nothing to any
            when empty. What padding holds reaches no token.
    """
    cache = PreallocatedCache.empty(model.n_layers, longest)
    if longest:
        padded = left_padded([ids[:-1] for ids in prompts], model.pad_id, model.device)
        with add(model, deltas(model, steerings)):
            model.network.base_model(**padded, past_key_values=cache, use_cache=True)
    return cache


def _beginning(row: Row) -> tuple[tuple[int, ...], str]:
    """What tells a row's prefix from others: its tokens, and what is added at them."""
    return row.ids, row.steering.before_answer.fingerprint


def _mask(rows: Sequence[Row], longest: int, room: int) -> Bool[Tensor, "rows capacity"]:
    """Which columns of the cache hold a row's own tokens."""
    padding = torch.tensor([longest - len(row.ids) + 1 for row in rows])
    return torch.arange(longest + room)[None, :] >= padding[:, None]


def _noise_dtype(model: LanguageModel) -> torch.dtype:
    # Not every accelerator has float64.
    return torch.float32 if model.device.type == "mps" else torch.float64
