"""GGUF files of directions that no tool would have written are a sentence."""

import struct

import pytest

from prefvec.errors import PrefvecError
from prefvec.exchange.foreign import read_foreign
from prefvec.exchange.gguf_file import gguf_bytes, read_gguf
from tests.exchange.foreign_files import control_vector
from tests.exchange.written_by_others import FILES, numbers
from tests.tiny import tiny


@pytest.mark.parametrize("length", [0, 3, 20, 100, 300])
def test_a_gguf_file_that_is_cut_short_is_a_sentence(tmp_path, length):
    """Wherever it ends."""
    path = tmp_path / "short.gguf"
    path.write_bytes((FILES / "saklas.gguf").read_bytes()[:length])
    with pytest.raises(PrefvecError, match="no whole GGUF file"):
        read_gguf(path)


def test_arrays_in_arrays_without_end_are_a_sentence(tmp_path):
    """Deeper than Python follows."""
    path = tmp_path / "deep.gguf"
    head = gguf_bytes({"a": 1}, {})
    nested = struct.pack("<I", 9) + struct.pack("<IQ", 9, 1) * 100_000
    path.write_bytes(head[: head.index(b"a") + 1] + nested)
    with pytest.raises(PrefvecError, match="no whole GGUF file"):
        read_gguf(path)


def test_two_keys_of_one_name_are_a_sentence(tmp_path):
    """Which of two models a file is for is not guessed."""
    keys = {"general.architecture": "controlvector", "a.b": "llama", "a.c": "gpt2"}
    content = gguf_bytes(keys, {"direction.1": numbers(1)})
    path = tmp_path / "twice.gguf"
    path.write_bytes(content.replace(b"a.c", b"a.b"))
    with pytest.raises(PrefvecError, match=r"two keys 'a\.b'"):
        read_gguf(path)


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


@pytest.mark.parametrize(
    "native",
    ["", "{", "no json", "[]", "3", '"hidden_states"', "null", "[" * 5000, 7],
    ids=lambda native: repr(native)[:12],
)
def test_what_easysteer_would_not_have_written_is_a_sentence(tmp_path, native):
    """Under its own key there is a JSON object, or the file has no such key."""
    path = control_vector(tmp_path, {1: numbers(1)}, **{"controlvector.easysteer": native})
    with pytest.raises(PrefvecError, match=r"under controlvector\.easysteer no JSON object"):
        read_foreign(path, convention="easysteer", model=tiny("llama"))
