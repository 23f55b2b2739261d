"""What benchmarks keep, and the ratios that they tell."""

import json

from benchmarks.machine import in_words
from benchmarks.results import keep
from benchmarks.timed import ratios

TOLD = {"own": [1.0, 3.0, 2.0], "reference": [2.0, 3.0, 8.0], "found": [1.0], "with": "itself"}


def test_a_ratio_is_of_neighbours_in_time():
    """Each measurement over its own reference: 1/2, 3/3 and 2/8."""
    assert ratios(TOLD) == {"seconds": 2.0, "ratio": 0.5, "least": 0.25, "largest": 1.0}
    assert ratios({"error": "no wheel"}) == {"error": "no wheel"}


def test_a_result_names_its_machine(tmp_path):
    """A figure without the machine that it was measured on compares with nothing."""
    path = keep("extraction-tiny", {"model": "tiny"}, under=tmp_path)
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert kept["model"] == "tiny"
    assert kept["machine"]["cores"] >= 1
    assert kept["machine"]["torch"] in in_words(kept["machine"])
