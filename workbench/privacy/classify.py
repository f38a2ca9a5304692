"""A text, its label and where it comes from come in; how confidential it is, and why, goes out: PUBLIC to RESTRICTED.

The highest class that anything speaks for holds. A label can be too low, never too high: nobody's mistake makes a
document less confidential than its author said.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.privacy import find
from workbench.privacy.span import NAMES, VALUES, Span
from workbench.records import CLASSIFICATIONS, Classification

DEFAULT: Classification = "INTERNAL"
"""Where nothing speaks for anything."""

SOURCES: Mapping[str, Classification] = {
    r"board|m&a|mergers?|acquisitions?|payroll|salar(?:y|ies)|medical|patients?|secrets?|vault": "RESTRICTED",
    r"hr|human[ _-]?resources|personnel|people|legal|contracts?|finance|audit|security|incidents?": "CONFIDENTIAL",
    r"intranet|wiki|handbooks?|internal|team|shared": "INTERNAL",
    r"public|website|www|press|press[ _-]?releases?|marketing|brochures?|blog": "PUBLIC",
}
"""Words of a source, regular expressions in small letters -> the class they speak for; a company gives its own."""
_SOURCE_WORD = r"(?:^|[/\\._ -])(?:{})(?=$|[/\\._ -])"

_LABELS: tuple[tuple[re.Pattern[str], Classification], ...] = (
    (
        re.compile(
            r"restricted|strictly (?:confidential|private)|highly (?:confidential|sensitive)|top secret|secret"
            r"|eyes only|streng (?:vertraulich|geheim)"
            r"|strictement confidentiel|estrictamente confidencial"
        ),
        "RESTRICTED",
    ),
    (
        re.compile(
            r"confidential|private|sensitive|vertraulich|confidentiel|confidencial|proprietary"
            r"|attorney[- ]client privilege\w*"
        ),
        "CONFIDENTIAL",
    ),
    (
        re.compile(
            r"internal|intern|interne|interno|company use|staff only|(?:non|not)(?: for)?(?: the)? public\w*"
            r"|not for (?:publication|distribution)"
        ),
        "INTERNAL",
    ),
    (re.compile(r"public|unclassified|for (?:immediate )?release|öffentlich"), "PUBLIC"),
)
_MARKING = re.compile(
    r"^[\s#*>\[(_-]{0,8}(?:(?:classification|klassifizierung|classified|sensitivity|status"
    r"|vertraulichkeit)\s{0,3}[:=]\s{0,3})?"
    r"(restricted|strictly (?:confidential|private)|highly confidential|top secret|secret|streng vertraulich"
    r"|confidential|vertraulich|confidentiel"
    r"|confidencial|(?:for )?internal(?: use)?(?: only)?|internal use only|(?:for )?public(?: release)?"
    r"|proprietary(?: and confidential)?"
    r"|company confidential|eyes only)[\s*_.\])!-]{0,8}$",
    re.IGNORECASE | re.MULTILINE,
)
_RESTRICTED_KINDS = (
    "US_SSN", "US_ITIN", "CREDIT_CARD", "IBAN", "US_PASSPORT", "PASSPORT", "US_DRIVER_LICENSE", "US_BANK_ACCOUNT",
    "UK_NHS", "MEDICAL_RECORD", "SECRET", "URL_CREDENTIALS", "CRYPTO_WALLET",
)  # fmt: skip
"""One of them is enough."""
_MANY = 5
"""From so many different persons' particulars on, a text is a list of people rather than a page with a contact."""
_TOPICS: tuple[tuple[re.Pattern[str], str, Classification], ...] = (
    (
        re.compile(
            r"\b(?:diagnos(?:is|ed|es)|prognosis|psychiatr\w+|hiv|hepatitis|schizophrenia|epilepsy|depression"
            r"|oncology report|pregnan(?:t|cy) of|sick note|medical history|disability of)\b",
            re.IGNORECASE,
        ),
        "health of a person",
        "RESTRICTED",
    ),
    (
        re.compile(
            r"\b(?:insider (?:list|information)|unannounced|takeover (?:bid|offer)|due diligence report|board only"
            r"|whistleblower)\b",
            re.IGNORECASE,
        ),
        "undisclosed affairs of the company",
        "RESTRICTED",
    ),
    (
        re.compile(
            r"\b(?:salary|wage|pay|bonus|gehalt|salaire|salario)\b[^.\n]{0,40}?\b(?:EUR|USD|GBP|CHF|€|£"
            r"|\$)?\s?\d{2,3}[.,]?\d{3}\b",
            re.IGNORECASE,
        ),
        "somebody's pay",
        "CONFIDENTIAL",
    ),
    (
        re.compile(
            r"\b(?:disciplinary|grievance|dismissal of|redundanc(?:y|ies)|settlement agreement|penetration test"
            r"|vulnerabilit(?:y|ies) found"
            r"|non-disclosure|trade secret)\b",
            re.IGNORECASE,
        ),
        "matters of staff, law or security",
        "CONFIDENTIAL",
    ),
)
_HEALTH = "health of a person"
_LONGEST_SOURCE = 1_000


