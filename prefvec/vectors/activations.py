"""What a model's residual stream holds while it reads prompts and answers."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

import torch
from jaxtyping import Float
from torch import Tensor

from prefvec.errors import PrefvecError
from prefvec.models.language_model import LanguageModel, Turn
from prefvec.models.padding import by_length, left_padded
from prefvec.text.metrics import sentence_ends
from prefvec.text.prompts import Prompt
from prefvec.text.traits import AnswerPositions
from prefvec.text.verbatim import Said, text_of
from prefvec.vectors.partial_passes import stopping_after
from prefvec.vectors.residual import Site, Space, read

Progress = Callable[[int, int], None]
"""Told how much is done, of how much."""

MEMORY = 2**28
"""Bytes of captured residuals that one batch may take."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Activations:
    """Rows of residual-stream activations.

    Attributes:
        values: one row each, float32, on the CPU, in residual units.
        space: the model and site they come from.
        ids: for each row, the id of the prompt it comes from. Rows of one prompt are never
            split between fitting and judging a map.
        positions: which token positions were read.
        mean_norm: mean norm of the residual over the token positions read.

    Example:
        >>> ours.d_model, ours.site
        (128, Site(layer=3, point='resid_post'))
        >>> ours.select([1]).ids == ours.ids[1:2]
        True
    """

    values: Float[Tensor, "n d_model"]
    space: Space
    ids: tuple[str, ...]
    positions: str
    mean_norm: float

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or len(self.ids) != len(self.values):
            raise PrefvecError(
                f"Activations of shape {tuple(self.values.shape)} with {len(self.ids)} ids: give "
                "one id for each row."
            )
        if not bool(torch.isfinite(self.values).all()):
            raise PrefvecError(
                f"The activations at {self.site} hold values that are not finite, so nothing can "
                "be estimated from them. Load the model in a wider dtype (float32 or bfloat16; "
                "--dtype)."
            )

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def site(self) -> Site:
        """Where they were read."""
        return self.space.site

    @property
    def model(self) -> str:
        """Fingerprint of the model they come from."""
        return self.space.model

    @property
    def d_model(self) -> int:
        """Width of the residual stream."""
        return self.values.shape[1]

    def select(self, rows: Sequence[int]) -> "Activations":
        """The given rows, in the order given."""
        return replace(
            self, values=self.values[list(rows)], ids=tuple(self.ids[row] for row in rows)
        )


def concatenate(parts: Sequence[Activations]) -> Activations:
    """All rows of several readings of one space, in order.

    Raises:
        PrefvecError: if there are none, or they come from different models or sites.
    """
    if len({part.space for part in parts}) != 1:
        raise PrefvecError(
            "Activations of different models or sites (or none at all) cannot be put together. "
            "Read them from one model at one site."
        )
    n = sum(len(part) for part in parts)
    return Activations(
        values=torch.cat([part.values for part in parts]),
        space=parts[0].space,
        ids=tuple(id_ for part in parts for id_ in part.ids),
        positions=" and ".join(sorted({part.positions for part in parts})),
        mean_norm=sum(part.mean_norm * len(part) for part in parts) / n,
    )


def at_last_prompt_token(
    model: LanguageModel,
    prompts: Sequence[Prompt],
    sites: Iterable[Site],
    *,
    batch_size: int | None = None,
    progress: Progress | None = None,
) -> dict[Site, Activations]:
    """Read each prompt's last token, the one an answer is predicted from.

    Args:
        model: the model that reads.
        prompts: one row each.
        sites: all read in the same passes.
        batch_size: prompts at once; None takes what a fixed memory allows.
        progress: told after each batch.
    """
    sequences = [model.encode(prompt) for prompt in prompts]
    wanted = [[len(ids) - 1] for ids in sequences]
    ids = tuple(prompt.id for prompt in prompts)
    return _rows(
        model, sequences, wanted, ids, sites, "last prompt token", batch_size, progress, mean=False
    )


def over_answers(
    model: LanguageModel,
    turns: Sequence[Said],
    sites: Iterable[Site],
    *,
    among: AnswerPositions = "every token",
    batch_size: int | None = None,
    progress: Progress | None = None,
) -> dict[Site, Activations]:
    """Read each answer and take the mean over its tokens, one row a turn.

    Args:
        model: the model that reads, not necessarily the one that wrote.
        turns: prompts with an answer to each; one that the model wrote itself is read in the
            tokens it was written in, where they are given.
        sites: all read in the same passes.
        among: the mean is over every token, or over the tokens that end a sentence, where a
            model decides whether to go on; of an answer without one, its last token.
        batch_size: turns at once; None takes what a fixed memory allows.
        progress: told after each batch.

    Raises:
        PrefvecError: if an answer is empty.

    Example:
        >>> site = pv.Site(3, "resid_post")
        >>> rows = pv.over_answers(source, texts.turns[:2], [site])[site]
        >>> rows.values.shape
        torch.Size([2, 128])
    """
    encoded = [model.encode_turn(prompt, answer) for prompt, answer in turns]
    for (prompt, _), turn in zip(turns, encoded, strict=True):
        if turn.answer_start >= len(turn.ids):
            raise PrefvecError(
                f"The answer to prompt {prompt.id!r} has no tokens, so it has no activations. "
                "Leave empty answers out, together with their partners in the contrast."
            )
    wanted = [list(range(turn.answer_start, len(turn.ids))) for turn in encoded]
    if among == "sentence ends":
        wanted = [
            _ending(turn, text_of(said)) for turn, (_, said) in zip(encoded, turns, strict=True)
        ]
    ids = tuple(prompt.id for prompt, _ in turns)
    sequences = [turn.ids for turn in encoded]
    positions = f"mean over {among} of the answer"
    return _rows(model, sequences, wanted, ids, sites, positions, batch_size, progress, mean=True)


