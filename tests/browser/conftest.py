"""Pages in an installed Chromium, watched: what they ask for and what they complain about."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from prefvec.report import record as records
from prefvec.report.page import render
from tests.chromium import MISSING
from tests.chromium import installed as chromium_installed


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser that is installed; without one its tests are skipped."""
    found = chromium_installed()
    if found is None:
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@dataclass
class Opened:
    """A page of a record in the browser.

    Attributes:
        page: what Playwright drives.
        complaints: of the console, and errors of scripts.
        asked: every address but the file's own that was asked for.
        dialogs: what dialogs said.
    """

    page: Page
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    @property
    def untroubled(self) -> bool:
        """Whether nothing was asked for, said or complained about."""
        return not (self.complaints or self.asked or self.dialogs)


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """Open the page of a record; settings are those of a Playwright context."""
    contexts: list[Any] = []

    def open_page(record: dict[str, Any], place: str = "", **settings: Any) -> Opened:
        file = tmp_path / f"page-{len(contexts)}.html"
        file.write_text(render(records.plain(record)), encoding="utf-8")
        context = browser.new_context(**{"viewport": {"width": 1200, "height": 900}} | settings)
        contexts.append(context)
        found = Opened(page=context.new_page())
        found.page.on("console", lambda said: found.complaints.append(said.text))
        found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
        found.page.on("request", lambda request: _note(found, request.url, file))
        found.page.on(
            "dialog", lambda dialog: (found.dialogs.append(dialog.message), dialog.dismiss())
        )
        found.page.goto(file.as_uri() + place)
        return found

    yield open_page
    for context in contexts:
        context.close()


def _note(found: Opened, url: str, file: Path) -> None:
    if url.partition("#")[0] != file.as_uri() and not url.startswith("data:"):
        found.asked.append(url)
