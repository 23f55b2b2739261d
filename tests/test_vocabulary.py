"""Words that several rooms use are the same words everywhere."""

from prefvec.verdicts.between_models import Generalises
from prefvec.verdicts.criteria import Exceeds, Fails, Spares, Steers, Works
from prefvec.verdicts.verdict import Outcome
from prefvec.vocabulary import KINDS, OUTCOMES


def test_a_verdict_ends_in_one_of_the_outcomes():
    """Each of the enum has its word, and no word is left over."""
    assert {outcome.word for outcome in Outcome} == {*OUTCOMES}


def test_every_criterion_is_a_kind():
    """And every kind is a criterion."""
    assert {each.kind for each in (Steers, Fails, Works, Exceeds, Spares, Generalises)} == {*KINDS}
