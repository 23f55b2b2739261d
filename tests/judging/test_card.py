"""The card finds what is known of scripted judges: how often they err, and how they lean."""

import math
import statistics
from dataclasses import replace

import numpy as np
import pytest

from prefvec.errors import PrefvecError
from prefvec.judging.accuracy import area, area_lower, kappa, kappa_lower
from prefvec.judging.bench import Bench
from prefvec.judging.biases import length_bias
from prefvec.judging.card import card_of
from prefvec.judging.replies import ReplyStore
from prefvec.judging.scripted import truth_of
from tests.scripted_judges import RUBRICS, ScriptedJudge, labelled


def _card(n=96, *, answers=None, higher=1, **judge):
    answers = labelled(n, seed=judge.get("seed", 0)) if answers is None else answers
    with ReplyStore(":memory:") as store:
        bench = Bench(ScriptedJudge(truth=truth_of(answers), **judge), store)
        return card_of(bench, answers, RUBRICS.first, higher)


def test_a_faultless_judge_passes():
    """Bounds stay below 1 for want of answers, and no bias is found."""
    card = _card()
    assert card.passed
    assert card.biases == ()
    assert card.area == pytest.approx(1)
    assert 0.95 < card.area_lower < 1
    assert 0.9 < card.kappa_lower < 1
    assert card.sensitivity.share == card.specificity.share == 1
    assert card.flips == 0


def test_accuracy_is_found():
    """Sensitivity and specificity are the accuracy, κ is 2 · accuracy − 1 at even margins."""
    card = _card(250, accuracy=0.8)
    assert card.sensitivity.share == pytest.approx(0.8, abs=0.06)
    assert card.specificity.share == pytest.approx(0.8, abs=0.06)
    assert card.kappa == pytest.approx(0.6, abs=0.08)
    assert not card.passed
    assert "κ" in card.sentence


@pytest.mark.parametrize(("accuracy", "passes"), [(0.97, True), (0.7, False), (0.5, False)])
def test_the_card_separates_good_judges_from_bad_ones(accuracy, passes):
    """A judge that is right in 97 % passes, one that is in 70 % or 50 % fails."""
    assert {_card(accuracy=accuracy, seed=seed).passed for seed in range(4)} == {passes}


@pytest.mark.parametrize("first", [0.3, 0.6])
def test_position_bias_is_found(first):
    """A judge that prefers the first answer unseen in a share f of pairs leans by f / 2."""
    card = _card(200, first=first)
    assert "position" in card.biases
    assert card.position.estimate.estimate == pytest.approx(first / 2, abs=0.06)
    assert card.flips > 0


def test_length_bias_is_found():
    """A judge that gives half a mark for a doubled length has a slope of an eighth of the scale."""
    card = _card(200, length=0.5)
    assert card.biases == ("length",)
    assert card.length.estimate.estimate == pytest.approx(0.5 / 4, abs=0.03)


def test_answers_of_one_length_tell_nothing_of_a_length_bias():
    """It is not measured, and the card is whole without it."""
    answers = [replace(each, words=20.0) for each in labelled(96)]
    card = _card(answers=answers)
    assert card.passed
    assert card.length is None
    assert ("length bias", "not measured", "") in card.rows()


def test_answers_to_one_prompt_tell_nothing_of_a_length_bias():
    """Errors are clustered by prompt, and of one cluster nobody can tell how far it may be off."""
    marks, poles = np.linspace(0, 1, 40), np.arange(40) % 2 == 0
    words = np.geomspace(10, 200, 40)
    assert length_bias(marks, poles, words, ["a"] * 40) is None
    assert length_bias(marks, poles, words, ["a"] * 20 + ["b"] * 20) is not None


def test_a_judge_of_length_alone_is_told_at_equal_length():
    """Where positive answers are longer it tells the poles apart, and among equals it cannot."""

    class Ruler(ScriptedJudge):
        def likes(self, text):
            return 2 + 2 * math.log2(len(text.split()) / 30)

    answers = labelled(150, longer=2.5)
    with ReplyStore(":memory:") as store:
        card = card_of(Bench(Ruler(truth=truth_of(answers)), store), answers, RUBRICS.first, 1)
    assert card.area > 0.9
    assert card.equal_length.area == pytest.approx(0.5, abs=0.12)
    assert "length" in card.biases
    knowing = _card(answers=answers)
    assert knowing.equal_length.area == pytest.approx(1)
    assert knowing.length is not None
    assert not knowing.length.found


