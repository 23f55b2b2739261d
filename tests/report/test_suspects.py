"""Suspects: other differences between a finding and a new run, and in which order they are told."""

import copy
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefvec.report.blessing import conditions_of, finding_of
from prefvec.report.directions import cosine, written
from prefvec.report.record import claim_record
from prefvec.report.suspects import suspects
from tests.sample_claim import sample_claim, sample_direction
from tests.sample_record import sample_record

RECORD = sample_record()


def _finding():
    arms = {"native": 0.47, "raw": 0.01, "adapted": 0.39}
    claim = sample_claim("one", title="t", kind="works", target="mini-llama", arms=arms)
    conditions = conditions_of(RECORD["run"], RECORD["models"], RECORD["splits"])
    return copy.deepcopy(finding_of(claim_record(claim), conditions))


def _set(place, value):
    """A change of one entry of a finding, by its path."""

    def change(finding):
        *above, last = place
        for key in above:
            finding = finding[key]
        finding[last] = value

    return change


CHANGES = {
    "dose of the native arm: relative norm 0.5 → 0.1": _set(
        ("arms", "native", "relative_norm"), 0.1
    ),
    "site of the adapted arm: resid_post of block 3 → resid_post of block 5": _set(
        ("arms", "adapted", "site"), "resid_post of block 5"
    ),
    "vector of the native arm: a direction of another width": _set(
        ("arms", "native", "vector", "direction"), written([1.0, 0.0])
    ),
    "vector of the raw arm: estimator difference in means → first principal component": _set(
        ("arms", "raw", "vector", "estimator"), "first principal component"
    ),
    "adapter: method ridge → orthogonal_procrustes": _set(
        ("adapter", "method"), "orthogonal_procrustes"
    ),
    "adapter: held-out R² 0.912 → 0.310": _set(("adapter", "r2_held_out"), 0.31),
    "adapter: other weights": _set(("adapter", "fingerprint"), "dead"),
    "model mini-mistral: other tokenizer (fingerprint 5ca1ab1e → 0ddba11)": _set(
        ("conditions", "models", "mini-mistral", "tokenizer"), "0ddba11"
    ),
    "model mini-llama: other weights (fingerprint": _set(
        ("conditions", "models", "mini-llama", "weights"), "0123456789abcdef"
    ),
    "other tuning prompts, on which site and dose were chosen": _set(
        ("conditions", "prompts", "tuning"), "others"
    ),
    "other extraction prompts, from which the vector was taken": _set(
        ("conditions", "prompts", "extraction"), "others"
    ),
    "device: cpu → cuda": _set(("conditions", "device"), "cuda"),
    "processor: A 64-Core Processor, AVX2, 2 threads → another": _set(
        ("conditions", "processor"), "another"
    ),
    "library transformers: 5.23.0 → 5.24.0": _set(
        ("conditions", "versions", "transformers"), "5.24.0"
    ),
    "code: prefvec/steering.py": _set(("conditions", "code", "prefvec/steering.py"), "other"),
    "commit: 0f3c9ab41d7e → later": _set(("conditions", "commit"), "later"),
}


@pytest.mark.parametrize("sentence", CHANGES, ids=lambda s: s.split(":")[0].replace(" ", "-"))
def test_whatever_differs_is_told_alone_and_in_words(sentence):
    """One thing changed is one suspect, and the same run has none."""
    now = _finding()
    assert suspects(_finding(), now) == ()
    CHANGES[sentence](now)
    (suspect,) = suspects(_finding(), now)
    assert suspect.startswith(sentence)


def test_the_likeliest_suspects_come_first():
    """Sites and doses before vectors, adapters, models, prompts, libraries, code and commit."""
    now = _finding()
    for change in reversed(CHANGES.values()):
        change(now)
    firsts = [next(s for s in CHANGES if told.startswith(s)) for told in suspects(_finding(), now)]
    assert firsts == list(CHANGES)


def test_a_direction_is_another_by_its_cosine_and_not_by_its_rounding():
    """Another machine's last bits are no suspect; a real turn is, with its cosine."""
    now = _finding()
    now["arms"]["native"]["vector"]["direction"] = sample_direction("another")
    (turned,) = suspects(_finding(), now)
    was = sample_direction("native")
    oracle = f"{cosine(was, sample_direction('another')):.3f}".replace("-", "−")
    assert f"at cosine {oracle} to the blessed one" in turned


def test_of_what_is_not_known_nothing_is_suspected():
    """A claim without arms, adapter or models has no suspects among them."""
    now = _finding()
    now |= {"arms": {}, "adapter": None}
    now["conditions"]["models"] = {}
    assert suspects(_finding(), now) == ()


def test_many_changed_files_are_counted_and_not_listed():
    """A line stays a line."""
    before, now = _finding(), _finding()
    now["conditions"]["code"] = {f"prefvec/part{i}.py": "x" for i in range(30)}
    before["conditions"]["code"] = {}
    (told,) = suspects(before, now)
    assert told.endswith("and 24 more")


@given(st.lists(st.floats(-1, 1, width=32), min_size=2, max_size=64), st.floats(-3, 3))
def test_the_cosine_of_written_directions_is_that_of_the_directions(values, angle):
    """The oracle is the angle by which a direction was turned in a plane, cos(angle)."""
    if math.hypot(*values) < 0.1:
        return
    unit = [value / math.hypot(*values) for value in values]
    first = [*unit, 0.0]
    second = [*(math.cos(angle) * value for value in unit), math.sin(angle)]
    assert cosine(written(first), written(second)) == pytest.approx(math.cos(angle), abs=2e-3)


def test_directions_of_other_widths_have_no_cosine():
    """Nor has what is no direction."""
    assert cosine(written([1.0, 0.0]), written([1.0])) is None
    assert cosine("not base64!", written([1.0])) is None
