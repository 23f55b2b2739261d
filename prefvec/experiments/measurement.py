"""From a claim to its assessment: the arms it compares are measured, with their controls."""

import functools
from dataclasses import replace

from prefvec.errors import PrefvecError
from prefvec.experiments.arms import Arm, PoleName
from prefvec.experiments.claims import Claim
from prefvec.experiments.experiment import Experiment
from prefvec.experiments.experiments import Experiments
from prefvec.experiments.explorations import STUDIES
from prefvec.experiments.explorations.explorer import Explorer
from prefvec.experiments.measured import Measured
from prefvec.experiments.natives import Natives
from prefvec.experiments.pairs import Pair, slug
from prefvec.experiments.regimes import Regime
from prefvec.experiments.selectivity import selectivity_matrix
from prefvec.experiments.shelf import ModelMissingError
from prefvec.vectors.transfer import UnequalWidths
from prefvec.verdicts.assessment import Assessment, invalid, not_applicable
from prefvec.verdicts.contrast_rules import assess_spares
from prefvec.verdicts.controls import Controls
from prefvec.verdicts.criteria import Criterion, Exceeds, Fails, Spares, Steers, Works
from prefvec.verdicts.preconditions import Precondition, adapter_learned, model_check
from prefvec.verdicts.rules import assess_fails, assess_steers, assess_works


class Measurement:
    """Measures and assesses claims, each once in a session.

    Args:
        experiments: measure arms.
    """

    def __init__(self, experiments: Experiments) -> None:
        self.experiments = experiments
        self._laboratory = experiments.laboratory

    @functools.cache  # noqa: B019 - one measurement lives as long as the session
    def of(self, claim: Claim, pair: Pair) -> Measured:
        """Measure and assess one claim; one that cannot be measured is INVALID.

        Unless it is undefined, which comes first: then it is NOT APPLICABLE, measured or not.

        Raises:
            ModelMissingError: if a model cannot be had.
        """
        checks = self._checks(pair.source, pair.target)
        if not all(check.passed for check in checks):
            return Measured(assessment=self._unmeasured(claim, pair, checks), complete=False)
        try:
            return _Measuring(self, claim, pair, checks).measured()
        except ModelMissingError:
            raise
        except PrefvecError as reason:
            failed = Precondition(name="measured", passed=False, sentence=str(reason))
            checks = [*checks, failed]
            return Measured(assessment=self._unmeasured(claim, pair, checks), complete=False)

    def prepare(self, claim: Claim, pair: Pair) -> None:
        """Measure all that a claim needs of its source.

        What goes wrong here goes wrong again when the claim is judged, which then says so.

        Raises:
            ModelMissingError: if the source cannot be had.
        """
        try:
            if claim.about_source and claim.study is None:
                self.of(claim, pair)
            elif not claim.over_pairs:
                self.experiments.behind(claim, pair).prepare(claim.regime)
        except ModelMissingError:
            raise
        except PrefvecError:
            return

    def experiment(self, claim: Claim, pair: Pair) -> Experiment:
        """The experiment behind a claim."""
        return self.experiments.behind(claim, pair)

    def natives(self, trait: str, claim: Claim) -> Natives:
        """The models' own vectors of a trait, measured as for a claim."""
        return self.experiments.natives(trait, self.experiments.samples(claim))

    def criterion(self, claim: Claim) -> Criterion:
        """The claim's criterion; with a trait of the user's, that trait's own smallest effect."""
        options, criterion = self._laboratory.options, claim.criterion
        if options.trait is None or isinstance(criterion, Exceeds | Spares):
            return criterion
        return replace(criterion, at_least=self.experiments.trait(claim.trait).smallest_effect)

    def positive_control(self, trait: str, target: str, criterion: Criterion) -> Assessment:
        """Assay sensitivity: by the claim's own standards, the target's own vector steers it."""
        at_least = self.experiments.trait(trait).smallest_effect
        own = Steers(at_least=at_least, alpha=criterion.alpha)
        if isinstance(criterion, Fails | Works):
            own = replace(
                own,
                at_least=criterion.at_least,
                coherence_margin=criterion.coherence_margin,
            )
        return self._own_vector(trait, target, own)

    @functools.cache  # noqa: B019
    def _own_vector(self, trait: str, target: str, criterion: Steers) -> Assessment:
        """Measured with all the samples of the run, whatever the claim takes: once for all."""
        samples = self.experiments.laboratory.options.samples
        experiment = self.experiments.of(target, trait, samples)
        arm = experiment.natives.arm(target)
        return assess_steers(
            f"native-{slug(target)}",
            arm.doses,
            controls=_of_random(self.random_arms(experiment, arm)),
            criterion=criterion,
            identity_holds=self.identity(arm),
            preconditions=self._checks(target),
        )

    @functools.cache  # noqa: B019
    def random_arms(
        self, experiment: Experiment, arm: Arm, under: PoleName | None = None
    ) -> list[Arm]:
        """Random directions at the site and norm of a model's own vector."""
        return experiment.controls.random(arm, under)

    @functools.cache  # noqa: B019
    def identity(self, arm: Arm) -> bool:
        """Whether coefficient 0 is no steering at the arm's site."""
        return self._laboratory.identity_holds(arm.model, arm.vector)

    def _unmeasured(self, claim: Claim, pair: Pair, checks: list[Precondition]) -> Assessment:
        """Undefined, whatever the models do, between unequal widths; else INVALID."""
        name, criterion, shelf = claim.name(pair), self.criterion(claim), self._laboratory.models
        source, target = (shelf.width(model) for model in (pair.source, pair.target))
        if claim.arm != "raw" or source == target:
            return invalid(name, criterion, checks)
        return not_applicable(
            name,
            criterion,
            f"Raw transfer is undefined here: a vector of {pair.source} has {source} coordinates "
            f"and the residual stream of {pair.target} {target}.",
        )

    def _checks(self, *models: str) -> list[Precondition]:
        return [
            model_check(f"{check.name}: {name}", check.passed, check.sentence)
            for name in dict.fromkeys(models)
            for check in self._laboratory.models.checked(name)
        ]


