"""Limits of likelihood: prompted answers pass, word salad and what is too likely does not."""

import math
from random import Random

import pytest

from prefvec.errors import PrefvecError
from prefvec.text.coherence import grouped_by_length
from prefvec.text.likelihood_band import TAIL, LikelihoodBand


def prompted(count: int = 600, seed: int = 0) -> list[tuple[str, float]]:
    """Texts of 1 to 120 words; the longer, the more likely, and the more alike."""
    random = Random(seed)
    lengths = [random.randint(1, 120) for _ in range(count)]
    return [
        (" ".join(["stone"] * n), math.exp(random.gauss(2 - 0.01 * n, 2 / math.sqrt(n))))
        for n in lengths
    ]


def test_prompted_answers_pass_but_for_the_tails() -> None:
    """At most one in a hundred of each band is beyond either limit, and the limits were seen."""
    answers = prompted()
    band = LikelihoodBand.from_prompted(answers)
    passed = [band.accept(text, perplexity) for text, perplexity in answers]
    assert 1 - 2 * TAIL <= sum(passed) / len(passed) <= 1
    seen = {perplexity for _, perplexity in answers}
    assert {limit for each in band.bands for limit in (each.low, each.high)} <= seen


@pytest.mark.parametrize("words", [1, 5, 12, 30, 100, 500])
def test_what_is_unlikely_at_its_length_is_no_text(words: int) -> None:
    """Neither word salad nor a text that its model could say in its sleep."""
    band, text = LikelihoodBand.from_prompted(prompted()), " ".join(["stone"] * words)
    assert band.accept(text, math.exp(2 - 0.01 * min(words, 120)))
    assert not band.accept(text, 1e6)
    assert not band.accept(text, 1e-6)


def test_long_answers_are_held_to_narrower_limits_than_short_ones() -> None:
    """A mean over many tokens varies less."""
    bands = LikelihoodBand.from_prompted(prompted()).bands
    assert bands[0].words == 0
    assert [band.words for band in bands] == sorted({band.words for band in bands})
    assert bands[-1].high / bands[-1].low < bands[0].high / bands[0].low


def test_too_few_answers_make_no_limits() -> None:
    """A tail of a handful of answers is refused."""
    with pytest.raises(PrefvecError, match="Generate more answers"):
        LikelihoodBand.from_prompted(prompted(20))


def test_bands_hold_every_length_once_and_enough_of_them() -> None:
    """Whatever the lengths are; the first band begins where it is told to."""
    random = Random(1)
    for start in (0, 8):
        for _ in range(50):
            lengths = sorted(random.randint(start, 200) for _ in range(random.randint(10, 400)))
            groups = list(grouped_by_length(lengths, fewest=10, start=start))
            rows = [row for _, part in groups for row in range(len(lengths))[part]]
            assert rows == list(range(len(lengths)))
            assert groups[0][0] == start
            for shortest, part in groups:
                assert len(lengths[part]) >= 10
                assert min(lengths[part]) >= shortest
