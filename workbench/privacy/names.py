"""A text comes in; what rules of language take for persons goes out.

Titles, the words beside a name, its shape, and a short list of first names: no trained model. A capitalised word is a
name when something says so, and two of them in a row are when nothing speaks against it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from workbench.privacy.span import Span
from workbench.privacy.words import CAPITAL, DOUBTFUL, GERMAN, GIVEN, ORDINARY, PEOPLES, PLACES

_WORD = re.compile(r"[^\W\d_]+(?:['-](?!s\b)[^\W\d_]+)*")
_PARTICLES = frozenset("de del della di da dos das do du van von bin ibn al la le ten ter".split())
_SECOND = frozenset("der den la las los".split())
"""Particles that follow one: "van der", "de la"; alone between two nouns of a German text they join no name."""
_JOINING = _PARTICLES | _SECOND
_TITLE = re.compile(
    r"(?<!\w)(?:mr|mrs|ms|miss|mx|dr|prof|professor|sir|madam|mme|mlle|monsieur|madame|herrn?|frau|señora?|sra?"
    r"|doña?|rev|sergeant|uncle|aunt)\.? {0,2}$",
    re.IGNORECASE,
)
_SAYS_NAME = re.compile(
    r"\b(?:(?:my|his|her|their|your|maiden|full|first|last|middle|patient|customer) name(?: is|'s)|(?:^"
    r"|\n)\W{0,3}name:|calls? (?:me|him|her)"
    r"|named (?:him|her|it|me)|dear|i'm|i am called|mein name ist|ich heiße|je m'appelle|me llamo|mi nombre es) ?$",
    re.IGNORECASE,
)
_TO_SOMEBODY = re.compile(
    r"\b(?:hi|hello|hey|dear|this is|i am|speak (?:to|with)|talk to|named|regards,?|sincerely,?|thanks,?|cheers,?"
    r"|said|says|told|married|my (?:wife|husband|son|daughter|brother|sister|partner|boss|friend|colleague)"
    r"|signed:?|attn:?|c/o|why is|how is|where is|leave me|love,?|sings?|sang|written by|influenced by|directed by"
    r"|starring|invited|nominated|fan of)\s$",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"\b(?:by|with|met|see|saw|heard|add|ask(?: for)?|contact:?|under|up with|from:|to:|cc:|by:|owner:?|lead:?"
    r"|manager:?|patient:?|customer:?"
    r"|client:?|author:?|payer:?|reporter:?|name:|nom ?:|nombre:|called|player|songwriter|actor|actress|singer"
    r"|writer|founder|colleague)\W{1,4}$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r" (?:said|says|asked|asks|told|tells|wrote|writes|replied|lives|lived|thinks|thought|resigned|loves|spent a"
    r"|had given|has given|(?:is|was) (?:a (?:very )?(?:nice|kind|good|bad|sympathetic|lovely|difficult|friendly) "
    r"|born\b|married\b|so [a-z]+ ?\?|sick\b|pregnant\b))|,? can i\b|'s (?:wife|husband|mother|father|son|daughter"
    r"|brother|sister|birthday|boss|laptop|desk|killers?|house|opinion)\b",
    re.IGNORECASE,
)
_SMALL_LETTERS = re.compile(
    r"\b(?:(?:my|his|her) name is|name's|mrs?\.|ms\.|dr\.) ([^\W\d_]{2,20}(?: [^\W\d_]\.?)?(?: [^\W\d_]{2,20})?)",
    re.IGNORECASE,
)
_SURNAME_FIRST = re.compile(
    rf"(?<![\w,])({CAPITAL}{{3,20}}(?:-{CAPITAL}{{2,20}})?), ({CAPITAL}[^\W\d_]{{2,15}})(?![\w'])"
)
_SPEAKER = re.compile(rf"^({CAPITAL}[^\W\d_]{{1,20}}): ", re.MULTILINE)
_OTHERS_BEFORE = re.compile(rf": (?:{CAPITAL}[^\W\d_]{{1,20}}(?:, | and )){{1,9}}$")
_OTHERS_AFTER = re.compile(rf"(?:, {CAPITAL}[^\W\d_]{{1,20}}){{0,9}} and {CAPITAL}[^\W\d_]")
_SPOKEN_TO = re.compile(
    r", (?:can|could|please|i|i'm|we|you|are|do|did|have|will|would|what|when|where|why|how|let|thanks?)\b",
    re.IGNORECASE,
)
_MID_SENTENCE = re.compile(r"[^\W\d_],? \Z")
_IN_HEADING = re.compile(r" (?:[A-Z]\w+ ){2,}")
_ORDINARY_ENDS = re.compile(
    r"(?:tion|ment|ness|ity|ance|ence|ship|ism|ware|ing|able|ible|ful|less|ous|ive|ally|ology|graphy|ics|ings|tions"
    r"|ments|ities|ures?|ages?|ung|keit|heit|schaft|ción|dad)s?\Z"
)
_NO_NAMES = ORDINARY | PLACES | PEOPLES
_LONGEST = 4
_MARKS = ".,;:!?()[]\"'*"


@dataclass(frozen=True, slots=True)
class _Run:
    """Capitalised words in a row."""

    words: tuple[re.Match[str], ...]

    @property
    def start(self) -> int:
        return self.words[0].start()

    @property
    def end(self) -> int:
        return self.words[-1].end()

    @property
    def first(self) -> str:
        return self.words[0][0].lower()


def find(text: str) -> Iterator[Span]:
    """All of them, in no order; they may overlap."""
    for match in _SMALL_LETTERS.finditer(text):
        if match[1].islower():
            words = match[1].split()
            if words[0] not in ORDINARY:
                stop = match.start(1) + len(words[0]) if words[-1] in ORDINARY else match.end(1)
                yield Span(match.start(1), stop, "PERSON", 0.7, "words before it")
    for match in _SURNAME_FIRST.finditer(text):
        if (
            match[1].isupper()
            and match[1].lower() not in ORDINARY
            and match[2].istitle()
            and match[2].lower() not in _NO_NAMES
        ):
            yield Span(match.start(), match.end(), "PERSON", 0.75, "surname first")
    yield from _persons(text)


def _persons(text: str) -> Iterator[Span]:
    words = [word.strip(_MARKS) for word in text.split()]  # an address is one word: it holds its owner's name
    small = {word for word in words if word.islower()}
    nouns_are_capital = sum(word in GERMAN for word in words) > len(words) / 16
    speakers = {match[1] for match in _SPEAKER.finditer(text)}
    talk = len(speakers) > 1 and any(name.lower() in GIVEN - DOUBTFUL for name in speakers)
    surnames: set[str] = set()
    singles: list[_Run] = []
    for run in _runs(text):
        for part in _parts(run, small):
            score, how = _judge(text, part, nouns_are_capital)
            if not score and talk and part.words[0][0] in speakers:
                score, how = 0.6, "speaker"
            if score:
                yield Span(part.start, part.end, "PERSON", score, how)
                if score > 0.7 or (len(part.words) > 1 and (score > 0.5 or not nouns_are_capital)):
                    surnames.update(word[0] for word in part.words if len(word[0]) > 2)
            elif len(part.words) == 1:
                singles.append(part)
    for run in singles:
        if run.words[0][0] in surnames:
            yield Span(run.start, run.end, "PERSON", 0.55, "part of a name in the same text")


def _runs(text: str) -> Iterator[_Run]:
    """Capitalised words with one gap between them, which particles or an initial's full stop may fill."""
    row: list[re.Match[str]] = []
    between: list[re.Match[str]] = []
    for match in _WORD.finditer(text):
        last = (between or row)[-1] if row else match
        gap = text[last.end() : match.start()]
        follows = bool(row) and (gap == " " or (gap == ". " and len(last[0]) == 1))
        if match[0][0].isupper():
            if row and not follows:
                yield _Run(tuple(row))
                row = []
            row += (*between, match) if row else (match,)
            between = []
        elif row and follows and match[0] in (_SECOND if between else _PARTICLES) and len(between) < 2:
            between.append(match)
        elif row:
            yield _Run(tuple(row))
            row, between = [], []
    if row:
        yield _Run(tuple(row))


