"""Loading models, and every way in which it is expected to fail."""

import json
import os
import subprocess
import sys
import threading
from dataclasses import FrozenInstanceError
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import (
    BartConfig,
    Gemma3Config,
    Gemma3ForConditionalGeneration,
    LlavaConfig,
    PreTrainedConfig,
    T5Config,
)

from prefvec.errors import PrefvecError
from prefvec.models.blocks import find_blocks
from prefvec.models.fingerprints import network_fingerprint
from prefvec.models.language_model import assemble, load
from tests.model_families import MODEL_FAMILIES
from tests.tiny import FAMILIES, save_tiny, tiny, tiny_network, tiny_tokenizer

BLOCKS = {"gpt2": "transformer.h", "pythia": "gpt_neox.layers"}
"""Where transformers keeps the decoder blocks, if not in `model.layers`."""

REPOSITORY = Path(__file__).parents[2]

ASK_THE_HUB = """
import json, sys
from prefvec.errors import PrefvecError
from prefvec.models.language_model import load
said = {}
for name in sys.argv[1:]:
    try:
        load(name, device="cpu", revision="no-such-revision")
    except PrefvecError as error:
        said[name] = str(error)
print(json.dumps(said))
"""


class Hub(BaseHTTPRequestHandler):
    """Answers like the hub for a gated, an unknown and a known repository."""

    def do_HEAD(self):
        """Refuse, with the hub's own codes."""
        gated, unknown = "/our/gated/" in self.path, "/our/unknown/" in self.path
        code = "GatedRepo" if gated else "RepoNotFound" if unknown else "RevisionNotFound"
        self.send_response(403 if gated else 404)
        self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD  # noqa: N815 (the name that http.server looks for)

    def log_message(self, *args):
        """Say nothing."""


