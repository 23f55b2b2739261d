"""What every kind of claim states in its file, with what drives its measurement.

Controls and references are facts of the class, which the record prints: what a measurement puts
beside an arm is named here.
"""

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, Protocol, TypeVar, runtime_checkable

from prefvec.errors import PrefvecError
from prefvec.experiments.pairs import Pair, slug
from prefvec.text.traits import Trait
from prefvec.verdicts.criteria import Criterion
from prefvec.vocabulary import THREE_FINDINGS

Control = Literal[
    "random directions", "shuffled maps", "random source directions", "unrelated concept"
]
"""What is measured beside an arm: signed permutations of the target's own vector, maps of rows
paired at random, signed permutations of the source's vector through the real map, and another
concept carried the same way."""
Reference = Literal["native", "raw", "target-only", "asking", "another adapter"]
"""What an arm is compared with: the target's own vector, the copied one, what the regime's rows
alone give the target, what asking for either pole does, and what another adapter carries."""
Estimator = Literal["difference_in_means", "single_pair", "first_principal_component"]

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
        spelled = self._in_title()
        for what, part in self._in_id().items():
            if part == slug(spelled.get(what, "")):
                words = words.replace(part.replace("-", " "), spelled[what])
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
class AboutOneModel(Claim):
    """A claim about one model, and what is found in it, tuned into it or made of it."""

    @property
    def about_source(self) -> bool:
        """It is not about a transfer between two."""
        return True


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


@runtime_checkable
class Judging(Protocol):
    """What the fixture `judge` gives to a claim's test: it measures, judges and records it."""

    def __call__(self, claim: Claim, pair: Pair) -> None:
        """End the test by the outcome of one claim about one pair of models."""
        ...
