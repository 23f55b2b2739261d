"""Verdicts of claims that stand alone."""

from prefvec.assessment import Assessment
from prefvec.decision import conclude
from prefvec.verdict import Verdict


def judged(assessment: Assessment) -> Verdict:
    """The verdict of a claim that is its own family."""
    return conclude(assessment, assessment.pvalue)