def _of_random(arms: list[Arm]) -> Controls:
    """Controls that are nothing but random directions."""
    return Controls(random=tuple(arm.doses for arm in arms))


class _Measuring:
    """One claim on its way from its file to its assessment.

    Args:
        measurement: shares what several claims need.
        claim: the claim.
        pair: the models it is about.
        checks: what the models' checks on themselves found.
    """

    def __init__(
        self, measurement: Measurement, claim: Claim, pair: Pair, checks: list[Precondition]
    ) -> None:
        self._shared = measurement
        self._claim = claim
        self._checks = checks
        self._name = claim.name(pair)
        self._pair = pair
        self._target = pair.target
        self._criterion = measurement.criterion(claim)
        self._experiment = measurement.experiment(claim, pair)
        self._trait = self._experiment.trait.name

    def measured(self) -> Measured:
        """The claim's arms and its assessment, by the kind of its criterion."""
        match self._criterion:
            case Steers() as criterion:
                return self._steers(criterion)
            case Spares() as criterion:
                return self._spares(criterion)
            case Fails() as criterion:
                self._experiment.prepare(None)
                return self._fails(criterion)
            case Works() as criterion:
                self._experiment.prepare(self._claim.regime)
                return self._works(criterion) if criterion.mapped else self._copied(criterion)
            case Exceeds() as criterion:
                self._experiment.prepare(None)
                return self._explored(criterion)

    def _steers(self, criterion: Steers) -> Measured:
        natives, under = self._experiment.natives, self._claim.under
        own = natives.arm(self._target, self._claim.estimator)
        steered = own
        if self._claim.arm == "null":
            steered = natives.null(self._target)
        elif under is not None:
            steered = natives.under(self._target, under)
        random = self._shared.random_arms(self._experiment, own, under)
        controls = _of_random(random)
        assessment = assess_steers(
            self._name,
            steered.doses,
            controls=controls,
            criterion=criterion,
            identity_holds=self._shared.identity(steered),
            preconditions=self._checks,
        )
        return Measured(assessment=assessment, arms=(steered,), controls=controls, random=random[0])

    def _spares(self, criterion: Spares) -> Measured:
        spared, own = self._claim.spared, self._experiment.natives.arm(self._target)
        assert spared is not None
        natives = self._shared.natives(spared, self._claim)
        beside = natives.assay.measured_by(natives.trait.measure, own)
        beside = beside.called("beside", f"its own {self._trait} vector")
        native = natives.arm(self._target).called("native", f"its own {spared} vector")
        assessment = assess_spares(
            self._name,
            beside.doses,
            own=own.doses,
            native=native.doses,
            controls=[
                (trait, self._shared.positive_control(trait, self._target, criterion))
                for trait in (self._trait, spared)
            ],
            criterion=criterion,
            identity_holds=self._shared.identity(own),
            preconditions=self._checks,
        )
        matrix = selectivity_matrix(
            lambda trait: self._shared.natives(trait, self._claim),
            list(self._shared.experiments.laboratory.prompts.traits),
            self._target,
        )
        return Measured(assessment=assessment, arms=(beside, native), figures=(matrix,))

    def _fails(self, criterion: Fails) -> Measured:
        experiment, target = self._experiment, self._target
        try:
            raw = experiment.raw(target)
        except UnequalWidths as reason:
            return Measured(
                assessment=not_applicable(self._name, criterion, str(reason)),
                arms=(experiment.zero_padded(target), experiment.natives.arm(target)),
            )
        native = experiment.natives.at(target, raw.chosen_norm)
        assessment = assess_fails(
            self._name,
            raw.doses,
            native=native.doses,
            positive_control=self._positive_control(criterion),
            criterion=criterion,
            identity_holds=self._shared.identity(raw),
            preconditions=self._checks,
        )
        shown = experiment.raw_at_analogous_site(target)
        random = experiment.controls.random(raw)
        return Measured(
            assessment=assessment,
            arms=(raw, native, shown),
            controls=_of_random(random),
            random=random[0],
        )

    def _copied(self, criterion: Works) -> Measured:
        """Raw transfer that is expected to work, within a family."""
        experiment, target = self._experiment, self._target
        try:
            raw = experiment.raw(target)
        except UnequalWidths as reason:
            return Measured(assessment=not_applicable(self._name, criterion, str(reason)))
        native = experiment.natives.at(target, raw.chosen_norm)
        random = experiment.controls.random(raw)
        controls = Controls(
            random=tuple(arm.doses for arm in random),
            unrelated=(experiment.controls.unrelated(raw, experiment.unrelated).doses,),
        )
        assessment = assess_works(
            self._name,
            raw.doses,
            native=native.doses,
            raw=None,
            positive_control=self._positive_control(criterion),
            controls=controls,
            criterion=criterion,
            identity_holds=self._shared.identity(raw),
            preconditions=self._checks,
        )
        return Measured(
            assessment=assessment, arms=(raw, native), controls=controls, random=random[0]
        )

    def _works(self, criterion: Works) -> Measured:
        experiment, target, claim = self._experiment, self._target, self._claim
        assert claim.regime is not None
        if claim.placed == "as native":
            adapted = experiment.adapted_as_native(target, claim.regime, claim.adapter)
            native = experiment.natives.arm(target)
        else:
            adapted = experiment.adapted(target, claim.regime, claim.adapter)
            native = experiment.natives.at(target, adapted.chosen_norm)
        try:
            raw = experiment.raw(target)
        except UnequalWidths:
            raw = None
        of = experiment.controls
        random = of.random(adapted)
        controls = Controls(
            random=tuple(arm.doses for arm in random),
            shuffled=tuple(arm.doses for arm in of.shuffled(adapted, claim.regime)),
            unrelated=(of.unrelated(adapted, experiment.unrelated).doses,),
        )
        assessment = assess_works(
            self._name,
            adapted.doses,
            native=native.doses,
            raw=raw.doses if raw is not None else None,
            positive_control=self._positive_control(criterion),
            controls=controls,
            criterion=criterion,
            identity_holds=self._shared.identity(adapted),
            preconditions=[*self._checks, self._learned(adapted, claim.regime)],
        )
        arms = (adapted, native) if raw is None else (adapted, native, raw)
        return Measured(assessment=assessment, arms=arms, controls=controls, random=random[0])

    def _explored(self, criterion: Exceeds) -> Measured:
        assert self._claim.study is not None
        own = self._experiment.natives.arm(self._target)
        look = Explorer(
            self._shared.experiments,
            self._experiment,
            self._pair,
            name=self._name,
            diagnostic=self._claim.diagnostic,
            criterion=criterion,
            positive_control=self._positive_control(criterion),
            identity_holds=self._shared.identity(own),
            checks=self._checks,
        )
        return STUDIES[self._claim.study](look)

    def _positive_control(self, criterion: Criterion) -> Assessment:
        return self._shared.positive_control(self._trait, self._target, criterion)

    def _learned(self, adapted: Arm, regime: Regime) -> Precondition:
        """Whether the adapter predicts held-out rows better than the maps of shuffled pairs do."""
        mixed = self._experiment.controls.shuffled_adapters(adapted, regime)
        assert adapted.adapter is not None
        return adapter_learned(adapted.adapter.r2_held_out, [map_.r2_held_out for map_ in mixed])
