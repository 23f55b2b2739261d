"""What an effect costs: answers that say something false, are incoherent or cut off, at +c."""

from collections.abc import Sequence

from prefvec.report.arm_styles import main_arm
from prefvec.report.claim_answers import ClaimAnswers, OneAnswer
from prefvec.report.numerals import percent
from prefvec.report.record import Claim

_FULL = 1.0


def price(claim: Claim, answers: ClaimAnswers | None) -> str:
    """The price in a sentence, against unsteered; nothing where no answer was kept.

    Args:
        claim: the record of a claim.
        answers: every answer of its arms.
    """
    main = main_arm(claim)
    if main is None or answers is None or claim["outcome"] == "NOT APPLICABLE":
        return ""
    steered = list(answers.arms.get((main["name"], _FULL), {}).values())
    plain = list(answers.arms.get(("unsteered", 0.0), {}).values())
    if not steered or not plain:
        return ""
    parts = [
        (f"{told} {what}", before)
        for what, told, before in (
            ("say something false", _share(steered, "false"), _share(plain, "false")),
            ("are incoherent", _share(steered, "loose"), _share(plain, "loose")),
            ("are cut off", _share(steered, "cut"), _share(plain, "cut")),
        )
        if what != "say something false" or any(one.false for one in (*steered, *plain))
    ]
    return f"Price at +c: {', '.join(f'{told} ({before} unsteered)' for told, before in parts)}."


def _share(answers: Sequence[OneAnswer], what: str) -> str:
    found = {
        "false": [bool(one.false) for one in answers],
        "loose": [not one.coherent for one in answers],
        "cut": [one.cut for one in answers],
    }[what]
    return percent(sum(found) / len(found))
