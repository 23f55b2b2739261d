"""Dose-responses measured from answers."""

import json
import math
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from prefvec.errors import PrefvecError
from prefvec.text.completions import Completion
from prefvec.text.measures import FORMALITY, WORDS
from prefvec.verdicts.answer_table import answer_table
from prefvec.verdicts.answered import dose_response, instruction_effect
from prefvec.verdicts.doses import DOSES, DoseResponse

LENGTHS = {-1.0: 5, -0.5: 8, 0.0: 10, 0.5: 14, 1.0: 21}


def answer(
    prompt: str, sample: int, coefficient: float, length: int, **fields: object
) -> Completion:
    """An answer of so many words."""
    made = Completion(
        prompt=prompt,
        sample=sample,
        text=" ".join(["word"] * length),
        n_tokens=length + 1,
        finish_reason="stop",
        arm="native" if coefficient else "unsteered",
        coefficient=coefficient,
    )
    return replace(made, **fields)  # pyright: ignore[reportArgumentType]


def answers(doses: tuple[float, ...], prompts: int = 3, samples: int = 2) -> list[Completion]:
    """`LENGTHS` words, plus the number of the prompt, plus two for sample 1."""
    return [
        answer(f"p{i}", sample, dose, LENGTHS[dose] + i + 2 * sample)
        for i, dose, sample in product(range(prompts), doses, range(samples))
    ]


def always(_: Completion) -> bool:
    """Every answer is coherent."""
    return True


def test_lengths_are_expected_words_where_there_are_some() -> None:
    """A text that the cap has cut counts for what its path holds; the others as they stand."""
    written = [replace(one, expected_words=7.5) for one in answers((0.0,))]
    table = answer_table(written, WORDS, lambda _: True)
    assert {*table["words"]} == {*table["speaking_for"]} == {7.5}
    measured = dose_response(answers((1.0, -1.0)), written, coherent=always)
    assert measured.effects.loc["p0", 1.0] == pytest.approx(math.log(23 / 8.5))


def test_effects_are_log_ratios_of_mean_lengths() -> None:
    """By hand for prompt p0: means 22 and 11 words, so d(+1) = ln(23 / 12); d(−1) = ln(7 / 12)."""
    measured = dose_response(answers(DOSES), answers((0.0,)), coherent=always)
    assert measured.coefficients == DOSES
    d = measured.effects.loc["p0"]
    assert d[1.0] == pytest.approx(math.log(23 / 12))
    assert d[-1.0] == pytest.approx(math.log(7 / 12))
    assert measured.odd["p0"] == pytest.approx(math.log(23 / 7) / 2)
    assert measured.even["p0"] == pytest.approx(math.log(23 * 7 / 144) / 2)
    assert measured.mean_words[0.0] == pytest.approx(12)
    assert measured.wrong_way.share == 0
    assert measured.changed == 1


@settings(deadline=None, max_examples=40)
@given(st.lists(st.lists(st.integers(0, 400), min_size=9, max_size=9), min_size=2, max_size=6))
def test_effects_on_words_are_logs_of_one_plus_the_mean_bit_for_bit(rows: list[list[int]]) -> None:
    """Blessed effects on words were measured so: ln(1 + mean words) of three answers, no rounding.

    Oracle: numpy's mean over the samples, written out.
    """
    doses = (-1.0, 0.0, 1.0)
    made = [
        answer(f"p{i}", sample, dose, row[3 * k + sample])
        for i, row in enumerate(rows)
        for (k, dose), sample in product(enumerate(doses), range(3))
    ]
    steered = [a for a in made if a.coefficient]
    unsteered = [a for a in made if not a.coefficient]
    logs = np.log1p(np.array(rows, dtype=np.float64).reshape(len(rows), 3, 3).mean(axis=2))
    measured = dose_response(steered, unsteered, coherent=always).effects.to_numpy()
    assert np.array_equal(measured, logs[:, [0, 2]] - logs[:, [1]])


