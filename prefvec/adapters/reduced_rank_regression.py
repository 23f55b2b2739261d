"""Reduced-rank regression: least squares through a bottleneck."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from prefvec.adapters.linear import AffineFit, LinearAdapter, fitted
from prefvec.adapters.linear_algebra import Scatter, centred
from prefvec.adapters.paired_rows import FOLDS, grouped_folds
from prefvec.decompositions import qr
from prefvec.errors import PrefvecError
from prefvec.vectors.activations import Activations


def reduced_rank(
    source: Activations,
    target: Activations,
    *,
    rank: int | None = None,
    penalty: float = 0.0,
    seed: int = 0,
    against_shuffled: bool = True,
) -> LinearAdapter:
    """The least-squares map of limited rank.

    Izenman 1975: the full solution, projected on the leading principal directions of what it
    predicts. With a penalty, reduced-rank ridge regression (Mukherjee and Zhu 2011). Both sides
    are centred.

    Args:
        source: rows of the source.
        target: the same prompts or character positions, row by row, in the target.
        rank: of the map; None chooses it by cross-validation over prompts. Where the rows do not
            support as much, the map has the rank they do, and says so.
        penalty: relative to the mean eigenvalue of the source's scatter matrix, as for `ridge`.
            Without one, and with fewer rows than width, the full solution is the one of minimum
            norm.
        seed: of the division into folds, and of the shuffle that r2_shuffled comes from.
        against_shuffled: whether to measure r2_shuffled too; it is None otherwise.

    Raises:
        PrefvecError: if rows do not pair up, or come from fewer than 8 prompts, or no map can
            have the rank.

    Example:
        >>> pv.reduced_rank(ours, theirs, rank=4, against_shuffled=False).rank
        4
    """
    most = min(source.d_model, target.d_model)
    if rank is not None and not 1 <= rank <= most:
        raise PrefvecError(
            f"A map from width {source.d_model} to {target.d_model} cannot have rank {rank}. Give "
            f"a rank from 1 to {most}, or None to choose it by cross-validation."
        )

    def fit(x: Tensor, y: Tensor, groups: list[str]) -> AffineFit:
        return fit_reduced_rank(x, y, groups, rank=rank, penalty=penalty, seed=seed)

    return fitted(source, target, fit, "reduced_rank", seed, against_shuffled=against_shuffled)


def fit_reduced_rank(
    x: Float[Tensor, "n d_source"],
    y: Float[Tensor, "n d_target"],
    groups: list[str],
    *,
    rank: int | None = None,
    penalty: float = 0.0,
    seed: int = 0,
) -> AffineFit:
    """Reduced-rank regression of centred rows; the rank by cross-validation if not given."""
    if rank is None:
        errors = [
            _errors(_Factors.of(x[train], y[train], penalty), x[test], y[test])
            for train, test in grouped_folds(groups, FOLDS, seed + 1)
        ]
        shared = min(map(len, errors))
        rank = 1 + int(torch.stack([error[:shared] for error in errors]).sum(dim=0).argmin())
    factors = _Factors.of(x, y, penalty)
    rank = min(rank, len(factors.outward))
    inward, outward = factors.inward[:, :rank], factors.outward[:rank]
    weight = inward @ outward
    return AffineFit(
        weight=weight,
        bias=factors.mean_y - factors.mean_x @ weight,
        penalty=penalty or None,
        rank=rank,
        support=qr(inward)[0].T,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Factors:
    """The full solution as a product; its leading columns and rows are those of each rank.

    Attributes:
        inward: from the source into the bottleneck.
        outward: from there, orthonormal: principal directions of the fitted values.
    """

    inward: Float[Tensor, "d_source k"]
    outward: Float[Tensor, "k d_target"]
    mean_x: Float[Tensor, " d_source"]
    mean_y: Float[Tensor, " d_target"]

    @classmethod
    def of(cls, x: Tensor, y: Tensor, penalty: float) -> "_Factors":
        (x, mean_x), (y, mean_y) = centred(x), centred(y)
        scatter = Scatter.of(x)
        coefficients = scatter.coefficients(y)
        absolute = penalty * scatter.mean_eigenvalue
        damped = scatter.damped(coefficients, absolute)
        # FᵀF for the fitted values F, those of the penalty's pseudo-rows included, is HᵀH.
        lengths = scatter.values if scatter.dual else torch.ones_like(scatter.values)
        half = damped * (lengths * (scatter.values + absolute)).sqrt()[:, None]
        outward = Scatter.of(half).axes
        inward = scatter.carrier @ (damped @ outward.T)
        return cls(inward=inward, outward=outward, mean_x=mean_x, mean_y=mean_y)


def _errors(factors: _Factors, x: Tensor, y: Tensor) -> Float[Tensor, " k"]:
    """Squared error on held-out rows for each rank, less that of rank 0.

    The outward directions are orthonormal, so each adds to the explained part by itself.
    """
    predicted = (x - factors.mean_x) @ factors.inward
    wanted = (y - factors.mean_y) @ factors.outward.T
    return (predicted.square() - 2 * predicted * wanted).sum(dim=0).cumsum(dim=0)
