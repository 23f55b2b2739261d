"""Metrics of text and the rule of coherence."""

import random
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from prefvec.errors import PrefvecError
from prefvec.organisms.world import Attribute, the_world
from prefvec.text.coherence import SHORTEST_JUDGED, CoherenceLimits
from prefvec.text.completions import Completion
from prefvec.text.metrics import (
    compression_ratio,
    formality,
    mtld,
    repeated_4gram_share,
    secondary_means,
    sentences,
    words,
    words_per_sentence,
)
from prefvec.text.metrics.counts import word_starts
from tests.plain_answers import said

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
@example("0000 0000 0 1")
@given(anything)
def test_every_text_has_sensible_numbers(text: str) -> None:
    """Lone surrogates and control characters included.

    The least that n words with one repetition cover of a factor is (1/n) / 0.28, so their
    diversity is 0.28 n² words at most.
    """
    assert 0 <= sentences(text) <= words(text) <= len(text)
    assert (sentences(text) > 0) == (words(text) > 0)
    assert words_per_sentence(text) >= (words(text) > 0)
    assert 0 <= repeated_4gram_share(text) < 1
    assert compression_ratio(text) >= 0
    n = words(text)
    assert (n > 0) <= mtld(text) <= max(n, 0.28 * n * n) + 1e-9
    assert 0 <= formality(text) <= 100


@given(anything)
@example("a - «réel» 3.5 漢、字 …b\u3000_ _x")
def test_as_many_words_stand_in_a_beginning_as_start_there(text: str) -> None:
    """For every beginning of any text."""
    starts = [*word_starts(text)]
    for length in range(len(text) + 1):
        assert words(text[:length]) == sum(start < length for start in starts)


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
    ("text", "count", "parts", "diversity"),
    [
        ("word " * 200_000, 200_000, 1, 2),
        ("x" * 10**6, 1, 1, 1),
        ("猫" * 10**6, 10**6, 1, 2),
        ("." * 10**6, 0, 0, 0),
        ("a" + "!" * 10**6 + "a", 1, 1, 1),
        ("'" * 10**6 + " n't" * 10, 10, 1, 2),
    ],
    ids=["words", "one word", "Han", "full stops", "exclamation marks", "apostrophes"],
)
def test_a_million_characters_have_sensible_numbers(
    text: str, count: int, parts: int, diversity: float
) -> None:
    """By hand; one word again and again falls below the ratio at every second word."""
    assert (words(text), sentences(text), mtld(text)) == (count, parts, diversity)
    assert 0 <= repeated_4gram_share(text) < 1
    assert compression_ratio(text) > (0.5 if count == 1 else 2)
    assert 0 <= formality(text) <= 100


RICHNESS = """
Measure of textual lexical diversity, computed as the mean length of sequential words in a text that
maintains a minimum threshold TTR score. Iterates over words until TTR scores falls below a
threshold, then increase factor counter by and start over. McCarthy and Jarvis (pg. ) recommends a
factor threshold in the range of [. , .]. (McCarthy , McCarthy and Jarvis )"""


def test_mtld_is_that_of_a_published_example() -> None:
    """Oracle: the README of lexicalrichness 0.5.1, `lex.mtld(threshold=0.72)`.

    Its text without the digits, which that package leaves out.
    """
    assert words(RICHNESS) == 57
    assert mtld(RICHNESS) == pytest.approx(46.79226361031519, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("one two three", 3),  # nothing comes twice: the number of words, a lower bound
        ("a a a a", 2),  # two factors, ratio 1/2 each
        ("a b c a", 4 / ((1 - 0.75) / 0.28)),  # a part of a factor only
        ("“The cat!” (the cat)", 4 / (1 + 0 / 0.28)),  # case and punctuation are ignored
    ],
)
def test_mtld_by_hand(text: str, expected: float) -> None:
    """Worked out from the definition in McCarthy & Jarvis (2010)."""
    assert mtld(text) == pytest.approx(expected)


@given(plain_words)
def test_mtld_reads_both_ways(spoken: list[str]) -> None:
    """A text and its words in reverse are as diverse as each other."""
    assert mtld(" ".join(spoken)) == pytest.approx(mtld(" ".join(reversed(spoken))))


def test_mtld_does_not_fall_with_length_as_the_plain_ratio_does() -> None:
    """Four times as many words drawn from the same vocabulary: MTLD stays within a tenth."""
    draw = random.Random(0)
    short, long = (" ".join(draw.choices(LEXICON, k=length)) for length in (600, 2_400))
    ratio = [len(set(text.split())) / words(text) for text in (short, long)]
    assert ratio[1] == pytest.approx(ratio[0] / 4)
    assert mtld(long) == pytest.approx(mtld(short), rel=0.1)


