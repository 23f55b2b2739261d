"""What the page carries comes out of it again."""

import base64
import csv
import gzip
import io
import json
import math
import re

import pytest

from prefvec.errors import PrefvecError
from prefvec.report import record as records
from prefvec.report.__main__ import main
from prefvec.report.downloads import carried, claims_csv, downloads, prompts_csv
from prefvec.report.latex_table import bibtex, latex_table
from prefvec.report.page import render
from tests.sample_claim import PROMPTS
from tests.sample_record import sample_claims, sample_record


def _record():
    return records.plain(sample_record())


def _rows(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_record_inside_the_page_makes_the_same_page(tmp_path):
    """Taken out of the page, read from its file and rendered."""
    page = render(_record())
    start = page.index("data:application/gzip;base64,") + len("data:application/gzip;base64,")
    content = base64.b64decode(page[start : page.index('"', start)])
    path = tmp_path / "verdicts.json.gz"
    path.write_bytes(content)
    records.validate(records.read(path))
    assert render(records.read(path)) == page


def test_a_compressed_record_is_rendered_beside_itself(tmp_path, capsys):
    """By the command line; the page's name is the record's without its endings."""
    path = tmp_path / "verdicts.json.gz"
    path.write_bytes(gzip.compress(json.dumps(_record()).encode()))
    assert main(["render", str(path)]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "verdicts.html")


def test_a_record_that_was_cut_off_is_refused(tmp_path):
    """Half of a gzip file is an error that names the file."""
    path = tmp_path / "verdicts.json.gz"
    path.write_bytes(gzip.compress(json.dumps(_record()).encode())[:500])
    with pytest.raises(PrefvecError, match=r"verdicts.json.gz could not be read"):
        records.read(path)


def test_answers_are_kept_once_and_once_only():
    """What has been put together is left as it is."""
    once = carried(_record())
    assert all("archive" not in claim for claim in once["claims"])
    assert carried(once) == once


def test_numbers_are_carried_to_seven_digits():
    """Each within half a unit of its seventh digit, and all else as it was."""
    before, after = _record()["claims"][0], carried(_record())["claims"][0]
    for arm, kept in zip(before["arms"], after["arms"], strict=True):
        for prompt, doses in arm["per_prompt"].items():
            assert kept["per_prompt"][prompt] == pytest.approx(doses, rel=5e-7)
    assert after["title"] == before["title"]
    assert after["answers"] == before["answers"]


def test_the_table_of_claims_has_a_row_for_each():
    """With its outcome, and its effect as a number."""
    rows = _rows(claims_csv(_record()["claims"]))
    assert [row["id"] for row in rows] == [claim["id"] for claim in sample_claims()]
    for row, claim in zip(rows, sample_claims(), strict=True):
        assert row["outcome"] == claim["outcome"]
        if claim["effect"]:
            assert float(row["factor"]) == pytest.approx(claim["effect"]["factor"])
            assert int(row["prompts"]) == len(PROMPTS)
            assert 0 < float(row["p"]) <= float(row["p_holm"]) < 1


def test_every_column_of_the_tables_has_its_unit_in_words():
    """But for those that are words themselves."""
    files = downloads(carried(_record()))
    told = files["units.txt"].content.decode()
    (head, *_) = csv.reader(io.StringIO(files["claims.csv"].content.decode()))
    numbers = [name for name in head if name.startswith(("share", "words", "p")) or name == "low"]
    assert len(numbers) > 8
    assert all(name in told for name in numbers)
    (head, *_) = csv.reader(io.StringIO(gzip.decompress(files["prompts.csv.gz"].content).decode()))
    assert [name for name in head if name.endswith("_log_ratio")] == head[3:]


def test_the_latex_table_has_every_claim_and_runs_nothing():
    """Whatever a record says is text there, and each row has as many cells as the head."""
    claims = _record()["claims"]
    claims[0] |= {"title": r"\input{/etc/passwd} 50 % & more_ $x^2$ #{~}"}
    rows = [line for line in latex_table(claims).splitlines() if line.endswith(r"\\")]
    assert len(rows) == 1 + len(claims) + 2
    cells = {re.sub(r"\\&", "", row).count("&") for row in rows if "multicolumn" not in row}
    assert cells == {5}
    (row,) = (row for row in rows if "etc/passwd" in row)
    assert r"\textbackslash{}input\{/etc/passwd\} 50 \% \& more\_ \$x" in row


def test_what_is_cited_is_the_version_and_the_commit_of_the_run():
    """With the year of the run."""
    entry = bibtex(_record()["run"])
    assert entry.startswith("@software{prefvec,")
    assert "commit 0f3c9ab41d7e" in entry
    assert "year = {2026}" in entry
    assert entry.count("{") == entry.count("}")


def test_the_table_of_prompts_has_each_of_them_under_each_arm():
    """Its odd parts have the mean that the arm has."""
    claim = _record()["claims"][0]
    rows = _rows(prompts_csv([claim]))
    assert len(rows) == len(claim["arms"]) * len(PROMPTS)
    for arm in claim["arms"]:
        odd = [float(row["odd_log_ratio"]) for row in rows if row["arm"] == arm["name"]]
        assert math.fsum(odd) / len(odd) == pytest.approx(arm["odd"]["estimate"], abs=1e-5)


def test_the_tables_speak_the_words_of_the_page():
    """Arms, regimes and sentences; a claim's id stays the key that it is."""
    claims = _record()["claims"][:1]
    claims[0] |= {"regime": "exposed 2 %", "sentence": "The vector adapted on exposure 0 steers."}
    called = {
        "beside": ("the vector adapted on exposure 0", "the vector adapted on neutral turns"),
        "raw-analogous": ("copied raw at the same relative depth", "raw, same depth"),
        "native, asked negative": ("its own vector, asked", "its own vector, asked"),
    }
    (arm,) = claims[0]["arms"]
    claims[0]["arms"] = [arm | {"name": n, "label": label} for n, (label, _) in called.items()]
    words = {row["arm"] for row in _rows(prompts_csv(claims))}
    assert words == {word for _, word in called.values()}
    (row,) = _rows(claims_csv(claims))
    assert row["id"] == claims[0]["id"]
    assert row["regime"] == "turns of which 2 % ask for the trait"
    assert row["sentence"] == "The vector adapted on neutral turns steers."


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(start):
    """Text that a spreadsheet would run is text; numbers below zero stay numbers."""
    claims = _record()["claims"]
    claims[0] |= {"title": start + "cmd|' /C calc'!A0"}
    claims[0]["arms"][0]["per_prompt"] = {start + "x": {"1": -0.5, "-1": 0.5}}
    assert _rows(claims_csv(claims))[0]["title"].startswith("'" + start)
    row = _rows(prompts_csv(claims))[0]
    assert row["prompt"].startswith("'")
    assert float(row["odd_log_ratio"]) == -0.5


def test_each_file_says_what_it_is():
    """A name, a sentence and a size."""
    files = downloads(carried(_record()))
    assert list(files) == [
        *("verdicts.json.gz", "claims.csv", "prompts.csv.gz"),
        *("units.txt", "claims.tex", "prefvec.bib"),
    ]
    for file in files.values():
        assert file.href.startswith(f"data:{file.mime};base64,")
        assert base64.b64decode(file.href.partition(",")[2]) == file.content
        assert file.what
        assert file.size.endswith(" kB")
