"""A workload's planted values in, defects out: truth by which leaking is counted must be complete and harm nobody."""

import re
import unicodedata
from collections.abc import Iterator

from workbench.records import Document, Planted, Workload
from workbench.soundness.finding import Finding
from workbench.workload import ids

_RESERVED = {
    "email": re.compile(r"[^@\s]+@(?:[a-z0-9-]+\.)*(?:example\.(?:com|net|org)|example|test|invalid)"),
    "phone": re.compile(r"(?:\+?1[ -]?)?\(?\d{3}\)?[ -]?555[ -]?01\d\d|\+?44 ?20 ?7946 ?0\d{3}"),
    "ssn": re.compile(r"(?:9\d\d|666|000)-\d\d-\d{4}"),
    "card": re.compile(r"4000 ?00\d\d ?\d{4} ?\d{4}|4(?:111|242)(?: ?\d{4}){3}|5555 ?5555 ?5555 ?4444|378282246310005"),
    "iban": re.compile(r"DE\d\d ?0000 ?0000 ?[\d ]+"),
}
"""Ranges that belong to nobody, for the kinds that have one."""


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
            said = f"has the {one.kind} {ids.shown(one.value)}, which may belong to somebody; take a reserved one."
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
            found = ids.shown(document.text[place.start : place.end])
            said = f"is said to stand in {document.id} at {place.start}, where {found} stands; mend the place."
            yield Finding("value-not-there", one.id, said)


def _unrecorded(workload: Workload) -> Iterator[Finding]:
    """A value that stands where planted.jsonl does not say would be counted as leaked by nobody."""
    for one in workload.planted:
        known = {(place.document, place.start) for place in one.places}
        for document in workload.documents:
            if one.value not in document.text:
                continue
            starts = [match.start() for match in re.finditer(re.escape(one.value), document.text)]
            if document.tenant != one.tenant:
                said = f"stands in {document.id} of tenant {document.tenant} too; change one of them."
                yield Finding("value-of-two-tenants", one.id, said)
            elif any((document.id, start) not in known for start in starts):
                said = f"also stands in {document.id}, which planted.jsonl does not say; add the place."
                yield Finding("place-not-recorded", one.id, said)


def _same(found: str, value: str) -> bool:
    """Whether a disguised value is the value: the same letters and digits, whatever their order by words."""
    return sorted(_words(found)) == sorted(_words(value)) or _normal(found) == _normal(value)


def _normal(text: str) -> str:
    """Letters and digits alone, as they read: NFKC, no format characters, case folded."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def _words(text: str) -> list[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if unicodedata.category(c) != "Cf")
    return re.findall(r"\w+", plain)
