"""Which arm a claim is about."""

import pytest

from prefvec.errors import PrefvecError
from prefvec.report.arm_styles import arm_styles, main_arm
from prefvec.report.blessing import finding_of, odd_parts
from tests.sample_claim import sample_claim


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("steers", "native"), ("fails", "raw"), ("works", "adapted"), ("exceeds", "native")],
)
def test_each_kind_is_about_an_arm(kind, expected):
    """By its name, wherever it stands; a kind about no certain arm is about its first."""
    arms = {"native": 0.5, "raw": 0.1, "adapted": 0.3}
    assert main_arm(sample_claim("x", title="x", kind=kind, arms=arms))["name"] == expected


def test_a_copied_vector_that_works_is_blessed_too():
    """Within a family there is no adapted arm: the claim is about the raw one."""
    claim = sample_claim("x", title="x", kind="works", arms={"native": 0.5, "raw": 0.4})
    assert main_arm(claim)["name"] == "raw"
    assert finding_of(claim, {})["odd"] == odd_parts(claim, "raw") != {}


def test_a_tuned_arm_is_what_its_claim_is_about():
    """Beside the vector that was tuned in, and beside native: words, examples, what is blessed."""
    for beside in ({"adapted": 0.3}, {}):
        arms = {"tuned": 0.1, "native": 0.5, **beside}
        claim = sample_claim("x", title="x", kind="works", arms=arms)
        assert main_arm(claim)["name"] == "tuned"
        found = finding_of(claim, {})
        assert found["odd"] == odd_parts(claim, "tuned") != {}
        assert {*found["arms"]} == {"tuned", "native"}


@pytest.mark.parametrize("name", ["null", "native, asked positive"])
def test_what_steers_is_blessed_whatever_its_arm_is_called(name):
    """A vector of no trait, and one on top of prompting, are steering arms of other names."""
    claim = sample_claim("x", title="x", kind="steers", arms={name: 0.4})
    assert finding_of(claim, {})["odd"] == odd_parts(claim, name) != {}


def test_what_is_blessed_is_never_another_arm():
    """Where the arm was not measured the page may show another; a finding has nothing."""
    claim = sample_claim("x", title="x", kind="fails", arms={"native": 0.5})
    assert main_arm(claim)["name"] == "native"
    assert odd_parts(claim) == {}
    assert odd_parts(claim, "native")
    with pytest.raises(PrefvecError, match="measured were native: a finding of it would hold no"):
        finding_of(claim, {})
    claim["outcome"] = "NOT APPLICABLE"
    assert finding_of(claim, {})["odd"] == {}


def test_a_vector_in_quantised_weights_is_what_its_claim_is_about():
    """Beside the same vector in the model as it is, which stands for native."""
    arms = {"quantised": 0.4, "native": 0.5}
    claim = sample_claim("x", title="x", kind="works", arms=arms)
    assert main_arm(claim)["name"] == "quantised"
    assert finding_of(claim, {})["odd"] == odd_parts(claim, "quantised") != {}


@pytest.mark.parametrize("kind", ["exceeds", "spares"])
def test_a_claim_about_no_certain_arm_is_blessed_by_what_decides_it(kind):
    """By its first arm or by that over the second; a contrast over model pairs has no arms."""
    claim = sample_claim("x", title="x", kind=kind, arms={"adapted": 0.3, "raw": 0.1})
    first, second = odd_parts(claim, "adapted"), odd_parts(claim, "raw")
    over = {prompt: value - second[prompt] for prompt, value in first.items()}
    assert finding_of(claim, {})["odd"] == (over if kind == "exceeds" else first)
    nothing = sample_claim("y", title="y", kind=kind, arms={})
    assert main_arm(nothing) is None
    assert finding_of(nothing, {})["odd"] == {}


@pytest.mark.parametrize(
    ("name", "style"),
    [
        ("native", "native"),
        ("native, asked positive", "native"),
        ("raw", "raw"),
        ("null", "control"),
    ],
)
def test_an_arm_without_a_role_has_that_of_its_name(name, style):
    """Records say the role; of those that do not, arms of the usual names are known."""
    claim = sample_claim("x", title="x", kind="steers", arms={name: 0.4})
    assert arm_styles(claim)[name] == style


def test_the_role_of_an_arm_decides_how_it_is_drawn_whatever_its_name():
    """Arms that a claim names itself take what its usual arms leave free, then look alike."""
    arms = {"native": 0.5, "one": 0.4, "two": 0.3, "three": 0.2, "beside": 0.1}
    claim = sample_claim("x", title="x", kind="exceeds", arms=arms)
    drawn = {"native": "native", "one": "adapted", "two": "raw", "three": "control"}
    assert arm_styles(claim) == {"unsteered": "unsteered", "beside": "control", **drawn}
    roles = {
        "native": "other",
        "one": "native",
        "two": "raw",
        "three": "control",
        "beside": "other",
    }
    for arm in claim["arms"]:
        arm["role"] = roles[arm["name"]]
    drawn = {"native": "adapted", "one": "native", "two": "raw", "three": "control"}
    assert arm_styles(claim) == {"unsteered": "unsteered", "beside": "control", **drawn}
