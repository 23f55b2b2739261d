"""Linear maps between paired rows, solved in float64 without an explicit inverse."""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from prefvec.errors import PrefvecError

Fit = tuple[Tensor, Tensor, float | None]
"""Weight (d_source, d_target), bias (d_target,), relative penalty where there is one."""

Fitter = Callable[[Tensor, Tensor, list[str]], Fit]
"""Fits a map to rows, given the group (prompt) of each."""

Rows = tuple[list[int], list[int]]

PENALTIES = tuple(10.0**exponent for exponent in range(-6, 4))
"""Penalties tried, relative to the mean eigenvalue of the source's scatter matrix."""

FOLDS = 5


def fit_ridge(
    x: Float[Tensor, "n d_source"],
    y: Float[Tensor, "n d_target"],
    groups: list[str],
    *,
    penalty: float | None = None,
    seed: int = 0,
) -> Fit:
    """Ridge regression of centred rows; the penalty by cross-validation over groups if not given.

    Hoerl and Kennard 1970. The scatter matrix is diagonalised once per fold for all penalties,
    in the smaller of rows and width (the dual is exact: Saunders et al. 1998).
    """
    if penalty is None:
        errors = torch.zeros(len(PENALTIES), dtype=torch.float64)
        for train, test in grouped_folds(groups, FOLDS, seed + 1):
            solve = _ridge_path(x[train], y[train])
            for i, candidate in enumerate(PENALTIES):
                weight, bias = solve(candidate)
                errors[i] += (y[test] - x[test] @ weight - bias).square().sum()
        penalty = PENALTIES[int(errors.argmin())]
    weight, bias = _ridge_path(x, y)(penalty)
    return weight, bias, penalty


def _ridge_path(x: Tensor, y: Tensor) -> Callable[[float], tuple[Tensor, Tensor]]:
    """Solutions for any relative penalty."""
    mean_x, mean_y = x.mean(dim=0), y.mean(dim=0)
    x, y = x - mean_x, y - mean_y
    dual = len(x) < x.shape[1]
    values, basis = torch.linalg.eigh(x @ x.T if dual else x.T @ x)
    values = values.clamp(min=0)
    mean_eigenvalue = float(values.sum()) / x.shape[1]
    if not mean_eigenvalue > 0:
        raise PrefvecError(
            "All rows of the source are the same, so no map can be fitted to them. Give different "
            "prompts, or read another site."
        )
    turned = basis.T @ (y if dual else x.T @ y)
    left = x.T @ basis if dual else basis

    def solve(penalty: float) -> tuple[Tensor, Tensor]:
        weight = left @ (turned / (values + penalty * mean_eigenvalue)[:, None])
        return weight, mean_y - mean_x @ weight

    return solve


def fit_procrustes(x: Float[Tensor, "n d_source"], y: Float[Tensor, "n d_target"]) -> Fit:
    """Least squares over scaled (semi-)orthogonal maps of centred rows (Schönemann 1966)."""
    mean_x, mean_y = x.mean(dim=0), y.mean(dim=0)
    x, y = x - mean_x, y - mean_y
    left, values, right = torch.linalg.svd(x.T @ y, full_matrices=False)
    rotation = left @ right
    size = (x @ rotation).square().sum()
    if not float(size) > 0 or not float(values.sum()) > 0:
        raise PrefvecError(
            "The rows of one side are all the same, so no rotation can be fitted. Give different "
            "prompts, or read another site."
        )
    weight = values.sum() / size * rotation
    return weight, mean_y - mean_x @ weight, None


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