@dataclass(frozen=True, slots=True)
class Classified:
    """How confidential a text is."""

    level: Classification
    reasons: tuple[str, ...]
    """What spoke for this class, one sentence each; and, last, where a label says less than the content."""
    kinds: dict[str, int]
    """Personal data and secrets seen in it; kind -> occurrences."""


def classify(
    text: str,
    label: str = "",
    source: str = "",
    *,
    spans: Sequence[Span] | None = None,
    sources: Mapping[str, Classification] = SOURCES,
) -> Classified:
    """Say how confidential a text is.

    Args:
        text: any.
        label: what its author or its system says it is, in any words; empty: nothing is said.
        source: a path, an address or a name of where it was taken from.
        spans: what `find.spans` found in it, where that was done already.
        sources: words of sources -> class, as in `SOURCES`; all are tried.
    """
    found = find.spans(text, VALUES + NAMES) if spans is None else spans
    votes: list[tuple[Classification, str]] = []
    labelled = _of_label(label)
    if labelled:
        votes.append((labelled, f"its label says {label.strip()[:60]!r}"))
    elif label.strip():
        votes.append((DEFAULT, f"its label {label.strip()[:60]!r} is none that is known"))
    votes += [(level, f"a line of it says {said!r}") for level, said in _markings(text)]
    votes += [
        (level, f"its source speaks for it: {source[:60]!r}")
        for pattern, level in sources.items()
        if re.search(_SOURCE_WORD.format(pattern), source[:_LONGEST_SOURCE].lower())
    ]
    stated = bool(votes)
    votes += _of_content(text, found)
    if not stated:
        votes.append((DEFAULT, "nothing says who may read it"))
    level = max((level for level, _ in votes), key=CLASSIFICATIONS.index)
    reasons = [reason for voted, reason in votes if voted == level]
    if labelled and CLASSIFICATIONS.index(labelled) < CLASSIFICATIONS.index(level):
        reasons.append(f"its label says {labelled} only, which is too low")
    return Classified(level, tuple(dict.fromkeys(reasons)), dict(sorted(Counter(span.kind for span in found).items())))


def _of_label(label: str) -> Classification | None:
    said = " ".join(re.split(r"[\s_-]+", label.lower()))
    return next((level for pattern, level in _LABELS if re.search(rf"\b(?:{pattern.pattern})\b", said)), None)


def _markings(text: str) -> list[tuple[Classification, str]]:
    """Lines that are a marking and nothing else, as headers and footers are."""
    found = [(_of_label(match[1]), match[1].strip()) for match in _MARKING.finditer(text)]
    return [(level, said) for level, said in found if level]


def _of_content(text: str, found: Sequence[Span]) -> list[tuple[Classification, str]]:
    votes: list[tuple[Classification, str]] = []
    kinds = Counter(span.kind for span in found)
    told = [kind for kind in _RESTRICTED_KINDS if kinds[kind]]
    if told:
        votes.append(("RESTRICTED", f"it holds {', '.join(told)}"))
    someone = bool(kinds["PERSON"] or kinds["EMAIL"] or kinds["DATE_OF_BIRTH"] or told)
    if kinds["DATE_OF_BIRTH"] or (kinds["ADDRESS"] and kinds["PERSON"]):
        votes.append(("CONFIDENTIAL", "it holds a date of birth, or a person and an address"))
    people = {text[span.start : span.end].casefold() for span in found if span.kind in ("EMAIL", "PHONE")}
    if len(people) >= _MANY:
        votes.append(("CONFIDENTIAL", f"it holds {len(people)} addresses or telephone numbers"))
    elif people:
        votes.append(("INTERNAL", "it holds an address or a telephone number"))
    for pattern, topic, level in _TOPICS:
        # A leaflet about an illness is nobody's; a name beside it makes it somebody's.
        if (topic != _HEALTH or someone) and (match := pattern.search(text)):
            votes.append((level, f"it speaks of {topic}: {match[0].strip()[:40]!r}"))
    return votes
