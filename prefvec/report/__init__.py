"""The report of a run: its record, the findings it is compared with, and the page made of both.

`record` has the types of `verdicts.json`, and reads, checks and writes it; `page` renders it, and
`markdown` and `downloads` make tables of it. `findings` keeps what was blessed, and `comparison`
says how a run stands to that. Nothing here needs a model, and none of it loads torch.

    from prefvec import report

    record = report.read(Path("reports/latest/verdicts.json"))
    page = report.render(record)

The names below are loaded when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prefvec.report.markdown import table
    from prefvec.report.page import render
    from prefvec.report.record import Claim, Record, read, validate, write

__all__ = ["Claim", "Record", "read", "render", "table", "validate", "write"]

_HOME = {"render": "page", "table": "markdown"}
"""The modules of names that the record does not have."""


def __getattr__(name: str) -> Any:
    """A name of `__all__`, from where it lives."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME.get(name, 'record')}"), name)
