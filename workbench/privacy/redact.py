"""A text and the places of personal data in it come in, a text to be given away goes out; where asked, the way back.

Three ways: masked, labelled by kind, or under pseudonyms: the same value is the same word in all texts of a tenant,
another word in another tenant's, and only who hid it can bring it back.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator

from workbench.privacy.span import VALUES, Span

HIDDEN = (*VALUES, "PERSON", "ADDRESS")
"""What to hide unless said otherwise: a firm, a date, the address of a page is nobody in particular."""

_TOKEN = re.compile(r"<([A-Z][A-Z_]{1,30})_([a-p]{16})>")
_TYPED = "TYPED"
"""The kind of what looks like a pseudonym and was in the text before: it is hidden itself, and comes back as it was."""
_LONGEST_TOKEN = 50


def mask(text: str, spans: Iterable[Span], character: str = "█") -> str:
    """The text at its old length, every character of a span replaced; line breaks stay."""
    return _replaced(
        text, ((start, end, re.sub(r"[^\n]", character, text[start:end])) for start, end, _ in together(spans))
    )


def label(text: str, spans: Iterable[Span]) -> str:
    """The text with `[EMAIL]` for an address and so on: what stood there is gone for good."""
    return _replaced(text, ((start, end, f"[{kind}]") for start, end, kind in together(spans)))


def together(spans: Iterable[Span]) -> list[tuple[int, int, str]]:
    """[start, end) and kind, in the order of the text: spans that overlap become one, of the kind of the longest."""
    merged: list[tuple[int, int, str, int]] = []
    for span in sorted(spans, key=lambda each: (each.start, -each.end)):
        length = span.end - span.start
        if length <= 0:
            continue
        if merged and span.start < merged[-1][1]:
            start, end, kind, longest = merged[-1]
            merged[-1] = (start, max(end, span.end), span.kind if length > longest else kind, max(length, longest))
        else:
            merged.append((span.start, span.end, span.kind, length))
    return [(start, end, kind) for start, end, kind, _ in merged]


def unrestored(text: str) -> int:
    """How many pseudonyms stand in a text still."""
    return len(_TOKEN.findall(text))


class Pseudonyms:
    """Hides values of one tenant for the length of one request, and brings them back in its answer.

    Every message of the request is hidden by the same object: what is said twice is one pseudonym. Only what this
    object has issued is restored: a pseudonym that a user typed, remembers from another day or took from another tenant
    stays as it stands. Nothing is stored; the same value has the same pseudonym tomorrow because the key is the same.
    """

    def __init__(self, key: bytes, tenant: str) -> None:
        """Take the key of the installation, at least 16 bytes, and the tenant, whose own key is derived from it.

        Raises:
            ValueError: the key is too short to keep values of few digits from being tried out.
        """
        if len(key) < 16:
            raise ValueError("the key of pseudonyms must have 16 bytes or more")
        self._key = hmac.digest(key, b"workbench pseudonyms\0" + tenant.encode(), hashlib.sha256)
        self._issued: dict[str, str] = {}

    def hide(self, text: str, spans: Iterable[Span]) -> str:
        """The text with a pseudonym such as `<EMAIL_kfbgacdpmnohijel>` for each span.

        Args:
            text: any; what looks like a pseudonym in it is hidden too, so that `restore` gives back every byte.
            spans: of the text; those that overlap become one.
        """
        typed = [Span(match.start(), match.end(), _TYPED, 1.0, "typed") for match in _TOKEN.finditer(text)]
        return _replaced(
            text, ((start, end, self._issue(kind, text[start:end])) for start, end, kind in together([*spans, *typed]))
        )

    def restore(self, text: str) -> str:
        """An answer with the values in place of the pseudonyms that this object issued; others stay."""
        return _TOKEN.sub(lambda match: self._issued.get(match[0], match[0]), text)

    def restore_stream(self, pieces: Iterable[str]) -> Iterator[str]:
        """The same for an answer that comes in pieces: a pseudonym that two pieces share is waited for."""
        waiting = ""
        for piece in pieces:
            waiting += piece
            opened = waiting.rfind("<")
            # Longer than any pseudonym, or closed: it is none that is still coming.
            if opened >= 0 and ">" not in waiting[opened:] and len(waiting) - opened < _LONGEST_TOKEN:
                ready, waiting = waiting[:opened], waiting[opened:]
            else:
                ready, waiting = waiting, ""
            if ready:
                yield self.restore(ready)
        if waiting:
            yield self.restore(waiting)

    def _issue(self, kind: str, value: str) -> str:
        attempt = 0
        while True:
            said = f"{kind}\0{attempt}\0{value}".encode("utf-8", "surrogatepass")
            digest = hmac.digest(self._key, said, hashlib.sha256)
            # Letters alone: sixteen digits in a row could be taken for a card's.
            word = "".join(chr(97 + (byte >> 4)) + chr(97 + (byte & 15)) for byte in digest[:8])
            token = f"<{kind}_{word}>"
            if self._issued.setdefault(token, value) == value:
                return token
            attempt += 1


def _replaced(text: str, pieces: Iterable[tuple[int, int, str]]) -> str:
    parts: list[str] = []
    done = 0
    for start, end, new in pieces:
        parts += text[done:start], new
        done = end
    return "".join((*parts, text[done:]))
