"""What cannot run is not green: refused before the first test, in a sentence, with status 4."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.claim_suite import BLESS, BY_OUTCOME, ROOT, make_suite, only, record_of
from tests.exchange.written_by_others import FILES
from tests.tiny import save_tiny

pytestmark = pytest.mark.integration

pytest_plugins = ["pytester"]

HEAVY = ("torch", "transformers", "pandas", "scipy", "statsmodels")
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A tiny model that can be measured."""
    return save_tiny(tmp_path_factory.mktemp("models") / "whole", "llama")


@pytest.fixture
def broken(whole, tmp_path):
    """A copy of it, to be broken."""
    return Path(shutil.copytree(whole, tmp_path / "models" / "broken"))


@pytest.fixture
def claims(tmp_path):
    """One claim of the suite in a process of its own, asked for with options; never measured."""

    def run(*options, quick=True):
        folder = tmp_path / "claims"
        folder.mkdir(exist_ok=True)
        shutil.copy(ROOT / "claims" / "test_self_steering.py", folder)
        command = [sys.executable, "-m", "pytest", "claims", "-p", "no:cacheprovider"]
        command += ["--quick"] * quick
        environment = {key: value for key, value in os.environ.items() if "PYTEST" not in key}
        return subprocess.run(
            [
                *command,
                "-o",
                "strict_markers=true",
                "--store",
                str(tmp_path / "s.sqlite"),
                *options,
            ],
            cwd=tmp_path,
            env=environment | {"PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def refused(found):
    """The one sentence of a run that was refused, whatever bars of a model's loading there were."""
    assert found.returncode == pytest.ExitCode.USAGE_ERROR, found.stdout + found.stderr
    assert "Traceback" not in found.stdout + found.stderr
    lines = [line for line in found.stderr.splitlines() if line]
    (line,) = [line for line in lines if not line.startswith("Loading weights")]
    return line


def _cut(model):
    path = model / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-64])


BREAKS = {
    "config": (lambda model: (model / "config.json").unlink(), "holds no config.json"),
    "json": (lambda model: (model / "config.json").write_text("{x"), "is no valid JSON"),
    "kind": (lambda model: (model / "config.json").write_text("{}"), "names no `model_type`"),
    "weights": (lambda model: (model / "model.safetensors").unlink(), "weights are missing"),
    "cut": (_cut, "was not downloaded to its end"),
    "pointer": (lambda m: (m / "model.safetensors").write_text(POINTER), "Run `git lfs pull`"),
    "tokenizer": (lambda m: [p.unlink() for p in m.glob("token*")], "holds no tokenizer"),
}


@pytest.mark.parametrize("how", BREAKS)
def test_a_model_that_cannot_be_loaded_is_refused_before_the_first_test(how, broken):
    """Everything that is known of it without its weights."""
    from prefvec.errors import PrefvecError
    from prefvec.models.readable import require_readable

    require_readable(str(broken))
    act, says = BREAKS[how]
    act(broken)
    with pytest.raises(PrefvecError, match=says):
        require_readable(str(broken))


def test_a_model_that_is_not_whole_ends_the_run_with_status_4(claims, broken, tmp_path):
    """Nothing is skipped, and the page of the run before does not stand beside the new log."""
    latest = tmp_path / "reports" / "latest"
    latest.mkdir(parents=True)
    (latest / "verdicts.html").write_text("of yesterday")
    _cut(broken)
    said = refused(claims("--source", str(broken), "--target", "mini-llama"))
    assert "was not downloaded to its end" in said
    assert not (latest / "verdicts.html").exists()
    assert (tmp_path / "reports" / "previous" / "verdicts.html").read_text() == "of yesterday"


def test_a_file_that_is_no_vector_of_the_source_ends_the_run_with_status_4(claims, whole):
    """In the sentence of the library, before anything is measured; tests/exchange has them all."""
    vector = ("--vector", str(FILES / "saklas.gguf"), "--convention", "llama.cpp")
    said = refused(claims("--source", str(whole), "--target", "mini-llama", *vector))
    assert said.startswith("ERROR: --vector: ")
    assert "has a tensor 'direction.0'" in said


TRAIT = """\
name = "tone"
measure = "formality"
direction = "higher"
smallest_effect = 1.25
read = "every token"
[positive]
pole = "stiff"
extraction = ["Be stiff.", "Sound stiff."]
held_out = ["Keep it stiff."]
[negative]
pole = "loose"
extraction = ["Do not be stiff.", "Sound loose."]
held_out = ["Keep it loose."]
"""


