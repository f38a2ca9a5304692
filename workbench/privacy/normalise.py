"""A text comes in, the same without its disguises goes out, and each of its characters knows its place in the text.

Three views of a text. *Folded*: escapes decoded, invisible characters gone, wide and foreign look-alikes of letters,
digits, hyphens and spaces made plain; everything is looked for in it. *Decoded*: base64, digits as words, spaced
letters and `name at host dot com` written out. *Joined*: values that a line break cuts in two made whole.
"""

import base64
import binascii
import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from html.entities import html5
from urllib.parse import unquote_to_bytes

_PLAIN = re.compile(r"[\n\t\r\x20-\x7e\xa1-\xac\xae-\xb1\xb4-\xb8\xba-\u024f\u20ac]*\Z")
_ESCAPE = re.compile(
    r"&(?:#\d{1,7};?|#[xX][0-9a-fA-F]{1,6};?|[a-zA-Z]{2,24};)|(?:%[0-9a-fA-F]{2})+"
    r"|\\u(?:[0-9a-fA-F]{4}|\{[0-9a-fA-F]{1,6}\})|\\x[0-9a-fA-F]{2}"
)
_ODD = re.compile(r"[^\n\t\r\x20-\x7e\xa1-\xac\xae-\xb1\xb4-\xb8\xba-\u024f]")
_OTHER_SCRIPT = re.compile(r"[\u0370-\u058f]")
_WORD = re.compile(r"\S+")
_LOOK_ALIKE = str.maketrans(
    "АВЕЗКМНОРСТУХЅІЈԌԚԜаеорсухѕіјԁԛԝһӏпг" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαινορυκϲϳ" + "օսհոց",
    "ABE3KMHOPCTYXSIJGQWaeopcyxsijdqwhlnr" + "ABEZHIKMNOPTYXaivopukcj" + "ouhng",
)
_LATIN = re.compile("[A-Za-z]")
_ROUNDS = 3

_DIGITS = {
    word: str(value)
    for value, words in enumerate(
        ("zero oh null", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    )
    for word in words.split()
} | {"dash": "-", "hyphen": "-", "minus": "-", "plus": "+", "dot": ".", "point": "."}
_DIGIT_WORD = re.compile(rf"(?<!\w)(?:{'|'.join(_DIGITS)})(?!\w)", re.IGNORECASE)
_LEAST_WORDS = 7
_SPACED = re.compile(
    r"(?<!\S)[^\s\w]?\S(?:[ \t]{1,3}\S){7,200}(?!\S)|(?<![\w.,/|*])\d(?:[.,/|*] ?[\d()+ -]){8,40}(?![\w/|*]|[.,]\d)"
)
_BETWEEN = re.compile(r"[\s.,/|*]")
_BASE64 = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/_-]{12,4000}+={0,2}(?![\w+/=])")
_AT = re.compile(
    r"(?<![\w.+-])([\w.+-]{1,64}+(?:(?: dot | ?[\[({]dot[\])}] ?)\w{1,40}){0,3})( at | ?[\[({<] ?(?:at"
    r"|@) ?[\])}>] ?|@)(\w[\w-]{0,62}(?:(?: dot | ?[\[({] ?(?:dot|\.) ?[\])}] ?|\.)\w[\w-]{0,62}){0,5}(?: dot "
    r"| ?[\[({] ?(?:dot|\.) ?[\])}] ?|\.)[a-z]{2,12})(?!\w)",
    re.IGNORECASE,
)
_DOT = re.compile(r" dot | ?[\[({] ?(?:dot|\.) ?[\])}] ?", re.IGNORECASE)
_WHOLE = re.compile(r"@[\w.-]+\.(?:[a-z]{2}|com|org|net|edu|gov|mil|int|info|biz|example)\Z", re.IGNORECASE)
_REACH = 80


