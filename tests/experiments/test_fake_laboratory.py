"""The suite's machinery on a laboratory whose law is known: who asks what, where, how much.

That the sound laboratory keeps every law is what makes the mutants' failures mean something.
"""

from dataclasses import replace

import pytest

from tests.fake_laboratory import COUNTS, laboratory
from tests.laboratory_laws import LAWS, STEERS, outcome

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def sound():
    """One laboratory, for all laws."""
    with laboratory() as lab:
        yield lab


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_the_sound_laboratory_keeps(law, sound):
    """Nothing is raised."""
    law(sound)


def test_a_smoke_run_can_come_out_supported(monkeypatch):
    """It has as many controls as a verdict needs, on its few prompts; else nothing could."""
    monkeypatch.setitem(COUNTS, "test", 12)
    with laboratory() as lab:
        lab.options = replace(lab.options, quick=True, n_prompts=12)
        assert len(lab.material.splits["test"]) == lab.options.n_prompts
        assert outcome(lab, STEERS) == "SUPPORTED"
