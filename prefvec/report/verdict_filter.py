"""By what the list of verdicts can be narrowed and put in order."""

from prefvec.report.effects import measure_of
from prefvec.report.record import Claim
from prefvec.vocabulary import OUTCOMES

_NONE = "—"


def trait_of(claim: Claim) -> str:
    """The trait of a claim's vector, or what its effects are of where the record does not say."""
    return claim.get("trait") or measure_of(claim)


def keys(claim: Claim) -> dict[str, str]:
    """What a row of the list is found by."""
    return {
        "outcome": claim["outcome"],
        "trait": trait_of(claim),
        "source": claim["source"] or _NONE,
        "target": claim["target"] or _NONE,
    }


def filters(claims: list[Claim]) -> list[tuple[str, list[str]]]:
    """Each key with the values that occur, those with one alone left out."""
    found = [keys(claim) for claim in claims]
    named = {name: sorted({each[name] for each in found}) for name in (found[0] if found else ())}
    if "outcome" in named:
        named["outcome"] = [outcome for outcome in OUTCOMES if outcome in named["outcome"]]
    return [(name, values) for name, values in named.items() if len(values) > 1]
