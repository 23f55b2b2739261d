"""The command lines that stand under a claim, to take its vector to another engine."""

import shlex

import pytest

from prefvec.errors import PrefvecError
from prefvec.exchange.__main__ import main
from prefvec.report import record as records
from prefvec.report.elsewhere import elsewhere
from prefvec.report.page import render
from tests.sample_record import sample_claims, sample_record


def claim_with(**entries):
    """The sample's first claim, but for these entries."""
    return {**sample_claims()[0], **entries}


def test_the_first_line_exports_and_the_others_add_either_dose():
    """At the claim's block alone, from the file that the first line writes."""
    claim = claim_with()
    export, plus, minus = map(shlex.split, elsewhere(claim))
    told = dict(zip(export[4::2], export[5::2], strict=True))
    assert export[:4] == ["python", "-m", "prefvec.exchange", "export"]
    assert (told["--claim"], told["--model"]) == (claim["id"], claim["target"])
    block = str(claim["arms"][0]["site"]["layer"])
    assert plus[-2:] == minus[-2:] == [block, block]
    assert told["--out"] in plus
    assert f"{told['--out']}:-1.0" in minus


def test_the_commands_are_those_that_there_are(capsys, monkeypatch, tmp_path):
    """The export gets as far as to look for the record, in a folder that has none."""
    monkeypatch.chdir(tmp_path)
    arguments = shlex.split(elsewhere(claim_with())[0])[3:]
    with pytest.raises(PrefvecError, match=r"verdicts\.json"):
        main(arguments)
    assert "usage" not in capsys.readouterr().err


def test_a_name_that_another_tool_would_cut_is_written_otherwise():
    """A hub id has a slash, and llama.cpp cuts a file's name at colons and commas."""
    lines = elsewhere(claim_with(id="raw-org/one:two,three", target="org/one"))
    assert "raw-org-one-two-three.gguf" in lines[1]
    assert "--claim raw-org/one:two,three" in lines[0]


def test_there_is_nothing_to_take_along_where_nothing_was_judged_or_added():
    """INVALID, without a vector, or into the first block, which llama.cpp cannot address."""
    assert elsewhere(claim_with(outcome="INVALID")) == ()
    arms = claim_with()["arms"]
    assert elsewhere(claim_with(arms=[{**arm, "added_at": None} for arm in arms])) == ()
    first = [{**arm, "site": {"layer": 0, "point": "resid_post"}} for arm in arms]
    assert elsewhere(claim_with(arms=first)) == ()


def test_they_stand_under_the_claim_on_the_page():
    """Where there are any."""
    page = render(records.plain(sample_record()))
    assert "Use this vector in llama.cpp" in page
    assert "python -m prefvec.exchange export" in page
