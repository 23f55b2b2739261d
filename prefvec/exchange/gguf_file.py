"""A small GGUF file: keys and float32 tensors, written and read without a library.

Layout: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, version 3, little endian.
"""

import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from prefvec.errors import PrefvecError

Value = str | int | float | bool
"""What a key holds: written as a string, uint32, float64 or bool."""

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float32]]

F32 = 0
"""The type of a tensor of float32 numbers."""

_MAGIC, _VERSION, _ALIGNMENT = b"GGUF", 3, 32
_UINT32, _BOOL, _STRING, _ARRAY, _FLOAT64 = 4, 7, 8, 9, 12
_SCALARS = {
    0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i",
    6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d",
}  # fmt: skip
_MALFORMED = (struct.error, ValueError, KeyError, IndexError, OverflowError, RecursionError)
"""What reading trips over where a file is not laid out as it says."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Entry:
    """One tensor of a file.

    Attributes:
        name: its own.
        kind: ggml's number for its type; `F32` is 0.
        shape: its dimensions, the fastest first, as the file has them.
        values: its numbers; None where they are not float32.
    """

    name: str
    kind: int
    shape: tuple[int, ...]
    values: Floats | None

    @property
    def n_dims(self) -> int:
        """Dimensions as ggml counts them: those behind the first that are 1 are none."""
        lengths = list(self.shape)
        while len(lengths) > 1 and lengths[-1] == 1:
            lengths.pop()
        return max(1, len(lengths))


@dataclass(frozen=True, kw_only=True, eq=False)
class Contents:
    """What a file holds.

    Attributes:
        keys: the metadata; arrays are lists.
        tensors: in the order of the file.
    """

    keys: Mapping[str, object]
    tensors: Sequence[Entry]


def gguf_bytes(keys: Mapping[str, Value], tensors: Mapping[str, Floats]) -> bytes:
    """A GGUF file, whole.

    Args:
        keys: the metadata; "general.architecture" belongs among them.
        tensors: by name; each is written as float32.

    Example:
        >>> whole = gguf_bytes({"general.architecture": "x"}, {"a": np.zeros(4, np.float32)})
        >>> whole[:4], len(whole) % 4
        (b'GGUF', 0)
    """
    head = [_MAGIC, struct.pack("<IQQ", _VERSION, len(tensors), len(keys))]
    head += [_text(name) + _typed(value) for name, value in keys.items()]
    body: list[bytes] = []
    offset = 0
    for name, values in tensors.items():
        packed = np.ascontiguousarray(values, dtype="<f4").tobytes()
        shape = values.shape[::-1]
        head.append(_text(name) + struct.pack(f"<I{len(shape)}Q", len(shape), *shape))
        head.append(struct.pack("<IQ", F32, offset))
        body.append(_padded(packed))
        offset += len(body[-1])
    return _padded(b"".join(head)) + b"".join(body)


def read_gguf(path: Path) -> Contents:
    """Read a GGUF file's keys and its float32 tensors.

    Raises:
        PrefvecError: if it cannot be read, is no GGUF file of version 2 or 3, or is cut short.
    """
    try:
        return _Cursor(path.read_bytes()).contents()
    except OSError as error:
        raise PrefvecError(
            f"{path} cannot be read ({error.strerror or error}). Give the path of a GGUF file."
        ) from error
    except _MALFORMED as error:
        raise PrefvecError(
            f"{path} is no whole GGUF file of version 2 or 3 ({error or type(error).__name__}): it "
            "may be cut short, or of another kind. Fetch it again, or name another convention."
        ) from error


def _text(text: str) -> bytes:
    encoded = text.encode()
    return struct.pack("<Q", len(encoded)) + encoded


def _typed(value: Value) -> bytes:
    if isinstance(value, str):
        return struct.pack("<I", _STRING) + _text(value)
    kind = _BOOL if isinstance(value, bool) else _UINT32 if isinstance(value, int) else _FLOAT64
    return struct.pack("<I", kind) + struct.pack(_SCALARS[kind], value)


def _padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % _ALIGNMENT)


class _Cursor:
    """Reads a file's bytes from the front."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def contents(self) -> Contents:
        if self._take(4) != _MAGIC:
            raise ValueError("it does not begin with GGUF")
        version = self._number("<I")
        if version not in (2, 3):
            raise ValueError(f"version {version}")
        n_tensors, n_keys = self._number("<Q"), self._number("<Q")
        keys = self._keys(n_keys)
        heads = [self._head() for _ in range(n_tensors)]
        alignment = keys.get("general.alignment", _ALIGNMENT)
        if not isinstance(alignment, int) or alignment < 1:
            raise ValueError(f"alignment {alignment!r}")
        start = -(-self._at // alignment) * alignment
        return Contents(keys=keys, tensors=[self._tensor(start, *head) for head in heads])

    def _keys(self, count: int) -> dict[str, object]:
        keys: dict[str, object] = {}
        for _ in range(count):
            name = self._text()
            if name in keys:
                raise ValueError(f"two keys {name!r}")
            keys[name] = self._value(self._number("<I"))
        return keys

    def _head(self) -> tuple[str, tuple[int, ...], int, int]:
        name = self._text()
        shape = tuple(self._number("<Q") for _ in range(self._number("<I")))
        return name, shape, self._number("<I"), self._number("<Q")

    def _tensor(
        self, start: int, name: str, shape: tuple[int, ...], kind: int, offset: int
    ) -> Entry:
        if kind != F32:
            return Entry(name=name, kind=kind, shape=shape, values=None)
        self._at = start + offset
        packed = self._take(4 * math.prod(shape))
        values = np.frombuffer(packed, dtype="<f4").astype(np.float32).reshape(shape[::-1])
        return Entry(name=name, kind=kind, shape=shape, values=values)

    def _value(self, kind: int) -> object:
        if kind == _STRING:
            return self._text()
        if kind == _ARRAY:
            inner, length = self._number("<I"), self._number("<Q")
            return [self._value(inner) for _ in range(length)]
        (value,) = struct.unpack(_SCALARS[kind], self._take(struct.calcsize(_SCALARS[kind])))
        return value

    def _text(self) -> str:
        return self._take(self._number("<Q")).decode()

    def _number(self, layout: str) -> int:
        (number,) = struct.unpack(layout, self._take(struct.calcsize(layout)))
        return int(number)

    def _take(self, length: int) -> bytes:
        if self._at + length > len(self._content):
            raise ValueError("it ends before its header says")
        taken = self._content[self._at : self._at + length]
        self._at += length
        return taken
