"""Twins are what their names say: the same function, in the same or in other coordinates."""

import copy
from dataclasses import replace

import pytest
import torch

from prefvec.errors import PrefvecError
from prefvec.experiments.shelf import Shelf
from prefvec.models.fingerprints import network_fingerprint
from prefvec.models.language_model import load
from prefvec.organisms.roster import ROTATED, homes, kin_of
from prefvec.organisms.twins import ROTATION_SEED, TWINS, identical, rotated, rotation
from prefvec.vectors.residual import Site, read
from tests.tiny import tiny


def logits(model, ids):
    """What a model says to the same tokens."""
    with torch.inference_mode():
        return model.network(input_ids=ids).logits


def stream(model, ids, layer):
    """The residual stream after one block."""
    site = Site(layer=layer, point="resid_post")
    with torch.inference_mode(), read(model, [site]) as reading:
        model.network(input_ids=ids)
    return reading[site]


@pytest.fixture(scope="module", params=["mini-mistral", "tiny llama"])
def pair(request):
    """A model and its rotated twin."""
    if request.param == "tiny llama":
        model = tiny("llama")
    else:
        model = load(str(homes()["mini-mistral"]), name="mini-mistral")
    return model, rotated("twin", model)


IDS = torch.randint(5, 90, (4, 40), generator=torch.Generator().manual_seed(0))


def test_a_rotated_twin_says_the_same(pair):
    """Logits agree within the rounding of float32, far below their spread."""
    ours, theirs = (logits(model, IDS) for model in pair)
    assert float((ours - theirs).abs().max()) < 1e-4 * float(ours.std())


def test_a_rotated_twin_holds_the_rotated_stream(pair):
    """After every block its stream is the original's times one matrix, and not the original's."""
    model, twin = pair
    q = rotation(model.d_model, seed=ROTATION_SEED).float()
    for layer in range(model.n_layers):
        ours, theirs = stream(model, IDS, layer), stream(twin, IDS, layer)
        scale = float(ours.abs().max())
        assert float((ours @ q - theirs).abs().max()) < 1e-4 * scale
        assert float((ours - theirs).abs().max()) > 0.1 * scale


def test_the_original_is_left_as_it_was(pair):
    """Making a twin changes no weight of the model it is made of."""
    model, twin = pair
    assert network_fingerprint(model.network) == model.fingerprint
    assert twin.fingerprint != model.fingerprint


def test_a_rotation_is_orthogonal():
    """Its inverse is its transpose, in float64."""
    q = rotation(32, seed=0)
    assert torch.allclose(q.T @ q, torch.eye(32, dtype=torch.float64), atol=1e-12)


def test_what_cannot_be_rotated_is_refused():
    """Gemma scales its embedding and ties it to the logits: a sentence says so."""
    with pytest.raises(PrefvecError, match="cannot be rotated"):
        rotated("twin", tiny("gemma"))


def test_biases_are_refused():
    """What a bias writes into the stream is not rotated with the weights."""
    model = tiny("llama")
    biased = copy.deepcopy(model.network)
    biased.config.mlp_bias = True
    with pytest.raises(PrefvecError, match="without biases"):
        rotated("twin", replace(model, network=biased))


def test_an_identical_twin_is_the_same_model():
    """Another name, the same fingerprint."""
    model = tiny("llama")
    twin = identical("twin", model)
    assert (twin.name, twin.fingerprint) == ("twin", model.fingerprint)


@pytest.mark.parametrize("name", TWINS)
def test_a_twin_is_held_to_the_limits_of_its_original(name):
    """The function is the same, so that limits of coherence are the original's."""
    assert Shelf.home(name) == homes()[TWINS[name].of]
    assert (homes()[name] / "coherence.json").exists()


def test_rotated_twins_are_so_many_draws():
    """Eight different rotations, the first of which is the rotated twin's."""
    model = tiny("llama")
    prints = [TWINS[name].make(name, model).fingerprint for name in ROTATED]
    assert len(set(prints)) == len(ROTATED) == 8
    assert prints[0] == TWINS["rotated-twin"].make("rotated-twin", model).fingerprint
    assert {kin_of(name) for name in ROTATED} == {"rotated-twin"}
