"""Ridge regression, its penalty by cross-validation over prompts."""

import torch
from jaxtyping import Float
from torch import Tensor

from prefvec.adapters.linear import AffineFit, LinearAdapter, fitted
from prefvec.adapters.linear_algebra import Scatter, centred
from prefvec.adapters.paired_rows import FOLDS, grouped_folds
from prefvec.vectors.activations import Activations

PENALTIES = tuple(10.0**exponent for exponent in range(-6, 4))
"""Penalties tried, relative to the mean eigenvalue of the source's scatter matrix."""


def ridge(
    source: Activations,
    target: Activations,
    *,
    penalty: float | None = None,
    seed: int = 0,
    against_shuffled: bool = True,
) -> LinearAdapter:
    """Least squares with a penalty on the weights.

    Hoerl and Kennard 1970. Both sides are centred. The penalty is chosen by cross-validation
    within the rows the fit may see; prompts, not rows, are divided among the folds.

    Args:
        source: rows of the source.
        target: the same prompts or character positions, row by row, in the target.
        penalty: relative to the mean eigenvalue of the source's scatter matrix, of as many as
            there are rows or width, whichever is less; None chooses it.
        seed: of the division into folds, and of the shuffle that r2_shuffled comes from.
        against_shuffled: whether to measure r2_shuffled too; it is None otherwise.

    Raises:
        PrefvecError: if rows do not pair up, or come from fewer than 8 prompts, or are all the
            same.

    Example:
        >>> pv.ridge(ours, theirs, against_shuffled=False).summary()[:30]
        'ridge from width 128 to 128 on'
    """

    def fit(x: Tensor, y: Tensor, groups: list[str]) -> AffineFit:
        return fit_ridge(x, y, groups, penalty=penalty, seed=seed)

    return fitted(source, target, fit, "ridge", seed, against_shuffled=against_shuffled)


def fit_ridge(
    x: Float[Tensor, "n d_source"],
    y: Float[Tensor, "n d_target"],
    groups: list[str],
    *,
    penalty: float | None = None,
    seed: int = 0,
) -> AffineFit:
    """Ridge regression of centred rows; the penalty by cross-validation if not given.

    The scatter matrix is diagonalised once per fold for all penalties.
    """
    if penalty is None:
        errors = torch.zeros(len(PENALTIES), dtype=torch.float64)
        for train, test in grouped_folds(groups, FOLDS, seed + 1):
            errors += _errors(x[train], y[train], x[test], y[test])
        penalty = PENALTIES[int(errors.argmin())]
    (x, mean_x), (y, mean_y) = centred(x), centred(y)
    scatter = Scatter.of(x)
    coefficients = scatter.coefficients(y)
    weight = scatter.carrier @ scatter.damped(coefficients, penalty * scatter.mean_eigenvalue)
    return AffineFit(weight=weight, bias=mean_y - mean_x @ weight, penalty=penalty)


def _errors(x: Tensor, y: Tensor, x_test: Tensor, y_test: Tensor) -> Float[Tensor, " penalties"]:
    """Squared error on held-out rows for each penalty; no weight matrix is formed."""
    (x, mean_x), (y, mean_y) = centred(x), centred(y)
    scatter = Scatter.of(x)
    coefficients = scatter.coefficients(y)
    seen, wanted = (x_test - mean_x) @ scatter.carrier, y_test - mean_y
    damped = (scatter.damped(coefficients, p * scatter.mean_eigenvalue) for p in PENALTIES)
    return torch.stack([(wanted - seen @ found).square().sum() for found in damped])
