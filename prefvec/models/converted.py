"""GGUF files that were converted before, kept as checkpoints: the second start takes seconds."""

import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers

from prefvec.errors import PrefvecError
from prefvec.models.fingerprints import sha256_of
from prefvec.models.gguf import convert, require_reader
from prefvec.models.gguf_files import GgufFile
from prefvec.provenance import code_fingerprint

CONVERTED = Path(".prefvec") / "models"
"""Where they are kept unless a caller says otherwise: beside the store of answers."""
_MANIFEST = "converted.json"


@dataclass(frozen=True, kw_only=True)
class Converted:
    """A checkpoint made of a GGUF file.

    Attributes:
        path: its folder.
        made_of: the file and what was done with it, for the record.
    """

    path: Path
    made_of: str


def say(what: str) -> None:
    """Tell on the error stream, where progress is told."""
    print(what, file=sys.stderr, flush=True)


def converted(
    file: GgufFile,
    *,
    name: str,
    dtype: torch.dtype | str,
    kept: Path = CONVERTED,
    tell: Callable[[str], None] = say,
) -> Converted:
    """The checkpoint of a GGUF file, converted unless it was before.

    A kept checkpoint serves again if it was made of the same bytes, to the same number type, by
    the same code and transformers, and if each of its files still has its SHA-256.

    Args:
        file: the GGUF file.
        name: of the model, for messages.
        dtype: of the weights, or "auto".
        kept: the folder of checkpoints that were converted.
        tell: told that a conversion begins.

    Raises:
        PrefvecError: see `prefvec.models.gguf.convert`; or if the folder cannot be written.
    """
    number = str(dtype).removeprefix("torch.")
    home = kept / f"{file.sha256}-{number}"
    how = _kept(home)
    if how is None:
        require_reader(name)
        tell(
            f"{name}: converting {file.n_bytes / 1e6:,.0f} MB of GGUF once, which takes a minute "
            f"or a few; kept in {home.parent}"
        )
        try:
            how = _convert(file, home, name=name, dtype=dtype)
        except OSError as error:
            raise PrefvecError(
                f"{name} cannot be converted into {home} ({error}). Make room there, or name "
                "another folder by --store: converted models are kept beside the answers."
            ) from error
    return Converted(path=home, made_of=f"{file.name} (SHA-256 {file.sha256[:16]}), {how}")


def _convert(file: GgufFile, home: Path, *, name: str, dtype: torch.dtype | str) -> str:
    """Make the folder whole before it has its name, so that no half of one is ever taken for it."""
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=".converting-") as scratch:
        made = Path(scratch) / "model"
        made.mkdir()
        how = convert(file.whole(Path(scratch)), made, name=name, dtype=dtype)
        contents = {"how": how, "maker": _maker(), "files": _digests(made)}
        (made / _MANIFEST).write_text(json.dumps(contents, indent=1) + "\n", encoding="utf-8")
        if _kept(home) is None:  # another process may have been faster
            shutil.rmtree(home, ignore_errors=True)
            made.rename(home)
    return how


def _kept(home: Path) -> str | None:
    """What was done for a kept checkpoint; None if there is none that can be trusted."""
    try:
        contents: dict[str, Any] = json.loads((home / _MANIFEST).read_text(encoding="utf-8"))
        if contents["maker"] == _maker() and contents["files"] == _digests(home):
            return str(contents["how"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def _maker() -> dict[str, str]:
    """Whatever may decide what a conversion gives."""
    return {
        "transformers": transformers.__version__,
        "code": code_fingerprint("prefvec.models.gguf"),
    }


def _digests(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.iterdir()) if path.name != _MANIFEST)
    return {path.name: sha256_of([path]) for path in files}
