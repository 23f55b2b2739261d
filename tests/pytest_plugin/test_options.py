"""What the command line asks for is refused before anything is run, where it cannot be measured."""

import dataclasses
import json
import re
from pathlib import Path

import pytest

# pytester forgets what its sessions import first, and a class that is imported twice is two; torch
# cannot be.
import prefvec.exchange.conventions
import prefvec.experiments.options
import prefvec.models.registry
import prefvec.text.splits  # noqa: F401
from prefvec.pytest_plugin.command_line import MEASURING
from prefvec.pytest_plugin.fixtures import options_of

pytest_plugins = ["pytester"]

DOCUMENTED = Path(__file__).parents[2] / "docs" / "command_line.md"
REAL = ("--source", "someone/model", "--target", "someone/other")


@pytest.fixture
def refusal(pytester):
    """Runs pytest with the options and gives what it says on refusing them."""

    def run(*options):
        result = pytester.runpytest_inprocess(
            "-p",
            "prefvec.pytest_plugin.command_line",
            "-p",
            "no:cacheprovider",
            "--collect-only",
            *options,
        )
        assert result.ret == pytest.ExitCode.USAGE_ERROR, result.stdout.str()
        assert "Traceback" not in result.stderr.str()
        return result.stderr.str()

    return run


def test_help_and_documentation_have_the_numbers_that_a_run_has(pytester):
    """Of a smoke run, its prompts and its control prompts: it has as many samples as any."""
    plain, quick = (options_of(pytester.parseconfig(*words)) for words in ((), ("--quick",)))
    documented = dict(
        re.findall(r"^\| `(--[a-z-]+).*?` \| (.*) \|$", DOCUMENTED.read_text("utf-8"), re.M)
    )
    for said in (MEASURING["--quick"]["help"], documented["--quick"]):
        assert f"{quick.n_prompts} prompts, controls on {quick.control_prompts} prompts" in said
        assert f"{quick.max_new_tokens} tokens an answer at most" in said
        assert "sample" not in said
    assert quick.samples == plain.samples
    for said in (MEASURING["--samples"]["help"], documented["--samples"]):
        assert f"efault: {plain.samples}" in said


@pytest.mark.parametrize("given", [("--targets", "mini-llama"), ("--targets=mini-llama",)])
def test_an_option_that_is_none_is_refused_with_the_one_that_is_near(refusal, given):
    """That there is none is all that pytest would say."""
    assert "There is no option --targets. Did you mean --target?" in refusal(*given)


def test_an_option_that_is_near_none_is_left_to_pytest(refusal):
    """It may be one of a plugin that is not installed."""
    said = refusal("--cov", "prefvec")
    assert "unrecognized arguments" in said
    assert "Did you mean" not in said


def test_a_trait_that_is_none_is_refused(refusal):
    """By name or by file."""
    assert "Did you mean formality?" in refusal("--trait", "formalty")
    assert "a trait of the organisms alone" in refusal(*REAL, "--trait", "tense")
    assert "no trait file at mine.toml" in refusal("--trait", "mine.toml")


def test_a_trait_that_only_organisms_can_show_is_refused_for_real_models(refusal, pytester):
    """The same file is a trait of organisms; the sentence names its key."""
    path = pytester.path / "mine.toml"
    pole = 'pole = "{0}"\nextraction = ["{0} so", "{0} thus"]\nheld_out = ["{0}"]\n'
    head = 'name = "time"\nmeasure = "tense"\ndirection = "higher"\n'
    head += 'smallest_effect = 1.5\nread = "every token"\n'
    poles = f"[positive]\n{pole.format('then')}[negative]\n{pole.format('now')}"
    path.write_text(head + poles, encoding="utf-8")
    assert "`measure` is 'tense', which only the grammar" in refusal(*REAL, "--trait", str(path))
    fine = pytester.runpytest_inprocess(
        "-p", "prefvec.pytest_plugin.command_line", "--trait", str(path)
    )
    assert fine.ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_a_path_that_leads_nowhere_is_refused(refusal, pytester):
    """A directory or a GGUF file; what is there is taken."""
    for name in ("./gone", "./gone.gguf"):
        assert f"no directory or file {name}" in refusal("--source", name, "--target", "a/b")
    (pytester.path / "here.gguf").touch()
    for name in ("./here.gguf", "here.gguf"):
        taken = pytester.runpytest_inprocess(
            *("-p", "prefvec.pytest_plugin.command_line"), "--source", name, "--target", "a/b"
        )
        assert taken.ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_prompts_that_cannot_be_split_are_refused(refusal, pytester):
    """The file's own mistakes, and too few topics."""
    path = pytester.path / "my.jsonl"
    path.write_text(json.dumps({"id": "a", "text": "Why?", "topic": "t"}), encoding="utf-8")
    assert "on 1 topic (t), and at least 5" in refusal(*REAL, "--prompts", str(path))
    assert "no prompt file at none.jsonl" in refusal(*REAL, "--prompts", "none.jsonl")


def test_a_strangers_vector_is_refused_without_what_it_needs(refusal, pytester):
    """Its file, its convention, its one model; the convention is never guessed."""
    path = pytester.path / "theirs.gguf"
    file, source = ("--vector", str(path)), ("--source", "mini-mistral")
    named = ("--convention", "repeng")
    assert "is no file" in refusal(*file, *named, *source)
    path.write_bytes(b"GGUF")
    assert "No convention is named" in refusal(*file, *source)
    told = refusal(*file, *source, "--convention", "gguf")
    assert "There is no convention 'gguf'" in told
    assert "cvector-generator: GGUF by llama.cpp's own generator" in told
    assert "name that model by one --source" in refusal(*file, *named)
    assert "without --all-pairs" in refusal(*file, *named, *source, "--all-pairs")
    assert "give both" in refusal(*named)


def test_prompts_for_organisms_are_refused_with_the_reason(refusal):
    """Their questions are about their world."""
    assert "entities of their small world" in refusal("--prompts", "my.jsonl")


def test_the_findings_file_tells_prompts_apart(prefvec_options, tmp_path):
    """Its name has a digest of what is asked, in which line ends do not count."""
    plainly = dataclasses.replace(prefvec_options, prompts=None).model_set
    names = []
    for name, text in {"a": b"x\n", "b": b"x\r\n", "c": b"y\n"}.items():
        (tmp_path / name).write_bytes(text)
        names.append(dataclasses.replace(prefvec_options, prompts=str(tmp_path / name)).model_set)
    assert names[0] == names[1] != names[2]
    assert all(name.startswith(f"{plainly}--prompts-") for name in names)
