"""What other tools wrote is read number for number, at the block that its convention says."""

import contextlib
import struct
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from prefvec.errors import PrefvecError
from prefvec.exchange.block_files import write_pt
from prefvec.exchange.conventions import CONVENTIONS, convention_called
from prefvec.exchange.foreign import read_foreign
from prefvec.exchange.gguf_file import Value, gguf_bytes, read_gguf
from prefvec.vectors.residual import Site
from prefvec.vectors.steering import Steering
from tests.exchange.written_by_others import FILES, numbers
from tests.tiny import tiny

WHERE = {
    "repeng": ("repeng.gguf", {1: numbers(1)}),
    "dialz": ("dialz.gguf", {1: numbers(1)}),
    "cvector-generator": ("cvector-generator.gguf", {0: numbers(1), 1: numbers(2)}),
    "llama.cpp": ("cvector-generator.gguf", {1: numbers(1), 2: numbers(2)}),
    "jukofyork": ("jukofyork.gguf", {1: numbers(2)}),
    "saklas": ("saklas.gguf", {0: numbers(0), 1: numbers(1), 2: numbers(2)}),
    "easysteer": ("easysteer.gguf", {0: numbers(0), 1: numbers(1), 2: numbers(2)}),
    "steering-vectors": ("steering-vectors.pt", {0: numbers(0), 1: numbers(1), 2: numbers(2)}),
    "lm-eval": ("lm-eval.pt", {1: 2 * numbers(1)}),
    "hidden-states": ("rows.pt", {0: numbers(1), 1: numbers(2)}),
}
"""What each file holds, by the block to whose output it belongs."""


@pytest.mark.parametrize("name", WHERE)
def test_every_convention_puts_each_tensor_at_its_block_bit_for_bit(name):
    """Of three blocks; repeng's, dialz's and jukofyork's last was read after the final norm."""
    file, wanted = WHERE[name]
    found = CONVENTIONS[name].read(FILES / file, tiny("llama"))
    assert found.keys() == wanted.keys()
    for block, tensor in found.items():
        np.testing.assert_array_equal(tensor.numpy(), wanted[block])


@pytest.mark.parametrize("name", WHERE)
def test_a_coefficient_of_one_adds_what_the_file_has(name):
    """But for rounding, and the vector knows its model, its block and its file."""
    model, (file, wanted) = tiny("llama"), WHERE[name]
    found = read_foreign(FILES / file, convention=name, model=model, trait="verbosity")
    assert [site.layer for site in found.sites] == sorted(wanted)
    for site in found.sites:
        vector = found.at(site)
        delta = Steering(vector=vector, coefficient=1.0).delta()
        assert delta is not None
        np.testing.assert_allclose(delta.numpy(), wanted[site.layer], rtol=1e-6, atol=1e-7)
        assert vector.model == model.fingerprint
        assert vector.residual_norm > 0
        assert name in vector.estimator


def test_jukofyorks_differences_accumulate(tmp_path):
    """The vector of a block is the sum of what the blocks up to it add."""
    path = _control_vector(tmp_path, {1: numbers(1), 2: numbers(2)})
    found = CONVENTIONS["jukofyork"].read(path, tiny("llama"))
    np.testing.assert_array_equal(found[0].numpy(), numbers(1))
    np.testing.assert_array_equal(found[1].numpy(), numbers(1) + numbers(2))


def test_one_file_means_two_things():
    """Which is why nothing is guessed: the generator's own loader is one block late."""
    path, model = FILES / "cvector-generator.gguf", tiny("llama")
    read, added = (
        CONVENTIONS[name].read(path, model) for name in ("cvector-generator", "llama.cpp")
    )
    assert {block + 1 for block in read} == set(added)


@pytest.mark.parametrize("name", [None, "llamacpp", ""])
def test_no_convention_is_an_error_that_lists_all(name):
    """One line each."""
    with pytest.raises(PrefvecError) as refused:
        convention_called(name)
    lines = str(refused.value).splitlines()[1:]
    assert [line.split(":")[0].strip() for line in lines] == list(CONVENTIONS)


