"""The three findings of a run in words, and the README's own."""

import json
from pathlib import Path

from prefvec.report.headlines import BEGIN, END, headlines
from prefvec.report.markdown import put
from tests.sample_record import sample_record

ROOT = Path(__file__).parents[2]
FINDINGS = json.loads((ROOT / "reports/findings/organisms.json").read_text(encoding="utf-8"))


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


def test_the_readme_says_what_was_blessed():
    """Each blessed outcome of the three findings stands in the README as often as it came out."""
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = page.partition(BEGIN)[2].partition(END)[0]
    ids = ("self-steering-mini-mistral", "raw-transfer-", "adapted-exposed-", "adapted-exposure-0-")
    outcomes = [
        finding["outcome"]
        for name, finding in FINDINGS["findings"].items()
        if name.startswith(ids) and name.count("mini-mistral") == 1
    ]
    assert len(outcomes) == 7
    for outcome in outcomes:
        assert shown.count(f"**{outcome}**") == outcomes.count(outcome)
