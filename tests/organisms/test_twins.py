"""Twins are what their names say: the same function, in the same or in other coordinates."""

import copy
from dataclasses import replace

import pytest
import torch

from prefvec.errors import PrefvecError
from prefvec.experiments.shelf import Shelf
from prefvec.models.fingerprints import network_fingerprint
from prefvec.models.language_model import assemble, load
from prefvec.organisms import named_models
from prefvec.organisms.roster import OF_ORGANISMS, REAL, ROTATED, TWIN_OF, homes, kin_of
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


def tied():
    """A small llama whose embedding is the map to the logits, too, with norm weights of its own."""
    model = tiny("llama")
    network = copy.deepcopy(model.network)
    network.config.tie_word_embeddings = True
    network.tie_weights()
    assert network.lm_head.weight is network.get_input_embeddings().weight
    generator = torch.Generator().manual_seed(1)
    for name, weight in network.named_parameters():
        if "norm" in name:
            weight.data = 1 + 0.5 * torch.randn(weight.shape, generator=generator)
    return assemble("tied", network, model.tokenizer)


@pytest.fixture(scope="module", params=["mini-mistral", "tiny llama", "tied llama"])
def pair(request):
    """A model and its rotated twin."""
    if request.param == "tiny llama":
        model = tiny("llama")
    elif request.param == "tied llama":
        model = tied()
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


def test_a_tied_model_stays_tied_and_its_twin_is_not():
    """Either end of the twin has weights of its own."""
    model = tied()
    twin = rotated("twin", model)
    assert model.network.lm_head.weight is model.network.get_input_embeddings().weight
    assert not twin.network.config.tie_word_embeddings
    head, embedding = twin.network.lm_head.weight, twin.network.get_input_embeddings().weight
    assert not torch.equal(head, embedding)


@pytest.mark.parametrize("name", [name for name, of in TWIN_OF.items() if of == REAL])
def test_twins_of_a_model_in_use_are_made_of_float32(monkeypatch, tmp_path, name):
    """Whatever the run or the registry has; from the same folder of converted checkpoints."""
    asked = {}

    def load_checkpoint(*_, **how):
        asked.update(how)
        return tied()

    monkeypatch.setattr(named_models, "load_checkpoint", load_checkpoint)
    twin = named_models.load(name, dtype="bfloat16", converted_dir=tmp_path)
    assert (twin.name, twin.dtype) == (name, torch.float32)
    assert (asked["dtype"], asked["converted_dir"]) == ("float32", tmp_path)
    assert Shelf.home(name) is None


@pytest.mark.parametrize("name", OF_ORGANISMS)
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
