"""What a claim's file states: the arms, the comparison, the controls and the criterion."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from prefvec.errors import PrefvecError
from prefvec.experiments.arms import PoleName
from prefvec.experiments.pairs import Pair, slug
from prefvec.experiments.regimes import Regime
from prefvec.text.traits import Trait
from prefvec.verdicts.criteria import Criterion

Control = Literal["random directions", "shuffled maps", "unrelated concept"]
AdapterMethod = Literal["ridge", "orthogonal_procrustes", "concept_deltas"]
Estimator = Literal["difference_in_means", "single_pair", "first_principal_component"]
THREE_FINDINGS = "the three findings"
"""The question that everything else stands beside."""

StudyName = Literal[
    "exposure", "reference deltas", "paired prompts", "layers", "foresight", "resampling"
]

_MAPPED: tuple[Control, ...] = ("random directions", "shuffled maps", "unrelated concept")
_NEEDED: dict[tuple[str, str], tuple[str | None, tuple[Control, ...]]] = {
    ("steers", "native"): (None, ("random directions",)),
    ("steers", "null"): (None, ("random directions",)),
    ("spares", "native"): (None, ()),
    ("fails", "raw"): ("native", ()),
    ("works", "raw"): ("native", ("random directions", "unrelated concept")),
    ("works", "adapted"): ("native", _MAPPED),
    ("exceeds", "explored"): (None, ()),
}
"""Of each kind of criterion and arm: what it is judged against, and its controls."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One finding, stated before anything is generated.

    Attributes:
        id: names it for good; `{source}`, `{target}`, `{trait}` and `{estimator}` stand for what
            it is about.
        title: the finding as a plain sentence; besides those `{regime}`, `{positive}` and
            `{negative}`, the names of the trait's poles, and `{spared}`.
        arm: what is judged.
        criterion: what it must show.
        question: the row of the larger question it belongs to.
        trait: the trait it is about; None for the run's own.
        estimator: how the vector is found.
        against: the arm it is measured against.
        beyond: the arm it must exceed where that is defined.
        controls: what must do less.
        regime: what the adapter may read.
        adapter: how the adapter is fitted; the arm 'adapted' alone has one.
        placed: "searched", where the one search of every arm puts it; "as native", at the
            source's own site and the norm of the target's own vector, for the arm 'adapted' of a
            known answer whose construction speaks of one site.
        under: the pole that every test question asks for already, for steering on top of asking.
        spared: the trait that the vector must leave alone.
        study: the exploration that measures it, for the arm 'explored'.
        diagnostic: what the study "foresight" holds against held-out R².
        over_pairs: whether it is one claim over all pairs of the run's models together.
        samples: answers per prompt and dose in the confirmatory arms, at most; a row beside the
            three findings needs fewer.
        organisms: the pairs of organisms it is about where a run names no models; those of the
            run when empty.
    """

    id: str
    title: str
    arm: Literal["native", "null", "raw", "adapted", "explored"]
    criterion: Criterion
    question: str = THREE_FINDINGS
    trait: str | None = None
    estimator: Estimator = "difference_in_means"
    against: Literal["native"] | None = None
    beyond: Literal["raw"] | None = None
    controls: tuple[Control, ...] = ()
    regime: Regime | None = None
    adapter: AdapterMethod = "ridge"
    placed: Literal["searched", "as native"] = "searched"
    under: PoleName | None = None
    spared: str | None = None
    study: StudyName | None = None
    diagnostic: str | None = None
    over_pairs: bool = False
    samples: int | None = None
    organisms: tuple[Pair, ...] = ()

    def __post_init__(self) -> None:
        kind = self.criterion.kind
        if (kind, self.arm) not in _NEEDED:
            fitting = [arm for of, arm in _NEEDED if of == kind]
            raise PrefvecError(
                f"The claim {self.id!r} has a criterion of kind {kind!r}, which judges the arm "
                f"{' or '.join(map(repr, fitting))} and not {self.arm!r}. State such an arm, or "
                "choose another criterion."
            )
        against, controls = _NEEDED[kind, self.arm]
        if (self.against, self.controls) != (against, controls):
            raise PrefvecError(
                f"The claim {self.id!r} has a criterion of kind {kind!r}, which judges the arm "
                f"{self.arm!r} against {against!r} with the controls {controls}. State those."
            )
        if (self.regime is not None) != (self.arm == "adapted"):
            raise PrefvecError(
                f"The claim {self.id!r}: a regime says what an adapter has read. State one for "
                "the arm 'adapted', and for no other."
            )
        if (self.spared is not None) != (kind == "spares"):
            raise PrefvecError(
                f"The claim {self.id!r}: `spared` names the trait that a vector leaves alone. "
                "State one with the criterion Spares, and with no other."
            )
        if (self.study is not None) != (self.arm == "explored"):
            raise PrefvecError(
                f"The claim {self.id!r}: `study` names the exploration that measures the arm "
                "'explored'. State one for that arm, and for no other."
            )
        if self.under is not None and self.arm != "native":
            raise PrefvecError(
                f"The claim {self.id!r}: only a model's own vector is judged on top of asking. "
                "Leave `under` out, or state the arm 'native'."
            )

    @property
    def about_source(self) -> bool:
        """Whether it is about one model, and not about a transfer."""
        return self.arm in ("native", "null") or self.over_pairs

    @property
    def family(self) -> str:
        """Which claims about one source × target Holm's correction counts together.

        Those of one question; explorations by themselves, so that a run without them corrects
        the others as much.
        """
        return self.question if self.study is None else f"{self.question}, explored"

    def variant(self, **differs: Any) -> "Claim":
        """The same claim with some of its parts stated otherwise."""
        return replace(self, **differs)

    def of_traits(self, *traits: str, criterion: Criterion) -> tuple["Claim", ...]:
        """The same claim about each of several traits, by a criterion in their measure."""
        return tuple(self.variant(trait=trait, criterion=criterion) for trait in traits)

    def of_estimators(self, *estimators: Estimator) -> tuple["Claim", ...]:
        """The same claim about vectors that are found in each of several ways."""
        return tuple(replace(self, estimator=estimator) for estimator in estimators)

    def name(self, pair: Pair) -> str:
        """The id for these models, in characters that a file, a link and pytest accept."""
        return self.id.format(
            source=slug(pair.source),
            target=slug(pair.target),
            trait=self.trait,
            estimator=slug(self.estimator),
        )

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
            regime=self.regime.name if self.regime is not None else "",
            trait=trait.name,
            positive=trait.positive.name,
            negative=trait.negative.name,
            spared=self.spared,
            estimator=ESTIMATORS[self.estimator],
        )


ESTIMATORS: dict[Estimator, str] = {
    "difference_in_means": "the difference in means",
    "single_pair": "a single pair",
    "first_principal_component": "the first principal component",
}
"""What people read for each way to find a vector."""
