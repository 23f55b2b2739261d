"""The pages of the API reference, made of what the package offers.

One page for each room with public names, as `prefvec/__init__.py` lists them, and others for what
a claim's file uses. The docstrings themselves are put in by mkdocstrings.
"""

import re
import runpy
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
FIRST = "face"
"""The room of what a researcher calls first."""


@dataclass(frozen=True, kw_only=True)
class ReferencePage:
    """One page of the reference.

    Attributes:
        path: where it stands in the documentation.
        title: its heading.
        sentence: what it is about.
        names: what is documented on it, each by its full dotted name.
        options: of mkdocstrings, for each of them.
    """

    path: str
    title: str
    sentence: str
    names: tuple[str, ...]
    options: str = ""

    @property
    def text(self) -> str:
        """The page in Markdown."""
        entries = "\n".join(f"::: {name}\n{self.options}" for name in self.names)
        return f"# {self.title}\n\n{self.sentence}\n\n{entries}"

    @property
    def line(self) -> str:
        """The page in a list, with what it documents."""
        if self.options:
            modules = " and ".join(f"`{name}`" for name in self.names)
            return f"- [{self.title}]({self.path}): {modules}"
        names = ", ".join(f"[`{name.rpartition('.')[2]}`][{name}]" for name in self.names)
        return f"- [{self.title}]({self.path}): {names}"


def public_names() -> dict[str, str]:
    """Every name that `import prefvec` offers, with the module that holds it."""
    face = runpy.run_path(str(ROOT / "prefvec" / "__init__.py"), run_name="prefvec")
    where: dict[str, str] = face.get("_WHERE", {})
    return {
        name: f"prefvec{module}" if module.startswith(".") else module
        for name, module in where.items()
    }


def reference_pages() -> list[ReferencePage]:
    """The pages of the reference: one for each room with public names, then those of claims."""
    rooms: dict[str, list[str]] = {}
    for name, module in public_names().items():
        rooms.setdefault(module.split(".")[1], []).append(f"{module}.{name}")
    of_rooms = [
        ReferencePage(
            path=f"reference/{room}.md", title=room, sentence=purpose(room), names=tuple(names)
        )
        for room, names in sorted(rooms.items(), key=lambda room: (room[0] != FIRST, room))
    ]
    return [*of_rooms, *OF_CLAIMS, _fixtures()]


def purpose(room: str) -> str:
    """The first sentence of a room's own docstring."""
    package = ROOT / "prefvec" / room / "__init__.py"
    path = package if package.is_file() else ROOT / "prefvec" / f"{room}.py"
    told = re.match(r'"""(.+?)(?:"""|\n\n)', path.read_text(encoding="utf-8"), re.DOTALL)
    return " ".join(told[1].split()) if told is not None else ""


_INSIDE = "    options:\n      show_root_heading: false\n      show_root_toc_entry: false\n"
"""Of a whole module: what is in it, without a heading for the module itself."""
OF_CLAIMS = (
    ReferencePage(
        path="reference/claims.md",
        title="Claims and criteria",
        sentence="What a claim's file states; how to write one is told in "
        "[Write a claim](../write_a_claim.md).",
        names=("prefvec.experiments.claims", "prefvec.verdicts.criteria"),
        options=_INSIDE,
    ),
    ReferencePage(
        path="reference/regimes.md",
        title="Regimes",
        sentence="What an adapter may read, for `AdaptedTransfer(regime=…)`; each is told in the "
        "[glossary](../glossary.md#regime).",
        names=("prefvec.experiments.regimes",),
        options=f"{_INSIDE}      show_if_no_docstring: true\n",
    ),
)


def _fixtures() -> ReferencePage:
    """What a claim's test may ask pytest for, wherever in the plugin each fixture stands."""
    return ReferencePage(
        path="reference/fixtures.md",
        title="pytest fixtures",
        sentence="What a claim's test may ask for. `judge` ends a claim's test with its verdict, "
        "`instrument` does so for a known answer, and `claim_log` is where both put their records.",
        names=tuple(_module_of(name) for name in ("judge", "instrument", "claim_log")),
    )


def _module_of(fixture: str) -> str:
    """The full name of a fixture of the plugin, or of this repository's own."""
    folders = ((ROOT / "prefvec" / "pytest_plugin"), ROOT / "fixtures")
    for path in (path for folder in folders for path in sorted(folder.glob("*.py"))):
        pattern = rf"^@pytest\.fixture.*\ndef {fixture}\("
        if re.search(pattern, path.read_text(encoding="utf-8"), re.MULTILINE):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            return f"{module}.{fixture}"
    raise LookupError(
        f"No file of {' or '.join(map(str, folders))} defines the fixture {fixture!r}. Correct "
        "its name in docs/reference_pages.py."
    )
