"""Puts known answers to the instrument: the measurement and the rules of the findings."""

from prefvec.experiments.claims import Claim
from prefvec.experiments.experiments import Experiments
from prefvec.experiments.known_answers import KnownAnswer
from prefvec.experiments.measured import Evidence
from prefvec.experiments.measurement import Measurement
from prefvec.experiments.pairs import Pair
from prefvec.experiments.records import run_facts
from prefvec.pytest_plugin.claim_log import ClaimLog
from prefvec.verdicts.wording import conclude


class Instrument:
    """Puts known answers to the same measurement and the same rules as the findings.

    Args:
        experiments: measure arms.
        log: where records go.
    """

    def __init__(self, experiments: Experiments, log: ClaimLog) -> None:
        self._experiments = experiments
        self._measurement = Measurement(experiments)
        self._log = log

    def __call__(self, known: KnownAnswer, nodeid: str) -> None:
        """Measure one known answer, record it, and fail if the verdict is another."""
        pair = known.pair
        laboratory = self._experiments.laboratory
        evidence = self._experiments.memory.recall(
            ("known answer", known.claim, pair),
            (laboratory.options.writer, pair.source, pair.target),
            lambda: self._measured(known.claim, pair),
            keep=lambda found: found.complete,
        )
        assessment, cosine = evidence.assessment, evidence.shown["cosine"]
        verdict = conclude(assessment, assessment.pvalue)
        checks = known.checks(assessment, verdict, cosine)
        self._log.describe(**run_facts(self._experiments))
        material = laboratory.prompts
        record = {
            **verdict.record(),
            "nodeid": nodeid,
            "title": known.claim.sentence(pair, material.traits, material.trait),
            "model": known.model,
            "because": known.because,
            "needed": known.needed,
            "checks": checks,
            "agrees": all(check["passed"] for check in checks),
        }
        self._log.know(record)

    def _measured(self, claim: Claim, pair: Pair) -> Evidence:
        """What decides the claim, and the cosine of its arm's vector to the model's own."""
        measured = self._measurement.of(claim, pair)
        natives = self._experiments.behind(claim, pair).natives
        cosine = natives.cosine(measured.arms[0]) if measured.arms else None
        return Evidence(
            assessment=measured.assessment, shown={"cosine": cosine}, complete=measured.complete
        )