@pytest.mark.parametrize("plan", [True, False])
def test_a_doubtful_trait_is_told_before_anything_is_generated(claims, broken, tmp_path, plan):
    """In a plan, too."""
    path = tmp_path / "tone.toml"
    path.write_text(TRAIT, encoding="utf-8")
    options = ("--target", "mini-llama", "--trait", str(path))
    if plan:
        options += ("--source", "mini-gemma", "--plan")
    else:
        _cut(broken)
        options += ("--source", str(broken), "--skip-missing")
    said = f"--trait {path}: The negative pole names the other one: 'Do not be stiff.'"
    assert said in claims(*options).stdout


def test_skip_missing_skips_and_says_so_and_nothing_measured_is_not_green(claims, broken):
    """Status 5: no claim was measured."""
    _cut(broken)
    found = claims("--source", str(broken), "--target", "mini-llama", "--skip-missing")
    assert found.returncode == pytest.ExitCode.NO_TESTS_COLLECTED
    assert f"--skip-missing leaves out the claims about {broken}" in found.stdout
    assert "No claim was measured" in found.stdout


def test_a_hub_that_cannot_be_reached_is_told_at_once(claims):
    """Offline here; the sentence says what to do."""
    said = refused(claims("--source", "someone/model", "--target", "mini-llama"))
    assert "the hub cannot be reached (offline mode is on)" in said


@pytest.mark.parametrize("what", ["a folder", "no database"])
def test_a_store_that_is_none_is_refused_once(what, claims, tmp_path):
    """And the option that names another is the right one."""
    path = tmp_path / "store"
    if what == "a folder":
        path.mkdir()
    else:
        path.write_text("not a database, and longer than the header of one would be " * 9)
    said = refused(claims("--store", str(path)))
    assert "--store" in said
    assert "--cache-dir" not in said


def test_a_broken_findings_file_is_refused_at_the_start(claims, tmp_path):
    """In the sentence that says what to do about it."""
    folder = tmp_path / "reports" / "findings"
    folder.mkdir(parents=True)
    (folder / "organisms.json").write_text("{broken")
    said = refused(claims(quick=False))
    assert "organisms.json cannot be read" in said
    assert "delete it and run with --bless" in said


OPTIONS = [
    (("--seed", "9" * 23), "it must lie between 0 and"),
    (("--seed", "-1"), "it must lie between 0 and"),
    (("--samples", "0"), "it must be at least 1"),
    (("--test-prompts", "4"), "hardly anything can be shown"),
    (("--test-prompts", "500"), "there are 160"),
    (("--dtype", "float8"), "is no floating type"),
    (("--device", "gpu"), "is no device"),
    (("--target", ""), "--source or --target is empty"),
    (("--source", "models/mistrl"), "Did you mean models/mistral?"),
    (("--source", "models/none/of/these"), "There is no directory or file"),
    (("--source", "weights.gguf"), "There is no directory or file"),
    (("--source", "mistral7b"), "Did you mean mistral-7b"),
    (("--cache-dir", "file"), "--cache-dir file cannot be a folder"),
    (("--store", "models"), "--store models is a folder"),
    (("--store", "file/store"), "file is a file and no folder"),
    (("--report-dir", "file"), "name another folder (--report-dir)"),
    (("-m", "transfert"), "Did you mean transfer"),
    (("--list", "model"), "invalid choice"),
]


@pytest.mark.parametrize(("options", "says"), OPTIONS, ids=lambda value: str(value)[:30])
def test_a_usage_error_is_told_without_torch(options, says, project):
    """In one sentence, with status 4; `--source weights.gguf` and its like included."""
    found = project(*options)
    assert found.returncode == pytest.ExitCode.USAGE_ERROR, found.stdout + found.stderr
    assert says in found.stderr
    assert "Traceback" not in found.stderr
    assert "loaded:\n" in found.stdout


@pytest.mark.parametrize("options", [("--help",), ("--list", "models"), ("--list", "traits")])
def test_help_and_lists_load_no_torch(options, project):
    """Nor anything else that takes seconds."""
    found = project(*options)
    assert found.returncode == pytest.ExitCode.OK
    assert "loaded:\n" in found.stdout


