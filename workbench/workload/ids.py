"""What an id may be here, how a foreign name becomes one, and how a value is quoted in a sentence."""

import hashlib
import re
import unicodedata
from collections.abc import Callable

TENANT_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
"""Used with `fullmatch`: a tenant's id becomes a file name, a header and a cache key."""

MAX_ID_LENGTH = 200

# Controls, line and paragraph separators, lone surrogates: they break a log line, a file name or UTF-8.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def fault(value: str) -> str:
    """Say what forbids a string as an id, or nothing when it may be one."""
    if not value.strip():
        return "is empty; fill it"
    if value != value.strip():
        return "begins or ends with a blank; remove it"
    if len(value) > MAX_ID_LENGTH:
        return f"has {len(value)} characters; use at most {MAX_ID_LENGTH}"
    if _UNSAFE.search(value):
        return "holds a control character or half a character; use printable characters"
    return ""


def shown(value: object, limit: int = 60) -> str:
    """Quote a value for a sentence: shortened, and with nothing that a terminal would obey."""
    text = repr(value) if not isinstance(value, str) else value
    text = text if len(text) <= limit else text[: limit - 1] + "…"
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return f'"{safe}"' if isinstance(value, str) else safe


def slug(name: str) -> str:
    """Make a tenant's id of any name: `Émile & Söhne` becomes `emile-sohne`.

    Letters that have no ASCII form are dropped and a piece of the name's hash takes their place, so that two names in
    another script stay apart.
    """
    plain = unicodedata.normalize("NFKD", name)
    ascii_only = "".join(c for c in plain if c.isascii()).lower()
    words = re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")
    lost = any(c.isalnum() and not c.isascii() for c in plain)
    if not words or lost:
        digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        words = f"{words[:54].strip('-')}-{digest}".strip("-")
    return words[:63].strip("-")


def safe(name: str) -> str:
    """Make a document's or question's id of a foreign one; an id that is fit already is returned as it is."""
    if not fault(name):
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{_UNSAFE.sub('_', name).strip()[: MAX_ID_LENGTH - 20].strip()}~{digest}"


class Claims:
    """Hands out ids that are fit and not yet taken."""

    def __init__(self, fit: Callable[[str], str], limit: int = MAX_ID_LENGTH) -> None:
        self._fit = fit
        self._limit = limit
        self._taken: set[str] = set()
        self._turns: dict[str, int] = {}

    def claim(self, name: str) -> str:
        """Return the name made fit, with `-2`, `-3` … where it is taken."""
        wanted = self._fit(name)
        given = wanted
        while given in self._taken:
            turn = self._turns[wanted] = self._turns.get(wanted, 1) + 1
            tail = f"-{turn}"
            given = wanted[: self._limit - len(tail)] + tail
        self._taken.add(given)
        return given
