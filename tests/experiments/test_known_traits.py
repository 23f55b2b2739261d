"""The traits that come with the suite, and those that `--trait` names."""

import dataclasses
import math

import pytest

from prefvec.errors import PrefvecError
from prefvec.experiments.known_traits import trait_of, traits_of
from prefvec.experiments.open_questions import QUESTIONED
from prefvec.experiments.options import Options
from prefvec.experiments.subject import EVERY_SUBJECT
from prefvec.organisms.small_world import SMALL_WORLD
from prefvec.text.trait_files import plain

REAL = QUESTIONED.traits
EVERY = [
    pytest.param(trait, id=f"{subject.kind}-{name}")
    for subject in EVERY_SUBJECT
    for name, trait in traits_of(subject).items()
]


@pytest.fixture
def own(tmp_path):
    """Writes a shipped trait's file anew, as a user would who starts from it."""

    def written(original, *changes):
        text = original.read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "mine.toml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return written


def test_each_file_bears_the_name_of_its_trait():
    """So that `--trait NAME` finds it; each folder has its traits in the order of the alphabet."""
    for subject in EVERY_SUBJECT:
        names = list(traits_of(subject))
        assert names == sorted(names)
        assert names == [trait.name for trait in traits_of(subject).values()]
    assert set(traits_of(QUESTIONED)) == {"verbosity", "formality"}


@pytest.mark.parametrize("trait", EVERY)
def test_shipped_poles_have_as_many_paraphrases_of_each_kind(trait):
    """Eight or more for the vector, three or more held out, pairing up one by one."""
    assert len(trait.positive.extraction) == len(trait.negative.extraction) >= 8
    assert len(trait.positive.held_out) == len(trait.negative.held_out) >= 3


def test_smallest_effects_are_a_quarter_or_a_small_odds_ratio():
    """1.68 is d = 0.2 (Chen, Cohen & Chen 2010), for what is counted in sentences."""
    for trait in traits_of(SMALL_WORLD).values():
        factor = 1.25 if trait.name == "verbosity" else 1.68
        assert trait.smallest_effect == pytest.approx(math.log(factor))
    for trait in traits_of(QUESTIONED).values():
        assert trait.smallest_effect == pytest.approx(math.log(1.25))


def test_a_run_that_names_no_trait_is_about_verbosity():
    """Of the kind of its models."""
    for subject in EVERY_SUBJECT:
        assert trait_of(None, subject) is traits_of(subject)["verbosity"]
        assert trait_of("formality", subject) is traits_of(subject)["formality"]


def test_a_name_that_is_no_trait_is_refused_with_those_that_are():
    """A typing error gets the name it resembles, an organisms' trait its reason."""
    with pytest.raises(PrefvecError, match=r"formality, verbosity.*Did you mean verbosity\?"):
        trait_of("verbositi", QUESTIONED)
    with pytest.raises(PrefvecError, match=r"'tense' for real.*trait of the organisms alone"):
        trait_of("tense", QUESTIONED)
    with pytest.raises(PrefvecError, match=r"for the organisms \(certainty, .*TOML file"):
        trait_of("zzz", SMALL_WORLD)


@pytest.mark.parametrize("subject", EVERY_SUBJECT, ids=lambda subject: subject.kind)
def test_a_file_of_the_users_is_a_trait_of_either_kind_of_models(own, subject):
    """It takes a shipped trait's place by bearing its name."""
    path = own(
        subject.traits / "verbosity.toml", ("smallest_effect = 1.25", "smallest_effect = 1.5")
    )
    trait = trait_of(path, subject)
    assert trait.smallest_effect == pytest.approx(math.log(1.5))
    assert trait.positive == traits_of(subject)["verbosity"].positive


def test_another_trait_must_not_ask_in_a_shipped_ones_words(own):
    """Else a map that is to be blind to it would read its very instructions."""
    path = own(REAL / "formality.toml", ('name = "formality"', 'name = "register"'))
    with pytest.raises(PrefvecError, match=r"words of the trait 'formality'.*name = 'formality'"):
        trait_of(path, QUESTIONED)


MINE = """\
name = "courage"
measure = "words"
direction = "lower"
smallest_effect = 1.4
read = "sentence ends"
[positive]
pole = "brave"
extraction = ["Be brave.", "Dare."]
held_out = ["Show courage."]
[negative]
pole = "timid"
extraction = ["Be timid.", "Shrink."]
held_out = ["Show fear."]
"""


def test_the_findings_file_tells_traits_apart(tmp_path):
    """Verbosity has the plain name, another trait its own, a file its content's, too."""
    options = Options(sources=("mini-mistral",), targets=("mini-llama",))
    plainly = options.model_set

    def named(trait):
        return dataclasses.replace(options, trait=trait).model_set

    assert named("verbosity") == plainly
    assert named("formality") == f"{plainly}--trait-formality"
    first, other = tmp_path / "a.toml", tmp_path / "b.toml"
    first.write_text(MINE, encoding="utf-8")
    other.write_text(MINE.replace("1.4", "1.5"), encoding="utf-8")
    assert named(str(first)).startswith(f"{plainly}--trait-courage-")
    assert len(named(str(first))) == len(f"{plainly}--trait-courage-") + 8
    assert named(str(first)) != named(str(other))


def test_what_makes_no_difference_to_a_reader_makes_none_to_a_comparison():
    """Case and spacing."""
    assert plain(" Be  Brief.\n") == plain("be brief.")
