"""A text comes in; numbers of papers and accounts, which the words before them tell, and keys and passwords go out."""

import re
from collections.abc import Iterator

from workbench.privacy.span import Span

_GO_ON = (
    r"(?:(?:number|numbers|numero|nummer|no|nr|num|id|is|was|are|of|the|my|his|her|n°|nº|card)\b"
    r"|[\s:=#.,\"'()\[\]-]){0,12}"
)
_PAPERS = (
    ("US_PASSPORT", r"\bpassports?", r"[A-Z]\d{8}|\d{9}"),
    ("PASSPORT", r"\b(?:passports?|passeport|reisepass\w{0,8}|pasaporte)", r"(?=(?:[A-Z]*\d){5})[A-Z0-9]{6,9}"),
    (
        "US_DRIVER_LICENSE",
        r"(?:\bdriv(?:er|ing)(?:'?s|s')? ?(?:licen[cs]e|permit)|\bdl(?=[ :#])|\bführerschein\w{0,8}"
        r"|\bpermis de conduire|\blicencia de conducir)",
        r"(?=(?:[A-Z*-]*\d){4})[A-Z0-9][A-Z0-9*-]{3,18}[A-Z0-9]",
    ),
    (
        "MEDICAL_RECORD",
        r"\b(?:mrn|medical record|patient (?:id|no|nr|number|record)|patienten(?:nummer|-nr)|health record"
        r"|chart (?:no|number))",
        r"(?=(?:[A-Z-]*\d){4})[A-Z0-9][A-Z0-9-]{3,14}[A-Z0-9]",
    ),
    ("US_BANK_ACCOUNT", r"\b(?:bank account|(?:checking|savings) account|account|acct|routing)", r"\d{8,17}"),
)
_TOLD = tuple(
    (kind, re.compile(rf"(?i:{label}){_GO_ON}((?<!\w)(?i:{value})(?![\w-]))", re.IGNORECASE))
    for kind, label, value in _PAPERS
)
_HINT = re.compile(
    r"passp|passe|reisep|pasap|driv|\bdl\b|führers|permis|licencia|mrn|record|patient|chart|acc|routing", re.IGNORECASE
)

_KEY = re.compile(
    r"(?<![\w-])(?:sk-(?:proj-|ant-|or-)?[\w-]{20,200}|[sr]k_(?:live|test)_\w{16,200}|gh[pousr]_\w{30,200}"
    r"|github_pat_\w{22,200}|glpat-[\w-]{20,64}|xox[abeoprs]-[\w-]{10,200}|(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[\w-]{35}"
    r"|ya29\.[\w-]{20,200}|hf_\w{30,64}|npm_\w{36}|pypi-[\w-]{50,200}|SG\.[\w-]{16,32}\.[\w-]{32,64}"
    r"|dckr_pat_[\w-]{20,64}|eyJ[\w-]{8,2000}+\.eyJ[\w-]{8,4000}+\.[\w-]{0,2000})(?![\w-])"
)
_BLOCK = re.compile(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]{0,8000}+(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?")
_ASSIGNED = re.compile(
    r"(?<![A-Za-z])(?:pass(?:word|wd|phrase)|pwd|kennwort|passwort|mot de passe|contraseña"
    r"|secret(?:[_ -]?(?:access[_ -]?)?key)?"
    r"|api[_ -]?(?:key|token|secret)|access[_ -]?(?:key|token)|auth[_ -]?token|client[_ -]?secret|private[_ -]?key"
    r"|bearer|credentials?)[\"']?(?: ?(?::|=|=>) ?| is | )[\"']?([^\s\"'<>,;]{6,200})",
    re.IGNORECASE,
)
_MIXED = re.compile(r"(?=[^\s]{0,199}\d)(?=[^\s]{0,199}[A-Za-z])")


def find(text: str) -> Iterator[Span]:
    """All of them, in no order; they may overlap."""
    if _HINT.search(text):
        for kind, pattern in _TOLD:
            for match in pattern.finditer(text):
                score = 0.88 if kind == "US_PASSPORT" else 0.6 if kind == "US_BANK_ACCOUNT" else 0.87
                yield Span(match.start(1), match.end(1), kind, score, "words before it")


def secrets(text: str) -> Iterator[Span]:
    """Keys and passwords: by the prefix their makers give them, or by the word that they are set to."""
    for pattern in (_KEY, _BLOCK):
        for match in pattern.finditer(text):
            yield Span(match.start(), match.end(), "SECRET", 0.97, "shape of a key")
    for match in _ASSIGNED.finditer(text):
        value = match[1].rstrip(".)!?]}")
        if len(value) > 5 and _MIXED.match(value):
            yield Span(match.start(1), match.start(1) + len(value), "SECRET", 0.8, "words before it")
