"""The co-primary of an arm about length: which odds it is of, by the pole called positive."""

from prefvec.experiments.arms import Arms
from prefvec.experiments.native_arms import native
from tests.fake_laboratory import TARGET, brevity_in, laboratory


def test_the_co_primary_of_shorter_answers_is_the_odds_of_ending():
    """Above 0 for a vector that shortens, as its odd part is."""
    with laboratory() as lab:
        doses = native(Arms.of(lab, brevity_in(lab), 1), TARGET).doses
    assert doses.mean_odd > 0
    assert doses.going_on is not None
    assert doses.going_on.mean() > 0
