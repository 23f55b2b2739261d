"""Builds the documentation as a site: `python docs/build.py --to site`.

The pages of docs/ are put into an empty folder together with the API reference, the changelog
and how to contribute, and zensical builds them there. What it or mkdocstrings warns of is an
error here: a link that leads nowhere, a name that is gone, a docstring that describes an argument
the function lacks.
"""

import argparse
import posixpath
import re
import runpy
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

DOCS = Path(__file__).parent
ROOT = DOCS.parent
AT_THE_ROOT = {"CHANGELOG.md": "changelog.md", "CONTRIBUTING.md": "contributing.md"}
"""Pages that stand at the root of the repository, with their names on the site."""
LIST_OF_PAGES = "<!-- reference -->"
"""Where `reference.md` lists what the reference has."""
LINK = re.compile(r"\[([^\]]+)\]\(([^)#\s]+)(#[^)\s]*)?\)")


def main() -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python docs/build.py", description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "site", help="where the site is written")
    to: Path = parser.parse_args().to
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        assemble(project)
        built, told = build(project)
        print(told, end="")
        if not built:
            print("The documentation was not built: mend what is told above.", file=sys.stderr)
            return 1
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(project / "site", to)
    print(to / "index.html")
    return 0


def build(project: Path) -> tuple[bool, str]:
    """Have zensical build an assembled folder, with every warning an error.

    Args:
        project: the folder, as `assemble` leaves it.

    Returns:
        Whether there was nothing to warn of, and what zensical and mkdocstrings said.
    """
    found = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict"],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    told = re.sub(r"\x1b\[[0-9;]*m", "", found.stdout)  # zensical always colours it
    # What is wrong with a docstring is told by griffe, and zensical does not count it.
    return found.returncode == 0 and "griffe:" not in told, told


def assemble(project: Path) -> None:
    """Put all pages of the site and its configuration into an empty folder."""
    pages = runpy.run_path(str(DOCS / "reference_pages.py"))["reference_pages"]()
    docs = project / "docs"
    shutil.copytree(DOCS, docs, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for name, path in AT_THE_ROOT.items():
        shutil.copy(ROOT / name, docs / path)
    for path in docs.rglob("*.md"):
        of = path.relative_to(docs).as_posix()
        text = path.read_text(encoding="utf-8")
        text = text.replace(LIST_OF_PAGES, "\n".join(page.line for page in pages))
        path.write_text(LINK.sub(lambda link, of=of: on_the_site(link, of), text), encoding="utf-8")
    for page in pages:
        (docs / page.path).parent.mkdir(exist_ok=True)
        (docs / page.path).write_text(page.text, encoding="utf-8")
    paths = ", ".join(f'"{path}"' for path in ("reference.md", *(page.path for page in pages)))
    configuration = (ROOT / "zensical.toml").read_text(encoding="utf-8")
    configuration = configuration.replace('["reference.md"]', f"[{paths}]")
    configuration = configuration.replace('paths = ["."]', f'paths = ["{ROOT.as_posix()}"]')
    (project / "zensical.toml").write_text(configuration, encoding="utf-8")


def on_the_site(link: re.Match[str], of: str) -> str:
    """A link of a page as it is on the site.

    In the repository a page may link to any file. The site has those of docs/ and two of the
    root; of a link to another it keeps the words.

    Args:
        link: as `LINK` matches it.
        of: the page, by its path on the site.
    """
    text, address, anchor = link[1], link[2], link[3] or ""
    if re.match(r"[a-z]+:", address):
        return link[0]
    folder = "." if of in AT_THE_ROOT.values() else posixpath.dirname(f"docs/{of}")
    path = posixpath.normpath(posixpath.join(folder, address))
    path = f"docs/{AT_THE_ROOT[path]}" if path in AT_THE_ROOT else path
    if not path.startswith("docs/"):
        return text
    there = posixpath.relpath(path, posixpath.dirname(f"docs/{of}"))
    return f"[{text}]({there}{anchor})"


if __name__ == "__main__":
    raise SystemExit(main())
