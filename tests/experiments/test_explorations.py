"""Explorations: their arithmetic, on cells and estimates made by hand."""

import math

import numpy as np
import pytest

from prefvec.experiments.claims import Exploration
from prefvec.experiments.explorations import STUDIES
from prefvec.experiments.explorations.foresight import _nothing_said
from prefvec.experiments.explorations.foresight_tables import (
    concepts_table,
    diagnostics_table,
    own_vectors_table,
)
from prefvec.experiments.explorations.foretold import (
    FEWEST_UNITS,
    Cell,
    Unit,
    correlations,
    over_concepts,
    selection,
    steered,
)
from prefvec.experiments.pairs import Pair
from prefvec.verdicts.criteria import Exceeds

ODD = [0.1, 0.2, 0.4]


def unit(source="a", concept="verbosity", own=(1.0, 1.0), smallest_effect=0.2) -> Unit:
    """A model pair and concept whose own vectors do five times as much as matters."""
    pair = Pair(source=source, target="z")
    return Unit(pair=pair, concept=concept, own=own, smallest_effect=smallest_effect)


def cells(of, odd, **foretold):
    """Cells of one unit, one for each odd part."""
    return [
        Cell(unit=of, odd=value, foretold={name: row[i] for name, row in foretold.items()})
        for i, value in enumerate(odd)
    ]


def test_a_diagnostic_is_ranked_within_each_unit():
    """One that ranks as the effects do has correlation 1 in both units, one reversed −1."""
    one = cells(unit("a"), ODD, good=[1, 2, 3], bad=[3, 2, 1])
    other = cells(unit("b"), ODD, good=[10, 30, 70], bad=[0, -1, -5])
    found = correlations([*one, *other])
    np.testing.assert_allclose(found["good"], [1, 1])
    np.testing.assert_allclose(found["bad"], [-1, -1])


def test_a_diagnostic_that_does_not_vary_ranks_nothing():
    """0, and not undefined: it would drop out of a mean."""
    found = correlations(cells(unit(), ODD, flat=[1, 1, 1]))
    assert found["flat"].tolist() == [0.0]


def test_only_what_was_foretold_of_every_cell_is_compared():
    """A diagnostic that lacks for some cells would be ranked over others."""
    some = cells(unit("a"), [0.1, 0.2], both=[1, 2], first=[1, 2])
    found = correlations([*some, *cells(unit("b"), [0.1, 0.2], both=[1, 2])])
    assert set(found) == {"both"}


@pytest.mark.parametrize(
    ("own", "kept"),
    [((0.31, 0.31), True), ((0.29, 5.0), False), ((5.0, 0.29), False), ((-1.0, -1.0), False)],
)
def test_a_unit_is_left_out_whose_own_vector_fails_in_either_model(own, kept):
    """Both must reach 1.5 D, in the direction that the vector is for."""
    found = steered(cells(unit(own=own, smallest_effect=0.2), ODD, any=[1, 2, 3]))
    assert len(found) == (3 if kept else 0)


def test_the_best_diagnostic_stands_first_and_failing_units_count_apart():
    """By its mean over the units that are left; the mean over all of them is the last column."""
    rows = {"strong": [1, 2, 3], "weak": [2, 1, 3]}
    turned = {"strong": [3, 2, 1], "weak": [2, 1, 3]}
    left = [cell for s in "abc" for cell in cells(unit(s), ODD, **rows)]
    out = cells(unit("d", own=(1.0, 0.0)), ODD, **turned)
    found = diagnostics_table([*left, *out], "here")
    assert [row[0] for row in found["rows"]] == ["strong", "weak"]
    assert found["rows"][0] == ["strong", "+1.00 [+1.00, +1.00]", "100%", "+0.50"]
    assert found["rows"][1][3] == "+0.50"
    assert "each of 3 model pairs" in found["caption"]
    assert selection([*left, *out]) in found["caption"]
    assert "leaves out 1 of 4" in selection([*left, *out])


def test_a_concept_has_numbers_of_its_own():
    """The mean over its pairs; what is foretold of one concept alone stands in its column."""
    found = [
        *cells(unit("a", "verbosity"), ODD, lens=[1, 2, 3], words=[1, 2, 3]),
        *cells(unit("b", "verbosity"), ODD, lens=[3, 2, 1], words=[1, 2, 3]),
        *cells(unit("a", "tense"), ODD, lens=[1, 2, 3]),
    ]
    table = concepts_table(found)
    assert table["columns"] == ["diagnostic", "verbosity", "tense", "over concepts"]
    assert table["rows"] == [["lens", "0.00", "+1.00", "—"], ["words", "+1.00", "—", "—"]]


def test_concepts_of_a_pair_are_ranked_by_their_best_block():
    """In units of each concept's D; over three concepts at least."""
    effects = {"one": (0.2, 0.1), "two": (0.5, 0.5), "three": (0.6, 0.2)}
    found = [
        cell
        for (concept, (odd, least)), peak in zip(effects.items(), (2, 1, 3), strict=True)
        for cell in cells(unit("a", concept, smallest_effect=least), [0.0, odd], lens=[0, peak])
    ]
    np.testing.assert_allclose(over_concepts(found, "lens"), [1])
    assert len(over_concepts(found[:4], "lens")) == 0


def test_what_own_vectors_do_is_told_by_model():
    """With the word that one fails, and the units that are left of its concept."""
    found = [
        *cells(unit("a", own=(math.log(2), math.log(3))), ODD, any=[1, 2, 3]),
        *cells(unit("b", own=(math.log(1.05), math.log(3))), ODD, any=[1, 2, 3]),
    ]
    table = own_vectors_table(found, "here")
    assert table["columns"] == ["concept", "a", "z", "b", "units left"]
    assert table["rows"] == [["verbosity", "×2.00", "×3.00", "×1.05, fails", "1 of 2"]]


def test_of_too_few_units_nothing_is_said():
    """INVALID with one sentence, and no number of any diagnostic."""
    left = [
        cell for s in range(FEWEST_UNITS - 1) for cell in cells(unit(str(s)), ODD, r2=[1, 2, 3])
    ]
    out = cells(unit("out", own=(0.0, 0.0)), ODD, r2=[1, 2, 3])
    found = _nothing_said("x", Exceeds(scale="correlation"), [*left, *out])
    assert found.assessment.outcome(1.0).word == "INVALID"
    (failed,) = found.assessment.preconditions
    assert failed.sentence.startswith("Of 5 units (model pair × concept) 4 are left")
    assert [figure["id"] for figure in found.figures] == ["own-vectors"]


@pytest.mark.parametrize("study", STUDIES)
def test_explorations_are_corrected_by_themselves(study):
    """A run without them corrects the other claims of the question as much as one with them."""
    diagnostic = "span" if study == "foresight" else None
    claim = Exploration(
        id="x",
        title="x",
        question="q",
        study=study,
        diagnostic=diagnostic,
        criterion=Exceeds(),
    )
    assert claim.family == "q, explored"
