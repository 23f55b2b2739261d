"""Vectors of several blocks in one file."""

import pytest
import torch
from safetensors.torch import save_file

from prefvec.errors import PrefvecError
from prefvec.vectors.every_block import PreferenceVectors
from prefvec.vectors.residual import Site, Space
from prefvec.vectors.vector import PreferenceVector
from tests.strategies import normal, vector_in
from tests.tiny import tiny


def vectors(family: str = "llama", layers: tuple[int, ...] = (0, 1)) -> PreferenceVectors:
    """One for each of some blocks, each with its own norm."""
    model = tiny(family)
    found = [
        1.5 ** (k + 1) * vector_in(Space.of(model, Site(k, "resid_post")), normal(k, model.d_model))
        for k in layers
    ]
    return PreferenceVectors(by_site={vector.site: vector for vector in found})


def test_all_come_back_as_they_were(tmp_path):
    """By their fingerprints, which are over all that they are; folders are made on the way."""
    path, all_of_them = tmp_path / "kept" / "here.safetensors", vectors()
    all_of_them.save(path)
    again = PreferenceVectors.load(str(path), model=tiny("llama"))
    assert again.sites == all_of_them.sites
    for site, vector in all_of_them.by_site.items():
        assert again.at(site).fingerprint == vector.fingerprint
        assert torch.equal(again.at(site).direction, vector.direction)


def test_a_file_of_one_vector_is_one_of_several_blocks(tmp_path):
    """There is one, then."""
    one = vectors().at(1)
    one.save(tmp_path / "one")
    again = PreferenceVectors.load(tmp_path / "one", model=tiny("llama"))
    assert [vector.fingerprint for vector in again.by_site.values()] == [one.fingerprint]


def test_a_file_of_several_is_not_one_vector(tmp_path):
    """A sentence says how it is read."""
    vectors().save(tmp_path / "several")
    with pytest.raises(PrefvecError, match=r"several blocks.*PreferenceVectors\.load"):
        PreferenceVector.load(tmp_path / "several", model=tiny("llama"))


def test_vectors_of_another_model_are_refused(tmp_path):
    """As one is."""
    vectors().save(tmp_path / "theirs")
    with pytest.raises(PrefvecError, match="does not belong to"):
        PreferenceVectors.load(tmp_path / "theirs", model=tiny("mistral"))


def test_what_is_no_such_file_is_refused(tmp_path):
    """Missing, of another tool, and of ours without a vector."""
    with pytest.raises(PrefvecError, match="no vector to read"):
        PreferenceVectors.load(tmp_path / "nowhere", model=tiny("llama"))
    save_file({"weight": torch.ones(2)}, tmp_path / "weights")
    with pytest.raises(PrefvecError, match="not a vector file"):
        PreferenceVectors.load(tmp_path / "weights", model=tiny("llama"))
    marks = {"format": "2", "operation": '"add"'}
    save_file({"weight": torch.ones(2)}, tmp_path / "marked", metadata=marks)
    with pytest.raises(PrefvecError, match="no vectors"):
        PreferenceVectors.load(tmp_path / "marked", model=tiny("llama"))


def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path):
    """A file where a folder should be."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(PrefvecError, match="cannot be written"):
        vectors().save(tmp_path / "file" / "vectors")
