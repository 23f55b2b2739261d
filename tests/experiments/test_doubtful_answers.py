"""What a model's contrast answers say against a trait is told when they are written, and kept."""

from dataclasses import replace

import pytest

from prefvec.experiments.measured import Measured
from prefvec.experiments.own_vectors import contrast, contrast_doubts
from prefvec.experiments.pairs import Pair
from prefvec.experiments.progress import Silent
from prefvec.experiments.records import shown
from prefvec.text.measures import FORMALITY
from tests.experiments.test_notes import JUDGED, OWN
from tests.fake_laboratory import SOURCE, TARGET, laboratory


class Heard(Silent):
    """Keeps what it is told."""

    def __init__(self):
        self.sentences = []

    def note(self, sentence):
        """In order."""
        self.sentences.append(sentence)


@pytest.fixture
def lab():
    """A laboratory whose trait asks for length, calls it a tone, and counts formality."""
    with laboratory() as found:
        material = found.material
        tone = replace(
            material.trait,
            name="tone",
            measure=FORMALITY,
            positive=replace(material.trait.positive, name="bright"),
            negative=replace(material.trait.negative, name="dull"),
        )
        found.material = replace(material, trait=tone, traits={**material.traits, tone.name: tone})
        found._progress = Heard()
        yield found


def test_a_doubt_is_told_once_when_the_answers_are_written(lab):
    """Of the run's own trait, in the models of the run."""
    contrast(lab, SOURCE, "tone")
    (told,) = lab._progress.sentences
    assert told.startswith(f"In {SOURCE} answers of one pole are ")
    assert contrast_doubts(lab, SOURCE, "tone") == [told]
    contrast(lab, SOURCE, "formality")
    contrast(lab, TARGET, "verbosity")
    assert lab._progress.sentences == [told]


def test_a_doubt_stays_with_what_was_measured(lab):
    """Of each model whose answers were read; where no arm was written none was."""
    assert shown(OWN, Pair.alone(SOURCE), lab, Measured(assessment=JUDGED))["notes"] == []
    assert lab._progress.sentences == []
