"""A text comes in; numbers of one person or account go out: cards, social security, IBAN, wallets, health service.

Named by their check digits where they have some, and by the words before them where they have none.
"""

import re
from collections.abc import Iterator

from workbench.privacy import checks
from workbench.privacy.span import Span
from workbench.privacy.surroundings import nearest, of_machine, of_nobody

_CARD = re.compile(r"(?<![\w/-])(?<!\d\.)(?:\d{12,19}|\d{2,6}(?:[ .\n-]{1,2}\d{2,6}){2,11})(?![\w/]|-\w|\.\d)")
_GROUP = re.compile(r"\d+")
_GROUPS = {
    (4, 4, 4, 4),
    (4, 6, 5),
    (4, 6, 4),
    (4, 4, 4),
    (4, 4, 5),
    (4, 4, 4, 1),
    (4, 4, 4, 2),
    (4, 4, 4, 3),
    (4, 5, 6),
}
_GROUPS |= {(4, 4, 4, 4, 1), (4, 4, 4, 4, 2), (4, 4, 4, 4, 3), (6, 6), (6, 6, 7), (4, 4, 7)}
_CARD_WORDS = re.compile(
    r"\b(?:cards?|cc|visa|master ?card|amex|maestro|credit|debit|diners|jcb|discover|pan|karten?(?:nummer)?|kreditkarte"
    r"|carte|tarjeta|cb)\b|card"
)
# Issuer ranges (ISO/IEC 7812) by length: what starts otherwise is a time in microseconds or somebody's order.
_ISSUERS = {
    12: r"50|5[6-9]|6[0-9]",
    13: r"4|50|5[6-9]|6[0-9]",
    14: r"30[0-5]|3095|36|3[89]|5[06-9]|6[0-9]",
    15: r"3[47]|1800|2131|2014|2149|50|5[6-9]|6[0-9]",
    16: r"4|5[0-9]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|3[05689]|6[0-9]|81",
    17: r"50|5[6-9]|6[0-9]",
    18: r"50|5[6-9]|6[0-9]",
    19: r"4|50|5[6-9]|6[0-9]",
}
_SHORTEST_ALONE = 12
"""Of numbers up to here too many are somebody's order for a check digit to tell alone."""
_ISSUED = {length: re.compile(starts) for length, starts in _ISSUERS.items()}

_SSN = re.compile(r"(?<![\w/.-])\d{3}(?:([- ])\d{2}\1|(\.)\d{2}\.)\d{4}(?![\w/]|-\w|\.\d)")
_NINE = re.compile(r"(?<![\w/.-])\d{9}(?![\w/]|-\w|\.\d)")
_SSN_WORDS = re.compile(
    r"\b(?:ssns?|social|ss#|soc(?:ial)?\.? sec|national (?:id|no|number|insurance)|sozialversicherung)"
)
_ITIN_WORDS = re.compile(r"\b(?:itins?|tins?|tax ?payer|individual tax)")
_PHONE_WORDS = re.compile(r"\b(?:phone|tel|telephone|telefon|mobile|cell|fax|call)\b")

_IBAN = re.compile(
    r"(?<![^\W_])[A-Za-z]{2}\d{2}(?:[A-Za-z0-9]{11,30}"
    r"|(?:[ \n-][A-Za-z0-9]{4}){2,7}(?:[ \n-][A-Za-z0-9]{1,4})?)(?![^\W_])"
)
_WALLET = re.compile(r"(?<![\w/])(?:bc1[a-zA-HJ-NP-Z0-9]{25,59}|[13][a-km-zA-HJ-NP-Z1-9]{25,34})(?![\w/])")
_NHS = re.compile(r"(?<![\w-])\d{3}[ -]?\d{3}[ -]?\d{4}(?![\w-])")
_NHS_WORDS = re.compile(r"\bnhs\b|national health|health (?:services? )?authority")
_PRESCRIBER = re.compile(r"(?<!\w)[ABCDEFGHJKLMPRSTUXabcdefghjklmprstux][A-Za-z9]\d{7}(?!\w)")
_PRESCRIBER_WORDS = re.compile(r"\bdea\b|prescriber|medical|physician|certificate")


