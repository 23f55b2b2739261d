"""Fingerprints: equal for equal content, another for whatever could change a measurement."""

import dataclasses
import functools

import pytest
import torch

from prefvec.adapters import identity
from prefvec.experiments.material import Material
from prefvec.experiments.options import Options
from prefvec.experiments.vector_records import adapter_fingerprint, vector_record
from prefvec.provenance import code_fingerprints, versions
from prefvec.report.directions import cosine
from prefvec.vectors.extraction import difference_in_means
from prefvec.vectors.vector import random_direction
from tests.strategies import contrast, space

OPTIONS = Options(sources=("mini-mistral",), targets=("mini-llama",))


def _fingerprints(material):
    return {split["name"]: split["fingerprint"] for split in material.describe()}


@pytest.mark.parametrize("split", ["extraction", "adapter", "tuning", "test"])
def test_another_word_in_one_prompt_is_another_split(split):
    """The ids stay, the text counts; the other splits keep their fingerprints."""
    material = Material.of(OPTIONS)
    first, *rest = material.splits[split]
    reworded = dataclasses.replace(first, text=first.text + " Please.")
    changed = dataclasses.replace(material, splits={**material.splits, split: [reworded, *rest]})
    before, after = _fingerprints(material), _fingerprints(changed)
    assert [name for name in before if before[name] != after[name]] == [split]


def test_another_instruction_is_another_extraction():
    """The vector comes from what the prompts are asked with, too."""
    material = Material.of(OPTIONS)
    pole = dataclasses.replace(material.trait.positive, extraction=("Say a lot.",))
    trait = dataclasses.replace(material.trait, positive=pole)
    before = _fingerprints(material)
    after = _fingerprints(dataclasses.replace(material, trait=trait))
    assert [name for name in before if before[name] != after[name]] == ["extraction"]


def test_code_that_measures_is_told_file_by_file(tmp_path):
    """A changed source has another digest; line ends and what measures nothing do not count."""
    for name, text in {
        "prefvec/a.py": "x = 1\n",
        "material/b/c.toml": "",
        "prefvec/report/d.py": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    folders = tmp_path / "prefvec", tmp_path / "material"
    ask = functools.partial(code_fingerprints.__wrapped__, *folders)
    before = ask()
    assert list(before) == ["material/b/c.toml", "prefvec/a.py"]
    (tmp_path / "prefvec/a.py").write_bytes(b"x = 1\r\n")
    assert ask() == before
    (tmp_path / "prefvec/a.py").write_bytes(b"x = 2\n")
    assert [name for name in before if ask()[name] != before[name]] == ["prefvec/a.py"]


def test_the_sources_of_this_repository_are_found():
    """The hook and the search are among them."""
    assert {
        "prefvec/vectors/residual.py",
        "prefvec/experiments/search.py",
    } <= code_fingerprints().keys()
    assert versions()["torch"] == torch.__version__


def test_a_written_vector_is_told_from_another():
    """Its direction survives the writing, at any norm; a random one lies elsewhere."""
    positive, negative = contrast((0, 20, 12))
    vector = difference_in_means(positive, negative, trait="verbosity", prompt_set="p")
    told = vector_record(vector)
    assert told["n_pairs"] == 20
    assert vector_record(vector.at_relative_norm(0.1))["direction"] == told["direction"]
    other = random_direction(vector, seed=1)
    oracle = float(vector.direction @ other.direction)
    assert cosine(told["direction"], told["direction"]) == pytest.approx(1, abs=1e-6)
    assert cosine(told["direction"], vector_record(other)["direction"]) == pytest.approx(
        oracle, abs=1e-3
    )


def test_an_adapter_is_told_by_its_weights_and_not_by_their_last_bits():
    """Rounding errors keep the fingerprint, a thousandth changes it."""
    map_of = identity(space(), 4)
    same = dataclasses.replace(map_of, weight=map_of.weight + 1e-6)
    other = dataclasses.replace(map_of, bias=map_of.bias + 2e-3)
    assert adapter_fingerprint(same) == adapter_fingerprint(map_of)
    assert adapter_fingerprint(other) != adapter_fingerprint(map_of)
