"""Which claims a run is about: collected, never measured."""

import itertools

import pytest
import torch
from safetensors.torch import save_file

from tests.inner_session import session

pytestmark = pytest.mark.integration


def collect(*options):
    """What comes of only collecting the tests of a run with these options."""
    return session("claims/", "--collect-only", *options)


def collected(*options):
    """The ids of the tests that a run with these options would make."""
    said = collect(*options)
    assert said.status == 0, said.text
    return [line for line in said.text.splitlines() if "::" in line]


def test_by_default_every_row_of_the_question_is_asked_of_the_organisms():
    """Base and chat, small and large, and many concepts have pairs of their own."""
    tests = "\n".join(collected())
    for case in (
        "mini-mistral-base-to-mini-mistral]",
        "mini-mistral-to-mini-mistral-base]",
        "mini-llama-small-to-mini-llama]",
        "mini-mistral-to-mini-gemma]",
        "one-mapper-person",
    ):
        assert case in tests


def test_all_pairs_carry_every_vector_into_every_other_model_target_by_target():
    """Three models are six raw transfers, and each model is loaded for all its claims at once."""
    names = ["--source", "mini-mistral", "--target", "mini-llama", "--target", "mini-gemma"]
    tests = collected(*names, "--all-pairs")
    assert sum("test_raw_transfer.py" in test for test in tests) == 6
    assert sum("test_self_steering.py" in test for test in tests) == 3
    transfers = [test for test in tests if "-to-" in test]
    order = [test.rpartition("-to-")[2] for test in transfers]
    assert [target for target, _ in itertools.groupby(order)] == list(dict.fromkeys(order))


def test_a_relation_that_names_cannot_show_is_asked_for_by_its_marker():
    """Of two named models nobody can tell that one is the other's child."""
    names = ["--source", "mini-mistral", "--target", "mini-llama"]
    assert not any("within_a_family" in test for test in collected(*names))
    assert any("within_a_family" in test for test in collected(*names, "-m", "family"))


def test_a_strangers_vector_is_judged_in_the_three_findings_and_nowhere_else(tmp_path):
    """In the place of the source's own: that it steers, fails when copied, and can be carried."""
    path = tmp_path / "theirs.safetensors"
    save_file({"2": torch.ones(128), "3": torch.ones(128)}, path)
    file = ("--vector", str(path), "--convention", "steering-vectors")
    tests = collected("--source", "mini-mistral", "--target", "mini-llama", *file)
    files = [test.partition("::")[0].removeprefix("claims/test_") for test in tests]
    assert sorted(files) == [
        "adapted_transfer_exposed.py",
        "adapted_transfer_exposure_0.py",
        "adapted_transfer_trait_blind_prompts.py",
        "raw_transfer.py",
        "self_steering.py",
    ]
    assert all("[mini-mistral" in test for test in tests)


def test_claims_that_train_first_run_only_where_their_marker_is_asked_for():
    """Neither without -m nor with one that does not name it, whatever else they are marked with."""
    for options in ((), ("-m", "slow or transfer")):
        assert not any("tuned" in test.split("::")[0] for test in collected(*options))
    tests = collected("-m", "rahf")
    assert {test.split("::")[0] for test in tests} == {
        "claims/test_carried_and_tuned_in.py",
        "claims/test_tuned_in.py",
        "claims/test_tuning_beats_asking.py",
        "claims/test_within_a_tuned_family.py",
    }


def test_a_trait_of_the_command_line_leaves_out_claims_about_others():
    """With --trait tense the findings are about tense, and formality has no rows of its own."""
    tests = collected("--trait", "tense")
    assert any("test_raw_transfer.py" in test for test in tests)
    assert not any("formality" in test for test in tests)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--source", "mini-llama", "--target", "mini-llama"], "only model"),
        (["--source", "a/b", "--target", "c/b"], "cannot be told apart"),
        (["--target", "mini-llama", "--target", "mini-llama"], "cannot be told apart"),
        (["--target", "gemma-3-270m"], "No --source is named"),
    ],
)
def test_models_that_a_report_could_not_tell_apart_are_refused(options, says):
    """Before anything is measured, with what to do."""
    said = collect(*options)
    assert said.status != 0
    assert says in said.text


def test_a_model_in_use_alone_is_asked_for_what_is_about_one_model():
    """No organism stands in as a target: it would be asked other questions, at another length."""
    about_one = collected("--source", "gemma-3-270m")
    assert any("test_self_steering.py" in test for test in about_one)
    assert any("test_added_everywhere.py" in test for test in about_one)
    assert not any("transfer" in test or "known_answers" in test for test in about_one)
    assert not any("mini-" in test for test in about_one)


def test_claims_that_a_judge_measures_are_asked_for_by_their_marker():
    """They cost replies: no run has them that does not name the marker."""
    assert not any("as_judged" in test for test in collected())
    tests = collected("-m", "judge")
    assert len(tests) == 2
    assert all("test_self_steering_as_judged.py" in test for test in tests)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "none is named"),
        (("--judge", "http://127.0.0.1:9/v1"), "place and its model together"),
        (
            ("--judge", "local", "--judge-model", "mistrl-7b"),
            "--judge local: ",
        ),
        (
            (*("--judge", "local"), *("--judge-model", "a", "--second-judge-model", "a")),
            "named as both judges",
        ),
    ],
)
def test_judged_claims_without_a_judge_are_refused_before_anything_runs(options, said):
    """With what to give, and exit status 4."""
    found = session("claims/", "-m", "judge", *options)
    assert found.status == 4
    assert said in " ".join(found.text.split())
