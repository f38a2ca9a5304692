"""A PDF in, its text out, page by page, with the headings of its outline as sections.

Words and their order are PDFium's: the order in which the page is written, columns one after the other in all but odd
files. Lines are put together to paragraphs by where they stand; ruled tables become rows. A page that is a picture has
no text here: that takes OCR, which is not done.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from ctypes import byref, c_double, c_float
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from workbench.workload import layout, ruling
from workbench.workload.extracted import Extracted, Note, Pieces, Unreadable, clean, one_line
from workbench.workload.layout import Char, Line
from workbench.workload.ruling import Grid, Rule

MOST_PAGES = 20_000
_MOST_HEADINGS = 20_000

_NO_TITLE = re.compile(r"untitled.*|microsoft word - .*|.*\.(docx?|odt|rtf|tex|dvi|indd|pptx?|xlsx?|pdf|qxd)", re.I)
_TURNS: dict[int, Callable[[float, float], tuple[float, float]]] = {
    0: lambda x, y: (x, y),
    90: lambda x, y: (y, -x),
    180: lambda x, y: (-x, -y),
    270: lambda x, y: (-y, x),
}
"""Places as the page is shown, up to a shift, by how far it is turned."""


@dataclass(frozen=True, slots=True)
class _Heading:
    """An entry of the outline."""

    title: str
    y: float | None
    """Height on the page where it points to; None: not said."""


def extract(path: Path) -> Extracted:
    """Read a PDF.

    Raises:
        Unreadable: it has a password, is broken or too long, or no page of it has text.
    """
    try:
        file = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            raise Unreadable("PDFs with a password, skipped (save them without one)") from None
        raise Unreadable("broken PDFs, skipped (open them and save or print them again)") from None
    if len(file) > MOST_PAGES:
        raise Unreadable(f"PDFs of more than {MOST_PAGES} pages, skipped (split them)")
    pieces, outline, broken = Pieces(), _outline(file), 0
    for number in range(1, len(file) + 1):
        pieces.page(number)
        try:
            page = file[number - 1]
            if not _take(page, outline.get(number, ()), pieces) and _is_picture(page):
                note = "pages of PDFs without a text layer, left out (run OCR first)"
                pieces.notes.append(Note(note, f"page {number}"))
            page.close()
        except pypdfium2.PdfiumError:
            broken += 1
            pieces.notes.append(Note("broken pages of PDFs, left out", f"page {number}"))
    if pieces.empty and broken:
        raise Unreadable("broken PDFs, skipped (open them and save or print them again)")
    if pieces.empty:
        raise Unreadable("PDFs with no text layer, skipped (run OCR first)")
    return pieces.done(_title(file))


def _title(file: Any) -> str:
    """As its metadata say, unless a program wrote a file's name there."""
    title = one_line(file.get_metadata_value("Title"))
    return "" if _NO_TITLE.fullmatch(title) else title


def _outline(file: Any) -> dict[int, list[_Heading]]:
    """Headings by page, in their order."""
    found: dict[int, list[_Heading]] = {}
    for count, entry in enumerate(file.get_toc()):
        if count == _MOST_HEADINGS:
            break
        target = entry.get_dest()
        index = target.get_index() if target else None
        title = one_line(entry.get_title())
        if target is None or index is None or not title:
            continue
        mode, numbers = target.get_view()
        # Where the view is a point, its second number is the height; where it fits a width, the only one is.
        place = {pdfium.PDFDEST_VIEW_XYZ: 1, pdfium.PDFDEST_VIEW_FITH: 0}.get(mode, len(numbers))
        found.setdefault(index + 1, []).append(_Heading(title, numbers[place] if place < len(numbers) else None))
    return found


def _take(page: Any, headings: Sequence[_Heading], pieces: Pieces) -> bool:
    """Take a page; say whether it has any text."""
    made = layout.lines(_chars(page), ruling.grids(*_rules(page)))
    turned = page.get_rotation() != 0
    made = _with_headings(made, [replace(each, y=None) for each in headings] if turned else headings)
    flow: list[Line] = []
    for each in (*made, None):
        if isinstance(each, Line):
            flow.append(each)
            continue
        for section, text in layout.paragraphs(flow):
            if section:
                pieces.section(section)
            pieces.add(text)
        flow = []
        if each is not None:
            pieces.table(each.rows())
    return bool(made)


def _with_headings(made: Sequence[Line | Grid], headings: Sequence[_Heading]) -> list[Line | Grid]:
    """Mark the lines where the outline's headings begin: by their words, else by where the outline points to."""
    marked = list(made)
    after = 0
    for heading in headings:
        wanted = _letters(heading.title)
        lengths = ((at, _length(marked, at, wanted)) for at in (*range(after, len(marked)), *range(after)))
        at, length = next(((at, length) for at, length in lengths if length), (_below(marked, heading.y), 1))
        if at >= len(marked):
            continue
        for place in range(at, at + length):
            line = marked[place]
            if isinstance(line, Line):
                marked[place] = replace(line, section="" if place > at else heading.title, goes_on=place > at)
        after = at + length
    return marked


