"""What is put to the models of a run: four disjoint splits of prompts, and traits."""

from collections.abc import Callable
from dataclasses import dataclass

from prefvec.experiments.known_traits import DEFAULT, trait_of, traits_of
from prefvec.experiments.options import Options
from prefvec.organisms import material
from prefvec.shipped import SHIPPED
from prefvec.text.prompts import Prompt, contrast_pairs, prompt_set_hash, require_disjoint
from prefvec.text.splits import load_splits
from prefvec.text.traits import Trait

QUESTIONS = SHIPPED / "questions.jsonl"
"""What models that know the real world are asked where a run names no other file."""
TUNING_PROMPTS = 80
"""Enough that, at two doses and one sample each, the standard error of a coherence loss is below
half of the 5 points that the search allows: sqrt(0.1 · 0.9 / 160) is 2.4 points. With fewer, the
search prefers doses whose loss was underestimated."""
UNRELATED = "formality"
"""The trait that is another than the run's, unless it is the run's."""


@dataclass(frozen=True, kw_only=True)
class Material:
    """Everything that is put to the models.

    Attributes:
        splits: the four disjoint sets of prompts.
        trait: what the run is about.
        traits: all that are known, by name, the run's own among them.
        cluster: what a test prompt is about, for clustered errors.
    """

    splits: dict[str, list[Prompt]]
    trait: Trait
    traits: dict[str, Trait]
    cluster: Callable[[str], str]

    def __post_init__(self) -> None:
        require_disjoint(dict(self.splits))

    @property
    def unrelated(self) -> Trait:
        """Another trait, carried through the adapter as a control."""
        return self.traits[DEFAULT if self.trait.name == UNRELATED else UNRELATED]

    def describe(self) -> list[dict[str, object]]:
        """The splits, as the report shows them."""
        return [
            {
                "name": name,
                "topics": sorted({prompt.topic for prompt in prompts}),
                "n_prompts": len(prompts),
                "fingerprint": prompt_set_hash(self._put(name)),
            }
            for name, prompts in self.splits.items()
        ]

    def _put(self, split: str) -> list[Prompt]:
        """The prompts of a split as they are put to a model, under their instructions."""
        prompts = self.splits[split]
        if split != "extraction":
            return prompts
        poles = self.trait.positive.extraction, self.trait.negative.extraction
        pairs = contrast_pairs(prompts, *poles)
        return [prompt for pair in pairs for prompt in (pair.positive, pair.negative)]


def organism_material(options: Options) -> Material:
    """Questions about the small world."""
    counts = {
        "extraction": 24 if options.quick else 100,
        "adapter": 400,
        "tuning": 12 if options.quick else TUNING_PROMPTS,
        "test": options.n_prompts,
    }
    trait = trait_of(options.trait, organisms=True)
    return Material(
        splits={name: material.prompts_of(name, count) for name, count in counts.items()},
        trait=trait,
        traits={**traits_of(True), trait.name: trait},
        cluster=material.about,
    )


def question_material(options: Options) -> Material:
    """Open questions for models that know the real world."""
    splits = load_splits(options.prompts or QUESTIONS)
    trait = trait_of(options.trait, organisms=False)
    limits = {"test": options.n_prompts, "tuning": TUNING_PROMPTS}
    if options.quick:
        limits |= {"extraction": 24, "tuning": 12}
    return Material(
        splits={name: found[: limits.get(name)] for name, found in splits.items()},
        trait=trait,
        traits={**traits_of(False), trait.name: trait},
        cluster={p.id: p.topic for p in splits["test"]}.__getitem__,
    )
