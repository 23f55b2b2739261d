"""Which questions real models are asked, a set of the suite or a file, and for how many tokens."""

import functools
import hashlib
from collections.abc import Sequence
from pathlib import Path

from prefvec.errors import PrefvecError
from prefvec.models.registry import aliases
from prefvec.shipped import SHIPPED

SETS = {"open": SHIPPED / "questions.jsonl", "short": SHIPPED / "short_questions.jsonl"}
"""The sets of the suite by name: open questions, and short ones for small models."""
USUAL = "open"
"""What is asked where neither the run nor all of its models name another set."""


def usual_for(models: Sequence[str]) -> str:
    """The set that models are asked where a run names none.

    Args:
        models: all models of the run.

    Returns:
        The set that the registry has for every one of them, else `USUAL`: all models of a run are
        asked the same.

    Example:
        >>> usual_for(["smollm2-135m-instruct", "gemma-3-270m"]), usual_for(["mistral-7b"])
        ('short', 'open')
    """
    known = aliases()
    wanted = {known[name].prompts if name in known else None for name in models}
    return next(iter(wanted)) or USUAL if len(wanted) == 1 else USUAL


def usual_tokens(models: Sequence[str], otherwise: int) -> int:
    """τ in tokens where a run names none.

    Args:
        models: all models of the run.
        otherwise: where the registry does not name the same for every one of them.

    Example:
        >>> usual_tokens(["smollm2-135m-instruct", "gemma-3-270m"], 512)
        160
        >>> usual_tokens(["smollm2-135m-instruct", "mistral-7b"], 512)
        512
    """
    known = aliases()
    wanted = {known[name].max_new_tokens if name in known else None for name in models}
    return next(iter(wanted)) or otherwise if len(wanted) == 1 else otherwise


def file_of(asked: str) -> Path:
    """Where the questions stand.

    Args:
        asked: the name of a set of the suite, or the path of a file.

    Raises:
        PrefvecError: if it is neither.
    """
    if asked in SETS:
        return SETS[asked]
    path = Path(asked).expanduser()
    if not path.is_file():
        raise PrefvecError(
            f"There is no prompt file at {path}. Check the path, or name a set of questions that "
            f"comes with the suite: {' or '.join(SETS)}."
        )
    return path


def told(asked: str) -> str:
    """What the record says of the questions: which they are, and a digest of what they say."""
    path = file_of(asked)
    named = f"{asked}, of the suite" if asked in SETS else path.name
    return f"{named} ({digest(path)})"


@functools.cache
def digest(path: Path) -> str:
    """A file's content in 8 hex digits, as it was when first asked.

    Line ends and a byte-order mark do not count.
    """
    return hashlib.sha256(path.read_text(encoding="utf-8-sig").encode()).hexdigest()[:8]
