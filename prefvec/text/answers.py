"""Sampled answers that one can read, beside the questions they answer."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import overload

from prefvec.errors import PrefvecError
from prefvec.text.completions import Completion
from prefvec.text.metrics import words
from prefvec.text.prompts import Prompt


@dataclass(frozen=True, kw_only=True)
class Answers(Sequence[Completion]):
    """Answers to a list of questions at one dose or several; a sequence of completions.

    Attributes:
        prompts: the question of each answer, instruction included.
        completions: the answers: dose by dose, and within a dose question by question.

    Example:
        >>> answers.coefficients
        (-1.0, 0.0, 1.0)
        >>> answers[0].text == answers.at(-1)[0].text
        True
        >>> answers.mean() == answers.mean(pv.words)
        True
    """

    prompts: tuple[Prompt, ...]
    completions: tuple[Completion, ...]

    def __post_init__(self) -> None:
        if len(self.prompts) != len(self.completions):
            raise PrefvecError(
                f"{len(self.completions)} answers to {len(self.prompts)} prompts. Give the prompt "
                "of each answer."
            )

    def __len__(self) -> int:
        return len(self.completions)

    @overload
    def __getitem__(self, index: int) -> Completion: ...
    @overload
    def __getitem__(self, index: slice) -> "Answers": ...
    def __getitem__(self, index: int | slice) -> "Completion | Answers":
        if isinstance(index, slice):
            return Answers(prompts=self.prompts[index], completions=self.completions[index])
        return self.completions[index]

    def __iter__(self) -> Iterator[Completion]:
        return iter(self.completions)

    @property
    def coefficients(self) -> tuple[float, ...]:
        """The doses there are answers at, lowest first."""
        return tuple(sorted({answer.coefficient for answer in self.completions}))

    @property
    def turns(self) -> list[tuple[Prompt, str]]:
        """Each question with its answer, as adapters and readings take them; no empty ones."""
        pairs = zip(self.prompts, self.completions, strict=True)
        return [(prompt, answer.text) for prompt, answer in pairs if answer.text]

    def at(self, coefficient: float) -> "Answers":
        """The answers at one dose.

        Raises:
            PrefvecError: if there are none, saying at which doses there are.
        """
        rows = [i for i, a in enumerate(self.completions) if a.coefficient == coefficient]
        if not rows:
            there = ", ".join(f"{dose:+g}" for dose in self.coefficients)
            raise PrefvecError(f"There are no answers at {coefficient:+g}: there are at {there}.")
        return Answers(
            prompts=tuple(self.prompts[row] for row in rows),
            completions=tuple(self.completions[row] for row in rows),
        )

    def mean(self, count: Callable[[str], float] = words) -> float:
        """Mean over the answers of a number taken from each text; of its words when not given."""
        return fmean(count(answer.text) for answer in self.completions)

    def summary(self) -> str:
        """One sentence: how many answers, and their mean words at each dose."""
        doses = ", ".join(f"{self.at(dose).mean():.1f} at {dose:+g}" for dose in self.coefficients)
        questions = len({prompt.id for prompt in self.prompts})
        return f"{len(self)} answers to {questions} questions; words per answer: {doses}"

    def __str__(self) -> str:
        """Each question, and below it its answers, lowest dose first."""
        lines: list[str] = []
        for prompt in dict.fromkeys(self.prompts):
            asked = f" ({prompt.instruction})" if prompt.instruction else ""
            lines.append(f"{prompt.text}{asked}")
            mine = [a for p, a in zip(self.prompts, self.completions, strict=True) if p == prompt]
            mine.sort(key=lambda answer: answer.coefficient)
            lines += [f"  {answer.coefficient:+g}  {answer.text}" for answer in mine]
        return "\n".join(lines)
