"""What every rule asks first: arms to be compared, answers to be read, an effect to be seen.

The last is assay sensitivity: that a model's own vector steers it in the same run.
"""

from prefvec.errors import PrefvecError
from prefvec.statistics.inequalities import Inequality
from prefvec.statistics.scales import told_p
from prefvec.verdicts.assessment import Assessment
from prefvec.verdicts.doses import DoseResponse
from prefvec.verdicts.preconditions import Precondition, hook_fired
from prefvec.verdicts.verdict import Outcome


def readable(*arms: DoseResponse) -> list[Precondition]:
    """That the hook of each arm fired."""
    return [hook_fired(arm) for arm in arms]


def sensitive(
    control: Assessment, native: DoseResponse, alpha: float, trait: str = ""
) -> list[Precondition]:
    """Assay sensitivity: a model's own vector steers it, at the judged cell and in this comparison.

    Args:
        control: `assess_steers` of that vector at the judged cell.
        native: that vector's dose-response that an arm is compared with.
        alpha: the level at which the latter must move.
        trait: tells which vector, where there are several.
    """
    moved = Inequality.above("odd part", native.odd)
    enough = moved.holds(alpha)
    return [
        positive_control(control, trait),
        Precondition(
            name=_of("native effect", trait),
            passed=enough,
            about="assay sensitivity",
            sentence=f"In this comparison {_own_vector(trait)} has the odd part "
            f"{moved.measured}, {told_p(moved.pvalue)}"
            + ("." if enough else ": too little to compare an arm with."),
        ),
    ]


def positive_control(control: Assessment, trait: str = "") -> Precondition:
    """That a model's own vector steers it in the same run.

    Args:
        control: `assess_steers` of that vector at the judged cell.
        trait: tells which vector, where there are several.
    """
    steers = control.outcome(control.pvalue) is Outcome.SUPPORTED
    vector = _own_vector(trait, "The")
    return Precondition(
        name=_of("positive control", trait),
        passed=steers,
        about="assay sensitivity",
        sentence=f"{vector} steers it, so an effect could be seen."
        if steers
        else f"{vector} was not shown to steer it ({_lacking(control)}), so an effect that is "
        "missing elsewhere tells nothing.",
    )


def require_comparable(arm: DoseResponse, *others: DoseResponse) -> None:
    """Assert that arms can be compared prompt by prompt, in one unit.

    Raises:
        PrefvecError: if they are of different prompts, or by different measures.
    """
    require_same_prompts(arm, *others)
    for other in others:
        if arm.measure.name != other.measure.name:
            raise PrefvecError(
                f"Arm {arm.arm!r} is measured by {arm.measure.name} and {other.arm!r} by "
                f"{other.measure.name}, so they cannot be compared. Measure both by one."
            )


def require_ranked_fairly(arm: DoseResponse, *controls: DoseResponse) -> None:
    """Assert that controls are by the arm's measure, over one set of prompts among the arm's.

    Raises:
        PrefvecError: if they are not.
    """
    asked = controls[0].effects.index if controls else arm.effects.index
    among = bool(asked.isin(arm.effects.index).all())
    for control in controls:
        if not (among and control.effects.index.equals(asked)):
            raise PrefvecError(
                f"The control {control.arm!r} is of other prompts than the arm {arm.arm!r} or than "
                "the controls beside it, so it cannot be ranked with them. Ask all controls the "
                "same prompts, some of the arm's."
            )
        if control.measure.name != arm.measure.name:
            raise PrefvecError(
                f"The control {control.arm!r} is measured by {control.measure.name} and the arm by "
                f"{arm.measure.name}. Measure both by one."
            )


def require_same_prompts(arm: DoseResponse, *others: DoseResponse) -> None:
    """Assert that arms are of the same prompts.

    Raises:
        PrefvecError: if they are not.
    """
    for other in others:
        if not arm.effects.index.equals(other.effects.index):
            raise PrefvecError(
                f"Arms {arm.arm!r} and {other.arm!r} are of different prompts, so they cannot be "
                "compared prompt by prompt. Generate both on the test split."
            )


def _of(name: str, trait: str) -> str:
    return f"{name}: {trait}" if trait else name


def _own_vector(trait: str, article: str = "the") -> str:
    return f"{article} target's own {trait} vector" if trait else f"{article} target's own vector"


def _lacking(control: Assessment) -> str:
    if (by := control.refuted_by) is not None:
        return f"{by.name} ({by.measured}, {told_p(by.pvalue)})"
    return "; ".join(control.shortfalls(control.pvalue))
