"""Which questions a run asks, and where that is written."""

import dataclasses

import pytest

from prefvec.errors import PrefvecError
from prefvec.experiments.material import Material
from prefvec.experiments.options import Options
from prefvec.experiments.question_sets import SETS, USUAL, file_of, told, usual_for, usual_tokens
from prefvec.models.registry import aliases
from prefvec.report.run_rows import run_rows
from prefvec.text.prompt_files import load_prompts

SMALL = Options(sources=("smollm2-135m-instruct",), targets=("gemma-3-270m",))
LARGE = Options(sources=("mistral-7b-instruct",), targets=("gemma-7b-it",))
ORGANISMS = Options(sources=("mini-mistral",), targets=("mini-llama",))


def asked(options):
    """The ids of all prompts of a run."""
    splits = Material.of(options).splits
    return {prompt.id for prompts in splits.values() for prompt in prompts}


def ids(name):
    """The ids of a set of the suite."""
    return {prompt.id for prompt in load_prompts(SETS[name])}


def test_the_registry_names_sets_that_there_are():
    """Another name would be looked for as a file, in the middle of a run."""
    wanted = {alias: entry.prompts for alias, entry in aliases().items() if entry.prompts}
    assert set(wanted.values()) <= SETS.keys()
    assert wanted["smollm2-135m-instruct"] == wanted["gemma-3-270m"] == "short"


def test_small_models_are_asked_short_questions_and_others_open_ones():
    """Where the run says nothing."""
    assert asked(SMALL) <= ids("short")
    assert asked(LARGE) <= ids("open")


@pytest.mark.parametrize(
    "models",
    [
        pytest.param(["smollm2-135m-instruct", "mistral-7b"], id="a-large-one-too"),
        pytest.param(["smollm2-135m-instruct", "someone/model"], id="an-unknown-one-too"),
        pytest.param(["smollm2-135m-instruct", "mini-llama"], id="an-organism-too"),
        pytest.param(["someone/model", "mistral-7b"], id="none-of-them"),
    ],
)
def test_short_questions_are_asked_unbidden_only_if_every_model_is_small(models):
    """All models of a run are asked the same."""
    assert usual_for(models) == USUAL


def test_small_models_have_the_tau_that_the_registry_names():
    """Both of them the same, so that a run of both has it."""
    assert usual_tokens(SMALL.names, 512) == 160
    assert usual_tokens([*SMALL.names, "mini-llama"], 512) == 512
    assert usual_tokens(["someone/model"], 512) == 512


@pytest.mark.parametrize("value", ['"160"', "0", "true"])
def test_a_tau_that_is_no_number_of_tokens_is_refused(tmp_path, value):
    """By the entry that has it."""
    registry = tmp_path / "registry.toml"
    entry = ["[small]", 'hub = "a/b"', 'revision = "c"', 'dtype = "float32"']
    registry.write_text("\n".join([*entry, f"max_new_tokens = {value}"]))
    with pytest.raises(PrefvecError, match="whole number of tokens"):
        aliases(registry)


@pytest.mark.parametrize("models", [["smollm2-135m-instruct", "mistral-7b"], ["mistral-7b"]])
def test_where_models_differ_tau_is_the_usual(models):
    """All models of a run are held to the same."""
    assert usual_tokens(models, 512) == 512


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("options", [SMALL, LARGE], ids=["small", "large"])
def test_a_set_that_is_named_is_asked_of_any_model(options, name):
    """By `--prompts short` and `--prompts open`."""
    options = dataclasses.replace(options, prompts=name)
    assert options.questions == name
    assert asked(options) <= ids(name)


def test_a_file_that_has_the_name_of_a_set_is_reached_by_its_path(tmp_path, monkeypatch):
    """The bare name is that of the set."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "short").touch()
    assert file_of("short") == SETS["short"]
    assert file_of("./short").samefile(tmp_path / "short")


def test_what_is_no_set_and_no_file_is_refused_with_the_names_of_the_sets():
    """A slip in a name must not become a search for the reason."""
    with pytest.raises(PrefvecError, match=r"no prompt file at shrt.*open or short"):
        file_of("shrt")


def test_findings_on_other_questions_than_the_usual_have_a_file_of_their_own(tmp_path):
    """A set by its name, a file by a digest; naming the usual set changes nothing."""
    for options, usual, other in ((SMALL, "short", "open"), (LARGE, "open", "short")):
        plainly = options.model_set
        assert "prompts" not in plainly
        assert dataclasses.replace(options, prompts=usual).model_set == plainly
        named = dataclasses.replace(options, prompts=other).model_set
        assert named == f"{plainly}--prompts-{other}"
    (tmp_path / "my.jsonl").write_text("{}", encoding="utf-8")
    mine = dataclasses.replace(SMALL, prompts=str(tmp_path / "my.jsonl")).model_set
    assert mine == f"{SMALL.model_set}--prompts-44136fa3"  # the SHA-256 of "{}"


def test_the_record_says_which_questions_were_asked(tmp_path):
    """By name and by what they say; of organisms it says nothing, for they have a world."""
    assert ORGANISMS.questions is None
    assert told("short").startswith("short, of the suite (")
    assert told("short").split("(")[1] != told("open").split("(")[1]
    for name, mark in (("a.jsonl", ""), ("b.jsonl", "\ufeff")):
        (tmp_path / name).write_text(f"{mark}{{}}\n", encoding="utf-8")
    one, other = (told(str(tmp_path / name)) for name in ("a.jsonl", "b.jsonl"))
    assert one.startswith("a.jsonl (")
    assert one.split("(")[1] == other.split("(")[1]
    assert ("Questions", one) in run_rows({"questions": one, "duration_s": 1.0})
    assert "Questions" not in dict(run_rows({"questions": None, "duration_s": 1.0}))
