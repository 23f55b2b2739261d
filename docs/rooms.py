"""The rooms of the package: `python docs/rooms.py` writes them into docs/house.md.

The floors are those of the import contract in pyproject.toml, the dependencies those of the
imports as they are, read by grimp. What each room is for is the first sentence of its docstring.
"""

import re
import runpy
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import grimp

DOCS = Path(__file__).parent
ROOT = DOCS.parent
PACKAGE = ROOT / "prefvec"
HOUSE = DOCS / "house.md"


@dataclass(frozen=True, kw_only=True)
class Room:
    """One folder of the package, or one module that stands beside the folders.

    Attributes:
        name: of the folder or module.
        floor: from the ground, which is 1.
        imports: the rooms that it imports from, in the order of the floors.
        files: Python files in it.
        lines: of all of them.
    """

    name: str
    floor: int
    imports: tuple[str, ...]
    files: int
    lines: int


def floors() -> list[list[str]]:
    """The rooms of each floor by the import contract, the ground first.

    Raises:
        LookupError: if pyproject.toml has no contract of layers.
    """
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    for contract in contracts:
        if contract["type"] == "layers":
            layers = [re.split(r"[|:]", layer) for layer in reversed(contract["layers"])]
            return [[name.strip(" ()") for name in layer] for layer in layers]
    raise LookupError(
        "pyproject.toml has no import contract of type 'layers', so there are no floors to draw. "
        "Restore it under [tool.importlinter]."
    )


def rooms() -> list[Room]:
    """Every room, the ground floor first."""
    sys.path.insert(0, str(ROOT))  # the package beside these pages, not an installed one
    graph = grimp.build_graph("prefvec", include_external_packages=False, cache_dir=None)
    floor_of = {name: n for n, floor in enumerate(floors(), start=1) for name in floor}
    imports: dict[str, set[str]] = {name: set() for name in floor_of}
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            here, there = _room(module), _room(imported)
            if here != there and here in imports and there in imports:
                imports[here].add(there)
    return [
        Room(
            name=name,
            floor=floor,
            imports=tuple(other for other in floor_of if other in imports[name]),
            files=len(_files(name)),
            lines=sum(len(p.read_text(encoding="utf-8").splitlines()) for p in _files(name)),
        )
        for name, floor in floor_of.items()
    ]


def _room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def _files(room: str) -> list[Path]:
    folder = PACKAGE / room
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [PACKAGE / f"{room}.py"]


def drawing(found: list[Room]) -> str:
    """The floors from the top down, and what each room imports."""
    width = max(len(room.name) for room in found)
    lines: list[str] = []
    for floor in range(max(room.floor for room in found), 0, -1):
        for index, room in enumerate(room for room in found if room.floor == floor):
            number = f"{floor:>2}" if index == 0 else "  "
            imported = ", ".join(reversed(room.imports)) or "nothing"
            lines.append(f"{number}  {room.name:<{width}}  imports {imported}")
    return "```text\n" + "\n".join(lines) + "\n```"


def table(found: list[Room]) -> str:
    """What each room is for, and how large it is."""
    purpose = runpy.run_path(str(DOCS / "reference_pages.py"))["purpose"]
    lines = ["| room | what it is for | files | lines |", "|---|---|--:|--:|"]
    for room in reversed(found):
        lines.append(f"| `{room.name}` | {purpose(room.name)} | {room.files} | {room.lines:,} |")
    files, size = sum(room.files for room in found), sum(room.lines for room in found)
    return "\n".join([*lines, f"| *all rooms* | | {files} | {size:,} |"])


def between(name: str, text: str) -> str:
    """What stands between two marks of a text, such as `<!-- rooms -->` and `<!-- /rooms -->`."""
    return _marked(name, text)[2]


def put(name: str, part: str, text: str) -> str:
    """A text with another part between two of its marks."""
    return text.replace(_marked(name, text)[0], f"<!-- {name} -->\n{part}\n<!-- /{name} -->")


def _marked(name: str, text: str) -> re.Match[str]:
    found = re.search(rf"(<!-- {name} -->\n)(.*)\n<!-- /{name} -->", text, re.DOTALL)
    if found is None:
        raise LookupError(
            f"The marks <!-- {name} --> and <!-- /{name} --> are not both there. Put them back "
            "where the part between them belongs."
        )
    return found


def main() -> None:
    """Write the drawing and the table into docs/house.md."""
    text, found = HOUSE.read_text(encoding="utf-8"), rooms()
    text = put("rooms", drawing(found), text)
    text = put("sizes", table(found), text)
    HOUSE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
