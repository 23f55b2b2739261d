"""What benchmarks keep, and the ratios and tables that they tell."""

import json
import re
from pathlib import Path

import pytest

import prefvec
from benchmarks import minutes, tables
from benchmarks.limits import floor_of
from benchmarks.machine import in_words
from benchmarks.results import keep
from benchmarks.timed import ratios
from benchmarks.whole import shares
from prefvec.errors import PrefvecError
from tests.tiny import tiny

pytest_plugins = ["pytester"]

TOLD = {"own": [1.0, 3.0, 2.0], "reference": [2.0, 3.0, 8.0], "found": [1.0], "with": "itself"}


def test_a_ratio_is_of_neighbours_in_time():
    """Each measurement over its own reference: 1/2, 3/3 and 2/8."""
    assert ratios(TOLD) == {"seconds": 2.0, "ratio": 0.5, "least": 0.25, "largest": 1.0}
    assert ratios({"error": "no wheel"}) == {"error": "no wheel"}


def test_a_result_names_its_machine(tmp_path):
    """A figure without the machine that it was measured on compares with nothing."""
    rows = [{"library": "ours", "ratio": 0.5}]
    path = keep("extraction-tiny", rows, under=tmp_path, model="tiny")
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert kept["facts"] == {"model": "tiny"}
    assert kept["rows"] == rows
    assert kept["machine"]["cores"] >= 1
    assert kept["machine"]["torch"] in in_words(kept["machine"])


def test_rows_of_a_benchmark_that_was_broken_off_are_kept(tmp_path):
    """Beside the earlier result, which stays until another is whole."""
    before = keep("floor", [{"rows": 1}], under=tmp_path).read_text(encoding="utf-8")

    def broken_off():
        yield {"rows": 2}
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keep("floor", broken_off(), under=tmp_path)
    assert (tmp_path / "floor.json").read_text(encoding="utf-8") == before
    unfinished = json.loads((tmp_path / "floor.unfinished").read_text(encoding="utf-8"))
    assert unfinished["rows"] == [{"rows": 2}]
    assert [*tables.results(tmp_path)] == ["floor"]


def test_a_step_needs_its_weights_read_or_multiplied_whichever_takes_longer():
    """By hand: bytes over the bandwidth of one row, operations over the throughput of many."""
    model = tiny("llama")
    weights = sum(each.numel() for each in model.network.parameters())
    if not model.network.config.tie_word_embeddings:
        weights -= model.network.get_input_embeddings().weight.numel()
    assert floor_of(model, 3, 0, 4.0, float("inf")) == pytest.approx(weights)
    assert floor_of(model, 3, 0, float("inf"), 2.0) == pytest.approx(3 * weights)
    assert floor_of(model, 3, 10, 4.0, float("inf")) > floor_of(model, 2, 10, 4.0, float("inf"))


def test_a_table_has_every_row_and_column(tmp_path):
    """A row that failed lacks the numbers and says why."""
    rows = [{"way": "ours", "ratio": 0.40519}, {"way": "theirs", "error": "no | wheel"}]
    kept = json.loads(keep("x", rows, under=tmp_path, pairs=1200).read_text(encoding="utf-8"))
    lines = tables.table(kept).splitlines()
    assert lines[:4] == [
        "| way | ratio | error |",
        "|---|---|---|",
        "| ours | 0.405 |  |",
        "| theirs |  | no \\| wheel |",
    ]
    assert lines[-1].startswith("pairs 1,200. ")
    assert in_words(kept["machine"]) in lines[-1]


@pytest.mark.parametrize("page", ["", "<!-- measured x -->\n<!-- /measured x -->\n" * 2])
def test_a_result_without_a_place_is_refused_and_so_is_a_place_without_a_result(tmp_path, page):
    """Neither is lost in silence."""
    path = tmp_path / "page.md"
    path.write_text(page + ("<!-- measured y -->\n<!-- /measured y -->" if page else ""))
    keep("x", [{"way": "ours"}], under=tmp_path)
    with pytest.raises(PrefvecError, match="Run it, or put <!-- measured"):
        tables.write(path, tmp_path)


def test_the_page_holds_what_was_kept():
    """`python -m benchmarks.tables` was run after the last benchmark."""
    text = tables.PAGE.read_text(encoding="utf-8")
    found = tables.results()
    assert set(re.findall(r"<!-- measured (\S+) -->", text)) == set(found)
    assert found
    for kept in found.values():
        assert tables.table(kept) in text


def test_what_whole_runs_cost_stands_on_the_front_page():
    """Likewise."""
    assert tables.costs(tables.results()) in tables.FRONT.read_text(encoding="utf-8")


ROOM = str(Path(prefvec.__file__).parent)


@pytest.mark.parametrize(
    ("stack", "work"),
    [
        (("torch/nn/linear.py", f"{ROOM}/generation/decoding.py"), "answers written"),
        (
            (
                f"{ROOM}/vectors/residual.py",
                f"{ROOM}/generation/decoding.py",
                f"{ROOM}/report/x.py",
            ),
            "answers written",
        ),
        (("re.py", f"{ROOM}/report/page.py", f"{ROOM}/pytest_plugin/plugin.py"), "the page"),
        (("pluggy/_manager.py",), minutes.REST),
        (("/usr/lib/python3/threading.py", f"{ROOM}/generation/lanes.py"), None),
    ],
)
def test_a_look_at_a_stack_says_what_is_done(stack, work):
    """By the innermost room that is known; a thread that waits does nothing."""
    assert minutes.doing(stack) == work


def test_minutes_are_shared_out_by_looks():
    """Three of four looks, three of four minutes; the longest first."""
    rows = shares({"read": 10.0, "written": 30.0}, 4.0)
    assert [row["work"] for row in rows] == ["written", "read"]
    assert [row["minutes"] for row in rows] == [3.0, 1.0]


def test_a_run_that_is_looked_at_writes_what_was_seen(tmp_path, pytester, monkeypatch):
    """A test that does something for a while is seen to do the rest."""
    monkeypatch.setenv("PREFVEC_MINUTES", str(tmp_path / "looks"))
    pytester.makepyfile("""
        import time

        def test_busy():
            until = time.monotonic() + 0.3
            while time.monotonic() < until:
                pass
    """)
    pytester.runpytest_inprocess("-p", "benchmarks.minutes").assert_outcomes(passed=1)
    looks = json.loads((tmp_path / "looks").read_text(encoding="utf-8"))
    assert looks[minutes.REST] > 0
