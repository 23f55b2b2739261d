"""Verdicts: their lines, their sentences and their records."""

import json
import warnings
from dataclasses import replace

import numpy as np

from prefvec.assessment import not_applicable
from prefvec.controls import Controls
from prefvec.criteria import Fails
from prefvec.decision import conclude
from prefvec.doses import DoseResponse
from prefvec.verdict import Outcome
from tests.judged import judged
from tests.simulated import NATIVE, Scene, fails, share_of, steers, works

SUPPORTED, REFUTED, INCONCLUSIVE = Outcome.SUPPORTED, Outcome.REFUTED, Outcome.INCONCLUSIVE


def test_holm_turns_a_support_into_inconclusive(scene: Scene, native: DoseResponse) -> None:
    """The same numbers in a family that they do not survive; a refutation would not care."""
    assessment = steers(scene, native)
    assert assessment.outcome(0.05) is SUPPORTED
    assert assessment.outcome(0.0501) is INCONCLUSIVE
    verdict = conclude(assessment, 0.06)
    assert "after Holm" in verdict.sentence
    assert not all(c.passed for c in verdict.components if c.role == "test")
    assert steers(scene, scene.arm("native")).outcome(1.0) is REFUTED


def test_records_are_json_that_the_report_understands(scene: Scene, native: DoseResponse) -> None:
    """Every outcome's record is plain JSON without nan, in the schema's words."""
    raw = scene.arm("raw")
    adapted = scene.arm("adapted", *share_of(NATIVE, 0.9))
    verdicts = [
        judged(steers(scene, native)),
        judged(fails(scene, raw, native)),
        judged(works(scene, adapted, native, raw)),
        judged(works(scene, raw, native, raw, Controls(random=()))),
        judged(not_applicable("raw", Fails(), "undefined")),
    ]
    for verdict in verdicts:
        record = verdict.record()
        assert json.loads(json.dumps(record, allow_nan=False)) == record
        assert record["outcome"] == verdict.outcome.name.replace("_", " ")
        for component in record["components"]:
            assert component["role"] in {"test", "filter", "precondition", "control", "shown"}
            assert component["sentence"].startswith(("Needed", "Measured")) or component[
                "role"
            ] in {"precondition"}


def test_a_verdict_shows_the_clustered_error_and_the_wrong_way(scene: Scene) -> None:
    """Robustness row by entity, and the share of prompts that moved the wrong way."""
    labels = np.array([f"entity-{i % 32}" for i in range(96)])
    arm = scene.arm("native", *NATIVE)
    clusters = arm.odd.astype(str)
    clusters[:] = labels
    names = {c.name for c in judged(steers(scene, replace(arm, clusters=clusters))).components}
    assert {"odd part, clustered by entity", "prompts moved the wrong way"} <= names


def test_bootstrap_disagreement_is_noted() -> None:
    """With one outlier among few prompts, t and BCa part ways about the threshold."""
    scene = Scene(2, n=12)
    arm = scene.arm("native", *NATIVE)
    effects = arm.effects.copy()
    effects[1.0] = [0.02] * 11 + [1.5]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        verdict = judged(steers(scene, replace(arm, effects=effects)))
    assert any("longer at the full dose" in note for note in verdict.notes)
    assert verdict.record()["notes"] == list(verdict.notes)
