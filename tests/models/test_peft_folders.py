"""Folders of PEFT adapters: base and adapter merged, and every way to fail said."""

import importlib.util
import json
import re
import warnings

import pytest
import torch

from prefvec.errors import PrefvecError
from prefvec.models.language_model import load
from tests.tiny import questions, save_tiny

CONFIG = {"peft_type": "LORA", "base_model_name_or_path": "nowhere/at-all", "r": 4}


def folder(path, *, config=CONFIG, weights=b"x" * 2000):
    """A folder that looks like an adapter's."""
    path.mkdir(exist_ok=True)
    (path / "adapter_config.json").write_text(json.dumps(config))
    if weights is not None:
        (path / "adapter_model.safetensors").write_bytes(weights)
    return str(path)


@pytest.fixture
def adapter(tmp_path):
    """A LoRA of random weights on a tiny LLaMA: the network that peft runs, base and folder."""
    peft = pytest.importorskip("peft", reason="pip install 'prefvec[peft]'")
    base = save_tiny(tmp_path / "base", "llama")
    network = load(str(base), device="cpu").network
    config = peft.LoraConfig(r=4, target_modules=["q_proj", "down_proj"], init_lora_weights=False)
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        torch.manual_seed(1)
        warnings.simplefilter("ignore", FutureWarning)  # of transformers, at what peft asks it
        adapted = peft.get_peft_model(network, config)
    adapted.peft_config["default"].base_model_name_or_path = str(base)
    adapted.save_pretrained(tmp_path / "adapter")
    return adapted.eval(), base, tmp_path / "adapter"


def test_a_merged_model_computes_what_base_and_adapter_compute(adapter):
    """The logits of peft's own sum, within float32, and other ones than the base's."""
    adapted, base, path = adapter
    model, alone = load(str(path), device="cpu"), load(str(base), device="cpu")
    for question in questions():
        ids = torch.tensor([model.encode(question)])
        assert model.encode(question) == alone.encode(question)
        with torch.no_grad():
            merged = model.network(ids).logits
            torch.testing.assert_close(merged, adapted(ids).logits, rtol=1e-4, atol=1e-4)
            assert (merged - alone.network(ids).logits).abs().max() > 0.01


def test_both_halves_of_a_merged_model_are_told(adapter):
    """The fingerprint of the base, of the adapter, and of what they make together."""
    _, base, path = adapter
    model, alone = load(str(path), device="cpu"), load(str(base), device="cpu")
    assert re.fullmatch(
        rf"LORA adapter [0-9a-f]{{16}} merged into .*base \(weights {alone.fingerprint}\)",
        model.made_of,
    )
    assert model.fingerprint != alone.fingerprint
    assert load(str(path), device="cpu").fingerprint == model.fingerprint


def test_an_adapter_of_another_shape_is_refused(adapter, tmp_path):
    """It was trained on another model than its config says."""
    _, _, path = adapter
    wide = save_tiny(tmp_path / "wide", "llama", d_model=48)
    config = json.loads((path / "adapter_config.json").read_text())
    config["base_model_name_or_path"] = str(wide)
    (path / "adapter_config.json").write_text(json.dumps(config))
    with pytest.raises(PrefvecError, match=r"LORA adapter in .* cannot be merged into"):
        load(str(path), device="cpu")


def test_a_base_that_is_missing_is_named(monkeypatch, tmp_path):
    """An adapter alone is no model."""
    there = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: there("json" if name == "peft" else name)
    )
    path = folder(tmp_path / "a", config=CONFIG | {"base_model_name_or_path": "./gone"})
    with pytest.raises(PrefvecError, match=r"PEFT adapter of \./gone.*There is no directory"):
        load(path, device="cpu")
    path = folder(tmp_path / "b", config={"peft_type": "LORA"})
    with pytest.raises(PrefvecError, match="names no base model"):
        load(path, device="cpu")


def test_adapters_without_readable_weights_are_refused(tmp_path):
    """Pickled ones would run code; a pointer of Git LFS is none."""
    path = folder(tmp_path / "a", weights=None)
    (tmp_path / "a" / "adapter_model.bin").touch()
    with pytest.raises(PrefvecError, match="Pickled adapters are not read"):
        load(path, device="cpu")
    path = folder(tmp_path / "b", weights=b"version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(PrefvecError, match=r"adapter_model\.safetensors is a Git-LFS pointer"):
        load(path, device="cpu")


def test_the_library_that_merges_is_named_where_it_is_missing(monkeypatch, tmp_path):
    """With the extra that brings it."""
    there = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "peft" else there(name)
    )
    with pytest.raises(PrefvecError, match=r"library peft.*pip install 'prefvec\[peft\]'"):
        load(folder(tmp_path / "a"), device="cpu")
