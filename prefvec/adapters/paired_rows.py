"""Paired rows: divided by prompt, mixed, and used to judge a map on what it has not seen."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

from prefvec.adapters.concept_rows import DeltaRows
from prefvec.errors import PrefvecError
from prefvec.vectors.activations import Activations

HELD_OUT = 5
"""One of so many parts of the rows judges the map fitted on the others."""

FOLDS = 5
"""Parts that cross-validation divides the rows of a fit into."""

ENOUGH = 8
"""Prompts that a map can be fitted to and judged on: without the part that judges it, enough are
left for every fold that chooses a penalty."""

FEW = 32
"""Up to so many rows, none keeps its partner when they are shuffled."""

Rows = tuple[list[int], list[int]]


@runtime_checkable
class Fit(Protocol):
    """What a fitter finds."""

    def predict(self, x: Float[Tensor, "n d_source"]) -> Float[Tensor, "n d_target"]:
        """Images of points."""
        ...


def shuffled(
    source: Activations, target: Activations, *, seed: int
) -> tuple[Activations, Activations]:
    """The same rows, paired at random: what a map learns when there is nothing to learn.

    Raises:
        PrefvecError: if there is only one row, which has no other partner.
    """
    return source, replace(
        target, values=target.values[shuffling(len(target), seed)], ids=source.ids
    )


def shuffling(n: int, seed: int) -> Tensor:
    """A random order of n rows.

    A permutation of a handful of rows is often the identity, or nearly; up to 32 rows it is
    drawn again until no row keeps its partner.

    Raises:
        PrefvecError: if there is only one row, which has no other partner.
    """
    if n < 2:
        raise PrefvecError(
            f"{n} row cannot be paired otherwise, so there is no shuffled map to compare with. "
            "Give at least two."
        )
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(n, generator=generator)
    while n <= FEW and bool((order == torch.arange(n)).any()):
        order = torch.randperm(n, generator=generator)
    return order


def require_pairs(source: Activations, target: Activations) -> None:
    """Assert that rows belong together.

    Raises:
        PrefvecError: if the two were not read from the same prompts in the same order.
    """
    if source.ids != target.ids:
        raise PrefvecError(
            f"The rows do not pair up: {len(source)} of the source, {len(target)} of the "
            "target. Read the same prompts, or the same character positions, in the same order."
        )


def prompts_behind(*sides: Activations) -> frozenset[str]:
    """Ids of the prompts that rows were read from, whatever the rows themselves are named."""
    return frozenset[str]().union(
        *(side.read_from if isinstance(side, DeltaRows) else side.ids for side in sides)
    )


def require_enough(source: Activations) -> None:
    """Assert that a map can be fitted to some prompts and judged on others.

    Raises:
        PrefvecError: if there are fewer than `ENOUGH` prompts.
    """
    if len(set(source.ids)) < ENOUGH:
        raise PrefvecError(
            f"{len(set(source.ids))} prompts are too few to fit a map and to judge it on others. "
            f"Give at least {ENOUGH}."
        )


def held_out(
    x: Float[Tensor, "n d_source"],
    y: Float[Tensor, "n d_target"],
    groups: Sequence[str],
    fit: Callable[[Tensor, Tensor, list[str]], Fit],
    seed: int,
) -> float:
    """R² on one part of the groups of a map fitted in the same way to the others.

    The baseline is the mean of the target rows the map has seen.
    """
    train, test = grouped_folds(groups, HELD_OUT, seed)[0]
    predicted = fit(x[train], y[train], [groups[i] for i in train]).predict(x[test])
    return r_squared(y[test], predicted, baseline=y[train].mean(dim=0))


def grouped_folds(groups: Sequence[str], k: int, seed: int) -> list[Rows]:
    """Divide rows into k parts so that no group is on both sides of any division.

    Returns:
        For each part, the rows outside it and the rows in it.
    """
    distinct = sorted(set(groups))
    order = torch.randperm(len(distinct), generator=torch.Generator().manual_seed(seed)).tolist()
    part = {distinct[group]: position % k for position, group in enumerate(order)}
    return [
        (
            [row for row, group in enumerate(groups) if part[group] != fold],
            [row for row, group in enumerate(groups) if part[group] == fold],
        )
        for fold in range(k)
    ]


def r_squared(
    observed: Float[Tensor, "n d"],
    predicted: Float[Tensor, "n d"],
    *,
    baseline: Float[Tensor, " d"],
) -> float:
    """Share of the squared deviation from the baseline that the prediction explains."""
    total = (observed - baseline).square().sum()
    return float(1 - (observed - predicted).square().sum() / total)
