"""What is let go of at the end of a `with` block."""

from types import TracebackType
from typing import TypeVar

Some = TypeVar("Some", bound="Closing")


class Closing:
    """A context manager that is itself, and closes itself."""

    def __enter__(self: Some) -> Some:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of what is held."""
        raise NotImplementedError
