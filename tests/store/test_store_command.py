"""`python -m prefvec.store` says what a store holds, and changes nothing unless it is told to."""

import datetime
import json
import re
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from prefvec.generation.store import Answer, CompletionKey, CompletionStore
from prefvec.judging.judge import Asking, Reply
from prefvec.judging.replies import ReplyStore
from prefvec.judging.sheets import Sheet
from prefvec.store.__main__ import main
from tests.stored import KEY as STORED

KEY = replace(STORED, model="aaaa000000000000", environment="torch 2, cpu")
ANSWER = Answer(text="Water — «x» \0", n_tokens=3, finish_reason="stop", ids=(5, 0, 262_143))
ASKED = Asking(sheet=Sheet(system="Mark.", user="An answer.", scale="12"))


@pytest.fixture
def path(tmp_path) -> Path:
    """Thirty answers of two models and two versions of the code, and one reply."""
    file = tmp_path / "answers.sqlite"
    keys = [
        replace(KEY, model=model, code=code, sample=sample)
        for model, code in (("aaaa", "new"), ("aabb", "new"), ("aabb", "old"))
        for sample in range(10)
    ]
    with CompletionStore(file) as store:
        store.put_many({key: replace(ANSWER, text=ANSWER.text * 99) for key in keys})
    with ReplyStore(file) as store:
        store.put("a judge", ASKED, Reply(text="2", logprobs=(("2", -0.5), ("1", -1.0))))
    return file


def changed(path: Path, statement: str) -> None:
    """Do to the file what no version of the store does."""
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


def run(capsys, *arguments: object) -> tuple[int, str, str]:
    """Status, standard output and standard error of a command."""
    status = main([str(argument) for argument in arguments])
    told = capsys.readouterr()
    return status, told.out, told.err


def test_a_list_names_every_model_code_and_judge(path, capsys):
    """With how many answers each has, and the day they were put."""
    status, told, _ = run(capsys, "list", path)
    today = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d")
    assert status == 0
    assert "30 answers and 1 replies" in told
    rows = [line.split() for line in told.splitlines() if line.startswith("aa")]
    assert [row[:2] for row in rows] == [["aaaa", "new"], ["aabb", "new"], ["aabb", "old"]]
    assert all("10" in row and row[-1] == today for row in rows)
    assert any(line.startswith("a judge") for line in told.splitlines())


def test_the_size_is_that_on_disk(path, capsys):
    """The file's own size stands in the first line."""
    status, told, _ = run(capsys, "size", path)
    assert status == 0
    assert told.split()[0] == f"{path.stat().st_size / 1e6:.1f}"
    assert "30 answers" in told


def test_a_whole_store_has_no_fault(path, capsys):
    """Nor has one without replies, nor one of a version that kept no dates."""
    assert run(capsys, "check", path)[0] == 0
    changed(path, "DROP TABLE judge_replies")
    changed(path, "ALTER TABLE written_answers DROP COLUMN written_at")
    for command in ("check", "list", "size", "export"):
        assert run(capsys, command, path)[0] == 0


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE written_answers SET model = 'b' WHERE rowid = 3", "row 3 is wrong: its digest"),
        ("UPDATE written_answers SET ids = x'0102' WHERE rowid = 4", "row 4 .* four bytes"),
        ("UPDATE written_answers SET ids = x'01020304' WHERE rowid = 4", "has 1 tokens .* have 3"),
        ("UPDATE written_answers SET ids = 'text' WHERE rowid = 4", "row 4 .* four bytes"),
        ("UPDATE written_answers SET text = CAST(x'ff41' AS TEXT)", "its text is not UTF-8"),
        ("UPDATE written_answers SET finish_reason = 'tired'", "ended by 'tired'"),
        ("UPDATE written_answers SET expected_words = -1.0", "expected words is -1.0"),
        ("UPDATE written_answers SET temperature = 'hot'", "its temperature is 'hot'"),
        ("UPDATE written_answers SET text = 'Wafer'", "is not what was put"),
        ("UPDATE written_answers SET expected_words = 2.5", "is not what was put"),
        ("UPDATE judge_replies SET logprobs = '[1, 2'", "reply in row 1 .* log-probabilities"),
        ("UPDATE judge_replies SET prompt_hash = 'x'", "32 hex digits"),
        ("ALTER TABLE written_answers DROP COLUMN ids", "answers has no ids"),
    ],
)
def test_every_fault_has_a_sentence(path, capsys, statement, told):
    """And the exit status is 1."""
    changed(path, statement)
    status, out, _ = run(capsys, "check", path)
    assert status == 1
    found = re.search(told, out)
    assert found, out
    assert "faults in" in out


def test_broken_files_are_faults(path, tmp_path, capsys):
    """A page that is overwritten, a text file and another database."""
    with path.open("r+b") as file:
        file.seek(3 * 4096)
        file.write(b"\xff" * 4096)
    assert run(capsys, "check", path)[0] == 1
    (tmp_path / "garbled").write_text("no database" * 999)
    assert run(capsys, "check", tmp_path / "garbled")[0] == 1
    changed(tmp_path / "other.sqlite", "CREATE TABLE a (b)")
    status, out, _ = run(capsys, "check", tmp_path / "other.sqlite")
    assert (status, "another database" in out) == (1, True)


