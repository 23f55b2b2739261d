"""What the page carries comes out of it again."""

import base64
import csv
import gzip
import io
import json
import math

import pytest

from prefvec.errors import PrefvecError
from prefvec.report import record as records
from prefvec.report.__main__ import main
from prefvec.report.downloads import carried, claims_csv, downloads, prompts_csv
from prefvec.report.page import render
from tests.sample_record import PROMPTS, sample_claims, sample_record


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


def test_the_table_of_prompts_has_each_of_them_under_each_arm():
    """Its odd parts have the mean that the arm has."""
    claim = _record()["claims"][0]
    rows = _rows(prompts_csv([claim]))
    assert len(rows) == len(claim["arms"]) * len(PROMPTS)
    for arm in claim["arms"]:
        odd = [float(row["odd"]) for row in rows if row["arm"] == arm["name"]]
        assert math.fsum(odd) / len(odd) == pytest.approx(arm["odd"]["estimate"], abs=1e-5)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(start):
    """Text that a spreadsheet would run is text; numbers below zero stay numbers."""
    claims = _record()["claims"]
    claims[0] |= {"title": start + "cmd|' /C calc'!A0"}
    claims[0]["arms"][0]["per_prompt"] = {start + "x": {"1": -0.5, "-1": 0.5}}
    assert _rows(claims_csv(claims))[0]["title"].startswith("'" + start)
    row = _rows(prompts_csv(claims))[0]
    assert row["prompt"].startswith("'")
    assert float(row["odd"]) == -0.5


def test_each_file_says_what_it_is():
    """A name, a sentence and a size."""
    files = downloads(carried(_record()))
    assert list(files) == ["verdicts.json.gz", "claims.csv", "prompts.csv.gz"]
    for file in files.values():
        assert file.href.startswith(f"data:{file.mime};base64,")
        assert base64.b64decode(file.href.partition(",")[2]) == file.content
        assert file.what
        assert file.size.endswith(" kB")
