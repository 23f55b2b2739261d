"""What a claim's record keeps of the answers: a few side by side, and all of them packed."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from prefvec.experiments.arms import Arms
from prefvec.experiments.coherent_text import coherent
from prefvec.experiments.one_arm import Arm
from prefvec.report.archive import packed
from prefvec.text.completions import Completion
from prefvec.text.measures import WORDS
from prefvec.text.metrics import words
from prefvec.verdicts.doses import DoseResponse

_SHOWN = (-1.0, 0.0, 1.0)
"""The coefficients whose answers are kept: unsteered, and the full dose both ways."""


def side_by_side(of: Arms, arms: Sequence[Arm], random: Arm | None) -> list[dict[str, Any]]:
    """Answers under the same noise: of the prompts moved most, moved as the median is, and worst.

    Args:
        of: measured them.
        arms: those the claim compares, its own first; none where nothing was measured.
        random: a random direction at the site and disturbance of the first.
    """
    if not arms:
        return []
    described = _described(of, arms[0].model)
    questions = {p.id: p.text for p in of.lab.material.splits["test"]}
    written = list(_written(of, arms, random))
    return [
        {
            "prompt": prompt,
            "question": questions[prompt],
            "why": why,
            "answers": [
                {"arm": arm, "words": words(completion.text), **described(completion)}
                for arm, completion in written
                if completion.prompt == prompt and completion.sample == 0
            ],
        }
        for why, prompt in _telling(arms[0].doses)
    ]


def archive(of: Arms, arms: Sequence[Arm], random: Arm | None) -> str | None:
    """Every answer that `side_by_side` chooses from, in all its samples; None where none is."""
    if not arms:
        return None
    described = _described(of, arms[0].model)
    return packed(
        [
            {
                "arm": arm,
                "prompt": completion.prompt,
                "sample": completion.sample,
                **described(completion),
            }
            for arm, completion in _written(of, arms, random)
        ]
    )


def _written(of: Arms, arms: Sequence[Arm], random: Arm | None) -> Iterator[tuple[str, Completion]]:
    """The answers of each arm, unsteered first, the claim's own arm last but the random one."""
    main = arms[0]
    by_arm = {"unsteered": of.unsteered(main.model, main.under)}
    by_arm |= {arm.doses.arm: arm.completions for arm in reversed(arms)}
    if random is not None:
        by_arm["random"] = random.completions
    for arm, completions in by_arm.items():
        for completion in completions:
            if completion.coefficient in _SHOWN:
                yield arm, completion


def _described(of: Arms, model: str) -> Callable[[Completion], dict[str, Any]]:
    """How a model's answers are told: the text, how it ended, and what is wrong with it."""
    is_text, subject = coherent(of.lab, model), of.lab.material.subject

    def described(completion: Completion) -> dict[str, Any]:
        return {
            "coefficient": completion.coefficient,
            "text": completion.text,
            "finish_reason": completion.finish_reason,
            "coherent": is_text(completion),
            "false": [list(span) for span in subject.falsehoods(completion)],
        }

    return described


def _telling(doses: DoseResponse) -> list[tuple[str, str]]:
    ranked = list(doses.odd.sort_values().index)
    return [
        ("longest" if doses.measure.name == WORDS.name else "moved most", ranked[-1]),
        ("median", ranked[len(ranked) // 2]),
        ("worst", ranked[0]),
    ]
