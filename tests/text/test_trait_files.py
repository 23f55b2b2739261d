"""A trait file is read as it is written, and each way to write it wrong has its own sentence."""

import math

import pytest

from prefvec.errors import PrefvecError
from prefvec.organisms.world_measures import ORGANISM_MEASURES
from prefvec.text.measures import FORMALITY, MEASURES, WORDS
from prefvec.text.trait_files import load_trait
from tests.plain_answers import said

RIGHT = """\
name = "length"
measure = "words"
direction = "higher"
smallest_effect = 1.25
read = "sentence ends"

[positive]
pole = "long"
extraction = ["Answer at length.", "Give a long answer."]
held_out = ["Say a lot."]

[negative]
pole = "short"
extraction = ["Answer in brief.", "Give a short answer."]
held_out = ["Say little.", "Say next to nothing."]
"""


@pytest.fixture
def write(tmp_path):
    """Writes a trait file with one part of it replaced."""

    def written(old="", new=""):
        assert old in RIGHT
        path = tmp_path / "mine.toml"
        path.write_text(RIGHT.replace(old, new, 1), encoding="utf-8")
        return path

    return written


def load(path):
    """The trait of a file, for real models."""
    return load_trait(path, MEASURES, elsewhere=ORGANISM_MEASURES.keys() - MEASURES.keys())


def test_a_trait_is_what_its_file_says(write):
    """Every key has its place; the smallest effect is kept as a logarithm."""
    trait = load(write())
    assert (trait.name, trait.positive.name, trait.negative.name) == ("length", "long", "short")
    assert trait.positive.extraction == ("Answer at length.", "Give a long answer.")
    assert trait.negative.held_out == ("Say little.", "Say next to nothing.")
    assert trait.measure is WORDS
    assert trait.smallest_effect == pytest.approx(math.log(1.25))


def test_a_byte_order_mark_is_no_mistake(write):
    """Editors on Windows put one at the beginning."""
    path = write()
    plain = load(path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load(path) == plain


def test_a_positive_pole_with_less_of_the_measure_reverses_it(write):
    """Where direction is "lower", what lowers the count raises the measure."""
    measure = load(write('"higher"', '"lower"')).measure
    assert (measure.sign, measure.up, measure.down) == (-1, WORDS.down, WORDS.up)


@pytest.mark.parametrize(("written", "factor"), [("2", 2), ("1.0001", 1.0001), ("1e300", 1e300)])
def test_any_finite_factor_above_one_is_an_effect(write, written, factor):
    """Whole numbers too."""
    assert load(write("1.25", written)).smallest_effect == pytest.approx(math.log(factor))


PAIR = '["Answer at length.", "Give a long answer."]'


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param("=", "", "not valid TOML.*Repair", id="not-toml"),
        pytest.param('name = "length"\n', "", "`name` is missing.*smallest_effect", id="missing"),
        pytest.param('pole = "short"\n', "", r"`negative.pole` is missing", id="missing-in-pole"),
        pytest.param("[negative]", "[minus]", "`minus` is no key.*negative", id="other-table"),
        pytest.param("measure", "mesure", "`mesure` is no key.*mean measure", id="unknown-key"),
        pytest.param(
            "held_out",
            "heldout",
            r"`positive.heldout` is no key.*mean held_out",
            id="unknown-in-pole",
        ),
        pytest.param('"length"', "3", "`name` is 3 where a string", id="name-no-string"),
        pytest.param('"length"', '" "', "`name` is ' ' where a string with text", id="name-empty"),
        pytest.param('"length"', '"My Trait"', "`name` is 'My Trait'.*a-z, 0-9", id="name-odd"),
        pytest.param('"words"', '"word"', "no measure.*formality.*mean words", id="measure"),
        pytest.param(
            '"words"', '"tense"', "'tense', which only the grammar.*words", id="measure-elsewhere"
        ),
        pytest.param('"higher"', '"up"', "`direction` is 'up'.*higher.*lower", id="direction"),
        pytest.param(
            '"sentence ends"', '"the end"', "`read` is 'the end'.*every token", id="positions"
        ),
        pytest.param("1.25", '"1.25"', "`smallest_effect` is '1.25' where a number", id="quoted"),
        pytest.param("1.25", "true", "`smallest_effect` is True where a number", id="boolean"),
        pytest.param("1.25", "1", "`smallest_effect` is 1, .*above 1", id="no-effect"),
        pytest.param("1.25", "0.8", "`smallest_effect` is 0.8, .*above 1", id="below-one"),
        pytest.param("1.25", "inf", "`smallest_effect` is inf, .*finite", id="infinite"),
        pytest.param("1.25", "nan", "`smallest_effect` is nan, .*finite", id="no-number"),
        pytest.param("1.25", "-" + "9" * 400, "finite factor above 1", id="huge"),
        pytest.param('"long"', "[]", r"`positive.pole` is \[\] where a string", id="pole-list"),
        pytest.param('"long"', '"short"', "are both 'short'.*Rename", id="one-pole"),
        pytest.param(PAIR, '"Be long."', "`positive.extraction` is .* list", id="no-list"),
        pytest.param(PAIR, '["Be long.", 7]', "has 7 as entry 2", id="entry-no-string"),
        pytest.param(PAIR, '["Be long.", ""]', "has '' as entry 2", id="entry-empty"),
        pytest.param(PAIR, "[]", "`positive.extraction` has 0 of at least 2", id="empty-list"),
        pytest.param(PAIR, '["Be long."]', "has 1 of at least 2 paraphrases", id="one-paraphrase"),
        pytest.param('["Say a lot."]', "[]", "`positive.held_out` has 0 of", id="unheld"),
        pytest.param(
            PAIR,
            '["A.", "B.", "C."]',
            "has 3 paraphrases and `negative.extraction` 2",
            id="unequal",
        ),
        pytest.param(
            "Answer in brief.",
            "answer  at LENGTH.",
            "`negative.extraction` repeats .* of `positive.extraction`",
            id="both-poles",
        ),
        pytest.param(
            "Say a lot.",
            "Give a long answer.",
            "`positive.held_out` repeats .* of `positive.extraction`",
            id="seen-held-out",
        ),
        pytest.param(
            "Say little.",
            "Give a long answer.",
            "`negative.held_out` repeats .* of `positive.extraction`",
            id="held-out-of-the-other",
        ),
        pytest.param(
            "Give a short answer.", "Answer in brief.", "Each instruction stands once", id="twice"
        ),
    ],
)
def test_each_mistake_is_named_with_its_place(write, old, new, message):
    """The file, the key, what is wrong with it and what to write."""
    path = write(old, new)
    with pytest.raises(PrefvecError, match=message) as caught:
        load(path)
    assert str(caught.value).startswith(str(path))


