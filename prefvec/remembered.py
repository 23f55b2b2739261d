"""What an object was asked before, kept on the object: measured once, and gone with it."""

import functools
import inspect
from collections.abc import Callable, Hashable
from typing import Any, Concatenate, ParamSpec, TypeVar

Owner = TypeVar("Owner")
Asked = ParamSpec("Asked")
Told = TypeVar("Told")


def remembered(
    function: Callable[Concatenate[Owner, Asked], Told],
) -> Callable[Concatenate[Owner, Asked], Told]:
    """Call a method, or a function about its first argument, once for each set of arguments.

    What it returned is kept on that first argument, so that it lives as long as the object does
    and no longer. All other arguments must be hashable; how they are passed makes no difference.

    Example:
        >>> class Counter:
        ...     calls = 0
        ...
        ...     @remembered
        ...     def double(self, x):
        ...         self.calls += 1
        ...         return 2 * x
        >>> counter = Counter()
        >>> counter.double(2), counter.double(x=2), counter.calls
        (4, 4, 1)
    """
    return remembered_on(lambda owner: owner)(function)


def remembered_on(
    keeper: Callable[[Any], object],
) -> Callable[
    [Callable[Concatenate[Owner, Asked], Told]], Callable[Concatenate[Owner, Asked], Told]
]:
    """The same, kept on another object: for what is so of that one, whoever asks.

    Args:
        keeper: gives it, of the first argument.
    """

    def decorate(
        function: Callable[Concatenate[Owner, Asked], Told],
    ) -> Callable[Concatenate[Owner, Asked], Told]:
        signature = inspect.signature(function)
        name = f"{function.__module__}.{function.__qualname__}"

        @functools.wraps(function)
        def recall(owner: Owner, /, *args: Asked.args, **kwargs: Asked.kwargs) -> Told:
            bound = signature.bind(owner, *args, **kwargs)
            bound.apply_defaults()
            key: Hashable = (name, *list(bound.arguments.values())[1:])
            return recalled(keeper(owner), key, lambda: function(owner, *args, **kwargs))

        return recall

    return decorate


def recalled(owner: object, key: Hashable, make: Callable[[], Told]) -> Told:
    """What is kept on an object under a key, made now if it is not there yet."""
    kept: dict[Hashable, Any] = vars(owner).setdefault("_remembered", {})
    if key not in kept:
        kept[key] = make()
    return kept[key]
