"""What a claim tells a CI server: the properties of its test case in JUnit XML."""

from collections.abc import Mapping
from typing import Any

from prefvec.report.numerals import needed


def properties(claim: Mapping[str, Any], run: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name and value of each property; what was not measured is empty.

    Args:
        claim: its checked record.
        run: the `run` entry of the record.
    """
    effect = claim["effect"] or {}
    holm = [part["holm"] for part in claim["components"] if part.get("holm") is not None]
    facts = {
        "claim": claim["id"],
        "outcome": claim["outcome"],
        "label": claim["label"],
        "effect_factor": effect.get("factor"),
        "effect_low": effect.get("low"),
        "effect_high": effect.get("high"),
        # A conjunction has the p-value of its weakest part.
        "p_holm": max(holm, default=None),
        "needed": needed(claim),
        "change": claim["change"],
        "model_set": run["model_set"],
    }
    return [(name, "" if value is None else str(value)) for name, value in facts.items()]
