"""What a measurement rests on: code, libraries and the commit, each told by a fingerprint."""

import ast
import functools
import hashlib
import importlib.metadata
import importlib.util
import platform
import subprocess
from pathlib import Path
from typing import Any

from prefvec.errors import PrefvecError
from prefvec.shipped import SHIPPED

PACKAGE = Path(__file__).parent
LIBRARIES = ("torch", "transformers", "tokenizers", "numpy", "pandas", "scipy", "statsmodels")
SHOWING = ("face", "report", "store", "pytest_plugin")
"""The rooms that show what was found, or that no claim enters. All others decide what is measured
and how it is judged."""


@functools.cache
def code_fingerprint(*modules: str) -> str:
    """16 hex digits over the syntax trees of some modules, read from their sources.

    Args:
        modules: dotted names, e.g. "prefvec.generation.decoding". They are not imported.

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


@functools.cache
def code_fingerprints(package: Path = PACKAGE, material: Path = SHIPPED) -> dict[str, str]:
    """Path and digest of every source that decides a measurement, as it was when first asked.

    Traits, words and settings in TOML files count; prompts and weights have fingerprints of their
    own.
    """
    code = {
        f"prefvec/{path.relative_to(package).as_posix()}": path
        for pattern in ("**/*.py", "**/*.toml")
        for path in package.glob(pattern)
        if path.relative_to(package).parts[0] not in SHOWING and material not in path.parents
    }
    given = {
        f"material/{path.relative_to(material).as_posix()}": path
        for path in material.glob("**/*.toml")
    }
    return {
        name: _digest(path.read_text(encoding="utf-8").encode())
        for name, path in sorted({**code, **given}.items())
    }


def versions() -> dict[str, str]:
    """Python's version and those of the libraries that compute something."""
    return {
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in LIBRARIES},
    }


@functools.cache
def commit() -> str | None:
    """The commit of the code when first asked, "+" if files differ; None outside a checkout."""

    def git(*words: str) -> str:
        return subprocess.run(
            ["git", *words], cwd=PACKAGE, capture_output=True, text=True, check=True
        ).stdout.strip()

    try:
        return git("rev-parse", "--short=12", "HEAD") + (
            "+" if git("status", "--porcelain") else ""
        )
    except (OSError, subprocess.CalledProcessError):
        return None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]
