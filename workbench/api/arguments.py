"""A public function's arguments in, the same checked against its signature out: a wrong type is named before any work.

The signature is the one source: what it says in words (`int | None`) is what is asked of a value.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from inspect import Parameter, signature
from numbers import Integral, Real
from os import PathLike
from typing import Any

from workbench.errors import BadInput

_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "Decimal": "a decimal",
    "bool": "True or False",
    "str": "a text",
    "Path": "a path",
    "None": "None",
    "Sequence[str]": "a list of texts",
    "Mapping[str, Any]": "values by name",
    "Mapping[str, Sequence[Any]]": "lists of values by name",
}


def checked(function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[list[Any], Any]:
    """The arguments as they were given, numbers of other libraries as Python's own.

    Raises:
        BadInput: a value is of a type that its parameter does not take.
        TypeError: too many, too few or unknown arguments, as Python says it.
    """
    bound = signature(function).bind(*args, **kwargs)
    for name, value in bound.arguments.items():
        asked = bound.signature.parameters[name]
        if asked.kind is Parameter.VAR_POSITIONAL:
            bound.arguments[name] = tuple(_taken(name, asked.annotation, each) for each in value)
        elif asked.kind is not Parameter.VAR_KEYWORD:
            bound.arguments[name] = _taken(name, asked.annotation, value)
    return list(bound.args), bound.kwargs


def _taken(name: str, annotation: Any, value: Any) -> Any:
    if annotation is Parameter.empty:
        return value
    kinds = annotation.split(" | ")
    value = _plain(value, kinds)
    if not any(_is(value, kind) for kind in kinds):
        given = repr(value) if len(repr(value)) <= 60 else f"of type {type(value).__name__}"
        raise BadInput(f"{name} {given}: give {' or '.join(map(_worded, kinds))}")
    return value


def _plain(value: Any, kinds: Sequence[str]) -> Any:
    """Numbers and columns of numpy and pandas as Python's own."""
    if "Sequence[str]" in kinds and isinstance(value, Iterable) and not isinstance(value, str | Mapping):
        return tuple(value)
    if isinstance(value, bool | int | float | Decimal):
        return value
    if isinstance(value, Integral):
        return int(value)
    return float(value) if isinstance(value, Real) else value


def _worded(kind: str) -> str:
    return _WORDS.get(kind, f"an {kind}" if kind[0] in "AEIOU" else f"a {kind}")


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "bool"
    match kind:
        case "int":
            return isinstance(value, int)
        case "float":
            return isinstance(value, int | float)
        case "Decimal":
            return isinstance(value, Decimal)
        case "bool":
            return False
        case "str":
            return isinstance(value, str)
        case "Path":
            return isinstance(value, PathLike)
        case "None":
            return value is None
        case "Sequence[str]":
            return isinstance(value, tuple) and all(isinstance(each, str) for each in value)
        case "Mapping[str, Any]" | "Mapping[str, Sequence[Any]]":
            return isinstance(value, Mapping)
        case _:
            return any(each.__name__ == kind for each in type(value).__mro__) or kind == "Progress" and _tells(value)


def _tells(value: Any) -> bool:
    return all(callable(getattr(value, name, None)) for name in ("stage", "advance", "note"))
