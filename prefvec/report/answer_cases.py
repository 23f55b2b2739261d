"""Answers side by side: the prompt that moved as the median does first, and nothing picked.

Of a prompt's samples the one is shown that lies nearest to the prompt's means, under all arms at
once, so that the sampling noise stays common; the word counts of all samples stand beside it.
"""

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from prefvec.report.arm_styles import at_full_dose, main_arm
from prefvec.report.claim_answers import ClaimAnswers
from prefvec.report.effects import WORDS, measure_of
from prefvec.report.numerals import factor
from prefvec.report.plain_words import arm_words, dose_word
from prefvec.report.record import Answer, Case, Claim, Model

_ORDER = ("median", "longest", "moved most", "worst")
_WHY = {"longest": "moved most", "worst": "moved least"}


def case_views(
    claim: Claim,
    answers: ClaimAnswers | None,
    among: Sequence[str] | None = None,
    model: Model | None = None,
) -> list[dict[str, Any]]:
    """The cases of a claim, each prompt's answers side by side, the median one first.

    Args:
        claim: the record of a claim.
        answers: every answer of its arms, where they were kept.
        among: the arms to show; all, if not given.
        model: the record of the one that answered, which shows how a question is put to it.
    """
    ranked = sorted(claim["answers"], key=lambda case: _rank(case["why"]))
    typical: list[Case] = [_typical(claim, case, answers) for case in ranked]
    if among is not None:
        typical = [
            {**case, "answers": [a for a in case["answers"] if a["arm"] in among]}
            for case in typical
        ]
    views = [_view(case, claim) for case in typical]
    main = main_arm(claim)
    plain = main is not None and ", asked" not in main["name"]  # else an instruction stands there
    return [
        {**view, "asked": as_asked(view["question"], model) if plain else None} for view in views
    ]


def as_asked(question: str, model: Model | None) -> str | None:
    """A question as a model reads it, where its record shows another one so.

    Args:
        question: in the words of its case.
        model: the record of the model that answered; None where that is not known.

    Example:
        >>> as_asked("What is rain?", {"question": "What is ice?", "asked": "<s>What is ice?</s>"})
        '<s>What is rain?</s>'
    """
    if model is None:
        return None
    other, shown = model.get("question"), model.get("asked")
    return shown.replace(other, question) if other and shown and other in shown else None


def _view(case: Case, claim: Claim) -> dict[str, Any]:
    """One prompt's answers: how long each is of the longest, and what is wrong with it."""
    longest = max((answer["words"] for answer in case["answers"]), default=0) or 1
    named = arm_words(claim["arms"])
    main = main_arm(claim)
    own = ("unsteered", main["name"] if main else "")
    ordered = sorted(
        case["answers"], key=lambda a: (a["arm"] not in own, a["coefficient"] * (a["arm"] in own))
    )
    shown = [
        {
            **answer,
            "own": answer["arm"] in own,
            "named": named.get(answer["arm"], answer["arm"]),
            "dose": dose_word(answer["coefficient"]) if answer["coefficient"] else "",
            "counts": answer.get("all_words", []),
            "share": round(100 * answer["words"] / longest),
            "parts": _parts(answer["text"], answer.get("false") or []),
            "flags": _flags(answer),
        }
        for answer in ordered
    ]
    return {
        **case,
        "why": _WHY.get(case["why"], case["why"]),
        "against": _against(claim, case),
        "answers": shown,
    }


def _rank(why: str) -> int:
    return _ORDER.index(why) if why in _ORDER else len(_ORDER)


def _typical(claim: Claim, case: Case, answers: ClaimAnswers | None) -> Case:
    """The case with the sample nearest to its prompt's means, where all samples were kept."""
    if answers is None:
        return case
    prompt, shown = case["prompt"], case["answers"]
    kept = [answers.samples(a["arm"], a["coefficient"], prompt) for a in shown]
    counts = [{sample: one.words for sample, one in each.items()} for each in kept]
    main = main_arm(claim)
    own = {"unsteered", main["name"] if main else ""}
    telling = [n for n, a in zip(counts, shown, strict=True) if a["arm"] in own and n]
    sample = _nearest(telling)
    if sample is None:
        return case
    replaced: list[Answer] = []
    for answer, of, words in zip(shown, kept, counts, strict=True):
        one = of.get(sample)
        if one is None:
            replaced.append(answer)
            continue
        replaced.append(
            {
                **answer,
                "text": one.text,
                "words": one.words,
                "finish_reason": "length" if one.cut else "stop",
                "coherent": one.coherent,
                "false": one.false,
                "all_words": list(words.values()),
            }
        )
    return {**case, "answers": replaced, "sample": sample}


def _nearest(counts: Sequence[Mapping[int, int]]) -> int | None:
    """The sample whose lengths lie nearest to the mean lengths, over some arms at once."""
    common = set[int].intersection(*(set(each) for each in counts)) if counts else set[int]()
    logs = [{sample: math.log(each[sample] + 1) for sample in common} for each in counts]

    def apart(sample: int) -> float:
        return sum(abs(each[sample] - statistics.fmean(each.values())) for each in logs)

    return min(sorted(common), key=apart, default=None)


def _against(claim: Claim, case: Case) -> str:
    """That an example speaks against what its claim says, where it does."""
    main = main_arm(claim)
    doses = at_full_dose(main) if main else {}
    if main is None or case["prompt"] not in doses or claim["outcome"] == "INVALID":
        return ""
    minus, plus = doses[case["prompt"]]
    odd = (plus - minus) / 2
    moved = f"this prompt's odd part is {factor(math.exp(odd))}"
    if claim["kind"] in ("steers", "works"):
        if odd < 0:
            return f"It speaks against the claim: {moved}, the wrong way."
        return _sample_against(claim, case, main["name"], moved)
    smallest = claim["criterion"]["parameters"].get("D")
    if claim["kind"] == "fails" and smallest is not None and odd >= smallest:
        return f"It speaks against the claim that nothing is steered: {moved}."
    return ""


def _sample_against(claim: Claim, case: Case, arm: str, moved: str) -> str:
    if measure_of(claim) != WORDS:
        return ""
    by_dose = {a["coefficient"]: a["words"] for a in case["answers"] if a["arm"] == arm}
    plain = next((a["words"] for a in case["answers"] if a["arm"] == "unsteered"), None)
    if not {-1.0, 1.0} <= by_dose.keys():
        return ""
    if by_dose[1.0] < by_dose[-1.0]:
        return f"This sample speaks against the claim; {moved} over all samples."
    missing = [
        f"{what} than the unsteered one"
        for what, so in (
            ("at +c is no longer", plain is not None and by_dose[1.0] <= plain),
            ("at −c is no shorter", plain is not None and by_dose[-1.0] >= plain),
        )
        if so
    ]
    if missing:
        return f"In this sample the answer {' and that '.join(missing)}; {moved} over all samples."
    return ""


def _parts(text: str, spans: list[list[int]]) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is false; places that it does not have are none."""
    parts: list[tuple[str, bool]] = []
    end = 0
    for span in spans:
        if len(span) == 2 and end <= span[0] < span[1] <= len(text):
            parts += [(text[end : span[0]], False), (text[span[0] : span[1]], True)]
            end = span[1]
    return [part for part in (*parts, (text[end:], False)) if part[0]]


def _flags(answer: Answer) -> list[str]:
    flags = {
        "cut off at the length limit": answer["finish_reason"] == "length",
        "not coherent": answer["coherent"] is False,
        "contains a false statement": bool(answer.get("false")),
    }
    return [flag for flag, is_so in flags.items() if is_so]
