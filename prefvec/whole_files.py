"""Files that are there whole or not at all, whoever is interrupted and whoever else writes them."""

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Generator[Path]:
    """A new file beside `path`, which takes its place in one step once the block has ended well.

    Its name is its own, so that two runs which keep the same thing at once are not in each other's
    way: the last one to end stays. The folder is made where there is none.

    Args:
        path: of the file to be replaced, or made.

    Raises:
        OSError: if the folder cannot be written to; what stood at `path` stays.

    Example:
        >>> from tempfile import mkdtemp
        >>> kept = Path(mkdtemp()) / "deep" / "kept.txt"
        >>> with replacing(kept) as new:
        ...     _ = new.write_text("whole")
        >>> kept.read_text(), [*kept.parent.iterdir()] == [kept]
        ('whole', True)
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    new = Path(name)
    try:
        yield new
        with new.open("rb+") as file:
            os.fsync(file.fileno())
        new.chmod(0o644)
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def write_whole(content: str | bytes, path: Path) -> None:
    """Replace the file at `path` by `content` in one step; text is written as UTF-8.

    Raises:
        OSError: if the folder cannot be written to; what stood at `path` stays.
    """
    with replacing(path) as new:
        new.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
