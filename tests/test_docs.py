"""The documentation stays beside the code: it builds, and what it says is there is there."""

import ast
import dataclasses
import importlib.util
import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from prefvec.experiments.claims import Claim
from prefvec.pytest_plugin.command_line import FINDING, MEASURING
from prefvec.text.measures import MEASURES
from prefvec.text.trait_files import load_trait
from tests.pages import DOCS, PAGES, ROOT, blocks

BUILD = runpy.run_path(str(DOCS / "build.py"))
REFERENCE = runpy.run_path(str(DOCS / "reference_pages.py"))
ROOMS = runpy.run_path(str(DOCS / "rooms.py"))
builds = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("zensical", "mkdocstrings"))),
    reason="the documentation is built with zensical and mkdocstrings: pip install '.[docs]'",
)


def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def _prose(page: Path) -> str:
    """A page without its fenced code."""
    return re.sub(r"^ *```.*?^ *```", "", _text(page), flags=re.MULTILINE | re.DOTALL)


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and the site make them."""
    headings = re.findall(r"^#+ (.+)$", _prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _project(folder: Path, page: str) -> Path:
    """A small documentation of one page."""
    (folder / "docs").mkdir()
    (folder / "docs" / "index.md").write_text(page, encoding="utf-8")
    (folder / "zensical.toml").write_text(_text(ROOT / "zensical.toml").partition("nav =")[0])
    plugin = '[project.plugins.mkdocstrings.handlers.python]\npaths = ["."]\n'
    with (folder / "zensical.toml").open("a", encoding="utf-8") as settings:
        settings.write(plugin)
    return folder


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The site, built as `make docs` builds it."""
    to = tmp_path_factory.mktemp("docs") / "site"
    found = subprocess.run(
        [sys.executable, DOCS / "build.py", "--to", to], capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout + found.stderr
    return to


@pytest.mark.integration
@builds
def test_the_site_builds_without_a_warning_and_has_every_page(site):
    """Each page of docs/, the changelog and how to contribute come out as HTML."""
    named = {path.relative_to(DOCS).with_suffix(".html") for path in DOCS.glob("*.md")}
    named |= {Path("changelog.html"), Path("contributing.html"), Path("gallery/index.html")}
    assert {path for path in named if not (site / path).is_file()} == set()


@pytest.mark.integration
@builds
def test_every_public_name_is_in_the_reference(site):
    """So are the kinds of claims, the criteria, the regimes and the fixtures."""
    for page in REFERENCE["reference_pages"]():
        text = _text(site / page.path.replace(".md", ".html"))
        missing = [n for n in page.names if not page.options and f'id="{n}"' not in text]
        assert missing == []
    for page, name in (
        ("claims", "prefvec.experiments.claims.Claim"),
        ("claims", "prefvec.verdicts.criteria.Works"),
        ("regimes", "prefvec.experiments.regimes.EXPOSED"),
    ):
        assert f'id="{name}"' in _text(site / "reference" / f"{page}.html")


@pytest.mark.integration
@builds
def test_the_site_fetches_nothing(site):
    """No script, style, font or picture of a page comes from elsewhere."""
    pages = [path for path in site.rglob("*.html") if path.name != "verdicts.html"]
    loads = (
        r"""<(?:script|img|iframe|source)[^>]*\ssrc=["']?https?:|<link[^>]*stylesheet[^>]*https?:"""
    )
    assert [path.name for path in pages if re.search(loads, _text(path))] == []
    styles = "".join(_text(path) for path in site.rglob("*.css"))
    assert re.findall(r"(?:url\(|@import )[\"']?https?:[^)\"']*", styles) == []


@pytest.mark.integration
@builds
@pytest.mark.parametrize(
    ("page", "told"),
    [
        ("# A page\n\n[gone](nowhere.md)\n", "nowhere.md"),
        ("# A page\n\n[gone](#nowhere)\n", "nowhere"),
        ("# A page\n\n::: broken.half\n", "griffe:"),
        ("# A page\n\n::: broken.whole\n", "broken.whole"),
        ("# A page\n", ""),
    ],
    ids=["link", "anchor", "docstring", "name", "nothing"],
)
def test_a_warning_is_an_error(tmp_path, page, told):
    """A dead link, a docstring that lies and a name that is gone each fail the build."""
    project = _project(tmp_path, page)
    (project / "broken.py").write_text(
        'def half(x: float) -> float:\n    """Half of it.\n\n    Args:\n        y: no such thing.\n'
        '    """\n    return x / 2\n'
    )
    built, said = BUILD["build"](project)
    assert built is (told == "")
    assert told in said


@pytest.mark.parametrize(
    ("of", "link", "there"),
    [
        ("house.md", "[x](glossary.md#arm)", "[x](glossary.md#arm)"),
        ("house.md", "[x](../CHANGELOG.md)", "[x](changelog.md)"),
        ("gallery/README.md", "[x](../house.md)", "[x](../house.md)"),
        ("changelog.md", "[x](docs/house.md)", "[x](house.md)"),
        ("house.md", "[the `claims/`](../claims)", "the `claims/`"),
        ("house.md", "[x](https://arxiv.org/abs/1)", "[x](https://arxiv.org/abs/1)"),
    ],
)
def test_links_that_leave_the_documentation_keep_their_words(of, link, there):
    """On the site, links lead to pages of it, to the network or nowhere at all."""
    assert BUILD["LINK"].sub(lambda found: BUILD["on_the_site"](found, of), link) == there


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_somewhere(page):
    """To a file or folder of the repository, and where it names a heading, to that."""
    dead: list[str] = []
    for address, anchor in re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)", _prose(page)):
        if re.match(r"[a-z]+:", address):
            continue
        there = page.parent / address if address else page
        if not there.exists() or (anchor and anchor not in _anchors(there)):
            dead.append(f"{address}#{anchor}" if anchor else address)
    assert dead == []


