"""A workload's planted values in, defects out: truth by which leaking is counted must be complete and harm nobody."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from workbench.records import Document, Place, Planted, Workload
from workbench.soundness.finding import Finding
from workbench.workload import ids

_RESERVED = {
    "email": re.compile(r"[^@\s]+@(?:[a-z0-9-]+\.)*(?:example\.(?:com|net|org)|example|test|invalid)", re.IGNORECASE),
    "phone": re.compile(r"(?:\+?1[ -]?)?\(?\d{3}\)?[ -]?555[ -]?01\d\d|\+?44 ?20 ?7946 ?0\d{3}"),
    # Of the areas from 900 on, the other groups are taxpayers' numbers (ITIN), which are issued.
    "ssn": re.compile(r"9\d\d-(?:[0-4]\d|6[6-9]|89|93)-\d{4}|(?:666|000)-\d\d-\d{4}"),
    "card": re.compile(
        r"4000 ?00\d\d ?\d{4} ?\d{4}|4111(?: ?1111){3}|4242(?: ?4242){3}|5555 ?5555 ?5555 ?4444|378282246310005"
    ),
    "iban": re.compile(r"DE\d\d ?0000 ?0000 ?[\d ]+"),
}
"""Ranges that belong to nobody, for the kinds that have one."""


FEWEST_CHARACTERS = 8
"""Letters and digits of a value that is looked for with other separators too; a shorter one stands in many numbers."""


def check(workload: Workload) -> Iterator[Finding]:
    """Look at the planted values."""
    documents = {document.id: document for document in workload.documents}
    owners: dict[tuple[str, str], Planted] = {}
    for one in workload.planted:
        first = owners.setdefault((one.kind, _normal(one.value)), one)
        if first is not one:
            said = f"has the value of {first.id}: a leak could not be told to be of one or the other; change one."
            yield Finding("value-planted-twice", one.id, said)
        if (allowed := _RESERVED.get(one.kind)) and not allowed.fullmatch(one.value):
            # Not quoted: what may be somebody's must not get into a log.
            said = f"is of the kind {ids.shown(one.kind)} and may belong to somebody; take a value of a reserved range."
            yield Finding("value-may-be-real", one.id, said)
        yield from _places(one, documents)
    yield from _unrecorded(workload)


def _places(one: Planted, documents: dict[str, Document]) -> Iterator[Finding]:
    for place in one.places:
        document = documents[place.document]
        if not document.classification:
            said = f"stands in {document.id}, which has no classification: leaks by classification would miss it"
            yield Finding("place-not-classified", one.id, f"{said}; classify the document.")
        if place.form != "plain" and not _same(document.text[place.start : place.end], one.value):
            said = f"is said to stand in {document.id} at {place.start}, where something else does; mend the place."
            yield Finding("value-not-there", one.id, said)


def _unrecorded(workload: Workload) -> Iterator[Finding]:
    """A value that stands where planted.jsonl does not say would be counted as leaked by nobody."""
    read = {document.id: _Read(document.text) for document in workload.documents}
    for one in workload.planted:
        places: dict[str, list[Place]] = {}
        for place in one.places:
            places.setdefault(place.document, []).append(place)
        for document in workload.documents:
            found = read[document.id].places(one.value)
            if not found:
                continue
            if document.tenant != one.tenant:
                said = f"stands in {document.id} of tenant {document.tenant} too; change one of them."
                yield Finding("value-of-two-tenants", one.id, said)
            elif any(
                not any(place.start < end and start < place.end for place in places.get(document.id, ()))
                for start, end in found
            ):
                said = f"also stands in {document.id}, which planted.jsonl does not say; add the place."
                yield Finding("place-not-recorded", one.id, said)


class _Read:
    """A text in which values are looked for, however they are parted or disguised."""

    def __init__(self, text: str) -> None:
        self._text = text
        pairs = [(c, at) for at, each in enumerate(text) for c in _normal(each)]
        self._normal = "".join(c for c, _ in pairs)
        self._at = [at for _, at in pairs]

    def places(self, value: str) -> list[tuple[int, int]]:
        """Where the value stands, [start, end): as it is, or with other separators where that can be no accident."""
        found = [match.span() for match in re.finditer(re.escape(value), self._text)] if value in self._text else []
        bare = _normal(value)
        if len(bare) < FEWEST_CHARACTERS or not any(c.isdigit() for c in bare) or bare not in self._normal:
            return found
        for match in re.finditer(re.escape(bare), self._normal):
            start, end = self._at[match.start()], self._at[match.end() - 1] + 1
            if not (self._text[start - 1 : start].isalnum() or self._text[end : end + 1].isalnum()):
                found.append((start, end))
        return found


def _same(found: str, value: str) -> bool:
    """Whether a disguised value is the value: the same letters and digits, whatever their order by words."""
    return sorted(_words(found)) == sorted(_words(value)) or _normal(found) == _normal(value)


@cache
def _normal(text: str) -> str:
    """Letters and digits alone, as they read: NFKC, no format characters, case folded."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def _words(text: str) -> list[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if unicodedata.category(c) != "Cf")
    return re.findall(r"\w+", plain)
