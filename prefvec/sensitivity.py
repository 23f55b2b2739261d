"""What every rule asks first: the same prompts, answers that can be read, an effect to be seen."""

from prefvec.assessment import Assessment
from prefvec.doses import DoseResponse
from prefvec.errors import PrefvecError
from prefvec.estimates import told_p
from prefvec.inequalities import Inequality
from prefvec.preconditions import Precondition, hook_fired, uncensored
from prefvec.verdict import Outcome


def readable(*arms: DoseResponse) -> list[Precondition]:
    """That few answers of each arm were cut off, and that its hook fired."""
    return [check(arm) for arm in arms for check in (uncensored, hook_fired)]


def positive_control(control: Assessment, whose: str = "target's") -> Precondition:
    """Assay sensitivity: that a model's own vector steers it in the same run.

    Args:
        control: `assess_steers` of that vector at its own best dose.
        whose: tells which, where there are several.
    """
    steers = control.outcome(control.pvalue) is Outcome.SUPPORTED
    return Precondition(
        name="positive control",
        passed=steers,
        sentence=f"The {whose} own vector steers it, so an effect could be seen."
        if steers
        else f"The {whose} own vector was not shown to steer it ({_lacking(control)}), so "
        "nothing can be said about one from elsewhere.",
    )


def sensitive(control: Assessment, native: DoseResponse, alpha: float) -> list[Precondition]:
    """The positive control, and an effect of native at the arm's norm to compare with."""
    moved = Inequality.above("odd part", native.odd)
    return [
        positive_control(control),
        Precondition(
            name="native effect at this norm",
            passed=moved.holds(alpha),
            sentence=f"At the arm's relative norm the target's own vector has the odd part "
            f"{moved.estimate.summary()}, {told_p(moved.pvalue)}"
            + ("." if moved.holds(alpha) else ": too little to compare an arm with."),
        ),
    ]


def require_same_prompts(arm: DoseResponse, *others: DoseResponse) -> None:
    """Assert that arms can be compared prompt by prompt.

    Raises:
        PrefvecError: if they are of different prompts.
    """
    for other in others:
        if not arm.effects.index.equals(other.effects.index):
            raise PrefvecError(
                f"Arms {arm.arm!r} and {other.arm!r} are of different prompts, so they cannot be "
                "compared prompt by prompt. Generate both on the test split."
            )


def _lacking(control: Assessment) -> str:
    if (by := control.refuted_by) is not None:
        return f"{by.name} ({by.measured}, {told_p(by.pvalue)})"
    return "; ".join(control.shortfalls(control.pvalue))
