"""The instrument's own check: claims whose verdict is known before anything is measured."""

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from prefvec.experiments.claims import Claim
from prefvec.experiments.pairs import ORGANISMS, Pair
from prefvec.statistics.scales import told, told_interval
from prefvec.verdicts.assessment import Assessment
from prefvec.verdicts.verdict import Outcome, Verdict

SOURCE = ORGANISMS[0][0]
"""The organism whose vector all known answers are about that name no other model."""
LEVEL = 0.999
"""Of the interval that must hold a known mean: at 95 % a right instrument would be convicted in one
of twenty."""


@dataclass(frozen=True, kw_only=True)
class KnownAnswer:
    """A claim about a model that was built so that its verdict is known.

    Attributes:
        claim: the claim.
        model: the model it is about.
        source: the model whose vector it is about.
        outcomes: the outcomes that are right; every other one convicts the instrument.
        because: why, as a sentence.
        share_of_native: the interval that the share of native, with its 95 % interval, must lie
            in, where the construction fixes it.
        mean_share_holds: the share that the 99.9 % interval of a mean over targets must hold, and
            that the mean must be within the claim's own share φ of, likewise.
        cosine_above: what the cosine to the model's own vector must exceed, likewise.
        unmet: the preconditions that must fail, the first of them, and those that may: an outcome
            that comes of another fault proves nothing.
    """

    claim: Claim
    model: str
    outcomes: tuple[Outcome, ...]
    because: str
    source: str = SOURCE
    share_of_native: tuple[float, float] | None = None
    mean_share_holds: float | None = None
    cosine_above: float | None = None
    unmet: tuple[str, ...] = ()

    @property
    def pair(self) -> Pair:
        """The models the claim is about."""
        return Pair(source=self.source, target=self.model)

    @property
    def needed(self) -> str:
        """The right outcomes in words."""
        return " or ".join(outcome.word for outcome in self.outcomes)

    def checks(
        self, assessment: Assessment, verdict: Verdict, cosine: float | None
    ) -> list[dict[str, Any]]:
        """What was needed and what was measured, line by line."""
        found = [
            _check("outcome", self.needed, verdict.outcome.word, verdict.outcome in self.outcomes)
        ]
        if self.unmet:
            failed = [p.name for p in assessment.preconditions if not p.passed]
            found.append(
                _check(
                    "what is not met",
                    self.unmet[0],
                    ", ".join(failed) or "nothing",
                    self.unmet[0] in failed and set(failed) <= set(self.unmet),
                )
            )
        if self.share_of_native is not None:
            low, high = self.share_of_native
            share = assessment.share_of_native
            inside = (
                share is not None
                and share.low is not None
                and share.high is not None
                and low <= share.low <= share.high <= high
            )
            needed = f"within {told(low, 'share')} and {told(high, 'share')}"
            said = share.summary() if share is not None else "nothing"
            found.append(_check("share of native", needed, said, inside))
        if self.mean_share_holds is not None:
            phi = self.claim.criterion.parameters["phi"]
            found.append(_holds(assessment, self.mean_share_holds, within=phi))
        if self.cosine_above is not None:
            found.append(
                _check(
                    "cosine to the model's own vector",
                    f"above {self.cosine_above:g}",
                    "nothing" if cosine is None else f"{cosine:.4f}",
                    cosine is not None and cosine > self.cosine_above,
                )
            )
        return found


def _holds(assessment: Assessment, share: float, within: float) -> dict[str, Any]:
    """Whether the mean over targets is near a share, and its interval holds it."""
    contrast = assessment.contrast
    needed = f"within {told(within, 'share')} of {told(share, 'share')}, which the interval holds"
    if contrast is None:
        return _check("mean share of native", needed, "nothing", passed=False)
    low, high = contrast.estimate.confidence_interval(LEVEL)
    said = (
        f"{contrast.estimate.summary()}, at {100 * LEVEL:g} % {told_interval(low, high, 'share')}"
    )
    near = abs(contrast.estimate.estimate - share) < within
    return _check("mean share of native", needed, said, passed=near and low <= share <= high)


def _check(name: str, needed: str, measured: str, passed: bool) -> dict[str, Any]:
    return {"name": name, "needed": needed, "measured": measured, "passed": passed}


@runtime_checkable
class Asking(Protocol):
    """What the fixture `instrument` gives to a test: it puts a known answer to the instrument."""

    def __call__(self, known: KnownAnswer) -> None:
        """Fail if the instrument gives another answer."""
        ...