def test_the_list_of_claims_names_them_with_their_models(project):
    """As --bless-reason and the report name them."""
    found = project("--list", "claims", "--source", "mini-gemma")
    assert "self-steering-mini-gemma\n    Adding its own verbosity vector" in found.stdout
    assert "--collect-only" not in found.stdout


def test_the_list_of_claims_says_that_nothing_is_selected_from_it(project):
    """And what does list a selection."""
    found = project("--list", "claims", "-m", "transfer")
    assert "All claims, selected or not; with --collect-only -q" in found.stdout


def test_targets_that_were_not_named_stand_in_the_header(project):
    """Whoever names a source alone is told where its vector goes."""
    found = project("--source", "mini-gemma", "--collect-only")
    assert "no --target is named, so the vector of mini-gemma is carried into mini-llama and" in (
        found.stdout
    )
    found = project("--source", "gemma-3-270m", "--collect-only")
    assert "so only claims about one model are put to gemma-3-270m" in found.stdout


@pytest.fixture
def project(tmp_path):
    """A folder with one claim, and pytest in it; says at the end which libraries were loaded."""
    for folder in ("claims", "models/mistral"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "file").touch()
    shutil.copy(ROOT / "claims" / "test_self_steering.py", tmp_path / "claims")
    told = f"print('loaded:', *(name for name in {HEAVY!r} if name in sys.modules))"
    start = f"import pytest, sys\nstatus = pytest.main(sys.argv[1:])\n{told}\nsys.exit(status)"

    def run(*options):
        return subprocess.run(
            [sys.executable, "-c", start, "claims", "-p", "no:cacheprovider", *options],
            cwd=tmp_path,
            env={k: v for k, v in os.environ.items() if "PYTEST" not in k}
            | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture
def suite(pytester, monkeypatch):
    """A claims folder with a test for every outcome."""
    return make_suite(pytester, monkeypatch)


def test_nothing_is_blessed_where_a_reason_is_for_no_claim_of_the_run(suite):
    """What was measured is on the page, and no findings are written."""
    result = suite.runpytest(*only("supported"), *BLESS, "--bless-reason", "no-such=It is one.")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["Nothing was blessed: *did not measure (no-such)*"])
    assert not (suite.path / "reports" / "findings").exists()
    assert [claim["id"] for claim in record_of(suite)["claims"]] == [BY_OUTCOME["supported"]]


def test_the_page_of_the_run_before_is_put_away(suite):
    """It is in the folder beside, until the next run ends."""
    suite.runpytest(*only("supported"))
    suite.runpytest(*only("refuted"))
    previous = suite.path / "reports" / "previous" / "verdicts.json"
    (claim,) = json.loads(previous.read_text(encoding="utf-8"))["claims"]
    assert claim["id"] == BY_OUTCOME["supported"]
    (claim,) = record_of(suite)["claims"]
    assert claim["id"] == BY_OUTCOME["refuted"]


def test_the_page_of_the_run_before_is_put_away_where_nothing_is_selected(suite):
    """The new log must not stand beside an old page."""
    suite.runpytest(*only("supported"))
    suite.runpytest("claims", "-k", "no_such_claim")
    assert not (suite.path / "reports" / "latest" / "verdicts.html").exists()
    assert (suite.path / "reports" / "previous" / "verdicts.html").exists()


def test_claims_that_are_all_skipped_are_not_green(suite):
    """Status 5, and why."""
    (suite.path / "claims" / "test_skips.py").write_text(
        "import pytest\n\n\ndef test_it(claim):\n    pytest.skip('no model')\n", encoding="utf-8"
    )
    result = suite.runpytest("claims/test_skips.py")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result.stdout.fnmatch_lines(["No claim was measured: *"])


def test_a_page_that_cannot_be_written_ends_the_run_in_a_sentence(suite):
    """Once, with the option that names another folder."""
    (suite.path / "claims" / "conftest.py").write_text(
        "import pathlib\nimport shutil\n\n\ndef pytest_runtest_teardown():\n"
        "    latest = pathlib.Path('reports/latest')\n"
        "    if latest.is_dir():\n"
        "        shutil.rmtree(latest)\n"
        "        latest.write_text('in the way')\n",
        encoding="utf-8",
    )
    result = suite.runpytest("claims", "-p", "no:html")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "(--report-dir)" in result.stdout.str() + result.stderr.str()
    assert "Traceback" not in result.stdout.str() + result.stderr.str()