def test_a_pickled_object_is_refused_and_not_run():
    """As people keep a SteeringVector; the sentence says what to keep instead."""
    with pytest.raises(PrefvecError, match=r"would run code out of it.*tensors alone"):
        _read("steering-vectors-pickled.pt", "steering-vectors")


def test_a_pickled_callable_is_refused_and_not_run(tmp_path):
    """Nothing of it happens."""
    path, trace = tmp_path / "evil.pt", tmp_path / "trace"

    class Evil:
        def __reduce__(self):
            return trace.write_text, ("it ran",)

    torch.save({0: Evil()}, path)
    with pytest.raises(PrefvecError, match="would run code out of it"):
        read_foreign(path, convention="steering-vectors", model=tiny("llama"))
    assert not trace.exists()


def test_safetensors_are_read_as_well(tmp_path):
    """By the number of the block in a tensor's name."""
    path = tmp_path / "vector.safetensors"
    save_file({"1": torch.from_numpy(numbers(1)), "layer.2": torch.from_numpy(numbers(2))}, path)
    found = CONVENTIONS["steering-vectors"].read(path, tiny("llama"))
    assert {block: tensor.tolist() for block, tensor in found.items()} == {
        n: numbers(n).tolist() for n in (1, 2)
    }


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
        ("rows.pt", "hidden-states", "mistral", "does not hold one tensor of 3 rows"),
        ("steering-vectors.pt", "steering-vectors", "mistral", "block 2 .* counted 0 to 1"),
    ],
)
def test_what_does_not_fit_is_a_sentence(file, convention, family, message):
    """Another model, another convention, another kind of file."""
    with pytest.raises(PrefvecError, match=message):
        _read(file, convention, family)


@pytest.mark.parametrize("name", WHERE)
def test_another_width_is_a_sentence(name):
    """Whatever the architecture and the convention."""
    file, _ = WHERE[name]
    with pytest.raises(PrefvecError, match=r"32 numbers .*, and the residual stream .* is 16 wide"):
        read_foreign(FILES / file, convention=name, model=tiny("llama", d_model=16))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_not_finite_are_a_sentence(tmp_path, value):
    """They would leave nothing of an answer."""
    path = tmp_path / "broken.pt"
    write_pt(path, {1: torch.full((32,), value)})
    with pytest.raises(PrefvecError, match="not finite"):
        read_foreign(path, convention="steering-vectors", model=tiny("llama"))


def test_blocks_of_zeros_are_left_out(tmp_path):
    """They steer nowhere; a file of nothing else has no vector."""
    path, nothing = tmp_path / "padded.pt", tmp_path / "zeros.pt"
    write_pt(path, {0: torch.zeros(32), 1: torch.ones(32)})
    found = read_foreign(path, convention="steering-vectors", model=tiny("llama"))
    assert found.sites == (Site(1, "resid_post"),)
    write_pt(nothing, {0: torch.zeros(32)})
    with pytest.raises(PrefvecError, match="no vector for a block"):
        read_foreign(nothing, convention="steering-vectors", model=tiny("llama"))


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


def test_a_negative_number_counts_from_the_last_block(tmp_path):
    """As the library steering-vectors indexes its list of layers."""
    path = tmp_path / "last.pt"
    write_pt(path, {"layer_activations": {-1: torch.ones(32)}, "layer_type": "decoder_block"})
    assert CONVENTIONS["steering-vectors"].read(path, tiny("llama")).keys() == {2}


