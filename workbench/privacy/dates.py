"""A text comes in; dates in it go out, and apart from them dates of birth, which the words before them tell."""

import re
from collections.abc import Iterator

from workbench.privacy.span import Span
from workbench.privacy.surroundings import nearest

_MONTH = (
    r"(?:jan(?:uary|uar|vier|\.)?|feb(?:ruary|ruar|\.)?|f[ée]vr(?:ier|\.)?|mar(?:ch|s|zo|\.)?|märz|a[pv]r(?:il|\.)?"
    r"|mai|may(?:o)?|june?|juni|juin|junio|jul(?:y|i|io|\.)?|juil(?:let|\.)|aug(?:ust|\.)?|août|agosto"
    r"|sept?(?:ember|embre|\.)?|septiembre|o[ck]t(?:ober|obre|ubre|\.)?|nov(?:ember|embre|iembre|\.)?"
    r"|de[czs](?:ember|iembre|\.)?|déc(?:embre|\.)?|enero|febrero|abril)"
)
_CLOCK = (
    r"(?:(?:T|,? (?:at )?)\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?(?:Z|UTC|GMT|[AaPp]\.?[Mm]\.?|[+-]\d\d:?\d\d))?)?"
)
_NUMERIC = re.compile(
    r"(?<![\w/.-])(?:(?:18|19|20)\d\d([-/.])(?:0?[1-9]|1[0-2])\1(?:[0-2]?\d|3[01])"
    r"|(?:[0-2]?\d|3[01])([-/.])(?:[0-2]?\d|3[01])\2(?:(?:18|19|20)\d\d|\d\d))" + _CLOCK + r"(?![\w/]|[-.]\d)"
)
_WORDED = re.compile(
    r"(?<![\w/.-])(?:(?:[0-2]?\d|3[01])(?:st|nd|rd|th|er|\.)?(?: (?:of|de|du))? "
    + _MONTH
    + r"(?:,?(?: de)? (?:18|19|20)\d\d)?"
    r"|"
    + _MONTH
    + r" (?:(?:[0-2]?\d|3[01])(?:st|nd|rd|th)?(?:,? (?:18|19|20)\d\d)?|(?:18|19|20)\d\d))"
    + _CLOCK
    + r"(?!\w)",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(
    r"\b(?:(?:last|next|this|on) )?(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?\b"
    r"|\b(?:(?:last|next|this|on) )(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b"
)
_YEAR = re.compile(
    r"\b(?:in|since|of|from|until|till|to|by|year|during|after|before|between|and|early|late|mid|circa|around|a|the"
    r"|for|through|spring|summer|autumn|fall|winter|seit|im jahr|depuis|desde|©)[ -]((?:18|19|20)\d\d)(?![\w%€$]"
    r"|[-/.,:]\d| (?:EUR|USD|km|kg))",
    re.IGNORECASE,
)
_BIRTH = re.compile(
    r"\b(?:born|birth(?:date|day)?|d\.?o\.?b\.?|geb(?:oren|urtstag|urtsdatum)?\.?|née?|naissance|naci\w*|nato"
    r"|nata)(?!\w)"
)


def find(text: str) -> Iterator[Span]:
    """Dates with a day, weekdays, and years that a preposition introduces; no times of day alone."""
    if any(map(str.isdigit, text)):
        for pattern in (_NUMERIC, _WORDED):
            for match in pattern.finditer(text):
                yield _span(text, match.start(), match.end(), 0.85)
        for match in _YEAR.finditer(text):
            yield Span(match.start(1), match.end(1), "DATE", 0.45, "year after a preposition")
    if "day" in text:
        for match in _WEEKDAY.finditer(text):
            yield Span(match.start(), match.end(), "DATE", 0.5, "weekday")


def _span(text: str, start: int, end: int, score: float) -> Span:
    if 0 <= nearest(text, start, _BIRTH, 32):
        return Span(start, end, "DATE_OF_BIRTH", 0.9, "date after a word for birth")
    return Span(start, end, "DATE", score, "shape")