def _parts(run: _Run, small: set[str]) -> Iterator[_Run]:
    """What is left of a run between words that are no names."""
    part: list[re.Match[str]] = []
    for word in (*run.words, None):
        if word and (_may_be_name(word[0], small, bool(part)) or (part and (word[0] in _JOINING or len(word[0]) == 1))):
            part.append(word)
            continue
        while part and (part[-1][0] in _JOINING or len(part[-1][0]) == 1):
            part.pop()
        if part:
            yield _Run(tuple(part))
        part = []


def _may_be_name(word: str, small: set[str], follows: bool) -> bool:
    low = word.lower()
    if low in GIVEN:
        return True
    if len(word) < 2 or low in _NO_NAMES or low in small or word.isupper():
        return False
    if "'" in low and low.split("'")[0] not in ("o", "d", "l", "n", "m"):
        return False
    return (follows or not _ORDINARY_ENDS.search(low)) and not (low[-1] == "s" and low[:-1] in ORDINARY)


def _judge(text: str, run: _Run, nouns_are_capital: bool) -> tuple[float, str]:
    """How sure, and why, that a run is a person; 0: it is none."""
    before, after = text[max(0, run.start - 40) : run.start], text[run.end : run.end + 40]
    known = run.first in GIVEN
    if _TITLE.search(before[-14:]):
        return 0.85, "title"
    if len(run.words) > _LONGEST or _in_heading(before, after):
        return 0.0, ""
    if _SAYS_NAME.search(before):
        return 0.8, "words before it"
    if len(run.words) > 1:
        if known:
            return 0.8, "first name"
        if _TO_SOMEBODY.search(before) or _BEFORE.search(before) or _AFTER.match(after):
            return 0.65, "words beside it"
        if nouns_are_capital and not _stands_out(before, after):
            return 0.0, ""
        return 0.5, "two names in a row"
    return _judge_single(before, after, known and run.first not in DOUBTFUL)


def _stands_out(before: str, after: str) -> bool:
    """Where nouns are capitalised: two words in the middle of a sentence, or alone on their line."""
    return bool(_MID_SENTENCE.search(before)) or (before[-1:] in ("", "\n") and after[:1] in ("", "\n"))


def _judge_single(before: str, after: str, known: bool) -> tuple[float, str]:
    if known:
        return 0.6, "first name"
    if _AFTER.match(after):
        return 0.6, "words after it"
    if _TO_SOMEBODY.search(before):
        return 0.5, "words before it"
    if _OTHERS_BEFORE.search(before) or (before.endswith(": ") and _OTHERS_AFTER.match(after)):
        return 0.45, "list of names"
    if not before.strip() and _SPOKEN_TO.match(after):
        return 0.4, "spoken to"
    return 0.0, ""


def _in_heading(before: str, after: str) -> bool:
    """Where every word is capitalised, capitals say nothing."""
    line = before.rsplit("\n", 1)[-1]
    return line.lstrip().startswith("#") or bool(_IN_HEADING.match(after) and _IN_HEADING.search(before))
