"""What the report is told: about the run, and about each claim."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from prefvec.experiments.answer_records import archive, side_by_side
from prefvec.experiments.arms import Arms
from prefvec.experiments.carried_arms import source_vector
from prefvec.experiments.claims import (
    AdaptedTransfer,
    BetweenModels,
    Claim,
    ClaimOfVector,
    Reference,
)
from prefvec.experiments.lab import Lab
from prefvec.experiments.measured import Measured
from prefvec.experiments.measuring.shared import arms_of, samples_of, transfer_of
from prefvec.experiments.memory import Memory
from prefvec.experiments.native_arms import cosine_to_native
from prefvec.experiments.one_arm import Arm
from prefvec.experiments.own_vectors import contrast_doubts
from prefvec.experiments.pairs import Pair
from prefvec.experiments.question_sets import told
from prefvec.experiments.strangers import described
from prefvec.experiments.strangers import notes as stranger_notes
from prefvec.experiments.vector_records import adapter_fingerprint
from prefvec.generation.store import CompletionStore
from prefvec.models.processors import processor
from prefvec.provenance import code_fingerprints, commit, versions
from prefvec.text.completions import Completion
from prefvec.text.metrics import secondary_means
from prefvec.text.trait_doubts import trait_doubts
from prefvec.verdicts.doses import factor_record
from prefvec.verdicts.verdict import Verdict

ROBUSTNESS = ("raw-analogous", "raw-equal-norm")
"""Arms that are shown beside a claim's own to tell whether its cell or its dose decides."""


def run_facts(memory: Memory) -> dict[str, Any]:
    """The run, its models and its splits, for `ClaimLog.describe`."""
    lab = memory.lab
    options, models = lab.options, lab.models.describe()
    doubts = trait_doubts(lab.material.trait)
    return {
        "run": {
            "mode": options.mode,
            "model_set": options.model_set,
            "models_are": lab.material.subject.kind,
            **({} if options.vector is None else {"vector": described(options)}),
            **({"trait_doubts": doubts} if doubts else {}),
            "seed": options.seed,
            "samples": options.samples,
            "questions": None if options.questions is None else told(options.questions),
            "n_prompts": len(lab.material.splits["test"]),
            "max_new_tokens": options.max_new_tokens,
            "temperature": lab.sampling.temperature,
            "commit": commit(),
            "code": code_fingerprints(),
            "device": models[0]["device"],
            "processor": processor(models[0]["device"]),
            "dtype": models[0]["dtype"],
            "versions": versions(),
            "cache": {
                "hits": lab.store.hits,
                "misses": lab.store.misses,
                "written": written_at(lab.store),
                "measured_before": memory.found,
            },
        },
        "models": models,
        "splits": lab.material.describe(),
    }


def written_at(store: CompletionStore) -> list[str] | None:
    """When the answers that were found in a store were written, the first and the last."""
    if store.written is None:
        return None
    return [
        datetime.fromtimestamp(date, UTC).isoformat(timespec="seconds") for date in store.written
    ]


