"""What a claim's file states: one class for each kind of claim, with what drives its measurement.

Controls and references are facts of the class: the record prints them, and the measurement loops
over them.
"""

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, Protocol, TypeVar, runtime_checkable

from prefvec.errors import PrefvecError
from prefvec.experiments.pairs import Pair, slug
from prefvec.experiments.regimes import Regime
from prefvec.text.traits import PoleName, Trait
from prefvec.verdicts.between_models import Generalises
from prefvec.verdicts.criteria import Criterion, Exceeds, Fails, Spares, Steers, Works
from prefvec.verdicts.tuned_criteria import TunedSteers, TunedWorks
from prefvec.vocabulary import THREE_FINDINGS

Control = Literal[
    "random directions", "shuffled maps", "random source directions", "unrelated concept"
]
"""What is measured beside an arm: signed permutations of the target's own vector, maps of rows
paired at random, signed permutations of the source's vector through the real map, and another
concept carried the same way."""
Reference = Literal["native", "raw", "target-only"]
"""What an arm is compared with: the target's own vector, the copied one, and what the regime's rows
alone give the target."""
AdapterMethod = Literal[
    "ridge", "orthogonal_procrustes", "reduced_rank", "concept_deltas", "autoencoder"
]
Estimator = Literal["difference_in_means", "single_pair", "first_principal_component"]
TuningMethod = Literal["LoRRA", "RAHF-SCIT", "RAHF-DUAL"]
"""How a preference is tuned in: Zou et al. 2023; Liu et al. 2024, from one model or from two."""
StudyName = Literal[
    "exposure",
    "reference deltas",
    "paired prompts",
    "layers",
    "layers, later",
    "foresight",
    "resampling",
]

SomeClaim = TypeVar("SomeClaim", bound="Claim")
SomeClaimOfVector = TypeVar("SomeClaimOfVector", bound="ClaimOfVector")

