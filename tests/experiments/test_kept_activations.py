"""Activations are read once: what a file gives back is what was read, or it is read again."""

import pytest
import torch

from prefvec.experiments.kept_activations import kept_activations
from prefvec.vectors.activations import over_answers
from prefvec.vectors.residual import Site
from tests.tiny import questions, tiny

SITES = [Site(layer=0, point="resid_post"), Site(layer=1, point="resid_post")]


@pytest.fixture
def reading(tmp_path):
    """A tiny model's turns, and a call that counts how often they are really read."""
    model, calls = tiny("llama"), []
    turns = [(prompt, "Rain falls. It is wet.") for prompt in questions()]

    def read():
        calls.append(1)
        return over_answers(model, turns, SITES)

    return lambda: kept_activations(tmp_path, "mean", model, turns, read), calls, tmp_path


def test_the_second_reading_comes_from_the_file_and_is_equal(reading):
    """Values, ids, norms and spaces are those of the first reading, bit for bit."""
    ask, calls, _ = reading
    first, again = ask(), ask()
    assert len(calls) == 1
    for site in SITES:
        assert torch.equal(first[site].values, again[site].values)
        assert first[site].space == again[site].space
        assert first[site].ids == again[site].ids
        assert first[site].mean_norm == again[site].mean_norm


def test_a_file_cut_short_is_read_again(reading):
    """A damaged file is thrown away and replaced."""
    ask, calls, folder = reading
    whole = ask()
    [file] = folder.glob("*.safetensors")
    file.write_bytes(file.read_bytes()[:100])
    assert torch.equal(ask()[SITES[0]].values, whole[SITES[0]].values)
    assert len(calls) == 2
