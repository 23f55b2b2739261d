"""Each refusal of llama.cpp's loader is a rule, and a file it takes breaks none.

The rules' oracle is the loader's source; see `prefvec.exchange.llama_cpp_rules`.
"""

from pathlib import Path

import numpy as np
import pytest

from prefvec.errors import PrefvecError
from prefvec.exchange.gguf_file import gguf_bytes
from prefvec.exchange.llama_cpp_rules import block_of, in_a_name, refusals
from tests.exchange.written_by_others import FILES, numbers

gguf = pytest.importorskip("gguf", reason="pip install 'prefvec[gguf]'")


def written(folder: Path, tensors: dict[str, np.ndarray], name: str = "control.gguf") -> Path:
    """A control vector by the library gguf, which writes whatever it is given."""
    path = folder / name
    writer = gguf.GGUFWriter(path, "controlvector")
    for called, values in tensors.items():
        writer.add_tensor(called, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.mark.parametrize("file", ["repeng.gguf", "cvector-generator.gguf", "jukofyork.gguf"])
def test_what_llama_cpp_loads_breaks_no_rule(file):
    """Files of tools that number blocks from 1."""
    assert refusals(FILES / file) == ()


@pytest.mark.parametrize("file", ["saklas.gguf", "easysteer.gguf"])
def test_direction_zero_drops_the_whole_file(file):
    """As tools that number blocks from 0 write it."""
    (reason,) = refusals(FILES / file)
    assert "direction.0" in reason
    assert "skips the whole file" in reason


@pytest.mark.parametrize(
    ("tensors", "reason"),
    [
        ({}, "no tensor"),
        ({"direction.1": numbers(1).astype(np.float16)}, "not float32"),
        ({"direction.1": numbers(1).astype(np.float64)}, "not float32"),
        ({"direction.1": np.ones((2, 16), np.float32)}, "has 2 dimensions"),
        ({"direction.1": numbers(1), "direction.2": numbers(2)[:8]}, "are 32 and 8 wide"),
        ({"direction.-1": numbers(1)}, "not named direction.N"),
        ({"direction.x": numbers(1)}, "not named direction.N"),
        ({"direction": numbers(1)}, "not named direction.N"),
        ({"directions.1": numbers(1)}, "not named direction.N"),
        ({"direction.1": numbers(1), "note": numbers(2)}, "not named direction.N"),
        ({"direction.99999999999": numbers(1)}, "not named direction.N"),
    ],
)
def test_each_refusal_of_the_loader_is_a_rule(tmp_path, tensors, reason):
    """One bad tensor is enough."""
    (found,) = refusals(written(tmp_path, tensors))
    assert reason in found


def test_two_tensors_of_one_name_are_a_rule(tmp_path):
    """Llama.cpp does not open such a file, and the library gguf does not write one."""
    path = written(tmp_path, {"direction.1": numbers(1), "direction.2": numbers(2)})
    assert refusals(path) == ()
    path.write_bytes(path.read_bytes().replace(b"direction.2", b"direction.1"))
    (reason,) = refusals(path)
    assert reason == "There are two tensors direction.1: llama.cpp does not open the file."


@pytest.mark.parametrize("letter", ["x", "ä"])
def test_a_name_of_more_than_63_bytes_is_a_rule(tmp_path, letter):
    """As ggml counts them: it keeps 64 for a name and the zero that ends it."""
    name = "direction.1".ljust(63, "x")
    assert refusals(written(tmp_path, {name: numbers(1)}, "longest.gguf")) == ()
    longer = name[:-1] + letter if letter == "ä" else name + letter
    assert len(longer.encode()) == 64
    (reason,) = refusals(written(tmp_path, {longer: numbers(1)}, "longer.gguf"))
    assert reason == f"The name {longer} is too long: llama.cpp does not open the file."


def test_one_dimension_behind_which_there_are_ones_is_one(tmp_path):
    """As ggml counts them."""
    shape = np.ones((1, 16), np.float32)
    path = tmp_path / "row.gguf"
    path.write_bytes(gguf_bytes({"general.architecture": "x"}, {"direction.1": shape}))
    assert refusals(path) == ()


@pytest.mark.parametrize(
    ("name", "block"),
    [("direction.7", 7), ("direction.07", 7), ("direction. 7", 7), ("direction.+7", 7),
     ("direction.7b", 7), ("direction.7.weight", 7), ("direction.", None),
     ("direction.2147483647", 2147483647), ("direction.2147483648", None),
     ("direction." + "0" * 5000 + "7", 7), ("direction." + "7" * 5000, None),
     ("direction.\N{ARABIC-INDIC DIGIT SEVEN}", None)],
    ids=lambda given: str(given)[:16],
)  # fmt: skip
def test_a_number_is_read_as_stoi_reads_it(name, block):
    """What follows it does not matter to llama.cpp."""
    assert block_of(name) == block


def test_another_width_than_the_models_is_a_rule():
    """`llama_adapter_cvec::apply` looks at nothing else."""
    assert refusals(FILES / "repeng.gguf", d_model=32, n_layers=3) == ()
    (reason,) = refusals(FILES / "repeng.gguf", d_model=64)
    assert "32 wide and the model's residual stream 64" in reason


def test_blocks_that_the_model_lacks_are_a_rule():
    """llama.cpp ignores them without a word."""
    (reason,) = refusals(FILES / "repeng.gguf", n_layers=2)
    assert "direction.2 is beyond the last of 2 blocks" in reason


@pytest.mark.parametrize("name", ["mistral:123b.gguf", "a,b.gguf", 'a"b.gguf', "a:b/c.gguf"])
def test_names_that_its_options_cut_are_a_rule(name):
    """':' separates a file from its scale, ',' two files."""
    (reason,) = in_a_name(Path(name))
    assert "which llama.cpp reads as" in reason
    assert in_a_name(Path("/tmp/mistral-123b.gguf")) == ()


def test_what_is_no_gguf_file_is_a_sentence(tmp_path):
    """There is nothing to hold rules against."""
    path = tmp_path / "text.gguf"
    path.write_text("not a file of this kind")
    with pytest.raises(PrefvecError, match="no whole GGUF file"):
        refusals(path)
