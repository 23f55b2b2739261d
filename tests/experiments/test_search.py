"""The grid of cells: the rule that chooses, the judged cell's ratio, and the analogous depth."""

from hypothesis import given
from hypothesis import strategies as st

from prefvec.experiments.search import Tried, analogous, best
from prefvec.vectors.residual import Site

shares = st.floats(0, 1)
tried = st.builds(
    Tried,
    site=st.builds(Site, layer=st.integers(0, 7), point=st.just("resid_post")),
    kappa=st.sampled_from([0.05, 0.15, 0.5]),
    relative_norm=st.floats(0.01, 1.0),
    odd=st.floats(-2, 2),
    coherence_loss=shares,
    censored=shares,
)


@given(st.lists(tried, min_size=1, max_size=20))
def test_the_chosen_has_the_largest_odd_part_among_whole_cells(rows):
    """No cell that leaves answers whole has a larger odd part than the chosen one."""
    chosen = best(rows)
    whole = [row for row in rows if row.whole]
    if whole:
        assert chosen.whole
        assert chosen.odd == max(row.odd for row in whole)


@given(st.lists(tried, min_size=1, max_size=20))
def test_broken_answers_are_never_chosen_over_whole_ones(rows):
    """A cell that loses more than 3 points of coherence is chosen only in need."""
    assert best(rows).coherence_loss <= 0.03 or not any(row.whole for row in rows)


@given(tried)
def test_cut_answers_bar_no_cell(row):
    """What steers best is cut most: eligibility knows of coherence and of the floor alone."""
    assert row.eligible == (row.coherence_loss <= 0.03 and row.odd >= row.floor)


@given(st.integers(1, 80), st.integers(1, 80), st.data())
def test_the_analogous_site_keeps_relative_depth(ours, theirs, data):
    """It lies in the target, within a block of the same share of the depth."""
    layer = data.draw(st.integers(0, ours - 1))
    found = analogous(Site(layer=layer, point="resid_post"), ours, theirs).layer
    assert 0 <= found < theirs
    assert abs((layer + 0.5) / ours - (found + 0.5) / theirs) <= 0.5 / theirs + 1e-9


@given(st.integers(1, 80), st.data())
def test_the_analogous_site_in_an_equally_deep_model_is_the_site(depth, data):
    """Equal depth, equal site."""
    site = Site(layer=data.draw(st.integers(0, depth - 1)), point="resid_post")
    assert analogous(site, depth, depth) == site
