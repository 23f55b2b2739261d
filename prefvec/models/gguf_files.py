"""A model in one GGUF file: what tells it from any other, and what is refused unread."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from prefvec.errors import PrefvecError
from prefvec.models.fingerprints import sha256_of
from prefvec.models.packages import Packaged
from prefvec.models.pointers import require_no_pointer

_MAGIC = b"GGUF"
_SPLIT = re.compile(r"-(\d{5})-of-(\d{5})\.gguf$", re.IGNORECASE)
_CHUNK = 2**20


@dataclass(frozen=True, kw_only=True)
class GgufFile:
    """A GGUF file that lies whole, or in parts to be put together.

    Attributes:
        name: what the file is called.
        parts: in their order; one where it lies whole.
        sha256: 64 hex digits over all bytes.
    """

    name: str
    parts: tuple[Path, ...]
    sha256: str

    @classmethod
    def at(cls, path: Path) -> "GgufFile":
        """The file at a path.

        Raises:
            PrefvecError: if it is a Git-LFS pointer, one of several parts, or begins otherwise
                than a GGUF file.
        """
        require_no_pointer(path)
        if part := _SPLIT.search(path.name):
            raise _split(path.name, int(part[1]), int(part[2]))
        with path.open("rb") as file:
            begins = file.read(len(_MAGIC))
        if begins != _MAGIC:
            raise PrefvecError(
                f"{path} is no GGUF file, or a damaged one: it begins with {begins!r} and not "
                f"with {_MAGIC!r}. Download it again."
            )
        return cls(name=path.name, parts=(path,), sha256=sha256_of((path,)))

    @classmethod
    def inside(cls, directory: Path) -> "GgufFile | None":
        """The one GGUF file of a folder; None if it holds none.

        Raises:
            PrefvecError: if it holds several, or as `at`.
        """
        found = sorted(directory.glob("*.gguf"))
        if not found:
            return None
        if len(found) > 1 and not _SPLIT.search(found[0].name):
            names = ", ".join(path.name for path in found)
            raise PrefvecError(
                f"{directory} holds {len(found)} GGUF files ({names}). Give the path of the one "
                "that is meant."
            )
        return cls.at(found[0])

    @classmethod
    def packaged(cls, packaged: Packaged) -> "GgufFile":
        """The file that packages carry, whose hash must be the one that the registry names.

        Raises:
            PrefvecError: if a package is missing, or the hash is another.
        """
        parts = packaged.parts()
        digest = sha256_of(parts)
        if digest != packaged.sha256:
            raise PrefvecError(
                f"The weights of {packaged.name} are not those of the registry: the SHA-256 of its "
                f"file is {digest[:16]}… and should be {packaged.sha256[:16]}…. They are not read. "
                f"Run `{packaged.command} --force-reinstall`."
            )
        return cls(name=packaged.name, parts=parts, sha256=digest)

    @property
    def n_bytes(self) -> int:
        """Size of the file."""
        return sum(part.stat().st_size for part in self.parts)

    def whole(self, folder: Path) -> Path:
        """The file in one piece: where it lies, or put together in a folder."""
        if len(self.parts) == 1:
            return self.parts[0]
        path = folder / "assembled.gguf"
        with path.open("wb") as out:
            for part in self.parts:
                with part.open("rb") as piece:
                    shutil.copyfileobj(piece, out, _CHUNK)
        return path


def require_one_file(name: str, n_parts: int) -> None:
    """Refuse a file whose own metadata say that it is one of several.

    Raises:
        PrefvecError: with how to put them together.
    """
    if n_parts > 1:
        raise _split(name, None, n_parts)


def _split(name: str, part: int | None, of: int) -> PrefvecError:
    which = "one" if part is None else f"number {part}"
    return PrefvecError(
        f"{name} is {which} of {of} files that make up one model, and transformers reads a "
        "model from one GGUF file. Put them together by `llama-gguf-split --merge FIRST OUT`, "
        "and give that file."
    )
