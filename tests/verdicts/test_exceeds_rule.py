"""What the rule `exceeds` gives, over prompts and over other units."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from prefvec.errors import PrefvecError
from prefvec.statistics.power import power_at
from prefvec.text.measures import FORMALITY
from prefvec.verdicts.contrast_rules import assess_exceeds_values
from prefvec.verdicts.criteria import Exceeds
from prefvec.verdicts.doses import DoseResponse
from prefvec.verdicts.planning import plan
from prefvec.verdicts.preconditions import model_check
from prefvec.verdicts.verdict import Outcome, Verdict
from tests.judged import judged
from tests.simulated import NATIVE, NATIVE_ODD, Scene, exceeds, share_of, steers

SUPPORTED, REFUTED, INCONCLUSIVE = Outcome.SUPPORTED, Outcome.REFUTED, Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("share", "than", "outcome"),
    [
        (0.8, 0.2, SUPPORTED),
        (0.2, 0.8, REFUTED),
        (0.5, 0.5, INCONCLUSIVE),
        (0.0, -0.5, SUPPORTED),
    ],
)
def test_exceeding_is_a_difference_in_favour(
    scene: Scene, native: DoseResponse, share: float, than: float, outcome: Outcome
) -> None:
    """More exceeds, less refutes, as much is neither, and nothing exceeds the reverse."""
    arm, other = (scene.arm(name, *share_of(NATIVE, s)) for name, s in (("a", share), ("b", than)))
    verdict = judged(exceeds(scene, arm, other, native))
    assert verdict.outcome is outcome
    assert verdict.sentence.startswith(
        "The odd part of the a vector over that of the b vector is ×"
    )


@pytest.mark.parametrize(
    ("difference", "outcome"), [(0.25, REFUTED), (0.5, INCONCLUSIVE), (0.75, SUPPORTED)]
)
def test_a_margin_must_be_exceeded_too(
    scene: Scene, native: DoseResponse, difference: float, outcome: Outcome
) -> None:
    """With a margin of half of native: a quarter refutes, a half is neither, three are enough."""
    arm, than = scene.arm("a", *share_of(NATIVE, difference)), scene.arm("b")
    criterion = Exceeds(margin=NATIVE_ODD / 2)
    verdict = judged(exceeds(scene, arm, than, native, criterion=criterion))
    assert verdict.outcome is outcome
    assert f"above ×{math.exp(NATIVE_ODD / 2):.2f}" in verdict.components[0].sentence


def test_the_contrast_is_the_effect_and_the_arms_are_shown(
    scene: Scene, native: DoseResponse
) -> None:
    """The effect is the mean difference of odd parts; of the arm are the lines beside it."""
    arm, than = scene.arm("a", *NATIVE), scene.arm("b", *share_of(NATIVE, 0.3))
    verdict = judged(exceeds(scene, arm, than, native))
    assert verdict.effect is not None
    assert verdict.effect.factor == pytest.approx(math.exp((arm.odd - than.odd).mean()))
    assert verdict.effect.what == "the odd part of the a vector over that of the b vector"
    lines = {c.name: c for c in verdict.components}
    assert lines["contrast above its margin"].role == "test"
    assert lines["would refute: contrast below its margin"].role == "shown"
    assert lines["odd part"].estimate == pytest.approx(arm.mean_odd)
    assert lines["odd part of native"].estimate == pytest.approx(native.mean_odd)
    assert json.loads(json.dumps(verdict.record(), allow_nan=False)) == verdict.record()


def test_runs_are_planned_for_half_of_native(scene: Scene, native: DoseResponse) -> None:
    """The planned power is that of the contrast at 0.5 · native; oracle: `power_at`."""
    arm, than = scene.arm("a", *NATIVE), scene.arm("b")
    for margin in (0.0, 0.2):
        assessment = exceeds(scene, arm, than, native, criterion=Exceeds(margin=margin))
        planned = plan(assessment)
        assert planned is not None
        [above] = assessment.support
        assert planned.planned_power == power_at(above, 0.5 * native.mean_odd, 0.05)
        assert planned.record()["unit"] == "prompts"


# ---------------------------------------------------------------------------- what makes it invalid


def test_where_the_targets_own_vector_is_dead_nothing_exceeds(scene: Scene) -> None:
    """However far apart the arms are."""
    arm, than, deaf = scene.arm("a", *NATIVE), scene.arm("b"), scene.arm("native")
    verdict = judged(exceeds(scene, arm, than, deaf))
    assert verdict.outcome is Outcome.INVALID
    assert "own vector was not shown to steer it" in verdict.sentence


def test_native_must_move_in_the_comparison(scene: Scene, native: DoseResponse) -> None:
    """Another arm of the same vector that steers tells nothing of one that does not."""
    arm, than, deaf = scene.arm("a", *NATIVE), scene.arm("b"), scene.arm("native")
    verdict = judged(exceeds(scene, arm, than, deaf, control=steers(scene, native)))
    assert verdict.outcome is Outcome.INVALID
    assert "too little to compare an arm with" in verdict.sentence


@pytest.mark.parametrize("which", ["arm", "than", "native"])
def test_each_arm_must_be_read(scene: Scene, native: DoseResponse, which: str) -> None:
    """A hook that never fired is no arm."""
    wrong = {"changed": 0.0}
    arms = {"arm": NATIVE, "than": (0.0, 0.0), "native": NATIVE}
    made = {
        name: scene.arm(name, *effect, **(wrong if name == which else {}))
        for name, effect in arms.items()
    }
    verdict = judged(exceeds(scene, **made, control=steers(scene, native)))
    assert verdict.outcome is Outcome.INVALID
    assert "hook never fired" in verdict.sentence


def test_arms_by_different_measures_are_not_compared(scene: Scene, native: DoseResponse) -> None:
    """Words against odds of formality is no difference."""
    than = replace(scene.arm("b"), measure=FORMALITY)
    with pytest.raises(PrefvecError, match="measured by words and 'b' by formality"):
        exceeds(scene, scene.arm("a", *NATIVE), than, native)


def test_a_margin_on_another_scale_is_refused(scene: Scene, native: DoseResponse) -> None:
    """Odd parts are no correlations."""
    arm, than = scene.arm("a", *NATIVE), scene.arm("b")
    with pytest.raises(PrefvecError, match="scale='log'"):
        exceeds(scene, arm, than, native, criterion=Exceeds(scale="correlation"))


# --------------------------------------------------------------------------------- over other units


def of_pairs(mean: float, n: int = 12, **how: object) -> Verdict:
    """A verdict on differences of correlations over model pairs, with this mean and spread 0.1."""
    spread = np.linspace(-1, 1, n)
    values = mean + 0.1 * spread / spread.std(ddof=1)
    return judged(
        assess_exceeds_values(
            "foresight",
            values,
            what="rank correlation of one diagnostic minus that of another",
            unit="model pairs",
            criterion=Exceeds(scale="correlation"),
            **how,
        )
    )


@pytest.mark.parametrize(
    ("mean", "outcome"),
    [(0.2, SUPPORTED), (-0.2, REFUTED), (0.0, INCONCLUSIVE)],
)
def test_a_contrast_over_model_pairs_speaks_of_them(mean: float, outcome: Outcome) -> None:
    """Its sentences count model pairs and tell correlations; no factor, no prompts, no words."""
    verdict = of_pairs(mean)
    assert verdict.outcome is outcome
    assert "(12 model pairs)" in verdict.sentence
    assert verdict.effect is None
    assert verdict.measure is None
    record = verdict.record()
    lines = [line[key] for line in record["components"] for key in ("name", "sentence")]
    told = " ".join([verdict.summary(), record["criterion"]["sentence"], *lines, *verdict.notes])
    assert not any(word in told for word in ("prompt", "words", "×", "odd part", "longer"))
    assert {line["scale"] for line in record["components"]} == {"correlation"}
    assert record["power"]["unit"] == "model pairs"
    assert record["power"]["prompts"] == 12


def test_the_mean_is_told_with_its_sign_and_interval() -> None:
    """0.20 ± t(0.975, 11) · 0.1 / √12; oracle: t = 2.201 of the tables, so ± 0.064."""
    verdict = of_pairs(0.2)
    assert verdict.sentence.startswith(
        "Rank correlation of one diagnostic minus that of another is +0.20 [+0.14, +0.26] "
        "(12 model pairs)."
    )


def test_four_units_can_support_nothing_and_say_how_many_more() -> None:
    """Sixteen sign patterns reach no 5 %: p is 1/16, and a fifth pair would make it 1/32."""
    verdict = of_pairs(0.5, n=4)
    assert verdict.outcome is INCONCLUSIVE
    assert verdict.components[0].record()["pvalue"] == 1 / 16
    assert "About 1 more model pair would decide" in verdict.sentence


def test_units_of_two_words_have_a_singular() -> None:
    """One of the “model pairs × concepts” is a “model pair × concept”."""
    values = 0.5 + 0.05 * np.array([-1.0, 0.0, 0.0, 1.0])
    assessment = assess_exceeds_values(
        "x", values, what="x", unit="model pairs × concepts", criterion=Exceeds(margin=0.1)
    )
    assert "1 more model pair × concept would decide" in judged(assessment).sentence


@pytest.mark.parametrize("outcome", [Outcome.INVALID, SUPPORTED])
def test_a_failed_check_leaves_no_contrast(outcome: Outcome) -> None:
    """Preconditions are asked of contrasts over other units too."""
    check = model_check("reads", outcome is SUPPORTED, "It reads.")
    assert of_pairs(0.2, preconditions=[check]).outcome is outcome


@pytest.mark.parametrize("values", [[0.1], [], [0.1, math.nan], [[0.1, 0.2]]])
def test_a_contrast_without_numbers_is_refused(values: list[float]) -> None:
    """It says of what, and does not speak of prompts."""
    with pytest.raises(PrefvecError, match="at least two model pairs") as error:
        assess_exceeds_values("x", values, what="x", unit="model pairs", criterion=Exceeds())
    assert "prompts" not in str(error.value)


@pytest.mark.parametrize("value", [0.3, 0.0, -0.3])
def test_units_that_all_agree_are_judged_by_their_signs(value: float) -> None:
    """Without variance there is no t: p is 2⁻⁸ above, 1 at the margin, and below it is refuted."""
    assessment = assess_exceeds_values(
        "x", np.full(8, value), what="x", unit="model pairs", criterion=Exceeds()
    )
    expected = {0.3: SUPPORTED, 0.0: INCONCLUSIVE, -0.3: REFUTED}[value]
    assert judged(assessment).outcome is expected
    assert assessment.pvalue == {0.3: 1 / 256, 0.0: 1.0, -0.3: 1.0}[value]
