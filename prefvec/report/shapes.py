"""A few words to write down the shape of JSON, and a list of where a value departs from it.

A shape is a type (`float` accepts whole numbers, nothing accepts booleans for numbers), a
dictionary of keys to shapes (a key ending in "?" may be absent, other keys are free), or one
of the classes below.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any


@dataclass(frozen=True)
class Maybe:
    """The shape, or null."""

    shape: Any


@dataclass(frozen=True)
class ListOf:
    """A list whose entries all have the shape."""

    shape: Any


@dataclass(frozen=True)
class MapOf:
    """An object with any keys, whose values all have the shape."""

    shape: Any


@dataclass(frozen=True)
class OneOf:
    """One of the words."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class Tagged:
    """An object whose shape is told by the word under one of its keys."""

    key: str
    shapes: Mapping[str, Any]


_NAMES = {str: "a string", int: "a whole number", float: "a number", bool: "true or false"}


def mismatches(value: Any, shape: Any, most: int = 20) -> list[str]:
    """Where `value` departs from `shape`, as sentences, at most `most` of them."""
    return list(islice(_walk(value, shape, "the top"), most))


def _walk(value: Any, shape: Any, path: str) -> Iterator[str]:
    match shape:
        case Maybe():
            if value is not None:
                yield from _walk(value, shape.shape, path)
        case OneOf():
            if not isinstance(value, str) or value not in shape.words:
                yield f"`{path}` is {_show(value)}, not one of {', '.join(shape.words)}"
        case Tagged():
            word = value.get(shape.key) if isinstance(value, dict) else None
            one_of = OneOf(tuple(shape.shapes))
            known = isinstance(word, str) and word in shape.shapes
            told = shape.shapes[word] if known else {}
            yield from _walk_object(value, {shape.key: one_of, **told}, path)
        case ListOf():
            if not isinstance(value, list):
                yield f"`{path}` is {_show(value)}, not a list"
                return
            for index, item in enumerate(value):
                yield from _walk(item, shape.shape, f"{path}[{index}]")
        case MapOf():
            if not isinstance(value, dict):
                yield f"`{path}` is {_show(value)}, not an object"
                return
            for key, item in value.items():
                yield from _walk(item, shape.shape, f"{path}.{key}")
        case dict():
            yield from _walk_object(value, shape, path)
        case _:
            if not _is(value, shape):
                yield f"`{path}` is {_show(value)}, not {_NAMES[shape]}"


def _walk_object(value: Any, shape: dict[str, Any], path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"`{path}` is {_show(value)}, not an object"
        return
    below = "" if path == "the top" else f"{path}."
    for key, inner in shape.items():
        name = key.removesuffix("?")
        if name in value:
            yield from _walk(value[name], inner, below + name)
        elif not key.endswith("?"):
            yield f"`{below}{name}` is missing"


def _is(value: Any, kind: type) -> bool:
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, (int, float)) if kind is float else isinstance(value, kind)


def _show(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
