"""A carried vector's own cell, beside the judged one, in a laboratory whose law is known."""

from collections import Counter
from dataclasses import replace
from importlib import import_module

import pytest

from prefvec.experiments.cells import judged_cell, searched, steerable
from prefvec.experiments.dosing import dosed
from prefvec.experiments.measuring import measure
from prefvec.experiments.pairs import Pair
from tests.experiments.test_rehearsal import stated
from tests.fake_laboratory import COUNTS, JUDGED, SOURCE, TARGET, laboratory

pytestmark = pytest.mark.integration

WHERE = "prefvec.experiments.explorations.free_search"
CLAIM, PAIR = stated("free_search"), Pair(source=SOURCE, target=TARGET)
ELSEWHERE = 2, 0.03
"""Another eligible cell: a block and a dose."""


@pytest.fixture(scope="module")
def lab():
    """One laboratory, for all tests."""
    with laboratory() as lab:
        yield lab


def marked(found):
    """The rows of the table that are marked, by their mark."""
    (table,) = found.figures
    return {row[-1]: row[:2] for row in table["rows"] if row[-1]}


def test_where_the_search_finds_the_judged_cell_there_is_nothing_to_compare(lab):
    """NOT APPLICABLE, with every block's best dose: here both vectors have one hidden direction."""
    found = measure(CLAIM, PAIR, lab)
    assert found.assessment.outcome(0.05).word == "NOT APPLICABLE"
    site, kappa = JUDGED
    assert marked(found) == {"judged, found": [str(site.layer), f"{kappa:g}"]}
    (table,) = found.figures
    assert [row[0] for row in table["rows"]] == [str(site.layer) for site in steerable(lab, TARGET)]


def test_the_two_cells_are_compared_on_test_prompts(lab, monkeypatch):
    """Each at its own block and dose, whichever does more."""
    judged = judged_cell(lab, TARGET, "verbosity").chosen

    def elsewhere(*asked):
        found = searched(*asked)
        (other,) = (r for r in found.tried if (r.site.layer, r.kappa) == ELSEWHERE)
        return replace(found, chosen=other)

    monkeypatch.setattr(import_module(WHERE), "searched", elsewhere)
    lab.log.asked.clear()
    found = measure(CLAIM.variant(id="elsewhere"), PAIR, lab)
    there, here, native = found.arms
    assert (there.vector.site.layer, here.vector.site) == (ELSEWHERE[0], judged.site)
    assert here.vector.site == native.vector.site
    for arm, kappa in ((there, ELSEWHERE[1]), (here, judged.kappa)):
        (by_kappa,) = dosed(lab, TARGET, [arm.vector], (kappa,))
        assert arm.vector.norm == pytest.approx(by_kappa[kappa].norm)
        asked = [e for e in lab.log.asked if e.steering.vector == arm.vector]
        assert Counter(e.split for e in asked) == {"test": 2 * COUNTS["test"]}
    more = there.doses.odd.mean() > here.doses.odd.mean()
    assert (found.assessment.outcome(0.05).word == "SUPPORTED") == more
    assert marked(found) == {"judged": ["1", "0.15"], "found": ["2", "0.03"]}
