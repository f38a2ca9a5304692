"""A text comes in; postal addresses in it go out: a number and a street, boxes, units, a town with its code."""

import re
from collections.abc import Iterator

from workbench.privacy.span import Span
from workbench.privacy.words import CAPITAL

_NAME = rf"{CAPITAL}[\w'.-]{{0,25}}"
_SORT = (
    r"(?:St(?:reet|r)?|Ave(?:nue)?|Av|R(?:oa)?d|Lane|Ln|Dr(?:ive)?|Boulevard|Blvd|Court|Ct|Close|Crescent|Place|Pl"
    r"|Square|Sq|Squares|Terrace"
    r"|Way|Row|Rise|Yard|Gate|Hill|Green|Grove|Gardens|Parade|Parkway|Pkwy|Highway|Hwy|Mews|Walk|Quay|Vennel"
    r"|Turnpike|Crossroads?|Route)"
)
_STREET = re.compile(
    rf"(?<![\w/.-])\d{{1,5}}[A-Za-z]?(?:[ -]\d{{1,5}})? (?:{_NAME} ){{1,4}}{_SORT}\b\.?(?: (?:North|South|East|West"
    r"|N|S|E|W)\b)?"
)
_SOLE = re.compile(r"(?<![\w/.-])\d{1,5} [A-Z][a-z]{3,14}(?:gate|way|street|side|field)\b")
_CONTINENTAL = re.compile(
    r"(?<![\w-])(?:\d{3,5} )?(?:(?:Rua|Rue|Via|Calle|C/|Avenida|Av\.?|Avenue|Chemin|Place|Plaza|Piazza|ul\.|Carrer"
    r"|Camino|Largo|Quadra) "
    rf"(?:{_NAME} |d\w{{1,2}} ){{0,4}}{_NAME} ?,? ?\d{{1,5}}"
    rf"|(?:{_NAME} )?{CAPITAL}[^\W\d_]{{1,30}}"
    r"(?:stra(?:ß|ss)e|str\.|weg|gasse|platz|allee|damm|gade|gata|gatan|vej|vejen|vegen|veien|katu|tie|kuja|straat|laan"
    r"|utca|tér|útja|ulice|ulica)(?: u\.)? \d{1,5}[a-z]?)(?![\w-])"
)
_TWO_NUMBERS = re.compile(rf"(?<![\w/.-])\d{{3,5}} (?:{_NAME} ){{1,3}}\d{{1,4}}\b")
_BOX = re.compile(
    r"(?<!\w)(?:P\.? ?O\.? ?Box|Postbox|Postfach|PSC|Unit|USNV|USNS|USS)\b(?: \d{1,5}|(?=,))(?:,? (?:Box|APO|FPO"
    r"|DPO) \d{1,5})?(?:[\n ,]{1,2}(?:APO|FPO|DPO) A[AEP] \d{5})?"
)
_FLAT = re.compile(r"(?<!\w)(?:Apt|Apartment|Suite|Flat|Ste)\b\.? ?#?\d{1,5}\b")
_TOWN = re.compile(
    rf"[,\n ]{{1,3}}(?:\d{{4,5}} {_NAME}(?:[ -]{_NAME}){{0,2}}"
    rf"|(?:{_NAME}[ -]?){{1,3}}, [A-Z]{{2}},? \d{{5}}(?:-\d{{4}})?|{_FLAT.pattern})"
)


def find(text: str) -> Iterator[Span]:
    """All of them, in no order; they may overlap. A town counts where it follows a street."""
    if not any(map(str.isdigit, text)):
        return
    for pattern, score in (
        (_STREET, 0.75),
        (_SOLE, 0.6),
        (_CONTINENTAL, 0.65),
        (_TWO_NUMBERS, 0.5),
        (_BOX, 0.7),
        (_FLAT, 0.6),
    ):
        for match in pattern.finditer(text):
            end = match.end()
            while town := _TOWN.match(text, end):
                end = town.end()
            yield Span(match.start(), end, "ADDRESS", score, "street and number")
