"""Questions, instructions and contrast pairs, and the file format they are kept in."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from prefvec.errors import PrefvecError


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """One question put to a model.

    Attributes:
        id: names the prompt everywhere, with or without an instruction.
        text: the question itself.
        topic: what it is about; splits are disjoint by topic.
        instruction: how to answer, or "" for none. A dialect with a system role puts it
            there, the others fold it into the user turn.

    Example:
        >>> pebble = pv.Prompt(id="pebble", text="What is a pebble?", topic="stones")
        >>> pebble.instructed("Answer briefly.").id
        'pebble'
    """

    id: str
    text: str
    topic: str
    instruction: str = ""

    def instructed(self, instruction: str) -> "Prompt":
        """The same question, same id, under an instruction."""
        return replace(self, instruction=instruction)


@dataclass(frozen=True, kw_only=True)
class ContrastPair:
    """One question under the instruction for each pole of a trait.

    Attributes:
        positive: asks for the pole that a positive coefficient steers towards.
        negative: asks for the opposite pole.
        topic: the topic of both.
    """

    positive: Prompt
    negative: Prompt
    topic: str


def contrast_pairs(
    prompts: Sequence[Prompt], positive: Sequence[str], negative: Sequence[str]
) -> list[ContrastPair]:
    """Pair each prompt with one instruction for each pole, paraphrases taken in turn.

    Args:
        prompts: the questions.
        positive: paraphrases of the instruction for the positive pole.
        negative: paraphrases for the negative pole.
    """
    return [
        ContrastPair(
            positive=prompt.instructed(positive[index % len(positive)]),
            negative=prompt.instructed(negative[index % len(negative)]),
            topic=prompt.topic,
        )
        for index, prompt in enumerate(prompts)
    ]


def prompt_set_hash(prompts: Iterable[Prompt]) -> str:
    """Hex digest of the prompts' ids, texts, topics and instructions, order not counted."""
    rows = sorted((p.id, p.text, p.topic, p.instruction) for p in prompts)
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()[:16]


def require_disjoint(splits: dict[str, Sequence[Prompt]]) -> None:
    """Assert that no prompt and no topic stands in two splits.

    Raises:
        PrefvecError: naming the two splits and what they share.
    """
    names = list(splits)
    for position, first in enumerate(names):
        for second in names[position + 1 :]:
            for what in ("id", "topic"):
                shared = {getattr(p, what) for p in splits[first]} & {
                    getattr(p, what) for p in splits[second]
                }
                if shared:
                    raise PrefvecError(
                        f"The splits {first!r} and {second!r} share the {what} "
                        f"{min(shared)!r}. A verdict measured on prompts that a vector or a map "
                        "has read is circular. Move those prompts to one split."
                    )


def load_prompts(path: Path) -> list[Prompt]:
    """Read prompts from a JSON Lines file with `id`, `text` and `topic` on each line.

    Raises:
        PrefvecError: naming the line, if it is not such an object, or repeats an id or a text.

    Example:
        >>> from prefvec.shipped import SHIPPED
        >>> pv.load_prompts(SHIPPED / "questions.jsonl")[0].text.endswith("?")
        True
    """
    if not path.is_file():
        raise PrefvecError(f"There is no prompt file at {path}. Check the path.")
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise PrefvecError(f"{path} is not UTF-8 text ({error}). Save it as UTF-8.") from error
    prompts: dict[str, Prompt] = {}
    texts: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        prompt = _parse(line, where=f"{path}, line {number}")
        if prompt.id in prompts:
            raise PrefvecError(
                f"{path}, line {number}: the id {prompt.id!r} stands twice. "
                "Answers are kept by prompt id, so give each prompt its own."
            )
        first = texts.setdefault(" ".join(prompt.text.casefold().split()), prompt.id)
        if first != prompt.id:
            raise PrefvecError(
                f"{path}, line {number}: {prompt.id!r} has the text of {first!r}. A question that "
                "stands twice counts twice, or stands in two splits. Take one of them out."
            )
        prompts[prompt.id] = prompt
    if not prompts:
        raise PrefvecError(f"{path} holds no prompts. Put one JSON object on each line.")
    return list(prompts.values())


def _parse(line: str, where: str) -> Prompt:
    wanted = 'Write {"id": "…", "text": "…", "topic": "…"} with non-empty strings.'
    try:
        row: Any = json.loads(line)
    except json.JSONDecodeError as error:
        raise PrefvecError(f"{where}: not valid JSON ({error}). {wanted}") from error
    if not isinstance(row, dict):
        raise PrefvecError(f"{where}: a {type(row).__name__} instead of an object. {wanted}")
    fields = [row.get(name) for name in ("id", "text", "topic")]
    if not all(isinstance(value, str) and value.strip() for value in fields):
        raise PrefvecError(f"{where}: `id`, `text` or `topic` is missing or empty. {wanted}")
    return Prompt(id=row["id"], text=row["text"], topic=row["topic"])
