"""A user's function of a text becomes a measure that trait files can name."""

import pytest

from prefvec.errors import PrefvecError
from prefvec.text.measures import REGISTERED, WORDS, measure
from prefvec.text.trait_files import load_trait
from tests.plain_answers import said

TRAIT = """
name = "liveliness"
measure = "exclamations"
direction = "lower"
smallest_effect = 1.5
read = "every token"
[positive]
pole = "calm"
extraction = ["Be calm.", "Stay calm."]
held_out = ["Keep calm."]
[negative]
pole = "lively"
extraction = ["Be lively.", "Stay lively."]
held_out = ["Keep lively."]
"""
ABOUT = {"what": "exclamation marks per answer", "up": "livelier", "down": "calmer"}


@pytest.fixture(autouse=True)
def _own(monkeypatch):
    """Each test registers its own; none is left behind."""
    kept = dict(REGISTERED)
    REGISTERED.clear()
    yield
    REGISTERED.clear()
    REGISTERED.update(kept)


def exclamations(text: str) -> float:
    """Exclamation marks."""
    return float(text.count("!"))


def test_a_trait_file_names_a_registered_measure(tmp_path):
    """It counts by the user's function, reversed where the positive pole has less."""
    assert measure(name="exclamations", **ABOUT)(exclamations) is exclamations
    file = tmp_path / "liveliness.toml"
    file.write_text(TRAIT, encoding="utf-8")
    found = load_trait(file).measure
    assert found.count(said("Oh! A pebble!")) == (2.0, 0.0)
    assert (found.up, found.sign, found.form) == ("calmer", -1, "amount")


def test_an_unregistered_name_is_refused_with_those_there_are(tmp_path):
    """The sentence lists a registered measure among the known ones."""
    measure(name="exclamation-marks", **ABOUT)(exclamations)
    file = tmp_path / "liveliness.toml"
    file.write_text(TRAIT, encoding="utf-8")
    with pytest.raises(PrefvecError, match=r"Did you mean exclamation-marks\?"):
        load_trait(file)


def test_a_balance_gives_what_speaks_for_and_against():
    """Both numbers of a pair are kept."""

    @measure(name="questions", what="! over ?", up="surer", down="less sure", form="balance")
    def surer(text: str) -> tuple[float, float]:
        return float(text.count("!")), float(text.count("?"))

    assert REGISTERED["questions"].count(said("What? Oh! Ah!")) == (2.0, 1.0)


def test_the_same_function_may_come_twice_and_another_may_not():
    """A file that is imported twice is no mistake; two meanings of one name are."""
    measure(name="exclamations", **ABOUT)(exclamations)
    measure(name="exclamations", **ABOUT)(exclamations)
    with pytest.raises(PrefvecError, match="is a measure 'exclamations' already"):
        measure(name="exclamations", **{**ABOUT, "what": "marks"})(exclamations)
    with pytest.raises(PrefvecError, match="is a measure 'words' already"):
        measure(name="words", **ABOUT)(exclamations)


def test_code_outside_files_is_told_apart_by_what_it_does():
    """Two functions of a notebook under one name are two measures; equal ones are one."""
    one, same, other = (
        eval(source, {})  # as a notebook or a prompt would define it
        for source in (
            "lambda text: text.count('!')",
            "lambda text: text.count('!')",
            "lambda text: text.count('?')",
        )
    )
    measure(name="exclamations", **ABOUT)(one)
    measure(name="exclamations", **ABOUT)(same)
    with pytest.raises(PrefvecError, match="already"):
        measure(name="exclamations", **ABOUT)(other)


@pytest.mark.parametrize("returned", [-1, float("nan"), "many", (1, 2), None])
def test_what_is_no_amount_is_refused_when_it_is_counted(returned):
    """A function that returns something else is not turned into a number in silence."""
    measure(name="odd", **ABOUT)(lambda text: returned)
    with pytest.raises(PrefvecError, match="a finite number of at least 0 belongs there"):
        REGISTERED["odd"].count(said("Oh."))


def test_a_name_that_no_file_could_hold_is_refused():
    """As for traits: a-z, 0-9 and - alone."""
    with pytest.raises(PrefvecError, match="cannot name a measure"):
        measure(name="Exclamations!", **ABOUT)


def test_the_measures_of_the_package_have_no_code_of_their_own():
    """Their code has a fingerprint with the package's; a registered one brings its own."""
    measure(name="exclamations", **ABOUT)(exclamations)
    assert WORDS.code == ""
    assert len(REGISTERED["exclamations"].code) == 12
