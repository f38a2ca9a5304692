"""A Word file (.docx, .docm) in, its text out: paragraphs, tables, text boxes and notes where they are referred to.

The file is read from its XML, as far as it holds text: pictures and macros are never unpacked. Deleted and hidden text
is left out, inserted text is taken. Page numbers are not in the file: Word makes them when it shows it.
"""

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any

from lxml import etree

from workbench.workload.extracted import Extracted, Pieces, Unreadable, one_line

MOST_UNPACKED = 100_000_000
"""Bytes of XML of one part; a megabyte of text is about ten of these."""

_BROKEN = "broken Word files, skipped (open and save them again)"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SPACES = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
    "http://schemas.openxmlformats.org/officeDocument/2006/math",
    "http://purl.oclc.org/ooxml/officeDocument/math",
)
_GONE = ("del", "moveFrom", "Fallback", "pPr", "rPr", "sectPr", "tblPr", "trPr", "tcPr", "sdtPr")
_LEVELS = tuple("012345678")
_MOST_STYLES_ABOVE = 20
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}


def extract(path: Path) -> Extracted:
    """Read a Word file.

    Raises:
        Unreadable: it is encrypted, no Word file, broken, or too large unpacked.
    """
    with path.open("rb") as file:
        if file.read(8) == _OLE:
            if _ENCRYPTED in file.read(10_000_000):
                raise Unreadable("Word files with a password, skipped (save them without one)")
            raise Unreadable("old Word files under a new name, skipped (save them as .docx)")
    try:
        with zipfile.ZipFile(path) as package:
            return _Word(package).read()
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, etree.XMLSyntaxError):
        raise Unreadable(_BROKEN) from None


class _Word:
    """One package: its main part, its styles and its notes."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self._package = package
        self._names = set(package.namelist())
        self._pieces = Pieces()
        self._title = ""

    def read(self) -> Extracted:
        main = self._related("_rels/.rels", "officeDocument") or "word/document.xml"
        document = self._parsed(main)
        body = next((each for each in document if _tag(each) == "body"), None)
        if body is None:
            raise Unreadable(_BROKEN)
        beside = join(dirname(main), "_rels", f"{main.rpartition('/')[2]}.rels")
        self._kinds = _kinds(self._parsed(self._related(beside, "styles")))
        self._notes = {
            kind: {_value(each, "id"): each for each in self._parsed(self._related(beside, f"{kind}s"))}
            for kind in ("footnote", "endnote")
        }
        self._blocks(body)
        if self._pieces.empty:
            raise Unreadable("Word files without text, skipped (if they are pictures: run OCR first)")
        return self._pieces.done(self._core_title() or self._title)

    # ---- blocks

    def _blocks(self, parent: Any) -> None:
        for element in parent:
            tag = _tag(element)
            if tag == "p":
                self._paragraph(element)
            elif tag == "tbl":
                self._table(element)
            elif tag and tag not in _GONE:
                self._blocks(element)

    def _paragraph(self, element: Any) -> None:
        text = "".join(_texts(element)).strip()
        kind = self._kind(element)
        if kind == "title":
            self._title = self._title or one_line(text)
        if kind in ("title", "heading"):
            self._pieces.heading(text)
        elif kind == "list" and text:
            self._pieces.add(f"- {text}", tight=True)
        else:
            self._pieces.add(text)
        for inner in _inside(element):
            if _tag(inner) == "txbxContent":
                self._blocks(inner)
            elif (note := self._note(inner)) is not None:
                self._blocks(note)

    def _table(self, element: Any) -> None:
        rows = [list(_cells(row)) for row in _cells(element, "tr")]
        if all(len(row) <= 1 for row in rows):
            for row in rows:
                for cell in row:
                    self._blocks(cell)
            return
        self._pieces.table([["".join(_all_texts(cell)) for cell in row] for row in rows])

    def _kind(self, paragraph: Any) -> str:
        """`title`, `heading`, `list`, or empty for a plain paragraph; its own properties come before its style's."""
        held = {
            _tag(each): _value(each, "val")
            for properties in paragraph
            if _tag(properties) == "pPr"
            for each in properties
        }
        if held.get("outlineLvl", "") in _LEVELS:
            return "heading"
        kind = self._kinds.get(held.get("pStyle", ""), "")
        return kind if kind in ("title", "heading") else "list" if "numPr" in held else kind

    def _note(self, reference: Any) -> Any | None:
        kind = _tag(reference).removesuffix("Reference")
        return self._notes[kind].pop(_value(reference, "id"), None) if kind in self._notes else None

    # ---- parts

    def _related(self, relations: str, kind: str) -> str:
        """The part that a file of relations names for a kind; empty: none. One outside the package is not looked at."""
        root = self._parsed(relations)
        base = dirname(dirname(relations))
        for each in root:
            if str(each.get("Type", "")).endswith(f"/{kind}") and each.get("TargetMode") != "External":
                target = str(each.get("Target", ""))
                name = target.lstrip("/") if target.startswith("/") else normpath(join(base, target))
                if name in self._names:
                    return name
        return ""

    def _parsed(self, name: str) -> Any:
        """The root of a part; nothing where there is none. Entities stay unresolved; what declares any is refused."""
        if name not in self._names:
            return ()
        # The size that a zip states is its maker's word; what is unpacked is counted.
        with self._package.open(name) as part:
            raw = part.read(MOST_UNPACKED + 1)
        if len(raw) > MOST_UNPACKED:
            raise Unreadable(
                f"Word files that unpack to more than {MOST_UNPACKED // 1_000_000} MB, skipped (split them)"
            )
        parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True)
        root = etree.fromstring(raw, parser)
        if root.getroottree().docinfo.doctype:
            raise Unreadable("Word files with a document type or entities, skipped (Word writes none: beware of them)")
        return root

    def _core_title(self) -> str:
        root = self._parsed(self._related("_rels/.rels", "core-properties"))
        return one_line(next((each.text or "" for each in root if str(each.tag).endswith("}title")), ""))