def hub_says(tmp_path: Path, *names: str, **environment: str) -> dict[str, str]:
    """The sentences that a fresh process gets for hub ids."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    done = subprocess.run(
        [sys.executable, "-c", ASK_THE_HUB, *names],
        env={**kept, "HF_HOME": str(tmp_path), "NO_PROXY": "127.0.0.1", **environment},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("family", FAMILIES)
def test_a_model_is_loaded_by_path_ready_to_measure(family):
    """The architecture, in evaluation mode, without gradients, float32 on the CPU."""
    model = tiny(family)
    assert type(model.network) is MODEL_FAMILIES[family].network
    assert not model.network.training
    assert not any(weight.requires_grad for weight in model.network.parameters())
    assert (model.device.type, model.dtype) == ("cpu", torch.float32)
    assert (model.d_model, model.n_layers) == (32, MODEL_FAMILIES[family].n_layers)
    assert model.revision is None


@pytest.mark.parametrize("family", FAMILIES)
def test_blocks_are_those_the_architecture_runs(family):
    """Found by structure, in the order in which the forward pass takes them."""
    model = tiny(family)
    layers = model.network.get_submodule(BLOCKS.get(family, "model.layers"))
    assert list(model.blocks) == list(layers)


def test_a_model_is_frozen():
    """A vector bound to it must stay bound to the same weights."""
    with pytest.raises(FrozenInstanceError):
        tiny("llama").name = "another"  # pyright: ignore[reportAttributeAccessIssue]


def test_an_unknown_structure_is_refused():
    """No list of blocks, two of them, and an unknown number are said, with what there is."""
    network = tiny_network("llama", tiny_tokenizer("llama"))
    network.twin = nn.ModuleList(nn.Identity() for _ in range(3))
    with pytest.raises(PrefvecError, match=r"found model\.layers, twin"):
        assemble("two lists", network, tiny("llama").tokenizer)
    network.config.num_hidden_layers = 7
    with pytest.raises(PrefvecError, match=r"found none.*model\.layers \(3\), twin \(3\)"):
        assemble("no list", network, tiny("llama").tokenizer)
    network.config = PreTrainedConfig()
    with pytest.raises(PrefvecError, match="does not say how many"):
        assemble("no number", network, tiny("llama").tokenizer)


def test_as_many_experts_as_layers_are_not_taken_for_blocks():
    """Lists inside a block are its own affair, whatever their length."""
    network = tiny_network("mixtral", tiny_tokenizer("mixtral"))
    for layer in network.model.layers:
        layer.mlp.listed = nn.ModuleList(
            nn.Identity() for _ in range(network.config.num_hidden_layers)
        )
    assert list(find_blocks(network)) == list(network.model.layers)


def test_a_tower_that_reads_images_is_not_taken_for_blocks(tmp_path):
    """A wrapped text model is measured as if it were alone, though the tower is as deep."""
    tokenizer = tiny_tokenizer("gemma")
    shape = {"num_hidden_layers": 3, "num_attention_heads": 4}
    text = {"hidden_size": 32, "intermediate_size": 64, "num_key_value_heads": 1, "head_dim": 8}
    config = Gemma3Config(
        text_config={**shape, **text, "vocab_size": len(tokenizer)},
        vision_config={**shape, "hidden_size": 16, "intermediate_size": 16, "image_size": 28},
        eos_token_id=tokenizer.eos_token_id,
    )
    tokenizer.save_pretrained(tmp_path)
    Gemma3ForConditionalGeneration(config).save_pretrained(tmp_path)
    model = load(str(tmp_path), device="cpu")
    assert list(model.blocks) == list(model.network.model.language_model.layers)
    assert (model.d_model, model.n_layers) == (32, 3)


def test_a_model_reads_as_far_as_it_was_trained_to():
    """LongRoPE changes the positions of a whole batch beyond that, so it counts as the end."""
    assert tiny("llama").context_length == 512
    assert tiny("gpt2").context_length == 512
    assert tiny("phi3").context_length == 256


@pytest.mark.parametrize("family", FAMILIES)
def test_a_reload_has_the_same_fingerprints(family, tmp_path):
    """Content counts, not the place it was loaded from."""
    again, model = load(str(save_tiny(tmp_path, family)), name="a", device="cpu"), tiny(family)
    assert again.name == "a"
    assert again.fingerprint == model.fingerprint
    assert again.tokenizer_fingerprint == model.tokenizer_fingerprint


def test_any_change_of_content_changes_a_fingerprint(tmp_path):
    """One weight, one setting, the dtype, the chat template."""
    model = tiny("llama")
    network = tiny_network("llama", tiny_tokenizer("llama"))
    assert network_fingerprint(network) == model.fingerprint
    with torch.no_grad():
        network.model.layers[0].mlp.up_proj.weight[0, 0] += 1e-6
    seen = {model.fingerprint, network_fingerprint(network)}
    network.config.rms_norm_eps *= 2
    seen.add(network_fingerprint(network))
    path = str(save_tiny(tmp_path, "llama", chat=False))
    half = load(path, device="cpu", dtype="bfloat16")
    assert len({*seen, half.fingerprint}) == 4
    assert half.tokenizer_fingerprint != model.tokenizer_fingerprint


@pytest.mark.parametrize(
    ("asked", "got"),
    [("bf16", torch.bfloat16), (torch.float16, torch.float16), ("auto", torch.float32)],
)
def test_a_dtype_can_be_asked_for(asked, got, tmp_path):
    """By name, as torch has it, or as the checkpoint was saved."""
    assert load(str(save_tiny(tmp_path, "gemma")), device="cpu", dtype=asked).dtype == got


@pytest.mark.parametrize("dtype", ["int8", "float31", "nn", torch.int64])
def test_what_is_no_floating_type_is_refused(dtype, tmp_path):
    """Before anything is read."""
    with pytest.raises(PrefvecError, match="not a floating type"):
        load(str(tmp_path), device="cpu", dtype=dtype)


def test_wrong_paths_are_told_apart(tmp_path):
    """No such directory, a file, and a directory without a model."""
    (tmp_path / "file").touch()
    for path, message in [
        (tmp_path / "nowhere", "There is no directory"),
        (tmp_path / "file", "is a file"),
        (tmp_path, "holds no config.json"),
    ]:
        with pytest.raises(PrefvecError, match=message):
            load(str(path), device="cpu")


@pytest.mark.parametrize("name", ["", "a/b/c", "some model", "..\\models"])
def test_what_can_be_no_hub_id_is_never_sent_to_the_hub(name):
    """A typing error is answered here."""
    with pytest.raises(PrefvecError, match=r"Check the path|holds no config\.json"):
        load(name, device="cpu")


def test_weights_that_are_not_there_are_refused(tmp_path):
    """Missing, pickled only, cut short, or pointers of a clone without large files."""
    save_tiny(tmp_path, "mistral")
    weights = tmp_path / "model.safetensors"
    content = weights.read_bytes()
    for large in (weights, tmp_path / "tokenizer.json"):
        whole = large.read_bytes()
        large.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n")
        with pytest.raises(PrefvecError, match=rf"{large.name} is a Git-LFS pointer.*lfs pull"):
            load(str(tmp_path), device="cpu")
        large.write_bytes(whole)
    weights.write_bytes(content[:-9])
    with pytest.raises(PrefvecError, match="cannot be loaded"):
        load(str(tmp_path), device="cpu")
    weights.unlink()
    with pytest.raises(PrefvecError, match="weights are missing"):
        load(str(tmp_path), device="cpu")
    (tmp_path / "pytorch_model.bin").touch()
    with pytest.raises(PrefvecError, match="pickled weights only"):
        load(str(tmp_path), device="cpu")


@pytest.mark.parametrize("change", ["drop", "reshape"])
def test_a_weight_that_would_stay_random_is_refused(change, tmp_path):
    """The library only warns of it, and the model would be half noise."""
    save_tiny(tmp_path, "llama")
    weights = load_file(tmp_path / "model.safetensors")
    name = "model.layers.1.mlp.down_proj.weight"
    if change == "drop":
        del weights[name]
    else:
        weights[name] = weights[name][:, :-1].contiguous()
    save_file(weights, tmp_path / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(PrefvecError, match="down_proj"):
        load(str(tmp_path), device="cpu")


@pytest.mark.parametrize("config", [T5Config, BartConfig])
def test_an_encoder_decoder_is_refused(config, tmp_path):
    """It has no one residual stream, also where transformers would run its decoder alone."""
    config().save_pretrained(tmp_path)
    (tmp_path / "model.safetensors").touch()
    with pytest.raises(PrefvecError, match="encoder–decoder"):
        load(str(tmp_path), device="cpu")


def test_what_transformers_cannot_load_as_a_language_model_is_refused(tmp_path):
    """A wrapper whose text part does not load alone, named together with what it wraps."""
    LlavaConfig().save_pretrained(tmp_path)
    (tmp_path / "model.safetensors").touch()
    with pytest.raises(PrefvecError, match=r"wraps one \(LlamaConfig\).*text-only checkpoint"):
        load(str(tmp_path), device="cpu")


def test_code_of_a_repository_is_never_run(tmp_path):
    """An architecture that transformers does not have is refused, not executed."""
    config = {"model_type": "novel", "auto_map": {"AutoConfig": "novel.Config"}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "novel.py").write_text("raise SystemExit('this ran')")
    (tmp_path / "model.safetensors").touch()
    with pytest.raises(PrefvecError, match="never run here"):
        load(str(tmp_path), device="cpu")


@pytest.mark.integration
def test_the_hub_refuses_in_sentences(tmp_path):
    """A gated repository, an unknown one, an unknown revision, from a server that says so."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        said = hub_says(
            tmp_path,
            *("our/gated", "our/unknown", "our/known"),
            HF_ENDPOINT=f"http://127.0.0.1:{server.server_port}",
        )
    finally:
        server.shutdown()
        server.server_close()
    assert "our/gated is gated" in said["our/gated"]
    assert "There is no repository our/unknown" in said["our/unknown"]
    assert "our/known has no revision 'no-such-revision'" in said["our/known"]


@pytest.mark.integration
def test_being_offline_is_said(tmp_path):
    """Files that are not on this machine cannot be fetched."""
    said = hub_says(tmp_path, "our/model", HF_HUB_OFFLINE="1")
    assert "the hub cannot be reached" in said["our/model"]
