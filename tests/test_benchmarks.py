"""What benchmarks keep, and the ratios and tables that they tell."""

import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from transformers import LlamaConfig

import prefvec
from benchmarks import floor, gpu, minutes, page, store_scale, tables
from benchmarks.__main__ import EVERY, failed
from benchmarks.aims import AIMS
from benchmarks.cells import ranked_alike
from benchmarks.extraction import row
from benchmarks.limits import floor_of
from benchmarks.machine import in_words
from benchmarks.results import KEPT, keep
from benchmarks.timed import ratios
from benchmarks.whole import shares
from prefvec.errors import PrefvecError
from prefvec.experiments.search import Tried
from prefvec.experiments.sieve import Sieved
from prefvec.vectors.residual import Site
from tests.tiny import tiny

pytest_plugins = ["pytester"]

TOLD = {"own": [1.0, 3.0, 2.0], "reference": [2.0, 3.0, 8.0], "found": [1.0], "with": "itself"}


def test_another_vector_has_no_time_however_fast_it_was_found():
    """Agreement comes first; of a principal component the sign means nothing."""
    told = TOLD | {"found": [1.0, 0.05]}
    assert row("a", told, [1.0, 0.0])["ratio"] == 0.5
    assert row("a", told, [-1.0, 0.0])["ratio"] == 0.5
    assert row("a", told, [0.0, 1.0]) == {
        "library": "a",
        "error": "another vector: its cosine to the first is 0.050",
    }


def test_a_sieve_ranks_cells_as_answers_do_or_not():
    """By block at its better dose, whatever the order; of few blocks nothing."""
    sites = [Site(layer=layer, point="resid_post") for layer in range(6)]
    norm = {"kappa": 0.15, "relative_norm": 0.1}
    read = [Sieved(site=site, going_on=site.layer + 1.0, chance=0.5, **norm) for site in sites]
    whole = {"coherence_loss": 0.0, "censored": 0.0, **norm}
    rising = [Tried(site=site, odd=0.1 * site.layer, **whole) for site in reversed(sites[:5])]
    same = {"rank correlation of the sieve": pytest.approx(1.0), "blocks ranked": 5}
    assert ranked_alike(read, rising) == same
    weaker = [replace(row, kappa=0.5, going_on=0.1) for row in read]
    twice = [*rising, *(replace(row, kappa=0.5, odd=-1.0) for row in rising)]
    assert ranked_alike([*weaker, *read], twice) == same
    falling = [Tried(site=site, odd=-0.1 * site.layer, **whole) for site in sites]
    assert ranked_alike(read, falling)["rank correlation of the sieve"] == pytest.approx(-1.0)
    assert ranked_alike(read, rising[:3]) == {}
    assert ranked_alike(read, [replace(row, kappa=0.5) for row in rising]) == {}


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


