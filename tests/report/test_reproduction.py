"""The same inputs give the same thing, or the claim fails: cell, dose, direction and odd part."""

import copy
import math

import pytest

from prefvec.pytest_plugin.claim_log import ClaimLog
from prefvec.report import findings
from prefvec.report.blessing import conditions_of, finding_of
from prefvec.report.comparison import compare
from prefvec.report.directions import written
from prefvec.report.record import claim_record
from prefvec.report.reproduction import same_inputs
from tests.sample_claim import sample_claim
from tests.sample_record import sample_record

RECORD = sample_record()
RUN, MODELS, SPLITS = (RECORD[part] for part in ("run", "models", "splits"))


def _claim(**entries):
    arms = {"native": 0.47, "raw": 0.01, "adapted": 0.39}
    return sample_claim("one", title="t", kind="works", target="mini-llama", arms=arms, **entries)


def _finding():
    """Two claims of one run, with a direction whose cosine to another is known."""
    finding = finding_of(claim_record(_claim()), conditions_of(RUN, MODELS, SPLITS))
    finding = copy.deepcopy(finding)
    finding["arms"]["adapted"]["vector"]["direction"] = _turned(1.0)
    return finding


def _turned(cosine):
    """A direction at this cosine to the first axis."""
    return written([cosine, math.sqrt(1 - cosine**2), 0.0])


def _to(*place):
    """Sets what stands at the path before the last word to that word."""
    *above, last, value = place

    def change(finding):
        for key in above:
            finding = finding[key]
        finding[last] = value

    return change


def _shift(by):
    def change(finding):
        finding["odd"] = {prompt: odd + by for prompt, odd in finding["odd"].items()}

    return change


DIFFERENT = {
    "site of the adapted arm: resid_post of block 3 → resid_post of block 5": _to(
        "arms", "adapted", "site", "resid_post of block 5"
    ),
    "dose of the raw arm: relative norm 0.5 → 0.49": _to("arms", "raw", "relative_norm", 0.49),
    "vector of the adapted arm: another direction, at cosine 0.99": _to(
        "arms", "adapted", "vector", "direction", _turned(0.9990)
    ),
    "mean odd part: ": _shift(0.002),
    "mean odd part of the native arm: 0": _to("native_effect", 0.5),
    "native arm: not measured again": lambda finding: finding["arms"].pop("native"),
}
ALIKE = {
    "direction": _to("arms", "adapted", "vector", "direction", _turned(0.9997)),
    "odd": _shift(-0.0005),
    "dose": _to("arms", "raw", "relative_norm", 0.50001),
    "commit": _to("conditions", "commit", "later"),
}
INPUTS = {
    "processor": _to("conditions", "processor", "another"),
    "processor not known": _to("conditions", "processor", None),
    "code": _to("conditions", "code", "prefvec/rules.py", "changed"),
    "library": _to("conditions", "versions", "torch", "2.14.0"),
    "tuning prompts": _to("conditions", "prompts", "tuning", "others"),
    "weights": _to("conditions", "models", "mini-llama", "weights", "others"),
    "device": _to("conditions", "device", "cuda:0"),
    "a model that is not known": lambda finding: finding["conditions"]["models"].pop("mini-llama"),
}


@pytest.mark.parametrize("told", DIFFERENT)
def test_from_the_same_inputs_another_thing_is_not_reproduced(told):
    """Each difference alone is enough, is named, and is not named again among the suspects."""
    now = _finding()
    DIFFERENT[told](now)
    comparison = compare(_finding(), now)
    assert comparison.change == "NOT REPRODUCED"
    assert f"and yet: {told}" in comparison.sentence
    assert comparison.suspects == ()


@pytest.mark.parametrize("what", ALIKE)
def test_what_rounding_does_is_the_same(what):
    """Within the limits, and on another commit whose code is the same."""
    now = _finding()
    ALIKE[what](now)
    assert compare(_finding(), now).change == "SAME"


@pytest.mark.parametrize("inputs", INPUTS)
def test_from_other_inputs_another_cell_or_direction_is_no_failure(inputs):
    """They are suspects then, as ever, whichever of the two runs the input changed in."""
    now = _finding()
    for change in DIFFERENT.values():
        change(now)
    INPUTS[inputs](now)
    for before, after in ((_finding(), now), (now, _finding())):
        assert not same_inputs(before, after)
        assert compare(before, after).change == "SAME"
    assert any("site of the adapted arm" in each for each in compare(_finding(), now).suspects)


def test_a_finding_that_is_older_than_processors_is_compared_by_its_effects():
    """Its file has no entry for the processor, and nothing is known to be the same."""
    old, now = _finding(), _finding()
    del old["conditions"]["processor"]
    _shift(0.002)(now)
    assert compare(old, now).change == "SAME"


def test_a_changed_outcome_is_graver_and_says_that_all_inputs_are_the_same():
    """REGRESSED stays REGRESSED; a reader learns that no input explains it."""
    now = _finding() | {"outcome": "REFUTED"}
    _shift(-0.01)(now)
    comparison = compare(_finding(), now)
    assert comparison.change == "REGRESSED"
    assert "All inputs are as blessed" in comparison.sentence


def test_what_is_not_reproduced_fails_its_test_and_says_where_to_look(tmp_path):
    """Even where the claim is SUPPORTED, as blessed."""
    claim = claim_record(_claim())
    kept = finding_of(claim, conditions_of(RUN, MODELS, SPLITS))
    _to("arms", "raw", "site", "resid_post of block 1")(kept)
    findings.write(findings.path_of(tmp_path, "organisms"), "organisms", {"one": kept})
    log = ClaimLog(tmp_path)
    log.describe(run=RUN, models=MODELS, splits=SPLITS)
    log.add(claim)
    told = r"NOT REPRODUCED\. .*site of the raw arm(.|\n)*Look for what decides and is not recorded"
    with pytest.raises(pytest.fail.Exception, match=told):
        log.settle(claim)