# ---- elements --------------------------------------------------------------------------------------------------------


def _tag(element: Any) -> str:
    """The local name, of Word's own elements and of the wrapper for newer features; empty for all others."""
    if not isinstance(element.tag, str):
        return ""
    space, _, name = element.tag.removeprefix("{").rpartition("}")
    return name if space in _SPACES or name in ("AlternateContent", "Choice", "Fallback") else ""


def _value(element: Any, name: str) -> str:
    return next((str(value) for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


def _is_hidden(run: Any) -> bool:
    for properties in run:
        if _tag(properties) == "rPr":
            return any(_tag(each) == "vanish" and _value(each, "val") not in ("0", "false") for each in properties)
    return False


def _inside(element: Any) -> Iterator[Any]:
    """What is in a paragraph and counts, text boxes as a whole; without recursion."""
    waiting = list(reversed(element))
    while waiting:
        each = waiting.pop()
        tag = _tag(each)
        if tag in _GONE or (tag == "r" and _is_hidden(each)):
            continue
        yield each
        if tag != "txbxContent":
            waiting.extend(reversed(each))


def _texts(paragraph: Any) -> Iterator[str]:
    for each in _inside(paragraph):
        tag = _tag(each)
        if tag == "t":
            yield each.text or ""
        elif tag in _SIGNS and _value(each, "type") != "page":
            yield _SIGNS[tag]


def _cells(element: Any, kind: str = "tc") -> Iterator[Any]:
    """The rows of a table or the cells of a row, those in content controls and insertions too."""
    for each in element:
        tag = _tag(each)
        if tag == kind:
            yield each
        elif tag and tag not in _GONE:
            yield from _cells(each, kind)


def _all_texts(cell: Any) -> Iterator[str]:
    """All text of a cell, that of tables in it too, paragraphs parted by a blank."""
    for each in cell.iter():
        if _tag(each) == "p" and not any(_tag(above) in _GONE for above in each.iterancestors()):
            yield from _texts(each)
            yield " "


def _kinds(styles: Any) -> dict[str, str]:
    """What styles make of a paragraph, by id: `title`, `heading` or `list`. A style inherits from its base."""
    own: dict[str, tuple[str, str]] = {}
    for style in styles:
        if _tag(style) == "style":
            held = {_tag(each): _value(each, "val") for each in style.iter() if _tag(each)}
            name = held.get("name", "").lower()
            leveled = held.get("outlineLvl", "") in _LEVELS or name.startswith("heading ")
            kind = "title" if name == "title" else "heading" if leveled else "list" if "numPr" in held else ""
            own[_value(style, "styleId")] = kind, held.get("basedOn", "")
    found: dict[str, str] = {}
    for id in own:
        kind, above = own[id]
        for _ in range(_MOST_STYLES_ABOVE):
            if kind or above not in own:
                break
            kind, above = own[above]
        if kind:
            found[id] = kind
    return found
