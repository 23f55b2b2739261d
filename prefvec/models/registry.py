"""What a name on the command line means: an alias of the registry, a hub id, or a path."""

import difflib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from prefvec.errors import PrefvecError
from prefvec.models.packages import Packaged
from prefvec.shipped import SHIPPED

REGISTRY = SHIPPED / "registry.toml"

_ON_THE_HUB = {"hub", "revision", "dtype"}
_IN_PACKAGES = {"packages", "files", "sha256", "licence", "dtype"}
_PERHAPS = {"prompts", "max_new_tokens"}
_NUMBERS = {"max_new_tokens"}
_LISTS = {"packages", "files"}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What to load.

    Attributes:
        name_or_path: a hub id, a directory or a GGUF file; the alias of weights in packages.
        revision: commit or branch on the hub; None for the main branch or a directory.
        dtype: of the weights in memory; None to choose by device.
        packaged: the packages that carry the weights, or None.
        prompts: the set of questions that suits it, where a run names none; None for the usual.
        max_new_tokens: τ that suits it, in tokens, where a run names none; None for the usual.
    """

    name_or_path: str
    revision: str | None = None
    dtype: str | None = None
    packaged: Packaged | None = None
    prompts: str | None = None
    max_new_tokens: int | None = None


@cache
def aliases(registry: Path = REGISTRY) -> dict[str, Entry]:
    """All aliases of a registry file.

    Raises:
        PrefvecError: if the file is not valid TOML, or an entry lacks a key or has a wrong one.
    """
    try:
        table = tomllib.loads(registry.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise PrefvecError(f"{registry} is not valid TOML ({error}). Repair that line.") from error
    return {alias: _entry(registry, alias, fields) for alias, fields in table.items()}


def resolve(name: str, registry: Path = REGISTRY, organisms: Iterable[str] = ()) -> Entry:
    """The entry of an alias; any other name is taken as a path or a hub id.

    Args:
        name: what a user wrote.
        registry: the file of aliases.
        organisms: names that the caller knows by itself, for the sentence of an error.

    Raises:
        PrefvecError: if the name is none of the three, with the alias it resembles.
    """
    known = aliases(registry)
    if name in known:
        return known[name]
    if "/" in name or Path(name).expanduser().exists():
        return Entry(name_or_path=name)
    trained = sorted(organisms)
    close = difflib.get_close_matches(name, [*trained, *known], n=1)
    meant = f" Did you mean {close[0]}?" if close else ""
    organism = f"no organism ({', '.join(trained)}), " if trained else ""
    raise PrefvecError(
        f"There is no model {name!r}: it is {organism}no alias of {registry.name} "
        f"({', '.join(known)}), no directory, and no hub id, which reads owner/name.{meant}"
    )


def _entry(registry: Path, alias: str, fields: object) -> Entry:
    given = dict[str, Any](fields) if isinstance(fields, dict) else {}
    keys = set(given) - _PERHAPS
    if keys - {"terms"} == _IN_PACKAGES:
        _require_values(registry, alias, given)
        dtype = given.pop("dtype")
        suits = {key: given.pop(key, None) for key in sorted(_PERHAPS)}
        lists = {key: tuple(given.pop(key)) for key in _LISTS}
        packaged = Packaged(name=alias, **lists, **given)
        return Entry(name_or_path=alias, dtype=dtype, packaged=packaged, **suits)
    if keys != _ON_THE_HUB:
        raise PrefvecError(
            f"{registry}, [{alias}]: an entry has exactly the keys "
            f"{', '.join(sorted(_ON_THE_HUB))}, or, where its weights come in packages, "
            f"{', '.join(sorted(_IN_PACKAGES))} and perhaps terms; either may have "
            f"{', '.join(sorted(_PERHAPS))}. Add or remove what differs."
        )
    _require_values(registry, alias, given)
    return Entry(
        name_or_path=given["hub"],
        revision=given["revision"],
        dtype=given["dtype"],
        prompts=given.get("prompts"),
        max_new_tokens=given.get("max_new_tokens"),
    )


def _require_values(registry: Path, alias: str, fields: dict[str, Any]) -> None:
    for key, value in fields.items():
        if key in _NUMBERS:
            if type(value) is not int or value < 1:
                raise PrefvecError(
                    f"{registry}, [{alias}]: {key} is a whole number of tokens, at least 1, and "
                    f"{value!r} is none. Write it without quotes."
                )
            continue
        texts = value if key in _LISTS and isinstance(value, list) else [value]
        if not texts or not all(isinstance(text, str) and text for text in texts):
            raise PrefvecError(
                f"{registry}, [{alias}]: every value is a non-empty string, and packages and files "
                f"are lists of them; {key} is not. Quote it."
            )
