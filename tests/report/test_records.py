"""Records: plain, checked, and on disk whole or not at all."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefvec.errors import PrefvecError
from prefvec.report import record as records
from prefvec.whole_files import write_whole
from tests.sample_record import sample_claims, sample_record

TEXTS = st.text(st.characters())
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(JSON_VALUES)
def test_whatever_plain_returns_is_strict_json_that_a_file_can_hold(value):
    """No NaN, no infinity and no lone surrogate is left, and a second pass changes nothing."""
    made = records.plain(value)
    json.dumps(made, allow_nan=False, ensure_ascii=False).encode("utf-8")
    assert records.plain(made) == made


def test_numpy_values_become_pythons_own():
    """Scalars, booleans and arrays alike; numbers that are not finite become null."""
    made = records.plain({"a": np.float32(0.5), "b": np.bool_(True), "c": np.array([1.0, np.nan])})
    assert made == {"a": 0.5, "b": True, "c": [1.0, None]}
    assert [type(value) for value in made.values()] == [float, bool, list]


def test_what_json_has_no_word_for_is_named():
    """The error says where the value stands."""
    with pytest.raises(PrefvecError, match=r"the record\.arms\[0\] is a set"):
        records.plain({"arms": [{1, 2}]})


def test_a_written_record_reads_back_the_same(tmp_path):
    """Hostile answers, emoji and null characters included."""
    record = records.plain(sample_record())
    records.write(record, tmp_path / "deep" / "verdicts.json")
    assert records.read(tmp_path / "deep" / "verdicts.json") == record


def test_a_write_that_fails_leaves_the_last_whole_record(tmp_path):
    """Nothing half written stands in its place, and no temporary file is left behind."""
    path = tmp_path / "verdicts.json"
    records.write(sample_record(), path)
    before = path.read_bytes()
    with pytest.raises(UnicodeEncodeError):
        write_whole("half \ud800", path)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["verdicts.json"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param("{", "not valid JSON", id="not-json"),
        pytest.param("[]", "not the record of a run", id="a-list"),
        pytest.param('{"schema": 1, "model_set": "x", "findings": {}}', "not the record", id="kin"),
        pytest.param('{"schema": 99, "claims": []}', "this version reads schema 3", id="future"),
        pytest.param('{"schema": 3, "claims": []}', "`run` is missing", id="truncated"),
        pytest.param("\udcff", "could not be read", id="not-utf8"),
    ],
)
def test_a_foreign_file_is_refused_with_a_sentence(tmp_path, content, said):
    """The sentence names what is wrong and what to do."""
    path = tmp_path / "verdicts.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(PrefvecError, match=said):
        records.read(path)


def test_a_missing_file_is_refused_with_a_sentence(tmp_path):
    """It says which command makes the file."""
    with pytest.raises(PrefvecError, match=r"There is no record at .*pytest claims/"):
        records.read(tmp_path / "verdicts.json")


def _break(record, path, value):
    *way, last = path
    for key in way:
        record = record[key]
    record[last] = value


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        pytest.param(("claims", 0, "outcome"), "TRUE", "not one of SUPPORTED", id="outcome"),
        pytest.param(("claims", 0, "arms", 0, "doses"), None, "not a list", id="doses"),
        pytest.param(("claims", 1, "effect", "factor"), "1.6", "not a number", id="a-string"),
        pytest.param(("claims", 1, "effect", "factor"), True, "not a number", id="a-boolean"),
        pytest.param(("run", "mode"), "fast", "not one of full, quick", id="mode"),
        pytest.param(("claims", 1, "id"), "self-steering-mini-mistral", "unique", id="id-twice"),
        pytest.param(("claims", 1, "id"), 'x" onload="y', "names a place", id="id-hostile"),
    ],
)
def test_a_wrong_entry_is_named(path, value, said):
    """One wrong entry in an otherwise whole record is enough."""
    record = sample_record()
    records.validate(record)
    _break(record, path, value)
    with pytest.raises(PrefvecError, match=said):
        records.validate(record)


def test_what_a_claim_leaves_out_is_filled_in_as_empty():
    """A claim without measurements needs only its words."""
    wanted = ("id", "title", "kind", "outcome", "sentence", "criterion")
    claim = records.claim_record({key: sample_claims()[2][key] for key in wanted})
    assert claim["arms"] == []
    assert claim["effect"] is None


def test_a_claim_record_is_a_copy():
    """Later changes to what was given do not reach the record."""
    given_claim = sample_claims()[0]
    claim = records.claim_record(given_claim)
    given_claim["arms"][0]["doses"][0]["factor"] = math.inf
    assert math.isfinite(claim["arms"][0]["doses"][0]["factor"])
