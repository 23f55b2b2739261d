"""Puts known answers to the instrument: the measurement and the rules of the findings."""

from prefvec.experiments.claims import Claim
from prefvec.experiments.known_answers import KnownAnswer
from prefvec.experiments.measured import Evidence
from prefvec.experiments.measuring import measure, models_of
from prefvec.experiments.measuring.shared import arms_of
from prefvec.experiments.memory import Memory
from prefvec.experiments.native_arms import cosine_to_native
from prefvec.experiments.one_arm import Arm
from prefvec.experiments.pairs import Pair
from prefvec.experiments.records import run_facts
from prefvec.pytest_plugin.claim_log import ClaimLog
from prefvec.pytest_plugin.judge import NOT_KEPT, end_unkept
from prefvec.verdicts.wording import conclude


class Instrument:
    """Puts known answers to the same measurement and the same rules as the findings.

    Args:
        memory: what was measured before, of a lab of organisms.
        log: where records go.
    """

    def __init__(self, memory: Memory, log: ClaimLog) -> None:
        self._memory = memory
        self._log = log

    def __call__(self, known: KnownAnswer, nodeid: str) -> None:
        """Measure one known answer, record it, and fail if the verdict is another."""
        pair, lab = known.pair, self._memory.lab
        try:
            evidence = self._memory.recall(
                ("known answer", known.claim, pair),
                models_of(known.claim, pair, lab),
                lambda: self._measured(known.claim, pair),
                keep=lambda found: found.complete,
            )
        except NOT_KEPT as reason:
            end_unkept(lab, reason)
        assessment, cosine = evidence.assessment, evidence.shown["cosine"]
        verdict = conclude(assessment, assessment.pvalue)
        checks = known.checks(assessment, verdict, cosine)
        self._log.describe(**run_facts(self._memory))
        self._log.know(
            {
                **verdict.record(),
                "nodeid": nodeid,
                "title": known.claim.sentence(pair, lab.material.traits, lab.material.trait),
                "model": known.model,
                "because": known.because,
                "needed": known.needed,
                "checks": checks,
                "agrees": all(check["passed"] for check in checks),
            }
        )

    def _measured(self, claim: Claim, pair: Pair) -> Evidence:
        """What decides the claim, and the cosine of its arm's vector to the model's own."""
        measured = measure(claim, pair, self._memory.lab)
        cosine = self._cosine(claim, measured.arms[0]) if measured.arms else None
        return Evidence(
            assessment=measured.assessment, shown={"cosine": cosine}, complete=measured.complete
        )

    def _cosine(self, claim: Claim, arm: Arm) -> float:
        return cosine_to_native(arms_of(claim, self._memory.lab), arm)
