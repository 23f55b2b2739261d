"""Quantised weights: what a file in the format holds, and nothing else is changed."""

import copy
import importlib.util

import pytest
import torch

from prefvec.errors import PrefvecError
from prefvec.models.language_model import assemble, load
from prefvec.models.quantised import ENDS, quantised
from prefvec.vocabulary import WeightFormat
from tests.tiny import tiny, tiny_network, tiny_tokenizer

pytest.importorskip("gguf", reason="pip install 'prefvec[gguf]'")
pytest.importorskip("accelerate", reason="pip install 'prefvec[gguf]'")

from tests.tiny_gguf import write_gguf

COARSER: tuple[WeightFormat, ...] = ("Q8_0", "Q5_0", "Q4_0")


def matrices(model):
    """Every weight of more than one dimension, by name."""
    return {name: p for name, p in model.network.named_parameters() if p.ndim > 1}


def apart(one, other):
    """How far two models' matrices of blocks are from each other, as a share of their length."""
    pairs = [(p, matrices(other)[name]) for name, p in matrices(one).items() if "layers" in name]
    return sum(float((p - q).norm() / p.norm()) for p, q in pairs) / len(pairs)


@pytest.mark.parametrize("weights", ["Q4_0", "Q5_1"])
def test_it_is_the_model_that_a_file_in_the_format_holds(weights, tmp_path):
    """Bit for bit what transformers reads from such a file, rows of q and k in their places."""
    model = tiny("llama")
    path = tmp_path / "tiny.gguf"
    write_gguf(path, model.network, model.tokenizer, kind=weights, ends=ENDS)
    of_file = load(str(path), device="cpu", dtype="float32", converted_dir=tmp_path / "kept")
    made = quantised(model, weights)
    read = of_file.network.state_dict()
    for name, tensor in made.network.state_dict().items():
        assert torch.equal(tensor, read[name]), name


def test_the_model_stays_as_it_is_and_the_other_says_what_it_is_made_of():
    """Its norms are the same, its matrices are others, and so is its fingerprint."""
    model = tiny("llama")
    before = model.fingerprint
    made = quantised(model, "Q4_0")
    assert assemble("again", model.network, model.tokenizer).fingerprint == before
    assert made.fingerprint == assemble("again", made.network, made.tokenizer).fingerprint
    assert made.fingerprint != before
    assert made.made_of is not None
    assert made.made_of.startswith(f"{before}, blocks Q4_0, ends Q8_0 (gguf ")
    assert made.made_of.endswith("dequantised to float32")
    for name, parameter in model.network.named_parameters():
        same = torch.equal(parameter, dict(made.network.named_parameters())[name])
        assert same == (parameter.ndim == 1), name


def test_fewer_bits_are_further_from_the_model_and_again_changes_nothing():
    """Rounded weights stand on the format's own grid."""
    model = tiny("mistral")
    distances = [apart(model, quantised(model, weights)) for weights in COARSER]
    assert 0 < distances[0] < distances[1] < distances[2] < 0.2
    once = quantised(model, "Q4_0")
    assert quantised(once, "Q4_0").fingerprint == once.fingerprint


def test_numbers_are_of_the_dtype_that_the_model_had():
    """Of bfloat16 weights: what the file holds, in bfloat16."""
    model = tiny("llama")
    network = tiny_network("llama", model.tokenizer).bfloat16()
    half = assemble("half", network, model.tokenizer)
    made = quantised(half, "Q4_0")
    assert made.dtype == torch.bfloat16
    rounded = matrices(
        quantised(assemble("wide", copy.deepcopy(network).float(), half.tokenizer), "Q4_0")
    )
    assert all(torch.equal(p, rounded[name].bfloat16()) for name, p in matrices(made).items())
    assert made.made_of is not None
    assert made.made_of.endswith("dequantised to bfloat16")


def test_a_tied_embedding_is_rounded_once_and_stays_tied():
    """In 8 bits, as the map to the logits."""
    model = tiny("gemma")
    network = quantised(model, "Q4_0").network
    before, after = (each.get_input_embeddings().weight for each in (model.network, network))
    assert after is network.get_output_embeddings().weight
    assert 0 < float((after - before).norm() / before.norm()) < 0.01


def test_a_row_is_what_one_output_is_made_of_however_a_module_holds_it():
    """GPT-2 keeps its matrices sideways; its file does not."""
    model = tiny("gpt2")
    made = quantised(model, "Q4_0")
    (name, *_) = (n for n in matrices(model) if n.endswith("c_fc.weight"))
    before, after = matrices(model)[name], matrices(made)[name]
    scale = before.T.reshape(-1, 32).abs().amax(dim=1) / 8
    off = (before - after).T.reshape(-1, 32).abs().amax(dim=1)
    assert torch.all(off <= 1.01 * scale)


def test_what_cannot_be_quantised_is_refused(monkeypatch):
    """Rows that cannot be cut into 32s, weights that are quantised already, a missing library."""
    odd = tiny("llama", d_model=48)
    with pytest.raises(PrefvecError, match=r"has 48 numbers, which are no multiple of 32\. Use"):
        quantised(odd, "Q4_0")
    tokenizer = tiny_tokenizer("llama")
    packed = assemble("packed", tiny_network("llama", tokenizer), tokenizer)
    projection = packed.blocks[0].self_attn.q_proj
    projection.weight = torch.nn.Parameter(projection.weight.to(torch.uint8), requires_grad=False)
    with pytest.raises(PrefvecError, match=r"is quantised already.*torch\.uint8.*--dtype bfloat16"):
        quantised(packed, "Q4_0")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(PrefvecError, match=r"pip install 'prefvec\[gguf\]'"):
        quantised(tiny("llama"), "Q4_0")
