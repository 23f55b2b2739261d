"""A trait: what asks for either of its poles, how it is measured, and what is too little."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from prefvec.text.measures import Measure
from prefvec.text.prompts import Prompt
from prefvec.text.rubrics import Rubrics

PoleName = Literal["positive", "negative"]
POLES: tuple[PoleName, PoleName] = ("positive", "negative")
AnswerPositions = Literal["every token", "sentence ends"]
"""Where in an answer a vector is read: at all of its tokens, or where its sentences end."""

# Smallest effects of interest. Of verbosity a factor of 1.25, by the protocol. Where a measure is
# the odds of one pole against the other in the sentences of an answer, 1.68: the odds ratio that
# matches Cohen's d = 0.2, "small" (Chen, Cohen & Chen 2010, "How big is a big odds ratio?",
# Communications in Statistics 39, 860-864, at a rate of 1 % in the reference group).


@dataclass(frozen=True, kw_only=True)
class Pole:
    """One end of a trait.

    Attributes:
        name: e.g. "verbose".
        extraction: instructions that ask for it, read by the extraction alone.
        held_out: unseen paraphrases, for the prompt-only baseline.
    """

    name: str
    extraction: tuple[str, ...]
    held_out: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Trait:
    """A preference with two poles.

    Attributes:
        name: names it in claims and files, in `[a-z0-9-]`.
        positive: the pole that a positive coefficient steers towards.
        negative: the other one.
        measure: what tells the poles apart; the positive pole raises it.
        read: where in its own answers a model has decided for a pole: at sentence ends whether to
            go on and how the next sentence begins, at every token how things are worded.
        smallest_effect: D, the smallest effect of interest, as the logarithm of a factor.
        rubrics: what a judge is asked of it; None where the trait has no rubric.

    Example:
        >>> from prefvec.shipped import SHIPPED
        >>> trait = pv.load_trait(SHIPPED / "traits" / "verbosity.toml")
        >>> trait.positive.name, trait.negative.name
        ('verbose', 'concise')
    """

    name: str
    positive: Pole
    negative: Pole
    measure: Measure
    read: AnswerPositions
    smallest_effect: float
    rubrics: Rubrics | None = None

    def pole(self, name: PoleName) -> Pole:
        """One of its poles, by the sign of the coefficient that steers towards it."""
        return self.positive if name == "positive" else self.negative

    def asking(self, prompts: Sequence[Prompt], pole: PoleName) -> list[Prompt]:
        """What a user would do instead of steering: ask, in unseen words, for one pole.

        Returns:
            The same prompts, each under a held-out instruction, paraphrases taken in turn.
        """
        instructions = self.pole(pole).held_out
        return [
            prompt.instructed(instructions[i % len(instructions)])
            for i, prompt in enumerate(prompts)
        ]
