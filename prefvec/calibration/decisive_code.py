"""Of which code a calibration is: of all that its trials import, found by reading that code.

There is no list to keep: a module counts once something that a trial plays imports it, whatever
room it stands in.
"""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

from prefvec.provenance import PACKAGE, code_fingerprint

TRIALS = "prefvec.calibration.trial_table"
"""Where the trials are; what it imports, and what that imports, plays them."""

INDIFFERENT = ("prefvec.errors", "prefvec.text", "prefvec.vocabulary")
"""Packages and modules of which a rate cannot depend: they refuse, read real answers, of which a
simulation has none, or name words for the types of others."""


def fingerprint() -> str:
    """Of the rules and of their simulation: of their code, whatever its comments and docstrings."""
    return code_fingerprint(*decisive_modules())


@functools.cache
def decisive_modules() -> tuple[str, ...]:
    """The modules that a rate can depend on, sorted: all that the trials import, with few excepted.

    Example:
        >>> {"prefvec.verdicts.rules", "prefvec.statistics.estimates"} <= {*decisive_modules()}
        True
    """
    found, waiting = {TRIALS}, [TRIALS]
    while waiting:
        for name in imported(waiting.pop()):
            if name not in found and not _indifferent(name):
                found.add(name)
                waiting.append(name)
    return tuple(sorted(found))


def imported(module: str) -> set[str]:
    """The modules of this package that a module imports by name, at its top or anywhere in it.

    Args:
        module: its dotted name; it is read, not imported.
    """
    path = _source(module)
    assert path is not None, module
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {name for node in ast.walk(tree) for name in _named(node) if _source(name)}


def _named(node: ast.AST) -> Iterator[str]:
    """What an import statement may name: of "from a import b" it is a.b, or else a."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module is not None:
        for alias in node.names:
            inner = f"{node.module}.{alias.name}"
            yield inner if _source(inner) else node.module


@functools.cache
def _source(module: str) -> Path | None:
    """The file of a module of this package; None for other names."""
    package, *inner = module.split(".")
    path = PACKAGE.joinpath(*inner)
    files = (path.with_suffix(".py"), path / "__init__.py") if package == PACKAGE.name else ()
    return next((file for file in files if file.is_file()), None)


def _indifferent(module: str) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in INDIFFERENT)
