"""What benchmarks keep is what their tables tell."""

import json

from benchmarks.results import keep
from benchmarks.tables import written
from benchmarks.timed import ratios

TOLD = {"own": [1.0, 3.0, 2.0], "reference": [2.0, 3.0, 8.0], "found": [1.0], "with": "itself"}
LIBRARY = {"name": "fast", "with": "itself 1.0", "cosine": 1.0, **ratios(TOLD)}
FACTS = {"model": "tiny", "dtype": "float32", "threads": 2}


def test_a_ratio_is_of_neighbours_in_time():
    """Each measurement over its own reference: 1/2, 3/3 and 2/8."""
    assert ratios(TOLD) == {"seconds": 2.0, "ratio": 0.5, "least": 0.25, "largest": 1.0}
    assert ratios({"error": "no wheel"}) == {"error": "no wheel"}


def test_a_table_tells_failures_and_the_machine(tmp_path):
    """A library that failed is a row with its error."""
    libraries = [LIBRARY, {"name": "slow", "error": "no module | none"}]
    path = keep("extraction-tiny", FACTS | {"libraries": libraries}, under=tmp_path)
    page = written("<!-- extraction-tiny -->\n<!-- /extraction-tiny -->", tmp_path)
    assert "| fast | 2.00 | 0.50 | 0.25 to 1.00 | cosine 1.0000; itself 1.0 |" in page
    assert "| slow | | failed | | `no module / none` |" in page
    assert json.loads(path.read_text())["machine"]["processor"] in page
    assert written(page, tmp_path) == page


def test_steps_are_told_with_their_floor(tmp_path):
    """Shares of the least time that a step could take."""
    step = {"rows": 32, "step": 0.1, "floor": 0.04, "share": 0.4, "steered": 1.01}
    measured = {"bytes_a_second": 1e10, "operations_a_second": 6e11, "steps": [step]}
    keep("floor", FACTS | measured, under=tmp_path)
    page = written("<!-- floor -->\n<!-- /floor -->", tmp_path)
    assert "10.0 GB/s" in page
    assert "| 32 | 100.0 | 40.0 | 40% | 1.010 |" in page
