"""Files of questions: JSON Lines, or one JSON list, with or without a byte-order mark."""

import json
from collections.abc import Iterator
from pathlib import Path

from prefvec.errors import PrefvecError
from prefvec.text.prompt_rows import ANY, prompt_of
from prefvec.text.prompts import Prompt

_BOM = "\ufeff"


def load_prompts(path: str | Path) -> list[Prompt]:
    """Read prompts from a file with one JSON object on each line, or with a JSON list of them.

    An object has `id`, `text` and `topic`; or `question_id`, `category` and `turns`, as in
    MT-Bench, of which the first turn is read; or `instruction` and `dataset`, as in AlpacaEval,
    where the same row twice counts once, for it has no id.

    Raises:
        PrefvecError: naming the line, if it is not such an object, or repeats an id or a text.

    Example:
        >>> from prefvec.shipped import SHIPPED
        >>> pv.load_prompts(SHIPPED / "questions.jsonl")[0].text.endswith("?")
        True
    """
    prompts: dict[str, Prompt] = {}
    texts: dict[str, str] = {}
    path = Path(path)
    for number, row in _rows(path, _text(path)):
        where = f"{path}, line {number}"
        prompt = prompt_of(row, where)
        if prompts.get(prompt.id) == prompt and _has_no_id(row):
            continue
        if prompt.id in prompts:
            raise PrefvecError(
                f"{where}: the id {prompt.id!r} stands twice. "
                "Answers are kept by prompt id, so give each prompt its own."
            )
        first = texts.setdefault(" ".join(prompt.text.casefold().split()), prompt.id)
        if first != prompt.id:
            raise PrefvecError(
                f"{where}: {prompt.id!r} has the text of {first!r}. A question that "
                "stands twice counts twice, or stands in two splits. Take one of them out."
            )
        prompts[prompt.id] = prompt
    if not prompts:
        raise PrefvecError(f"{path} holds no prompts. Put one JSON object on each line.")
    return list(prompts.values())


def _text(path: Path) -> str:
    """What stands in the file; line ends are those of any system."""
    if not path.is_file():
        raise PrefvecError(f"There is no prompt file at {path}. Check the path.")
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise PrefvecError(f"{path} is not UTF-8 text ({error}). Save it as UTF-8.") from error


def _rows(path: Path, text: str) -> Iterator[tuple[int, object]]:
    """Every row with the number of the line it begins on."""
    if text.lstrip().startswith("["):
        yield from _of_list(path, text)
        return
    for number, line in enumerate(text.split("\n"), start=1):
        # Where files were put together, a mark may stand at the head of any line.
        content = line.removeprefix(_BOM).strip()
        if content:
            try:
                yield number, json.loads(content)
            except json.JSONDecodeError as error:
                raise _no_json(path, number, error) from error


def _of_list(path: Path, text: str) -> Iterator[tuple[int, object]]:
    """The elements of a JSON list, each found where it stands."""
    try:
        rows = json.loads(text)
    except json.JSONDecodeError as error:
        raise _no_json(path, error.lineno, error) from error
    decoder, at = json.JSONDecoder(), text.index("[") + 1
    for row in rows:
        while text[at] in ", \t\n":
            at += 1
        yield text.count("\n", 0, at) + 1, row
        _, at = decoder.raw_decode(text, at)


def _no_json(path: Path, line: int, error: json.JSONDecodeError) -> PrefvecError:
    return PrefvecError(f"{path}, line {line}: not valid JSON ({error}). {ANY}")


def _has_no_id(row: object) -> bool:
    return isinstance(row, dict) and "instruction" in row and "text" not in row