CAA: Estimator = "difference_in_means"
"""The estimator of every reference (Panickssery et al. 2023, contrastive activation addition)."""
ESTIMATORS: dict[Estimator, str] = {
    "difference_in_means": "the difference in means",
    "single_pair": "a single pair",
    "first_principal_component": "the first principal component",
}
"""What people read for each way to find a vector."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One finding, stated before anything is generated.

    Attributes:
        id: names it for good; `{source}`, `{target}`, `{trait}` and `{estimator}` stand for what
            it is about.
        title: the finding as a plain sentence; besides those `{regime}`, `{positive}` and
            `{negative}`, the names of the trait's poles, and `{spared}`.
        criterion: what it must show, of one of the kinds that the class `takes`.
        question: the row of the larger question it belongs to.
        trait: the trait it is about; None for the run's own.
        samples: answers per prompt and dose in the confirmatory arms, at most; a row beside the
            three findings needs fewer.
        organisms: the pairs of organisms it is about where a run names no models; those of the
            run when empty.
        judged: whether the run's judge measures it, whatever the trait's own measure: the same
            answers at the same judged cell, marked by the trait's rubrics.

    Raises:
        PrefvecError: if the criterion is of another kind than the class takes.
    """

    takes: ClassVar[tuple[type[Criterion], ...]] = ()
    id: str
    title: str
    criterion: Criterion
    question: str = THREE_FINDINGS
    trait: str | None = None
    samples: int | None = None
    organisms: tuple[Pair, ...] = ()
    judged: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.criterion, self.takes):
            kinds = " or ".join(kind.__name__ for kind in self.takes)
            raise PrefvecError(
                f"The claim {self.id!r} is a {type(self).__name__} and has a criterion of kind "
                f"{type(self.criterion).__name__}. State {kinds or 'one of the kinds of claim'}, "
                "or choose another kind of claim."
            )

    @property
    def controls(self) -> tuple[Control, ...]:
        """What is measured beside its arm, in this order."""
        return ()

    @property
    def references(self) -> tuple[Reference, ...]:
        """What its arm is compared with."""
        return ()

    @property
    def about_source(self) -> bool:
        """Whether it is about one model, and not about a transfer."""
        return False

    @property
    def over_all_pairs(self) -> bool:
        """Whether it is one claim over all pairs of the run's models together."""
        return False

    @property
    def about_organisms(self) -> bool:
        """Whether it names organisms that stand in a relation, which named models need not."""
        return bool(self.organisms)

    @property
    def family(self) -> str:
        """Which claims about one source × target Holm's correction counts together."""
        return self.question

    def variant(self: SomeClaim, **differs: Any) -> SomeClaim:
        """The same claim with some of its parts stated otherwise."""
        return replace(self, **differs)

    def of_traits(self: SomeClaim, *traits: str, criterion: Criterion) -> tuple[SomeClaim, ...]:
        """The same claim about each of several traits, by a criterion in their measure."""
        return tuple(self.variant(trait=trait, criterion=criterion) for trait in traits)

    def name(self, pair: Pair) -> str:
        """The id for these models, in characters that a file, a link and pytest accept."""
        return self.id.format(
            source=slug(pair.source), target=slug(pair.target), trait=self.trait, **self._in_id()
        )

    def brief(self, pair: Pair) -> str:
        """The finding in a few words, for the margin of a figure."""
        models = {
            "-{source}-to-{target}": f" → {pair.target}",
            "-in-{source}": f", {pair.source}",
            "-{source}": f", {pair.source}",
            "": "",
        }
        ending = next(each for each in models if self.id.endswith(each))
        words = self.variant(id=self.id.removesuffix(ending)).name(pair).replace("-", " ")
        return f"{words[:1].upper()}{words[1:]}{models[ending]}"

    def in_roles(self, pair: Pair, traits: dict[str, Trait], run_trait: Trait) -> str | None:
        """The title about "the source" and "the target"; None of one that names no model."""
        if "{source}" not in self.title and "{target}" not in self.title:
            return None
        roles = Pair(source="the source", target="the target")
        if pair.source == pair.target:
            roles = Pair.alone("the model")
        told = self.sentence(roles, traits, run_trait)
        return f"{told[:1].upper()}{told[1:]}"

    def sentence(self, pair: Pair, traits: dict[str, Trait], run_trait: Trait) -> str:
        """The title for these models.

        Args:
            pair: the models.
            traits: the traits that are known, by name.
            run_trait: the one that a claim without a trait of its own is about.
        """
        trait = run_trait if self.trait is None else traits[self.trait]
        return self.title.format(
            source=pair.source,
            target=pair.target,
            trait=trait.name,
            positive=trait.positive.name,
            negative=trait.negative.name,
            **self._in_title(),
        )

    def _in_id(self) -> dict[str, str]:
        """What else can stand in the id."""
        return {}

    def _in_title(self) -> dict[str, str]:
        """What else can stand in the title."""
        return {}


@dataclass(frozen=True, kw_only=True)
class ClaimOfVector(Claim):
    """A claim about a vector that is found in one way.

    Attributes:
        estimator: how it is found.
    """

    estimator: Estimator = CAA

    def of_estimators(
        self: SomeClaimOfVector, *estimators: Estimator
    ) -> tuple[SomeClaimOfVector, ...]:
        """The same claim about vectors that are found in each of several ways."""
        return tuple(replace(self, estimator=estimator) for estimator in estimators)

    def _in_id(self) -> dict[str, str]:
        return {"estimator": slug(self.estimator)}

    def _in_title(self) -> dict[str, str]:
        return {"estimator": ESTIMATORS[self.estimator]}


