"""What was measured for a claim: with all its arms, and what is kept of them."""

from dataclasses import dataclass
from typing import Any

from prefvec.experiments.one_arm import Arm
from prefvec.statistics.estimates import Estimate
from prefvec.verdicts.assessment import Assessment
from prefvec.verdicts.controls import Controls


@dataclass(frozen=True, kw_only=True, eq=False)
class Asked:
    """What asking for one pole does, without any vector.

    Attributes:
        label: what people read.
        effect: on the measure of the arm it stands beside.
    """

    label: str
    effect: Estimate


@dataclass(frozen=True, kw_only=True, eq=False)
class Measured:
    """A claim with everything that was measured for it.

    Attributes:
        assessment: what decides it, before Holm.
        arms: the arms it compares, the claim's own first.
        controls: the control arms.
        random: one of the random directions among them, with its answers.
        baseline: what asking does.
        figures: what else it shows, as the record has it.
        cards: those of the judges that it rests on, as the record has them.
        known_judges: those of judges whose faults are known, on the same answers.
        complete: whether everything could be measured, so that another time would be the same.
    """

    assessment: Assessment
    arms: tuple[Arm, ...] = ()
    controls: Controls | None = None
    random: Arm | None = None
    baseline: tuple[Asked, ...] = ()
    figures: tuple[dict[str, Any], ...] = ()
    cards: tuple[dict[str, Any], ...] = ()
    known_judges: tuple[dict[str, Any], ...] = ()
    complete: bool = True


@dataclass(frozen=True, kw_only=True, eq=False)
class Evidence:
    """What is kept of a measured claim from run to run.

    Attributes:
        assessment: what decides it, before Holm.
        shown: what its record shows besides, as plain Python types.
        complete: whether everything could be measured.
    """

    assessment: Assessment
    shown: dict[str, Any]
    complete: bool
