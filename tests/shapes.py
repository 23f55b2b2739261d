"""Which modules of the package state shapes of tensors, and how those are checked."""

import ast
from pathlib import Path
from typing import Any

from beartype import BeartypeConf, beartype
from jaxtyping import _import_hook as hook
from jaxtyping import install_import_hook

ROOT = Path(__file__).parents[1]


def stating_shapes() -> list[str]:
    """The full names of those that import what shapes are stated with."""
    return [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in sorted((ROOT / "prefvec").rglob("*.py"))
        if "from jaxtyping import" in path.read_text(encoding="utf-8")
    ]


class Outermost(hook.JaxtypingTransformer):
    """Checks functions of modules and classes, and leaves those inside of functions alone.

    Jaxtyping writes and compiles a checker where a function is defined: for one inside a function
    in every call of that, which took a fifth of the time of the tests of decoding.
    """

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:  # noqa: N802
        """Decorate it, unless it stands in another."""
        inside = any(isinstance(parent, ast.FunctionDef) for parent in self._parents)
        return node if inside else super().visit_FunctionDef(node)


def outermost(function: Any) -> Any:
    """Check a function's types; as for every type checker, an int will do for a float."""
    return beartype(conf=BeartypeConf(is_pep484_tower=True))(function)


def check_shapes() -> None:
    """Check the shapes of whatever is imported from here on."""
    hook.JaxtypingTransformer = Outermost
    # Compiled modules are kept by this name: another way of checking needs another one.
    install_import_hook(stating_shapes(), f"{__name__}.{outermost.__name__}")
