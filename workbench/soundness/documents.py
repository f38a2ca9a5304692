"""A workload's documents in, defects out: texts that stand twice, hidden characters, real-looking private data."""

import unicodedata
from collections.abc import Iterator
from typing import Literal

from workbench.privacy import find
from workbench.records import Document, Workload
from workbench.soundness.finding import Finding

_ALLOWED_FORMAT = frozenset("\u00ad\u200d")
"""Soft hyphens and the joiner of emoji and Indic scripts: common in honest texts."""

_SURE = ("EMAIL", "CREDIT_CARD", "IBAN", "US_SSN")
"""Kinds that a pattern or a check digit tells with few mistakes."""


def check(workload: Workload) -> Iterator[Finding]:
    """Look at the documents."""
    yield from _twice(workload)
    yield from _hidden(workload)
    yield from _unplanted(workload)


def _twice(workload: Workload) -> Iterator[Finding]:
    seen: dict[str, Document] = {}
    for document in workload.documents:
        text = " ".join(document.text.split())
        first = seen.setdefault(text, document)
        if first is document or not text:
            continue
        if first.tenant == document.tenant:
            said = f"has the text of {first.id}: gold that names one of them calls the other wrong; remove one."
            yield Finding("document-twice", document.id, said)
        else:
            said = f"has the text of {first.id} of tenant {first.tenant}: what crosses tenants could not be told"
            yield Finding("document-of-two-tenants", document.id, f"{said}; change one.")


def _hidden(workload: Workload) -> Iterator[Finding]:
    disguised = {
        (place.document, at)
        for one in workload.planted
        for place in one.places
        if place.form == "evasive"
        for at in range(place.start, place.end)
    }
    for document in workload.documents:
        if document.hostile:
            continue
        for at, character in enumerate(document.text):
            if (
                not character.isascii()
                and unicodedata.category(character) in ("Cf", "Co", "Cn")
                and character not in _ALLOWED_FORMAT
                and (document.id, at) not in disguised
            ):
                said = f"holds the invisible character U+{ord(character):04X} at {at}; remove it, or mark it hostile."
                yield Finding("hidden-character", document.id, said)
                break


def _unplanted(workload: Workload) -> Iterator[Finding]:
    """Private data that nobody planted: it is missing from the truth where there is one, else it may be somebody's."""
    level: Literal["error", "warning"] = "error" if workload.planted else "warning"
    places: dict[str, list[tuple[int, int]]] = {}
    for one in workload.planted:
        for place in one.places:
            places.setdefault(place.document, []).append((place.start, place.end))
    for document in workload.documents:
        if document.hostile:
            continue
        text = document.text
        for start, end in places.get(document.id, ()):
            text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
        seen = find.kinds(text, _SURE)
        if seen:
            told = ", ".join(f"{kind} {count}" for kind, count in seen.items())
            said = f"holds what looks like personal data that planted.jsonl does not name ({told}); plant or remove it."
            yield Finding("unplanted-personal-data", document.id, said, level)
