"""Files put in their place whole, or not at all."""

from pathlib import Path

from prefvec.errors import PrefvecError
from prefvec.whole_files import write_whole


def put(path: Path, content: bytes) -> None:
    """Write a file in one step, so that no half of one is left behind.

    Raises:
        PrefvecError: if it cannot be written.
    """
    try:
        write_whole(content, path)
    except OSError as error:
        raise PrefvecError(
            f"The vector cannot be written to {path} ({error.strerror or error}). Choose a "
            "writable path."
        ) from error
