"""Names on the command line."""

import re
from pathlib import Path

import pytest

from prefvec.errors import PrefvecError
from prefvec.models.registry import REGISTRY, aliases, resolve

PACKAGED = '[a]\nsha256 = "00"\nlicence = "MIT"\ndtype = "float32"\n'


def written(tmp_path: Path, text: str) -> Path:
    """A registry file with this text."""
    path = tmp_path / "registry.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_alias_pins_a_commit_and_a_dtype():
    """A branch would let two runs of one alias measure different weights; so would a package."""
    for alias, entry in aliases(REGISTRY).items():
        assert entry.dtype == "bfloat16", alias
        assert re.fullmatch(r"[a-z0-9-]+", alias), alias
        if entry.packaged is not None:
            assert re.fullmatch(r"[0-9a-f]{64}", entry.packaged.sha256), alias
            continue
        assert re.fullmatch(r"[0-9a-f]{40}", entry.revision or ""), alias
        assert re.fullmatch(r"[\w.-]+/[\w.-]+", entry.name_or_path), alias


@pytest.mark.parametrize(
    ("alias", "owner"),
    [
        ("mistral-7b", "mistralai"),
        ("llama-3-8b", "meta-llama"),
        ("gemma-7b", "google"),
        ("qwen2-5-7b-instruct", "Qwen"),
        ("qwen3-8b", "Qwen"),
        ("phi-3-mini-instruct", "microsoft"),
        ("gpt2", "openai-community"),
        ("pythia-1b", "EleutherAI"),
        ("olmo-2-7b-instruct", "allenai"),
        ("mixtral-8x7b-instruct", "mistralai"),
    ],
)
def test_every_family_has_a_short_name(alias, owner):
    """The three of the original experiment, and those known to load since."""
    assert resolve(alias).name_or_path.split("/")[0] == owner


def test_hub_ids_and_directories_are_taken_as_they_are(tmp_path):
    """A name outside the registry carries no revision and no dtype."""
    for name in ("someone/some-model", str(tmp_path)):
        entry = resolve(name)
        assert (entry.name_or_path, entry.revision, entry.dtype) == (name, None, None)


def test_a_file_is_taken_as_it_is(tmp_path, monkeypatch):
    """Also where it lies in the working directory, without any slash."""
    (tmp_path / "model.gguf").touch()
    monkeypatch.chdir(tmp_path)
    assert resolve("model.gguf").name_or_path == "model.gguf"


def test_a_misspelt_alias_is_refused_with_the_one_it_resembles():
    """A typing error must not become a request to the hub."""
    with pytest.raises(PrefvecError, match="Did you mean mistral-7b"):
        resolve("mistal-7b")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[a\n", "not valid TOML"),
        ('[a]\nhub = "x/y"\n', "exactly the keys"),
        ('[a]\nhub = "x/y"\nrevision = 3\ndtype = "float32"\n', "non-empty string"),
        (f'{PACKAGED}packages = "a==1"\nfiles = []\n', "files is not"),
        (f'{PACKAGED}packages = ["a==1"]\n', "exactly the keys"),
    ],
)
def test_a_broken_registry_names_the_entry(tmp_path, text, message):
    """Each mistake in the file is a sentence."""
    with pytest.raises(PrefvecError, match=message):
        aliases(written(tmp_path, text))
