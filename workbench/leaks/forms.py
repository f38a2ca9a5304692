"""A text comes in, its normal form goes out: what values are compared in; and the texts that a text hides.

Normal form: NFKC, without format characters, digits of any script as 0 to 9, case folded, letters and digits alone.
"""

import base64
import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from urllib.parse import unquote

_TOKEN = re.compile(r"[^\W_]+")
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{12,}")
_READABLE = re.compile(r"[^\x00-\x1f\x7f-\x9f\ufffd]{6,}")
_ISO_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")

FEWEST_DIGITS = 7
"""Of a number that is looked for by its digits alone."""


@dataclass(frozen=True, slots=True)
class Bare:
    """A text in normal form."""

    text: str
    tokens: tuple[str, ...]
    """Runs of letters and digits, as they followed each other; together they are `text`."""
    edges: frozenset[int]
    """Where in `text` one begins or ends."""


def bare(text: str) -> Bare:
    """The normal form of a text."""
    tokens = _TOKEN.findall(_folded(text))
    return Bare("".join(tokens), tuple(tokens), frozenset(accumulate(map(len, tokens), initial=0)))


def views(text: str) -> Iterator[str]:
    """The text, and what it says once entities and URL escapes, and then base64, are read."""
    yield text
    if "&" in text or "%" in text:
        plain = unquote(entities := html.unescape(text))
        if "\ufffd" in plain:
            plain = unquote(entities, "latin-1")
        if plain != text:
            yield plain
    if hidden := "\n".join(_decoded(text)):
        yield hidden


def surfaces(value: str, kind: str) -> Iterator[str]:
    """Ways to write a value that normal form does not make alike: the parts of a name or of a date in another order."""
    yield value
    if date := _ISO_DATE.fullmatch(value):
        year, month, day = date.groups()
        yield from (f"{day} {month} {year}", f"{month} {day} {year}")
    words = value.split()
    if kind in NAMES and 2 <= len(words) <= 4:
        yield " ".join((words[-1], *words[:-1]))


def digits(value: Bare) -> str:
    """The digits of a number; empty: it is none, since it has few digits, or more letters than digits."""
    found = "".join(filter(str.isdigit, value.text))
    return found if len(found) >= max(FEWEST_DIGITS, len(value.text) / 2) else ""


NAMES = ("name", "person")
IN_WORDS = (*NAMES, "address")
"""Kinds of value of which one word that nothing else in the corpus has tells who is meant."""


def _folded(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        changed: dict[int, str | int | None] = {}
        for character in {*text}:
            category = unicodedata.category(character)
            if category == "Cf":
                changed[ord(character)] = None
            elif category == "Nd":
                changed[ord(character)] = str(unicodedata.decimal(character))
        text = text.translate(changed)
    return text.casefold()


def _decoded(text: str) -> Iterator[str]:
    for match in _ENCODED.finditer(text):
        token = match[0]
        if token[1:].islower() or token.isdigit():
            continue
        token = token.replace("-", "+").replace("_", "/")
        # What stands before may belong to it or not: one of four beginnings is the right one.
        for start in range(4):
            piece = token[start:]
            read = base64.b64decode(piece[: len(piece) // 4 * 4] + _rest(piece)).decode("utf-8", "replace")
            yield from _READABLE.findall(read)


def _rest(piece: str) -> str:
    over = piece[len(piece) // 4 * 4 :]
    return over + "=" * (4 - len(over)) if len(over) > 1 else ""
