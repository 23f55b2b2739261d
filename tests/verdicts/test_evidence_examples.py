"""The examples in the docstrings of the evidence wing come out as they are printed there."""

import doctest
import importlib
from pathlib import Path

import pytest

import prefvec

ROOT = Path(prefvec.__file__).parent
MODULES = sorted(
    ".".join(("prefvec", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
    for room in ("statistics", "verdicts", "calibration")
    for path in (ROOT / room).glob("*.py")
)
WITHOUT = {
    "prefvec.calibration.__main__",
    "prefvec.calibration.judged_runs",
    "prefvec.calibration.runs",
    "prefvec.calibration.record",
    "prefvec.calibration.simulated_claims",
    "prefvec.calibration.simulated_contrasts",
    "prefvec.calibration.simulated_differences",
    "prefvec.calibration.simulated_models",
    "prefvec.calibration.trial_table",
    "prefvec.verdicts.answered",
    "prefvec.verdicts.between_rules",
    "prefvec.verdicts.contrast_rules",
    "prefvec.verdicts.controls",
    "prefvec.verdicts.exposure",
    "prefvec.verdicts.failures",
    "prefvec.verdicts.planning",
    "prefvec.verdicts.positive_control",
    "prefvec.verdicts.rules",
    "prefvec.verdicts.sizes",
}
"""Modules of what takes whole measured or simulated arms, which an example cannot hold."""


@pytest.mark.parametrize("module", MODULES)
def test_examples_come_out_as_printed(module: str) -> None:
    """In every module, and there is at least one where nothing stands in the way of it."""
    found = doctest.testmod(importlib.import_module(module))
    assert found.failed == 0
    assert (found.attempted == 0) == (module in WITHOUT)
