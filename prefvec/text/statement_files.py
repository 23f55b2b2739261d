"""Files of neutral statements: what adapters read that are fitted on no answers of a model's."""

import functools
import json
from pathlib import Path

from prefvec.errors import PrefvecError
from prefvec.text.prompts import Prompt

FIELDS = ("id", "asked", "text")


@functools.cache
def load_statements(path: Path) -> tuple[tuple[Prompt, str], ...]:
    """Read statements, each as the answer to a request that carries no instruction.

    Args:
        path: JSON Lines; an object has `id`, `asked` (the request) and `text` (the statement).

    Raises:
        PrefvecError: naming the line, if it is not such an object, or repeats an id or a text.

    Example:
        >>> from prefvec.shipped import SHIPPED
        >>> prompt, text = load_statements(SHIPPED / "statements.jsonl")[0]
        >>> prompt.text, text
        ('Tell me something.', 'Rivers carry sand and stones down to the sea.')
    """
    found: dict[str, tuple[Prompt, str]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        row = _row(line)
        if row is None:
            raise PrefvecError(
                f"{path}, line {number} is no statement. Put one JSON object on each line, with "
                f"texts for {', '.join(FIELDS)}."
            )
        if row["id"] in found or any(row["text"] == text for _, text in found.values()):
            raise PrefvecError(
                f"{path}, line {number}: the id or the text of {row['id']!r} stands twice, which "
                "would count one statement as two rows. Take one of them out."
            )
        prompt = Prompt(id=row["id"], text=row["asked"], topic="statements")
        found[row["id"]] = (prompt, row["text"])
    return tuple(found.values())


def _row(line: str) -> dict[str, str] | None:
    """One line's fields; None where it has not all of them as texts, or others."""
    try:
        row: object = json.loads(line)
    except json.JSONDecodeError:
        return None
    if not isinstance(row, dict) or set(row) != set(FIELDS):
        return None
    return row if all(isinstance(value, str) and value for value in row.values()) else None
