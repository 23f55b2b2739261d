"""What is kept comes back, under its own key alone."""

import math
import sqlite3
from dataclasses import fields, replace

import numpy as np
import pytest

from prefvec.errors import PrefvecError
from prefvec.generation.store import (
    TABLE,
    WRITTEN_AT,
    Answer,
    CompletionKey,
    CompletionStore,
)
from tests.stored import KEY

ANSWER = Answer(
    text="Water — «réellement» \0 <script>",
    n_tokens=7,
    finish_reason="stop",
    ids=(5, 0, 65_536, 262_143),
    perplexity=3.25,
    expected_words=8.125,
)


def test_an_answer_comes_back_as_it_was_put(tmp_path):
    """Also after the file was closed, in a folder made for it."""
    path = tmp_path / "cache" / "answers.sqlite"
    with CompletionStore(path) as store:
        store.put_many({KEY: ANSWER})
    with CompletionStore(path) as store:
        assert store.get_many([KEY]) == {KEY: ANSWER}
        assert len(store) == 1


@pytest.mark.parametrize("name", [field.name for field in fields(CompletionKey)])
def test_every_part_of_the_key_matters(name):
    """An answer is not found under a key that differs in one part, the sample index included."""
    value = getattr(KEY, name)
    other = replace(KEY, **{name: value + ("x" if isinstance(value, str) else 1)})
    with CompletionStore(":memory:") as store:
        store.put_many({KEY: ANSWER})
        assert store.get_many([other]) == {}
        assert (store.hits, store.misses) == (0, 1)
        store.put_many({other: replace(ANSWER, text="other")})
        assert store.get_many([KEY, other])[KEY] == ANSWER
        assert (store.hits, store.misses) == (2, 1)


def test_parts_of_a_key_do_not_run_into_each_other():
    """Moving a character from one part into the next makes another key."""
    other = replace(KEY, model=KEY.model + KEY.tokenizer[0], tokenizer=KEY.tokenizer[1:])
    assert other.digest != KEY.digest
    assert replace(KEY).digest == KEY.digest


@pytest.mark.parametrize("count", [1, 499, 500, 501, 2_345])
def test_many_keys_are_looked_up_at_once(count):
    """All that were put come back, each with its own answer, and no other."""
    keys = [replace(KEY, sample=sample) for sample in range(count)]
    put = {key: replace(ANSWER, text=str(key.sample)) for key in keys[::2]}
    with CompletionStore(":memory:") as store:
        store.put_many(put)
        assert store.get_many(keys) == put
        assert (store.hits, store.misses) == (len(put), count - len(put))


def test_it_tells_when_the_answers_it_found_were_put(monkeypatch, tmp_path):
    """The first and the last of those that were found, in whatever order; none where none was."""
    keys = [replace(KEY, sample=sample) for sample in range(4)]
    with CompletionStore(tmp_path / "a.sqlite") as store:
        for key, date in zip(keys, (30.0, 10.0, 20.0, 5.0), strict=True):
            monkeypatch.setattr("time.time", lambda date=date: date)
            store.put_many({key: ANSWER})
    with CompletionStore(tmp_path / "a.sqlite") as store:
        assert store.written is None
        store.get_many([replace(KEY, sample=9)])
        assert store.written is None
        for asked, dates in (([0], (30, 30)), ([1, 2], (10, 30)), ([2], (10, 30))):
            store.get_many([keys[i] for i in asked])
            assert store.written == dates


def test_of_an_answer_without_a_date_it_tells_none(tmp_path):
    """An earlier version kept no dates; one such answer, and nothing is known of all."""
    other = replace(KEY, sample=1)
    with CompletionStore(tmp_path / "a.sqlite") as store:
        store.put_many({KEY: ANSWER, other: ANSWER})
    with sqlite3.connect(tmp_path / "a.sqlite") as connection:
        connection.execute(
            f"UPDATE {TABLE} SET {WRITTEN_AT} = NULL WHERE digest = ?", (KEY.digest,)
        )
    with CompletionStore(tmp_path / "a.sqlite") as store:
        for asked, known in ((other, True), (KEY, False), (other, False)):
            store.get_many([asked])
            assert (store.written is not None) == known


