"""Questions, instructions and contrast pairs."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

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
