"""Other libraries that do what this one does, each pinned, in an environment of its own.

An environment borrows torch, transformers and the rest from the one that runs the benchmark, and
has the peer's own versions of what it needs before them: repeng its numpy 1, say. A peer that
cannot be installed or run is named with its error, and the others go on.
"""

import json
import subprocess
import sys
import sysconfig
import tempfile
import venv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
ENVIRONMENTS = ROOT / ".prefvec" / "peers"


@dataclass(frozen=True, kw_only=True)
class Peer:
    """One library, and how it is asked.

    Attributes:
        name: what it is called, with what is special in how it is asked.
        way: the module of `benchmarks.ways` that asks it.
        pins: what is installed for it; nothing for what the project needs anyway.
        regardless: what is installed beside what its requirements allow, to run under the
            transformers that the model was written with.
        settings: handed to its way.
    """

    name: str
    way: str
    pins: tuple[str, ...] = ()
    regardless: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)


def python_of(peer: Peer) -> Path:
    """The interpreter of a peer's environment, which is made if it is not there."""
    pins = (*peer.regardless, *peer.pins)
    if not pins:
        return Path(sys.executable)
    home = ENVIRONMENTS / "-".join(pins).replace("==", "-")
    python, ready = home / "bin" / "python", home / "ready"
    if not ready.exists():
        venv.create(home, with_pip=True, clear=True)
        own = subprocess.check_output(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True
        )
        borrowed = f"{sysconfig.get_path('purelib')}\n"
        (Path(own.strip()) / "borrowed.pth").write_text(borrowed, encoding="utf-8")
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        for wanted, how in ((peer.pins, ()), (peer.regardless, ("--no-deps",))):
            if wanted:
                command = [*install, *how, *wanted]
                subprocess.run(command, check=True, stderr=subprocess.PIPE, text=True)
        ready.touch()
    return python


def is_asked_for(peer: Peer, names: Sequence[str] | None) -> bool:
    """Whether a peer's name begins as one of these does; every peer is where none is named."""
    return not names or peer.name.startswith(tuple(names))


def asked(peer: Peer, job: dict[str, Any]) -> dict[str, Any]:
    """What a peer's way told in a process of its own; `{"error": …}` where it failed.

    Args:
        peer: the library.
        job: what it is to do, as JSON takes it.
    """
    try:
        python = python_of(peer)
    except subprocess.CalledProcessError as error:
        return {"error": _last_line(error.stderr) or str(error)}
    with tempfile.TemporaryDirectory() as folder:
        given, told = Path(folder) / "job.json", Path(folder) / "told.json"
        given.write_text(json.dumps(job | peer.settings), encoding="utf-8")
        command = [str(python), "-m", "benchmarks.timed", peer.way, str(given), str(told)]
        run = subprocess.run(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
        if run.returncode:
            return {"error": _last_line(run.stderr)}
        return json.loads(told.read_text(encoding="utf-8"))


def _last_line(text: str | None) -> str:
    lines = [line for line in (text or "").splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""
