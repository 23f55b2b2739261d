"""Paths of the command line that lead nowhere, and those that cannot be written to."""

import difflib
import re
import sys
import tempfile
from pathlib import Path

import pytest

from prefvec.pytest_plugin.command_line import asked

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
_FILES = (".gguf", ".safetensors", ".bin", ".json")


def refuse_bad_places(config: pytest.Config) -> None:
    """Refuse a folder where a file lies and a file where a folder lies; nothing is written."""
    cache, store = asked(config, "--cache-dir"), asked(config, "--store")
    if cache is not None and (file := _file_on_the_way(Path(cache))):
        raise pytest.UsageError(
            f"--cache-dir {cache} cannot be a folder: {file} is a file. Name a folder; it is made "
            "if it is not there."
        )
    if store is not None and Path(store).is_dir():
        raise pytest.UsageError(
            f"--store {store} is a folder. Name the file that answers are kept in, e.g. "
            f"{Path(store) / 'completions.sqlite'}."
        )
    if store is not None and (file := _file_on_the_way(Path(store).parent)):
        raise pytest.UsageError(
            f"--store {store} cannot be made: {file} is a file and no folder. Name another file."
        )


def reports_of(config: pytest.Config) -> Path:
    """The folder of latest/ and findings/."""
    chosen = asked(config, "--report-dir")
    return Path(chosen) if chosen else config.rootpath / "reports"


def store_of(config: pytest.Config) -> Path:
    """The file of answers."""
    return Path(asked(config, "--store") or config.rootpath / ".prefvec" / "completions.sqlite")


def kept_answers(config: pytest.Config) -> str | None:
    """What an interrupted run leaves, and how to go on; None where no model was asked."""
    path = store_of(config)
    if "prefvec.generation.store" not in sys.modules or not path.is_file():
        return None
    from prefvec.errors import PrefvecError
    from prefvec.generation.store import CompletionStore

    try:
        with CompletionStore(path) as store:
            count = len(store)
    except PrefvecError as reason:
        return str(reason)
    answers = "answer is" if count == 1 else "answers are"
    return f"{count:,} {answers} kept in {path}; run the same command again to go on."


def require_folder(folder: Path) -> None:
    """Refuse a folder of reports that cannot be written to; it is made if it is not there.

    Raises:
        pytest.UsageError: saying why, and which option names another.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise pytest.UsageError(
            f"No report can be written to {folder} ({error}). Make room for it there, or name "
            "another folder (--report-dir)."
        ) from error


def refuse_lost_path(name: str) -> None:
    """Refuse what can only be a path, or begins like one that is there, and leads nowhere.

    Args:
        name: of a model, as it was typed; a hub id, owner/name, passes.
    """
    path = Path(name).expanduser()
    if path.exists():
        return
    folder = path.parent
    begins = folder.is_dir() and folder != Path()
    if not begins and _HUB_ID.fullmatch(name) and not _is_path(name):
        return
    if not begins and "/" not in name and not _is_path(name):
        return  # an alias that is none, of which the registry says more
    near = difflib.get_close_matches(path.name, _beside(folder), n=1)
    meant = f" Did you mean {folder / near[0]}?" if near else ""
    hub = f" ({folder} is a folder here, so it is not taken for a hub id)" if begins else ""
    raise pytest.UsageError(
        f"There is no directory or file {name}{hub}.{meant} Give the folder that holds a model's "
        "config.json, a GGUF file, a hub id (owner/name) or an alias of registry.toml."
    )


def _is_path(name: str) -> bool:
    return name.startswith(("/", ".", "~")) or "\\" in name or name.lower().endswith(_FILES)


def _beside(folder: Path) -> list[str]:
    try:
        return [path.name for path in folder.iterdir()]
    except OSError:
        return []


def _file_on_the_way(folder: Path) -> Path | None:
    """The first of a folder and those around it that is there, if it is a file."""
    for path in (folder, *folder.parents):
        if path.exists():
            return None if path.is_dir() else path
    return None
