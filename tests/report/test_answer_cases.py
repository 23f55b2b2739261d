"""Answers side by side: those of a typical prompt and sample, and what speaks against a claim."""

import math

import pytest

from prefvec.report import record as records
from prefvec.report.answer_cases import case_views
from prefvec.report.archive import merged, packed
from prefvec.report.claim_answers import by_claim
from prefvec.report.price import price
from tests.sample_claim import sample_claim
from tests.sample_record import sample_claims

PROMPT = "birds-06"


def _answered(counts, **flags):
    """A claim one of whose prompts has answers of these lengths, by arm and dose."""
    claim = sample_claim("x", title="x", kind="works", arms={"native": 0.5, "adapted": 0.3})
    answers = [
        {"arm": arm, "coefficient": c, "prompt": PROMPT, "sample": sample, "text": "word " * count}
        | {"finish_reason": "stop", "coherent": True, "false": []}
        | flags.get(arm if c >= 0 else "", {})
        for (arm, c), lengths in counts.items()
        for sample, count in enumerate(lengths)
    ]
    keys = {"text": "old", "words": 1, "finish_reason": "stop", "coherent": True}
    shown = [{"arm": arm, "coefficient": c, **keys} for arm, c in counts]
    case = {"prompt": PROMPT, "question": "What?", "why": "median", "answers": shown}
    claim |= {"answers": [case], "archive": packed(answers)}
    return records.claim_record(claim)


def _cases(claim):
    return case_views(claim, by_claim(merged([claim]))["x"])


LENGTHS = {
    ("unsteered", 0.0): [2, 11, 30],
    ("adapted", -1.0): [1, 7, 12],
    ("adapted", 1.0): [4, 20, 80],
}


def test_the_sample_nearest_to_its_prompts_means_is_shown_under_every_arm():
    """With the lengths of all samples beside it."""
    (case,) = _cases(_answered(LENGTHS))
    assert case["sample"] == 1
    assert [answer["words"] for answer in case["answers"]] == [7, 11, 20]
    assert [answer["counts"] for answer in case["answers"]] == [
        [1, 7, 12],
        [2, 11, 30],
        [4, 20, 80],
    ]
    assert [answer["dose"] for answer in case["answers"]] == ["−c", "", "+c"]
    assert case["against"] == ""


def test_a_sample_that_speaks_against_its_claim_says_so():
    """It may be the nearest to the means and yet be shorter at +c than at −c."""
    lengths = {("unsteered", 0.0): [9], ("adapted", -1.0): [10], ("adapted", 1.0): [8]}
    (case,) = _cases(_answered(lengths))
    assert case["against"].startswith("This sample speaks against the claim; this prompt's odd")


@pytest.mark.parametrize(
    ("minus", "plain", "plus", "said"),
    [
        (7, 11, 20, ""),
        (7, 11, 11, "the answer at +c is no longer than the unsteered one; this prompt's"),
        (12, 11, 20, "the answer at −c is no shorter than the unsteered one; this prompt's"),
        (5, 5, 5, "at +c is no longer than the unsteered one and that at −c is no shorter"),
    ],
)
def test_a_sample_that_shows_one_way_alone_or_none_says_so(minus, plain, plus, said):
    """A reader looks at one sample, and the claim is about all of them."""
    lengths = {("unsteered", 0.0): [plain], ("adapted", -1.0): [minus], ("adapted", 1.0): [plus]}
    (case,) = _cases(_answered(lengths))
    assert said in case["against"]
    assert bool(said) == bool(case["against"])


def test_a_case_shows_its_question_as_the_model_read_it():
    """By the model's own template; not where an instruction stood above it, nor of old records."""
    claim, model = _answered(LENGTHS), {"name": "m", "role": "target"}
    shown = model | {"question": "What is ice?", "asked": "[INST] What is ice? [/INST]"}
    (case,) = case_views(claim, None, model=shown)
    assert case["asked"] == f"[INST] {case['question']} [/INST]"
    for told in (None, model, shown | {"question": "What is fire?"}):
        assert case_views(claim, None, model=told)[0]["asked"] is None
    on_top = sample_claim("x", title="x", kind="steers", arms={"native, asked positive": 0.4})
    assert all(case["asked"] is None for case in case_views(on_top, None, model=shown))


def test_a_prompt_that_moved_the_wrong_way_says_so():
    """Whatever its answers look like."""
    claim = _answered(LENGTHS)
    main = next(arm for arm in claim["arms"] if arm["name"] == "adapted")
    main["per_prompt"][PROMPT] = {"-1.0": 0.1, "1.0": -0.1}
    (case,) = _cases(claim)
    assert case["against"] == (
        f"It speaks against the claim: this prompt's odd part is ×{math.exp(-0.1):.2f}, "
        "the wrong way."
    )


def test_the_median_prompt_stands_first_and_the_names_are_those_of_readers():
    """Whatever order the record has; no arm goes by a name of the inside."""
    claim = sample_claim("x", title="x", kind="spares", arms={"beside": 0.1, "native": 0.5})
    claim["arms"][0]["label"] = "its own verbosity vector"
    cases = case_views(records.claim_record(claim), None)
    assert [case["why"] for case in cases] == ["median", "moved most", "moved least"]
    named = {answer["named"] for answer in cases[0]["answers"]}
    assert named == {"unsteered", "its own verbosity vector", "native", "a random direction"}


def test_a_record_without_all_answers_shows_those_it_has():
    """As they are, and with no price."""
    (claim, *_) = sample_claims()
    assert len(case_views(claim, None)) == len(claim["answers"])
    assert price(claim, None) == ""


def test_the_price_is_counted_at_plus_c_against_unsteered():
    """What is false, incoherent and cut off; falsehoods only where any was found."""
    bad = {"coherent": False, "finish_reason": "length"}
    claim = _answered(LENGTHS, adapted=bad)
    told = price(claim, by_claim(merged([claim]))["x"])
    assert told == (
        "Price at +c: 100 % are incoherent (0 % unsteered), 100 % are cut off (0 % unsteered)."
    )
    claim = _answered(LENGTHS, adapted={"false": [[0, 2]]})
    told = price(claim, by_claim(merged([claim]))["x"])
    assert told.startswith("Price at +c: 100 % say something false (0 % unsteered), 0 % are inco")