def test_the_slope_is_least_squares_over_all_doses_and_zero() -> None:
    """Oracle: statsmodels OLS with an intercept, through the five points of each prompt."""
    measured = dose_response(answers(DOSES), answers((0.0,)), coherent=always)
    for prompt, row in measured.effects.iterrows():
        fitted = sm.OLS([*row, 0.0], sm.add_constant(np.array([*DOSES, 0.0]))).fit()
        assert measured.slope[prompt] == pytest.approx(fitted.params[1])


def test_the_order_of_answers_does_not_matter() -> None:
    """Answers come from a store in any order."""
    forwards = dose_response(answers(DOSES), answers((0.0,)), coherent=always)
    backwards = dose_response(answers(DOSES)[::-1], answers((0.0,))[::-1], coherent=always)
    pd.testing.assert_frame_equal(forwards.effects, backwards.effects)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(*[st.integers(0, 40)] * 3), min_size=2, max_size=6))
def test_swapping_the_doses_negates_the_odd_part(lengths: list[tuple[int, int, int]]) -> None:
    """And leaves the even part as it is."""

    def measure(sign: float) -> DoseResponse:
        steered = [
            answer(f"p{i}", 0, sign * dose, length)
            for i, (low, _, high) in enumerate(lengths)
            for dose, length in ((-1.0, low), (1.0, high))
        ]
        unsteered = [answer(f"p{i}", 0, 0.0, plain) for i, (_, plain, _) in enumerate(lengths)]
        return dose_response(steered, unsteered, coherent=always)

    straight, swapped = measure(1), measure(-1)
    np.testing.assert_allclose(straight.odd, -swapped.odd, atol=1e-12)
    np.testing.assert_allclose(straight.even, swapped.even, atol=1e-12)
    np.testing.assert_allclose(straight.slope, straight.odd, atol=1e-12)


def test_an_arm_of_fewer_samples_is_compared_with_the_same_samples() -> None:
    """Common random numbers pair sample 0 with sample 0: by hand, d(+1) of p0 = ln(22 / 11)."""
    steered = [a for a in answers((-1.0, 1.0)) if a.sample == 0]
    measured = dose_response(steered, answers((0.0,)), coherent=always)
    assert measured.effects.loc["p0", 1.0] == pytest.approx(math.log(22 / 11))


def test_coherence_is_counted_per_prompt_and_dose_against_unsteered() -> None:
    """By hand: one of p0's two answers at +1 is a loop, none at −1 or unsteered: −1/2 at +1."""
    measured = dose_response(
        answers(DOSES),
        answers((0.0,)),
        coherent=lambda a: (a.prompt, a.sample, a.coefficient) != ("p0", 0, 1.0),
    )
    assert list(measured.coherence_change(1.0)) == [-0.5, 0, 0]
    assert list(measured.coherence_change(-1.0)) == [0, 0, 0]
    assert measured.coherent.loc["p0", 1.0] == 0.5
    assert measured.coherence_loss == pytest.approx(1 / 6)


def test_cut_shares_are_reported_by_dose() -> None:
    """And those of the unsteered answers say whether a factor is attenuated: above a fifth."""
    steered = [
        replace(a, finish_reason="length") if a.coefficient == 1 and a.sample == 0 else a
        for a in answers(DOSES)
    ]
    measured = dose_response(steered, answers((0.0,)), coherent=always)
    assert dict(measured.censored) == {-1: 0, -0.5: 0, 0: 0, 0.5: 0, 1: 0.5}
    assert not measured.attenuated
    plain = answers((0.0,), prompts=5)
    cut = [replace(a, finish_reason="length") for a in plain[:2]] + plain[2:]
    whole = answers((-1.0, 1.0), prompts=5)
    assert not dose_response(whole, cut, coherent=always).attenuated
    cut = [replace(a, finish_reason="length") for a in plain[:3]] + plain[3:]
    assert dose_response(whole, cut, coherent=always).attenuated


