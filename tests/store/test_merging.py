"""Several stores become one: nothing is lost, nothing is there twice, and nothing is half in."""

import sqlite3
from dataclasses import replace

import pytest

from prefvec.errors import PrefvecError
from prefvec.generation.store import CHECKSUM, TABLE, WRITTEN_AT, CompletionStore
from prefvec.generation.store_file import StoreError
from prefvec.judging.judge import Reply
from prefvec.judging.replies import TABLE as REPLIES
from prefvec.judging.replies import ReplyStore
from prefvec.store.checking import faults
from prefvec.store.merging import merge
from tests.store.test_store_command import ANSWER, ASKED, KEY, changed, run


def keys(*samples):
    """One for each."""
    return [replace(KEY, sample=sample) for sample in samples]


def written(path, *samples, text="Water."):
    """A store with these answers; its path."""
    with CompletionStore(path) as store:
        store.put_many({key: replace(ANSWER, text=text) for key in keys(*samples)})
    return path


def texts(path, *samples):
    """What a store has under these keys."""
    with CompletionStore(path) as store:
        return [answer.text for answer in store.get_many(keys(*samples)).values()]


def test_what_was_written_anywhere_is_found_in_one(tmp_path):
    """With every column of it, in a file that is made where there is none."""
    one, other = written(tmp_path / "one", 0, 1), written(tmp_path / "other", 1, 2, 3)
    into = tmp_path / "folder" / "all"
    found = [(done.added, done.known) for done in merge([one, other], into) if done.added]
    assert found == [(2, 0), (2, 1)]
    assert texts(into, *range(4)) == ["Water."] * 4
    assert list(faults(into)) == []
    rows = "SELECT count(*), count(written_at), count(checksum) FROM written_answers"
    assert sqlite3.connect(into).execute(rows).fetchone() == (4, 4, 4)
    assert texts(other, *range(4)) == ["Water."] * 3, "a part is left as it was"


def test_what_was_there_stays_and_another_answer_is_told(tmp_path, capsys):
    """Again adds nothing."""
    into = written(tmp_path / "all", 0, 1)
    part = written(tmp_path / "part", 1, 2, text="Other.")
    for added in (1, 0):
        status, told, _ = run(capsys, "merge", part, "--into", into)
        assert status == 0
        assert f"{added} answers added" in told
        assert "1 of them in other words" in told
    assert texts(into, 0, 1, 2) == ["Water.", "Water.", "Other."]


def test_replies_go_with_the_answers(tmp_path):
    """None is paid for twice."""
    part = written(tmp_path / "part", 0)
    with ReplyStore(part) as store:
        store.put("a judge", ASKED, Reply(text="2"))
    merge([part], tmp_path / "all")
    with ReplyStore(tmp_path / "all") as store:
        assert store.get("a judge", [ASKED])[ASKED].text == "2"


def test_a_part_of_an_earlier_version_lacks_what_it_lacks(tmp_path):
    """Dates and checksums, which are then unknown; its answers are found."""
    part = written(tmp_path / "part", 0, 1)
    for name in (WRITTEN_AT, CHECKSUM):
        changed(part, f"ALTER TABLE {TABLE} DROP COLUMN {name}")
    merge([part], tmp_path / "all")
    assert texts(tmp_path / "all", 0, 1) == ["Water."] * 2


def test_a_part_that_fails_is_not_half_in(tmp_path):
    """Those before it are; it is told in a sentence."""
    one, other = written(tmp_path / "one", 0), written(tmp_path / "other", 1, 2)
    changed(other, f"CREATE TABLE {REPLIES} (judge TEXT)")
    into = tmp_path / "all"
    with pytest.raises(StoreError, match="cannot be put into"):
        merge([one, other], into)
    assert texts(into, 0, 1, 2) == ["Water."]


def test_what_is_no_part_is_refused_before_anything_is_written(tmp_path):
    """A file that is not there, one without answers, and the very file that is added to."""
    one = written(tmp_path / "one", 0)
    sqlite3.connect(tmp_path / "empty").execute("CREATE TABLE x (y)").connection.close()
    for wrong, says in (
        (tmp_path / "missing", "There is no store"),
        (tmp_path / "empty", "no answers and no replies"),
        (tmp_path, "is a folder"),
    ):
        with pytest.raises(PrefvecError, match=says):
            merge([one, wrong], tmp_path / "all")
        assert not (tmp_path / "all").exists()
    with pytest.raises(PrefvecError, match="into itself"):
        merge([one], one)
