"""Verdicts: their lines, their sentences and their records."""

import json
import re
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from prefvec.text.measures import FORMALITY
from prefvec.verdicts.assessment import not_applicable
from prefvec.verdicts.controls import Controls
from prefvec.verdicts.criteria import Fails
from prefvec.verdicts.doses import DoseResponse
from prefvec.verdicts.verdict import Outcome
from prefvec.verdicts.wording import conclude
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


def test_coherence_is_shown_at_either_dose_and_of_native(
    scene: Scene, native: DoseResponse
) -> None:
    """Those of the claim's arm are tested too: with one more prompt that lost 30 points, untold."""
    arm = scene.arm("adapted", *NATIVE, coherent=0.9)
    lines = {c.name: c for c in judged(works(scene, arm, native, scene.arm("raw"))).components}
    for dose, at in (("+1", "+c"), ("−1", "−c")):
        shown = lines[f"coherence difference at {dose}"].estimate
        kept = lines[f"coherence kept at {at}"]
        assert kept.estimate == shown
        assert kept.tested is not None
        assert kept.tested.tested[:-1] == pytest.approx(kept.tested.values)
        assert kept.tested.tested[-1] == -0.3
    for dose, column in (("+1", 1.0), ("−1", -1.0)):
        shown = lines[f"coherence difference of native at {dose}"]
        difference = (native.coherent[column] - native.coherent[0.0]).mean()
        assert shown.role == "shown"
        assert shown.estimate == pytest.approx(difference)


def with_lengths(arm: DoseResponse, log_ratio: float, seed: int = 0) -> DoseResponse:
    """The arm with answers whose hazard of ending has this ratio for one unit of coefficient."""
    rng = np.random.default_rng(seed)
    rows = [
        (prompt, dose, int(length), 0)
        for prompt in arm.effects.index[:40]
        for dose in (-1.0, -0.5, 0.0, 0.5, 1.0)
        for length in rng.exponential(60 / np.exp(log_ratio * dose), size=3)
    ]
    columns = ["prompt", "coefficient", "n_tokens", "censored"]
    return replace(arm, lengths=pd.DataFrame(rows, columns=columns))


def test_the_hazard_of_ending_is_shown_and_decides_nothing(
    scene: Scene, native: DoseResponse
) -> None:
    """Longer answers end later: a ratio below 1, its p in the record, no note where both agree."""
    verdict = judged(steers(scene, with_lengths(native, -0.6)))
    [line] = [c for c in verdict.components if c.name == "hazard of ending"]
    assert (line.role, line.passed) == ("shown", None)
    assert line.high is not None
    assert line.high < 0
    assert line.record()["pvalue"] == line.pvalue
    assert "hazard ratio of ending of 0." in line.sentence
    assert not any("hazard" in note for note in verdict.notes)
    plain = judged(steers(scene, native))
    assert (plain.outcome, plain.sentence) == (verdict.outcome, verdict.sentence)


@pytest.mark.parametrize(
    ("log_ratio", "says"), [(0.6, "significantly shortens"), (0.0, "no significant change")]
)
def test_a_hazard_that_tells_another_story_is_noted(
    scene: Scene, native: DoseResponse, log_ratio: float, says: str
) -> None:
    """The odd part lengthens; a hazard that shortens, or shows nothing, is flagged."""
    notes = judged(steers(scene, with_lengths(native, log_ratio))).notes
    assert any("hazard" in note and says in note for note in notes)


def test_answers_that_all_hit_the_cap_have_no_hazard_but_a_sentence(
    scene: Scene, native: DoseResponse
) -> None:
    """The line says why there is no number, and its record is JSON."""
    lengths = with_lengths(native, 0.0).lengths
    assert lengths is not None
    capped = replace(native, lengths=lengths.assign(censored=1))
    [line] = [c for c in judged(steers(scene, capped)).components if c.name == "hazard of ending"]
    assert "no hazard ratio" in line.sentence
    assert line.record()["estimate"] is None


def test_paired_t_and_signflip_apart_are_flagged() -> None:
    """Twelve prompts, one far out: t sees too much variance, the sign flips do not.

    By hand: every pattern that flips a prompt lowers the sum, so the sign-flip p is 2⁻¹².
    """
    scene = Scene(2, n=12)
    arm = scene.arm("native", *NATIVE)
    effects = arm.effects.copy()
    effects[1.0] = [0.02] * 11 + [3.0]
    verdict = judged(steers(scene, replace(arm, effects=effects)))
    lines = {c.name: c.record() for c in verdict.components}
    line = lines["longer at the full dose"]
    assert line["pvalue_signflip"] == 2.0**-12
    assert line["pvalue_t"] > 0.05
    assert line["signflip_disagrees"] is True
    assert lines["shorter at its negative"]["signflip_disagrees"] is False
    assert any("sign-flip permutation one is significant" in note for note in verdict.notes)


