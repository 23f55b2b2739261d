"""The cards of the judges that a run's claims rest on, and of known ones, each once."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from prefvec.report.record import Claim
from prefvec.report.record.judge_entries import JudgeCard, KnownJudge

Entry = TypeVar("Entry", JudgeCard, KnownJudge)


def judge_cards(claims: list[Claim]) -> list[JudgeCard]:
    """Every distinct card, in the order of the claims.

    Args:
        claims: of a record.
    """
    cards = (card for claim in claims for card in claim.get("judge_cards", []))
    return _once(cards, lambda card: (card["judge"], card["rubric"], card["model"], card["trait"]))


def known_judges(claims: list[Claim]) -> list[KnownJudge]:
    """What the card found of judges whose faults are known, each once, in the order of the claims.

    Args:
        claims: of a record.
    """
    judges = (judge for claim in claims for judge in claim.get("known_judges", []))
    return _once(judges, lambda of: (of["known"], of["card"]["model"], of["card"]["trait"]))


def _once(entries: Iterable[Entry], key: Callable[[Entry], tuple[str, ...]]) -> list[Entry]:
    """The first of those with the same key, in their order."""
    found: dict[tuple[str, ...], Entry] = {}
    for entry in entries:
        found.setdefault(key(entry), entry)
    return list(found.values())
