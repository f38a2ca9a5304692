"""Paragraphs, headings and pages in, in reading order; one text with marks out: what every reader of a file makes."""

from collections.abc import Iterable
from dataclasses import dataclass

from workbench.records import Mark

MOST_CHARACTERS = 20_000_000
"""A text that is longer is no document that somebody reads; it is a bomb or a dump."""


class Unreadable(Exception):
    """A file that cannot be read: what such files are called in the tally, and in brackets what to do."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something in a file that could not be taken."""

    what: str
    """As the tally calls it."""
    where: str = ""
    """Within the file, such as `page 3`; empty: the file as a whole."""


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of one file."""

    text: str
    title: str = ""
    """Of the file's own metadata, else its first heading; empty: neither."""
    marks: tuple[Mark, ...] = ()
    notes: tuple[Note, ...] = ()


class Pieces:
    """A text in the making. Paragraphs are parted by a blank line, lines of one list by a line feed."""

    def __init__(self) -> None:
        self.first_heading = ""
        self.notes: list[Note] = []
        self._parts: list[str] = []
        self._length = 0
        self._marks: list[Mark] = []
        self._page: int | None = None
        self._section = ""
        self._turned = False
        self._tight = False

    @property
    def empty(self) -> bool:
        """Whether there is no text yet."""
        return not self._parts

    def page(self, number: int) -> None:
        """What follows stands on this page, from 1; a page without text gets no mark."""
        self._page, self._turned = number, True

    def section(self, heading: str) -> None:
        """What follows stands under this heading, whose text comes with the next paragraph."""
        self._section, self._turned = one_line(heading), True
        self.first_heading = self.first_heading or self._section

    def heading(self, text: str) -> None:
        """A heading: text, and the begin of its section."""
        if text.strip():
            self.section(text)
            self.add(text)

    def add(self, text: str, *, tight: bool = False) -> None:
        """A paragraph, without the blanks around it; a tight one stands directly under another tight one.

        Raises:
            Unreadable: the text has become too long.
        """
        text = clean(text).strip()
        if not text:
            return
        if self._parts:
            self._append("\n" if tight and self._tight else "\n\n")
        if self._turned:
            self._marks.append(Mark(self._length, self._page, self._section))
            self._turned = False
        self._append(text)
        self._tight = tight

    def table(self, rows: Iterable[Iterable[str]]) -> None:
        """A table, a line for each row that is not empty; without text nothing."""
        cells = [[one_line(cell) for cell in row] for row in rows]
        self.add("\n".join(f"| {' | '.join(row)} |" for row in cells if any(row)))

    def done(self, title: str = "") -> Extracted:
        """The whole; without a title the first heading is it."""
        text = "".join(self._parts) + ("\n" if self._parts else "")
        return Extracted(text, one_line(title) or self.first_heading, tuple(self._marks), tuple(self.notes))

    def _append(self, text: str) -> None:
        self._length += len(text)
        if self._length > MOST_CHARACTERS:
            most = f"{MOST_CHARACTERS // 1_000_000} million characters"
            raise Unreadable(f"files with more than {most} of text, skipped (split them)")
        self._parts.append(text)


def clean(text: str) -> str:
    """Without half characters (lone surrogates) and without controls other than line feeds and tabs."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.translate(_CONTROLS)


def one_line(text: str) -> str:
    """Without controls, every run of blanks one blank."""
    return " ".join(clean(text).split())


# A soft hyphen and the mark that PDFium puts for one are no characters of the word; a carriage return was a line feed.
_CONTROLS = {code: None for code in (*range(32), *range(0x7F, 0xA0), 0xAD, 0xFFFE, 0xFFFF)} | {9: "\t", 10: "\n"}
