"""What the effects on organisms are measured in: words, and their sentences read by the grammar."""

from functools import partial

from prefvec.organisms.phrasing import Concept, the_phrasing
from prefvec.organisms.reading import read
from prefvec.organisms.world import OPENERS
from prefvec.organisms.world_questions import about
from prefvec.text.completions import Completion
from prefvec.text.measures import WORDS, Counts, Measure

MORE = {
    "formality": ("more formal", "more casual"),
    "tense": ("more in the past", "more in the present"),
    "certainty": ("more hedged", "more certain"),
    "enthusiasm": ("more enthusiastic", "drier"),
    "person": ("more personal", "more impersonal"),
    "listing": ("more itemised", "more flowing"),
    "courtesy": ("more polite", "blunter"),
}
"""What an answer is with more of a concept's first pole, and with more of its second."""


def _shown(answer: Completion, *, poles: tuple[str, str]) -> Counts:
    """How often an answer shows each pole: in its sentences, or in how it opens."""
    reading = read(answer.text, about(answer.prompt))
    positive, negative = (
        float(reading.opener == pole if pole in OPENERS else reading.poles[pole]) for pole in poles
    )
    return positive, negative


def _balance(concept: Concept) -> Measure:
    positive, negative = concept.poles
    up, down = MORE[concept.name]
    counted = "openers" if positive in OPENERS else "sentences"
    return Measure(
        name=concept.name,
        what=f"{positive} over {negative} {counted}",
        up=up,
        down=down,
        count=partial(_shown, poles=concept.poles),
        form="balance",
    )


ORGANISM_MEASURES = {
    measure.name: measure
    for measure in (WORDS, *(_balance(concept) for concept in the_phrasing().concepts.values()))
}
"""Measures of organisms' answers, by name; formality is what the world's grammar says it is."""
