"""The rows of an adapter that has read nothing but the mean differences of other concepts."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch

from prefvec.adapters import Adapter, concept_deltas, delta_rows, replicated
from prefvec.errors import PrefvecError
from prefvec.experiments.lab import Lab
from prefvec.experiments.own_vectors import contrast
from prefvec.experiments.pairs import Pair
from prefvec.experiments.regimes import Regime
from prefvec.remembered import remembered
from prefvec.vectors.activations import Activations, concatenate
from prefvec.vectors.extraction import difference_in_means
from prefvec.vectors.residual import Site

Contrast = tuple[Activations, Activations]
"""What a model holds under the positive and under the negative pole, prompt by prompt."""


@dataclass(frozen=True, kw_only=True)
class Deltas:
    """Concept deltas of two models at two sites, and whether a map of them has learnt them.

    A map of k deltas cannot be judged on other concepts: it has rank k, and to leave one of a
    handful out is to judge another map. So it is asked what it can be asked, whether deltas from
    one half of the prompts predict those of the same concepts from the other half; a map of
    shuffled rows, whose target deltas are noise, does not.

    Attributes:
        regime: what is read.
        trait: the trait that is not.
        pair: the models.
        source_site: where the source is read.
        target_site: where the target is.
    """

    regime: Regime
    trait: str
    pair: Pair
    source_site: Site
    target_site: Site

    def rows(self, lab: Lab) -> tuple[Activations, Activations]:
        """The deltas of source and target, one row for each concept."""
        return self._ours(lab, _whole), self._theirs(lab, _whole)

    def judged(self, lab: Lab, fitted: Adapter) -> Adapter:
        """The adapter with its R² over halves of the prompts."""
        halves = [(self._ours(lab, half), self._theirs(lab, half)) for half in (_even, _odd)]
        return replace(fitted, r2_held_out=replicated(*halves))

    def shuffled(self, lab: Lab, seed: int) -> Adapter:
        """A map to deltas of the target's rows, dealt to concepts and poles at random."""

        def mixed(half: Half) -> Activations:
            place = self.pair.target, self.target_site
            return _mixed(lab, self.regime, self.trait, *place, half, seed)

        truth = self._theirs(lab, _odd)
        r2 = replicated((self._ours(lab, _even), mixed(_even)), (self._ours(lab, _odd), truth))
        fitted = concept_deltas(self._ours(lab, _whole), mixed(_whole), against_shuffled=False)
        return replace(fitted, r2_held_out=r2)

    def _ours(self, lab: Lab, half: "Half") -> Activations:
        return _rows(lab, self.regime, self.trait, self.pair.source, self.source_site, half)

    def _theirs(self, lab: Lab, half: "Half") -> Activations:
        return _rows(lab, self.regime, self.trait, self.pair.target, self.target_site, half)


def concepts(lab: Lab, regime: Regime, trait: str) -> list[str]:
    """The concepts a regime has read, all but the trait; formality is the first of them.

    Raises:
        PrefvecError: if these models have fewer other concepts than the regime reads.
    """
    material = lab.material
    first = [name for name in (material.unrelated.name,) if name != trait]
    others = [name for name in material.traits if name not in (trait, *first)]
    found = [*first, *others][: regime.concepts]
    if len(found) < (regime.concepts or 1):
        raise PrefvecError(
            f"The regime {regime.name!r} reads {regime.concepts or 'some'} other concepts than "
            f"{trait}, and these models have {len(found)}. Add trait files to the suite's "
            "folder, or leave its claims out."
        )
    return found


def read_concepts(lab: Lab, name: str, regime: Regime, trait: str) -> None:
    """Read every concept while the model is in memory."""
    for concept in concepts(lab, regime, trait):
        contrast(lab, name, concept)


@remembered
def _rows(lab: Lab, regime: Regime, trait: str, name: str, site: Site, half: "Half") -> Activations:
    read = concepts(lab, regime, trait)
    contrasts = [_contrast_at(lab, name, concept, site) for concept in read]
    halves = [(half(positive), half(negative)) for positive, negative in contrasts]
    return _deltas(list(zip(read, halves, strict=True)))


def _mixed(
    lab: Lab, regime: Regime, trait: str, name: str, site: Site, half: "Half", seed: int
) -> Activations:
    """Deltas of rows that were dealt to concepts and poles at random."""
    read = concepts(lab, regime, trait)
    sides = [half(side) for c in read for side in _contrast_at(lab, name, c, site)]
    whole = concatenate(sides)
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(whole), generator=generator).tolist()
    bounds = [0, *itertools.accumulate(map(len, sides))]
    dealt = [
        replace(side, values=whole.values[order[start:end]])
        for side, (start, end) in zip(sides, itertools.pairwise(bounds), strict=True)
    ]
    return _deltas([(c, (dealt[2 * i], dealt[2 * i + 1])) for i, c in enumerate(read)])


def _contrast_at(lab: Lab, name: str, concept: str, site: Site) -> Contrast:
    positive, negative = contrast(lab, name, concept)
    return positive[site], negative[site]


Half = Callable[[Activations], Activations]


def _whole(rows: Activations) -> Activations:
    return rows


def _even(rows: Activations) -> Activations:
    return rows.select(range(0, len(rows), 2))


def _odd(rows: Activations) -> Activations:
    return rows.select(range(1, len(rows), 2))


def _deltas(contrasts: Sequence[tuple[str, Contrast]]) -> Activations:
    return delta_rows(
        [
            difference_in_means(positive, negative, trait=concept, prompt_set="")
            for concept, (positive, negative) in contrasts
        ]
    )
