"""CKA sees what two spaces have in common, and not the coordinates they have it in."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from prefvec.diagnostics.similarity import cka_table, linear_cka, matched
from prefvec.errors import PrefvecError
from prefvec.vectors.activations import over_answers
from prefvec.vectors.residual import Site
from tests.strategies import activations_of, normal, orthogonal, paired, seeds, space, widths
from tests.tiny import questions, tiny

both = pytest.mark.parametrize("unbiased", [True, False])
rows = st.integers(min_value=4, max_value=30)


def of_kernels(x: torch.Tensor, y: torch.Tensor, unbiased: bool) -> float:
    """Oracle: the definitions, with kernels and a centring matrix or without diagonals."""
    n = len(x)
    ones, kernels = torch.ones(n, dtype=torch.float64), [a.double() @ a.double().T for a in (x, y)]

    def hsic(k: torch.Tensor, m: torch.Tensor) -> torch.Tensor:
        if not unbiased:  # Kornblith et al. 2019, equations 2 and 3
            centring = torch.eye(n) - torch.outer(ones, ones) / n
            return torch.trace(k @ centring @ m @ centring)
        k, m = (kernel - torch.diag(kernel.diagonal()) for kernel in (k, m))
        last = 2 / (n - 2) * (ones @ k @ m @ ones)  # Song et al. 2012, equation 5
        first = (ones @ k @ ones) * (ones @ m @ ones) / ((n - 1) * (n - 2))
        return torch.trace(k @ m) + first - last

    k, m = kernels
    return float(hsic(k, m) / (hsic(k, k) * hsic(m, m)).sqrt())


@both
@settings(max_examples=40, deadline=None)
@given(seed=seeds, n=rows, d_x=widths, d_y=widths)
def test_cka_is_what_its_definition_says(unbiased, seed, n, d_x, d_y):
    """More rows than width, and fewer; rows that share something."""
    x = normal(seed, n, d_x) + 2
    y = x @ normal(seed + 1, d_x, d_y) + normal(seed + 2, n, d_y)
    expected = of_kernels(x, y, unbiased)
    assert linear_cka(x, y, unbiased=unbiased) == pytest.approx(expected, rel=1e-6, abs=1e-8)


@both
@settings(max_examples=40, deadline=None)
@given(seed=seeds, n=rows, width=widths, scale=st.floats(0.01, 100), shift=st.floats(-3, 3))
def test_cka_of_rows_with_their_rotation_is_one(unbiased, seed, n, width, scale, shift):
    """Also scaled and shifted, and into a wider space."""
    x = normal(seed, n, width)
    y = scale * (x @ orthogonal(seed + 1, width, width + 3) + shift)
    assert linear_cka(x, y, unbiased=unbiased) == pytest.approx(1, abs=1e-5)


@both
@settings(max_examples=40, deadline=None)
@given(seed=seeds, n=rows, width=widths, scale=st.floats(0.01, 100))
def test_cka_does_not_depend_on_either_side_coordinates(unbiased, seed, n, width, scale):
    """Rotation and isotropic scaling of one side; and the sides may change places."""
    x, y = normal(seed, n, width), normal(seed + 1, n, width + 1)
    found = linear_cka(x, y, unbiased=unbiased)
    # The rows are in single precision, and four of them tell little of forty coordinates.
    turned = scale * y @ orthogonal(seed + 2, width + 1, width + 1)
    assert linear_cka(x, turned, unbiased=unbiased) == pytest.approx(found, abs=1e-4)
    assert linear_cka(y, x, unbiased=unbiased) == pytest.approx(found, abs=1e-9)


def test_an_invertible_map_that_stretches_changes_cka():
    """Else every two spaces of enough width would be the same."""
    x = normal(0, 200, 6)
    assert linear_cka(x, x @ torch.diag(torch.tensor([20.0, 1, 1, 1, 1, 1]))) < 0.8


def test_unrelated_rows_are_alike_only_to_the_biased_estimator():
    """Fewer rows than width: 0.83 by the plain estimator, nothing by the unbiased one."""
    x, y = normal(0, 40, 200), normal(1, 40, 200)
    assert linear_cka(x, y, unbiased=False) > 0.7
    assert abs(linear_cka(x, y)) < 0.1


@both
def test_the_table_holds_the_cka_of_every_two_sites(unbiased):
    """Of two real models of different width, rows in the source, columns in the target."""
    models = tiny("llama"), tiny("mistral", d_model=16)
    turns = [(prompt, "Water that flows to the sea, slowly.") for prompt in questions()] + [
        (prompt, "It rises for an hour.") for prompt in questions()
    ]
    sites = [Site(0, "resid_post"), Site(1, "resid_post"), Site(1, "resid_pre")]
    source, target = (
        over_answers(models[0], turns, sites),
        over_answers(models[1], turns, sites[:2]),
    )
    table = cka_table(source, target, unbiased=unbiased)
    assert table.shape == (3, 2)
    for i, ours in enumerate(source.values()):
        for j, theirs in enumerate(target.values()):
            expected = linear_cka(ours.values, theirs.values, unbiased=unbiased)
            assert float(table[i, j]) == pytest.approx(expected)


def test_a_rotated_model_matches_its_own_layers():
    """Whatever order the target has them in."""
    sites = [Site(layer, "resid_post") for layer in range(4)]
    ours = [normal(layer, 60, 8) @ normal(10 + layer, 8, 8) for layer in range(4)]
    order = [2, 0, 3, 1]
    source = {
        s: activations_of(v, space("source", s.layer)) for s, v in zip(sites, ours, strict=True)
    }
    target = {
        site: activations_of(ours[i] @ orthogonal(20 + i, 8, 10), space("target", site.layer))
        for site, i in zip(sites, order, strict=True)
    }
    table = cka_table(source, target)
    found = [matched(site, table, source, target) for site in sites]
    assert found == [sites[order.index(i)] for i in range(4)]


def test_rows_that_do_not_pair_up_are_refused():
    """By number or by prompt; and too few, and all the same, have no CKA."""
    x, site = normal(0, 12, 3), Site(0, "resid_post")
    source, target = paired(x, normal(1, 12, 3))
    with pytest.raises(PrefvecError, match="do not pair up"):
        cka_table({site: source}, {site: target.select(range(11, -1, -1))})
    with pytest.raises(PrefvecError, match="paired rows"):
        linear_cka(x, x[:11])
    with pytest.raises(PrefvecError, match="at least 4"):
        cka_table({site: source.select(range(3))}, {site: target.select(range(3))})
    with pytest.raises(PrefvecError, match="are the same"):
        linear_cka(x, torch.ones(12, 3))
    with pytest.raises(PrefvecError, match="single row"):
        linear_cka(x, torch.eye(12)[:, :1])


def test_a_site_outside_the_table_has_no_match():
    """Nor has one in a table of other sites."""
    site, other = Site(0, "resid_post"), Site(1, "resid_post")
    with pytest.raises(PrefvecError, match="no match"):
        matched(other, torch.ones(1, 1), [site], [site])
    with pytest.raises(PrefvecError, match="no match"):
        matched(site, torch.ones(1, 2), [site], [site])
