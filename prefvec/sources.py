"""Which code this is, told by what it does: comments, docstrings and layout do not count."""

import ast
import functools
import hashlib
import importlib.util
from pathlib import Path
from typing import Any

from prefvec.errors import PrefvecError


@functools.cache
def code_fingerprint(*modules: str) -> str:
    """16 hex digits over the syntax trees of some modules, read from their sources.

    Args:
        modules: dotted names, e.g. "prefvec.decoding". They are not imported.

    Raises:
        PrefvecError: if a module has no source to read.
    """
    digest = hashlib.sha256()
    for name in sorted(modules):
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise PrefvecError(
                f"The module {name} has no source file, so what was measured with it cannot be "
                "told from what another version measures. Install prefvec with its sources."
            )
        digest.update(name.encode())
        digest.update(tree_of(Path(spec.origin).read_text(encoding="utf-8")).encode())
    return digest.hexdigest()[:16]


def tree_of(source: str) -> str:
    """A source's syntax tree as text.

    Without docstrings and positions, and without fields that only some versions of Python have:
    the same source has the same tree in all of them.
    """
    return repr(_bare(ast.parse(source)))


def _bare(node: ast.AST) -> list[Any]:
    found: list[Any] = [type(node).__name__]
    for _, value in ast.iter_fields(node):
        if isinstance(value, str | int | float | bytes):
            found.append(value)
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _is_docstring(child):
                found.append(_bare(child))
    return found


def _is_docstring(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
