"""Which code this is, told by what it does: comments, docstrings and layout do not count."""

import ast
import functools
import hashlib
import importlib.util
from pathlib import Path

from prefvec.errors import PrefvecError

_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


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
    """A source's syntax tree as text, without docstrings and positions."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:]
    return ast.dump(tree)
