"""What a text measures: one number per answer, in time linear in its length.

Every function takes any string, the empty one and broken Unicode included.
"""

from prefvec.text.metrics.counts import (
    finished,
    sentences,
    words,
    words_of,
    words_per_sentence,
)
from prefvec.text.metrics.degeneracy import compression_ratio, repeated_4gram_share
from prefvec.text.metrics.diversity import mtld
from prefvec.text.metrics.formality import formality, formality_cues
from prefvec.text.metrics.secondary_means import secondary_means
from prefvec.text.metrics.sentence_ends import sentence_ends

__all__ = [
    "compression_ratio",
    "finished",
    "formality",
    "formality_cues",
    "mtld",
    "repeated_4gram_share",
    "secondary_means",
    "sentence_ends",
    "sentences",
    "words",
    "words_of",
    "words_per_sentence",
]
