"""The co-primary of claims about real models: the log-odds of going on at sentence ends."""

from dataclasses import replace

import numpy as np
import pytest

from prefvec.errors import PrefvecError
from prefvec.verdicts.assessment import Assessment
from prefvec.verdicts.criteria import Steers, Works
from prefvec.verdicts.doses import DoseResponse
from prefvec.verdicts.rules import assess_steers
from prefvec.verdicts.sizes import going_on_rises, sizes
from prefvec.verdicts.verdict import Outcome
from tests.judged import judged
from tests.simulated import NATIVE, Scene, share_of, works

SUPPORTED, REFUTED, INCONCLUSIVE = Outcome.SUPPORTED, Outcome.REFUTED, Outcome.INCONCLUSIVE
BOTH = Steers(going_on_at_least=0.5)


def real(scene: Scene, arm: DoseResponse, criterion: Steers = BOTH) -> Assessment:
    """A claim about a real model that a vector steers it."""
    return assess_steers(
        "steers",
        arm,
        controls=scene.controls(kinds=1),
        criterion=criterion,
        identity_holds=True,
    )


@pytest.mark.parametrize(("shift", "outcome"), [(1.5, SUPPORTED), (0.35, INCONCLUSIVE)])
def test_both_primaries_must_reach_their_size(scene: Scene, shift: float, outcome: Outcome) -> None:
    """A factor of ×2 with a shift of a third of a nat is not supported, nor refuted."""
    verdict = judged(real(scene, scene.arm("native", *NATIVE, going_on=shift)))
    assert verdict.outcome is outcome
    if outcome is INCONCLUSIVE:
        assert "a shift of going on of at least ×1.65" in verdict.sentence
    names = [line.name for line in verdict.components]
    assert "odds of going on raised" in names
    assert "shift of going on large enough to matter" in names


def test_a_shift_that_is_not_above_nothing_is_not_supported(scene: Scene) -> None:
    """Significance is asked for besides the size."""
    verdict = judged(real(scene, scene.arm("native", *NATIVE, going_on=0.0)))
    assert verdict.outcome is INCONCLUSIVE
    assert "odds of going on raised" in verdict.sentence


def test_of_shorter_answers_the_odds_are_those_of_ending(scene: Scene) -> None:
    """The words are the measure's; the size is the same."""
    longer = scene.arm("native", *NATIVE, going_on=1.5)
    shorter = replace(longer, measure=longer.measure.reversed())
    for arm, what in ((longer, "going on"), (shorter, "ending")):
        (rises,) = going_on_rises(arm, BOTH)
        assert rises.name == f"odds of {what} raised"
        assert sizes(arm, BOTH)[1].name == f"a shift of {what}"


def test_where_answers_are_cut_off_d_is_not_asked_of_the_factor(scene: Scene) -> None:
    """×1.2 within a cap that ends half of the answers says little of its size."""
    weak = scene.arm("native", 0.18, -0.18, going_on=1.5)
    cut = replace(weak, censored=weak.censored + 0.5)
    assert judged(real(scene, weak)).outcome is not SUPPORTED
    verdict = judged(real(scene, cut))
    assert verdict.outcome is SUPPORTED
    assert "odd part large enough to matter" not in [line.name for line in verdict.components]
    assert judged(real(scene, cut, Steers())).outcome is not SUPPORTED


def test_what_refutes_is_then_the_co_primary(scene: Scene) -> None:
    """A factor that the cap holds down refutes nothing; a shift below its size does."""
    flat = scene.arm("native", 0.1, -0.1, going_on=0.2)
    cut = replace(flat, censored=flat.censored + 0.5)
    verdict = judged(real(scene, cut))
    assert verdict.outcome is REFUTED
    assert "odds of going on changed by less than ×1.65" in verdict.sentence


@pytest.mark.parametrize(("shift", "outcome"), [(1.4, SUPPORTED), (0.6, INCONCLUSIVE)])
def test_a_transfer_must_do_half_of_native_in_both(
    scene: Scene, shift: float, outcome: Outcome
) -> None:
    """Two fifths of the target's own shift is not above half."""
    native = scene.arm("native", *NATIVE, going_on=1.5)
    adapted = scene.arm("adapted", *share_of(NATIVE, 0.9), going_on=shift)
    criterion = Works(going_on_at_least=0.5)
    assessment = works(scene, adapted, native, scene.arm("raw"), criterion=criterion)
    assert judged(assessment).outcome is outcome
    names = [part.name for part in assessment.support]
    part = assessment.support[names.index("shift of going on above 50 % of native")]
    assert adapted.going_on is not None
    assert native.going_on is not None
    assert part.values == pytest.approx((adapted.going_on - 0.5 * native.going_on).to_numpy())


def test_prompts_without_a_sentence_end_are_left_out(scene: Scene) -> None:
    """Of both arms of a contrast."""
    native = scene.arm("native", *NATIVE, going_on=1.5)
    adapted = scene.arm("adapted", *NATIVE, going_on=1.5)
    assert native.going_on is not None
    assert adapted.going_on is not None
    ours, theirs = adapted.going_on.copy(), native.going_on.copy()
    ours.iloc[0] = theirs.iloc[1] = np.nan
    assessment = works(
        scene,
        replace(adapted, going_on=ours),
        replace(native, going_on=theirs),
        criterion=Works(going_on_at_least=0.5),
    )
    needed = {part.name: part.values.size for part in assessment.support}
    assert needed["odds of going on raised"] == 95
    assert needed["shift of going on above 50 % of native"] == 94
    assert assessment.outcome(assessment.pvalue) is SUPPORTED


def test_a_shift_that_is_not_asked_for_is_shown(scene: Scene) -> None:
    """And decides nothing; one that is asked for must be there."""
    arm = scene.arm("native", *NATIVE, going_on=0.0)
    verdict = judged(real(scene, arm, Steers()))
    assert verdict.outcome is SUPPORTED
    [line] = [c for c in verdict.components if "going on" in c.name]
    assert line.role == "shown"
    with pytest.raises(PrefvecError, match="none was measured"):
        real(scene, scene.arm("native", *NATIVE))
