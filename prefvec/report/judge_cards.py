"""The cards of the judges that a run's claims rest on, each once."""

from prefvec.report.record import Claim
from prefvec.report.record.judge_entries import JudgeCard


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