@dataclass(frozen=True, kw_only=True)
class SelfSteering(ClaimOfVector):
    """That a vector steers the model it was taken from.

    Attributes:
        vector: "own", the trait's; "null", the mean difference of two random halves of turns that
            ask for nothing, at the judged cell.
        under: the pole that every test question asks for already, for steering on top of asking.
    """

    takes = (Steers,)
    vector: Literal["own", "null"] = "own"
    under: PoleName | None = None

    @property
    def controls(self) -> tuple[Control, ...]:
        """Random directions."""
        return ("random directions",)

    @property
    def about_source(self) -> bool:
        """One model, with its own vector."""
        return True


@dataclass(frozen=True, kw_only=True)
class RawTransfer(ClaimOfVector):
    """That a vector, copied coordinate by coordinate, fails (`Fails`) or works (`Works`)."""

    takes = (Fails, Works)

    @property
    def controls(self) -> tuple[Control, ...]:
        """Random directions; of a copy that works, another concept, too."""
        if isinstance(self.criterion, Fails):
            return ("random directions",)
        return ("random directions", "unrelated concept")

    @property
    def references(self) -> tuple[Reference, ...]:
        """The target's own vector."""
        return ("native",)


@dataclass(frozen=True, kw_only=True)
class AdaptedTransfer(ClaimOfVector):
    """That an adapter carries a vector across.

    Attributes:
        regime: what the adapter may read.
        adapter: how it is fitted.
    """

    takes = (Works,)
    regime: Regime
    adapter: AdapterMethod = "ridge"

    @property
    def controls(self) -> tuple[Control, ...]:
        """Random directions, shuffled maps, random sources and another concept by the same map."""
        return (
            "random directions",
            "shuffled maps",
            "random source directions",
            "unrelated concept",
        )

    @property
    def references(self) -> tuple[Reference, ...]:
        """The target's own vector, the copied one where widths are equal, and the rows' own."""
        exposed: tuple[Reference, ...] = ("target-only",) if self.regime.exposure else ()
        return ("native", "raw", *exposed)

    def _in_title(self) -> dict[str, str]:
        return super()._in_title() | {"regime": self.regime.name}


@dataclass(frozen=True, kw_only=True)
class CarriedExceedsNative(AdaptedTransfer):
    """That the vector of an instruction-tuned model does more in a base model than its own does.

    Its arms, references and controls are those of `AdaptedTransfer` with the same regime, so that
    it needs no answers besides. Of other pairs it is NOT APPLICABLE.
    """

    takes = (Exceeds,)


@dataclass(frozen=True, kw_only=True)
class Selectivity(Claim):
    """That steering one trait leaves another alone.

    Attributes:
        spared: the trait that is left alone.
    """

    takes = (Spares,)
    spared: str

    @property
    def references(self) -> tuple[Reference, ...]:
        """The model's own vector of the spared trait."""
        return ("native",)

    @property
    def about_source(self) -> bool:
        """One model, with its own vectors."""
        return True

    def _in_title(self) -> dict[str, str]:
        return {"spared": self.spared}


@dataclass(frozen=True, kw_only=True)
class Exploration(ClaimOfVector):
    """One contrast, stated beforehand, of a look around: few prompts, many cells.

    Attributes:
        study: what is looked at.
        diagnostic: what the study "foresight" holds against held-out R².
        over_pairs: whether it is one claim over all pairs of the run's models together.
    """

    takes = (Exceeds,)
    study: StudyName
    diagnostic: str | None = None
    over_pairs: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.study == "foresight") != (self.diagnostic is not None):
            raise PrefvecError(
                f"The claim {self.id!r}: the study 'foresight' holds one `diagnostic` against "
                "held-out R², and no other study takes one. State it there, or leave it out."
            )

    @property
    def references(self) -> tuple[Reference, ...]:
        """The target's own vector, which must steer it."""
        return ("native",)

    @property
    def about_source(self) -> bool:
        """All pairs together belong to no target."""
        return self.over_pairs

    @property
    def over_all_pairs(self) -> bool:
        """As it states."""
        return self.over_pairs

    @property
    def family(self) -> str:
        """By themselves, so that a run without explorations corrects the others as much."""
        return f"{self.question}, explored"


