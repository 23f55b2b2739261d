"""What foretells, before anything is generated, how far an adapter will carry a vector."""

import functools
import itertools
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from prefvec.diagnostics.adapter_diagnostics import diagnose, refitted
from prefvec.diagnostics.likelihood import contrast_shift, leverage
from prefvec.experiments.arms import FEW_PROMPTS
from prefvec.experiments.cells import steerable
from prefvec.experiments.claims import CAA
from prefvec.experiments.dosing import dosed
from prefvec.experiments.explorations.look import Look
from prefvec.experiments.lab import Lab
from prefvec.experiments.measured import Measured
from prefvec.experiments.own_vectors import contrast_texts, native_vectors
from prefvec.experiments.pairs import Pair
from prefvec.experiments.readings import METHODS, Readings
from prefvec.experiments.regimes import EXPOSED, Regime, exposed
from prefvec.experiments.search import analogous, search
from prefvec.remembered import remembered
from prefvec.statistics.estimates import mean_of
from prefvec.text.prompts import Prompt
from prefvec.vectors.residual import Site
from prefvec.vectors.steering import Steering
from prefvec.vectors.vector import PreferenceVector

CONCEPTS = 6
"""Traits that are carried: the run's own, and others in the order of their files."""

KAPPA = 0.15
"""Disturbance of everything that is added, in nats: the middle of the grid."""

REGIMES = (exposed(0.0), EXPOSED)
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


def foresight(look: Look) -> Measured:
    """That one diagnostic ranks the carried vectors of a unit better than held-out R² does."""
    diagnostic = look.diagnostic
    assert diagnostic is not None
    correlations = _correlations(_all_cells(look))
    differences = correlations[diagnostic] - correlations[USUAL]
    return look.contrast(
        differences,
        f"rank correlation of {_called(diagnostic)} with the odd effect minus that of "
        f"{_called(USUAL)}",
        "model pairs × concepts",
        (_table(correlations),),
    )


def _all_cells(look: Look) -> list[Cell]:
    return list(_cells(look.lab, tuple(look.every_pair())))


@remembered
def _cells(lab: Lab, pairs: tuple[Pair, ...]) -> tuple[Cell, ...]:
    """Every carried vector over pairs, concepts, regimes and target blocks."""
    material = lab.material
    concepts = list(dict.fromkeys([material.trait.name, *material.traits]))[:CONCEPTS]
    return tuple(
        cell
        for pair in pairs
        for concept, regime in itertools.product(concepts, REGIMES)
        for cell in _carried(lab, pair, concept, regime)
    )


def _carried(lab: Lab, pair: Pair, concept: str, regime: Regime) -> list[Cell]:
    """The cells of one pair, concept and regime, block by block of the target."""
    readings = Readings.of(lab)
    own, theirs = (native_vectors(lab, name, concept, CAA) for name in (pair.source, pair.target))
    norms = lab.residual_norms(pair.target)
    vectors: dict[Site, PreferenceVector] = {}
    foretold: dict[Site, dict[str, float]] = {}
    for site in steerable(lab, pair.target):
        source_site = analogous(site, len(theirs), len(own))
        rows = readings.paired(regime, concept, pair, source_site, site)
        adapter = readings.adapter(regime, concept, pair, source_site, site, "ridge")
        fit = functools.partial(METHODS["ridge"], against_shuffled=False)
        vectors[site] = adapter.transport(own[source_site], residual_norm=norms[site])
        foretold[site] = diagnose(
            adapter,
            own[source_site],
            *rows,
            fit=fit,
            native=theirs[site],
            refits=refitted(*rows, fit),
        ) | _by_reading(lab, pair, concept, vectors[site])
    found = search(
        lab,
        pair.target,
        f"foresight, {concept}, {regime.name}",
        vectors,
        lab.material.traits[concept].measure,
        kappas=(KAPPA,),
        prompts=FEW_PROMPTS,
    )
    unit = f"{pair}, {concept}"
    return [Cell(unit=unit, foretold=foretold[row.site], odd=row.odd) for row in found.tried]


def _by_reading(lab: Lab, pair: Pair, concept: str, vector: PreferenceVector) -> dict[str, float]:
    """What the target's own probabilities of given texts foretell; nothing is generated."""
    scaled = dosed(lab, pair.target, [vector], (KAPPA,))[0][KAPPA]
    model = lab.models[pair.target]
    steering = Steering(vector=scaled, coefficient=1.0)
    shift = contrast_shift(model, *_given(lab, pair.source, concept), steering)
    plain = lab.neutral_turns()[:FEW_PROMPTS]
    return {
        "contrast_shift": float(np.mean(shift)),
        "leverage": leverage(model, plain, steering, directions=RANDOM, seed=1),
    }


def _given(
    lab: Lab, source: str, concept: str
) -> tuple[list[tuple[Prompt, str]], list[tuple[Prompt, str]]]:
    """The source's answers under either pole to the first extraction prompts, without asking."""
    texts = contrast_texts(lab, source, concept)
    plain = lab.material.splits["extraction"]
    kept = [i for i in range(len(plain)) if texts[0][i] and texts[1][i]][:FEW_PROMPTS]
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


def _called(diagnostic: str) -> str:
    return diagnostic.replace("_", " ").replace("r2", "R²")


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
        f"pairs × concepts, over two regimes and all target blocks but the last, at κ = {KAPPA:g}: "
        "mean with its 95 % interval over units, and the share of units where it is positive. "
        "Units share models, so the intervals are too narrow. The cosine to native needs the "
        "target's own vector, so it is no foresight but what foresight can be compared with.",
        "columns": ["diagnostic", "mean rank correlation [95 %]", "units above 0"],
        "rows": rows,
    }