def test_the_drawing_of_the_rooms_is_current():
    """Its floors are those of the import contract, its dependencies those of the imports."""
    drawn = ROOMS["between"]("rooms", _text(DOCS / "house.md"))
    assert drawn == ROOMS["drawing"](ROOMS["rooms"]()), "Run `python docs/rooms.py`."


def test_every_room_stands_on_a_floor_above_what_it_imports():
    """What is drawn obeys the contract, and leaves out no folder of the package."""
    rooms = {room.name: room for room in ROOMS["rooms"]()}
    assert {path.parent.name for path in (ROOT / "prefvec").glob("*/__init__.py")} <= rooms.keys()
    for room in rooms.values():
        assert all(rooms[other].floor < room.floor for other in room.imports)
    assert "text" in rooms["models"].imports


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_python_on_a_page_is_python(page):
    """Every block that is marked as Python can be parsed."""
    for block in blocks(page, "python"):
        ast.parse(block)


def test_the_trait_that_is_shown_can_be_loaded(tmp_path):
    """The file of `write_a_trait.md` is read without an error, every key of it described."""
    path = tmp_path / "brevity.toml"
    block = blocks(DOCS / "write_a_trait.md", "toml")[0]
    path.write_text(block, encoding="utf-8")
    assert load_trait(path, MEASURES).positive.name == "brief"
    table = tomllib.loads(block)
    described = _text(DOCS / "write_a_trait.md").partition("## The keys")[2]
    for key in {*table, *table["positive"]} - {"positive", "negative"}:
        assert f"| `{key}` |" in described


def test_every_option_of_the_command_line_is_described_and_no_other():
    """The options are those that the plugin declares."""
    declared = {*MEASURING, *FINDING}
    described = re.findall(r"^\| `(--[a-z-]+)", _text(DOCS / "command_line.md"), re.MULTILINE)
    assert set(described) == declared


def test_every_marker_of_a_claim_is_described():
    """Each `pytest.mark` of claims/ stands in the table of markers."""
    used = {
        name
        for path in (ROOT / "claims").rglob("test_*.py")
        for name in re.findall(r"^@pytest\.mark\.(\w+)", _text(path), re.MULTILINE)
    }
    table = _text(DOCS / "command_line.md").partition("## Markers")[2]
    assert used
    assert used <= set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))


def _kinds(of: type[Claim]) -> list[type[Claim]]:
    """The kinds of claims that a file can state: classes without subclasses."""
    below = [kind for each in of.__subclasses__() for kind in _kinds(each)]
    return below or ([of] if of is not Claim else [])


@pytest.mark.parametrize("kind", _kinds(Claim))
def test_every_field_of_a_claim_is_described(kind):
    """`write_a_claim.md` names each kind of claim and all that its files can state."""
    page = _text(DOCS / "write_a_claim.md")
    assert f"| `{kind.__name__}` |" in page
    missing = [each.name for each in dataclasses.fields(kind) if f"| `{each.name}` |" not in page]
    assert missing == []


def test_the_citation_file_follows_its_schema():
    """The oracle is the schema of the Citation File Format that check-jsonschema carries."""
    program = Path(sys.executable).with_name("check-jsonschema")
    command = [program, "--builtin-schema", "vendor.citation-file-format", ROOT / "CITATION.cff"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr


def test_the_citation_names_the_version_that_is_built():
    """CITATION.cff and pyproject.toml say the same of name, version and license."""
    project = tomllib.loads(_text(ROOT / "pyproject.toml"))["project"]
    cited = dict(re.findall(r"^(\w+): (.+)$", _text(ROOT / "CITATION.cff"), re.MULTILINE))
    for name, key in (("name", "title"), ("version", "version"), ("license", "license")):
        assert cited[key] == project[name]


def test_the_changelog_begins_with_the_version_that_is_built():
    """Its first heading of a version is that of pyproject.toml."""
    version = tomllib.loads(_text(ROOT / "pyproject.toml"))["project"]["version"]
    headings = re.findall(r"^## ([\d.]+)", _text(ROOT / "CHANGELOG.md"), re.MULTILINE)
    assert headings[0] == version