@pytest.mark.parametrize("seed", range(3))
def test_biases_that_are_not_there_are_not_found(seed):
    """At 5 % each a judge without bias seldom has one called; one too small is called none."""
    assert _card(seed=seed, accuracy=0.95).biases == ()


def test_reversed_marks_fail_unless_the_trait_says_so():
    """High marks for the negative pole: the area is 0, or 1 where that is what is asked."""
    answers = labelled(60)
    turned = {text: not positive for text, positive in truth_of(answers).items()}
    with ReplyStore(":memory:") as store:
        bench = Bench(ScriptedJudge(truth=turned), store)
        assert not card_of(bench, answers, RUBRICS.first, 1).passed
        assert card_of(bench, answers, RUBRICS.first, -1).passed


def test_marks_that_cannot_be_read_fail_the_card():
    """Ten per cent are too many, and they are no low marks: accuracy is of the others."""
    card = _card(200, garbled=0.1)
    assert not card.passed
    assert "could not be read" in card.sentence
    assert card.answers < 400
    assert card.area == pytest.approx(1)


def test_marks_that_cannot_be_read_are_counted_whatever_type_a_label_is_of():
    """Labels come from arithmetic, too: a boolean of numpy is one as any other."""
    answers = [replace(each, positive=np.bool_(each.positive)) for each in labelled(200)]
    card = _card(answers=answers, garbled=0.1)
    assert not card.passed
    assert [asked for _, asked in card.failures.by_arm.values()] == [200, 200]
    assert sum(failed for failed, _ in card.failures.by_arm.values()) == 400 - card.answers > 0


def test_what_was_not_measured_has_no_bound():
    """A row of the card says it once."""
    (area_row,) = [row for row in _card(garbled=1.0).rows() if row[0] == "ROC-AUC"]
    assert area_row[1] == "not measured"


def test_a_judge_that_never_marks_fails_with_its_reason():
    """Nothing is measured, and nothing is made up."""
    card = _card(garbled=1.0)
    assert not card.passed
    assert card.answers == 0
    assert math.isnan(card.area)
    first, then = card.reasons
    assert first.startswith("Of the positive pole")
    assert "could not be read" in first
    assert then.startswith("Too few marks could be read to tell the poles apart")


def test_a_labelled_set_that_cannot_tell_is_refused():
    """Too few prompts, or one pole alone."""
    with pytest.raises(PrefvecError, match="cannot tell how good a judge is"):
        _card(5)
    with pytest.raises(PrefvecError, match="cannot tell how good a judge is"):
        _card(answers=[each for each in labelled(40) if each.positive])


def _draws(n, separation, seeds):
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        labels = np.repeat([True, False], n)
        prompts = [f"p{k}" for k in range(n)] * 2
        shared = np.tile(rng.normal(scale=0.5, size=n), 2)
        yield rng.normal(size=2 * n) + shared + separation * labels, labels, prompts


def test_the_bound_of_the_area_covers():
    """Of 200 labelled sets the bound lies above the truth in about 5 % or fewer.

    Oracle: the area of two normal distributions is Φ(separation / √(2 · variance)).
    """
    separation = 2.0
    truth = statistics.NormalDist().cdf(separation / math.sqrt(2 * (1 + 0.25)))
    wrong = [
        area_lower(scores, labels, prompts) > truth
        for scores, labels, prompts in _draws(40, separation, 200)
    ]
    assert np.mean(wrong) <= 0.08


def test_the_bound_of_kappa_covers():
    """Likewise, for a judge that is right in 85 %: κ is 0.7 at even margins."""
    wrong = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        labels = np.repeat([True, False], 40)
        judged = labels ^ (rng.random(80) >= 0.85)
        wrong.append(kappa_lower(judged, labels, [f"p{k}" for k in range(40)] * 2) > 0.7)
    assert np.mean(wrong) <= 0.08


def test_known_values():
    """Oracles: κ by hand, (4/6 − 4/9) / (1 − 4/9); the area of scikit-learn's documentation."""
    judged = np.array([False, False, True, False, False, True])
    given = np.array([True, False, True, True, False, True])
    assert kappa(judged, given) == pytest.approx(0.4)
    scores = np.array([0.1, 0.4, 0.35, 0.8])
    assert area(scores, np.array([False, False, True, True])) == pytest.approx(0.75)