def test_vectors_of_other_places_are_refused(tmp_path):
    """Those of an attention or MLP output, of attention heads, or meant to be projected out."""
    path = tmp_path / "mlp.pt"
    write_pt(path, {"layer_activations": {1: torch.ones(32)}, "layer_type": "mlp"})
    with pytest.raises(PrefvecError, match="for mlp, and not for the outputs"):
        read_foreign(path, convention="steering-vectors", model=tiny("llama"))
    native = '{"version":1,"component":"attention_heads","metadata":null}'
    heads = _control_vector(tmp_path, {1: numbers(1)}, **{"controlvector.easysteer": native})
    with pytest.raises(PrefvecError, match="directions of attention_heads"):
        read_foreign(heads, convention="easysteer", model=tiny("llama"))
    projected = _control_vector(tmp_path, {1: numbers(1)}, **{"glp.mode": "project"})
    with pytest.raises(PrefvecError, match="projected out"):
        read_foreign(projected, convention="llama.cpp", model=tiny("llama"))


@pytest.mark.parametrize("length", [0, 3, 20, 100, 300])
def test_a_gguf_file_that_is_cut_short_is_a_sentence(tmp_path, length):
    """Wherever it ends."""
    path = tmp_path / "short.gguf"
    path.write_bytes((FILES / "saklas.gguf").read_bytes()[:length])
    with pytest.raises(PrefvecError, match="no whole GGUF file"):
        read_gguf(path)


VECTOR = torch.ones(32)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            {"layer_activations": [VECTOR], "layer_type": "decoder_block"},
            "by the number of a block",
        ),
        ({"layer_activations": VECTOR}, "by the number of a block under 'layer_activations'"),
        ({"layer_activations": None}, "by the number of a block under 'layer_activations'"),
        ({"layer_activations": {}}, "no vector for a block"),
        ({}, "no vector for a block"),
        ({"layer_activations": {1: VECTOR}, "layer_type": VECTOR}, "layer_type is no text"),
        ({1: "VECTOR"}, "no list of numbers under 1"),
        ({1: [0.5] * 32}, "no list of numbers under 1"),
        ({1: torch.ones(32, dtype=torch.int64)}, "no list of numbers under 1"),
        ({1: torch.ones(32, dtype=torch.complex64)}, "no list of numbers under 1"),
        ({1: VECTOR.to_sparse()}, "no list of numbers under 1"),
        ({1: VECTOR.to("meta")}, "no list of numbers under 1"),
        ({1: torch.ones(2, 32)}, "no list of numbers under 1"),
        ({1: torch.tensor(0.5)}, "1 numbers for block 1"),
        ({1: torch.ones(0)}, "0 numbers for block 1"),
        ({True: VECTOR}, "by the number of a block"),
        ({1.0: VECTOR}, "by the number of a block"),
        ({"1" * 5000: VECTOR}, "by the number of a block"),
        ({10**12: VECTOR}, "by the number of a block"),
        ({-4: VECTOR}, "for block -4 .* counted 0 to 2"),
        ({-1: VECTOR, 2: VECTOR}, "two vectors for block 2 .* the second under 2"),
        ({"1": VECTOR, "layer.1": VECTOR}, "two vectors for block 1 .* under 'layer.1'"),
        ([VECTOR], "a SteeringVector's fields"),
    ],
)
def test_a_malformed_steering_vector_is_a_sentence(tmp_path, content, message):
    """Wrong types, nothing at all, and two vectors for one block."""
    path = tmp_path / "broken.pt"
    torch.save(content, path)
    with pytest.raises(PrefvecError, match=message) as refused:
        read_foreign(path, convention="steering-vectors", model=tiny("llama"))
    assert str(refused.value).startswith(str(path))


