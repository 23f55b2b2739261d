"""Files put in their place whole, or not at all."""

import os
import tempfile
from pathlib import Path

from prefvec.errors import PrefvecError


def put(path: Path, content: bytes) -> None:
    """Write a file in one step, so that no half of one is left behind.

    Raises:
        PrefvecError: if it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise PrefvecError(
            f"The vector cannot be written to {path} ({error.strerror or error}). Choose a "
            "writable path."
        ) from error
