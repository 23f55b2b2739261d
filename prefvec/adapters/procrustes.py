"""Orthogonal Procrustes: the rotation nearest to the pairs."""

from jaxtyping import Float
from torch import Tensor

from prefvec.adapters.linear import AffineFit, LinearAdapter, fitted
from prefvec.adapters.linear_algebra import TOLERANCE, centred
from prefvec.decompositions import svd
from prefvec.vectors.activations import Activations


def orthogonal_procrustes(
    source: Activations, target: Activations, *, seed: int = 0, against_shuffled: bool = True
) -> LinearAdapter:
    """The (semi-)orthogonal map nearest to the pairs, with the least-squares scale.

    Schönemann 1966. Between unequal widths the map has orthonormal rows or columns, whichever
    there are fewer of. Where there are fewer rows than width, it is a rotation of the directions
    the pairs determine and takes the others to nothing, instead of turning them at random.
    Arguments and errors as for `ridge`.

    Example:
        >>> found = pv.orthogonal_procrustes(ours, theirs, against_shuffled=False)
        >>> found.transport(vector, residual_norm=theirs.mean_norm).model == target.fingerprint
        True
    """

    def fit(x: Tensor, y: Tensor, groups: list[str]) -> AffineFit:
        return fit_procrustes(x, y)

    method = "orthogonal_procrustes"
    return fitted(source, target, fit, method, seed, against_shuffled=against_shuffled)


def fit_procrustes(x: Float[Tensor, "n d_source"], y: Float[Tensor, "n d_target"]) -> AffineFit:
    """Least squares over scaled (partial) isometries of centred rows."""
    (x, mean_x), (y, mean_y) = centred(x), centred(y)
    left, values, right = svd(x.T @ y)
    kept = values > TOLERANCE * values[0]
    rotation = left[:, kept] @ right[kept]
    weight = values[kept].sum() / (x @ rotation).square().sum() * rotation
    return AffineFit(weight=weight, bias=mean_y - mean_x @ weight)
