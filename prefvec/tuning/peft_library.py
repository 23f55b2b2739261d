"""The library that LoRA comes from, which is optional."""

import importlib
import importlib.metadata
import importlib.util
from typing import Any

from prefvec.errors import PrefvecError


def peft_library() -> Any:
    """The library peft.

    Raises:
        PrefvecError: if it is not installed, with the extra that brings it.
    """
    if importlib.util.find_spec("peft") is None:
        raise PrefvecError(
            "Tuning puts LoRA into a model by the library peft, which is not installed. Run "
            "`pip install 'prefvec[peft]'`."
        )
    return importlib.import_module("peft")


def peft_version() -> str:
    """The version of peft, which makes what is trained; "" where it is not installed."""
    try:
        return importlib.metadata.version("peft")
    except importlib.metadata.PackageNotFoundError:
        return ""
