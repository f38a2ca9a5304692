"""A document in, an Excel workbook out: a sheet for each exhibit, no cell of which can start a formula."""

import math
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from workbench.exhibits.document import Document
from workbench.exhibits.exhibit import Exhibit
from workbench.planning.export import Cell, Table, safe, workbook

_LONGEST = 31
"""Characters of a sheet's name, by Excel's rule."""


def to_xlsx(document: Document) -> bytes:
    """The first sheet lists all exhibits with what they say and where they come from; each has its table on its own.

    Raises:
        BadInput: openpyxl is not installed.
    """
    sheets: dict[str, Table] = {}
    listed: list[list[Cell]] = []
    for section in document.sections:
        for exhibit in section.exhibits:
            name = _free(exhibit.name, {"contents", *sheets})
            listed.append([name, section.title, exhibit.title, exhibit.says, exhibit.source, " ".join(exhibit.notes)])
            sheets[name] = list(_table(exhibit))
    contents: Table = [
        [document.title],
        [document.made],
        ["sheet", "page", "title", "what to see", "source", "notes"],
        *listed,
    ]
    return workbook({"contents": [[safe(value) for value in row] for row in contents], **sheets})


def _table(exhibit: Exhibit) -> Iterator[list[Cell]]:
    names = exhibit.headings
    yield [safe(name) for name in names]
    for row in exhibit.table:
        yield [safe(_cell(row.get(name))) for name in names]


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float | Decimal):
        return value if math.isfinite(value) else None
    return str(value)


def _free(name: str, taken: set[str]) -> str:
    """A sheet's name that Excel takes: short, without its special signs, once."""
    clean = re.sub(r"[\[\]:*?/\\']+", "-", name)[:_LONGEST] or "table"
    known, number, free = {each.lower() for each in taken}, 1, clean
    while free.lower() in known:
        number += 1
        free = f"{clean[: _LONGEST - 1 - len(str(number))]}-{number}"
    return free
