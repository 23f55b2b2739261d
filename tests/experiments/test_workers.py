"""A run whose answers are written by workers comes to what a run without them comes to."""

import json

import pytest

from prefvec.experiments import workers
from prefvec.generation.engines.processes import Processes
from prefvec.report.archive import unpacked
from tests.inner_session import session

pytestmark = pytest.mark.integration


def test_workers_write_what_one_process_writes(tmp_path, monkeypatch):
    """The same answers, so the same claim: what it says, line by line."""
    records, started = [], []
    monkeypatch.setattr(
        workers, "Processes", lambda count: started.append(count) or Processes(count)
    )
    for name, options in (("alone", ()), ("two", ("--workers", "2"))):
        folder = tmp_path / name
        said = session(
            "claims/test_self_steering.py",
            *("--source", "mini-mistral", "--quick"),
            *("--report-dir", str(folder), "--store", str(folder / "kept"), *options),
        )
        page = folder / "latest" / "verdicts.json"
        assert page.exists(), said.text
        records.append(json.loads(page.read_text(encoding="utf-8")))
    alone, two = records
    assert started == [2]
    assert alone["run"]["cache"]["misses"] == two["run"]["cache"]["misses"] > 100
    (claim,), (other,) = alone["claims"], two["claims"]
    assert unpacked(claim["archive"]) == unpacked(other["archive"]) != []
    assert (claim["outcome"], claim["sentence"]) == (other["outcome"], other["sentence"])
    for line, theirs in zip(claim["components"], other["components"], strict=True):
        assert (line["name"], line["passed"]) == (theirs["name"], theirs["passed"])
        # Expected lengths are sums of probabilities, which round otherwise in other batches.
        assert line["estimate"] == pytest.approx(theirs["estimate"], rel=1e-3, abs=1e-6)
