"""Least squares on concept deltas alone: a handful of mean differences, and no bias."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from prefvec.adapters.linear import AffineFit, LinearAdapter
from prefvec.adapters.linear_algebra import Compressed, Scatter
from prefvec.adapters.paired_rows import (
    grouped_folds,
    prompts_behind,
    r_squared,
    require_pairs,
    shuffling,
)
from prefvec.vectors.activations import Activations


def concept_deltas(
    source: Activations, target: Activations, *, seed: int = 0, against_shuffled: bool = True
) -> LinearAdapter:
    """The map of minimum norm that takes the source's deltas to the target's.

    Differences have no origin, so nothing is centred and there is no bias: points go where the
    map takes them as directions. A map of k deltas has rank k at most and takes every direction
    outside their span to nothing. Judged by leaving each concept out in turn; the baseline is to
    predict nothing.

    Args:
        source: rows of the source from `delta_rows`.
        target: the same concepts in the same order in the target.
        seed: of the shuffle that r2_shuffled comes from.
        against_shuffled: whether to measure r2_shuffled too; it is None otherwise, and both are
            with a single concept.

    Raises:
        PrefvecError: if the concepts do not pair up, or all deltas are zero.
    """
    require_pairs(source, target)
    within, beyond = Compressed.of(source.values), Compressed.of(target.values)
    x, y = within.inner, beyond.inner
    inner = fit_deltas(x, y)
    found = inner.expand(within, beyond)
    assert found.support is not None
    r2_held_out = r2_shuffled = None
    if len(set(source.ids)) > 1:
        r2_held_out = _left_out(x, y, source.ids)
        mixed = y[shuffling(len(y), seed)]
        r2_shuffled = _left_out(x, mixed, source.ids) if against_shuffled else None
    return LinearAdapter(
        weight=found.weight.float(),
        bias=found.bias.float(),
        source=source.space,
        target=target.space,
        method="concept_deltas",
        rows=len(source),
        read_from=prompts_behind(source, target),
        effective_rank=Scatter.of(x).effective_rank(),
        support=found.support.float(),
        r2_held_out=r2_held_out,
        r2_shuffled=r2_shuffled,
        rank=found.rank,
        r2_fitted=r_squared(y, inner.predict(x), baseline=torch.zeros(y.shape[1], dtype=y.dtype)),
    )


def replicated(
    one: tuple[Activations, Activations], other: tuple[Activations, Activations]
) -> float:
    """R² of the map of one set of deltas on another of the same concepts; 0 predicts nothing.

    Args:
        one: source and target rows that are fitted.
        other: source and target rows that judge, from other prompts.

    Raises:
        PrefvecError: if the concepts do not pair up.
    """
    for rows in (one, other):
        require_pairs(*rows)
    predicted = concept_deltas(*one, against_shuffled=False).map_points(other[0].values)
    baseline = torch.zeros(other[1].d_model)
    return r_squared(other[1].values, predicted, baseline=baseline)


def fit_deltas(x: Float[Tensor, "n d_source"], y: Float[Tensor, "n d_target"]) -> AffineFit:
    """Least squares of minimum norm, without centring."""
    scatter = Scatter.of(x)
    return AffineFit(
        weight=scatter.carrier @ scatter.damped(scatter.coefficients(y), 0.0),
        bias=torch.zeros(y.shape[1], dtype=y.dtype),
        rank=len(scatter.axes),
        support=scatter.axes,
    )


def _left_out(x: Tensor, y: Tensor, concepts: Sequence[str]) -> float:
    """R² over all concepts, each predicted by the map of the others."""
    predicted = torch.zeros_like(y)
    for others, one in grouped_folds(concepts, len(set(concepts)), seed=0):
        predicted[one] = fit_deltas(x[others], y[others]).predict(x[one])
    return r_squared(y, predicted, baseline=torch.zeros(y.shape[1], dtype=y.dtype))
