"""What foretells, before anything is generated, how far an adapter will carry a vector."""

import functools
import itertools
from collections.abc import Sequence

import numpy as np

from prefvec.diagnostics.adapter_diagnostics import diagnose, refitted
from prefvec.diagnostics.likelihood import contrast_shift, leverage
from prefvec.errors import PrefvecError
from prefvec.experiments.arms import FEW_PROMPTS
from prefvec.experiments.cells import steerable
from prefvec.experiments.claims import CAA
from prefvec.experiments.dosing import dosed
from prefvec.experiments.explorations.by_lens import by_lens, own_by_lens
from prefvec.experiments.explorations.foresight_tables import (
    called,
    concepts_table,
    diagnostics_table,
    own_vectors_table,
)
from prefvec.experiments.explorations.foretold import (
    FEWEST_UNITS,
    Cell,
    Unit,
    by_unit,
    correlations,
    steered,
)
from prefvec.experiments.explorations.look import Look
from prefvec.experiments.lab import Lab
from prefvec.experiments.mean_residuals import residual_norms
from prefvec.experiments.measured import Measured
from prefvec.experiments.neutral_turns import neutral_turns
from prefvec.experiments.own_vectors import contrast_texts, native_vectors
from prefvec.experiments.pairs import Pair
from prefvec.experiments.readings import METHODS, Readings
from prefvec.experiments.regimes import EXPOSED, Regime, exposed
from prefvec.experiments.search import analogous, search
from prefvec.remembered import remembered
from prefvec.text.prompts import Prompt
from prefvec.vectors.residual import Site
from prefvec.vectors.steering import Steering
from prefvec.vectors.vector import PreferenceVector
from prefvec.verdicts.assessment import invalid
from prefvec.verdicts.criteria import Exceeds
from prefvec.verdicts.preconditions import Precondition

CONCEPTS = 6
"""Traits that are carried: the run's own, and others in the order of their files."""

KAPPA = 0.15
"""Disturbance of everything that is added, in nats: the middle of the grid."""

AT = f"at κ = {KAPPA:g} on at most {FEW_PROMPTS} tuning prompts"

REGIMES = (exposed(0.0), EXPOSED)
USUAL = "held_out_r2"
RANDOM = 4
"""Random directions whose mean leverage a vector's is divided by."""


def foresight(look: Look) -> Measured:
    """That one diagnostic ranks the carried vectors of a unit better than held-out R² does.

    Units whose own vector fails are left out.

    Raises:
        PrefvecError: if nothing of that name was foretold of every carried vector.
    """
    diagnostic = look.diagnostic
    assert diagnostic is not None
    cells = [*_cells(look.lab, tuple(look.every_pair()))]
    left = steered(cells)
    if len(by_unit(left)) < FEWEST_UNITS:
        return _nothing_said(look.name, look.criterion, cells)
    found = correlations(left)
    if diagnostic not in found:
        raise PrefvecError(
            f"Nothing called {diagnostic!r} was foretold of every carried vector, so that it "
            f"cannot be held against held-out R². State one of {', '.join(found)}."
        )
    return look.contrast(
        found[diagnostic] - found[USUAL],
        f"rank correlation of {called(diagnostic)} with the odd effect minus that of "
        f"{called(USUAL)}",
        "model pairs × concepts",
        (diagnostics_table(cells, AT), concepts_table(cells), own_vectors_table(cells, AT)),
    )


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
    unit, sites = _unit(lab, pair, concept), steerable(lab, pair.target)
    vectors: dict[Site, PreferenceVector] = {}
    foretold: dict[Site, dict[str, float]] = {}
    what = f"{pair.target}: {concept}, {regime.name}, diagnosed"
    with lab.task(what, len(sites), unit="block") as tell:
        for count, site in enumerate(sites, start=1):
            vectors[site], foretold[site] = _foretold(lab, pair, concept, regime, site)
            tell(count, len(sites))
    found = search(
        lab,
        pair.target,
        f"foresight, {concept}, {regime.name}",
        vectors,
        lab.material.traits[concept].measure,
        kappas=(KAPPA,),
        prompts=FEW_PROMPTS,
    )
    return [Cell(unit=unit, foretold=foretold[row.site], odd=row.odd) for row in found.tried]


