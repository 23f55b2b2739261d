"""The cards of the judges that a run's claims rest on, and of known ones, each once."""

from prefvec.report.record import Claim
from prefvec.report.record.judge_entries import JudgeCard, KnownJudge


def judge_cards(claims: list[Claim]) -> list[JudgeCard]:
    """Every distinct card, in the order of the claims.

    Args:
        claims: of a record.
    """
    found: dict[tuple[str, ...], JudgeCard] = {}
    for claim in claims:
        for card in claim.get("judge_cards", []):
            key = card["judge"], card["rubric"], card["model"], card["trait"]
            found.setdefault(key, card)
    return list(found.values())


def known_judges(claims: list[Claim]) -> list[KnownJudge]:
    """What the card found of judges whose faults are known, each once, in the order of the claims.

    Args:
        claims: of a record.
    """
    found: dict[tuple[str, ...], KnownJudge] = {}
    for claim in claims:
        for judge in claim.get("known_judges", []):
            key = judge["known"], judge["card"]["model"], judge["card"]["trait"]
            found.setdefault(key, judge)
    return list(found.values())