def find(text: str) -> Iterator[Span]:
    """All of them, in no order; they may overlap."""
    yield from _cards(text)
    yield from _social(text)
    yield from _ibans(text)
    yield from _checked(text)


def _cards(text: str) -> Iterator[Span]:
    for match in _CARD.finditer(text):
        for start, end in _card_windows(text, match.start(), match.end()):
            digits = "".join(filter(str.isdigit, text[start:end]))
            issued = _ISSUED.get(len(digits))
            if not (issued and issued.match(digits) and checks.luhn(digits) and digits[1:].strip("0")):
                continue
            if 0 <= nearest(text, start, _CARD_WORDS):
                yield Span(start, end, "CREDIT_CARD", 1.0, "check digit and words")
            elif len(digits) > _SHORTEST_ALONE and not of_nobody(text, start, end) and not of_machine(text, start):
                yield Span(start, end, "CREDIT_CARD", 0.8, "check digit")


def _card_windows(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A number in one piece as it is; of a row of groups every part that is grouped as cards are printed."""
    groups = [match.span() for match in _GROUP.finditer(text, start, end)]
    if len(groups) == 1:
        yield start, end
        return
    sizes = tuple(stop - begin for begin, stop in groups)
    for first in range(len(groups) - 1):
        for last in range(first + 2, min(first + 5, len(groups)) + 1):
            if sizes[first:last] in _GROUPS:
                yield groups[first][0], groups[last - 1][1]


def _social(text: str) -> Iterator[Span]:
    for match in _SSN.finditer(text):
        start = match.start()
        told = 0 <= nearest(text, start, _SSN_WORDS, 64)
        if not told and (
            match[2]
            or of_nobody(text, start, match.end())
            or of_machine(text, start)
            or 0 <= nearest(text, start, _PHONE_WORDS, 12)
        ):
            continue
        if checks.ssn(match[0]):
            tax = match[0][0] == "9" and 0 <= nearest(text, start, _ITIN_WORDS)
            score, how = (0.95, "shape and words") if told or tax else (0.7, "shape")
            yield Span(start, match.end(), "US_ITIN" if tax else "US_SSN", score, how)
    for match in _NINE.finditer(text):
        start = match.start()
        if 0 <= nearest(text, start, _SSN_WORDS, 40) and checks.ssn(match[0]):
            yield Span(start, match.end(), "US_SSN", 0.85, "nine digits and words")
        elif match[0][0] == "9" and 0 <= nearest(text, start, _ITIN_WORDS, 40):
            yield Span(start, match.end(), "US_ITIN", 0.85, "nine digits and words")


def _ibans(text: str) -> Iterator[Span]:
    for match in _IBAN.finditer(text):
        value = match[0]
        while len(value) > 14:
            if checks.iban(value.replace("-", "")):
                yield Span(match.start(), match.start() + len(value), "IBAN", 1.0, "check digits")
                break
            # A word that follows the number looks like one more group of it.
            cut = max(value.rfind(gap) for gap in " \n-")
            value = value[: max(cut, 0)].rstrip(" \n-")


def _checked(text: str) -> Iterator[Span]:
    for match in _WALLET.finditer(text):
        if checks.wallet(match[0]):
            yield Span(match.start(), match.end(), "CRYPTO_WALLET", 1.0, "checksum")
    for match in _NHS.finditer(text):
        if 0 <= nearest(text, match.start(), _NHS_WORDS) and checks.nhs(match[0]):
            yield Span(match.start(), match.end(), "UK_NHS", 1.0, "check digit and words")
    for match in _PRESCRIBER.finditer(text):
        if 0 <= nearest(text, match.start(), _PRESCRIBER_WORDS) and checks.prescriber(match[0]):
            yield Span(match.start(), match.end(), "MEDICAL_LICENSE", 1.0, "check digit and words")
