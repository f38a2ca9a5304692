"""Exhibits in, one document out: as Markdown here, as a web page in `webpage.py`, as a workbook in `workbook.py`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workbench import markdown
from workbench.exhibits.cells import cell
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


def _lines(document: Document) -> Iterator[str]:
    yield from (f"# {markdown.text(document.title)}", "", markdown.text(document.made), "")
    for section in document.sections:
        yield from (f"## {markdown.text(section.title)}", "")
        for exhibit in section.exhibits:
            yield from (f"### {markdown.text(exhibit.title)}", "", markdown.text(exhibit.says), "")
            names = exhibit.headings
            if names:
                yield from markdown.table(names, ([cell(row.get(name)) for name in names] for row in exhibit.table))
                yield ""
            for note in exhibit.notes:
                yield f"- {markdown.text(note)}"
            yield from (*([""] if exhibit.notes else []), f"Source: {markdown.text(exhibit.source)}", "")