def _foretold(
    lab: Lab, pair: Pair, concept: str, regime: Regime, site: Site
) -> tuple[PreferenceVector, dict[str, float]]:
    """What is carried to a block of the target, and all that is known of it beforehand."""
    readings, at_source = Readings.of(lab), own_by_lens(lab, pair.source, concept)
    own, theirs = (native_vectors(lab, name, concept, CAA) for name in (pair.source, pair.target))
    source_site = analogous(site, len(theirs), len(own))
    rows = readings.paired(regime, concept, pair, source_site, site)
    adapter = readings.adapter(regime, concept, pair, source_site, site, "ridge")
    norm = residual_norms(lab, pair.target)[site]
    vector = adapter.transport(own[source_site], residual_norm=norm)
    fit = functools.partial(METHODS["ridge"], against_shuffled=False)
    of_adapter = diagnose(
        adapter,
        own[source_site],
        *rows,
        fit=fit,
        native=theirs[site],
        refits=refitted(*rows, fit),
    )
    return vector, {
        **of_adapter,
        **_by_reading(lab, pair, concept, vector),
        **_in("source", at_source[source_site]),
        **_in("target", by_lens(lab, pair.target, concept, vector)),
    }


def _in(side: str, told: dict[str, float]) -> dict[str, float]:
    """The same numbers, by names that say of which model they are."""
    return {f"{name}_in_{side}": value for name, value in told.items()}


def _by_reading(lab: Lab, pair: Pair, concept: str, vector: PreferenceVector) -> dict[str, float]:
    """What the target's own probabilities of given texts foretell; nothing is generated."""
    scaled = dosed(lab, pair.target, [vector], (KAPPA,))[0][KAPPA]
    model = lab.models[pair.target]
    steering = Steering(vector=scaled, coefficient=1.0)
    shift = contrast_shift(model, *_given(lab, pair.source, concept), steering)
    plain = neutral_turns(lab)[:FEW_PROMPTS]
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


def _unit(lab: Lab, pair: Pair, concept: str) -> Unit:
    """A pair and concept, with what the concept's own vector does in either model."""
    return Unit(
        pair=pair,
        concept=concept,
        own=(_own_effect(lab, pair.source, concept), _own_effect(lab, pair.target, concept)),
        smallest_effect=lab.material.traits[concept].smallest_effect,
    )


@remembered
def _own_effect(lab: Lab, name: str, concept: str) -> float:
    """The largest mean odd part of a model's own vector, over all blocks but the last."""
    own = native_vectors(lab, name, concept, CAA)
    found = search(
        lab,
        name,
        f"foresight, {concept}, native",
        {site: own[site] for site in steerable(lab, name)},
        lab.material.traits[concept].measure,
        kappas=(KAPPA,),
        prompts=FEW_PROMPTS,
    )
    return max(row.odd for row in found.tried)


def _nothing_said(name: str, criterion: Exceeds, cells: Sequence[Cell]) -> Measured:
    """That so few units are left that nothing can be said of any diagnostic."""
    left, units = len(by_unit(steered(cells))), len(by_unit(cells))
    too_few = Precondition(
        name="units whose own vectors steer",
        passed=False,
        about="assay sensitivity",
        sentence=f"Of {units} units (model pair × concept) {left} are left without those whose "
        "own vector fails in the source or in the target, and of fewer than "
        f"{FEWEST_UNITS} nothing can be said about what foretells an effect.",
    )
    assessment = invalid(name, criterion, [too_few])
    return Measured(assessment=assessment, figures=(own_vectors_table(cells, AT),))
