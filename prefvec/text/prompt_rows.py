"""A row of a file of questions becomes a prompt, in any of the forms that such files have."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from prefvec.errors import PrefvecError
from prefvec.text.prompts import Prompt

OURS = 'Write {"id": "…", "text": "…", "topic": "…"} with non-empty strings'
MT_BENCH = '{"question_id": 81, "category": "…", "turns": ["…"]}, as MT-Bench has it'
ALPACA_EVAL = '{"instruction": "…", "dataset": "…"}, as AlpacaEval has it'
ANY = f"{OURS}; or {MT_BENCH}; or {ALPACA_EVAL}."


def prompt_of(row: object, where: str) -> Prompt:
    """The prompt in a row: of our own form, of MT-Bench (the first turn), or of AlpacaEval.

    Args:
        row: what JSON says there.
        where: names the row in an error: "my.jsonl, line 3".

    Raises:
        PrefvecError: naming what the row lacks, if it is none of them.

    Example:
        >>> row = {"question_id": 81, "category": "stones", "turns": ["What is a pebble?"]}
        >>> prompt_of(row, "question.jsonl, line 1").topic
        'stones'
    """
    if not isinstance(row, dict):
        raise PrefvecError(f"{where}: {_kind(row)} instead of an object. {ANY}")
    fields: dict[str, Any] = row
    if "text" not in fields:
        if fields.keys() & {"turns", "question_id"}:
            return _of_mt_bench(fields, where)
        if "instruction" in fields:
            return _of_alpaca_eval(fields, where)
        if not fields.keys() & {"id", "topic"}:
            names = ", ".join(f"`{name}`" for name in fields) or "no keys"
            raise PrefvecError(f"{where}: an object with {names}, which is no question. {ANY}")
    name, text, topic = _texts(fields, ("id", "text", "topic"), where, f"{OURS}.")
    return Prompt(id=name, text=text, topic=topic)


def _of_mt_bench(row: Mapping[str, Any], where: str) -> Prompt:
    """The first of its turns, under the number of the question."""
    turns, number = row.get("turns"), row.get("question_id")
    fields = {
        "question_id": str(number) if isinstance(number, int) else number,
        "turns": turns[0] if isinstance(turns, list) and turns else None,
        "category": row.get("category"),
    }
    name, text, topic = _texts(fields, tuple(fields), where, f"Write {MT_BENCH}.")
    return Prompt(id=name, text=text.strip(), topic=topic)


def _of_alpaca_eval(row: Mapping[str, Any], where: str) -> Prompt:
    """Its instruction, under an id made of it, so that it stays the same in any order."""
    text, topic = _texts(row, ("instruction", "dataset"), where, f"Write {ALPACA_EVAL}.")
    digest = hashlib.sha256(text.strip().encode()).hexdigest()[:10]
    return Prompt(id=f"{topic}-{digest}", text=text.strip(), topic=topic)


def _texts(row: Mapping[str, Any], names: Sequence[str], where: str, wanted: str) -> list[str]:
    """The texts of these names; a row that lacks one is refused."""
    values = [row.get(name) for name in names]
    found = [value for value in values if isinstance(value, str) and value.strip()]
    if len(found) < len(names):
        lacking = [
            f"`{name}`" for name, value in zip(names, values, strict=True) if value not in found
        ]
        verb = "is" if len(lacking) == 1 else "are"
        raise PrefvecError(
            f"{where}: {' and '.join(lacking)} {verb} missing, empty or no text. {wanted}"
        )
    return found


def _kind(value: object) -> str:
    """What JSON calls it."""
    if isinstance(value, bool):
        return "true or false"
    if value is None:
        return "null"
    return (
        "a list" if isinstance(value, list) else "a text" if isinstance(value, str) else "a number"
    )
