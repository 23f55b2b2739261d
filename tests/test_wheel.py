"""The wheel, as a user meets it: one name, its material inside, and a claim in an empty folder."""

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from prefvec.shipped import SHIPPED

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[1]

CLAIM = '''"""My own claim."""

from prefvec.experiments.claims import SelfSteering
from prefvec.verdicts.criteria import LONGER_BY_A_QUARTER, Steers

CLAIM = SelfSteering(
    id="mine-{source}",
    title="Adding its own {trait} vector makes {source} more {positive}.",
    criterion=Steers(at_least=LONGER_BY_A_QUARTER, coherence_margin=0.10),
)


def test_my_vector_steers(judge, pair):
    judge(CLAIM, pair)
'''
"""What a user writes."""

FACTS = """import pathlib
import sys

import prefvec


def pytest_unconfigure():
    here = pathlib.Path(prefvec.__file__).parent
    pathlib.Path("imported.txt").write_text(str(here), encoding="utf-8")
"""


def done(*command, cwd: Path, **environment: str) -> str:
    """What a command says; the test fails with it if the command does."""
    found = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={
            **{key: value for key, value in os.environ.items() if not key.startswith("PYTHON")},
            "OMP_NUM_THREADS": "1",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Built from this checkout, with what is installed already."""
    folder = tmp_path_factory.mktemp("wheel")
    build = ("wheel", "--no-deps", "--no-build-isolation", "--no-index", "--quiet")
    done(sys.executable, "-m", "pip", *build, "--wheel-dir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def fresh(wheel, tmp_path_factory) -> Path:
    """The Python of a fresh environment that has the wheel, and sees this one's other packages.

    A .pth file names their folder. Python reads no further .pth files there, so that a checkout
    which is installed editably stays out of sight.
    """
    home = tmp_path_factory.mktemp("fresh")
    done(sys.executable, "-m", "venv", "--without-pip", home, cwd=home)
    python = home / "bin" / "python"
    install = ("--python", python, "install", "--no-deps", "--no-index", "--quiet")
    done(sys.executable, "-m", "pip", *install, wheel, cwd=home)
    (packages,) = home.glob("lib/python*/site-packages")
    (packages / "others.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return python


def test_the_wheel_takes_one_name_and_brings_its_material(wheel):
    """`prefvec`, with every file of the material and the record of calibration."""
    names = [name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name]
    assert {name.split("/")[0] for name in names} == {"prefvec"}
    material = {
        f"prefvec/_material/{path.relative_to(SHIPPED).as_posix()}"
        for path in SHIPPED.rglob("*")
        if path.is_file()
    }
    assert material | {"prefvec/_material/calibration.json"} <= set(names)


def test_the_wheel_asks_for_no_test_tools(wheel):
    """What checks the house is extra; what a user needs is not."""
    with zipfile.ZipFile(wheel) as archive:
        (path,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        lines = archive.read(path).decode().splitlines()
    needed = {
        line.removeprefix("Requires-Dist: ").split(">")[0].split("<")[0]
        for line in lines
        if line.startswith("Requires-Dist:") and "extra ==" not in line
    }
    assert needed >= {"torch", "transformers", "pytest", "pytest-html", "jaxtyping"}
    assert not needed & {"hypothesis", "beartype", "pytest-xdist", "ruff", "hatchling"}


def test_a_user_judges_a_claim_in_an_empty_folder(fresh, tmp_path):
    """A smoke run on a miniature model: a verdict, and the page that shows it."""
    (tmp_path / "test_mine.py").write_text(CLAIM, encoding="utf-8")
    (tmp_path / "conftest.py").write_text(FACTS, encoding="utf-8")
    said = done(fresh, "-m", "pytest", "--quick", "-p", "no:cacheprovider", cwd=tmp_path)
    imported = Path((tmp_path / "imported.txt").read_text(encoding="utf-8"))
    assert imported.is_relative_to(fresh.parents[1])
    latest = tmp_path / "reports" / "latest"
    record = json.loads((latest / "verdicts.json").read_text(encoding="utf-8"))
    (claim,) = record["claims"]
    assert claim["id"] == "mine-mini-mistral"
    assert claim["outcome"] in ("SUPPORTED", "INCONCLUSIVE")
    assert 'id="mine-mini-mistral"' in (latest / "verdicts.html").read_text(encoding="utf-8")
    assert "mine-mini-mistral" in said