def test_a_result_names_its_command(tmp_path, monkeypatch):
    """As it would be typed, so that it can be measured again."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules[floor.__name__])
    monkeypatch.setattr(sys, "argv", ["benchmarks/floor.py", "--rows", "1", "--model", "a b"])
    kept = json.loads(keep("floor", [], under=tmp_path).read_text(encoding="utf-8"))
    assert kept["command"] == "python -m benchmarks.floor --rows 1 --model 'a b'"
    assert f"`{kept['command']}`: " in tables.table(kept)


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
    assert ": pairs 1,200. " in lines[-1]
    assert in_words(kept["machine"]) in lines[-1]


@pytest.mark.parametrize(
    ("there", "said"),
    [
        ("", "'x' has no place in page.md. Put <!-- measured x --> and <!-- /measured x -->"),
        ("x y", "place for the benchmark 'y', of which there is no result. Run it, or take"),
    ],
    ids=["a result", "a place"],
)
def test_a_result_without_a_place_is_refused_and_so_is_a_place_without_a_result(
    tmp_path, there, said
):
    """Neither is lost in silence."""
    path = tmp_path / "page.md"
    marks = (f"<!-- measured {name} -->\n<!-- /measured {name} -->\n" for name in there.split())
    path.write_text("".join(marks))
    keep("x", [{"way": "ours"}], under=tmp_path)
    with pytest.raises(PrefvecError, match=re.escape(said)):
        tables.write(path, tmp_path)


def test_the_page_holds_what_was_kept():
    """`python -m benchmarks.tables` was run after the last benchmark."""
    text = tables.PAGE.read_text(encoding="utf-8")
    found = tables.results()
    places = set(re.findall(r"<!-- measured (\S+) -->", text))
    assert places == {name for name in found if not name.startswith("gpu-")}
    assert found
    for kept in found.values():
        assert tables.table(kept) in text
    assert tables.gpus(found) in text
    assert tables.aims(found) in text


def test_results_from_gpus_need_no_place_of_their_own(tmp_path):
    """They stand in one, as many as there are."""
    path, front = tmp_path / "page.md", tmp_path / "front.md"
    path.write_text("<!-- gpus --><!-- /gpus -->\n<!-- aims --><!-- /aims -->\n")
    front.write_text("<!-- costs --><!-- /costs -->\n")
    rows = [{"rows": 256, "share of the floor": 0.7, "least": 0.9, "largest": 1.3}]
    for name in ("a", "b"):
        keep(f"gpu-{name}", rows, under=tmp_path, model=name)
    tables.write(path, tmp_path, front)
    text = path.read_text(encoding="utf-8")
    assert [*re.findall("### (.*)", text)] == ["gpu-a", "gpu-b"]
    assert "| a step on a GPU, 256 rows: 60 % of the floor | 70 % (a), 70 % (b) | **met** |" in text


def test_an_aim_is_met_missed_or_not_measured_by_what_was_kept():
    """Where nothing was kept none is met; a steered step within its noise is not decided."""
    assert "met" not in {aim.found({})[1] for aim in AIMS}

    def standings(**of):
        kept = {name: {"rows": rows, "facts": {"answers": 1}} for name, rows in of.items()}
        return {aim.what.partition(":")[0]: aim.found(kept)[1] for aim in AIMS}

    def swept(times):
        ours, theirs = {"library": "prefvec", "ratio": 1.0}, {"library": "x", "ratio": times}
        return standings(sweep=[ours, theirs, {"library": "y", "error": "no wheel"}])

    assert swept(3.1)["a sweep over doses"] == "met"
    assert swept(2.9)["a sweep over doses"] == "missed"
    for least, largest, standing in (
        (0.9, 1.01, "met"),
        (1.03, 1.1, "missed"),
        (0.9, 1.1, "not decided"),
    ):
        rows = [{"rows": 1, "least": least, "largest": largest}]
        assert standings(floor=rows)["a steered step"] == standing
    for more, standing in ((1.05, "met"), (1.3, "missed")):
        rows = [
            {"grows": grows, "size": size, "peak memory, ratio": ratio}
            for grows in ("prompts", "prompts read")
            for size, ratio in ((1, 1.0), (8, 1.0), (64, more if grows == "prompts" else 1.0))
        ]
        assert standings(growth=rows)["memory"] == standing


@pytest.mark.parametrize(("minutes", "standing"), [(8.0, "met"), (8.1, "missed")])
def test_the_aim_of_a_whole_run_is_met_up_to_its_bound(minutes, standing):
    """By the result of that run alone."""
    kept = {"whole-real-args-quick": {"rows": [], "facts": {"minutes": minutes}}}
    found = {aim.what: aim.found(kept) for aim in AIMS if aim.found(kept)[1] != "not measured"}
    assert found["`make real ARGS=--quick`, a smoke run: 8 minutes at most"] == (
        f"{minutes} minutes",
        standing,
    )
    assert "`make real` from an empty store: 60 minutes at most" not in found


@pytest.mark.integration
def test_a_benchmark_that_fails_stops_no_other_and_what_cannot_be_measured_is_no_failure(capfd):
    """The first is no module; the second, a page that is not there, is named with its reason."""
    assert failed(["nowhere", "page nowhere.html"]) == ["nowhere"]
    assert "Not measured. There is no page at nowhere.html" in capfd.readouterr().out


def test_every_benchmark_of_the_run_is_there_and_the_tables_come_last():
    """`make bench` runs them by name."""
    names = [each.split()[0] for each in EVERY]
    assert [name for name in names if not (KEPT.parent / f"{name}.py").exists()] == []
    assert names[-1] == "tables"


def test_a_page_cannot_be_opened_without_a_browser(tmp_path, monkeypatch):
    """Nor where there is none."""
    there = tmp_path / "page.html"
    monkeypatch.setattr(page, "installed", lambda: "chromium")
    assert "`make verdicts` writes one" in page.lacking(there)
    there.touch()
    assert page.lacking(there) is None
    monkeypatch.setattr(page, "installed", lambda: None)
    assert "no browser is installed" in page.lacking(there)


@pytest.mark.parametrize("count", [100, 103])
def test_a_store_is_timed_in_ten_parts_the_last_included(tmp_path, monkeypatch, count):
    """Though no tenth is a whole number of batches."""
    monkeypatch.setattr(store_scale, "BATCH", 7)
    assert len(store_scale.filled(tmp_path / "answers.sqlite", 0, count)) == 10


SMALL = LlamaConfig(
    vocab_size=600,
    hidden_size=16,
    intermediate_size=32,
    num_hidden_layers=3,
    num_attention_heads=2,
    num_key_value_heads=1,
)


@pytest.fixture
def on_cpu(tmp_path, monkeypatch):
    """The benchmark of GPUs on the CPU, of two small shapes; what it kept."""
    monkeypatch.setattr(gpu, "SHAPES", {"one": SMALL, "two": SMALL})
    for limit in ("bandwidth", "throughput"):
        monkeypatch.setattr(floor, limit, lambda *_: 1e9)
    for benchmark in (floor, gpu):
        monkeypatch.setattr(benchmark, "TURNS", 1)

    def run(*options):
        given = ["--device", "cpu", "--rows", "2", "--into", str(tmp_path), *options]
        monkeypatch.setattr(sys, "argv", ["gpu.py", *given])
        gpu.main()
        return tables.results(tmp_path)

    return run


def test_the_benchmark_of_gpus_can_be_tried_on_the_cpu(on_cpu):
    """Every figure but the memory, of fewer blocks than the shape has."""
    found = on_cpu("--blocks", "2", "--shapes", "one")
    assert [*found] == ["gpu-one"]
    facts = found["gpu-one"]["facts"]
    assert (facts["model"], facts["blocks"], facts["same answers"]) == ("one", 2, 1.0)
    assert all(facts[f"{which} over a plain pass"] > 0 for which in ("middle block", "all blocks"))
    (row,) = found["gpu-one"]["rows"]
    assert row["least"] <= row["steered over unsteered"] <= row["largest"]


def test_a_shape_is_begun_only_where_the_longest_before_would_fit(on_cpu, monkeypatch, capsys):
    """The second is left out, and said to be, as soon as the first takes half of the minutes."""
    monkeypatch.setattr(gpu, "of_shape", lambda name, *_: clock.append(clock[-1] + 60))
    clock = [0.0]
    monkeypatch.setattr(gpu.time, "monotonic", lambda: clock[-1])
    on_cpu("--minutes", "2")
    assert len(clock) == 3
    on_cpu("--minutes", "1.9")
    assert len(clock) == 4
    assert "two: not begun, for 1.0 minutes have passed" in capsys.readouterr().out


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
    """Three of four looks, three of four minutes; the longest first, each with its peak."""
    most = {"read": 2 * 10**9, "written": 10**9}
    rows = shares({"read": 10.0, "written": 30.0}, most, 4.0)
    assert [row["work"] for row in rows] == ["written", "read"]
    assert [row["minutes"] for row in rows] == [3.0, 1.0]
    assert [row["most memory, GB"] for row in rows] == [1.0, 2.0]


def test_a_run_that_is_looked_at_writes_what_was_seen(tmp_path, pytester, monkeypatch):
    """A test that does something for a while is seen to do the rest, and to hold some memory."""
    monkeypatch.setenv("PREFVEC_MINUTES", str(tmp_path / "looks"))
    pytester.makepyfile("""
        import time

        def test_busy():
            until = time.monotonic() + 0.3
            while time.monotonic() < until:
                pass
    """)
    pytester.runpytest_inprocess("-p", "benchmarks.minutes").assert_outcomes(passed=1)
    seen = json.loads((tmp_path / "looks").read_text(encoding="utf-8"))
    assert seen["looks"][minutes.REST] > 0
    assert 10**7 < seen["most bytes"][minutes.REST] < 10**11
