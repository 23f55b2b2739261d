"""The first screen: what was found in three sentences, and one answer before and after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from prefvec.report.answer_cases import case_views
from prefvec.report.arm_styles import arm_styles, main_arm
from prefvec.report.claim_answers import ClaimAnswers
from prefvec.report.deciding import native_share, told_share
from prefvec.report.effects import estimated, measure_of
from prefvec.report.in_words import words_became
from prefvec.report.question_rows import Question
from prefvec.report.record import Claim
from prefvec.vocabulary import THREE_FINDINGS, Kind, OutcomeWord

_LEAD: Mapping[Kind, str] = {
    "steers": "Its own vector",
    "fails": "Copied raw, the vector",
    "works": "Adapted, the vector",
}
_STEERS: Mapping[OutcomeWord, str] = {
    "SUPPORTED": "steers {}",
    "REFUTED": "does not steer {} as claimed",
    "INCONCLUSIVE": "is undecided in {}",
    "INVALID": "cannot be judged in {}",
    "NOT APPLICABLE": "is not defined in {}",
}
_FAILS: Mapping[OutcomeWord, str] = {
    **_STEERS,
    "SUPPORTED": "does not steer {}",
    "REFUTED": "does steer {}",
}


@dataclass(frozen=True, kw_only=True)
class Told:
    """One claim within a sentence: what it came to, and its numbers.

    Attributes:
        id: leads to the claim.
        said: "steers mini-llama".
        numbers: "17 words became 31 at +c and 11 at −c, 97 % of native".
    """

    id: str
    outcome: OutcomeWord
    said: str
    numbers: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """One of the three findings: who is added, and what it did in each model."""

    lead: str
    told: list[Told]


def sentences(asked: Sequence[Question]) -> list[Sentence]:
    """The three findings in sentences: its own vector, copied raw, adapted."""
    claims = _findings(asked)
    found: dict[str, list[Claim]] = {}
    for kind, lead in _LEAD.items():
        for claim in (each for each in claims if each["kind"] == kind):
            read = claim.get("regime")
            by = f"Adapted on {read}, the vector" if read and kind == "works" else lead
            found.setdefault(by, []).append(claim)
    several = len({claim["source"] for claim in claims}) > 1
    return [
        Sentence(lead=lead, told=[_told(claim, several) for claim in of])
        for lead, of in found.items()
    ]


def before_after(
    asked: Sequence[Question], answers: Mapping[str, ClaimAnswers]
) -> dict[str, object] | None:
    """One prompt's answers at −c, unsteered and at +c, of the finding that says most.

    The first adapted vector that is SUPPORTED, or else the first supported claim; of its prompts
    the one that moved as the median does.
    """
    claims = [claim for claim in _findings(asked) if claim["answers"]]
    claims.sort(key=lambda claim: (claim["outcome"] != "SUPPORTED", claim["kind"] != "works"))
    if not claims:
        return None
    claim = claims[0]
    main = main_arm(claim)
    own = ("unsteered", main["name"] if main else "")
    case = case_views(claim, answers.get(claim["id"]), own)[0]
    case["answers"].sort(key=lambda answer: answer["coefficient"])
    return {**case, "claim": claim, "styles": arm_styles(claim)}


def _findings(asked: Sequence[Question]) -> list[Claim]:
    return [claim for each in asked if each.name == THREE_FINDINGS for claim in each.claims]


def _told(claim: Claim, several: bool) -> Told:
    verb = (_FAILS if claim["kind"] == "fails" else _STEERS)[claim["outcome"]]
    source = f", from {claim['source']}" if several and claim["source"] != claim["target"] else ""
    return Told(
        id=claim["id"],
        outcome=claim["outcome"],
        said=verb.format(claim["target"] or "the model") + source,
        numbers=_numbers(claim),
        label=claim["label"] or "",
    )


def _numbers(claim: Claim) -> str:
    if claim["outcome"] == "NOT APPLICABLE" or not claim["effect"]:
        return ""
    told = words_became(claim) or f"{estimated(claim)} {measure_of(claim)}"
    share = f", {told_share(claim)} of native" if native_share(claim) else ""
    return told + share
