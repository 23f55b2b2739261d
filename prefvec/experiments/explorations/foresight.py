"""What foretells, before anything is generated, how far an adapter will carry a vector."""

import functools
import itertools
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from prefvec.diagnostics.adapter_diagnostics import diagnose, refitted
from prefvec.diagnostics.likelihood import contrast_shift, next_token_shift
from prefvec.experiments.experiments import Experiments
from prefvec.experiments.explorations.explorer import PROMPTS, Explorer, little
from prefvec.experiments.lab import Laboratory
from prefvec.experiments.measured import Measured
from prefvec.experiments.pairs import Pair
from prefvec.experiments.readings import METHODS
from prefvec.experiments.regimes import NATURAL_MIX, Regime, exposed
from prefvec.experiments.search import analogous, search
from prefvec.statistics.estimates import mean_of
from prefvec.text.prompts import Prompt
from prefvec.vectors.residual import Site
from prefvec.vectors.steering import Steering
from prefvec.vectors.vector import PreferenceVector, random_direction

CONCEPTS = 6
"""Traits that are carried: the run's own, and others in the order of their files."""

NORM = 0.2
"""Relative norm of everything that is added: the middle of the search's grid."""

REGIMES = (exposed(0.0), NATURAL_MIX)
USUAL = "held_out_r2"
RANDOM = 4
"""Random directions whose mean leverage a vector's is divided by."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One carried vector: where it went, what was foretold, and what it did.

    Attributes:
        unit: model pair and concept.
        foretold: by diagnostic.
        odd: mean odd part on tuning prompts.
    """

    unit: str
    foretold: dict[str, float]
    odd: float


def foresight(look: Explorer) -> Measured:
    """That one diagnostic ranks the carried vectors of a unit better than held-out R² does."""
    diagnostic = look.diagnostic
    correlations = _correlations(_all_cells(look))
    differences = correlations[diagnostic] - correlations[USUAL]
    return look.contrast(
        differences,
        f"rank correlation of {_called(diagnostic)} with the odd effect minus that of "
        f"{_called(USUAL)}",
        "model pairs × concepts",
        (_table(correlations),),
    )


def _all_cells(look: Explorer) -> list[Cell]:
    return list(_cells(look.experiments, tuple(look.every_pair())))


@functools.cache
def _cells(experiments: Experiments, pairs: tuple[Pair, ...]) -> tuple[Cell, ...]:
    """Every carried vector over pairs, concepts, regimes and target blocks."""
    material = experiments.laboratory.prompts
    concepts = list(dict.fromkeys([material.trait.name, *material.traits]))[:CONCEPTS]
    return tuple(
        cell
        for pair in pairs
        for concept, regime in itertools.product(concepts, REGIMES)
        for cell in _carried(experiments, pair, concept, regime)
    )


def _carried(experiments: Experiments, pair: Pair, concept: str, regime: Regime) -> list[Cell]:
    """The cells of one pair, concept and regime, block by block of the target."""
    laboratory, reader = experiments.laboratory, experiments.reader
    natives = experiments.natives(concept, 1)
    own, theirs = natives.vectors(pair.source), natives.vectors(pair.target)
    norms = laboratory.residual_norms(pair.target)
    vectors: dict[Site, PreferenceVector] = {}
    foretold: dict[Site, dict[str, float]] = {}
    for site in theirs:
        source_site = analogous(site, len(theirs), len(own))
        rows = reader.paired(regime, concept, pair, source_site, site)
        adapter = reader.adapter(regime, concept, pair, source_site, site, "ridge")
        fit = functools.partial(METHODS["ridge"], against_shuffled=False)
        vectors[site] = adapter.transport(own[source_site], residual_norm=norms[site])
        foretold[site] = diagnose(
            adapter,
            own[source_site],
            *rows,
            fit=fit,
            native=theirs[site],
            refits=refitted(*rows, fit),
        ) | _by_reading(experiments, pair, concept, vectors[site])
    found = search(
        laboratory,
        pair.target,
        f"foresight, {concept}, {regime.name}",
        vectors,
        little(experiments, concept).coherence.of(pair.target),
        natives.trait.measure,
        norms=(NORM,),
        prompts=PROMPTS,
    )
    unit = f"{pair}, {concept}"
    return [Cell(unit=unit, foretold=foretold[row.site], odd=row.odd) for row in found.tried]


