"""What the rule `spares` gives: steering one trait, and the other is left alone."""

import json
from dataclasses import replace

import pytest

from prefvec.errors import PrefvecError
from prefvec.statistics.power import power_at
from prefvec.text.measures import FORMALITY
from prefvec.verdicts.doses import DoseResponse
from prefvec.verdicts.planning import plan
from prefvec.verdicts.verdict import Outcome
from tests.judged import judged
from tests.simulated import NATIVE, Scene, share_of, spares, steers

SUPPORTED, REFUTED, INCONCLUSIVE = Outcome.SUPPORTED, Outcome.REFUTED, Outcome.INCONCLUSIVE


@pytest.fixture
def formal(native: DoseResponse) -> DoseResponse:
    """What the formality vector does to formality."""
    return replace(native, measure=FORMALITY, label="the formality vector")


def beside(scene: Scene, share: float, **how: float) -> DoseResponse:
    """The verbosity vector by formality: this share of what the formality vector does."""
    arm = scene.arm("verbosity", *share_of(NATIVE, share), **how)
    return replace(arm, measure=FORMALITY)


@pytest.mark.parametrize(
    ("share", "outcome"),
    [
        (0.0, SUPPORTED),
        (0.25, INCONCLUSIVE),
        (-0.25, INCONCLUSIVE),
        (0.6, REFUTED),
        (-0.6, REFUTED),
    ],
)
def test_sparing_is_less_than_a_quarter_of_native_either_way(
    scene: Scene, formal: DoseResponse, share: float, outcome: Outcome
) -> None:
    """Nothing spares, much refutes whichever way it goes, and a quarter is neither."""
    own = scene.arm("verbosity", *NATIVE)
    verdict = judged(spares(scene, beside(scene, share), own, formal))
    assert verdict.outcome is outcome
    if outcome is REFUTED:
        side = "above 25 %" if share > 0 else "below −25 %"
        assert f"Refuted by: odd part {side} of native" in verdict.sentence
        assert "at level 0.025" in verdict.sentence


def test_few_prompts_spare_nothing() -> None:
    """Absence of significance is no equivalence: with 20 prompts a fifth is open."""
    scene = Scene(5, n=20)
    own = scene.arm("verbosity", *share_of(NATIVE, 3))
    formal = replace(scene.arm("native", *share_of(NATIVE, 3)), measure=FORMALITY)
    assessment = spares(scene, beside(scene, 0.7), own, formal)
    verdict = judged(assessment)
    assert verdict.outcome is INCONCLUSIVE
    assert all(part.pvalue > 0.025 for part in assessment.refuting)
    assert any("plan at least 48" in remark for remark in verdict.remarks)


def test_both_sides_are_asked_with_their_margins(scene: Scene, formal: DoseResponse) -> None:
    """TOST against ±φ of native prompt by prompt; oracle: the contrasts written out."""
    arm, own = beside(scene, 0.1), scene.arm("verbosity", *NATIVE)
    assessment = spares(scene, arm, own, formal)
    lower, upper = assessment.support
    assert lower.values == pytest.approx((arm.odd + 0.25 * formal.odd).to_numpy())
    assert upper.values == pytest.approx((arm.odd - 0.25 * formal.odd).to_numpy())
    assert (lower.alternative, upper.alternative) == ("greater", "less")
    assert assessment.pvalue == max(lower.pvalue, upper.pvalue)
    lines = {c.name: c.sentence for c in judged(assessment).components}
    assert "Needed above −25 % of native" in lines["odd part above −25 % of native"]
    assert "Needed below 25 % of native" in lines["odd part below 25 % of native"]


