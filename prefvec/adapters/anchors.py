"""Anchors: a direction is told by its likeness to a few shared texts, and made again from them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from prefvec.adapters.base import ROUNDING
from prefvec.adapters.linear import AffineFit, LinearAdapter, fitted
from prefvec.adapters.linear_algebra import HELD, Scatter, centred
from prefvec.decompositions import svd
from prefvec.errors import PrefvecError
from prefvec.vectors.activations import Activations
from prefvec.vectors.vector import PreferenceVector, unit

ANCHORS = 64
"""Rows that serve as anchors where no other number is given: a small pool beside the widths of
models, and as large as a narrow one's half."""


@dataclass(frozen=True, kw_only=True, eq=False)
class AnchorAdapter(LinearAdapter):
    """A linear map by way of similarities to anchors.

    Attributes:
        scale: the length of the target's anchors over that of the source's: what points are
            stretched by, and no direction's coordinates know of.
    """

    scale: float


def anchor_projection(
    source: Activations,
    target: Activations,
    *,
    count: int = ANCHORS,
    seed: int = 0,
    against_shuffled: bool = True,
) -> AnchorAdapter:
    """Coordinates by similarity to anchors in the source, and the target's vector that has them.

    After Kim and Han 2026 (arXiv 2605.09875), who carry directions through an anchor coordinate
    space, and the relative representations of Moschella et al. 2023 (arXiv 2209.15430). A
    direction's coordinates are its cosines to the source's anchors, each less the mean of all rows.
    In the target it is the shortest step whose products with the target's anchors, centred and of
    length 1, are nearest to these: the inverse projection of Maiorca et al. 2024 (arXiv
    2406.15057). Only the principal directions that hold `linear_algebra.HELD` of the target's
    anchors are used, for beyond them the inverse multiplies what differs between models by chance.
    No regression of the one model's rows on the other's is fitted: each side is read by itself.

    Anchors are taken evenly in the order of the rows, without labels. Points are mapped likewise,
    by their products with the anchors, with the ratio of the anchors' lengths for a scale.

    Args:
        source: rows of the source.
        target: the same prompts or character positions, row by row, in the target.
        count: how many rows are anchors; all there are, where they are fewer.
        seed: of the division into folds, and of the shuffle that r2_shuffled comes from.
        against_shuffled: whether to measure r2_shuffled too; it is None otherwise.

    Raises:
        PrefvecError: if rows do not pair up, or come from fewer than 8 prompts, or are all the
            same; for fewer than one anchor, or one that is the mean of its rows.

    Example:
        >>> found = anchor_projection(ours, theirs, count=16, against_shuffled=False)
        >>> found.method, found.rank <= 16
        ('anchors', True)
    """

    def fit(x: Tensor, y: Tensor, groups: list[str]) -> AffineFit:
        return fit_anchors(x, y, count=count)

    found = fitted(source, target, fit, "anchors", seed, against_shuffled=against_shuffled)
    lengths = (chosen(centred(side.values.double())[0], count).norm() for side in (source, target))
    ours, theirs = (float(length) for length in lengths)
    return AnchorAdapter(**vars(found), scale=theirs / ours)


def canonical(
    adapters: Sequence[AnchorAdapter],
    vectors: Sequence[PreferenceVector],
    *,
    residual_norm: float,
) -> PreferenceVector:
    """The vector that several sources have in common, made again from the target's anchors.

    Kim and Han 2026 average the coordinates of the sources' directions, each of length 1. The step
    that has the mean of several coordinates is the mean of the steps that have each, for all are
    made from the same anchors of the target; so the images are averaged, each over its own scale.

    Args:
        adapters: of `anchor_projection`, one for each source, on the same rows of one target.
        vectors: one of each source, of one trait.
        residual_norm: mean residual norm at the target's site, the unit of doses there.

    Returns:
        The vector in the target, as long there as the first one is in its source. It has been read
        from the prompts of all vectors and maps.

    Raises:
        PrefvecError: if there is no vector for each adapter, if they are of several targets, rows
            or traits, or if what the sources say cancels out.
    """
    if not adapters or len(adapters) != len(vectors):
        raise PrefvecError(
            f"{len(vectors)} vectors cannot be averaged through {len(adapters)} adapters. Give one "
            "adapter for each source's vector."
        )
    places = {(adapter.target, adapter.read_from, adapter.rows) for adapter in adapters}
    if len(places) > 1 or len({vector.trait for vector in vectors}) > 1:
        raise PrefvecError(
            "A canonical vector is of one trait, by the anchors of one target. The adapters were "
            "fitted to several targets or rows, or the vectors are of several traits."
        )
    carried = [
        adapter.transport(vector, residual_norm=residual_norm)
        for adapter, vector in zip(adapters, vectors, strict=True)
    ]
    steps = [
        adapter.map_direction(vector.direction.double()) / adapter.scale
        for adapter, vector in zip(adapters, vectors, strict=True)
    ]
    mean = torch.stack(steps).mean(dim=0)
    if not float(mean.norm()) > ROUNDING * max(float(step.norm()) for step in steps):
        raise PrefvecError(
            f"What {len(vectors)} sources say of {vectors[0].trait} cancels out in the target: "
            "their coordinates are opposite. Look whether a vector has the wrong sign."
        )
    return replace(
        carried[0],
        direction=unit(mean),
        estimator=f"{vectors[0].estimator}, averaged over {len(vectors)} sources by anchors",
        read_from=frozenset[str]().union(*(vector.read_from for vector in carried)),
    )


def fit_anchors(
    x: Float[Tensor, "n d_source"], y: Float[Tensor, "n d_target"], *, count: int
) -> AffineFit:
    """The map by way of anchors between centred rows.

    Raises:
        PrefvecError: for fewer than one anchor, or one that is the mean of its rows.
    """
    (x, mean_x), (y, mean_y) = centred(x), centred(y)
    ours, theirs = chosen(x, count), chosen(y, count)
    like, rank = _inverse(_unit_rows(theirs))
    weight = theirs.norm() / ours.norm() * _unit_rows(ours).T @ like
    return AffineFit(
        weight=weight,
        bias=mean_y - mean_x @ weight,
        rank=rank,
        support=Scatter.of(_unit_rows(ours)).axes,
    )


def chosen(rows: Float[Tensor, "n d"], count: int) -> Float[Tensor, "k d"]:
    """So many of the rows, evenly in their order; all where there are no more.

    Raises:
        PrefvecError: for fewer than one.
    """
    if count < 1:
        raise PrefvecError(
            f"{count} anchors tell nothing of a direction. Give a `count` of at least 1."
        )
    k = min(count, len(rows))
    return rows[[i * len(rows) // k for i in range(k)]]


def _unit_rows(rows: Float[Tensor, "k d"]) -> Float[Tensor, "k d"]:
    lengths = rows.norm(dim=1, keepdim=True)
    if not bool((lengths > ROUNDING * lengths.max()).all()):
        raise PrefvecError(
            "An anchor lies at the mean of all rows, so that nothing is more like it than anything "
            "else. Give other rows, or another number of anchors."
        )
    return rows / lengths


def _inverse(rows: Float[Tensor, "k d"]) -> tuple[Float[Tensor, "k d"], int]:
    """The transposed pseudo-inverse of rows within their principal directions, and how many."""
    left, values, right = svd(rows)
    shares = values.square().cumsum(0) / values.square().sum()
    kept = min(int((shares < HELD).sum()) + 1, int((values > ROUNDING * values[0]).sum()))
    return left[:, :kept] / values[:kept] @ right[:kept], kept
