"""Explorations: their arithmetic, on cells and estimates made by hand."""

import numpy as np
import pytest

from prefvec.experiments.claims import Exploration
from prefvec.experiments.explorations import STUDIES
from prefvec.experiments.explorations.foresight import Cell, _correlations, _table
from prefvec.verdicts.criteria import Exceeds


def cells(unit, odd, **foretold):
    """Cells of one unit, one for each odd part."""
    return [
        Cell(unit=unit, odd=value, foretold={name: row[i] for name, row in foretold.items()})
        for i, value in enumerate(odd)
    ]


def test_a_diagnostic_is_ranked_within_each_unit():
    """One that ranks as the effects do has correlation 1 in both units, one reversed −1."""
    odd = [0.1, 0.2, 0.4]
    one = cells("a", odd, good=[1, 2, 3], bad=[3, 2, 1])
    other = cells("b", odd, good=[10, 30, 70], bad=[0, -1, -5])
    found = _correlations([*one, *other])
    np.testing.assert_allclose(found["good"], [1, 1])
    np.testing.assert_allclose(found["bad"], [-1, -1])


def test_a_diagnostic_that_does_not_vary_ranks_nothing():
    """0, and not undefined: it would drop out of a mean."""
    found = _correlations(cells("a", [0.1, 0.2, 0.4], flat=[1, 1, 1]))
    assert found["flat"].tolist() == [0.0]


def test_only_what_was_foretold_of_every_cell_is_compared():
    """A diagnostic that lacks for some cells would be ranked over others."""
    some = cells("a", [0.1, 0.2], both=[1, 2], first=[1, 2])
    found = _correlations([*some, *cells("b", [0.1, 0.2], both=[1, 2])])
    assert set(found) == {"both"}


def test_the_best_diagnostic_stands_first():
    """By its mean rank correlation, with the share of units above 0."""
    table = _table({"weak": np.array([0.1, -0.2, 0.1]), "strong": np.array([0.8, 0.9, 0.7])})
    assert [row[0] for row in table["rows"]] == ["strong", "weak"]
    assert table["rows"][0][2] == "100%"


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