def claim_record(
    lab: Lab,
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
        lab: where it was measured.
        claim: the claim.
        pair: the models it is about.
        shown: what `shown` says of it.
        verdict: what it came to.
        families: whose p-values it was corrected with.
        nodeid: of its test.
    """
    material = lab.material
    return {
        **verdict.record(),
        "nodeid": nodeid,
        "title": claim.sentence(pair, material.traits, material.trait),
        "question": claim.question,
        "samples": samples_of(claim, lab),
        "family": families,
        "source": pair.source,
        "target": pair.target,
        "regime": _regime(claim),
        "brief": claim.brief(pair),
        "in_roles": claim.in_roles(pair, material.traits, material.trait),
        "compared_with": _compared_with(claim, shown["arms"]),
        "controlled_by": list(claim.controls),
        **shown,
        "notes": [*verdict.notes, *shown["notes"]],
    }


def _compared_with(claim: Claim, arms: Sequence[Mapping[str, Any]]) -> list[Reference]:
    """What the arm was compared with: the copied vector only where there was one to copy."""
    copied = any(arm["name"] == "raw" for arm in arms)
    return [each for each in claim.references if each != "raw" or copied]


def _regime(claim: Claim) -> str | None:
    regime = claim.regime if isinstance(claim, AdaptedTransfer | BetweenModels) else None
    return regime.name if regime is not None else None


def shown(claim: Claim, pair: Pair, lab: Lab, measured: Measured) -> dict[str, Any]:
    """What a claim's record shows of its arms, whatever the verdict."""
    main = measured.arms[0] if measured.arms else None
    of = arms_of(claim, lab)
    return {
        "arms": [_arm(of, arm) for arm in measured.arms],
        "control_arms": measured.controls.record() if measured.controls else [],
        "adapter": _adapter(of, claim, pair, main) if main and main.adapter else None,
        "search": main.search.record() if main and main.search else [],
        "answers": side_by_side(of, measured.arms, measured.random),
        "archive": archive(of, measured.arms, measured.random),
        "baseline": [
            {"label": asked.label, **factor_record(asked.effect)} for asked in measured.baseline
        ],
        "figures": list(measured.figures),
        **({"judge_cards": list(measured.cards)} if measured.cards else {}),
        **({"known_judges": list(measured.known_judges)} if measured.known_judges else {}),
        "notes": [
            *stranger_notes(lab, pair.source, of.trait.name),
            *_doubts(of, pair, measured),
            *notes(claim, measured),
        ],
    }


def _doubts(of: Arms, pair: Pair, measured: Measured) -> Iterable[str]:
    """What the answers that vectors were read from say against the trait, where any were read."""
    if measured.arms:
        models = (of.lab.models.original(arm.model) for arm in measured.arms)
        for name in dict.fromkeys((pair.source, *models)):
            yield from contrast_doubts(of.lab, name, of.trait.name)


def _arm(of: Arms, arm: Arm) -> dict[str, Any]:
    """An arm with its secondary metrics at every dose."""
    record, subject = arm.record(), of.lab.material.subject
    by_dose: defaultdict[float, list[Completion]] = defaultdict(list)
    for answer in (*of.unsteered(arm.model, arm.under), *arm.completions):
        by_dose[answer.coefficient].append(answer)
    for dose in record["doses"]:
        answers = by_dose[dose["coefficient"]]
        dose["metrics"] = secondary_means(answers) | subject.secondary(answers)
    return record


def notes(claim: Claim, measured: Measured) -> Iterable[str]:
    """What a reader should know of the arms, besides the verdict's own notes."""
    # An arm at another arm's norm has no κ, and its cell is that of the other one's model.
    searched = [
        (arm.model, arm.search) for arm in measured.arms if arm.search and arm.kappa is not None
    ]
    barred = [(model, search) for model, search in searched if not search.chosen.eligible]
    if barred:
        model, search = barred[0]
        where = (
            "in none that was tried to the end"
            if search.coarse
            else "nowhere but in the last block"
        )
        yield (
            f"In {model} no cell is eligible: {where} does its own vector reach 1.5 D and leave "
            "answers whole on the tuning prompts. Everything was written where it "
            + ("does most with whole answers." if search.chosen.whole else "breaks fewest answers.")
        )
    if isinstance(claim, AdaptedTransfer):
        yield f"Reference regime {claim.regime.name}: the adapter read {claim.regime.sentence}."
    for arm in measured.arms:
        if arm.doses.arm == "zero-padded":
            yield (
                "Zero-padding is an exploration and decides nothing: the padded vector's odd part "
                f"is a factor of {arm.odd_factor:.2f}."
            )
        if arm.doses.arm in ROBUSTNESS:
            yield (
                f"With {arm.doses.label} (block {arm.vector.site.layer}, relative norm "
                f"{arm.vector.relative_norm:.2g}) the odd part is a factor of "
                f"{arm.odd_factor:.2f}; shown, not judged."
            )


def _adapter(of: Arms, claim: Claim, pair: Pair, arm: Arm) -> dict[str, Any]:
    adapter = arm.adapter
    assert adapter is not None
    assert isinstance(claim, ClaimOfVector)
    return {
        "method": adapter.method,
        "fingerprint": adapter_fingerprint(adapter),
        "rows": adapter.rows,
        "width": adapter.d_source,
        "width_target": adapter.d_target,
        "effective_rank": adapter.effective_rank,
        "rank": adapter.rank,
        "penalty": adapter.penalty,
        "span": adapter.span(source_vector(of, transfer_of(claim, pair))),
        "r2_fitted": adapter.r2_fitted,
        "r2_held_out": adapter.r2_held_out,
        "r2_shuffled": adapter.r2_shuffled,
        "cosine_to_native": cosine_to_native(of, arm),
    }
