"""Exhibits in, one document out: as Markdown here, as a web page in `webpage.py`, as a workbook in `workbook.py`."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from workbench import markdown
from workbench.exhibits.exhibit import Exhibit


@dataclass(frozen=True)
class Section:
    """Exhibits that stand together, as on one page of the app."""

    title: str
    exhibits: Sequence[Exhibit]


@dataclass(frozen=True)
class Document:
    """What is handed on."""

    title: str
    made: str
    """When and by what, in one sentence."""
    sections: Sequence[Section]


def to_markdown(document: Document) -> str:
    """The whole text; figures are left out, their tables and sentences are there."""
    return "\n".join(_lines(document)) + "\n"


def headings(exhibit: Exhibit) -> list[str]:
    """Of the table's columns: those of the first row, then those that only later rows have."""
    return list(dict.fromkeys(name for row in exhibit.table for name in row))


def cell(value: Any) -> str:
    """A value of a table as it is read: nothing for what is not known, thousands with commas."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float | Decimal):
        return f"{value:,.0f}" if abs(float(value)) >= 1000 else f"{value:.4g}"
    return str(value)


def _lines(document: Document) -> Iterator[str]:
    yield from (f"# {markdown.text(document.title)}", "", markdown.text(document.made), "")
    for section in document.sections:
        yield from (f"## {markdown.text(section.title)}", "")
        for exhibit in section.exhibits:
            yield from (f"### {markdown.text(exhibit.title)}", "", markdown.text(exhibit.says), "")
            names = headings(exhibit)
            if names:
                yield from markdown.table(names, ([cell(row.get(name)) for name in names] for row in exhibit.table))
                yield ""
            for note in exhibit.notes:
                yield f"- {markdown.text(note)}"
            yield from (*([""] if exhibit.notes else []), f"Source: {markdown.text(exhibit.source)}", "")
