"""Takes a context, gives its sentences."""

import re

from workbench.models.extractive import words

LONGEST = 800
"""Characters after which a stretch without an end of sentence is cut: work stays linear in the context's length."""

_END = re.compile(
    r"(?<![.!?…])[.!?…]++[\"'”’)\]»]*+(?:\[[^\]\s]{1,12}\]){0,9}(?=\s|\Z|,[\"“]?[A-Z])"
    r"|\n[^\S\n]*+\n|\n(?=[ \t]*(?:[-*•#|>]|\d{1,3}[.)]\s))|^#{1,6} [^\n]{1,200}\n|[。！？؟।]++[”’」』]*+",
    re.MULTILINE,
)
"""Marks at the end of a sentence, footnotes with them; `.,A` is how one framework joins passages."""
_LAST_WORD = re.compile(r"[\w.]+$")
_ABBREVIATIONS = frozenset(
    """
    mr mrs ms dr st jr sr prof gen col lt sgt capt cmdr rev hon gov sen rep pres mt ft no vol vs inc ltd corp
    approx ca c cf fig figs ed eds esp e.g i.e jan feb mar apr jun jul aug sep sept oct nov dec p pp op v art
    dept est bros co co
    """.split()
)


def split(text: str) -> list[tuple[int, int]]:
    """Give the [start, end) characters of each sentence, without surrounding space, in order."""
    spans: list[tuple[int, int]] = []
    start = 0
    for mark in _END.finditer(text):
        if mark.group()[0] == "." and not _ends(text, start, mark.start(), mark.end()):
            continue
        _append(text, start, mark.end(), spans)
        start = mark.end()
    _append(text, start, len(text), spans)
    return spans


def _ends(text: str, start: int, dot: int, after: int) -> bool:
    """Whether a full stop ends a sentence: not after an abbreviation or an initial, nor before a lower-case word."""
    following = text[after : after + 12].lstrip()
    if not following or following[0].islower():
        return not following
    last = _LAST_WORD.search(text, max(start, dot - 24), dot)
    if last is None or after - dot > 1:
        return True
    word = last.group()
    if following[0] == "," and ("." in word or len(word) < 3):
        return False
    return word.lower() not in _ABBREVIATIONS and not (len(word) == 1 and word.isupper() and word != "I")


def _append(text: str, start: int, end: int, spans: list[tuple[int, int]]) -> None:
    while start < end:
        stop = end
        if end - start > LONGEST:
            cut = max(text.rfind(" ", start, start + LONGEST), text.rfind("\n", start, start + LONGEST))
            stop = cut if cut > start else start + LONGEST
        piece = text[start:stop]
        lead = len(piece) - len(piece.lstrip(" \t\n\r\f\v,"))
        body = len(piece[lead:].rstrip())
        if body > 0:
            spans.append((start + lead, start + lead + body))
        start = stop


class Sentence:
    """One sentence: its text, tokens, and what reading needs of them, worked out when first asked for."""

    __slots__ = ("_ends", "_kinds", "_starts", "bag", "lower", "opens", "stems", "text", "tokens")

    def __init__(self, text: str, opens: bool) -> None:
        self.text = text
        self.opens = opens
        """First of its paragraph: it speaks of no sentence before."""
        self.tokens: list[str] = words.TOKEN.findall(text)
        self.lower = [token.lower() for token in self.tokens]
        self.stems = list(map(words.stem, self.lower))
        self.bag = frozenset(self.stems)
        self._kinds = ""
        self._starts: list[int] = []
        self._ends: list[int] = []

    @property
    def kinds(self) -> str:
        """One class letter per token."""
        if not self._kinds:
            self._kinds = words.classes(self.tokens, self.lower)
        return self._kinds

    def part(self, start: int, end: int) -> str:
        """Give the text of the tokens [start, end)."""
        if not self._starts:
            for match in words.TOKEN.finditer(self.text):
                self._starts.append(match.start())
                self._ends.append(match.end())
        return self.text[self._starts[start] : self._ends[end - 1]]


def read(text: str) -> list[Sentence]:
    """Give the sentences of a context, each with its tokens."""
    sentences: list[Sentence] = []
    last = 0
    for start, end in split(text):
        opens = not sentences or "\n" in text[last:start]
        sentences.append(Sentence(text[start:end], opens))
        last = end
    return sentences
