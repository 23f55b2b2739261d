"""The three findings of a run in words, and the README's own."""

import json
from pathlib import Path

import pytest

from prefvec.report.headlines import headlines, marks
from prefvec.report.markdown import put
from tests.sample_record import sample_record

ROOT = Path(__file__).parents[2]
BEGIN, END = marks()
ADAPTED = ("adapted-exposed-mini", "adapted-exposure-0-mini")


def test_each_pair_has_a_row_and_each_finding_a_column():
    """Each outcome of the three findings stands once, and no other question's."""
    run = sample_record()
    told = headlines([run])
    asked = [
        c for c in run["claims"] if c.get("question", "the three findings").endswith("findings")
    ]
    assert told.count("**") == 2 * len(asked)
    pairs = {(claim["source"], claim["target"]) for claim in asked}
    assert len(told.splitlines()) == 2 + len(pairs) + 2


def test_of_no_run_there_is_nothing_to_tell():
    """The head alone stands there."""
    assert len(headlines([]).splitlines()) == 4


def test_they_go_between_their_marks(tmp_path):
    """What stands around them stays."""
    page = tmp_path / "page.md"
    page.write_text(f"above\n{BEGIN}\nold\n{END}\nbelow\n", encoding="utf-8")
    put("new", page, (BEGIN, END))
    assert page.read_text(encoding="utf-8") == f"above\n{BEGIN}\nnew\n{END}\nbelow\n"


@pytest.mark.parametrize(
    ("models", "mark", "ids", "count"),
    [
        ("organisms", "headlines", ("self-steering-mini-mistral", "raw-transfer-", *ADAPTED), 7),
        (
            "smollm2-135m-instruct--gemma-3-270m--from-2",
            "headlines on real models",
            ("self-steering-", "raw-transfer-", "adapted-expos"),
            5,
        ),
    ],
    ids=["organisms", "real-models"],
)
def test_the_readme_says_what_was_blessed(models, mark, ids, count):
    """Each blessed outcome of the three findings stands in the README as often as it came out."""
    findings = ROOT / "reports" / "findings" / f"{models}.json"
    found = json.loads(findings.read_text(encoding="utf-8"))["findings"]
    begin, end = marks(mark)
    shown = (ROOT / "README.md").read_text(encoding="utf-8").partition(begin)[2].partition(end)[0]
    outcomes = [
        finding["outcome"]
        for name, finding in found.items()
        if name.startswith(ids) and name.count("mini-mistral") < 2
    ]
    assert len(outcomes) == count
    for outcome in outcomes:
        assert shown.count(f"**{outcome}**") == outcomes.count(outcome)