@pytest.mark.parametrize(
    ("coefficient", "message"),
    [
        ("much", "steering_coefficient = 'much' for layers.1"),
        ("2.0", "steering_coefficient = '2.0' for layers.1"),
        (None, "steering_coefficient = None for layers.1"),
        (True, "steering_coefficient = True for layers.1"),
        ([2.0], r"steering_coefficient = \[2.0\] for layers.1"),
        (2j, "steering_coefficient = 2j for layers.1"),
        (10**400, "steering_coefficient = 1000"),
        (torch.ones(2), "steering_coefficient = Tensor for layers.1"),
        (float("nan"), "not finite"),
        (float("inf"), "not finite"),
    ],
)
def test_a_coefficient_that_is_no_number_is_a_sentence(tmp_path, coefficient, message):
    """Nor is one that no vector survives."""
    path = tmp_path / "broken.pt"
    entry = {"steering_vector": VECTOR, "steering_coefficient": coefficient, "action": "add"}
    torch.save({"layers.1": entry}, path)
    with pytest.raises(PrefvecError, match=message):
        read_foreign(path, convention="lm-eval", model=tiny("llama"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "a configuration of lm-evaluation-harness"),
        ([VECTOR], "a configuration of lm-evaluation-harness"),
        ({"layers.1": VECTOR}, "a configuration of lm-evaluation-harness"),
        ({"layers.1": {"steering_coefficient": 1.0}}, "a configuration of lm-evaluation-harness"),
        ({"layers.1": {"steering_vector": None}}, "no list of numbers under 'layers.1'"),
        ({1: {"steering_vector": VECTOR}}, "adds to '1', which is no decoder block"),
    ],
)
def test_a_malformed_configuration_is_a_sentence(tmp_path, content, message):
    """Of lm-evaluation-harness: nothing in it, or not what is looked for."""
    path = tmp_path / "broken.pt"
    torch.save(content, path)
    with pytest.raises(PrefvecError, match=message):
        read_foreign(path, convention="lm-eval", model=tiny("llama"))


@pytest.mark.parametrize(
    "rows",
    [
        torch.ones(4, 32, dtype=torch.int64),
        torch.ones(4, 32, dtype=torch.complex64),
        torch.ones(4, 32).to_sparse(),
        torch.ones(3, 32),
        torch.ones(32),
        {},
        None,
    ],
)
def test_malformed_rows_are_a_sentence(tmp_path, rows):
    """Of hidden states: not one tensor, of other numbers, or of another number of rows."""
    path = tmp_path / "broken.pt"
    torch.save(rows, path)
    with pytest.raises(PrefvecError, match="does not hold one tensor of 4 rows of floats"):
        read_foreign(path, convention="hidden-states", model=tiny("llama"))


def test_rows_that_were_trained_are_read_without_their_history(tmp_path):
    """As any others; what is read needs no gradient."""
    path = tmp_path / "trained.pt"
    torch.save(torch.nn.Parameter(torch.ones(4, 32)), path)
    found = CONVENTIONS["hidden-states"].read(path, tiny("llama"))
    assert not any(tensor.requires_grad for tensor in found.values())


@pytest.mark.parametrize(
    "native",
    ["", "{", "no json", "[]", "3", '"hidden_states"', "null", "[" * 5000, 7],
    ids=lambda native: repr(native)[:12],
)
def test_what_easysteer_would_not_have_written_is_a_sentence(tmp_path, native):
    """Under its own key there is a JSON object, or the file has no such key."""
    path = _control_vector(tmp_path, {1: numbers(1)}, **{"controlvector.easysteer": native})
    with pytest.raises(PrefvecError, match=r"under controlvector\.easysteer no JSON object"):
        read_foreign(path, convention="easysteer", model=tiny("llama"))


@pytest.mark.parametrize("name", ["direction.1", "direction.01"])
def test_two_directions_of_one_number_are_a_sentence(tmp_path, name):
    """Neither overwrites the other."""
    path = tmp_path / "twice.gguf"
    tensors = {"direction.1": numbers(1), "direction.%" + name[11:]: numbers(2)}
    content = gguf_bytes({"general.architecture": "controlvector"}, tensors)
    path.write_bytes(content.replace(b"direction.%", b"direction." + name[10:11].encode()))
    with pytest.raises(PrefvecError, match=f"two tensors direction.1, the second called '{name}'"):
        read_foreign(path, convention="llama.cpp", model=tiny("llama"))