@dataclass(frozen=True, slots=True)
class View:
    """A text as it is looked at."""

    text: str
    starts: list[int] | None = None
    """Where each character begins in the original text; None: it is the original."""
    ends: list[int] | None = None

    def place(self, start: int, end: int) -> tuple[int, int]:
        """[start, end) of the original for [start, end) of this view, which holds one character at least."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]

    def rewritten(self, pieces: "list[tuple[int, int, str]]") -> "View":
        """With some stretches [start, end) replaced; each new character stands for the whole of the old ones."""
        parts: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        done = 0
        for start, end, new in pieces:
            parts += self.text[done:start], new
            self._keep(done, start, starts, ends)
            if new:
                begin, stop = self.place(start, end)
                starts += [begin] * len(new)
                ends += [stop] * len(new)
            done = end
        parts.append(self.text[done:])
        self._keep(done, len(self.text), starts, ends)
        return View("".join(parts), starts, ends)

    def _keep(self, start: int, end: int, starts: list[int], ends: list[int]) -> None:
        if self.starts is None or self.ends is None:
            starts.extend(range(start, end))
            ends.extend(range(start + 1, end + 1))
        else:
            starts.extend(self.starts[start:end])
            ends.extend(self.ends[start:end])


def fold(text: str) -> View:
    """The text without disguises that stand for single characters."""
    view = View(text)
    for _ in range(_ROUNDS):  # what was escaped twice is escaped still
        pieces = [piece for match in _ESCAPE.finditer(view.text) if (piece := _unescaped(match))]
        if not pieces:
            break
        view = view.rewritten(pieces)
    if not _PLAIN.match(view.text):
        pieces = [(m.start(), m.end(), new) for m in _ODD.finditer(view.text) if (new := _plain(m[0])) != m[0]]
        if pieces:
            view = view.rewritten(pieces)
        if _OTHER_SCRIPT.search(view.text):
            view = View(_WORD.sub(_latin, view.text), view.starts, view.ends)
    return view


def _unescaped(match: re.Match[str]) -> tuple[int, int, str] | None:
    said = match[0]
    if said[0] == "&":
        # A name without its semicolon may be the beginning of a word, which `unescape` would cut.
        new = html.unescape(said) if said[1] == "#" else html5.get(said[1:], said)
    elif said[0] == "%":
        new = unquote_to_bytes(said).decode("utf-8", "replace")
    else:
        code = int(said[2:].strip("{}"), 16)
        new = chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else said
    # A character that was not to be had, and what ends a line or a text, tell nothing and would cut a value.
    return (match.start(), match.end(), new) if new != said and new.isprintable() and "\ufffd" not in new else None


def _plain(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cf", "Mn", "Me", "Cc", "Co"):
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Pd" or character == "\u2212":
        return "-"
    if category == "Zs":
        return " "
    if character in "\u2018\u2019\u02bc":
        return "'"
    return unicodedata.normalize("NFKC", character)


def _latin(match: re.Match[str]) -> str:
    """A word of two scripts is a Latin one in disguise; one that is all Cyrillic or Greek is what it seems."""
    return match[0].translate(_LOOK_ALIKE) if _LATIN.search(match[0]) else match[0]


def decoded(view: View) -> View | None:
    """With what stands for whole values written out; None: there is none of it."""
    pieces: list[tuple[int, int, str]] = []
    for some in (_encoded(view.text), _spaced(view.text), _worded(view.text), _addresses(view.text)):
        pieces += some
    pieces.sort()
    apart: list[tuple[int, int, str]] = []
    for piece in pieces:
        if not apart or piece[0] >= apart[-1][1]:
            apart.append(piece)
    return view.rewritten(apart) if apart else None


def _encoded(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _BASE64.finditer(text):
        token = match[0].rstrip("=").replace("-", "+").replace("_", "/")
        if len(token) % 4 == 1:
            continue
        try:
            new = base64.b64decode(token + "=" * (-len(token) % 4), validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            continue
        if new.isprintable() and new:
            yield match.start(), match.end(), new


def _spaced(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _SPACED.finditer(text):
        yield (
            match.start(),
            match.end(),
            _BETWEEN.sub("", match[0]) if match[0][1] in ".,/|*" else "".join(match[0].split()),
        )


def _worded(text: str) -> Iterator[tuple[int, int, str]]:
    run: list[re.Match[str]] = []
    for match in _DIGIT_WORD.finditer(text):
        if run and text[run[-1].end() : match.start()].strip(" ,;-\n") + text[run[-1].end() : match.start()][3:]:
            yield from _number(run)
            run = []
        run.append(match)
    yield from _number(run)


def _number(run: list[re.Match[str]]) -> Iterator[tuple[int, int, str]]:
    if len(run) >= _LEAST_WORDS:
        yield run[0].start(), run[-1].end(), "".join(_DIGITS[match[0].lower()] for match in run)


def _addresses(text: str) -> Iterator[tuple[int, int, str]]:
    if "dot" in text.lower() or "[" in text or "(" in text or "{" in text:
        for match in _AT.finditer(text):
            name, host = _DOT.sub(".", match[1]), _DOT.sub(".", match[3])
            # "meet at example.com" is no address; "meet at example dot com" is meant to be one.
            if name + host != match[1] + match[3] or match[2] not in (" at ", "@"):
                yield match.start(), match.end(), f"{name}@{host}"


def joined(view: View) -> tuple[View, list[int]] | None:
    """Without the line breaks that may cut a value, and where in the new text they were; None: there are none."""
    text = view.text
    pieces: list[tuple[int, int, str]] = []
    at = text.find("\n")
    while at >= 0:
        left = text[max(0, at - _REACH) : at].rstrip(" \t\r")
        right = text[at + 1 : at + 1 + _REACH].lstrip(" \t")
        start, end = (
            at - (len(text[max(0, at - _REACH) : at]) - len(left)),
            at + 1 + len(text[at + 1 : at + 1 + _REACH]) - len(right),
        )
        if left and right and _cut(left, right) and (not pieces or pieces[-1][1] <= start):
            pieces.append((start, end, ""))
        at = text.find("\n", at + 1)
    if not pieces:
        return None
    breaks, gone = [], 0
    for start, end, _ in pieces:
        breaks.append(start - gone)
        gone += end - start
    return view.rewritten(pieces), breaks


def _cut(left: str, right: str) -> bool:
    """Whether two lines may be one value: a number goes on, or an address does."""
    if left[-1] in "0123456789-.(+/" and right[0] in "0123456789-.()/":
        return left[-1].isdigit() or right[0].isdigit()
    if (left[-1].isalnum() or left[-1] in "@._-") and (right[0].isalnum() or right[0] in "@._-"):
        before, after = left.split()[-1], right.split()[0]
        if "@" in before:
            return not _WHOLE.search(before)
        if "@" in after:
            # Far more addresses begin a line than are cut before it: only what is cut at a mark is put together.
            return after[0] in "@._-" or before[-1] in "@._-"
        # An account number: letters and digits without a space, with digits on one side of the break at least.
        return len(before + after) > 14 and (before + after).isalnum() and before[2:4].isdigit()
    return False
