"""Measures a claim by its kind, and says so where it cannot be measured."""

from prefvec.errors import PrefvecError
from prefvec.experiments.carried_arms import NoSuchBlock
from prefvec.experiments.carried_arms import prepare as prepare_transfer
from prefvec.experiments.claims import (
    AdaptedTransfer,
    AdapterExceeds,
    AsGoodAsAsking,
    BetweenModels,
    CarriedExceedsNative,
    CarriedTuning,
    Claim,
    ClaimOfVector,
    Exploration,
    Quantised,
    RawTransfer,
    Selectivity,
    SelfSteering,
    TunedFamily,
    Tuning,
)
from prefvec.experiments.lab import Lab
from prefvec.experiments.measured import Measured
from prefvec.experiments.measuring.adapted_transfer import measure_adapted_transfer
from prefvec.experiments.measuring.adapter_exceeds import measure_adapter_exceeds
from prefvec.experiments.measuring.as_good_as_asking import measure_as_good_as_asking
from prefvec.experiments.measuring.as_judged import is_judged, measure_as_judged
from prefvec.experiments.measuring.between_models import measure_between_models, members
from prefvec.experiments.measuring.carried_exceeds_native import (
    measure_carried_exceeds_native,
    why_undefined,
)
from prefvec.experiments.measuring.exploration import measure_exploration
from prefvec.experiments.measuring.quantised import measure_quantised
from prefvec.experiments.measuring.raw_transfer import measure_raw_transfer
from prefvec.experiments.measuring.selectivity import measure_selectivity
from prefvec.experiments.measuring.self_steering import measure_self_steering
from prefvec.experiments.measuring.shared import arms_of, checks_of, criterion_of, transfer_of
from prefvec.experiments.measuring.tuning import (
    measure_carried_tuning,
    measure_tuned_family,
    measure_tuning,
)
from prefvec.experiments.pairs import Pair
from prefvec.experiments.shelf import ModelMissingError
from prefvec.generation.store_file import StoreError
from prefvec.remembered import recalled
from prefvec.verdicts.assessment import Assessment, invalid, not_applicable
from prefvec.verdicts.preconditions import Precondition


def measure(claim: Claim, pair: Pair, lab: Lab) -> Measured:
    """Measure and assess one claim, once in a session; one that cannot be measured is INVALID.

    Unless it is undefined, which comes first: then it is NOT APPLICABLE, measured or not.

    Args:
        claim: the claim.
        pair: the models it is about.
        lab: where answers come from.

    Raises:
        ModelMissingError: if a model cannot be had.
        StoreError: if answers cannot be kept.
    """
    return recalled(lab, ("measured", claim, pair), lambda: _measured(claim, pair, lab))


def prepare(claim: Claim, pair: Pair, lab: Lab) -> None:
    """Measure all that a claim needs of its source, while that is in memory.

    What goes wrong here goes wrong again when the claim is judged, which then says so.

    Raises:
        ModelMissingError: if the source cannot be had.
    """
    try:
        if isinstance(claim, ClaimOfVector) and not claim.about_source:
            regime = claim.regime if isinstance(claim, AdaptedTransfer) else None
            prepare_transfer(arms_of(claim, lab), transfer_of(claim, pair), regime)
        elif not claim.over_all_pairs:
            measure(claim, pair, lab)
    except (ModelMissingError, StoreError):
        raise
    except PrefvecError:
        return


def models_of(claim: Claim, pair: Pair, lab: Lab) -> tuple[str, ...]:
    """Every model that a claim rests on, the writer of what adapters read among them."""
    options = lab.options
    if isinstance(claim, BetweenModels):
        sources, targets = members(claim, lab)
        return tuple(dict.fromkeys((options.writer, *sources, *targets)))
    if claim.over_all_pairs:
        return options.names
    return (options.writer, pair.source, pair.target)


def _measured(claim: Claim, pair: Pair, lab: Lab) -> Measured:
    checks = checks_of(lab, pair.source, pair.target)
    if not all(check.passed for check in checks):
        return Measured(assessment=_unmeasured(claim, pair, lab, checks), complete=False)
    try:
        if is_judged(claim, lab):
            return measure_as_judged(claim, pair, lab, _of_its_kind)
        return _of_its_kind(claim, pair, lab)
    except (ModelMissingError, StoreError):
        raise
    except NoSuchBlock as reason:
        undefined = not_applicable(claim.name(pair), criterion_of(claim, lab), str(reason))
        return Measured(assessment=undefined)
    except PrefvecError as reason:
        failed = Precondition(name="measured", passed=False, sentence=str(reason))
        assessment = _unmeasured(claim, pair, lab, [*checks, failed])
        return Measured(assessment=assessment, complete=False)


def _of_its_kind(claim: Claim, pair: Pair, lab: Lab) -> Measured:
    match claim:
        case SelfSteering():
            return measure_self_steering(claim, pair, lab)
        case AsGoodAsAsking():
            return measure_as_good_as_asking(claim, pair, lab)
        case Quantised():
            return measure_quantised(claim, pair, lab)
        case Tuning():
            return measure_tuning(claim, pair, lab)
        case TunedFamily():  # a RawTransfer, too
            return measure_tuned_family(claim, pair, lab)
        case CarriedTuning():  # an AdaptedTransfer, too
            return measure_carried_tuning(claim, pair, lab)
        case RawTransfer():
            return measure_raw_transfer(claim, pair, lab)
        case CarriedExceedsNative():  # an AdaptedTransfer, too
            return measure_carried_exceeds_native(claim, pair, lab)
        case AdapterExceeds():  # likewise
            return measure_adapter_exceeds(claim, pair, lab)
        case AdaptedTransfer():
            return measure_adapted_transfer(claim, pair, lab)
        case Selectivity():
            return measure_selectivity(claim, pair, lab)
        case Exploration():
            return measure_exploration(claim, pair, lab)
        case BetweenModels():
            return measure_between_models(claim, pair, lab)
        case _:
            raise PrefvecError(
                f"The claim {claim.id!r} is a {type(claim).__name__}, which nothing here measures. "
                "State one of the kinds in prefvec.experiments.claims."
            )


def _unmeasured(claim: Claim, pair: Pair, lab: Lab, checks: list[Precondition]) -> Assessment:
    """Undefined, whatever the models do, between unequal widths or for its pair; else INVALID."""
    name, criterion = claim.name(pair), criterion_of(claim, lab)
    if isinstance(claim, CarriedExceedsNative):
        undefined = why_undefined(pair, lab)
        if undefined is not None:
            return not_applicable(name, criterion, undefined)
    source, target = (lab.models.width(model) for model in (pair.source, pair.target))
    if not isinstance(claim, RawTransfer) or source == target:
        return invalid(name, criterion, checks)
    return not_applicable(
        name,
        criterion,
        f"Raw transfer is undefined here: a vector of {pair.source} has {source} coordinates "
        f"and the residual stream of {pair.target} {target}.",
    )
