"""One search for every arm: the rule that chooses, and the analogous depth."""

from hypothesis import given
from hypothesis import strategies as st

from prefvec.experiments.search import Tried, analogous, best
from prefvec.vectors.residual import Site

shares = st.floats(0, 1)
tried = st.builds(
    Tried,
    site=st.builds(Site, layer=st.integers(0, 7), point=st.just("resid_post")),
    relative_norm=st.sampled_from([0.25, 0.5, 1.0]),
    odd=st.floats(-2, 2),
    coherence_loss=shares,
    censored=shares,
)


@given(st.lists(tried, min_size=1, max_size=20))
def test_the_chosen_has_the_largest_odd_part_among_the_eligible(rows):
    """No eligible site and dose has a larger odd part than the chosen one."""
    chosen = best(rows)
    eligible = [row for row in rows if row.eligible]
    if eligible:
        assert chosen.eligible
        assert chosen.odd == max(row.odd for row in eligible)


@given(st.lists(tried, min_size=1, max_size=20))
def test_broken_answers_are_never_chosen_over_whole_ones(rows):
    """A dose that loses more than 5 points is chosen only in need."""
    chosen = best(rows)
    broken = chosen.coherence_loss > 0.05
    assert not broken or not any(row.eligible for row in rows)


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
