"""When, where and at which commit a claim was measured, in words."""

from collections import Counter
from collections.abc import Iterable, Sequence

from prefvec.report.numerals import duration
from prefvec.report.record import Claim, Measuring

UNKNOWN = "When and at which commit it was measured is not in the record."


def measured_when(claim: Claim, where: str | None = None) -> str:
    """A sentence for the foot of a claim; nothing of one that measures nothing.

    Args:
        claim: the record of a claim.
        where: what all claims of the page have in common; the provenance says it once.
    """
    if claim["outcome"] == "NOT APPLICABLE":
        return ""
    found = claim.get("measuring")
    if not found:
        return UNKNOWN
    stored, place = written_between(found.get("written")), _where(found)
    took = "" if stored else f" in {duration(found['seconds'])}"
    told = f"Measured {_day(found)}{took}{'' if place == where else place}"
    return f"{told}, from answers of earlier runs{stored}." if stored else f"{told}."


def measured_where(claims: Iterable[Claim]) -> str | None:
    """Where, and at which commit, all of them were measured; None where they differ."""
    places = {_where(found) for claim in claims if (found := claim.get("measuring"))}
    return places.pop() if len(places) == 1 else None


def written_between(dates: Sequence[str] | None) -> str:
    """On which days answers were written, in brackets; "" where that is not known."""
    if not dates:
        return ""
    first, last = (date[:10] for date in dates)
    return f" (written {first})" if first == last else f" (written {first} to {last})"


def measuring_rows(claims: Iterable[Claim]) -> list[tuple[str, str]]:
    """For the provenance of a run: how many claims were measured when, where and at which commit.

    The record of a run may tell again what earlier runs measured.
    """
    met = [claim for claim in claims if claim["outcome"] != "NOT APPLICABLE"]
    known = [found for claim in met if (found := claim.get("measuring"))]
    counted = Counter((found["started"][:10], _where(found)) for found in known)
    told = [f"{count} on {day}{where}" for (day, where), count in sorted(counted.items())]
    if missing := len(met) - len(known):
        told.append(f"{missing} without a note of when (measured before such notes were kept)")
    return [("Claims measured", "; ".join(told))] if told else []


def _day(found: Measuring) -> str:
    return found["started"][:16].replace("T", " ") + " UTC"


def _where(found: Measuring) -> str:
    place = found["processor"] or found["device"]
    at = f", commit {found['commit']}" if found["commit"] else ""
    return f"{f' on {place}' if place else ''}{at}"