def _ending(turn: Turn, text: str) -> list[int]:
    """Token positions that end a sentence of an answer; its last token if none does."""
    ends = set(sentence_ends(text))
    found = [turn.answer_start + i for i, end in enumerate(turn.answer_ends) if end in ends]
    return found or [len(turn.ids) - 1]


def at_answer_positions(
    model: LanguageModel,
    turns: Sequence[tuple[Prompt, str]],
    positions: Sequence[Sequence[int]],
    sites: Iterable[Site],
    *,
    batch_size: int | None = None,
    progress: Progress | None = None,
) -> dict[Site, Activations]:
    """Read each answer at given character positions, one row for each position.

    Args:
        model: the model that reads.
        turns: prompts with an answer to each.
        positions: for each turn, numbers of characters of the answer after which a token
            ends (see `shared_ends`); 0 is the last token of the prompt.
        sites: all read in the same passes.
        batch_size: turns at once; None takes what a fixed memory allows.
        progress: told after each batch.

    Raises:
        PrefvecError: if no token ends at a position.
    """
    encoded = [model.encode_turn(prompt, answer) for prompt, answer in turns]
    ids = [prompt.id for prompt, _ in turns]
    return at_ends(
        model, encoded, positions, sites, ids=ids, batch_size=batch_size, progress=progress
    )


def at_ends(
    model: LanguageModel,
    turns: Sequence[Turn],
    positions: Sequence[Sequence[int]],
    sites: Iterable[Site],
    *,
    ids: Sequence[str],
    batch_size: int | None = None,
    progress: Progress | None = None,
) -> dict[Site, Activations]:
    """Read turns that are token ids already at given character positions of their answers.

    Args:
        model: the model that reads, with its own tokens in the turns.
        turns: as the model's dialect encodes them.
        positions: as for `at_answer_positions`.
        sites: all read in the same passes.
        ids: of each turn, the name of what it must not be divided from in fitting.
        batch_size: turns at once; None takes what a fixed memory allows.
        progress: told after each batch.

    Raises:
        PrefvecError: if no token ends at a position.
    """
    wanted: list[list[int]] = []
    for id_, turn, ends in zip(ids, turns, positions, strict=True):
        index = {0: turn.answer_start - 1}
        index |= {end: turn.answer_start + i for i, end in enumerate(turn.answer_ends)}
        missing = [end for end in ends if end not in index]
        if missing:
            raise PrefvecError(
                f"In the answer to prompt {id_!r}, no token of {model.name} ends after "
                f"{missing[0]} characters. Take positions from shared_ends."
            )
        wanted.append([index[end] for end in ends])
    rows = tuple(id_ for id_, ends in zip(ids, positions, strict=True) for _ in ends)
    sequences = [turn.ids for turn in turns]
    return _rows(
        model, sequences, wanted, rows, sites, "answer positions", batch_size, progress, mean=False
    )


def shared_ends(a: Turn, b: Turn, among: Collection[int] | None = None) -> list[int]:
    """Character positions of one answer where both tokenizers end a token.

    Tokenizers differ, so token indices of two models are never paired; these positions are.

    Args:
        a: the turn as one model reads it.
        b: the same turn as the other reads it.
        among: positions to keep, e.g. `sentence_ends(answer)`; None keeps all.
    """
    shared = set(a.answer_ends) & set(b.answer_ends) - {0}
    return sorted(shared if among is None else shared & set(among))


def _rows(
    model: LanguageModel,
    sequences: Sequence[Sequence[int]],
    wanted: Sequence[Sequence[int]],
    ids: tuple[str, ...],
    sites: Iterable[Site],
    positions: str,
    batch_size: int | None,
    progress: Progress | None,
    *,
    mean: bool,
) -> dict[Site, Activations]:
    """Read token indices of sequences, batched by length; rows come out in the order asked."""
    sites = list(dict.fromkeys(sites))
    tokens = sum(map(len, wanted))
    if not tokens:
        raise PrefvecError("There is nothing to read: no prompts, or no positions. Give some.")
    sizes = [1 if mean else len(columns) for columns in wanted]
    first_rows = [0, *accumulate(sizes)]
    kept = {site: torch.empty(first_rows[-1], model.d_model) for site in sites}
    norms = dict.fromkeys(sites, 0.0)
    done = 0
    # Besides the captured residuals a pass holds about eight tensors as large as one of them.
    most_tokens = MEMORY / (4 * model.d_model * (len(sites) + 8))
    lengths = [len(sequence) for sequence in sequences]
    for batch in by_length(lengths, most=batch_size, most_tokens=most_tokens):
        padded = left_padded([sequences[i] for i in batch], model.pad_id, model.device)
        width = padded["input_ids"].shape[1]
        with torch.inference_mode(), read(model, sites) as reading:
            with stopping_after(model, sites):
                model.network.base_model(**padded, use_cache=False)
            counts = [len(wanted[i]) for i in batch]
            rows = [row for row, count in enumerate(counts) for _ in range(count)]
            columns = [width - lengths[i] + token for i in batch for token in wanted[i]]
            for site in sites:
                values = reading[site][rows, columns].float().cpu()
                norms[site] += float(values.norm(dim=-1).double().sum())
                for i, own in zip(batch, values.split(counts), strict=True):
                    held = own.mean(dim=0, keepdim=True) if mean else own
                    kept[site][first_rows[i] : first_rows[i + 1]] = held
        done += len(batch)
        if progress is not None:
            progress(done, len(sequences))
    return {
        site: Activations(
            values=kept[site],
            space=Space.of(model, site),
            ids=ids,
            positions=positions,
            mean_norm=norms[site] / tokens,
        )
        for site in sites
    }
