"""A text comes in; organisations in it go out: by form of company, by their partners, or as somebody's employer."""

import re
from collections.abc import Iterator

from workbench.privacy.span import Span
from workbench.privacy.words import CAPITAL, ORDINARY, PEOPLES, PLACES

_FORM = re.compile(
    rf"(?<![\w&])((?:{CAPITAL}[\w'&-]{{0,30}},? (?:(?:and|und|et|of|&) )?){{1,5}})"
    r"(?:(Inc|Corp|Corporation|Incorporated|LLC|LLP|Ltd|Limited|PLC|plc|GmbH|AG|KG|SE|SARL|SRL|BV|NV|Oy|AB|ApS)\b"
    r"|(S\.A|S\.L|B\.V|N\.V)(?=\.)|(Group|Holdings?|Industries|Technologies|Solutions|Partners|Associates|Foundation"
    r"|Labs|Systems|Bank|Agency|University|Institute)\b)\.?"
)
_FIRM = re.compile(
    rf"(?<![\w,])({CAPITAL}[^\W\d_'-]{{1,20}}), ({CAPITAL}[^\W\d_'-]{{1,20}}) (?:and|&) ({CAPITAL}[^\W\d_'-]{{1,20}})"
    r"(?= (?:[A-Z]|is\b|was\b|in\b|has\b)|\Z|[.\n])"
)
_EMPLOYER = re.compile(
    rf"\b(?:work(?:s|ed|ing)? (?:for|at)|employed (?:by|at)|employer:?|(?:year|job"
    rf"|internship) at) ((?:{CAPITAL}[\w'&-]{{1,25}} ?){{1,3}})"
)
_NO_NAMES = ORDINARY | PLACES | PEOPLES


def find(text: str) -> Iterator[Span]:
    """All of them, in no order; they may overlap."""
    for match in _FORM.finditer(text):
        words = match[1].split()
        if match[4] and all(word.strip(",").lower() in _NO_NAMES for word in words):
            continue  # a sort of group, nobody's name
        start = match.start()
        while words and words[0].lower() in ("the", "a", "an", "die", "der", "das", "la", "le", "el"):
            start += len(words.pop(0)) + 1
        if words:
            yield Span(start, match.end(), "ORGANISATION", 0.75, "form of company")
    for match in _FIRM.finditer(text):
        if not any(name.lower() in _NO_NAMES for name in match.groups()):
            yield Span(match.start(), match.end(), "ORGANISATION", 0.72, "partners of a firm")
    for match in _EMPLOYER.finditer(text):
        if match[1].split()[0].lower() not in _NO_NAMES:
            yield Span(match.start(1), match.start(1) + len(match[1].rstrip()), "ORGANISATION", 0.7, "words before it")
