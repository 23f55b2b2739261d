"""A file of questions becomes four splits that share no topic."""

import random
from collections import defaultdict
from pathlib import Path

from prefvec.errors import PrefvecError
from prefvec.text.prompt_files import load_prompts
from prefvec.text.prompts import Prompt

SPLITS = ("extraction", "adapter", "tuning", "test")
SPLIT_SHARES = {"extraction": 3, "adapter": 3, "tuning": 2, "test": 6}
"""In what proportion the splits share the topics."""
TUNING_PROMPTS = 80
"""Enough that, at two doses and one sample each, the standard error of a coherence loss is below
half of the 5 points that the search allows: sqrt(0.1 · 0.9 / 160) is 2.4 points. With fewer, the
search prefers doses whose loss was underestimated."""
TOPICS = 5
"""The fewest topics: one for each split and two for the test, whose errors are clustered by
topic."""
LEAST = {"extraction": 24, "adapter": 24, "tuning": 12, "test": 24}
"""The fewest prompts of each split: what a smoke run uses."""
WANTED = {
    "extraction": "about 50",
    "adapter": "about 50",
    "tuning": "about 40 to 80",
    "test": "about 48 to 96",
}
"""How many are wanted for a verdict: docs/calibration.md has what few test prompts overlook."""


def load_splits(path: Path) -> dict[str, list[Prompt]]:
    """The splits of a file of questions.

    Raises:
        PrefvecError: if the file is not as `load_prompts` needs it, or has too few topics or, in
            one of the splits, too few prompts.
    """
    prompts = load_prompts(path)
    topics = sorted({prompt.topic for prompt in prompts})
    if len(topics) < TOPICS:
        raise PrefvecError(
            f"{path} has questions on {len(topics)} topic{'s' * (len(topics) > 1)} "
            f"({', '.join(topics)}), and at least {TOPICS} topics are needed: the splits "
            f"{', '.join(SPLITS)} share none, and the last needs two. Add questions on others, or "
            "divide a topic into narrower ones; a topic is what stands in `topic`, `category` or "
            "`dataset`."
        )
    splits = split_by_topic(prompts)
    for name, least in LEAST.items():
        if len(splits[name]) < least:
            dealt = sorted({prompt.topic for prompt in splits[name]})
            raise PrefvecError(
                f"{path} leaves {len(splits[name])} prompts to the {name} split (topics: "
                f"{', '.join(dealt)}), and at least {least} are needed; {WANTED[name]} are wanted. "
                "Add questions on these topics, or on new ones."
            )
    return splits


def split_by_topic(prompts: list[Prompt]) -> dict[str, list[Prompt]]:
    """Deal whole topics to the splits, then take the topics of each split in turn.

    The deal depends on the topics' names alone.

    Args:
        prompts: on at least `TOPICS` topics.
    """
    by_topic: dict[str, list[Prompt]] = defaultdict(list)
    for prompt in prompts:
        by_topic[prompt.topic].append(prompt)
    topics = sorted(by_topic)
    random.Random("topics to splits").shuffle(topics)
    splits: dict[str, list[Prompt]] = {}
    for name, share in topic_shares(len(topics)).items():
        taken, topics = topics[:share], topics[share:]
        longest = max(len(by_topic[topic]) for topic in taken)
        splits[name] = [
            by_topic[topic][row]
            for row in range(longest)
            for topic in taken
            if row < len(by_topic[topic])
        ]
    return splits


def topic_shares(topics: int) -> dict[str, int]:
    """How many topics each split gets: in proportion to `SPLIT_SHARES`, by the largest remainders.

    From `TOPICS` topics on, every split gets one and the test split two.
    """
    whole = sum(SPLIT_SHARES.values())
    shares = {name: topics * share // whole for name, share in SPLIT_SHARES.items()}
    by_remainder = sorted(SPLIT_SHARES, key=lambda name: -(topics * SPLIT_SHARES[name] % whole))
    for name in by_remainder[: topics - sum(shares.values())]:
        shares[name] += 1
    return shares