def test_words_are_told_as_people_quote_them() -> None:
    """By hand: means of 12, 23 and 7 words; another quality has none to tell."""
    measured = dose_response(answers(DOSES), answers((0.0,)), coherent=always)
    assert measured.words_told == "12 words became 23 at +c and 7 at −c"
    assert replace(measured, measure=FORMALITY).words_told == ""


def test_shifts_of_going_on_stand_by_prompt() -> None:
    """In the order of the effects; a prompt without one is nan, and left out of the mean."""
    shifts = pd.Series({"p2": 0.6, "p0": 0.2})
    measured = dose_response(answers(DOSES), answers((0.0,)), coherent=always, going_on=shifts)
    assert measured.going_on is not None
    assert measured.going_on.isna().to_list() == [False, True, False]
    assert measured.record()["going_on"]["estimate"] == pytest.approx(0.4)


def test_identical_answers_are_noticed() -> None:
    """A hook that never fired leaves every text as it was."""
    steered = [answer(a.prompt, a.sample, c, 10) for a in answers((0.0,)) for c in (-1.0, 1.0)]
    plain = [replace(a, text=" ".join(["word"] * 10)) for a in answers((0.0,))]
    assert dose_response(steered, plain, coherent=always).changed == 0


def test_any_quality_can_be_measured() -> None:
    """Characters instead of words: by hand, p0 at +1: 104 and 114 characters against 49 and 59."""
    characters = replace(WORDS, name="characters", count=lambda a: (float(len(a.text)), 0.0))
    measured = dose_response(answers(DOSES), answers((0.0,)), coherent=always, measure=characters)
    assert measured.measure is characters
    assert measured.effects.loc["p0", 1.0] == pytest.approx(math.log((1 + 109) / (1 + 54)))


def test_only_a_measure_that_may_fail_leaves_answers_out() -> None:
    """A judge's marks may be unreadable; that of any other measure is a fault, and no zero."""

    def counts(answer: Completion) -> tuple[float, float]:
        failed = (answer.prompt, answer.sample) == ("p1", 1) and answer.coefficient > 0
        return (math.nan if failed else float(len(answer.text))), 0.0

    fallible = replace(WORDS, name="fallible", count=counts, unread=True)
    told = dose_response(answers(DOSES), answers((0.0,)), coherent=always, measure=fallible)
    assert bool(told.effects.notna().all(axis=None))
    strict = replace(fallible, unread=False)
    with pytest.raises(PrefvecError, match="'fallible' gave no number"):
        dose_response(answers(DOSES), answers((0.0,)), coherent=always, measure=strict)


@pytest.mark.parametrize(
    ("steered", "unsteered", "says"),
    [
        ([], answers((0.0,)), "no answers"),
        (answers(DOSES), [], "no answers"),
        (answers(DOSES)[:-1], answers((0.0,)), "is missing"),
        (answers(DOSES), answers((0.0,))[:-1], "is missing"),
        (answers(DOSES) + answers(DOSES)[:1], answers((0.0,)), "stands twice"),
        (answers(DOSES, prompts=4), answers((0.0,)), "lacks"),
        (answers(DOSES), answers((0.0,), prompts=4), "is missing"),
        (answers((-1.0, 0.5)), answers((0.0,)), "negative"),
        (answers((-1.0, 0.0, 1.0)), answers((0.0,)), "several|one arm|coefficient 0"),
        (answers(DOSES), answers((0.5,)), "coefficient 0"),
        ([*answers((-1.0,)), *[replace(a, arm="raw") for a in answers((1.0,))]], [], "answers"),
    ],
)
def test_incomplete_answers_are_refused(
    steered: list[Completion], unsteered: list[Completion], says: str
) -> None:
    """A hole in the answers would shift a mean unnoticed."""
    with pytest.raises(PrefvecError, match=says):
        dose_response(steered, unsteered, coherent=always)


