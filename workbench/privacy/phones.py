"""A text comes in; telephone numbers in it go out: by a prefix, by brackets, by groups, or by the words before them.

`phonenumbers` is not asked: what it calls invalid is often a real number, and what it calls possible is often a time in
seconds.
"""

import re
from collections.abc import Iterator

from workbench.privacy.span import Span
from workbench.privacy.surroundings import nearest, of_machine, of_nobody

_GAP = r"[ .\n/-]{1,2}"
_EXTENSION = r"(?:,? ?(?:x|ext\.?|extension|Durchwahl) ?\d{1,6})?"
_END = r"(?![\w/]|[-.:]\d)"
_INTERNATIONAL = re.compile(
    rf"(?:(?<![\w+])\+|(?<![\w+.,/-])00(?=[1-9]))\d{{1,4}}(?:{_GAP})?(?:\(\d{{1,4}}\)(?:{_GAP})?)?\d{{1,12}}"
    rf"(?:{_GAP}\d{{1,8}}){{0,5}}{_EXTENSION}{_END}"
)
_BRACKETS = re.compile(
    rf"(?<!\w)(?:\+?\d{{1,3}}[ .-])?\(\d{{2,5}}\)[ .-]{{0,2}}\d{{2,8}}(?:{_GAP}\d{{2,5}}){{0,3}}{_EXTENSION}{_END}"
)
_AMERICAN = re.compile(rf"(?<![\w/.-])(?:1[ .-])?[2-9]\d{{2}}([ .-])\d{{3}}\1\d{{4}}{_EXTENSION}{_END}")
_TRUNK = re.compile(rf"(?<![\w/.,-])0[1-9]\d{{0,4}}(?:[ .-]\d{{2,8}}){{1,5}}{_EXTENSION}{_END}")
_TOLD = re.compile(
    rf"(?<![\w/.,+-])\d{{2,5}}(?:[ .\n/-]\d{{2,8}}){{1,5}}{_EXTENSION}{_END}|(?<![\w/.,+-])\d{{7,13}}{_EXTENSION}{_END}"
)
_WORDS = re.compile(
    r"\b(?:(?:tele)?phones?|tel|telefon\w*|teléfono|téléphone|mobile?|móvil|portable|handy|cell(?:phone)?|fax"
    r"|call(?:s|ed|ing)?|ring(?:s|ing)?|rang|dial(?:l?ed)?|text(?:ed|ing)?|sms|whatsapp|messages?|messaging"
    r"|answer(?:s|ing|ed)?|reach(?:ed|able)?|hotline|helpline|landline|desk|contact|registered|line|rufnummer"
    r"|anruf\w*|appel\w*|llam\w+|nummer|voicemail|pager)\b|\b(?:my|your|his|her|our|their|new) number\b"
)
_SURELY = re.compile(
    r"phone|\btel\b|telefon|mobile|\bcell\b|\bcall(?:er| me| us| him| her)\b|\bfax\b|whatsapp|msisdn|\bsms\b"
)
_TIME = re.compile(r"1\d{9}|1[5-9]\d{11}")
"""What a clock of a machine shows in seconds or milliseconds; no number of North America begins so."""
_OTHERS = re.compile(
    r"\b(?:cards?|iban|account|ssn|social|passport|licen[cs]e|orders?|parts?|invoices?|tickets?|reference|ref"
    r"|version|isbn|zip|postcode|serial|box|room|page|tax|id|price|amount|eur|usd|street|born|customer|employee"
    r"|personnel|policy)\b"
)
_DATE = re.compile(r"\d{4}[-/. ]\d{1,2}[-/. ]\d{1,2}|\d{1,2}[-/. ]\d{1,2}[-/. ](?:\d{4}|\d\d)")
_SOCIAL = re.compile(r"\d{3}([- ])\d\d\1\d{4}")
_YEARS = re.compile(r"(?:19|20)\d\d[ /-]{1,2}(?:19|20)?\d\d")


def find(text: str) -> Iterator[Span]:
    """All of them, in no order; they may overlap."""
    if "+" in text or "00" in text:
        yield from _some(text, _INTERNATIONAL, 8, 0.75, "international prefix")
    if "(" in text:
        yield from _some(text, _BRACKETS, 7, 0.65, "area code in brackets")
    yield from _some(text, _AMERICAN, 10, 0.65, "groups of three, three, four")
    yield from _some(text, _TRUNK, 9, 0.5, "groups after a trunk zero")
    yield from _some(text, _TOLD, 6, None, "words")


def _some(text: str, pattern: re.Pattern[str], least: int, score: float | None, how: str) -> Iterator[Span]:
    for match in pattern.finditer(text):
        digits = sum(map(str.isdigit, re.split(r"[xXeD]", match[0], maxsplit=1)[0]))
        if not least <= digits <= 15 or _DATE.fullmatch(match[0]) or _YEARS.fullmatch(match[0]):
            continue
        start = match.start()
        told = _told(text, start, match.end())
        if told and (_SOCIAL.fullmatch(match[0]) or _TIME.fullmatch(match[0]) or of_machine(text, start)):
            told = 0 <= nearest(text, start, _SURELY, 16)
            if not told and not score:
                continue
        if told:
            yield Span(start, match.end(), "PHONE", max(score or 0, 0.8), f"{how}, with words" if score else how)
        elif score and not of_nobody(text, start, match.end()) and (match[0][0] == "+" or not of_machine(text, start)):
            yield Span(start, match.end(), "PHONE", score, how)


def _told(text: str, start: int, end: int) -> bool:
    """Whether the last word that names a sort of number names a telephone's."""
    telephone = nearest(text, start, _WORDS)
    if telephone < 0 or of_nobody(text, start, end) and telephone > 3:
        return False
    other = nearest(text, start, _OTHERS)
    return other < 0 or telephone <= other
