"""A place in a text and what stands there: the one record that the finders of this package give and its users read."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

COUNTED = (
    "EMAIL",
    "PHONE",
    "CREDIT_CARD",
    "IBAN",
    "IP_ADDRESS",
    "CRYPTO_WALLET",
    "US_SSN",
    "US_ITIN",
    "US_PASSPORT",
    "US_DRIVER_LICENSE",
    "US_BANK_ACCOUNT",
    "UK_NHS",
    "MEDICAL_LICENSE",
)
"""Kinds that a run's figures count: those that they counted from the first, so that runs stay comparable."""

VALUES = (
    *COUNTED,
    "PASSPORT",
    "MEDICAL_RECORD",
    "DATE_OF_BIRTH",
    "SECRET",
    "URL_CREDENTIALS",
)
"""Kinds that a pattern, a check digit or the words beside them tell."""

NAMES = ("PERSON", "ADDRESS", "ORGANISATION")
"""Kinds that only rules of language, or a trained model, tell."""

NEUTRAL = ("DATE", "URL")
"""Kinds that by themselves say nothing about anybody."""

ALL = VALUES + NAMES + NEUTRAL


@dataclass(frozen=True, slots=True)
class Span:
    """One find."""

    start: int
    """Characters from the start of the text that was looked at, whatever disguise was seen through."""
    end: int
    kind: str
    """One of `ALL`."""
    score: float
    """How sure, 0 to 1: about 0.4 a shape that others share, 0.6 a telling shape, 0.85 with words beside it that say
    so, 1 a check digit."""
    how: str
    """What told, such as `check digit`."""


def apart(found: Iterable[Span]) -> list[Span]:
    """Where spans overlap the surest stays, then the longest; in the order of the text."""
    starts: list[int] = []
    kept: list[Span] = []
    for span in sorted(found, key=lambda each: (-each.score, each.start - each.end, each.start)):
        at = bisect_left(starts, span.start)
        if (at and kept[at - 1].end > span.start) or (at < len(kept) and kept[at].start < span.end):
            continue
        starts.insert(at, span.start)
        kept.insert(at, span)
    return kept
