"""A model may be spread over devices or quantised, and is measured like any other."""

import importlib.util
import json
from pathlib import Path

import pytest
import torch
from accelerate import dispatch_model
from transformers import AutoModelForCausalLM, BitsAndBytesConfig

from prefvec.checks.model_checks import check
from prefvec.errors import PrefvecError
from prefvec.generation.requests import Sampling, generate
from prefvec.models.blocks import find_blocks
from prefvec.models.language_model import LanguageModel, assemble, load
from prefvec.models.placement import choose_device, require_in_memory
from tests.generation.plain_loop import requests_for
from tests.tiny import FAMILIES, save_tiny, tiny, tiny_network

SAMPLING = Sampling(max_new_tokens=8)


def quantised(directory: Path, **how) -> LanguageModel:
    """The tiny LLaMA as a quantised checkpoint, loaded by path."""
    pytest.importorskip("bitsandbytes", reason="4-bit and 8-bit weights need bitsandbytes")
    save_tiny(directory, "llama", d_model=64)
    network = AutoModelForCausalLM.from_pretrained(
        directory, quantization_config=BitsAndBytesConfig(**how), device_map={"": "cpu"}
    )
    network.save_pretrained(directory)
    return load(str(directory), device="cpu")


@pytest.mark.parametrize("device", ["gpu", "cuda:99", "mps:7", "meta"])
def test_a_device_that_is_not_there_is_refused(device):
    """A misspelt one, and ones beyond what this machine has."""
    with pytest.raises(PrefvecError, match=r"is not a device|is not there"):
        choose_device(device)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_spread_model_answers_as_it_does_in_one_piece(family):
    """Each part has hooks of accelerate that move its inputs; ours stand beside them."""
    whole = tiny(family)
    network = tiny_network(family, whole.tokenizer)
    blocks = find_blocks(network)
    inside = {part for block in blocks for part in block.modules()} - set(blocks)
    parts = [
        path
        for path, part in network.named_modules()
        if part in blocks or (part not in inside and list(part.parameters(recurse=False)))
    ]
    spread = dispatch_model(
        network, dict.fromkeys(parts, "cpu"), skip_keys="past_key_values", force_hooks=True
    )
    model = assemble("spread", spread, whole.tokenizer)
    assert all(hasattr(block, "_hf_hook") for block in model.blocks)
    assert model.fingerprint == whole.fingerprint
    assert all(result.passed for result in check(model))
    expected = generate(whole, requests_for(whole), SAMPLING)
    assert generate(model, requests_for(model), SAMPLING) == expected


def test_spreading_is_asked_for_by_the_device_auto(tmp_path):
    """Where there is one device only, everything lies there, and the weights are the same."""
    model = load(str(save_tiny(tmp_path, "llama")), device="auto")
    assert model.device.type == choose_device().type
    assert torch.cuda.is_available() or model.fingerprint == tiny("llama").fingerprint


def test_weights_left_outside_the_devices_are_refused():
    """They would be fetched anew at every token, and a fingerprint could not read them."""
    network = tiny_network("llama", tiny("llama").tokenizer)
    network.model.layers[2].to("meta")
    with pytest.raises(PrefvecError, match="9 of its weights"):
        require_in_memory("large", network)


@pytest.mark.parametrize(
    ("absent", "device"), [("accelerate", "auto"), ("accelerate", "cpu"), ("bitsandbytes", "cpu")]
)
def test_a_missing_library_is_named(absent, device, tmp_path, monkeypatch):
    """Before the weights are read, with the command that installs it."""
    save_tiny(tmp_path, "llama")
    if device == "cpu":
        config = json.loads((tmp_path / "config.json").read_text())
        config["quantization_config"] = {"quant_method": "bitsandbytes", "load_in_4bit": True}
        (tmp_path / "config.json").write_text(json.dumps(config))
    there = importlib.util.find_spec

    def find_spec(name, *args):
        return None if name == absent else there(name, *args)

    monkeypatch.setattr(importlib.util, "find_spec", find_spec)
    with pytest.raises(PrefvecError, match=f"pip install {absent}"):
        load(str(tmp_path), device=device)


@pytest.mark.parametrize("how", ["load_in_4bit", "load_in_8bit"])
def test_a_quantised_model_is_fit_to_be_measured(how, tmp_path):
    """Within the rounding of its layers; its fingerprint is that of its own packed weights."""
    model = quantised(tmp_path, **{how: True})
    assert {weight.dtype for weight in model.network.parameters()} & {torch.uint8, torch.int8}
    assert not [result for result in check(model) if not result.passed]
    assert model.fingerprint != tiny("llama", d_model=64).fingerprint
    assert load(str(tmp_path), device="auto").fingerprint == model.fingerprint
