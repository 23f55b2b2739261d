"""What a record says of a vector that is added at every token, as other tools add it.

Claims judge it from the last token of the prompt on. Whether it steers with the whole prompt moved
as well is another question, at another dose, which a claim of its own answers.
"""

from prefvec.report.directions import numbers
from prefvec.report.record import Arm, Claim, Record

SAME = 0.9995
"""The cosine from which two directions count as one, as findings have it."""


def judged_at_every_token(record: Record, claim: Claim, arm: Arm) -> tuple[Claim, Arm] | None:
    """The claim about the same model and trait that judged an arm's vector at every token.

    One that is SUPPORTED before any other; None where there is none.

    Args:
        record: of a run.
        claim: one of its claims.
        arm: of that claim, whose vector is meant.
    """
    found = [
        (other, everywhere)
        for other in record["claims"]
        if (other["target"], other.get("trait")) == (claim["target"], claim.get("trait"))
        for everywhere in other["arms"]
        if everywhere.get("added_at") == "all" and _same_vector(everywhere, arm)
    ]
    return min(found, key=lambda pair: pair[0]["outcome"] != "SUPPORTED", default=None)


def _same_vector(one: Arm, other: Arm) -> bool:
    """Whether two arms add the same direction at the same site, at whatever dose."""
    directions = [
        numbers(str((arm.get("vector") or {}).get("direction", ""))) for arm in (one, other)
    ]
    a, b = directions
    if a is None or b is None or a.shape != b.shape or one.get("site") != other.get("site"):
        return False
    return float(a @ b) >= SAME * float((a @ a) ** 0.5 * (b @ b) ** 0.5)