@dataclass(frozen=True, kw_only=True)
class BetweenModels(Claim):
    """That transfer fails or works between models of different architectures, whichever they are.

    Every source's vector goes into every target but its siblings, which are shown apart; the
    target is the unit.

    Attributes:
        sources: the organisms whose vectors are carried.
        targets: the organisms that they are carried into.
        regime: what the adapters may read; None for vectors that are copied raw.
        adapter: how adapters are fitted.
    """

    takes = (Generalises,)
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    regime: Regime | None = None
    adapter: AdapterMethod = "ridge"

    @property
    def references(self) -> tuple[Reference, ...]:
        """Each target's own vector."""
        return ("native",)

    @property
    def about_source(self) -> bool:
        """All pairs together belong to no target."""
        return True

    @property
    def over_all_pairs(self) -> bool:
        """One claim over all of them."""
        return True

    @property
    def about_organisms(self) -> bool:
        """Training seeds cannot be told from two names."""
        return True

    @property
    def what(self) -> str:
        """Which vectors were carried, as the end of a sentence."""
        return f"vectors adapted on {self.regime.name}" if self.regime else "vectors copied raw"

    def _in_title(self) -> dict[str, str]:
        return {"regime": self.regime.name} if self.regime else {}


@dataclass(frozen=True, kw_only=True)
class Tuning(Claim):
    """That a trait tuned into a model moves its answers, at the disturbance of the judged cell.

    By `TunedSteers` both ways and by dose; by `TunedWorks` as much as a share of what the model's
    own vector does; by `Exceeds` more than asking for either pole does.

    Attributes:
        method: how it is tuned in.
    """

    takes = (TunedSteers, TunedWorks, Exceeds)
    method: TuningMethod

    @property
    def controls(self) -> tuple[Control, ...]:
        """Random directions; where it is held to the model's own vector, another concept, too."""
        if isinstance(self.criterion, Exceeds):
            return ()
        if isinstance(self.criterion, TunedWorks):
            return ("random directions", "unrelated concept")
        return ("random directions",)

    @property
    def references(self) -> tuple[Reference, ...]:
        """The model's own vector, unless the claim is that it moves at all."""
        return () if isinstance(self.criterion, TunedSteers) else ("native",)

    @property
    def about_source(self) -> bool:
        """One model, and what is tuned into it."""
        return True

    def _in_title(self) -> dict[str, str]:
        return super()._in_title() | {"method": self.method}

    def _in_id(self) -> dict[str, str]:
        return super()._in_id() | {"method": slug(self.method)}


@dataclass(frozen=True, kw_only=True)
class CarriedTuning(AdaptedTransfer):
    """That a vector which an adapter carries across serves as RAHF's target in the other model."""

    takes = (TunedWorks,)

    @property
    def controls(self) -> tuple[Control, ...]:
        """Random directions, and another concept by the same map, tuned in the same way."""
        return ("random directions", "unrelated concept")

    @property
    def references(self) -> tuple[Reference, ...]:
        """The target's own vector."""
        return ("native",)


@dataclass(frozen=True, kw_only=True)
class TunedFamily(RawTransfer):
    """That a vector, copied raw, steers the child that was tuned from its model, or the parent.

    Attributes:
        method: how the child was tuned, towards the positive pole.
        into: whose stream the other one's vector is put into.
    """

    takes = (Works,)
    method: TuningMethod = "LoRRA"
    into: Literal["child", "parent"] = "child"

    @property
    def about_source(self) -> bool:
        """One model, and the child that is made of it."""
        return True


@runtime_checkable
class Judging(Protocol):
    """What the fixture `judge` gives to a claim's test: it measures, judges and records it."""

    def __call__(self, claim: Claim, pair: Pair) -> None:
        """End the test by the outcome of one claim about one pair of models."""
        ...
