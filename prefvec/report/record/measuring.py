"""When, where and with what code a claim was measured, though its verdict be given again later."""

from typing import NotRequired, TypedDict


class Measuring(TypedDict):
    """The run that measured a claim, which need not be the one that its record is of."""

    started: str
    """When measuring began, in ISO 8601 with its offset from UTC."""
    seconds: float
    """How long it took."""
    commit: str | None
    """The commit of the code that measured, "+" if files differed; None outside a checkout."""
    written: NotRequired[list[str] | None]
    """Where the run had not generated an answer so far: when those it took from the store were
    written, the first and the last, in ISO 8601."""
    device: str | None
    """Where the models ran, e.g. "cpu"."""
    processor: str | None
    """What computed there, and by how many threads."""
