"""What a bless keeps of a claim: its outcome, per-prompt values, and what they rest on."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from prefvec.errors import PrefvecError
from prefvec.report.arm_styles import MAIN_ARM, at_full_dose, main_arm_name
from prefvec.report.effects import measure_of
from prefvec.report.finding import Conditions, Finding, FindingArm
from prefvec.report.record import Arm, Claim, Model, Split, plain
from prefvec.vocabulary import Change

_SETTINGS = ("seed", "samples", "n_prompts", "max_new_tokens", "temperature")
_OF_AN_ADAPTER = ("method", "rows", "penalty", "r2_held_out", "fingerprint")


def conditions_of(
    run: Mapping[str, Any], models: Sequence[Model], splits: Sequence[Split]
) -> Conditions:
    """Under what a run measured: sampling, prompts, models, libraries and code.

    Args:
        run: the `run` entry of the record.
        models: the record's models, each with its fingerprints.
        splits: the record's splits, each with a fingerprint of its prompts.

    Raises:
        PrefvecError: if the test prompts have no fingerprint, without which nothing compares.
    """
    prompts = {s["name"]: f for s in splits if (f := s.get("fingerprint"))}
    if "test" not in prompts:
        raise PrefvecError(
            "The run was described without a fingerprint of its test prompts, so that no finding "
            "could be compared with it. Give splits=[{'name': 'test', 'fingerprint': …, …}] to "
            "claim_log.describe."
        )
    return plain(
        {
            "settings": {key: run.get(key) for key in _SETTINGS},
            "prompts": prompts,
            "models": {
                model["name"]: {
                    "weights": model.get("fingerprint"),
                    "tokenizer": model.get("tokenizer_fingerprint"),
                }
                for model in models
            },
            "device": run.get("device"),
            "processor": run.get("processor"),
            "dtype": run.get("dtype"),
            "versions": run.get("versions") or {},
            "code": run.get("code") or {},
            "commit": run.get("commit"),
        }
    )


def finding_of(claim: Claim, conditions: Conditions, reason: str | None = None) -> Finding:
    """A claim's record as a finding.

    Args:
        claim: the record.
        conditions: under what it was measured.
        reason: why its outcome is accepted.

    Raises:
        PrefvecError: if the arm that the claim is about is none of those that were measured, though
            it was judged: no change of its effect could ever be seen.
    """
    odd, named = deciding_values(claim), MAIN_ARM.get(claim["kind"])
    if named and claim["arms"] and not odd and claim["outcome"] != "NOT APPLICABLE":
        measured = ", ".join(arm["name"] for arm in claim["arms"])
        raise PrefvecError(
            f"{claim['id']} is about one of the arms {', '.join(named)}, and measured were "
            f"{measured}: a finding of it would hold no effect to compare with. Name its arm in "
            "MAIN_ARM (prefvec/report/arm_styles.py)."
        )
    deciding = ("native", "raw", main_arm_name(claim))
    adapter = claim["adapter"]
    return plain(
        {
            "outcome": claim["outcome"],
            "label": claim["label"],
            "sentence": claim["sentence"],
            "reason": reason,
            "kind": claim["kind"],
            "source": claim["source"],
            "target": claim["target"],
            "metric": claim.get("metric", measure_of(claim)),
            "parameters": claim["criterion"]["parameters"],
            "native_effect": mean(odd_parts(claim, "native")),
            "odd": odd,
            "arms": {arm["name"]: _arm(arm) for arm in claim["arms"] if arm["name"] in deciding},
            "adapter": adapter and {key: adapter.get(key) for key in _OF_AN_ADAPTER},
            "conditions": conditions,
        }
    )


def bless_reason(
    change: Change, old: Finding | None, given: str | None, general: str
) -> str | None:
    """Why an outcome is accepted.

    Args:
        change: how the claim stands to its finding.
        old: that finding.
        given: the reason for this claim alone, where there is one.
        general: the reason of the whole bless, of every claim that is new or has changed. What is
            the same keeps the reason that it has.
    """
    if given:
        return given
    return old["reason"] if old and change == "SAME" else general


def deciding_values(claim: Claim) -> dict[str, float]:
    """What decided the claim, by prompt: the odd part of its arm, or of one arm over another's.

    Empty where the claim is about no arms of its own, a summary over layers or pairs say.
    """
    own = odd_parts(claim)
    if claim["kind"] != "exceeds" or len(claim["arms"]) < 2:
        return own
    other = odd_parts(claim, claim["arms"][1]["name"])
    return {prompt: value - other[prompt] for prompt, value in own.items() if prompt in other}


def odd_parts(claim: Claim, arm: str | None = None) -> dict[str, float]:
    """(d(+c) − d(−c))/2 of each prompt, at the arm's largest c measured both ways."""
    name = arm or main_arm_name(claim)
    entry = next((each for each in claim["arms"] if each["name"] == name), None)
    pairs = at_full_dose(entry) if entry else {}
    return {prompt: (plus - minus) / 2 for prompt, (minus, plus) in pairs.items()}


def mean(values: Mapping[str, float]) -> float | None:
    """The mean of the values, or None of none."""
    return statistics.fmean(values.values()) if values else None


def _arm(arm: Arm) -> FindingArm:
    site = arm.get("site")
    return {
        "site": f"{site['point']} of block {site['layer']}" if site else None,
        "relative_norm": arm.get("relative_norm"),
        "vector": arm.get("vector"),
    }
