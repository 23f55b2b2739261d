"""Whether an answer is text: each model's limits, and for organisms the grammar of the world."""

import functools
from collections.abc import Callable

from prefvec.experiments.lab import Laboratory
from prefvec.organisms.material import about
from prefvec.organisms.reading import read
from prefvec.text.coherence import CoherenceLimits
from prefvec.text.completions import Completion

PARSED_AT_LEAST = 0.9
"""Share of an organism's sentences that must parse for the answer to be coherent."""


class Coherence:
    """Tells text from what is none, model by model.

    Args:
        laboratory: where models and prompted answers come from.
    """

    def __init__(self, laboratory: Laboratory) -> None:
        self._laboratory = laboratory

    @functools.cache  # noqa: B019 - one of these lives as long as the session
    def limits(self, name: str) -> CoherenceLimits:
        """Limits of coherence: committed beside an organism, else from prompted tuning answers."""
        home = self._laboratory.models.home(name)
        if home is not None:
            return CoherenceLimits.load(home / "coherence.json")
        laboratory = self._laboratory
        prompts, trait = laboratory.prompts.splits["tuning"], laboratory.prompts.trait
        answers = [
            answer.text
            for pole in ("positive", "negative")
            for answer in laboratory.steered(
                name,
                f"prompted {pole}",
                None,
                laboratory.asking(prompts, trait, pole),
                samples=max(3, 240 // len(prompts)),
            )
        ]
        return CoherenceLimits.from_unsteered(answers)

    @functools.cache  # noqa: B019
    def of(self, name: str) -> Callable[[Completion], bool]:
        """Whether an answer of this model is text: no loop, and an organism's can be parsed."""
        limits, organisms = self.limits(name), self._laboratory.options.organisms

        @functools.cache
        def judge(text: str, prompt: str) -> bool:
            if not limits.accept(text):
                return False
            return not organisms or parsed_share(text, about(prompt)) >= PARSED_AT_LEAST

        return lambda completion: judge(completion.text, completion.prompt)


def parsed_share(text: str, entity: str) -> float:
    """Share of an organism's sentences that the world's grammar can read."""
    reading = read(text, entity)
    return reading.parsed / max(1, reading.truths.total())
