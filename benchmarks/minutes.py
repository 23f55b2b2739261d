"""A plugin of pytest that says where a run's minutes go: `-p benchmarks.minutes`.

Twenty times a second it looks at what every thread is doing. A look is shared out evenly among the
threads that do something, and each share goes to the innermost room of prefvec on that thread's
stack that `WORK` knows. What was counted is written to the file that `PREFVEC_MINUTES` names, with
the most memory that the process held while each kind of work was seen.
"""

import json
import os
import sys
import threading
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import FrameType

import pytest

import prefvec

EVERY = 0.05
"""Seconds between two looks."""

WORK = {
    "generation/decoding": "answers written",
    "generation/store": "answers stored and found",
    "generation/teacher_forcing": "answers read again: doses, odds of ending",
    "generation/disturbance": "answers read again: doses, odds of ending",
    "generation/perplexity": "answers read again: perplexity",
    "vectors/activations": "activations read",
    "experiments/kept_activations": "activations read",
    "adapters": "maps fitted",
    "models": "models loaded",
    "checks": "models checked",
    "organisms": "models loaded",
    "text": "answers counted: words, coherence, facts",
    "verdicts": "verdicts",
    "statistics": "verdicts",
    "report": "the page",
}
"""What a room of prefvec does, by the beginning of a module's path."""
REST = "the rest: pytest, arms, bookkeeping"

_ROOT = str(Path(prefvec.__file__).parent) + os.sep
_STATM = Path("/proc/self/statm")
_WAITING = (f"{os.sep}threading.py", f"{os.sep}queue.py", f"{os.sep}selectors.py")


def doing(path: Iterable[str]) -> str | None:
    """The work of a stack, given the file of each frame, innermost first; None when it waits.

    Example:
        >>> doing(["torch/nn/functional.py", _ROOT + "generation/decoding.py", "pytest.py"])
        'answers written'
        >>> doing(["/usr/lib/threading.py", _ROOT + "generation/lanes.py"])
    """
    files = list(path)
    if files[0].endswith(_WAITING) or files[0] == __file__:
        return None
    for file in files:
        if file.startswith(_ROOT):
            room = file.removeprefix(_ROOT).replace(os.sep, "/")
            for beginning, work in WORK.items():
                if room.startswith(beginning):
                    return work
    return REST


def _files(frame: FrameType | None) -> Iterable[str]:
    while frame is not None:
        yield frame.f_code.co_filename
        frame = frame.f_back


def resident() -> int:
    """Bytes of memory that this process holds at the moment; 0 where the system does not say."""
    try:
        pages = _STATM.read_text(encoding="ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


class _Looks:
    """Counts looks until it is told to stop."""

    def __init__(self) -> None:
        self.counted: Counter[str] = Counter()
        self.most: dict[str, int] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._over.wait(EVERY):
            found = [doing(_files(frame)) for frame in sys._current_frames().values()]
            busy, held = [work for work in found if work], resident()
            for work in busy:
                self.counted[work] += 1 / len(busy)
                self.most[work] = max(held, self.most.get(work, 0))

    def stop(self) -> dict[str, dict[str, float]]:
        self._over.set()
        self._thread.join()
        return {"looks": dict(self.counted), "most bytes": dict(self.most)}


_LOOKS = pytest.StashKey[_Looks]()


def pytest_configure(config: pytest.Config) -> None:
    """Begin."""
    config.stash[_LOOKS] = _Looks()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Write what was counted: looks, and the most bytes held, by work."""
    counted = config.stash[_LOOKS].stop()
    Path(os.environ["PREFVEC_MINUTES"]).write_text(json.dumps(counted), encoding="utf-8")
