"""Nothing that was put is lost, nothing is written twice and no wrong answer is served.

The store is killed, cut off from its disk, overwritten, shared and locked up. `make test` leaves
the two long trials out: `pytest tests/generation/test_store_under_fire.py -m slow -s`.
"""

import random
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from prefvec.errors import PrefvecError
from prefvec.generation.store import CHECKSUM, WRITTEN_AT, CompletionStore
from prefvec.store.checking import faults
from tests.generation.busy import AT_ONCE, busy
from tests.generation.gunfire import Diary, answer_all, open_at, started, wait_for_work, write_on
from tests.tiny import save_tiny

ROOT = Path(__file__).parents[2]
KILLS = 50


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A tiny model's folder."""
    return save_tiny(tmp_path_factory.mktemp("model"), "mistral")


def rows(path: Path) -> dict[str, tuple]:
    """Every answer by its digest; without the day, and without what batches change the digits of.

    Raises:
        AssertionError: if the file is not whole.
    """
    assert [*faults(path)] == []
    connection = sqlite3.connect(path)
    found = connection.execute(
        "SELECT hex(digest), prompt, sample, steering, text, n_tokens, finish_reason, ids, "
        "perplexity, expected_words FROM written_answers"
    ).fetchall()
    connection.close()
    return {digest.lower(): kept for digest, *kept in found}


def assert_alike(found: dict[str, tuple], wanted: dict[str, tuple]) -> None:
    """The same texts and tokens under the same keys, and the same numbers but for last digits."""
    for digest, row in found.items():
        assert row[:-2] == wanted[digest][:-2]
        assert row[-1] == pytest.approx(wanted[digest][-1], abs=1e-4)
        assert row[-2] is None or row[-2] == pytest.approx(wanted[digest][-2], rel=1e-4)


@pytest.fixture(scope="module")
def undisturbed(home, tmp_path_factory) -> tuple[dict[str, tuple], float]:
    """What a run keeps that nobody kills, and the seconds it takes from its first answer on."""
    folder = tmp_path_factory.mktemp("undisturbed")
    took = float("inf")
    for name in "ab":
        diary = Diary(folder / f"{name}.txt")
        process = started(answer_all, home, folder / f"{name}.sqlite", diary)
        wait_for_work(process, diary)
        begun = time.monotonic()
        process.join()
        took = min(took, time.monotonic() - begun)
        assert process.exitcode == 0
    found = rows(folder / "a.sqlite")
    assert len(found) == 64
    return found, took


@pytest.mark.slow
def test_runs_that_are_killed_lose_nothing(home, undisturbed, tmp_path):
    """Fifty runs die at random moments, and each next one goes on where the last was killed.

    Every other run is left in peace until its model is loaded, so that the store gets ahead however
    long that takes; the others may die before.
    """
    wanted, took = undisturbed
    chance, kills, sweeps, lost_at_most, put = random.Random(0), 0, 0, 0, 0
    begun = time.monotonic()
    while kills < KILLS:
        store, sweeps = tmp_path / f"{sweeps}.sqlite", sweeps + 1
        there: dict[str, tuple] = {}
        for run in range(1000):
            diary = Diary(tmp_path / f"{sweeps}-{run}.txt")
            process = started(answer_all, home, store, diary)
            if run % 2:
                wait_for_work(process, diary)
            process.join(chance.uniform(0.0, took / 3))
            process.kill()
            process.join()
            kills += process.exitcode == -9
            before, there = there, rows(store) if store.exists() else {}
            said = [line for line in diary.lines() if len(line) == 2]
            written = {digest for what, digest in said if what == "put"}
            assert {digest for _, digest in said} | before.keys() <= there.keys(), "lost"
            assert not written & before.keys(), "written twice"
            assert all(there[d][-2] is not None for what, d in said if what == "read"), "lost"
            assert_alike(there, wanted)
            put += len(written)
            lost_at_most += len(there.keys() - before.keys() - written)
            if process.exitcode == 0:
                break
        assert there.keys() == wanted.keys()
        assert all(row[-2] is not None for row in there.values())
    seconds = time.monotonic() - begun
    print(
        f"\n{kills} runs killed in {sweeps} sweeps of 64 answers, {seconds:.0f} s: every one of "
        f"{put} answers that a run knew to be kept is there, once, and {lost_at_most} that were "
        "kept in the moment of the kill."
    )