def _by_reading(
    experiments: Experiments, pair: Pair, concept: str, vector: PreferenceVector
) -> dict[str, float]:
    """What the target's own probabilities of given texts foretell; nothing is generated."""
    laboratory, scaled = experiments.laboratory, vector.at_relative_norm(NORM)
    model = laboratory.models[pair.target]
    positive, negative = _given(laboratory, pair.source, concept)
    shift = contrast_shift(model, positive, negative, Steering(vector=scaled, coefficient=1.0))
    plain = laboratory.neutral_turns()[:PROMPTS]

    def leverage(of: PreferenceVector) -> float:
        return next_token_shift(model, plain, Steering(vector=of, coefficient=1.0))

    chance = [leverage(random_direction(scaled, seed=seed)) for seed in range(1, RANDOM + 1)]
    return {
        "contrast_shift": float(np.mean(shift)),
        "leverage": leverage(scaled) / float(np.mean(chance)),
    }


def _given(
    laboratory: Laboratory, source: str, concept: str
) -> tuple[list[tuple[Prompt, str]], list[tuple[Prompt, str]]]:
    """The source's answers under either pole to the first extraction prompts, without asking."""
    texts = laboratory.contrast_texts(source, concept)
    plain = laboratory.prompts.splits["extraction"]
    kept = [i for i in range(len(plain)) if texts[0][i] and texts[1][i]][:PROMPTS]
    positive, negative = ([(plain[i], side[i]) for i in kept] for side in texts)
    return positive, negative


def _correlations(cells: list[Cell]) -> dict[str, np.ndarray]:
    """Of each diagnostic, its rank correlation with the odd part within every unit."""
    units: defaultdict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        units[cell.unit].append(cell)
    names = sorted(set.intersection(*(set(cell.foretold) for cell in cells)))
    return {
        name: np.array([_rank_correlation(unit, name) for unit in units.values()]) for name in names
    }


def _rank_correlation(cells: list[Cell], name: str) -> float:
    """Spearman's; 0 where the diagnostic does not vary, since it then ranks nothing."""
    foretold, odd = [cell.foretold[name] for cell in cells], [cell.odd for cell in cells]
    if len(set(foretold)) == 1 or len(set(odd)) == 1:
        return 0.0
    return float(stats.spearmanr(foretold, odd).statistic)


def _called(diagnostic: str | None) -> str:
    return str(diagnostic).replace("_", " ").replace("r2", "R²")


def _table(correlations: dict[str, np.ndarray]) -> dict[str, Any]:
    """Each diagnostic with its mean rank correlation, the best first."""
    ranked = sorted(correlations.items(), key=lambda item: -item[1].mean())
    rows: list[list[str]] = []
    for name, values in ranked:
        estimate = mean_of(values)
        low, high = estimate.confidence_interval()
        interval = f"{estimate.estimate:.2f} [{low:.2f}, {high:.2f}]"
        rows.append([_called(name), interval, f"{(values > 0).mean():.0%}"])
    units = len(next(iter(correlations.values())))
    return {
        "id": "diagnostics",
        "kind": "table",
        "title": "What foretells the effect of a carried vector",
        "caption": f"Spearman's rank correlation with the odd effect within each of {units} model "
        f"pairs × concepts, over two regimes and all target blocks, at norm {NORM:g}: mean with "
        "its 95 % interval over units, and the share of units where it is positive. Units share "
        "models, so the intervals are too narrow. The cosine to native needs the target's own "
        "vector, so it is no foresight but what foresight can be compared with.",
        "columns": ["diagnostic", "mean rank correlation [95 %]", "units above 0"],
        "rows": rows,
    }
