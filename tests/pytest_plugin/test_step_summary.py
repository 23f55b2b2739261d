"""The Markdown summary for CI: the state of the run, what changed, and nobody's markup."""

import re

import pytest

from prefvec.pytest_plugin.step_summary import summary
from prefvec.report.changes import changed_rows, headline
from tests.sample_record import sample_record


def _table(text):
    return [line for line in text.splitlines() if line.startswith("|")][2:]


def test_changed_rows_come_first_and_every_claim_has_one():
    """The sample has one regressed and one drifted claim among seven."""
    rows = _table(summary(sample_record()))
    assert len(rows) == 7
    changes = [re.sub(r"\W", "", row.split("|")[-2].split(",")[0]) for row in rows]
    assert changes == ["regressed", "drift", *["unchanged"] * 3, "new", "unchanged"]
    assert "**regressed**" in rows[0]


def test_suspects_stand_under_their_claim():
    """In a list, each on its line."""
    text = summary(sample_record())
    start = text.index("- **REGRESSED** adapted-exposed-mini-gemma: It was blessed as")
    lines = text[start:].splitlines()
    assert lines[1].startswith("  - suspect: model mini-gemma")
    assert lines[2].startswith("  - suspect: adapted site")


@pytest.mark.parametrize(
    ("mode", "complete", "said"),
    [
        ("full", True, "Full run. Complete: 7 claims."),
        ("full", False, "**Incomplete: 7 of 9 selected claims.**"),
        ("quick", True, "**Smoke run: no evidence, nothing compared.**"),
    ],
)
def test_it_says_whether_the_run_is_evidence(mode, complete, said):
    """Complete, cut short or a smoke run."""
    assert said in summary(sample_record(mode=mode, complete=complete))


def test_a_selection_is_not_passed_off_as_all_claims():
    """Some claims selected, all of these run."""
    record = sample_record()
    record["run"] |= {"selected": 7, "collected": 12}
    assert "7 of 12 claims were selected, all of them run." in summary(record)


def test_no_name_becomes_markup_or_breaks_the_table():
    """Pipes, tags, links, control characters and new lines in a title are text on one line."""
    record = sample_record()
    record["claims"][0]["title"] = "a | b\n<img src=x> [l](http://x) `c` \x1b[31m \u202e **d**"
    text = summary(record)
    (row,) = [line for line in _table(text) if line.startswith("| a ")]
    assert len(re.findall(r"(?<!\\)\|", row)) == 6
    assert r"\<img src=x\> \[l\]\(http://x\) \`c\`" in row
    assert r"\*\*d\*\*" in row
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e]", text)


def test_the_headline_counts_what_is_not_as_blessed():
    """Two of six compared claims changed, two are new or were never run."""
    record = sample_record()
    assert headline(record) == "Of 6 findings: 2 changed; 1 new."
    record["run"]["not_run"] = [{"id": "gone", "outcome": "REFUTED"}]
    assert headline(record) == "Of 7 findings: 2 changed, 1 not run; 1 new."
    assert [row.change for row in changed_rows(record)] == ["REGRESSED", "DRIFT", "NOT RUN"]
    for claim in record["claims"]:
        claim["change"] = "SAME"
    record["run"]["not_run"] = []
    assert headline(record) == "All 7 findings as blessed."
    assert changed_rows(record) == []
