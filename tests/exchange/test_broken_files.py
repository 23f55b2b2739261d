"""Whatever bytes a file of another tool has, there is a vector or a sentence."""

import contextlib
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prefvec.errors import PrefvecError
from prefvec.exchange.conventions import CONVENTIONS
from prefvec.exchange.foreign import read_foreign
from tests.exchange.foreign_files import WHERE
from tests.exchange.written_by_others import FILES
from tests.tiny import tiny


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