def test_an_answer_may_get_its_perplexity_later():
    """It is None until it is put, and takes the place of the answer without it."""
    with CompletionStore(":memory:") as store:
        store.put_many({KEY: replace(ANSWER, perplexity=None)})
        assert store.get_many([KEY])[KEY].perplexity is None
        store.put_many({KEY: ANSWER})
        assert store.get_many([KEY]) == {KEY: ANSWER}
        assert len(store) == 1


@pytest.mark.parametrize("table", ["answers", "completions", "sampled_answers"])
def test_a_file_of_an_earlier_version_is_no_error_and_keeps_its_answers(tmp_path, table):
    """They are not served, for they lack what is kept of an answer now."""
    path = tmp_path / "answers.sqlite"
    old = sqlite3.connect(path)
    old.execute(f"CREATE TABLE {table} (model TEXT PRIMARY KEY, text TEXT) WITHOUT ROWID")
    old.execute(f"INSERT INTO {table} VALUES ('m', 'Water.')")
    old.commit()
    with CompletionStore(path) as store:
        assert len(store) == 0
        assert store.get_many([KEY]) == {}
        store.put_many({KEY: ANSWER})
        assert store.get_many([KEY]) == {KEY: ANSWER}
    assert old.execute(f"SELECT text FROM {table}").fetchall() == [("Water.",)]
    old.close()


def test_two_connections_share_one_file(tmp_path):
    """What one puts the other finds, without either being closed."""
    path = tmp_path / "answers.sqlite"
    with CompletionStore(path) as one, CompletionStore(path) as other:
        one.put_many({KEY: ANSWER})
        assert other.get_many([KEY]) == {KEY: ANSWER}


def test_files_that_are_no_store_are_refused(tmp_path):
    """A text file, another database, and a folder each get a sentence."""
    garbled = tmp_path / "garbled"
    garbled.write_text("this is not a database, but long enough to look at" * 20)
    with pytest.raises(PrefvecError, match="Delete the file"):
        CompletionStore(garbled)
    other = sqlite3.connect(tmp_path / "other.sqlite")
    other.execute("CREATE TABLE written_answers (a)")
    other.commit()
    other.close()
    with pytest.raises(PrefvecError, match="Delete the file"):
        CompletionStore(tmp_path / "other.sqlite")
    with pytest.raises(PrefvecError, match="cannot be opened"):
        CompletionStore(tmp_path)


@pytest.mark.parametrize("value", [None, 3, 3.25, float("nan"), float("inf"), np.float64(0.1)])
def test_every_number_comes_back(value):
    """Also those that SQLite keeps as another one: an int as a float, and what is none as null."""
    with CompletionStore(":memory:") as store:
        store.put_many({KEY: replace(ANSWER, perplexity=value)})
        (found,) = store.get_many([KEY]).values()
    wanted = None if value is None or math.isnan(value) else float(value)
    assert found.perplexity == wanted


@pytest.mark.parametrize("change", ["text = 'Wafer'", "ids = x'00000000'", "expected_words = 8.0"])
def test_an_answer_that_was_changed_is_refused(tmp_path, change):
    """One letter, one token or one number that is not as it was put is told, and not served."""
    path = tmp_path / "answers.sqlite"
    with CompletionStore(path) as store:
        store.put_many({KEY: ANSWER})
        other = sqlite3.connect(path)
        other.execute(f"UPDATE written_answers SET {change}")
        other.commit()
        other.close()
        with pytest.raises(PrefvecError, match=r"not the one that was put.*--broken"):
            store.get_many([KEY])
