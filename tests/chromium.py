"""The browser that the page is tested, timed and pictured in."""

import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = f"no browser is installed: none of {', '.join(NAMES)}"


def installed() -> str | None:
    """The path of the first of NAMES that is installed; None where none is."""
    return next(filter(None, map(shutil.which, NAMES)), None)
