"""Where a value read from JSON departs from the type that it should have.

A type is `str`, `int`, `float` (which accepts whole numbers; nothing accepts booleans for
numbers), `bool`, a `Literal` of words, a `TypedDict` (keys that it does not name are free),
`list[…]`, `dict[str, …]`, one of these or `None`, or a choice of `TypedDict`s that are told apart
by a key with a single word.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from types import NoneType, UnionType
from typing import (
    Any,
    Literal,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

_NAMES: dict[object, str] = {
    str: "a string",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
}


def mismatches(value: object, kind: Any, most: int = 20) -> list[str]:
    """Where `value` departs from the type `kind`, as sentences, at most `most` of them."""
    return list(islice(_walk(value, kind, "the top"), most))


def _walk(value: object, kind: Any, path: str) -> Iterator[str]:
    form, parts = _taken_apart(kind)
    match form:
        case "object":
            yield from _walk_object(value, kind, path)
        case "choice":
            yield from _walk_choice(value, parts, path)
        case "words":
            if value not in parts:
                yield f"`{path}` is {_show(value)}, not one of {', '.join(parts)}"
        case "list":
            if not isinstance(value, list):
                yield f"`{path}` is {_show(value)}, not a list"
                return
            for index, item in enumerate(cast("list[object]", value)):
                yield from _walk(item, parts[0], f"{path}[{index}]")
        case "map":
            if not isinstance(value, dict):
                yield f"`{path}` is {_show(value)}, not an object"
                return
            for key, item in cast("dict[str, object]", value).items():
                yield from _walk(item, parts[1], f"{path}.{key}")
        case _:
            if not _is(value, kind):
                yield f"`{path}` is {_show(value)}, not {_NAMES[kind]}"


def _walk_object(value: object, kind: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"`{path}` is {_show(value)}, not an object"
        return
    for key, inner, required in _fields(kind):
        if key in value:
            yield from _walk(value[key], inner, _below(path, key))
        elif required:
            yield f"`{_below(path, key)}` is missing"


def _walk_choice(value: object, kinds: tuple[Any, ...], path: str) -> Iterator[str]:
    """None where that is one of the kinds; else the one kind there is, or the one it names."""
    some = [kind for kind in kinds if kind is not NoneType]
    if value is None and len(some) < len(kinds):
        return
    if len(some) == 1:
        yield from _walk(value, some[0], path)
        return
    key, named = _tagged(tuple(some))
    if not isinstance(value, dict):
        yield f"`{path}` is {_show(value)}, not an object"
    elif key not in value:
        yield f"`{_below(path, key)}` is missing"
    elif value[key] not in list(named):
        yield f"`{_below(path, key)}` is {_show(value[key])}, not one of {', '.join(named)}"
    else:
        yield from _walk_object(value, named[value[key]], path)


def _below(path: str, key: str) -> str:
    return key if path == "the top" else f"{path}.{key}"


@lru_cache(maxsize=256)
def _taken_apart(kind: Any) -> tuple[str, tuple[Any, ...]]:
    """The form of a type, and its parts."""
    if is_typeddict(kind):
        return "object", ()
    forms = {Union: "choice", UnionType: "choice", Literal: "words", list: "list", dict: "map"}
    return forms.get(get_origin(kind), "plain"), get_args(kind)


@lru_cache(maxsize=256)
def _fields(kind: Any) -> tuple[tuple[str, Any, bool], ...]:
    """The name and type of each field of a TypedDict, and whether it has to be there."""
    hints = get_type_hints(kind)
    return tuple((name, hint, name in kind.__required_keys__) for name, hint in hints.items())


@lru_cache(maxsize=256)
def _tagged(kinds: tuple[Any, ...]) -> tuple[str, dict[str, Any]]:
    """The key that tells TypedDicts apart, and which of them each of its words names."""
    words = [
        {name: get_args(hint)[0] for name, hint, _ in _fields(kind) if len(_words(hint)) == 1}
        for kind in kinds
    ]
    key = next(name for name in words[0] if all(name in each for each in words))
    return key, {each[key]: kind for each, kind in zip(words, kinds, strict=True)}


def _words(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) is Literal else ()


def _is(value: object, kind: type) -> bool:
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, (int, float)) if kind is float else isinstance(value, kind)


def _show(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
