"""How a judged vector is used in another engine: command lines to paste, under each claim."""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path

from prefvec.report.record import Arm, Claim

_FIRST = 1
"""The first block whose output llama.cpp can add to."""


def elsewhere(claim: Claim) -> tuple[str, ...]:
    """Commands that export the vector of a claim's own arm and have llama.cpp add it at ±c.

    Args:
        claim: of a record.

    Returns:
        Nothing of a claim that rests on no vector or is INVALID, nor where llama.cpp cannot add.
    """
    arms = [arm for arm in claim["arms"] if arm.get("vector") and arm.get("added_at")]
    if not arms or claim["target"] is None or claim["outcome"] in ("INVALID", "NOT APPLICABLE"):
        return ()
    block = _block(arms[0])
    if block is None or block < _FIRST:
        return ()
    name = re.sub(r"[^\w.+-]+", "-", claim["id"])
    told: Mapping[str, str] = {
        "--record": "verdicts.json",
        "--claim": claim["id"],
        **({"--arm": arms[0]["name"]} if len(arms) > 1 else {}),
        "--model": claim["target"],
        "--format": "gguf",
        "--out": f"{name}.gguf",
    }
    options = " ".join(f"{option} {shlex.quote(value)}" for option, value in told.items())
    export = f"python -m prefvec.exchange export {options}"
    return (export, *llama_cpp_commands(Path(f"{name}.gguf"), block))


def llama_cpp_commands(path: Path, block: int) -> tuple[str, str]:
    """Command lines of llama.cpp that apply a file at +1 and at −1, for one block alone.

    Args:
        path: a control vector.
        block: whose output it is added to, counted from 0.
    """
    where = f"--control-vector-layer-range {block} {block}"
    file = shlex.quote(path.as_posix())
    opposite = shlex.quote(f"{path.as_posix()}:-1.0")
    return (
        f"llama-cli -m MODEL.gguf --control-vector {file} {where}",
        f"llama-cli -m MODEL.gguf --control-vector-scaled {opposite} {where}",
    )


def _block(arm: Arm) -> int | None:
    """The block whose output is at an arm's site: what block k receives, block k − 1 returns."""
    site = arm.get("site")
    if site is None:
        return None
    return site["layer"] - (site["point"] == "resid_pre")
