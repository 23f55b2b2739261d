"""The suite's machinery on a laboratory whose law is known: who asks what, where, how much.

That the sound laboratory keeps every law is what makes the mutants' failures mean something.
"""

import pytest

from tests.fake_laboratory import laboratory
from tests.laboratory_laws import LAWS

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
