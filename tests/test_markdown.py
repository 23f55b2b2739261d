"""The table of verdicts in Markdown, and the README's own."""

import json
import math
from pathlib import Path

import pytest

from prefvec.errors import PrefvecError
from reports.markdown import BEGIN, END, put, table
from tests.sample_record import sample_record

ROOT = Path(__file__).parents[1]


def test_every_claim_has_a_row_with_its_outcome():
    """The table has one row per claim, in order."""
    record = sample_record()
    rows = table(record).splitlines()[2 : 2 + len(record["claims"])]
    for row, claim in zip(rows, record["claims"], strict=True):
        assert f"**{claim['outcome']}**" in row


def test_the_table_takes_the_place_between_the_marks(tmp_path):
    """What stood between the marks is replaced, the rest is kept."""
    path = tmp_path / "page.md"
    path.write_text(f"above\n{BEGIN}\nold\n{END}\nbelow\n", encoding="utf-8")
    put("new", path)
    assert path.read_text(encoding="utf-8") == f"above\n{BEGIN}\nnew\n{END}\nbelow\n"


def test_a_file_without_marks_is_left_alone(tmp_path):
    """The error says what is missing, and the file stays as it was."""
    path = tmp_path / "page.md"
    path.write_text("nothing here\n", encoding="utf-8")
    with pytest.raises(PrefvecError, match="no place for the table"):
        put("new", path)
    assert path.read_text(encoding="utf-8") == "nothing here\n"


def test_the_readme_says_what_was_blessed():
    """Each blessed outcome stands in the README's table, with its effect."""
    findings = json.loads((ROOT / "reports/findings/organisms.json").read_text(encoding="utf-8"))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = readme.partition(BEGIN)[2].partition(END)[0]
    rows = [row for row in shown.splitlines() if "**" in row]
    assert len(rows) == len(findings["findings"])
    for finding in findings["findings"].values():
        odd = list(finding["odd"].values())
        factor = f"×{math.exp(sum(odd) / len(odd)):.2f}" if odd else "—"
        assert any(f"**{finding['outcome']}**" in row and factor in row for row in rows)
