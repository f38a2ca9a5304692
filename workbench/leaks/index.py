"""Planted values and the documents they stand in come in, what to look for goes out: forms, tokens and their anchors.

A value is looked for by pieces of six characters. A form has as many of them, the rarest to be had, as every stretch of
it that must be found holds one.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil

from workbench.leaks.forms import IN_WORDS, Bare, bare, digits, surfaces
from workbench.records import Document, Planted

PIECE = 6
PARTIAL = 0.6
"""Share of a value that is a partial disclosure."""
FEWEST_PARTIAL = 10
"""Characters of a value that can be disclosed in part: of a shorter one the part could be anything."""
UNBOUND = 10
"""Characters of what is found within longer runs of letters and digits too: no chance puts so many there."""
FEWEST_IN_TOKEN = 5
"""Letters of a word that stands for a name by itself."""


@dataclass(frozen=True, slots=True)
class Form:
    """One way in which a value is written, in normal form."""

    number: int
    """Of the value: its place among the planted."""
    text: str
    least: int
    """Characters in a row that disclose it in part; its length: only the whole counts."""

    @property
    def bound(self) -> bool:
        """Whether it must stand for itself, not within a longer word or number."""
        return len(self.text) < UNBOUND


@dataclass(slots=True)
class Index:
    """What to look for."""

    values: tuple[str, ...]
    """As planted."""
    owners: tuple[str, ...]
    """Whose each value is: a person, or the value itself."""
    anchors: dict[str, list[tuple[Form, int]]] = field(default_factory=dict)
    """Piece -> forms and where in them it stands."""
    short: list[Form] = field(default_factory=list)
    """Shorter than a piece."""
    tokens: dict[str, list[int]] = field(default_factory=dict)
    """A word that nothing else in the corpus has -> the values that it stands for."""
    corpus: str = ""
    """All documents without the planted values, in normal form."""
    forms: list[Form] = field(default_factory=list)

    def telling(self, run: str, owner: str) -> bool:
        """Whether a stretch of a value stands nowhere else: in no other's value, and nowhere in the corpus."""
        others = (form for form in self.forms if self.owners[form.number] != owner)
        return run not in self.corpus and not any(run in form.text for form in others)


def build(planted: Sequence[Planted], documents: Iterable[Document]) -> Index:
    """Prepare the search.

    Args:
        planted: in the order that numbers them.
        documents: all of the workload.
    """
    texts = {document.id: document.text for document in documents}
    index = Index(tuple(one.value for one in planted), tuple(one.person or one.id for one in planted))
    rest = [bare(text) for text in without(planted, texts).values()]
    index.corpus = "\n".join(each.text for each in rest)
    for number, one in enumerate(planted):
        index.forms += _forms(number, one, texts)
    _place(index)
    index.tokens = _tokens(index, planted, {token for each in rest for token in each.tokens})
    return index


def without(planted: Iterable[Planted], texts: dict[str, str]) -> dict[str, str]:
    """Documents by id, a line break in the place of each planted value."""
    places: dict[str, list[tuple[int, int]]] = {}
    for one in planted:
        for place in one.places:
            places.setdefault(place.document, []).append((place.start, place.end))
    left = dict(texts)
    for name, spans in places.items():
        for start, end in sorted(spans, reverse=True):
            left[name] = left[name][:start] + "\n" + left[name][end:]
    return left


def _forms(number: int, one: Planted, texts: dict[str, str]) -> Iterable[Form]:
    written = [texts[place.document][place.start : place.end] for place in one.places]
    whole = list(dict.fromkeys(bare(each).text for each in (*surfaces(one.value, one.kind), *written)))
    number_alone = digits(bare(one.value))
    exact = {number_alone, *(each[::-1] for each in (*whole, number_alone))} - {*whole, ""}
    yield from (Form(number, each, _least(each)) for each in whole if each)
    yield from (Form(number, each, len(each)) for each in sorted(exact))


def _least(text: str) -> int:
    return max(PIECE, ceil(PARTIAL * len(text))) if len(text) >= FEWEST_PARTIAL else len(text)


def _place(index: Index) -> None:
    common = Counter(form.text[at : at + PIECE] for form in index.forms for at in range(len(form.text) - PIECE + 1))
    for form in index.forms:
        if len(form.text) < PIECE:
            index.short.append(form)
            continue
        pieces = len(form.text) - PIECE + 1
        window = form.least - PIECE + 1
        start = 0
        while start + window <= pieces:
            at = min(range(start, start + window), key=lambda each: (common[form.text[each : each + PIECE]], -each))
            index.anchors.setdefault(form.text[at : at + PIECE], []).append((form, at))
            start = at + 1


def _tokens(index: Index, planted: Sequence[Planted], elsewhere: set[str]) -> dict[str, list[int]]:
    said: dict[str, set[str]] = {}
    read: list[Bare] = [bare(one.value) for one in planted]
    for number, value in enumerate(read):
        for token in value.tokens:
            said.setdefault(token, set()).add(index.owners[number])
    found: dict[str, list[int]] = {}
    for number, (one, value) in enumerate(zip(planted, read, strict=True)):
        if one.kind in IN_WORDS:
            for token in {*value.tokens}:
                if len(token) >= FEWEST_IN_TOKEN and token.isalpha() and token not in elsewhere:
                    if len(said[token]) == 1:
                        found.setdefault(token, []).append(number)
    return found