@pytest.mark.slow
def test_writers_that_are_killed_in_the_act_leave_whole_batches(tmp_path):
    """Fifty processes that do nothing but write; what they had put is there, whole and right."""
    store, chance, kills, whole = tmp_path / "answers.sqlite", random.Random(1), 0, 0
    begun = time.monotonic()
    while kills < KILLS:
        diary = Diary(tmp_path / f"{kills}.txt")
        process = started(write_on, store, diary, whole)
        wait_for_work(process, diary)
        time.sleep(chance.uniform(0.0, 0.3))
        process.kill()
        process.join()
        kills += process.exitcode == -9
        put = [int(number) for _, *told in diary.lines() for number in told]
        with CompletionStore(store) as kept:
            total = len(kept)
            assert total % AT_ONCE == 0, "half a batch"
            assert total // AT_ONCE >= whole + len(put), "lost"
            whole = total // AT_ONCE
            for number in [*put[-3:], whole - 1][: whole and None]:
                assert kept.get_many(busy(number)) == busy(number)
    with CompletionStore(store) as kept:
        assert all(kept.get_many(busy(n)) == busy(n) for n in range(whole))
    assert [*faults(store)] == []
    seconds, size = time.monotonic() - begun, store.stat().st_size / 1e6
    print(
        f"\n{kills} writers killed, {seconds:.0f} s: {whole} batches of {AT_ONCE} answers, "
        f"{size:.0f} MB, all of them whole."
    )


def test_two_runs_at_once_share_their_answers(home, undisturbed, tmp_path):
    """Both end well on one file that was not there, and each answer is in it once."""
    store = tmp_path / "answers.sqlite"
    diaries = [Diary(tmp_path / name) for name in "ab"]
    processes = [started(answer_all, home, store, diary) for diary in diaries]
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0, 0]
    found = rows(store)
    assert found.keys() == undisturbed[0].keys()
    assert_alike(found, undisturbed[0])


def test_many_may_make_the_file_at_once(tmp_path):
    """Eight processes open a new file in the same moment, or one of an earlier version."""
    for name in ("new", "old"):
        store = tmp_path / f"{name}.sqlite"
        if name == "old":
            make_earlier(store)
        moment = time.time() + 1.0
        processes = [started(open_at, store, moment, number) for number in range(8)]
        for process in processes:
            process.join(60)
        assert [process.exitcode for process in processes] == [0] * 8
        with CompletionStore(store) as kept:
            assert all(kept.get_many(busy(number)) == busy(number) for number in range(8))


def make_earlier(path: Path) -> None:
    """A file as it was before answers had dates and checksums, with one batch in it."""
    with CompletionStore(path) as kept:
        kept.put_many(busy(99))
    connection = sqlite3.connect(path)
    for column in (WRITTEN_AT, CHECKSUM):
        connection.execute(f"ALTER TABLE written_answers DROP COLUMN {column}")
    connection.commit()
    connection.close()


def test_a_file_of_an_older_schema_serves_its_answers(tmp_path):
    """It gets the columns that it lacks, and the version that made it can still write to it."""
    path = tmp_path / "answers.sqlite"
    make_earlier(path)
    older = sqlite3.connect(path)
    names = [name for _, name, *_ in older.execute("PRAGMA table_info(written_answers)")]
    with CompletionStore(path) as kept:
        assert kept.get_many(busy(99)) == busy(99)
        kept.put_many(busy(1))
        copied = ", ".join("x'00'" if name == "digest" else name for name in names)
        with older:
            older.execute(
                f"INSERT OR REPLACE INTO written_answers ({', '.join(names)}) "
                f"SELECT {copied} FROM written_answers LIMIT 1"
            )
        assert len(kept) == 2 * AT_ONCE + 1
    older.close()


def test_a_power_cut_leaves_what_was_put_before(tmp_path):
    """A copy of the file and its log, taken between two writes, opens and is whole."""
    path = tmp_path / "answers.sqlite"
    with CompletionStore(path) as kept:
        for number in range(12):
            kept.put_many(busy(number))
            copy = copied(path, tmp_path / str(number))
            with CompletionStore(copy) as found:
                assert len(found) == (number + 1) * AT_ONCE
                assert found.get_many(busy(number)) == busy(number)
            assert [*faults(copy)] == []


@pytest.mark.parametrize("garbled", [False, True], ids=["cut", "garbled"])
def test_a_power_cut_in_mid_write_leaves_whole_batches(tmp_path, garbled):
    """Wherever the log breaks off, what came before it is there and nothing is half there."""
    path, chance, seen = tmp_path / "answers.sqlite", random.Random(2), set()
    with CompletionStore(path) as kept:
        for number in range(6):
            kept.put_many(busy(number))
        for cut in range(25):
            copy = copied(path, tmp_path / str(cut))
            log = copy.with_name(copy.name + "-wal")
            at = chance.randrange(log.stat().st_size)
            with log.open("r+b") as file:
                if garbled:
                    file.seek(at)
                    file.write(chance.randbytes(log.stat().st_size - at))
                else:
                    file.truncate(at)
            with CompletionStore(copy) as found:
                batches, rest = divmod(len(found), AT_ONCE)
                assert rest == 0
                assert all(found.get_many(busy(n)) == busy(n) for n in range(batches))
            assert [*faults(copy)] == []
            seen.add(batches)
    assert len(seen) > 2, "the log was cut in many places"


def copied(path: Path, folder: Path) -> Path:
    """The file and its log as they lie, without the memory that processes share."""
    folder.mkdir()
    for name in (path.name, f"{path.name}-wal"):
        shutil.copy(path.with_name(name), folder / name)
    return folder / path.name


