"""pytest-html as the engineering log beside the report: a verdict column, and everything escaped.

pytest-html 4.2 puts node ids and environment values into its page as markup.
"""

import os
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest


def configure(config: pytest.Config, folder: Path) -> None:
    """Have pytest-html write log.html into `folder`, unless told otherwise or not installed."""
    if not config.pluginmanager.hasplugin("html"):
        return
    if config.option.htmlpath is None:
        config.option.htmlpath = str(folder / "log.html")
        config.option.self_contained_html = True
    beside = Path(config.option.htmlpath).resolve().parent
    page = os.path.relpath((folder / "verdicts.html").resolve(), beside)
    config.pluginmanager.register(_HtmlLog(quote(page.replace(os.sep, "/"))), "claims-html-log")


class _HtmlLog:
    """The hooks of pytest-html.

    Args:
        page: the address of the report, from the log.
    """

    def __init__(self, page: str):
        self._page = page

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_report_title(self, report: Any) -> None:
        report.title = "Engineering log of the claims"

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_summary(self, prefix: list[str]) -> None:
        prefix.append(f'<p><a href="{escape(self._page)}">The verdict report</a></p>')

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_header(self, cells: list[str]) -> None:
        cells.insert(1, '<th class="sortable" data-column-type="verdict">Verdict</th>')

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_row(self, report: pytest.TestReport, cells: list[str]) -> None:
        if not cells:
            return
        name = report.nodeid + ("" if report.when == "call" else f"::{report.when}")
        if getattr(report, "claim_invalid", False):
            cells[0] = '<td class="col-result">Error</td>'
        cells[1] = f'<td class="col-testId">{escape(name)}</td>'
        verdicts = escape(", ".join(getattr(report, "claim_outcomes", [])))
        cells.insert(1, f'<td class="col-verdict">{verdicts}</td>')

    @pytest.hookimpl(optionalhook=True, trylast=True)
    def pytest_metadata(self, metadata: dict[str, Any]) -> None:
        safe = {escape(str(key)): _escaped(value) for key, value in metadata.items()}
        metadata.clear()
        metadata.update(safe)


def _escaped(value: Any) -> Any:
    if isinstance(value, dict):
        return {escape(str(key)): _escaped(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_escaped(inner) for inner in value]
    return escape(str(value))