def test_sentences_of_all_five_outcomes_say_what_and_why(
    scene: Scene, native: DoseResponse
) -> None:
    """Effect with interval and prompts; what showed, refuted or lacked; what would change it."""
    raw, adapted = scene.arm("raw"), scene.arm("adapted", *share_of(NATIVE, 0.9))
    said = {
        "supported": judged(works(scene, adapted, native, raw)).sentence,
        "refuted": judged(fails(scene, adapted, native)).sentence,
        "inconclusive": judged(steers(scene, scene.arm("native", 0.7, 0.0))).sentence,
        "invalid": judged(steers(scene, scene.arm("native", changed=0.0))).sentence,
        "not applicable": judged(not_applicable("raw", Fails(), "Widths differ")).sentence,
    }
    for outcome in ("supported", "refuted", "inconclusive"):
        assert re.search(r"change by ×\d\.\d\d \[\d\.\d\d, \d\.\d\d\]", said[outcome])
        assert "(odd part, 96 prompts)" in said[outcome]
        assert "of the prompts moved the wrong way" in said[outcome]
    assert re.search(r"All criteria met; weakest: .* Holm p", said["supported"])
    assert re.search(
        r"Refuted by: odd part above 25 % of native .* at level 0\.05", said["refuted"]
    )
    assert "Not shown: shorter at its negative" in said["inconclusive"]
    assert re.search(r"prompts would decide", said["inconclusive"])
    assert "hook never fired" in said["invalid"]
    assert said["not applicable"] == "Widths differ."


def test_a_sentence_for_want_of_a_way_out_says_why(scene: Scene, native: DoseResponse) -> None:
    """A control in the way: no number of prompts decides."""
    strong = scene.control("random-x", *share_of(NATIVE, 1.2))
    blocked = Controls(random=(*scene.controls(kinds=1).random[2:], strong, strong))
    assert "a control stands in the way" in judged(steers(scene, native, blocked)).sentence


def test_methods_that_disagree_are_no_news_of_an_invalid_claim() -> None:
    """Nothing follows from its tests; the record keeps the flags of each line."""
    scene = Scene(2, n=12)
    arm = scene.arm("native", *NATIVE, changed=0.0)
    effects = arm.effects.copy()
    effects[1.0] = [0.02] * 11 + [3.0]
    verdict = judged(steers(scene, replace(arm, effects=effects)))
    assert verdict.outcome is Outcome.INVALID
    assert verdict.notes == ()
    lines = {c.name: c.record() for c in verdict.components}
    assert lines["longer at the full dose"]["signflip_disagrees"] is True


def test_no_line_is_at_odds_with_its_own_interval(scene: Scene, native: DoseResponse) -> None:
    """A one-sided test has a one-sided 95 % limit: what paired t shows lies beyond it, and no more.

    Oracle: the mean and its t quantile.
    """
    adapted = scene.arm("adapted", *share_of(NATIVE, 0.56))
    for line in judged(works(scene, adapted, native, scene.arm("raw"))).components:
        if line.tested is None:
            continue
        above = line.alternative == "greater"
        limit, other = (line.low, line.high) if above else (line.high, line.low)
        assert other is None
        assert limit is not None
        assert line.threshold is not None
        values = line.tested.tested
        error = values.std(ddof=1) / np.sqrt(values.size)
        reach = stats.t.ppf(0.95, values.size - 1) * error
        by_hand = values.mean() + (-reach if above else reach)
        assert limit == pytest.approx(by_hand)
        beyond = limit > line.threshold if above else limit < line.threshold
        assert beyond == ((line.tested.pvalue_t or 0.0) < 0.05)
        assert ("at least" if above else "at most") in line.sentence


def test_words_stand_beside_the_factor(scene: Scene, native: DoseResponse) -> None:
    """What people quote: so many words became so many, at either dose."""
    sentence = judged(steers(scene, native)).sentence
    words = r"28 words became \d+ at \+c and \d+ at −c; words per answer change by"
    assert re.search(words, sentence)
    formal = replace(native, measure=FORMALITY)
    assert "words became" not in judged(steers(scene, formal)).sentence


def test_a_control_that_lacks_is_told_with_its_numbers(scene: Scene, native: DoseResponse) -> None:
    """What was needed and measured, inside the sentence of the verdict."""
    strong = scene.control("random-x", *share_of(NATIVE, 1.2))
    blocked = Controls(random=(*scene.controls(kinds=1).random[2:], strong, strong))
    sentence = judged(steers(scene, native, blocked)).sentence
    assert re.search(
        r"beyond random directions \(needed p_chance of at most 0.05 .*×\d.*0\.075", sentence
    )
