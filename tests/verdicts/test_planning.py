"""Power of a claim's contrasts, and how many more prompts would decide."""

import json

import pytest
from statsmodels.stats.power import TTestPower

from prefvec.verdicts.doses import DoseResponse
from prefvec.verdicts.planning import plan, prompts_to_decide
from prefvec.verdicts.verdict import Outcome
from tests.judged import judged
from tests.simulated import NATIVE, Scene, fails, share_of, works


def test_more_prompts_are_asked_for_where_they_would_decide() -> None:
    """A claim that few prompts just miss says how many more; Holm's correction asks for more."""
    scene = Scene(6, n=16)
    raw, native = scene.arm("raw", 0.15, -0.1), scene.arm("native", *NATIVE)
    assessment = fails(scene, raw, native)
    assert judged(assessment).outcome is Outcome.INCONCLUSIVE
    more = prompts_to_decide(assessment, assessment.pvalue)
    assert more is not None
    assert more > 0
    verdict = judged(assessment)
    assert f"About {more} more prompts would decide" in verdict.sentence
    assert verdict.power is not None
    assert verdict.power["to_decide"].startswith(f"About {more} more prompts would decide, if ")
    assert verdict.power["to_decide"] in verdict.sentence
    corrected = prompts_to_decide(assessment, min(1.0, 3 * assessment.pvalue))
    assert corrected is not None
    assert corrected > more


def test_the_record_of_power_tells_what_a_contrast_could_show(
    scene: Scene, native: DoseResponse
) -> None:
    """Oracle: TTestPower on the per-prompt contrast, told as a share of native."""
    raw = scene.arm("raw")
    power = judged(fails(scene, raw, native)).power
    assert power is not None
    assert json.loads(json.dumps(power, allow_nan=False)) == power
    assert (power["prompts"], power["alpha"], power["power"]) == (96, 0.05, 0.8)
    contrast = raw.odd - 0.25 * native.odd
    effect = TTestPower().solve_power(nobs=96, alpha=0.05, power=0.8, alternative="larger")
    share = 0.25 - float(effect) * contrast.std(ddof=1) / native.odd.mean()
    assert power["minimum_detectable"] == pytest.approx(share, abs=1e-5)
    assert power["told"] == f"{round(100 * share)} % of native or less"
    planned = TTestPower().power(
        0.25 * native.odd.mean() / contrast.std(ddof=1), 96, 0.05, alternative="larger"
    )
    assert power["planned_power"] == pytest.approx(planned)
    assert [c["decides"] for c in power["contrasts"]] == ["support", "refutation"]
    assert power["more_prompts"] is None
    assert power["to_decide"] is None


def test_every_contrast_of_works_has_its_power(scene: Scene, native: DoseResponse) -> None:
    """The one against native first; refutations at a share of α."""
    adapted = scene.arm("adapted", *share_of(NATIVE, 0.8))
    assessment = works(scene, adapted, native, scene.arm("raw"))
    power = plan(assessment)
    assert power is not None
    assert [reach.name for reach in power.contrasts] == [
        "odd part above 50 % of native",
        "longer at the full dose",
        "shorter at its negative",
        "slope over the doses",
        "coherence kept at +c",
        "coherence kept at −c",
        "odd part above raw",
        "odd part below 50 % of native",
        "odd part below ×1.25",
        "coherence lost beyond the margin at +c",
        "coherence lost beyond the margin at −c",
    ]
    assert {reach.alpha for reach in power.contrasts} == {0.05, 0.05 / 4}
    assert power.planned_power == min(
        reach.planned_power for reach in power.contrasts if reach.planned_power is not None
    )
    assert all(0.5 < (reach.planned_power or 1) <= 1 for reach in power.contrasts)


def test_an_inconclusive_claim_carries_the_prompts_that_would_decide() -> None:
    """The number of the sentence is that of the record."""
    scene = Scene(6, n=16)
    raw, native = scene.arm("raw", 0.15, -0.1), scene.arm("native", *NATIVE)
    verdict = judged(fails(scene, raw, native))
    assert verdict.power is not None
    assert f"About {verdict.power['more_prompts']} more prompts" in verdict.sentence
    assert any("plan at least 48" in note for note in verdict.notes)


def test_planned_power_agrees_with_how_often_a_planned_failure_is_supported() -> None:
    """Of 80 simulated failures of raw 0 with 24 prompts, as many as their planned power says."""
    supported, promised = 0, 0.0
    for seed in range(80):
        scene = Scene(seed, n=24)
        assessment = fails(scene, scene.arm("raw"), scene.arm("native", *NATIVE))
        power = plan(assessment)
        if power is None:
            continue
        promised += power.planned_power or 0.0
        supported += assessment.pvalue <= 0.05
    assert promised > 40
    # Binomial error of 80 runs is at most 4.5 of them; sign flips cost a little power.
    assert abs(supported - promised) < 4 * 4.5
