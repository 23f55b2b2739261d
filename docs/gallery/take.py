"""Copies the page of the last run into the gallery and takes its pictures, with chromium."""

import argparse
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, sync_playwright

from tests.chromium import MISSING, installed

GALLERY = Path(__file__).parent
PAGE = GALLERY.parents[1] / "reports" / "latest" / "verdicts.html"
CLAIM = "adapted-exposed-mini-mistral-to-mini-llama"
OPEN = "for (const each of document.querySelectorAll({!r})) each.open = true"


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One look at the page.

    Attributes:
        name: of the file.
        of: the element to show; the top of the window where none is named.
        height: of the window, in CSS pixels.
        width: likewise.
        scheme: light or dark.
        media: screen or print.
        before: a script that brings the page into the state to be shown.
    """

    name: str
    of: str | None = None
    height: int = 1300
    width: int = 1200
    scheme: Literal["light", "dark"] = "light"
    media: Literal["screen", "print"] = "screen"
    before: str = ""


STILL = (
    ".claim { content-visibility: visible !important; } .contents { position: static !important; }"
)
"""Claims out of sight are laid out when they come into it, which moves what is being pictured; and
the bar of contents that stays in sight would cross it."""
NO_TOOLS = "for (const each of document.querySelectorAll('figure > .tools')) each.remove()"
"""The front page shows the figure alone."""
SEARCH = """async () => {
  const form = document.getElementById("search");
  form.elements.words.value = "perhaps";
  form.elements.mark.value = "false";
  form.requestSubmit();
  const found = (which) => document.querySelectorAll(`#results > li${which}`);
  while (!found("").length) await new Promise(requestAnimationFrame);
  for (const each of found(":nth-child(n+3)")) each.remove();
}"""
PICTURES = (
    Picture(name="desktop"),
    Picture(name="dark", scheme="dark"),
    Picture(name="phone", width=390, height=1500),
    Picture(name="print", media="print", width=820, height=1160),
    Picture(name="claim", of=f"[id='{CLAIM}']"),
    Picture(name="claim-dark", of=f"[id='{CLAIM}'] .figures", scheme="dark"),
    Picture(name="claim-phone", of=f"[id='{CLAIM}']", width=390),
    Picture(
        name="prompts",
        of=f"[id='{CLAIM}'] .per-prompt",
        before=OPEN.format(".per-prompt"),
    ),
    Picture(name="forest", of="figure:has(.forest)", before=NO_TOOLS),
    Picture(name="matrix", of="#matrix"),
    Picture(name="answers", of="#answers", before=SEARCH),
    Picture(name="instrument", of="#instrument"),
    Picture(name="provenance", of="#provenance"),
)


def take(browser: Browser, page: Path, picture: Picture, folder: Path) -> None:
    """Take one picture of a page, as PICTURE.png in the folder."""
    context = browser.new_context(
        viewport={"width": picture.width, "height": picture.height},
        color_scheme=picture.scheme,
        bypass_csp=True,  # for STILL
    )
    tab = context.new_page()
    tab.emulate_media(media=picture.media)
    tab.goto(page.as_uri())
    tab.add_style_tag(content=STILL)
    if picture.before:
        tab.evaluate(picture.before)
    file = folder / f"{picture.name}.png"
    if picture.of is None:
        tab.screenshot(path=file)
    else:
        tab.locator(picture.of).first.screenshot(path=file)
    context.close()


def main() -> None:
    """Take every picture."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    found = installed()
    if found is None:
        raise SystemExit(f"No picture can be taken: {MISSING}.")
    if not PAGE.exists():
        raise SystemExit(
            f"There is no page at {PAGE}. docs/gallery/README.md names the run that writes it."
        )
    page = GALLERY / "verdicts.html"
    shutil.copyfile(PAGE, page)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        for picture in PICTURES:
            take(browser, page, picture, GALLERY)
            print(GALLERY / f"{picture.name}.png")
        browser.close()


if __name__ == "__main__":
    main()
