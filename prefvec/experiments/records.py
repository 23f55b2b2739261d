"""What the report is told: about the run, and about each claim."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from prefvec.experiments.answer_records import archive, side_by_side
from prefvec.experiments.arms import Arm
from prefvec.experiments.claims import Claim
from prefvec.experiments.experiment import Experiment
from prefvec.experiments.experiments import Experiments
from prefvec.experiments.fingerprints import adapter_fingerprint
from prefvec.experiments.pairs import Pair
from prefvec.experiments.secondary import secondary_by_dose
from prefvec.provenance import code_fingerprints, commit, versions
from prefvec.verdicts.doses import factor_record
from prefvec.verdicts.verdict import Verdict

if TYPE_CHECKING:
    from prefvec.experiments.measured import Measured


def run_facts(experiments: Experiments) -> dict[str, Any]:
    """The run, its models and its splits, for `ClaimLog.describe`."""
    laboratory = experiments.laboratory
    options, shelf = laboratory.options, laboratory.models
    models = shelf.describe()
    return {
        "run": {
            "mode": options.mode,
            "model_set": options.model_set,
            "models_are": "organisms" if options.organisms else "real",
            "seed": options.seed,
            "samples": options.samples,
            "n_prompts": len(laboratory.prompts.splits["test"]),
            "max_new_tokens": options.max_new_tokens,
            "temperature": laboratory.sampling.temperature,
            "commit": commit(),
            "code": code_fingerprints(),
            "device": models[0]["device"],
            "dtype": models[0]["dtype"],
            "versions": versions(),
            "cache": {
                "hits": laboratory.store.hits,
                "misses": laboratory.store.misses,
                "measured_before": experiments.memory.found,
            },
        },
        "models": models,
        "splits": laboratory.prompts.describe(),
    }


def claim_record(
    experiments: Experiments,
    claim: Claim,
    pair: Pair,
    shown: dict[str, Any],
    verdict: Verdict,
    *,
    families: list[str],
    nodeid: str,
) -> dict[str, Any]:
    """One claim as the report stores it.

    Args:
        experiments: those of the run.
        claim: the claim.
        pair: the models it is about.
        shown: what `shown` says of it.
        verdict: what it came to.
        families: whose p-values it was corrected with.
        nodeid: of its test.
    """
    material = experiments.laboratory.prompts
    return {
        **verdict.record(),
        "nodeid": nodeid,
        "title": claim.sentence(pair, material.traits, material.trait),
        "question": claim.question,
        "samples": experiments.samples(claim),
        "family": families,
        "source": pair.source,
        "target": pair.target,
        "regime": claim.regime.name if claim.regime else None,
        **shown,
        "notes": [*verdict.notes, *shown["notes"]],
    }


def shown(experiment: Experiment, claim: Claim, pair: Pair, measured: Measured) -> dict[str, Any]:
    """What a claim's record shows of its arms, whatever the verdict."""
    main = measured.arms[0] if measured.arms else None
    return {
        "arms": [_arm(experiment, arm) for arm in measured.arms],
        "control_arms": measured.controls.record() if measured.controls else [],
        "adapter": _adapter(experiment, main) if main and main.adapter else None,
        "search": main.search.record() if main and main.search else [],
        "answers": side_by_side(experiment, measured.arms, measured.random),
        "archive": archive(experiment, measured.arms, measured.random),
        "baseline": _baseline(experiment, pair.target, main) if main else [],
        "figures": list(measured.figures),
        "notes": list(notes(claim, measured)),
    }


def _arm(experiment: Experiment, arm: Arm) -> dict[str, Any]:
    """An arm with its secondary metrics at every dose."""
    record = arm.record()
    metrics = secondary_by_dose(
        [*experiment.assay.unsteered(arm.model, arm.under), *arm.completions],
        organisms=experiment.laboratory.options.organisms,
    )
    for dose in record["doses"]:
        dose["metrics"] = metrics[dose["coefficient"]]
    return record


def notes(claim: Claim, measured: Measured) -> Iterable[str]:
    """What a reader should know of the arms, besides the verdict's own notes."""
    for arm in measured.arms:
        if arm.search is not None and not arm.search.chosen.eligible:
            yield (
                f"No site and dose left enough answers whole with {arm.doses.label}; the one that "
                "broke fewest was taken."
            )
    margin = claim.criterion.parameters.get("coherence_margin")
    if margin is not None and measured.arms and claim.arm != "raw":
        doses = measured.arms[0].doses
        for dose in (doses.full_dose, -doses.full_dose):
            lost = float((doses.coherent[0.0] - doses.coherent[dose]).mean())
            if lost > margin:
                yield (
                    f"At {dose:+g} alone {100 * lost:.1f} points of coherent answers are lost, "
                    f"more than the margin of {100 * margin:g}. The criterion takes the mean of "
                    "both full doses, as it does for the odd part."
                )
    if claim.regime is not None:
        yield f"Reference regime {claim.regime.name}: the adapter read {claim.regime.sentence}."
    if claim.arm == "raw" and measured.controls is not None:
        largest = max(abs(control.mean_odd) for control in measured.controls.random)
        more = "more" if abs(measured.arms[0].doses.mean_odd) > largest else "no more"
        yield (
            f"Random directions at the same site and norm reach a factor of {math.exp(largest):.2f}"
            f" either way, so the copied vector does {more} than chance alignment can."
        )
    for arm in measured.arms:
        if arm.doses.arm == "zero-padded":
            yield (
                "Zero-padding is an exploration and decides nothing: the padded vector's odd part "
                f"is a factor of {arm.odd_factor:.2f}."
            )
        if arm.doses.arm == "raw-analogous":
            yield (
                f"At the same relative depth (layer {arm.vector.site.layer}) the raw vector's odd "
                f"part is a factor of {arm.odd_factor:.2f}; shown, not judged."
            )


def _adapter(experiment: Experiment, arm: Arm) -> dict[str, Any]:
    adapter = arm.adapter
    assert adapter is not None
    return {
        "method": adapter.method,
        "fingerprint": adapter_fingerprint(adapter),
        "rows": adapter.rows,
        "width": adapter.d_source,
        "width_target": adapter.d_target,
        "effective_rank": adapter.effective_rank,
        "rank": adapter.rank,
        "penalty": adapter.penalty,
        "span": adapter.span(experiment.vector()),
        "r2_held_out": adapter.r2_held_out,
        "r2_shuffled": adapter.r2_shuffled,
        "cosine_to_native": experiment.natives.cosine(arm),
    }


def _baseline(experiment: Experiment, model: str, beside: Arm) -> list[dict[str, Any]]:
    """What asking does, by the measure of the arm that it stands beside."""
    asked = experiment.natives.baseline(model, beside.doses.measure)
    return [
        {"label": f"asked to be {getattr(experiment.trait, pole).name}", **factor_record(effect)}
        for pole, effect in asked.items()
    ]
