"""What a run was asked for, as far as the command line tells: claims at all, or every one."""

from pathlib import Path

import pytest

_LEAVE_OUT = ("ignore", "ignore_glob", "deselect", "lf", "keyword", "markexpr")
"""Options of pytest that leave tests out, by where it keeps them."""


def is_whole(config: pytest.Config) -> bool:
    """Whether the command line names the whole folder of claims, and leaves none of it out."""
    claims = config.rootpath / "claims"
    named = [_path(config, argument) for argument in config.args]
    if not any(path is not None and (path == claims or path in claims.parents) for path in named):
        return False
    return not any(getattr(config.option, option, None) for option in _LEAVE_OUT)


def _path(config: pytest.Config, argument: str) -> Path | None:
    """What an argument names; None of one that names tests inside a file."""
    if "::" in argument:
        return None
    return (config.invocation_params.dir / argument).resolve()


def runs_claims(config: pytest.Config) -> bool:
    """Whether the run is about the root's folder `claims`, and that folder about prefvec's."""
    claims = config.rootpath / "claims"
    for argument in config.args:
        path = (config.invocation_params.dir / str(argument).split("::")[0]).resolve()
        if path == claims or claims in path.parents or path in claims.parents:
            return any(_names_prefvec(file) for file in claims.rglob("*.py"))
    return False


def _names_prefvec(file: Path) -> bool:
    return "prefvec" in file.read_text(encoding="utf-8", errors="replace")
