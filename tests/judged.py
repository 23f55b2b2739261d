"""Verdicts of claims that stand alone."""

from prefvec.verdicts.assessment import Assessment
from prefvec.verdicts.verdict import Verdict
from prefvec.verdicts.wording import conclude


def judged(assessment: Assessment) -> Verdict:
    """The verdict of a claim that is its own family."""
    return conclude(assessment, assessment.pvalue)
