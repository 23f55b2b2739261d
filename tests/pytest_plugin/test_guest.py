"""In a project of its own that has no claims, the plugin does nothing; with claims, all it does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from prefvec.pytest_plugin.markers import MARKERS

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "transformers", "pandas", "scipy", "statsmodels")
WATCHING = f"""
import sys


def pytest_unconfigure():
    loaded = [name for name in {HEAVY!r} if name in sys.modules]
    rooms = sorted({{name.split(".")[1] for name in sys.modules if name.startswith("prefvec.")}})
    print("loaded:", *loaded)
    print("rooms:", *rooms)
"""
CLAIM = """
from prefvec.experiments.claims import SelfSteering
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Steers

CLAIM = SelfSteering(
    id="{id}-{{source}}",
    title="{{source}} obeys.",
    criterion=Steers(at_least=LONGER_BY_A_QUARTER, coherence_margin=0.10),
)
"""
TEST = """

def test_it_steers(judge, pair):
    judge(CLAIM, pair)
"""


@pytest.fixture
def project(tmp_path):
    """A folder of somebody else's, and pytest in it, in a process of its own."""

    def run(*options, **files):
        for name, text in files.items():
            (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        environment = {key: value for key, value in os.environ.items() if "PYTEST" not in key}
        command = [sys.executable, "-m", "pytest", "-q", "-W", "error", *options]
        return subprocess.run(
            [*command, "-p", "no:cacheprovider", "-o", "strict_markers=true"],
            cwd=tmp_path,
            env={**environment, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_a_session_without_claims_loads_no_torch_and_writes_nothing(project, tmp_path):
    """Nothing of the house is loaded but the plugin, and the folder has what it had."""
    found = project(conftest=WATCHING, test_theirs="def test_one():\n    pass\n")
    assert found.returncode == pytest.ExitCode.OK, found.stdout + found.stderr
    assert "loaded:\n" in found.stdout
    assert "rooms: errors pytest_plugin vocabulary\n" in found.stdout
    assert "verdict" not in found.stdout + found.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"conftest.py", "test_theirs.py"}


def test_a_folder_called_claims_is_not_taken_for_ours(project, tmp_path):
    """An insurer has claims, too, may state one as CLAIM, and wants no report of ours."""
    (tmp_path / "claims").mkdir()
    (tmp_path / "claims" / "test_theirs.py").write_text(
        "CLAIM = 7\n\n\ndef test_one():\n    pass\n"
    )
    found = project("claims", conftest=WATCHING)
    assert found.returncode == pytest.ExitCode.OK, found.stdout + found.stderr
    assert "rooms: errors pytest_plugin vocabulary\n" in found.stdout
    assert not (tmp_path / "reports").exists()


def test_an_option_that_the_project_has_itself_stays_with_it(project):
    """Ours of the same name gives way; those that nobody has are there."""
    theirs = "def pytest_addoption(parser):\n    parser.addoption('--device', default='theirs')\n"
    found = project(
        "--samples=3",
        conftest=theirs,
        test_theirs="def test_one(pytestconfig):\n"
        "    assert pytestconfig.getoption('--device') == 'theirs'\n"
        "    assert pytestconfig.getoption('--samples') == 3\n",
    )
    assert found.returncode == pytest.ExitCode.OK, found.stdout + found.stderr


def test_the_plugin_declares_its_markers(project):
    """`strict_markers` accepts each of them and nothing that nobody declared."""
    marked = "import pytest\n\n" + "".join(
        f"\n@pytest.mark.{name}\ndef test_{name}():\n    pass\n" for name in MARKERS
    )
    assert project(test_theirs=marked).returncode == pytest.ExitCode.OK
    found = project(test_theirs=marked.replace("mark.raw\n", "mark.rawest\n"))
    assert found.returncode == pytest.ExitCode.INTERRUPTED
    assert "'rawest' not found in `markers`" in found.stdout


def test_bad_options_are_refused_before_anything_is_run(project):
    """With status 4 and one sentence."""
    found = project("--samples=0", test_mine=CLAIM.format(id="mine") + TEST)
    assert found.returncode == pytest.ExitCode.USAGE_ERROR
    assert "--samples is 0; it must be at least 1." in found.stderr
    assert "Traceback" not in found.stderr


def test_a_claim_in_any_folder_has_a_family(project, tmp_path):
    """All that the files of its folder state, whichever of them are run; other tests do not run."""
    (tmp_path / "mine").mkdir()
    for name in ("one", "two"):
        text = CLAIM.format(id=name) + TEST
        (tmp_path / "mine" / f"test_{name}.py").write_text(text, encoding="utf-8")
    (tmp_path / "mine" / "test_plain.py").write_text("raise SystemExit('never run')\n")
    (tmp_path / "test_elsewhere.py").write_text(CLAIM.format(id="elsewhere") + TEST)
    listing = (
        "from prefvec.pytest_plugin.selection import Named, declared_beside\n\n\n"
        "def pytest_collection_finish(session):\n"
        "    declared = declared_beside(session.items, Named.of(session.config))\n"
        "    print('declared:', *(claim.name(pair) for claim, pair in declared))\n"
    )
    found = project("--collect-only", "mine/test_two.py", conftest=listing)
    assert found.returncode == pytest.ExitCode.OK, found.stdout + found.stderr
    assert "declared: one-mini-mistral two-mini-mistral\n" in found.stdout


def test_a_file_of_the_family_that_cannot_be_read_is_named(project, tmp_path):
    """With what to do about it."""
    (tmp_path / "test_broken.py").write_text("CLAIM = nothing\n")
    found = project("test_mine.py", test_mine=CLAIM.format(id="mine") + TEST)
    assert found.returncode == pytest.ExitCode.TESTS_FAILED
    assert "test_broken.py states claims and cannot be read (NameError" in found.stdout
    assert "move it to a folder of its own" in found.stdout
