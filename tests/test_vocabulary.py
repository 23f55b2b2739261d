"""Words that several rooms use are the same words everywhere."""

from typing import get_args

from prefvec.experiments.claims import THREE_FINDINGS
from prefvec.statistics import estimates
from prefvec.verdicts.criteria import Exceeds, Fails, Spares, Steers, Works
from prefvec.verdicts.verdict import Outcome
from prefvec.vocabulary import KINDS, OUTCOMES, SCALES, Alternative
from prefvec.vocabulary import THREE_FINDINGS as WORD


def test_a_verdict_ends_in_one_of_the_outcomes():
    """Each of the enum has its word, and no word is left over."""
    assert {outcome.word for outcome in Outcome} == {*OUTCOMES}


def test_every_criterion_is_a_kind():
    """And every kind is a criterion."""
    assert {each.kind for each in (Steers, Fails, Works, Exceeds, Spares)} == {*KINDS}


def test_estimates_are_of_a_scale_that_the_report_can_write():
    """Scales and alternatives of the statistics, in the same words."""
    assert get_args(estimates.Scale) == SCALES
    assert get_args(estimates.Alternative) == get_args(Alternative)


def test_claims_that_name_no_question_stand_under_the_three_findings():
    """Where they are declared and where they are shown."""
    assert THREE_FINDINGS == WORD
