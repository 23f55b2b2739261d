"""The share of false sentences, where somebody knows what is so."""

from dataclasses import replace

import pytest

from prefvec.text.completions import Completion
from prefvec.verdicts.answered import dose_response
from prefvec.verdicts.doses import DoseResponse
from tests.judged import judged
from tests.simulated import Scene, steers
from tests.verdicts.test_doses import always, answer


def counted(one: Completion) -> tuple[int, int]:
    """By dose, in every answer: none of one at −1, one of four unsteered, two of five at +1."""
    return {-1.0: (0, 1), 0.0: (1, 4), 1.0: (2, 5)}[one.coefficient]


def measured(**fields: object) -> DoseResponse:
    """Two prompts, one sample of each; one more of the unsteered ones, which has no partner."""
    steered = [answer(f"p{i}", 0, dose, 5) for i in (0, 1) for dose in (-1.0, 1.0)]
    plain = [answer(f"p{i}", sample, 0.0, 5) for i in (0, 1) for sample in (0, 1)]
    return dose_response(steered, plain, coherent=always, **fields)  # pyright: ignore


def test_shares_are_of_sentences_by_dose() -> None:
    """By hand; and in the record at each dose."""
    doses = measured(false_sentences=counted)
    assert doses.false is not None
    assert doses.false.to_dict() == {-1.0: 0.0, 0.0: 0.25, 1.0: 0.4}
    assert doses.false_told == "25 % of the sentences are false, 40 % at +c and 0 % at −c"
    told = {dose["coefficient"]: dose["false"] for dose in doses.record()["doses"]}
    assert told == {-1.0: 0.0, 0.0: 0.25, 1.0: 0.4}


def test_a_sample_without_a_steered_partner_is_left_out() -> None:
    """As its words are: what is compared is of the same samples."""
    of_second = lambda one: (9, 9) if one.sample else counted(one)  # noqa: E731
    assert (
        measured(false_sentences=of_second).false_told
        == measured(false_sentences=counted).false_told
    )


def test_where_nobody_knows_nothing_is_told() -> None:
    """Neither where no truth is known, nor where an arm holds no sentence that can be read."""
    assert measured().false is None
    assert measured().false_told == ""
    silent = measured(false_sentences=lambda one: (0, int(one.coefficient < 1)))
    assert silent.false_told == ""
    assert [dose["false"] for dose in silent.record()["doses"]][-1] is None


def test_it_stands_in_the_sentence_of_the_claim(scene: Scene, native: DoseResponse) -> None:
    """After the words and before the factor; nothing of it without a truth."""
    known = measured(false_sentences=counted).false
    sentence = judged(steers(scene, replace(native, false=known))).sentence
    assert (
        " at −c; 25 % of the sentences are false, 40 % at +c and 0 % at −c; words per" in sentence
    )
    assert "false" not in judged(steers(scene, native)).sentence


@pytest.mark.parametrize("coefficient", [-1.0, 1.0])
def test_either_dose_is_told(coefficient: float) -> None:
    """What +c says is not told of −c."""
    only = measured(false_sentences=lambda one: (int(one.coefficient == coefficient), 1))
    assert only.false_told.count("100 %") == 1
    at = {1.0: "100 % at +c", -1.0: "100 % at −c"}[coefficient]
    assert at in only.false_told