def test_a_pole_must_be_a_table(tmp_path):
    """A string in its place says so."""
    head = RIGHT.partition("\n[positive]")[0]
    path = tmp_path / "mine.toml"
    path.write_text(f'{head}positive = "long"\nnegative = "short"\n', encoding="utf-8")
    with pytest.raises(PrefvecError, match=r"`positive` is 'long' where a table.*\[positive\]"):
        load(path)


def test_a_file_that_is_not_there_or_is_no_text_is_said_so(tmp_path):
    """No traceback for a wrong path, a folder or an image."""
    with pytest.raises(PrefvecError, match=r"no trait file at .*missing\.toml"):
        load(tmp_path / "missing.toml")
    with pytest.raises(PrefvecError, match="cannot be read as a trait file"):
        load(tmp_path)
    image = tmp_path / "image.toml"
    image.write_bytes(b"\x89PNG\xff")
    with pytest.raises(PrefvecError, match="not valid TOML"):
        load(image)


def test_the_measures_are_those_of_the_models(write):
    """What organisms are measured by serves them; formality is another thing to them."""
    tense = load_trait(write('"words"', '"tense"'), ORGANISM_MEASURES)
    assert tense.measure is ORGANISM_MEASURES["tense"]
    assert load(write('"words"', '"formality"')).measure is FORMALITY
    assert load_trait(write('"words"', '"formality"'), ORGANISM_MEASURES).measure is not FORMALITY


JUDGED = """
[judge]
rubric = "How long is it? 1 is short, 5 is long."
second_rubric = "How much room does it take? 1 is little, 5 is much."
scale = "12345"
high = "positive"
"""


@pytest.fixture
def judged(tmp_path):
    """Writes a trait file with a rubric, some of its parts replaced."""

    def written(*changes, measure="judge"):
        text = RIGHT.replace('"words"', f'"{measure}"') + JUDGED
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        path = tmp_path / "judged.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def test_a_judge_is_a_measure_like_any_other(judged):
    """Marks are odds of high over low; without a judge at hand the sentence says what to give."""
    trait = load(judged())
    assert trait.measure.name == "judge"
    assert (trait.measure.up, trait.measure.form) == ("judged more long", "balance")
    assert trait.rubrics is not None
    assert [rubric.scale for rubric in trait.rubrics.both] == ["12345", "12345"]
    with pytest.raises(PrefvecError, match="--judge"):
        trait.measure.count(said("So."))


def test_a_rubric_may_stand_beside_a_count(judged):
    """The measure is what the file names; a claim as judged has its rubrics."""
    trait = load(judged(measure="words"))
    assert trait.measure is WORDS
    assert trait.rubrics is not None
    assert load(judged(('"judge"', '"words"'))).rubrics == trait.rubrics


def test_the_low_marks_may_be_the_positive_pole(judged):
    """Then less of the marks is more of the trait."""
    high = ('high = "positive"', 'high = "negative"')
    trait = load(judged(high, ('"higher"', '"lower"')))
    assert trait.rubrics.higher == -1
    assert trait.measure.name == "judge-reversed"
    assert trait.measure.up == "judged more long"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ((JUDGED, ""), r"no table \[judge\]"),
        (('scale = "12345"\n', ""), "`judge.scale` is missing"),
        (('"12345"', '"11"'), "`judge.scale` '11' is no scale"),
        (('high = "positive"', 'high = "up"'), "`judge.high` is 'up'"),
        (('"higher"', '"lower"'), "does not go with `judge.high`"),
        (
            (
                "How much room does it take? 1 is little, 5 is much.",
                "How long is it? 1 is short, 5 is long.",
            ),
            "repeats `judge.rubric`",
        ),
    ],
)
def test_a_mistake_in_what_a_judge_is_asked_has_its_sentence(judged, change, said):
    """It names the key."""
    with pytest.raises(PrefvecError, match=said):
        load(judged(change))