def test_a_corrupt_file_serves_no_wrong_answer(tmp_path):
    """Whichever page is overwritten: the answer that was put, none, or a sentence."""
    path, chance = tmp_path / "answers.sqlite", random.Random(3)
    with CompletionStore(path) as kept:
        for number in range(3):
            kept.put_many(busy(number))
    pages, refused = path.stat().st_size // 4096, 0
    for page in sorted(chance.sample(range(pages), 40)):
        copy = tmp_path / f"{page}.sqlite"
        shutil.copy(path, copy)
        with copy.open("r+b") as file:
            file.seek(page * 4096)
            file.write(chance.randbytes(4096))
        try:
            with CompletionStore(copy) as found:
                for number in range(3):
                    put = busy(number)
                    for key, answer in put.items():
                        assert found.get_many([key]).get(key, answer) == answer
        except PrefvecError:
            refused += 1
        assert [*faults(copy)] != [], "a page that is overwritten is a fault"
    assert refused > 10


CONFINED = """
import resource, sys
from pathlib import Path
from prefvec.generation.store import CompletionStore
from prefvec.generation.store_file import StoreError
from tests.generation.busy import busy
"""
"""What a program begins with that is run where it cannot write as it would."""


def confined(tmp_path: Path, program: str, *mounts: str) -> str:
    """What a program prints, run in a place of its own where some mounts were made before."""
    script = " && ".join([*mounts, 'exec "$0" -c "$1"'])
    words = ["sh", "-c", script, sys.executable, CONFINED + program]
    if mounts:
        words = ["unshare", "--mount", "--map-root-user", *words]
        if (
            not shutil.which("unshare")
            or subprocess.run([*words[:3], "true"], check=False).returncode
        ):
            pytest.skip("this user may not mount a disk of its own")
    found = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout


FILLING = """
path = Path({path!r})
kept, number = CompletionStore(path), 0
{limit}
try:
    while True:
        kept.put_many(busy(number))
        number += 1
except StoreError as reason:
    print(reason)
assert number > 2, number
assert all(kept.get_many(busy(n)) == busy(n) for n in range(number))
assert not kept.get_many(busy(number))
{relief}
kept.put_many(busy(number))
kept.close()
with CompletionStore(path) as again:
    assert all(again.get_many(busy(n)) == busy(n) for n in range(number + 1))
    assert len(again) == 20 * (number + 1)
"""


def test_a_full_disk_is_a_sentence_and_loses_nothing(tmp_path):
    """What was put stays, and once there is room the run goes on, with the same connection too."""
    folder = tmp_path / "disk"
    folder.mkdir()
    program = FILLING.format(
        path=str(folder / "answers.sqlite"),
        limit=f"ballast = Path({str(folder / 'ballast')!r}); ballast.write_bytes(bytes(1_500_000))",
        relief="ballast.unlink()",
    )
    told = confined(tmp_path, program, f"mount -t tmpfs -o size=4m none {folder}")
    assert "full" in told
    assert "Make room on that disk" in told


def test_a_limit_of_file_sizes_is_a_sentence_and_loses_nothing(tmp_path):
    """Likewise where the disk has room and the user may not have it."""
    program = FILLING.format(
        path=str(tmp_path / "answers.sqlite"),
        limit="hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))",
        relief="resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))",
    )
    assert "is full, or may hold no file so large" in confined(tmp_path, program)


def test_a_folder_that_is_only_read_is_a_sentence(tmp_path):
    """No run starts there; `python -m prefvec.store` still lists, checks and exports the file."""
    folder = tmp_path / "shelf"
    with CompletionStore(folder / "answers.sqlite") as kept:
        kept.put_many(busy(0))
    program = f"""
from prefvec.store.__main__ import main
path = {str(folder / "answers.sqlite")!r}
for name in (path, {str(folder / "new.sqlite")!r}):
    try:
        CompletionStore(name)
    except StoreError as reason:
        print(reason)
for words in (["list", path], ["check", path], ["export", path]):
    assert main(words) == 0, words
assert main(["prune", path, "--model", "m", "--yes"]) == 2
"""
    mounts = (f"mount --bind {folder} {folder}", f"mount -o remount,bind,ro {folder}")
    told = confined(tmp_path, program, *mounts)
    assert told.count("The store of answers at") == 2
    assert told.count("can be written to") + told.count("Let this user write") == 2
    assert "is whole" in told


def test_a_file_that_another_run_does_not_let_go_of_is_a_sentence(tmp_path, monkeypatch):
    """It says to wait, and not to delete the file that the other one writes to."""
    monkeypatch.setattr("prefvec.generation.store_file.PATIENCE", 0.1)
    path = tmp_path / "answers.sqlite"
    with CompletionStore(path) as kept, CompletionStore(path) as other:
        other.require_writable()
        holding = sqlite3.connect(path)
        holding.execute("BEGIN IMMEDIATE")
        kept.require_writable()
        with pytest.raises(PrefvecError, match="wait for it") as told:
            kept.put_many(busy(0))
        assert "Delete" not in str(told.value)
        holding.rollback()
        holding.close()
        kept.put_many(busy(0))
        assert other.get_many(busy(0)) == busy(0)
