"""A linear map from one model's residual space to another's."""

import math
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from prefvec.activations import Activations
from prefvec.errors import PrefvecError
from prefvec.regression import (
    Fit,
    Fitter,
    fit_procrustes,
    fit_ridge,
    grouped_folds,
    r_squared,
)
from prefvec.residual import Space
from prefvec.vector import PreferenceVector, unit

HELD_OUT = 5
"""One of so many parts of the rows judges the map fitted on the others."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LinearAdapter:
    """An affine map between residual spaces. It maps points with its bias, directions without.

    Attributes:
        weight: applied from the right; float32.
        bias: in residual units of the target.
        source: where points come from.
        target: where they go.
        method: "ridge", "orthogonal_procrustes" or "identity".
        rows: pairs the map was fitted on.
        r2_held_out: share of the target's variance explained on prompts the fit did not see.
        r2_shuffled: the same after the pairs were shuffled.
        penalty: ridge penalty relative to the mean eigenvalue of the source's scatter matrix;
            None for other methods.
    """

    weight: Float[Tensor, "d_source d_target"]
    bias: Float[Tensor, " d_target"]
    source: Space
    target: Space
    method: str
    rows: int
    r2_held_out: float | None
    r2_shuffled: float | None
    penalty: float | None

    def map_points(self, points: Float[Tensor, "n d_source"]) -> Float[Tensor, "n d_target"]:
        """Where activations of the source would be in the target; with the bias."""
        return points @ self.weight + self.bias

    def transport(self, vector: PreferenceVector, *, residual_norm: float) -> PreferenceVector:
        """Carry a vector over: its direction through the map, without the bias.

        The relative norm is kept: the length in the target is the same share of the mean
        residual norm there as it was in the source.

        Args:
            vector: in the source space.
            residual_norm: mean residual norm at the target's site.

        Raises:
            PrefvecError: if the vector is not from the source, or the map takes it to nothing.
        """
        if vector.space != self.source:
            raise PrefvecError(
                f"This adapter maps from {self.source.site} of model {self.source.model}, and the "
                f"{vector.trait} vector is from {vector.site} of model {vector.model}. Fit an "
                "adapter for the vector's own space."
            )
        carried = vector.direction.double() @ self.weight.double()
        length = float(carried.norm())
        if not (math.isfinite(length) and length > 1e-12 * float(self.weight.double().norm())):
            raise PrefvecError(
                f"The adapter takes the {vector.trait} direction to a vector of length "
                f"{length:.3g}: nothing of it is in what the map has learned. Fit it on rows that "
                "vary along the direction."
            )
        return replace(
            vector,
            direction=unit(carried),
            norm=vector.relative_norm * residual_norm,
            residual_norm=residual_norm,
            space=self.target,
            estimator=f"{vector.estimator}, transported by {self.method}",
        )

    def summary(self) -> str:
        """One sentence: method, size, and how well it predicts."""
        width, wide = self.weight.shape
        judged = (
            ""
            if self.r2_held_out is None or self.r2_shuffled is None
            else f": held-out R² {self.r2_held_out:.2f}, {self.r2_shuffled:.2f} with shuffled pairs"
        )
        return f"{self.method} from width {width} to {wide} on {self.rows} rows{judged}"


def ridge(
    source: Activations,
    target: Activations,
    *,
    penalty: float | None = None,
    seed: int = 0,
    against_shuffled: bool = True,
) -> LinearAdapter:
    """Least squares with a penalty on the weights.

    Both sides are centred. The penalty is chosen by cross-validation within the rows the fit may
    see; prompts, not rows, are divided among the folds.

    Args:
        source: rows of the source.
        target: the same prompts or character positions, row by row, in the target.
        penalty: relative to the mean eigenvalue of the source's scatter matrix; None chooses it.
        seed: of the division into folds, and of the shuffle that r2_shuffled comes from.
        against_shuffled: whether to measure r2_shuffled too; it is None otherwise.

    Raises:
        PrefvecError: if rows do not pair up, or come from fewer than 10 prompts.
    """

    def fit(x: Tensor, y: Tensor, groups: list[str]) -> Fit:
        return fit_ridge(x, y, groups, penalty=penalty, seed=seed)

    return _fitted(source, target, fit, "ridge", seed, against_shuffled=against_shuffled)


def orthogonal_procrustes(
    source: Activations, target: Activations, *, seed: int = 0, against_shuffled: bool = True
) -> LinearAdapter:
    """The (semi-)orthogonal map nearest to the pairs, with the least-squares scale.

    Schönemann 1966. Between unequal widths the map has orthonormal rows or columns, whichever
    there are fewer of. Arguments and errors as for `ridge`.
    """

    def fit(x: Tensor, y: Tensor, groups: list[str]) -> Fit:
        return fit_procrustes(x, y)

    method = "orthogonal_procrustes"
    return _fitted(source, target, fit, method, seed, against_shuffled=against_shuffled)


def identity(space: Space, d_model: int) -> LinearAdapter:
    """The map of a space to itself that changes nothing."""
    return LinearAdapter(
        weight=torch.eye(d_model),
        bias=torch.zeros(d_model),
        source=space,
        target=space,
        method="identity",
        rows=0,
        r2_held_out=None,
        r2_shuffled=None,
        penalty=None,
    )


def shuffled(
    source: Activations, target: Activations, *, seed: int
) -> tuple[Activations, Activations]:
    """The same rows, paired at random: what a map learns when there is nothing to learn."""
    order = torch.randperm(len(target), generator=torch.Generator().manual_seed(seed))
    return source, replace(target, values=target.values[order], ids=source.ids)


def _fitted(
    source: Activations,
    target: Activations,
    fit: Fitter,
    method: str,
    seed: int,
    *,
    against_shuffled: bool,
) -> LinearAdapter:
    """Fit on all rows; judge the same procedure on prompts held out from it."""
    _require_rows(source, target)
    x, y, groups = source.values.double(), target.values.double(), list(source.ids)
    weight, bias, penalty = fit(x, y, groups)

    def mixed() -> Tensor:
        return shuffled(source, target, seed=seed)[1].values.double()

    return LinearAdapter(
        weight=weight.float(),
        bias=bias.float(),
        source=source.space,
        target=target.space,
        method=method,
        rows=len(source),
        r2_held_out=_held_out(x, y, groups, fit, seed),
        r2_shuffled=_held_out(x, mixed(), groups, fit, seed) if against_shuffled else None,
        penalty=penalty,
    )


def _held_out(x: Tensor, y: Tensor, groups: list[str], fit: Fitter, seed: int) -> float:
    train, test = grouped_folds(groups, HELD_OUT, seed)[0]
    weight, bias, _ = fit(x[train], y[train], [groups[i] for i in train])
    return r_squared(y[test], x[test] @ weight + bias, baseline=y[train].mean(dim=0))


def _require_rows(source: Activations, target: Activations) -> None:
    if source.ids != target.ids:
        raise PrefvecError(
            f"The adapter's rows do not pair up: {len(source)} of the source, {len(target)} of the "
            "target. Read the same prompts, or the same character positions, in the same order."
        )
    if len(set(source.ids)) < 2 * HELD_OUT:
        raise PrefvecError(
            f"{len(set(source.ids))} prompts are too few to fit a map and to judge it on others. "
            f"Give at least {2 * HELD_OUT}."
        )
