"""All answers of a claim's arms, found by arm, dose, prompt and sample."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from prefvec.report.record import Answers
from prefvec.text.metrics import words


@dataclass(frozen=True, kw_only=True)
class OneAnswer:
    """One answer as the archive has it.

    Attributes:
        text: what the model wrote.
        cut: whether the cap ended it.
        coherent: whether it is text and no loop.
        false: the [start, end) of each false statement, in characters.
    """

    text: str
    cut: bool
    coherent: bool
    false: list[list[int]]

    @property
    def words(self) -> int:
        """How many words it has."""
        return words(self.text)


Written = dict[tuple[str, int], OneAnswer]
"""The answers of one arm at one dose, by prompt and sample."""


@dataclass(frozen=True, kw_only=True)
class ClaimAnswers:
    """What was written for one claim, by arm and coefficient."""

    arms: dict[tuple[str, float], Written] = field(default_factory=dict)

    def samples(self, arm: str, coefficient: float, prompt: str) -> dict[int, OneAnswer]:
        """The answers to one prompt under one arm, by sample; none where it was not asked."""
        written = self.arms.get((arm, coefficient), {})
        return {sample: one for (asked, sample), one in sorted(written.items()) if asked == prompt}

    @property
    def prompts(self) -> list[str]:
        """Every prompt that was answered unsteered, each once."""
        return list(dict.fromkeys(prompt for prompt, _ in self.arms.get(("unsteered", 0.0), {})))


def by_claim(answers: Answers | None) -> Mapping[str, ClaimAnswers]:
    """The answers of each claim, by its id; of a record that kept none, nothing."""
    found: defaultdict[str, ClaimAnswers] = defaultdict(ClaimAnswers)
    if answers is None:
        return {}
    for arm in answers["arms"]:
        cut, loose = set(arm["cut"]), set(arm["incoherent"])
        written: Written = {
            (answers["prompts"][prompt], sample): OneAnswer(
                text=answers["texts"][text],
                cut=row in cut,
                coherent=row not in loose,
                false=arm["false"].get(str(row), []),
            )
            for row, (prompt, sample, text) in enumerate(
                zip(arm["prompt"], arm["sample"], arm["text"], strict=True)
            )
        }
        for claim in arm["claims"]:
            found[claim].arms[arm["arm"], arm["coefficient"]] = written
    return found
