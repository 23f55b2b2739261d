"""Which modules of the package state shapes of tensors."""

from pathlib import Path

ROOT = Path(__file__).parents[1]


def stating_shapes() -> list[str]:
    """The full names of those that import what shapes are stated with."""
    return [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in sorted((ROOT / "prefvec").rglob("*.py"))
        if "from jaxtyping import" in path.read_text(encoding="utf-8")
    ]
