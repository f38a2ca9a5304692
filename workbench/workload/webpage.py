"""The bytes of an HTML page in, its text out: what a reader of the page sees, without menus and scripts.

Where a page says which part of it is the matter (`main`), only that part is taken.
"""

import re
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bs4 import BeautifulSoup, Tag, XMLParsedAsHTMLWarning
from bs4.dammit import EncodingDetector
from bs4.element import NavigableString, PreformattedString

from workbench.workload.extracted import Extracted, Note, Pieces, Unreadable, one_line

_NO_TEXT = """annotation audio button canvas datalist dialog embed iframe img input map meter nav noscript object
option progress script select style svg template textarea title video""".split()
_NO_TEXT_ROLES = ("navigation", "search", "menu", "menubar", "toolbar", "dialog", "alertdialog")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = """address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer
form header hgroup hr html legend li main ol p pre section summary table tbody td tfoot th thead tr ul""".split()
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
# What browsers take these names for (WHATWG Encoding, section 4.2); Python takes them by the letter.
_AS_BROWSERS = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    "big5": "big5hkscs",
    "utf-16": "utf-8",
    "utf-16le": "utf-8",
    "utf-16be": "utf-8",
}
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


def extract(path: Path) -> Extracted:
    """Read a page.

    Raises:
        Unreadable: nothing of it is text.
    """
    pieces = Pieces()
    with warnings.catch_warnings():
        # XHTML is read as browsers read it.
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        page = BeautifulSoup(_decoded(path.read_bytes(), pieces), "lxml")
    title = page.title.get_text() if page.title else ""
    _remove_unseen(page)
    mains = page.select("main, [role=main]")
    for part in [mains[0]] if len(mains) == 1 and mains[0].get_text(strip=True) else [page]:
        _take(part, pieces)
    if pieces.empty:
        raise Unreadable("HTML pages without text, skipped (if a script writes it: save the page as it is shown)")
    return pieces.done(title)


def _decoded(raw: bytes, pieces: Pieces) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            return raw.removeprefix(mark).decode(encoding, "replace")
    declared = (EncodingDetector.find_declared_encoding(raw, is_html=True) or "").lower()
    named = _AS_BROWSERS.get(declared, declared)
    for encoding in filter(None, (named, "utf-8")):
        try:
            return raw.decode(encoding)
        except (UnicodeError, LookupError, ValueError):
            continue
    if declared:
        pieces.notes.append(Note("HTML pages in another encoding than they name, read as Windows-1252"))
    else:
        pieces.notes.append(Note("HTML pages that are not UTF-8 and name no encoding, read as Windows-1252"))
    return raw.decode("cp1252", "replace")


def _remove_unseen(page: BeautifulSoup) -> None:
    for tag in page.find_all(_is_unseen):
        if not tag.decomposed:
            tag.decompose()
    # Sphinx and others put a link to itself behind every heading.
    for link in page.find_all("a"):
        if link.get_text(strip=True) in ("¶", "#", "🔗"):
            link.decompose()


def _is_unseen(tag: Tag) -> bool:
    if tag.name in _NO_TEXT or tag.has_attr("hidden"):
        # An open dialog is seen.
        return not (tag.name == "dialog" and tag.has_attr("open") and not tag.has_attr("hidden"))
    said = {name: str(tag.get(name, "")).strip().lower() for name in ("role", "aria-hidden", "style")}
    hidden = bool(_HIDDEN.search(said["style"]))
    return hidden or said["role"] in _NO_TEXT_ROLES or said["aria-hidden"] == "true"


def _take(part: Tag, pieces: Pieces) -> None:
    """Walk a part without recursion: pages nested a thousand deep exist."""
    line: list[str] = []
    item = ""
    counts: Counter[int] = Counter()

    def flush(text: str = "") -> None:
        nonlocal item
        text = text or _folded(line)
        line.clear()
        if text.strip():
            pieces.add(item + text, tight=bool(item))
            item = ""

    for node, opens in _events(part):
        if isinstance(node, NavigableString):
            line.append(str(node))
        elif node.name == "br":
            line.append("\0" if opens else "")
        elif node.name in _BLOCKS or node.name in _HEADINGS:
            flush()
            if node.name == "li":
                item = _bullet(node, counts) if opens else ""
            if not opens:
                continue
            if node.name in _HEADINGS:
                pieces.heading(one_line(node.get_text()))
            elif node.name == "pre":
                flush(node.get_text().expandtabs())
            elif node.name == "table" and _is_data(node):
                caption = node.find("caption", recursive=False)
                pieces.add(one_line(caption.get_text()) if caption else "")
                pieces.table(_rows(node))
    flush()


def _bullet(item: Tag, counts: Counter[int]) -> str:
    """What stands before an item; counted by list."""
    counts[id(item.parent)] += 1
    ordered = item.parent is not None and item.parent.name == "ol"
    return f"{counts[id(item.parent)]}. " if ordered else "- "


def _events(part: Tag) -> Iterator[tuple[Tag | NavigableString, bool]]:
    """Every text and the begin (True) and end of every element; none from inside what is taken as a whole."""
    waiting: list[tuple[Tag | NavigableString, bool]] = [(part, True)]
    while waiting:
        node, opens = waiting.pop()
        if isinstance(node, PreformattedString):
            continue  # comments, doctypes, CDATA
        yield node, opens
        if not opens or isinstance(node, NavigableString):
            continue
        waiting.append((node, False))
        whole = node.name in _HEADINGS or node.name == "pre" or (node.name == "table" and _is_data(node))
        if not whole:
            waiting.extend(
                (child, True) for child in reversed(node.contents) if isinstance(child, Tag | NavigableString)
            )


def _is_data(table: Tag) -> bool:
    """Whether a table holds data: two columns somewhere, and no other table or heading inside, as layouts have."""
    if table.find(["table", *_HEADINGS]):
        return False
    return any(len(list(filter(None, row))) > 1 for row in _rows(table))


def _rows(table: Tag) -> Iterator[list[str]]:
    for row in table.find_all("tr"):
        yield [_folded([cell.get_text(" ")]) for cell in row.find_all(["td", "th"], recursive=False)]


def _folded(line: list[str]) -> str:
    """Blanks of the source become one; a break is a line feed."""
    return "\n".join(one_line(each) for each in "".join(line).split("\0")).strip()
