"""What a name on the command line means: an alias of the registry, a hub id or a directory."""

import difflib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from prefvec.errors import PrefvecError
from prefvec.shipped import SHIPPED

REGISTRY = SHIPPED / "registry.toml"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What to load.

    Attributes:
        name_or_path: a hub id or a directory.
        revision: commit or branch on the hub; None for the main branch or a directory.
        dtype: of the weights in memory; None to choose by device.
    """

    name_or_path: str
    revision: str | None = None
    dtype: str | None = None


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
    """The entry of an alias; any other name is taken as a directory or a hub id.

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
    if "/" in name or Path(name).expanduser().is_dir():
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
    wanted = {"hub", "revision", "dtype"}
    if not isinstance(fields, dict) or set(fields) != wanted:
        raise PrefvecError(
            f"{registry}, [{alias}]: an entry has exactly the keys {', '.join(sorted(wanted))}. "
            "Add or remove what differs."
        )
    if not all(isinstance(value, str) and value for value in fields.values()):
        raise PrefvecError(f"{registry}, [{alias}]: every value is a non-empty string. Quote it.")
    return Entry(name_or_path=fields["hub"], revision=fields["revision"], dtype=fields["dtype"])
