"""A text comes in, the planted values in it go out: which, how surely, how often. An exact search, no detector."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from workbench.leaks.forms import Bare, bare, views
from workbench.leaks.index import PIECE, UNBOUND, Form, Index

Level = Literal["exact", "normalised", "partial"]
"""exact: as planted, character by character. normalised: in another form of the same value, or by a word of a name or
address that only it has. partial: a stretch of 60 % or more that stands nowhere else."""

_REMEMBERED = 4096
"""Texts: on the parity track all backends send the same prompts."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One value in one text."""

    level: Level
    times: int
    """How often the whole value stands there; 0 where only a part does."""

    @property
    def whole(self) -> bool:
        """Whether it is the value and not a part of it."""
        return self.level != "partial"


class Scanner:
    """Searches texts."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._scan)
        self._telling = lru_cache(maxsize=None)(index.telling)

    def scan(self, text: str) -> dict[int, Seen]:
        """The values that a text holds, by number."""
        return self._remembered(text)

    def _scan(self, text: str) -> dict[int, Seen]:
        times: dict[int, int] = {}
        parts: set[int] = set()
        for view in views(text):
            said = bare(view)
            spans: dict[int, set[tuple[int, int]]] = {}
            for number, start, end in self._wholes(said, parts):
                spans.setdefault(number, set()).add((start, end))
            for number, found in spans.items():
                times[number] = max(times.get(number, 0), _apart(found))
            for token in self._index.tokens.keys() & {*said.tokens}:
                for number in self._index.tokens[token]:
                    times[number] = max(times.get(number, 0), said.tokens.count(token))
        seen = {number: Seen(self._level(number, text), count) for number, count in sorted(times.items())}
        return seen | {number: Seen("partial", 0) for number in sorted(parts - seen.keys())}

    def _level(self, number: int, text: str) -> Level:
        return "exact" if self._index.values[number] in text else "normalised"

    def _wholes(self, said: Bare, parts: set[int]) -> Iterator[tuple[int, int, int]]:
        """Number, start and end of whole values; numbers of those that stand there in part are added to `parts`."""
        text, anchors = said.text, self._index.anchors
        for place in range(len(text) - PIECE + 1):
            for form, offset in anchors.get(text[place : place + PIECE], ()):
                start, end = _stretch(text, place, form, offset)
                if end - start == len(form.text):
                    if not form.bound or {start, end} <= said.edges:
                        yield form.number, start, end
                elif end - start >= form.least and (end - start >= UNBOUND or {start, end} <= said.edges):
                    if self._telling(text[start:end], self._index.owners[form.number]):
                        parts.add(form.number)
        for form in self._index.short:
            start = text.find(form.text)
            while start >= 0:
                if {start, start + len(form.text)} <= said.edges:
                    yield form.number, start, start + len(form.text)
                start = text.find(form.text, start + 1)


def _stretch(text: str, place: int, form: Form, offset: int) -> tuple[int, int]:
    """How far the text goes on as the form does, to both sides of a piece that they share."""
    if text.startswith(form.text, place - offset) and place >= offset:
        return place - offset, place - offset + len(form.text)
    if form.least == len(form.text):
        return place, place
    start, left = place, offset
    while start and left and text[start - 1] == form.text[left - 1]:
        start, left = start - 1, left - 1
    end, right = place + PIECE, offset + PIECE
    while end < len(text) and right < len(form.text) and text[end] == form.text[right]:
        end, right = end + 1, right + 1
    return start, end


def _apart(spans: set[tuple[int, int]]) -> int:
    """How many places they are: forms of one value that overlap are one."""
    count, reached = 0, -1
    for start, end in sorted(spans):
        if start >= reached:
            count += 1
        reached = max(reached, end)
    return count
