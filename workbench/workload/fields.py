"""A field of a JSON object or a TOML table in, its value out, or the sentence that says what is wrong with it."""

import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from workbench.errors import BadInput
from workbench.records import CLASSIFICATIONS, Classification
from workbench.workload import ids

Row = Mapping[str, Any]

LARGEST = 2**53 - 1
"""Above, a whole number is not the same in every reader of JSON."""


class Wrong(Exception):
    """What is wrong with a record, and with which field of it; the reader adds the file and the place."""

    def __init__(self, field: str, said: str) -> None:
        super().__init__(said)
        self.field = field


@contextmanager
def told(where: object) -> Iterator[None]:
    """Tell a user what is wrong, with its place in front.

    Raises:
        BadInput: instead of `Wrong`.
    """
    try:
        yield
    except Wrong as wrong:
        raise BadInput(f'{where}, field "{wrong.field}" {wrong}.') from None


def only(values: Row, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> None:
    """Refuse a field that is missing or that nobody knows."""
    for name in values:
        if name not in required and name not in optional:
            known = ", ".join((*required, *optional))
            raise Wrong(name, f"is not a field of this file; known are {known}; remove or rename it")
    for name in required:
        if name not in values:
            raise Wrong(name, "is missing; add it")


def string(values: Row, name: str, default: str | None = None) -> str:
    """A string that UTF-8 can hold; without a default it may not be blank."""
    value = values.get(name, default)
    if not isinstance(value, str):
        raise Wrong(name, f"is {ids.shown(value)}, not a string; put it in quotes")
    if default is None and not value.strip():
        raise Wrong(name, f"is {ids.shown(value)}, which is empty; give it a text or remove the line")
    try:
        value.encode()
    except UnicodeEncodeError:
        said = "with half a character (a lone surrogate); write the whole character"
        raise Wrong(name, f"is {ids.shown(value)}, {said}") from None
    return value


def identifier(values: Row, name: str) -> str:
    """A string that may be an id or a label: one line, not blank, not long."""
    value = values.get(name)
    if not isinstance(value, str):
        raise Wrong(name, f"is {ids.shown(value)}, not a string; put it in quotes")
    if said := ids.fault(value):
        raise Wrong(name, f"is {ids.shown(value)}, which {said}")
    return value


def label(values: Row, name: str) -> str:
    """An identifier, or nothing."""
    return identifier(values, name) if values.get(name, "") != "" else ""


def texts(values: Row, name: str) -> tuple[str, ...]:
    """A list of strings, none of them blank; nothing where the field is missing."""
    return tuple(string({name: text}, name) for text in items(values, name))


def truth(values: Row, name: str, default: bool) -> bool:
    """True or false."""
    value = values.get(name, default)
    if not isinstance(value, bool):
        raise Wrong(name, f"is {ids.shown(value)}, not true or false; write one of them")
    return value


def whole(values: Row, name: str, least: int, default: int | None = None, most: int = LARGEST) -> int:
    """A whole number between two bounds, both included."""
    value = values.get(name, default)
    if type(value) is not int or not least <= value <= most:
        reach = f"from {least} to {most}" if most < LARGEST else f"of {least} or more"
        raise Wrong(name, f"is {ids.shown(value)}, not a whole number {reach}")
    return value


def number(values: Row, name: str, least: float, most: float = math.inf) -> float:
    """A number between two bounds, both included; never infinite."""
    value = values.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most or value == math.inf:
        reach = f"from {least:g} to {most:g}" if most < math.inf else f"of {least:g} or more"
        raise Wrong(name, f"is {ids.shown(value)}, not a number {reach}")
    return value


def classification(values: Row, name: str = "classification") -> Classification:
    """One of `CLASSIFICATIONS`."""
    value = values.get(name)
    for known in CLASSIFICATIONS:
        if value == known:
            return known
    raise Wrong(name, f"is {ids.shown(value)}; write one of {', '.join(CLASSIFICATIONS)}")


def language(values: Row) -> str:
    """Two letters, or nothing."""
    value = values.get("language", "")
    if not isinstance(value, str) or not re.fullmatch("(?:[a-z]{2})?", value):
        raise Wrong("language", f"is {ids.shown(value)}; write two letters of ISO 639-1, such as en")
    return value


def date(values: Row) -> str:
    """A day, or nothing."""
    value = string(values, "date", "")
    if value and not real(value, "%Y-%m-%d", 10):
        raise Wrong("date", f"is {ids.shown(value)}, not a day of the calendar; write it as 2026-10-01")
    return value


def real(text: str, form: str, length: int) -> bool:
    """True for a date of the calendar in exactly this form."""
    try:
        return text.isascii() and len(text) == length and bool(datetime.strptime(text, form))
    except ValueError:
        return False


def items(values: Row, name: str) -> list[Any]:
    """A list of anything; nothing where the field is missing."""
    value = values.get(name, [])
    if not isinstance(value, list):
        raise Wrong(name, f"is {ids.shown(value)}, not a list; put it in brackets")
    return value


def table(value: object, name: str) -> Row:
    """An object in a list or in a field."""
    if not isinstance(value, dict):
        raise Wrong(name, f"is {ids.shown(value)}, not a table with fields of its own; write one")
    return value


def known(values: Row, name: str, known: Mapping[str, object], file: str) -> str:
    """A string that is a key of what a file holds."""
    value = values.get(name)
    if not isinstance(value, str):
        raise Wrong(name, f"is {ids.shown(value)}, not a string; put it in quotes")
    if value not in known:
        raise Wrong(name, f"is {ids.shown(value)}, which {file} does not hold; add it there or mend the name")
    return value
