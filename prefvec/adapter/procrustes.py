"""Orthogonal Procrustes: the rotation nearest to the pairs."""

import torch
from jaxtyping import Float
from torch import Tensor

from prefvec.activations import Activations
from prefvec.adapter.linear import AffineFit, LinearAdapter, fitted
from prefvec.adapter.linear_algebra import TOLERANCE, centred
from prefvec.errors import PrefvecError


def orthogonal_procrustes(
    source: Activations, target: Activations, *, seed: int = 0, against_shuffled: bool = True
) -> LinearAdapter:
    """The (semi-)orthogonal map nearest to the pairs, with the least-squares scale.

    Schönemann 1966. Between unequal widths the map has orthonormal rows or columns, whichever
    there are fewer of. Where there are fewer rows than width, it is a rotation of the directions
    the pairs determine and takes the others to nothing, instead of turning them at random.
    Arguments and errors as for `ridge`.
    """

    def fit(x: Tensor, y: Tensor, groups: list[str]) -> AffineFit:
        return fit_procrustes(x, y)

    method = "orthogonal_procrustes"
    return fitted(source, target, fit, method, seed, against_shuffled=against_shuffled)


def fit_procrustes(x: Float[Tensor, "n d_source"], y: Float[Tensor, "n d_target"]) -> AffineFit:
    """Least squares over scaled (partial) isometries of centred rows.

    The covariance of the two sides is decomposed in the smaller of rows and width on each side.
    """
    (x, mean_x), (y, mean_y) = centred(x), centred(y)
    (basis_x, inner_x), (basis_y, inner_y) = _within(x), _within(y)
    left, values, right = torch.linalg.svd(inner_x.T @ inner_y, full_matrices=False)
    if not float(values.sum()) > 0:
        raise PrefvecError(
            "The rows of one side are all the same, so no rotation can be fitted. Give different "
            "prompts, or read another site."
        )
    kept = values > TOLERANCE * values[0]
    left, values, right = left[:, kept], values[kept], right[kept]
    size = (inner_x @ left).square().sum()
    if basis_x is not None:
        left = basis_x @ left
    if basis_y is not None:
        right = right @ basis_y.T
    weight = values.sum() / size * (left @ right)
    return AffineFit(weight=weight, bias=mean_y - mean_x @ weight)


def _within(rows: Float[Tensor, "n d"]) -> tuple[Float[Tensor, "d n"] | None, Tensor]:
    """An orthonormal basis of the rows where they are fewer than the width, and them in it."""
    if len(rows) >= rows.shape[1]:
        return None, rows
    basis, inner = torch.linalg.qr(rows.T)
    return basis, inner.T
