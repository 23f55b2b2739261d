"""Carrying a vector over without a map: the same coordinates in another model."""

from dataclasses import replace

import torch

from prefvec.errors import PrefvecError
from prefvec.vectors.residual import Space
from prefvec.vectors.vector import PreferenceVector, unit


class UnequalWidths(PrefvecError):  # noqa: N818 - a fact about the pair, not a mistake
    """Raw transfer between residual streams of different width is undefined."""


def copied_raw(
    vector: PreferenceVector, target: Space, *, d_model: int, residual_norm: float
) -> PreferenceVector:
    """Rebind the very same coordinates to another model, at the same relative norm.

    Args:
        vector: of the source model.
        target: where to put it.
        d_model: the target's width.
        residual_norm: mean residual norm at the target's site.

    Raises:
        UnequalWidths: if the two streams have different widths.

    Example:
        >>> copied = copied_raw(
        ...     vector.at(3), adapter.target, d_model=target.d_model, residual_norm=theirs.mean_norm
        ... )
        >>> torch.equal(copied.direction, vector.at(3).direction)
        True
    """
    if vector.d_model != d_model:
        raise UnequalWidths(
            f"Raw transfer is undefined here: the {vector.trait} vector has {vector.d_model} "
            f"coordinates and the target's residual stream {d_model}. Fit an adapter, or look at "
            "zero-padding as an exploration."
        )
    return _rebound(vector, vector.direction, target, residual_norm, "copied raw")


def zero_padded(
    vector: PreferenceVector, target: Space, *, d_model: int, residual_norm: float
) -> PreferenceVector:
    """An exploration for unequal widths: coordinates padded with zeros, or the last cut off.

    Arguments as for `raw_transfer`.

    Raises:
        PrefvecError: if every coordinate that is kept is zero.
    """
    direction = torch.zeros(d_model)
    kept = min(d_model, vector.d_model)
    direction[:kept] = vector.direction[:kept]
    if not float(direction.norm()) > 0:
        raise PrefvecError(
            f"The first {kept} coordinates of the {vector.trait} vector are all zero, so nothing "
            "is left of it after the cut. Fit an adapter instead."
        )
    how = "zero-padded" if d_model > vector.d_model else "truncated"
    return _rebound(vector, unit(direction), target, residual_norm, how)


def _rebound(
    vector: PreferenceVector,
    direction: torch.Tensor,
    target: Space,
    residual_norm: float,
    how: str,
) -> PreferenceVector:
    return replace(
        vector,
        direction=direction,
        norm=vector.relative_norm * residual_norm,
        residual_norm=residual_norm,
        space=target,
        estimator=f"{vector.estimator}, {how}",
    )