def test_mtld_of_several_texts_adds_up_words_and_factors() -> None:
    """Short texts in which nothing comes twice do not make the mean boundless."""
    looped = "a a a a"
    assert mtld(looped, looped) == mtld(looped)
    assert mtld(looped, "one two three four") == pytest.approx((4 + 4) / 2)
    assert mtld() == 0


PAIRS = [
    (
        "We regret to inform you that your application has been declined.",
        "Sorry, you didn't get in!",
    ),
    (
        "The committee considers the proposal to be inadequate.",
        "They don't think it's good enough.",
    ),
    ("Passengers are requested to remain in their seats.", "Hey, stay in your seats, ok?"),
    (
        "The results of the investigation indicate a considerable improvement.",
        "Looks like it got way better!",
    ),
    (
        "It is recommended that the device be disconnected before maintenance.",
        "You should unplug it before you fix it.",
    ),
    (
        "The institution was established in the nineteenth century.",
        "They set it up like a hundred years ago.",
    ),
    ("Please accept our apologies for the inconvenience.", "Oops, sorry about that!"),
    (
        "Further information may be obtained upon request.",
        "Just ask me and I’ll tell you more.",
    ),
    (
        "The decline of the population is attributed to emigration.",
        "So many people left, that's why it's so empty.",
    ),
    ("An increase in temperature accelerates the reaction.", "If you heat it up it goes faster."),
]


@pytest.mark.parametrize(("formal", "casual"), PAIRS, ids=[str(i) for i in range(len(PAIRS))])
def test_formal_sentences_score_above_casual_ones(formal: str, casual: str) -> None:
    """The same said in two ways, by people's common sense."""
    assert formality(formal) > formality(casual)


@pytest.mark.parametrize("attribute", the_world().attributes.values(), ids=lambda a: a.name)
def test_an_organisms_formal_wording_scores_above_its_casual_one(attribute: Attribute) -> None:
    """On average over its values and tenses; a single sentence may be out of order."""
    differences = [
        formality(f"Zernos {attribute.phrases['formal', tense].format(value)}.")
        - formality(f"Zernos {attribute.phrases['casual', tense].format(value)}.")
        for tense in ("present", "past")
        for value in attribute.values
    ]
    assert sum(differences) > 0


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("", 50),
        ("Ответ: да, конечно.", 50),
        ("猫 很好!", 50),
        ("Grey.", 50),
        ("the results of", 100),
        ("We don't, sorry!", 0),
        ("The cat sleeps", 50 * (1 + 1 / 3)),
        ("I sleep", 50 * (1 - 1 / 2)),
        ("Considerably!", 0),  # a casual cue outweighs a formal one in the same word
    ],
)
def test_formality_by_hand(text: str, score: float) -> None:
    """Cues counted by hand; other scripts and texts without cues are neutral."""
    assert formality(text) == pytest.approx(score)


@given(st.sampled_from([text for pair in PAIRS for text in pair]), st.integers(1, 20))
def test_formality_does_not_depend_on_length(text: str, times: int) -> None:
    """The same said again is as formal."""
    assert formality(" ".join([text] * times)) == pytest.approx(formality(text))


def answer(text: str, perplexity: float | None = None) -> Completion:
    """With a perplexity, where it has one."""
    return said(text, perplexity=perplexity)


def test_secondary_means_are_means_over_answers() -> None:
    """Of perplexity the geometric one over those that have it: sqrt(2 · 8) is 4."""
    means = secondary_means([answer("One. Two words.", 2.0), answer("Ok", 8.0), answer("")])
    assert means["sentences"] == pytest.approx((2 + 1 + 0) / 3)
    assert means["words_per_sentence"] == pytest.approx((1.5 + 1 + 0) / 3)
    assert means["perplexity"] == pytest.approx(4)
    assert means["mtld"] == mtld("One. Two words.", "Ok", "")


def test_what_was_not_measured_is_none_and_never_infinite() -> None:
    """JSON knows neither infinity nor nan."""
    assert set(secondary_means([]).values()) == {None}
    assert secondary_means([]).keys() == secondary_means([answer("Ok")]).keys()
    assert secondary_means([answer("Ok")])["perplexity"] is None
    assert secondary_means([answer("Ok", float("inf"))])["perplexity"] is None


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


def test_many_answers_that_are_too_short_make_no_limits() -> None:
    """More of them would not help, and the message does not say so first."""
    short = [" ".join(text.split()[:5]) for text in UNSTEERED]
    with pytest.raises(PrefvecError, match="Let answers be longer") as refused:
        CoherenceLimits.from_unsteered(short)
    assert f"Only 0 of {len(short)} unsteered answers" in str(refused.value)
