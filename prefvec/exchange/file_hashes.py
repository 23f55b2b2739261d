"""What tells a file from any other."""

import hashlib
from pathlib import Path

from prefvec.errors import PrefvecError


def file_hash(path: Path) -> str:
    """The sha256 of a file's bytes.

    Raises:
        PrefvecError: if it cannot be read.
    """
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise PrefvecError(
            f"{path} cannot be read ({error.strerror or error}). Give the path of a vector's file."
        ) from error