def test_two_arms_at_once_are_refused() -> None:
    """A dose-response is of one arm."""
    mixed = [*answers((-1.0,)), *[replace(a, arm="raw") for a in answers((1.0,))]]
    with pytest.raises(PrefvecError, match=r"native.*raw"):
        dose_response(mixed, answers((0.0,)), coherent=always)


def test_prompts_carry_their_clusters() -> None:
    """And one without is an error."""
    clusters = {"p0": "heron", "p1": "heron", "p2": "swan"}
    measured = dose_response(answers(DOSES), answers((0.0,)), coherent=always, clusters=clusters)
    assert measured.clusters is not None
    assert dict(measured.clusters) == clusters
    with pytest.raises(PrefvecError, match="p2"):
        dose_response(
            answers(DOSES), answers((0.0,)), coherent=always, clusters={"p0": "a", "p1": "a"}
        )


def test_the_record_is_plain_json() -> None:
    """Numbers of the record are those of the tables; dose 0 is no change."""
    measured = dose_response(answers(DOSES), answers((0.0,)), coherent=always, label="own")
    record = measured.record(site={"layer": 2, "point": "resid_post"}, relative_norm=0.5)
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert record["odd"]["estimate"] == pytest.approx(measured.mean_odd)
    assert [dose["coefficient"] for dose in record["doses"]] == [-1, -0.5, 0, 0.5, 1]
    assert record["doses"][2]["factor"] == 1
    assert record["per_prompt"]["p1"]["0.5"] == measured.effects.loc["p1", 0.5]


def test_asking_for_length_is_a_log_ratio_too() -> None:
    """By hand: prompts of mean 11, 12, 13 words; asked, 21, 22, 23."""
    asked = [answer(a.prompt, a.sample, 0.0, len(a.text.split()) + 10) for a in answers((0.0,))]
    effect = instruction_effect(asked, answers((0.0,)))
    by_hand = np.mean([math.log(22 / 12), math.log(23 / 13), math.log(24 / 14)])
    assert effect.estimate == pytest.approx(by_hand)
    with pytest.raises(PrefvecError, match="different prompts"):
        instruction_effect(asked[:-2], answers((0.0,)))


def test_lengths_of_single_answers_are_kept_for_the_hazard() -> None:
    """One row per answer, the unsteered of the same samples included, with tokens and the cap."""
    steered = [
        replace(a, finish_reason="length") if a.coefficient == 1 else a
        for a in answers(DOSES)
        if a.sample == 0
    ]
    measured = dose_response(steered, answers((0.0,)), coherent=always)
    assert measured.lengths is not None
    assert list(measured.lengths.columns) == ["prompt", "coefficient", "n_tokens", "censored"]
    assert len(measured.lengths) == 3 * 5
    rows = measured.lengths.set_index(["prompt", "coefficient"])
    assert rows.loc[("p1", 1.0), "n_tokens"] == LENGTHS[1.0] + 1 + 1
    assert dict(rows.loc["p1", "censored"]) == {-1: 0, -0.5: 0, 0: 0, 0.5: 0, 1: 1}
    assert measured.most_censored == 1
    hazard = measured.ending_hazard
    assert hazard is not None
    assert (hazard.ended, hazard.censored) == (12, 3)


def test_the_hazard_is_computed_only_when_asked_for() -> None:
    """A search measures hundreds of arms, and fits no survival model for them."""
    measured = dose_response(answers(DOSES), answers((0.0,)), coherent=always)
    assert "ending_hazard" not in vars(measured)


def test_coherence_is_told_at_each_dose() -> None:
    """By hand: of six answers at +1 one is a loop: −50 points for one of three prompts."""
    measured = dose_response(
        answers(DOSES),
        answers((0.0,)),
        coherent=lambda a: (a.prompt, a.sample, a.coefficient) != ("p0", 0, 1.0),
    )
    assert measured.coherence_at(1.0).estimate == pytest.approx(-1 / 6)
    assert measured.coherence_at(-1.0).estimate == 0
    assert measured.coherence_at(1.0).unit == "points"
