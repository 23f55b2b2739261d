"""Where the material lies that comes with the package: organisms' weights, traits, questions.

In a checkout it stands in `fixtures/material`; a wheel carries it inside the package.
"""

from pathlib import Path

_INSTALLED = Path(__file__).with_name("_material")
_CHECKOUT = Path(__file__).parents[1] / "fixtures" / "material"

SHIPPED = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
"""The folder of `registry.toml`, `questions.jsonl`, `traits/` and `organisms/`."""

CALIBRATION = (
    _INSTALLED / "calibration.json"
    if _INSTALLED.is_dir()
    else Path(__file__).parents[1] / "reports" / "calibration.json"
)
"""The record of how often the verdicts are wrong."""
