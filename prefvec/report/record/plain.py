"""Any value in JSON's own types."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, cast

from prefvec.errors import PrefvecError


def plain(value: object, where: str = "the record") -> Any:
    """A deep copy in JSON's own types.

    numpy scalars and arrays become Python's; a number that is not finite becomes null; a lone
    surrogate, which no file could hold, becomes the replacement character.

    Raises:
        PrefvecError: naming the place of something JSON has no word for.
    """
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Mapping):
        entries = cast("Mapping[object, object]", value).items()
        return {str(plain(k, where)): plain(v, f"{where}.{k}") for k, v in entries}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        items = cast("Sequence[object]", value)
        return [plain(item, f"{where}[{index}]") for index, item in enumerate(items)]
    listed = getattr(value, "tolist", None)
    if listed is not None:
        return plain(listed(), where)
    raise PrefvecError(
        f"{where} is a {type(value).__name__}, which JSON cannot hold. "
        "Records are made of numbers, strings, lists and dictionaries: convert it first."
    )
