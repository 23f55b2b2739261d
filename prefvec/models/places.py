"""Where a model lies: a directory, a GGUF file, or a repository on the hub."""

import re
from pathlib import Path

from prefvec.errors import PrefvecError
from prefvec.models.gguf_files import GgufFile
from prefvec.models.packages import Packaged
from prefvec.models.pointers import require_no_pointer

_HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?")
_LARGE = frozenset({".safetensors", ".json", ".model", ".jinja"})
"""Endings of files that a repository may keep in Git LFS."""


def gguf_at(what: str | Packaged) -> GgufFile | None:
    """The GGUF file that a path, a folder or packages hold; None where there is none.

    A folder that holds safetensors is a checkpoint, whatever lies beside them.

    Raises:
        PrefvecError: if there is one that cannot be a model; see `GgufFile`.
    """
    if isinstance(what, Packaged):
        return GgufFile.packaged(what)
    path = Path(what).expanduser()
    if path.is_dir():
        return None if any(path.glob("*.safetensors")) else GgufFile.inside(path)
    if path.is_file() and path.suffix.lower() == ".gguf":
        return GgufFile.at(path)
    if path.suffix.lower() == ".gguf":
        raise PrefvecError(f"There is no file {what}. Check the path.")
    return None


def place_of(name_or_path: str) -> str:
    """A directory that holds a checkpoint, or something that can be a hub id.

    Raises:
        PrefvecError: if the name can be neither, or the directory is no whole checkpoint.
    """
    path = Path(name_or_path).expanduser()
    if path.is_dir():
        _require_model_files(path)
        return str(path)
    if path.exists():
        raise PrefvecError(
            f"{name_or_path} is a file, and no GGUF file by its name. Give the directory that "
            "holds config.json and the weights, or a file whose name ends in .gguf."
        )
    looks_local = name_or_path.startswith((".", "/", "~")) or "\\" in name_or_path
    if looks_local or not _HUB_ID.fullmatch(name_or_path):
        raise PrefvecError(
            f"There is no directory {name_or_path}, and it is not a hub id either (owner/name). "
            "Check the path."
        )
    return name_or_path


def _require_model_files(directory: Path) -> None:
    """Refuse a directory whose weights are missing or pickled before anything is read."""
    if not (directory / "config.json").is_file():
        raise PrefvecError(
            f"{directory} holds no config.json, so it is no model directory. Give the directory "
            "that `save_pretrained` wrote or that was cloned from the hub."
        )
    require_large_files(directory)
    if any(directory.glob("*.safetensors")):
        return
    pickled = sorted({*directory.glob("*.bin"), *directory.glob("*.pt"), *directory.glob("*.pth")})
    if pickled:
        raise PrefvecError(
            f"{directory} has pickled weights only ({pickled[0].name}); unpickling runs whatever "
            "code the file holds, so only safetensors are read. Convert them with "
            "`save_pretrained` where you trust the file."
        )
    raise PrefvecError(
        f"The weights are missing: {directory} holds no *.safetensors file. Download them, or "
        "run `git lfs pull` if it is a clone."
    )


def require_large_files(directory: Path) -> None:
    """Refuse a clone some of whose files are Git-LFS pointers.

    Raises:
        PrefvecError: naming the first.
    """
    for path in sorted(directory.iterdir()):
        if path.suffix in _LARGE and path.is_file():
            require_no_pointer(path)
