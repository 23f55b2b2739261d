"""How the templates of the page are read: unindented, escaped, with numbers for readers.

Every value reaches the page through Jinja's autoescape.
"""

import math
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from prefvec.report import deciding, numerals, plain_words
from prefvec.report.run_rows import vector_words

_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def asset(name: str) -> Markup:
    """A file of ours that stands in the page as it is."""
    templates = environment()
    assert templates.loader is not None
    return Markup(templates.loader.get_source(templates, name)[0])


@lru_cache(maxsize=1)
def environment() -> jinja2.Environment:
    """The environment of all templates."""
    made = jinja2.Environment(
        loader=_Unindented(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., Any]] = {
        "decimal": numerals.decimal,
        "duration": numerals.duration,
        "factor": numerals.factor,
        "percent": numerals.percent,
        "pvalue": numerals.pvalue,
        "ratio_interval": numerals.ratio_interval,
        "scale_interval": numerals.scale_interval,
        "threshold": deciding.threshold,
        "plainly": plain_words.plainly,
        "dose": plain_words.dose_word,
        "log_factor": _log_factor,
        "vector": vector_words,
        "css": _css,
    }
    made.filters.update(filters)
    return made


def _log_factor(value: float | None) -> str:
    return numerals.factor(None if value is None else math.exp(value))


def _css(word: str) -> str:
    """An outcome, a change or "none" as the name of a class."""
    return word.lower().replace(" ", "-")


def _printable(value: object) -> object:
    """Text with the control characters that HTML forbids made visible; markup as it is."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", value)
    return value


class _Unindented(jinja2.FileSystemLoader):
    """Templates without their indentation, which would be a twentieth of the page."""

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        """The source, each of its lines without what stands before the first letter."""
        source, path, is_current = super().get_source(environment, template)
        return "\n".join(line.lstrip() for line in source.splitlines()), path, is_current
