"""What the report of a run costs to keep and to open.

    python -m benchmarks.page [reports/latest/verdicts.html]

It is opened in an installed Chromium, and so is its floor: a file of as many bytes that is nothing
but one paragraph of text. Printed are the times until the page is loaded and until it is first
painted, each with its ratio to the floor; of five times the median. Without a page or a Chromium
nothing is measured, and why is printed.
"""

import argparse
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.chromium import MISSING, installed

RUNS = 5
TIMES = """() => {
  const [page] = performance.getEntriesByType("navigation");
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  return [page.loadEventEnd, paint.startTime];
}"""
NAMES = ("loaded, ms", "first painted, ms")


def floor(size: int, folder: Path) -> Path:
    """A page of so many bytes that is one paragraph of words."""
    path = folder / "floor.html"
    head = "<!DOCTYPE html><meta charset=utf-8><title>floor</title><p>"
    path.write_text(head + ("word " * (size // 5 + 1))[: size - len(head)], encoding="utf-8")
    return path


def opened(browser: Browser, page: Path) -> list[float]:
    """The medians of NAMES over RUNS openings, each in a context of its own."""
    found = []
    for _ in range(RUNS):
        context = browser.new_context(viewport={"width": 1200, "height": 900})
        tab = context.new_page()
        tab.goto(page.resolve().as_uri())
        tab.wait_for_timeout(300)
        found.append(tab.evaluate(TIMES))
        context.close()
    return [statistics.median(values) for values in zip(*found, strict=True)]


def lacking(page: Path) -> str | None:
    """Why a page cannot be opened here, in a sentence; None where it can."""
    if not page.exists():
        return f"There is no page at {page}: `make verdicts` writes one."
    return None if installed() else f"The page cannot be opened: {MISSING}."


def main() -> None:
    """Print the costs, or why there are none."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", nargs="?", type=Path, default="reports/latest/verdicts.html")
    page = parser.parse_args().page
    if reason := lacking(page):
        print(f"Not measured. {reason}")
        return
    size = page.stat().st_size
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed(), args=["--no-sandbox"])
        ours, least = opened(browser, page), opened(browser, floor(size, Path(folder)))
        browser.close()
    print(f"{page}: {size / 1e6:.2f} MB")
    for name, mine, other in zip(NAMES, ours, least, strict=True):
        print(f"{name:18} {mine:8.1f}   floor {other:8.1f}   ratio {mine / other:6.2f}")


if __name__ == "__main__":
    main()