def test_a_direction_of_an_endless_number_is_a_sentence(tmp_path):
    """Longer than Python reads numbers."""
    path = tmp_path / "long.gguf"
    tensors = {"direction." + "1" * 5000: numbers(1)}
    path.write_bytes(gguf_bytes({"general.architecture": "controlvector"}, tensors))
    with pytest.raises(PrefvecError, match="file of another model, or of another convention"):
        read_foreign(path, convention="llama.cpp", model=tiny("llama"))


@pytest.mark.parametrize("name", [name for name, (file, _) in WHERE.items() if "gguf" in file])
def test_directions_that_are_not_finite_are_a_sentence(tmp_path, name):
    """By every convention; what jukofyork's sum would carry on, too."""
    kind = "steeringvector" if name == "dialz" else "controlvector"
    path = tmp_path / "broken.gguf"
    tensors = {f"direction.{n}": numbers(n) * np.float32("nan") for n in (1, 2)}
    path.write_bytes(gguf_bytes({"general.architecture": kind}, tensors))
    with pytest.raises(PrefvecError, match="not finite"):
        read_foreign(path, convention=name, model=tiny("llama"))


def test_two_keys_of_one_name_are_a_sentence(tmp_path):
    """Which of two models a file is for is not guessed."""
    keys = {"general.architecture": "controlvector", "a.b": "llama", "a.c": "gpt2"}
    content = gguf_bytes(keys, {"direction.1": numbers(1)})
    path = tmp_path / "twice.gguf"
    path.write_bytes(content.replace(b"a.c", b"a.b"))
    with pytest.raises(PrefvecError, match=r"two keys 'a\.b'"):
        read_gguf(path)


def test_arrays_in_arrays_without_end_are_a_sentence(tmp_path):
    """Deeper than Python follows."""
    path = tmp_path / "deep.gguf"
    head = gguf_bytes({"a": 1}, {})
    nested = struct.pack("<I", 9) + struct.pack("<IQ", 9, 1) * 100_000
    path.write_bytes(head[: head.index(b"a") + 1] + nested)
    with pytest.raises(PrefvecError, match="no whole GGUF file"):
        read_gguf(path)


@pytest.mark.parametrize("name", CONVENTIONS)
@pytest.mark.parametrize("content", [b"", b"\0", b"GGUF", b"PK\3\4", b"not a file of this kind"])
def test_what_is_no_file_of_a_convention_is_a_sentence(tmp_path, name, content):
    """An empty file, or one that only begins as one."""
    for ending in ("gguf", "pt", "safetensors"):
        path = tmp_path / f"broken.{ending}"
        path.write_bytes(content)
        with pytest.raises(PrefvecError) as refused:
            read_foreign(path, convention=name, model=tiny("llama"))
        assert str(path) in str(refused.value)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(WHERE)), st.data())
def test_a_file_with_broken_bytes_is_read_or_refused(name, data):
    """Whatever byte is another, there is a vector or a sentence, and never anything else."""
    file, _ = WHERE[name]
    content = bytearray((FILES / file).read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] = data.draw(st.integers(0, 255))
    with TemporaryDirectory() as folder:
        path = Path(folder) / file
        path.write_bytes(content)
        with contextlib.suppress(PrefvecError), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's, of pickles by other protocols
            CONVENTIONS[name].read(path, tiny("llama"))


def _read(file: str, convention: str, family: str = "llama"):
    return read_foreign(FILES / file, convention=convention, model=tiny(family))


def _control_vector(folder: Path, tensors: dict[int, np.ndarray], **keys: Value) -> Path:
    path = folder / "control.gguf"
    named = {f"direction.{n}": each for n, each in tensors.items()}
    path.write_bytes(gguf_bytes({"general.architecture": "controlvector", **keys}, named))
    return path