def test_what_is_exported_is_what_is_kept(path, tmp_path, capsys):
    """Every row on a line of its own, in the order they were put; replies likewise."""
    into = tmp_path / "answers.jsonl"
    assert run(capsys, "export", path, "-o", into)[0] == 0
    rows = [json.loads(line) for line in into.read_text(encoding="utf-8").splitlines()]
    with CompletionStore(path) as store:
        for row in rows:
            names = CompletionKey.__dataclass_fields__
            (found,) = store.get_many([CompletionKey(**{n: row[n] for n in names})]).values()
            assert (found.text, [*found.ids]) == (row["text"], row["ids"])
    assert len({row["digest"] for row in rows}) == 30
    _, out, _ = run(capsys, "export", path, "--kind", "replies")
    assert json.loads(out)["logprobs"] == [["2", -0.5], ["1", -1.0]]
    status, _, told = run(capsys, "export", path, "-o", into)
    assert (status, "is there already" in told) == (2, True)
    assert [*tmp_path.glob("*.part")] == []


def test_parquet_holds_the_same_rows(path, tmp_path, capsys):
    """Where pyarrow is installed; else a sentence says what to install."""
    into = tmp_path / "answers.parquet"
    status, _, told = run(capsys, "export", path, "-o", into)
    try:
        import pyarrow.parquet as parquet
    except ImportError:
        assert (status, "pip install" in told, into.exists()) == (2, True, False)
        return
    table = parquet.read_table(into)
    assert (table.num_rows, table["ids"][0].as_py()) == (30, [5, 0, 262_143])
    assert table["perplexity"].null_count == 30
    assert run(capsys, "export", path, "--kind", "replies", "-o", tmp_path / "r.parquet")[0] == 0


@pytest.mark.parametrize(
    ("options", "went"),
    [
        (("--model", "aaaa"), "10 answers"),
        (("--model", "aab"), "20 answers"),
        (("--model", "aabb", "--code", "old"), "10 answers"),
        (("--older-code",), "30 answers"),
        (("--judge", "a judge"), "1 replies"),
        (("--before", "2000-01-01"), "nothing"),
        (("--before", "2100-01-01"), "30 answers and 1 replies"),
    ],
)
def test_pruning_counts_first_and_deletes_when_told(path, capsys, options, went):
    """What would go is what goes; the rest stays, and the file is whole and no larger."""
    before, size = path.read_bytes(), path.stat().st_size
    status, told, _ = run(capsys, "prune", path, *options)
    assert (status, told.startswith(f"{went} would go")) == (0, True)
    assert path.read_bytes() == before
    status, told, _ = run(capsys, "prune", path, *options, "--yes")
    assert (status, told.startswith(f"{went} went")) == (0, True)
    assert path.stat().st_size <= size
    assert run(capsys, "check", path)[0] == 0
    _, told, _ = run(capsys, "prune", path, "--before", "2100-01-01")
    assert (("would go" in told) and not told.startswith(f"{went} would go")) or went == "nothing"


def test_pruning_makes_the_file_smaller(path, capsys):
    """By as many bytes as it says."""
    with CompletionStore(path) as store:
        more = {replace(KEY, sample=i): replace(ANSWER, text="long" * 2000) for i in range(200)}
        store.put_many(more)
    size = path.stat().st_size
    _, told, _ = run(capsys, "prune", path, "--model", KEY.model, "--yes")
    freed = size - path.stat().st_size
    assert freed > 1_500_000
    assert f"{freed / 1e6:.1f} MB were freed" in told


def test_earlier_tables_are_told_and_pruned(path, capsys):
    """Nothing reads them; they go only when they are named."""
    changed(path, "CREATE TABLE sampled_answers (a)")
    changed(path, "INSERT INTO sampled_answers VALUES (1), (2)")
    assert "2 rows of earlier versions" in run(capsys, "list", path)[1]
    assert "2 rows of earlier versions went" in run(capsys, "prune", path, "--earlier", "--yes")[1]
    assert "earlier versions" not in run(capsys, "list", path)[1]
    assert "30 answers" in run(capsys, "list", path)[1]


def test_broken_rows_are_pruned(path, capsys):
    """They alone, and the file is whole again."""
    changed(path, "UPDATE written_answers SET text = 'Wafer' WHERE rowid = 7")
    changed(path, "UPDATE judge_replies SET prompt_hash = 'x'")
    _, told, _ = run(capsys, "prune", path, "--broken", "--yes")
    assert told.startswith("1 answers and 1 replies went, and 29 rows stay")
    assert run(capsys, "check", path)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("list", "{folder}/nowhere.sqlite"), "There is no store at"),
        (("list", "{folder}"), "is a folder"),
        (("prune", "{path}"), "Nothing is said to be unwanted"),
        (("prune", "{path}", "--model", "c"), "Name one of: aaaa, aabb"),
        (("prune", "{path}", "--model", "a"), "Several models begin"),
        (("prune", "{path}", "--judge", "b"), "Name one of: a judge"),
        (("prune", "{path}", "--judge", "a judge", "--model", "aaaa"), "no row has both"),
        (("export", "{path}", "-o", "{folder}/no/a.jsonl"), "There is no folder"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(path, capsys, arguments, told):
    """On the error stream, with the exit status 2."""
    given = [a.format(path=path, folder=path.parent) for a in arguments]
    status, out, error = run(capsys, *given)
    assert (status, out) == (2, "")
    assert error.startswith("error: ")
    assert told in error


def test_the_command_loads_no_torch(path):
    """It answers at once, on machines without a model library too."""
    program = (
        "import sys\nfrom prefvec.store.__main__ import main\n"
        f"main(['list', {str(path)!r}])\nsys.exit('torch' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert found.returncode == 0, found.stderr
