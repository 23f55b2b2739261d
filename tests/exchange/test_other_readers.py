"""What is exported is read by the other tools' own readers, and steers alike in their hands.

These tools are no dependencies of the tests: each test runs where its tool is installed. Last run
with repeng 0.4.0, saklas 5.3.0, steering-vectors 0.12.2 and lm-evaluation-harness 0.4.13; and with
easysteer/steer/utils.py of EasySteer at 312c6d8 by itself, without its vLLM.
"""

import inspect

import numpy as np
import pytest
import torch

from prefvec.exchange.export import export
from tests.exchange.test_export import delta_of, vector_of
from tests.tiny import questions, tiny


def test_repeng_reads_a_control_vector(tmp_path, monkeypatch):
    """`ControlVector.import_gguf`: the block and every bit."""
    monkeypatch.setattr(np, "float_", np.float64, raising=False)  # gone from numpy 2
    repeng = pytest.importorskip("repeng")
    model, path = tiny("llama"), tmp_path / "long.gguf"
    export(vector_of(model), path, format="gguf", model=model, coefficient=-0.7)
    found = repeng.ControlVector.import_gguf(path)
    assert found.model_type == "llama"
    ((block, direction),) = found.directions.items()
    assert block == 1
    np.testing.assert_array_equal(direction, delta_of(vector_of(model), -0.7).numpy())


@pytest.mark.parametrize("kind", ["gguf", "easysteer"])
def test_saklas_reads_a_control_vector(tmp_path, kind):
    """`read_gguf_profile`, likewise."""
    saklas = pytest.importorskip("saklas.io.gguf_io")
    model, path = tiny("llama"), tmp_path / "long.gguf"
    export(vector_of(model), path, format=kind, model=model, coefficient=-0.7)
    found, _ = saklas.read_gguf_profile(path)
    assert {n: tensor.tolist() for n, tensor in found.items()} == {
        1: delta_of(vector_of(model), -0.7).tolist()
    }


@pytest.mark.parametrize("layer", [0, 1])
def test_easysteer_reads_a_control_vector(tmp_path, layer):
    """`StatisticalControlVector.import_gguf`, on which its `from_gguf` rests; block 0 included."""
    easysteer = pytest.importorskip("easysteer.steer.utils")
    model, path = tiny("llama"), tmp_path / "long.gguf"
    vector = vector_of(model, layer)
    export(vector, path, format="easysteer", model=model, coefficient=-0.7)
    found = easysteer.StatisticalControlVector.import_gguf(path)
    assert (found.model_type, found.method) == ("llama", "prefvec")
    ((block, direction),) = found.directions.items()
    assert block == layer
    np.testing.assert_array_equal(direction, delta_of(vector, -0.7).numpy())


@pytest.mark.parametrize("family", ["llama", "mistral", "gpt2"])
def test_steering_vectors_steers_alike(tmp_path, family):
    """`SteeringVector(**fields).apply`: the logits of `applied`, at 1 and at −1."""
    library = pytest.importorskip("steering_vectors")
    model = tiny(family)
    vector, path = vector_of(model), tmp_path / "long.pt"
    export(vector, path, format="steering-vectors", model=model, coefficient=0.5)
    theirs = library.SteeringVector(**torch.load(path, weights_only=True))
    ids = torch.tensor([model.encode(questions()[0])])
    for sign in (1.0, -1.0):
        with torch.inference_mode():
            with theirs.apply(model.network, multiplier=sign):
                steered = model.network(ids).logits
            with vector.applied(model, coefficient=0.5 * sign):
                torch.testing.assert_close(steered, model.network(ids).logits)


def test_lm_evaluation_harness_steers_alike(tmp_path):
    """`SteeredModel` reads the file, and its forward gives the logits of `applied`."""
    steered = pytest.importorskip("lm_eval.models.hf_steered")
    assert "torch.load" in inspect.getsource(steered.SteeredModel.__init__)
    model = tiny("llama")
    vector, path = vector_of(model), tmp_path / "long.pt"
    export(vector, path, format="lm-eval", model=model, coefficient=0.5)
    theirs = steered.SteeredModel(
        pretrained=model.network, tokenizer=model.tokenizer, steer_path=str(path), device="cpu"
    )
    ids = torch.tensor([model.encode(questions()[0])])
    with torch.inference_mode(), vector.applied(model, coefficient=0.5):
        ours = model.network(ids).logits
    torch.testing.assert_close(theirs.forward(ids).logits, ours)
