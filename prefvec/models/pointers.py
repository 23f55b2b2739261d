"""Git-LFS pointers: the few lines that a clone without large files has in place of each."""

from pathlib import Path

from prefvec.errors import PrefvecError

_BEGINS = b"version https://git-lfs.github.com/spec/"
_AT_MOST = 1024
"""Bytes of a pointer, as git-lfs itself has it."""


def require_no_pointer(path: Path) -> None:
    """Refuse a file that only names the large file it stands for.

    Raises:
        PrefvecError: saying so, and how to fetch the file.
    """
    if path.stat().st_size > _AT_MOST:
        return
    with path.open("rb") as file:
        if file.read(len(_BEGINS)) == _BEGINS:
            raise PrefvecError(
                f"{path} is a Git-LFS pointer and not the file itself: the repository was cloned "
                f"without its large files. Run `git lfs pull` in {path.parent}."
            )
