"""Answers come out of the archive as they went in."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefvec.errors import PrefvecError
from prefvec.report.archive import merged, packed, unpacked, zipped

answers = st.lists(
    st.fixed_dictionaries(
        {
            "arm": st.sampled_from(["native", "random-0"]),
            "coefficient": st.sampled_from([-1.0, 0.0, 1.0]),
            "prompt": st.text(st.characters(codec="utf-8"), max_size=4),
            "sample": st.integers(0, 3),
            "finish_reason": st.sampled_from(["stop", "length"]),
            "coherent": st.booleans(),
            "text": st.text(st.characters(codec="utf-8")),
            "false": st.lists(st.lists(st.integers(0, 9), min_size=2, max_size=2), max_size=2),
        }
    )
)


@given(answers)
def test_what_was_packed_is_unpacked(rows):
    """Whatever a model has written; twice the same makes the same text."""
    assert unpacked(packed(rows)) == rows
    assert packed(rows) == packed(rows)


@pytest.mark.parametrize("text", ["!", "AAAA", ""])
def test_what_was_never_packed_is_refused(text):
    """By an error that says so, and not by what zlib or JSON make of it."""
    with pytest.raises(PrefvecError, match="cannot be unpacked"):
        unpacked(text)


def _claim(name, rows, target="mini-llama"):
    return {"id": name, "target": target, "arms": [], "archive": packed(rows)}


def _told(archive):
    """The answers of merged claims, one by one, each with the claims that it belongs to."""
    return [
        {
            "claims": arm["claims"],
            "arm": arm["arm"],
            "coefficient": arm["coefficient"],
            "prompt": archive["prompts"][arm["prompt"][row]],
            "sample": arm["sample"][row],
            "text": archive["texts"][arm["text"][row]],
            "finish_reason": "length" if row in arm["cut"] else "stop",
            "coherent": row not in arm["incoherent"],
            "false": arm["false"].get(str(row), []),
        }
        for arm in archive["arms"]
        for row in range(len(arm["text"]))
    ]


def _one_each(rows):
    """One answer to each prompt, sample, arm and coefficient, as models give them."""
    return list({(r["arm"], r["coefficient"], r["prompt"], r["sample"]): r for r in rows}.values())


@given(answers)
def test_merging_loses_no_answer_and_keeps_each_text_once(rows):
    """Of one claim: the same answers come out, in the order of their arms."""
    rows = _one_each(rows)
    archive = merged([_claim("a", rows)])
    if not rows:
        assert archive is None
        return
    told = [{k: v for k, v in row.items() if k != "claims"} for row in _told(archive)]
    assert sorted(map(repr, told)) == sorted(repr({k: r[k] for k in told[0]}) for r in rows)
    assert len(archive["texts"]) == len({row["text"] for row in rows})


@given(answers)
def test_an_arm_that_claims_share_is_kept_once(rows):
    """Twice the claim is one arm of two claims; of another model, it is another arm."""
    rows = _one_each(rows)
    one = merged([_claim("a", rows)])
    twice = merged([_claim("a", rows), _claim("b", rows[: len(rows) // 2] or rows)])
    apart = merged([_claim("a", rows), _claim("b", rows, target="mini-gemma")])
    if one is None:
        assert twice is apart is None
        return
    strip = [{**arm, "claims": None} for arm in one["arms"]]
    assert [{**arm, "claims": None} for arm in twice["arms"]] == strip
    assert all(arm["claims"][0] == "a" for arm in twice["arms"])
    assert len(apart["arms"]) == 2 * len(one["arms"])


def test_an_archive_without_its_entries_is_refused():
    """Something else that was packed."""
    for rows in ([{"arm": "native"}], [1], {"a": 1}):
        text = base64.b64encode(zipped(rows)).decode()
        with pytest.raises(PrefvecError, match="cannot be unpacked"):
            unpacked(text)
