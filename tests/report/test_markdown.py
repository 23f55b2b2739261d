"""The table of verdicts in Markdown, and the one in the documentation."""

import json
import math
import re
from pathlib import Path

import pytest

from prefvec.errors import PrefvecError
from prefvec.report.effects import FOOTER
from prefvec.report.headlines import marks
from prefvec.report.markdown import BEGIN, END, put, table
from prefvec.report.question_rows import questions
from tests.sample_record import sample_record

CORRELATION = {
    "name": "contrast above its margin",
    "sentence": "",
    "role": "test",
    "about": None,
    "inequality": "contrast above its margin",
    "scale": "correlation",
    "passed": False,
    "estimate": 0.31,
    "low": 0.12,
    "high": 0.5,
}
ROOT = Path(__file__).parents[2]


def test_every_claim_has_a_row_with_its_outcome_under_its_question():
    """Questions in the order in which they first occur, claims in that of the run."""
    record = sample_record()
    rows = table(record).splitlines()[2:-2]
    assert len(rows) == len(record["claims"]) + 2
    asked = iter(questions(record["claims"]))
    expected = iter(())
    for row in rows:
        if row.startswith("| *"):
            question = next(asked)
            assert row.startswith(f"| *{question.heading}* |")
            expected = iter(question.claims)
        else:
            claim = next(expected)
            assert row.startswith(f"| {claim['title']} |")
            assert f"**{claim['outcome']}**" in row


def test_a_row_says_of_what_its_effect_is_where_the_footer_does_not():
    """Words per answer go without saying; another measure and a contrast of arms do not."""
    record = sample_record()
    first, second, third, *_ = record["claims"]
    first["measure"] = "formal over casual sentences"
    second["effect"] |= {"what": "the odd part of adapted over that of raw", "of": "contrast"}
    third |= {"outcome": "REFUTED", "components": [CORRELATION]}
    rows = {row.split(" | ")[0]: row for row in table(record).splitlines()}
    assert "×1.65 [1.60, 1.71] formal over casual sentences |" in rows[f"| {first['title']}"]
    assert "×1.01 [0.98, 1.04] effect of adapted ÷ effect of raw |" in rows[f"| {second['title']}"]
    assert "0.31 [0.12, 0.50] contrast of correlations |" in rows[f"| {third['title']}"]
    assert "×1.50 [1.45, 1.54] |" in rows[f"| {record['claims'][3]['title']}"]
    assert table(record).endswith(FOOTER)


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


@pytest.mark.parametrize(
    ("models", "page", "mark"),
    [
        ("organisms", "results.md", "verdicts"),
        (
            "smollm2-135m-instruct--gemma-3-270m--from-2",
            "results_on_real_models.md",
            "verdicts",
        ),
        (
            "gemma-3-270m--smollm2-135m-instruct",
            "results_on_real_models.md",
            "verdicts of other maps",
        ),
        (
            "smollm2-135m-instruct",
            "results_on_real_models.md",
            "verdicts of quantised weights",
        ),
    ],
    ids=["organisms", "real-models", "other-maps", "quantised"],
)
def test_the_documentation_says_what_was_blessed(models, page, mark):
    """Each blessed outcome stands in the table of its page, with its effect; none is INVALID."""
    path = ROOT / "reports" / "findings" / f"{models}.json"
    findings = json.loads(path.read_text(encoding="utf-8"))
    page = (ROOT / "docs" / page).read_text(encoding="utf-8")
    begin, end = marks(mark)
    shown = page.partition(begin)[2].partition(end)[0]
    rows = [row for row in shown.splitlines() if "**" in row and "**INVALID**" not in row]
    assert len(rows) == len(findings["findings"])
    for finding in findings["findings"].values():
        odd = list(finding["odd"].values())
        factor = f"×{math.exp(sum(odd) / len(odd)):.2f}" if odd else ""
        if finding["kind"] == "exceeds":  # its effect is a contrast, and no odd part
            factor = next(iter(re.findall(r"×\d+\.\d\d", finding["sentence"])), "")
        assert any(f"**{finding['outcome']}**" in row and factor in row for row in rows)