def _length(made: Sequence[Line | Grid], at: int, wanted: str) -> int:
    """How many lines from here on are the heading, with a number before it or not; 0: it is not here."""
    joined = ""
    for length in range(1, 5):
        line = made[at + length - 1] if at + length <= len(made) else None
        if not isinstance(line, Line) or not wanted:
            return 0
        joined += _letters(line.text)
        if joined == wanted or (joined.endswith(wanted) and joined[: -len(wanted)].isdigit()):
            return length
        if len(joined) > len(wanted) + 8:
            return 0
    return 0


def _below(made: Sequence[Line | Grid], y: float | None) -> int:
    """The first line under a height; the first of all where none is said."""
    if y is None:
        return 0
    under = (at for at, each in enumerate(made) if isinstance(each, Line) and each.baseline < y)
    return next(under, len(made) - 1 if made else 0)


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _is_picture(page: Any) -> bool:
    return next(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]), None) is not None


def _chars(page: Any) -> Iterator[Char]:
    text = page.get_textpage()
    turn = _TURNS.get(page.get_rotation(), _TURNS[0])
    box, x, y = pdfium.FS_RECTF(), c_double(), c_double()
    high = 0
    for index in range(text.count_chars()):
        code = pdfium.FPDFText_GetUnicode(text, index)
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if high and 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + code - 0xDC00
        high = 0
        char = _letter(code)
        if not char:
            continue
        if not char.strip() or not pdfium.FPDFText_GetLooseCharBox(text, index, byref(box)):
            yield Char(char)
            continue
        pdfium.FPDFText_GetCharOrigin(text, index, byref(x), byref(y))
        one, other = turn(box.left, box.bottom), turn(box.right, box.top)
        baseline = turn(x.value, y.value)[1]
        yield Char(char, min(one[0], other[0]), max(one[0], other[0]), baseline, abs(one[1] - other[1]))
    text.close()


@cache
def _letter(code: int) -> str:
    """The character of a code; empty for those that are none, of which a few fonts are full."""
    char = chr(code) if 0 < code < 0x110000 else ""
    return char if char and (clean(char) or char in ("\r", *layout.HYPHENS)) else ""


def _rules(page: Any) -> tuple[list[Rule], list[Rule]]:
    """The level and the upright straight lines of a page, thin boxes among them."""
    level: list[Rule] = []
    upright: list[Rule] = []
    turn = _TURNS.get(page.get_rotation(), _TURNS[0])
    for drawn in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH], max_depth=1):
        stroked = _is_stroked(drawn)
        for corners in _outlines(drawn):
            places = [turn(*corner) for corner in corners]
            xs, ys = [x for x, _ in places], [y for _, y in places]
            width, height = max(xs) - min(xs), max(ys) - min(ys)
            if height <= ruling.NEAR < width:
                level.append(Rule((max(ys) + min(ys)) / 2, min(xs), max(xs)))
            elif width <= ruling.NEAR < height:
                upright.append(Rule((max(xs) + min(xs)) / 2, min(ys), max(ys)))
            elif stroked and len(places) in (4, 5) and len({round(x) for x in xs}) == len({round(y) for y in ys}) == 2:
                level.extend(Rule(y, min(xs), max(xs)) for y in (min(ys), max(ys)))
                upright.extend(Rule(x, min(ys), max(ys)) for x in (min(xs), max(xs)))
    return level, upright


def _is_stroked(drawn: Any) -> bool:
    fill, stroke = pdfium.c_int(), pdfium.FPDF_BOOL()
    return bool(pdfium.FPDFPath_GetDrawMode(drawn, byref(fill), byref(stroke)) and stroke.value)


def _outlines(drawn: Any) -> Iterator[list[tuple[float, float]]]:
    """The corners of every piece of a path, as they stand on the page; pieces with curves are left out."""
    matrix = drawn.get_matrix()
    x, y = c_float(), c_float()
    corners: list[tuple[float, float]] = []
    curved = False
    for index in range(pdfium.FPDFPath_CountSegments(drawn)):
        segment = pdfium.FPDFPath_GetPathSegment(drawn, index)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            if len(corners) > 1 and not curved:
                yield corners
            corners, curved = [], False
        curved = curved or kind == pdfium.FPDF_SEGMENT_BEZIERTO
        pdfium.FPDFPathSegment_GetPoint(segment, byref(x), byref(y))
        corners.append(matrix.on_point(x.value, y.value))
    if len(corners) > 1 and not curved:
        yield corners
