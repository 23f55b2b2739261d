"""The rows of an adapter that has read nothing but the mean differences of other concepts."""

import functools
import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace

import torch

from prefvec.adapters import Adapter, concept_deltas, delta_rows, replicated
from prefvec.errors import PrefvecError
from prefvec.experiments.lab import Laboratory
from prefvec.experiments.pairs import Pair
from prefvec.experiments.regimes import Regime
from prefvec.vectors.activations import Activations, concatenate
from prefvec.vectors.extraction import difference_in_means
from prefvec.vectors.residual import Site

Contrast = tuple[Activations, Activations]
"""What a model holds under the positive and under the negative pole, prompt by prompt."""


class DeltaRows:
    """Concept deltas of two models, and whether a map of them has learnt its references.

    A map of k deltas cannot be judged on other concepts: it has rank k, and to leave one of a
    handful out is to judge another map. So it is asked what it can be asked, whether deltas from
    one half of the prompts predict those of the same concepts from the other half; a map of
    shuffled rows, whose target deltas are noise, does not.

    Args:
        laboratory: where the contrasts come from.
    """

    def __init__(self, laboratory: Laboratory) -> None:
        self._lab = laboratory

    def concepts(self, regime: Regime, trait: str) -> list[str]:
        """The concepts a regime has read, all but the trait; formality is the first of them."""
        material = self._lab.prompts
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

    def prepare(self, name: str, regime: Regime, trait: str) -> None:
        """Read every concept while the model is in memory."""
        for concept in self.concepts(regime, trait):
            self._lab.contrast(name, concept)

    def paired(
        self, regime: Regime, trait: str, pair: Pair, source_site: Site, target_site: Site
    ) -> tuple[Activations, Activations]:
        """The deltas of source and target, one row for each concept."""
        places = (pair.source, source_site), (pair.target, target_site)
        ours, theirs = (self._rows(regime, trait, *place, _whole) for place in places)
        return ours, theirs

    def judged(self, fitted: Adapter, regime: Regime, trait: str, pair: Pair) -> Adapter:
        """The adapter with its R² over halves of the prompts."""
        halves = [
            (
                self._rows(regime, trait, pair.source, fitted.source.site, half),
                self._rows(regime, trait, pair.target, fitted.target.site, half),
            )
            for half in (_even, _odd)
        ]
        return replace(fitted, r2_held_out=replicated(*halves))

    def shuffled(
        self,
        regime: Regime,
        trait: str,
        pair: Pair,
        source_site: Site,
        target_site: Site,
        seed: int,
    ) -> Adapter:
        """A map to deltas of the target's rows, dealt to concepts and poles at random."""

        def ours(half: "Half") -> Activations:
            return self._rows(regime, trait, pair.source, source_site, half)

        def theirs(half: "Half") -> Activations:
            return self._mixed(regime, trait, pair.target, target_site, half, seed)

        truth = self._rows(regime, trait, pair.target, target_site, _odd)
        r2 = replicated((ours(_even), theirs(_even)), (ours(_odd), truth))
        fitted = concept_deltas(ours(_whole), theirs(_whole), against_shuffled=False)
        return replace(fitted, r2_held_out=r2)

    @functools.cache  # noqa: B019 - one of these lives as long as the session
    def _rows(self, regime: Regime, trait: str, name: str, site: Site, half: "Half") -> Activations:
        return _deltas(
            [
                (concept, tuple(half(side) for side in self._contrast(name, concept, site)))
                for concept in self.concepts(regime, trait)
            ]
        )

    def _mixed(
        self, regime: Regime, trait: str, name: str, site: Site, half: "Half", seed: int
    ) -> Activations:
        """Deltas of rows that were dealt to concepts and poles at random."""
        concepts = self.concepts(regime, trait)
        sides = [half(side) for c in concepts for side in self._contrast(name, c, site)]
        whole = concatenate(sides)
        generator = torch.Generator().manual_seed(seed)
        order = torch.randperm(len(whole), generator=generator).tolist()
        bounds = [0, *itertools.accumulate(map(len, sides))]
        dealt = [
            replace(side, values=whole.values[order[start:end]])
            for side, (start, end) in zip(sides, itertools.pairwise(bounds), strict=True)
        ]
        return _deltas([(c, (dealt[2 * i], dealt[2 * i + 1])) for i, c in enumerate(concepts)])

    def _contrast(self, name: str, concept: str, site: Site) -> Contrast:
        positive, negative = self._lab.contrast(name, concept)
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
