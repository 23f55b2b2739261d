"""What is put to the models of a run: four disjoint splits of prompts, and traits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from prefvec.errors import PrefvecError
from prefvec.experiments.known_traits import DEFAULT, trait_of, traits_of
from prefvec.experiments.options import Options
from prefvec.experiments.question_sets import file_of
from prefvec.experiments.subject import Subject
from prefvec.text.completions import Completion
from prefvec.text.metrics import words
from prefvec.text.prompts import Prompt, contrast_pairs, prompt_set_hash, require_disjoint
from prefvec.text.rubrics import by_judge
from prefvec.text.statement_files import load_statements
from prefvec.text.traits import Trait

UNRELATED = "formality"
"""The trait that is another than the run's, unless it is the run's."""


@dataclass(frozen=True, kw_only=True)
class Material:
    """Everything that is put to the models.

    Attributes:
        subject: what it is about, and how answers are read.
        splits: the four disjoint sets of prompts.
        trait: what the run is about.
        traits: all that are known, by name, the run's own among them.
        cluster: what a test prompt is about, for clustered errors.
    """

    subject: Subject
    splits: dict[str, list[Prompt]]
    trait: Trait
    traits: dict[str, Trait]
    cluster: Callable[[str], str]

    def __post_init__(self) -> None:
        require_disjoint(dict(self.splits))

    @classmethod
    def of(cls, options: Options) -> "Material":
        """The prompts and traits of a run."""
        subject = options.subject
        file = None if options.questions is None else file_of(options.questions)
        splits = subject.splits(file, n_test=options.n_prompts, quick=options.quick)
        trait = trait_of(options.trait, subject)
        return cls(
            subject=subject,
            splits=splits,
            trait=trait,
            traits={**traits_of(subject), trait.name: trait},
            cluster=subject.clusters(splits["test"]),
        )

    @property
    def statements(self) -> tuple[tuple[Prompt, str], ...]:
        """Neutral statements, each as the answer to a request without instruction."""
        return load_statements(self.subject.statements)

    @property
    def unrelated(self) -> Trait:
        """Another trait, carried through the adapter as a control."""
        return self.traits[DEFAULT if self.trait.name == UNRELATED else UNRELATED]

    def known(self, name: str | None) -> Trait:
        """A trait by name; the run's own when None.

        Raises:
            PrefvecError: if the run's material does not have it.
        """
        if name is None:
            return self.trait
        if name not in self.traits:
            raise PrefvecError(
                f"The trait {name!r} is not known for these models ({', '.join(self.traits)}). "
                "Its claims are about the organisms; give --trait FILE to judge one of your own."
            )
        return self.traits[name]

    def another(self, trait: str) -> str:
        """The name of a concept other than a trait, which goes the same way as a control."""
        other = self.unrelated.name
        return other if other != trait else self.trait.name

    def poles_shown(self, trait: str, answers: Sequence[Completion]) -> list[float] | None:
        """Which pole of a trait each answer shows, where the models' world knows it.

        A balance says it of one answer. Of lengths, long is longer than the median of all.

        Args:
            trait: its name.
            answers: unsteered ones, of both poles.

        Returns:
            Above 0 for the positive pole, below it for the other, 0 for neither; None where no
            world knows.
        """
        shipped = traits_of(self.subject).get(trait)
        if shipped is None or by_judge(shipped.measure) or not answers:
            return None
        if self.subject.kind != "organisms":
            return None
        measure = shipped.measure
        if measure.of_length:
            lengths = np.array([words(answer.text) for answer in answers], float)
            return (measure.sign * np.sign(lengths - np.median(lengths))).tolist()
        counts = np.array([measure.count(answer) for answer in answers], float)
        return (measure.sign * np.sign(counts[:, 0] - counts[:, 1])).tolist()

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
