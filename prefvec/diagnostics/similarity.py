"""How alike two residual spaces are, whatever their coordinates: centred kernel alignment."""

from collections.abc import Iterable, Mapping

import torch
from jaxtyping import Float
from torch import Tensor

from prefvec.adapters.linear_algebra import TOLERANCE, Compressed, centred
from prefvec.adapters.paired_rows import require_pairs
from prefvec.errors import PrefvecError
from prefvec.vectors.activations import Activations
from prefvec.vectors.residual import Site

FEWEST = 4
"""Rows below which the unbiased estimator is undefined."""


def linear_cka(
    x: Float[Tensor, "n_x d_x"], y: Float[Tensor, "n_y d_y"], *, unbiased: bool = True
) -> float:
    """Linear centred kernel alignment between paired rows.

    Kornblith et al. 2019, "Similarity of Neural Network Representations Revisited". 1 between
    rows that differ by a rotation, a shift and a scale; other linear maps change it. The plain
    estimator nears 1 between unrelated rows, too, once they are no more than the width; the
    unbiased one takes each of its three terms from Song et al. 2012, "Feature Selection via
    Dependence Maximization", as Nguyen et al. 2021 do, and is about 0 there, or a little less.

    Args:
        x: rows of one space.
        y: the rows that belong to them in another, of any width.
        unbiased: whether the estimator is the unbiased one.

    Raises:
        PrefvecError: if the numbers of rows differ, if there are too few, or if all rows of one
            side are the same, or all but one.

    Example:
        >>> x, y = ours.values, theirs.values
        >>> round(pv.linear_cka(x, x), 3), pv.linear_cka(x, y) < 1
        (1.0, True)
    """
    if len(x) != len(y) or len(x) < FEWEST:
        raise PrefvecError(
            f"CKA compares paired rows, at least {FEWEST} of them, and there are {len(x)} and "
            f"{len(y)}. Read the same prompts, or the same character positions, in both models."
        )
    x, y = _deviations(x), _deviations(y)
    own, its = (_dependence(rows, rows, unbiased) for rows in (x, y))
    return _alignment(x, y, own, its, unbiased)


def cka_table(
    source: Mapping[Site, Activations], target: Mapping[Site, Activations], *, unbiased: bool = True
) -> Float[Tensor, "n_source n_target"]:
    """Linear CKA between every site of a source and every site of a target, float64.

    Args:
        source: rows at each site, in the order of the table's rows.
        target: rows of the same prompts or positions at each site, in the order of its columns.
        unbiased: as for `linear_cka`.

    Raises:
        PrefvecError: if rows do not pair up; otherwise as for `linear_cka`.
    """
    for ours in source.values():
        for theirs in target.values():
            require_pairs(ours, theirs)
            if len(ours) < FEWEST:
                linear_cka(ours.values, theirs.values)
    near, far = ([_deviations(each.values) for each in side.values()] for side in (source, target))
    norms = [[_dependence(rows, rows, unbiased) for rows in side] for side in (near, far)]
    table = [
        [_alignment(x, y, own, its, unbiased) for y, its in zip(far, norms[1], strict=True)]
        for x, own in zip(near, norms[0], strict=True)
    ]
    return torch.tensor(table, dtype=torch.float64).reshape(len(near), len(far))


def matched(
    site: Site,
    table: Float[Tensor, "n_source n_target"],
    source: Iterable[Site],
    target: Iterable[Site],
) -> Site:
    """The target's site most similar to one of the source; the first of equals.

    Args:
        site: of the source.
        table: from `cka_table`.
        source: sites in the order of the table's rows, e.g. what the table was made of.
        target: sites in the order of its columns.

    Raises:
        PrefvecError: if the site has no row in the table, or the target no sites.
    """
    rows, columns = list(source), list(target)
    if site not in rows or table.shape != (len(rows), len(columns)) or not columns:
        raise PrefvecError(
            f"A table of shape {tuple(table.shape)} over {len(rows)} source sites and "
            f"{len(columns)} target sites has no match for {site}. Give the very mappings that "
            "cka_table was given, and a site among those of the source."
        )
    return columns[int(table[rows.index(site)].argmax())]


def _deviations(rows: Float[Tensor, "n d"]) -> Float[Tensor, "n k"]:
    """Centred rows in no more coordinates than there are rows; products stay what they are."""
    return Compressed.of(centred(rows.double())[0]).inner


def _alignment(x: Tensor, y: Tensor, own: float, its: float, unbiased: bool) -> float:
    """Dependence over the geometric mean of the rows' dependence on themselves."""
    for rows, norm in ((x, own), (y, its)):
        if not norm > TOLERANCE * float(rows.square().sum()) ** 2:
            raise PrefvecError(
                "Rows of one side differ from the others in a single row only, so unbiased CKA "
                "divides nothing by nothing. Read more prompts, or another site."
            )
    return _dependence(x, y, unbiased) / (own * its) ** 0.5


def _dependence(x: Float[Tensor, "n k"], y: Float[Tensor, "n m"], unbiased: bool) -> float:
    """Hilbert–Schmidt independence criterion of linear kernels, up to a constant factor.

    Without forming the kernels: with K = XXᵀ and L = YYᵀ, tr(KL) = ‖XᵀY‖². The unbiased
    estimator (Song et al. 2012, equation 5) is the same of kernels without their diagonals,
    and subtracts what their row sums have in common.
    """
    whole = (x.T @ y).square().sum()
    if not unbiased:
        return float(whole)
    n = len(x)
    diagonals = [rows.square().sum(dim=1) for rows in (x, y)]
    # Rows are centred, so the sums over whole rows of the kernels are 0.
    sums = [-diagonal for diagonal in diagonals]
    trace = whole - diagonals[0] @ diagonals[1]
    both = sums[0].sum() * sums[1].sum() / ((n - 1) * (n - 2))
    return float(trace + both - 2 / (n - 2) * (sums[0] @ sums[1]))
