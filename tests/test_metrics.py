"""Metrics of text and the rule of coherence."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prefvec.coherence import SHORTEST_JUDGED, CoherenceLimits
from prefvec.errors import PrefvecError
from prefvec.metrics import (
    compression_ratio,
    repeated_4gram_share,
    sentences,
    words,
    words_per_sentence,
)

anything = st.text(st.characters(), max_size=300)
plain_words = st.lists(st.text("abcdefgh", min_size=1, max_size=8), max_size=60)

LEXICON = [f"{start}{end}" for start in ("ri", "sto", "am", "bi", "so", "ge") for end in "btnr"]


def plain_answer(length: int, seed: int) -> str:
    """So many words in an order that repeats no sequence for long."""
    return " ".join(LEXICON[(i * i + seed * (i % 7) + i // 5) % 23] for i in range(length)) + "."


UNSTEERED = [plain_answer(length, seed) for length in range(8, 90, 2) for seed in range(8)]


@pytest.mark.parametrize(
    ("text", "count", "parts"),
    [
        ("", 0, 0),
        ("  \n ", 0, 0),
        ("— … !", 0, 0),
        ("One word.", 2, 1),
        ("It is 3.5 km. It's well-known!", 6, 2),
        ("No full stop at the end", 6, 1),
        ("First line\nsecond line", 4, 2),
        ('He said "yes." Then he left.', 6, 2),
        ("हिन्दी में उत्तर", 3, 1),
        ("我喜欢猫。你呢？", 6, 2),
        ("Ответ: да.", 2, 1),
        ("naïve café\u0301 🦊 fox", 3, 1),
    ],
)
def test_words_and_sentences_are_counted_in_any_script(text: str, count: int, parts: int) -> None:
    """Counted by hand."""
    assert (words(text), sentences(text)) == (count, parts)


@settings(deadline=None)
@given(anything)
def test_every_text_has_sensible_numbers(text: str) -> None:
    """Lone surrogates and control characters included."""
    assert 0 <= sentences(text) <= words(text) <= len(text)
    assert (sentences(text) > 0) == (words(text) > 0)
    assert words_per_sentence(text) >= (words(text) > 0)
    assert 0 <= repeated_4gram_share(text) < 1
    assert compression_ratio(text) >= 0


@given(plain_words, plain_words)
def test_words_add_up_over_joined_texts(first: list[str], second: list[str]) -> None:
    """The count of a joined text is the sum of the counts."""
    assert words(" ".join(first + second)) == len(first) + len(second)


def test_repeated_4grams_are_those_that_stood_before() -> None:
    """By hand: of the 5 sequences of "a b c d a b c d" one is a repetition; case is ignored."""
    assert repeated_4gram_share("a b c d A b c d") == pytest.approx(1 / 5)
    assert repeated_4gram_share("a b c") == 0
    assert repeated_4gram_share("go on " * 100) == pytest.approx(1 - 2 / 197)


@pytest.mark.parametrize(
    "text", ["word " * 200_000, "x" * 1_000_000, "猫" * 1_000_000, "." * 10**6]
)
def test_a_million_characters_take_linear_time(text: str) -> None:
    """Ten times the text takes far less than the hundredfold time of a quadratic measure."""

    def seconds(part: str) -> float:
        start = time.perf_counter()
        for measure in (words, sentences, repeated_4gram_share, compression_ratio):
            measure(part)
        return time.perf_counter() - start

    short = min(seconds(text[:100_000]) for _ in range(3))
    assert seconds(text) < 40 * short + 0.5


def test_limits_accept_what_they_were_taken_from_and_reject_loops() -> None:
    """Nearly all unsteered answers pass; a loop of any length beyond a few words does not."""
    limits = CoherenceLimits.from_unsteered(UNSTEERED)
    assert sum(map(limits.accept, UNSTEERED)) / len(UNSTEERED) >= 0.95
    for length in (12, 40, 400, 4_000):
        assert not limits.accept(" ".join(["the same thing again"] * (length // 4)))


def test_limits_are_those_of_answers_of_the_same_length() -> None:
    """Repetition that long unsteered answers show is no excuse for a short one."""
    repetitive = [" ".join([plain_answer(20, seed)] * 4) for seed in range(80)]
    limits = CoherenceLimits.from_unsteered(UNSTEERED[:200] + repetitive)
    assert limits.accept(repetitive[0])
    assert not limits.accept(" ".join(["one two three four"] * 3))
    assert [band.words for band in limits.bands] == sorted({band.words for band in limits.bands})
    assert all(band.answers >= 50 for band in limits.bands)


@pytest.mark.parametrize(
    ("text", "coherent"), [("", False), ("...", False), ("Grey.", True), ("no no no no no", True)]
)
def test_short_answers_are_coherent_unless_empty(text: str, coherent: bool) -> None:
    """Too short to repeat a 4-word sequence."""
    assert words(text) < SHORTEST_JUDGED
    assert CoherenceLimits.from_unsteered(UNSTEERED).accept(text) is coherent


def test_one_endless_word_is_no_short_answer() -> None:
    """A run of one character without spaces is judged by its length in characters."""
    assert not CoherenceLimits.from_unsteered(UNSTEERED).accept("a" * 5_000)


def test_limits_survive_their_file(tmp_path: Path) -> None:
    """What is committed is what was measured."""
    limits = CoherenceLimits.from_unsteered(UNSTEERED)
    limits.save(tmp_path / "limits.json")
    assert CoherenceLimits.load(tmp_path / "limits.json") == limits


@pytest.mark.parametrize("content", [None, "{}", "[1]", "nonsense", '{"bands": [], "quantile": 1}'])
def test_a_file_without_limits_is_an_error(tmp_path: Path, content: str | None) -> None:
    """The message says how to write one."""
    path = tmp_path / "limits.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(PrefvecError, match="from_unsteered"):
        CoherenceLimits.load(path)


def test_too_few_answers_make_no_limits() -> None:
    """A quantile of a handful of answers is refused."""
    with pytest.raises(PrefvecError, match="Generate more answers"):
        CoherenceLimits.from_unsteered(UNSTEERED[:20])