def test_runs_are_planned_for_a_true_zero(scene: Scene, formal: DoseResponse) -> None:
    """Where the odd part is 0 each side lies φ of native beyond its margin; oracle: `power_at`."""
    assessment = spares(scene, beside(scene, 0.1), scene.arm("verbosity", *NATIVE), formal)
    planned, quarter = plan(assessment), 0.25 * formal.mean_odd
    assert planned is not None
    lower, upper = assessment.support
    powers = [power_at(lower, quarter, 0.05), power_at(upper, -quarter, 0.05)]
    assert planned.planned_power == pytest.approx(min(powers))
    assert planned.planned_power > 0.9


# ---------------------------------------------------------------------------- what makes it invalid


def test_a_dead_vector_spares_nothing(scene: Scene, formal: DoseResponse) -> None:
    """It leaves the other trait alone, and its own too."""
    dead, alive = scene.arm("verbosity"), scene.arm("native", *NATIVE)
    verdict = judged(spares(scene, beside(scene, 0.0), dead, formal))
    assert verdict.outcome is Outcome.INVALID
    assert "own verbosity vector was not shown to steer it" in verdict.sentence
    at_best = (steers(scene, alive), steers(scene, formal))
    verdict = judged(spares(scene, beside(scene, 0.0), dead, formal, controls=at_best))
    assert verdict.outcome is Outcome.INVALID
    failed = [c.name for c in verdict.components if c.role == "precondition" and not c.passed]
    assert failed == ["native effect: verbosity"]


def test_beside_a_dead_trait_nothing_is_spared(scene: Scene, formal: DoseResponse) -> None:
    """What the other trait's own vector cannot move gives no margin."""
    own = scene.arm("verbosity", *NATIVE)
    dead = replace(scene.arm("native"), measure=FORMALITY)
    verdict = judged(spares(scene, beside(scene, 0.0), own, dead))
    assert verdict.outcome is Outcome.INVALID
    assert "own formality vector was not shown to steer it" in verdict.sentence
    at_best = (steers(scene, own), steers(scene, formal))
    verdict = judged(spares(scene, beside(scene, 0.0), own, dead, controls=at_best))
    assert verdict.outcome is Outcome.INVALID
    failed = [c.name for c in verdict.components if c.role == "precondition" and not c.passed]
    assert failed == ["native effect: formality"]


@pytest.mark.parametrize("which", ["arm", "native"])
def test_each_arm_must_be_read(scene: Scene, formal: DoseResponse, which: str) -> None:
    """Identical answers prove no equivalence."""
    wrong = {"changed": 0.0}
    own = scene.arm("verbosity", *NATIVE)
    arm = beside(scene, 0.0, **(wrong if which == "arm" else {}))
    native = scene.arm("native", *NATIVE, **(wrong if which == "native" else {}))
    controls = (steers(scene, own), steers(scene, formal))
    verdict = judged(spares(scene, arm, own, replace(native, measure=FORMALITY), controls=controls))
    assert verdict.outcome is Outcome.INVALID
    assert "hook never fired" in verdict.sentence


def test_the_two_sides_of_the_margin_are_by_one_measure(scene: Scene, native: DoseResponse) -> None:
    """A share of what a vector does to words is no margin for formality."""
    with pytest.raises(PrefvecError, match="measured by formality"):
        spares(scene, beside(scene, 0.0), scene.arm("verbosity", *NATIVE), native)


# --------------------------------------------------------------------------------- how it is told


def test_a_spared_trait_has_no_wrong_way(scene: Scene, formal: DoseResponse) -> None:
    """Nothing was to be moved, so no prompt moved the wrong way; its odds are what is told."""
    verdict = judged(spares(scene, beside(scene, 0.0), scene.arm("verbosity", *NATIVE), formal))
    record = verdict.record()
    told = json.dumps(record, ensure_ascii=False, allow_nan=False)
    assert "wrong way" not in told
    assert "the odds of formal over casual cues change by ×" in verdict.sentence
    assert "of native" in verdict.sentence
    assert record["measure"] == "odds of formal over casual cues"
    assert len({line["name"] for line in record["components"]}) == len(record["components"])
