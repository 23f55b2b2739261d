"""What a claim tells a CI server: the properties of its test case in JUnit XML."""

from collections.abc import Mapping

from prefvec.report.numerals import needed
from prefvec.report.record import Claim


def properties(claim: Claim, run: Mapping[str, object]) -> list[tuple[str, str]]:
    """Name and value of each property; what was not measured is empty.

    Args:
        claim: its checked record.
        run: the `run` entry of the record.
    """
    effect = claim["effect"]
    holm = [h for part in claim["components"] if (h := part.get("holm")) is not None]
    facts = {
        "claim": claim["id"],
        "outcome": claim["outcome"],
        "label": claim["label"],
        "effect_factor": effect and effect["factor"],
        "effect_low": effect and effect["low"],
        "effect_high": effect and effect["high"],
        # A conjunction has the p-value of its weakest part.
        "p_holm": max(holm, default=None),
        "needed": needed(claim),
        "change": claim["change"],
        "model_set": run["model_set"],
    }
    return [(name, "" if value is None else str(value)) for name, value in facts.items()]
