"""Turns that one model wrote for every model to read: adapters and norms rest on them."""

from collections.abc import Sequence

from prefvec.errors import PrefvecError
from prefvec.experiments.lab import Lab, of_models
from prefvec.generation.requests import Request
from prefvec.text.prompts import Prompt
from prefvec.vectors.steering import UNSTEERED


@of_models
def neutral_turns(lab: Lab) -> list[tuple[Prompt, str]]:
    """Uninstructed turns on the adapter's topics, written by the run's first source.

    Raises:
        PrefvecError: if too many answers are empty.
    """
    prompts, count = lab.material.splits["adapter"], lab.options.neutral_turns
    asked = [(prompts[i % len(prompts)], i // len(prompts)) for i in range(count + count // 10)]
    return written_turns(lab, asked, count, "neutral turns")


def written_turns(
    lab: Lab, asked: Sequence[tuple[Prompt, int]], count: int, what: str, *, group: int = 1
) -> list[tuple[Prompt, str]]:
    """The first turns in which the run's writer wrote anything at all.

    Args:
        lab: where it answers.
        asked: prompts with a sample index each; more than are wanted.
        count: how many turns are wanted.
        what: shown while they are written.
        group: turns that are kept or left out together.

    Raises:
        PrefvecError: if too many answers are empty.
    """
    writer = lab.options.writer
    requests = [
        Request(prompt=prompt, sample=sample, steering=UNSTEERED, arm=what)
        for prompt, sample in asked
    ]
    answers = lab.ask(writer, requests, what)
    turns = [(r.prompt, a.text) for r, a in zip(requests, answers, strict=True)]
    groups = [turns[i : i + group] for i in range(0, len(turns), group)]
    written = [turn for each in groups if all(text for _, text in each) for turn in each]
    if len(written) < count:
        raise PrefvecError(
            f"{writer} left too many of {len(requests)} answers empty, so {count} turns for an "
            "adapter cannot be had. Look at what it writes without steering; the model or its "
            "chat template may be broken."
        )
    return written[:count]
