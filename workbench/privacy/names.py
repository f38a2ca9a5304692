"""A text comes in; what rules of language take for persons, organisations and postal addresses goes out.

Titles, words beside a name, its shape, and a short list of first names: no trained model. A capitalised word is a name
when something says so, and two of them in a row are when nothing speaks against it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workbench.privacy.span import Span
from workbench.privacy.words import GIVEN, ORDINARY, PEOPLES, PLACES

_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_PARTICLES = frozenset("de del della der den di da dos das do du van von zu bin ibn al la le ten ter y e".split())
_TITLE = re.compile(
    r"(?<!\w)(?:mr|mrs|ms|miss|mx|dr|prof|professor|sir|madam|mme|mlle|monsieur|madame|herrn?|frau|señora?|sra?|doña?|rev|judge"
    r"|captain|sergeant|officer|nurse|sister|brother|uncle|aunt)\.? {0,2}$",
    re.IGNORECASE,
)
_CUE = re.compile(
    r"(?:\bname(?: is|'s|d)?(?: (?:him|her|it))?:? ?|\bnamed (?:him|her|it) |\bi ?'?a?m |\bthis is |\bdear |\bhi,? |\bhello,? |\bhey,? "
    r"|\bspeak (?:to|with) |\btalk to |\bask(?: for)? |\bcalled |\bcalls me |\bcontact:? |\bunder |\bpartner'?s? |\bregards,?\s+"
    r"|\bsincerely,?\s+|\bsaid |\bsays |\btold |\bby |\bmet |\bwith |\bsee |\bheard |\badd |\bup with |\bchange it to |\bsigned:? "
    r"|\bleave me |\bhow'?s |\bmaiden name is |\bdirected by |\bstarring |\bplayer |\bregular rr commenter |\bauthor:? |\bfrom: ?"
    r"|\bto: ?|\bcc: ?|\bowner:? |\blead:? |\bmanager:? |\bpatient:? |\bcustomer:? |\bclient:? |\bfounders?: |\bformerly |\brings? "
    r"|\bwife,? |\bhusband,? |\bson,? |\bdaughter,? |\bbrother,? |\bsister,? |\bpartner,? |\bnominated |\binvited |\bthanks?,? "
    r"|\bnom ?: |\bnombre: |\battn:? |\bc/o |\bcolleague,? )$",
    re.IGNORECASE,
)
_STRONG_CUE = re.compile(
    r"\b(?:(?:my|his|her|their|maiden|full|first|last|patient) name(?: is|'s)|name:|called me|calls me|named (?:him|her)|dear|i am called"
    r"|mein name ist|ich heiße|je m'appelle|me llamo|mi nombre es) ?$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"(?: (?:said|says|asked|asks|told|tells|wrote|writes|replied|called|calls|lives|lived|works|worked|thinks|thought|is a (?:very )?"
    r"[a-z]+ person|had given|has given|spent|got|gets|just|listed|resigned|joined|signed|agreed|went|came|knows|knew|likes|loves"
    r"|wants|wanted|confirmed|noted|explained|rang|rings|speak|points out|so [a-z]+\?|was (?:a|influenced|born|hired)|is (?:from|out|off))\b"
    r"|,? can i\b|'s (?:\w+ )?(?:killers|wife|husband|account|address|mother|father|son|daughter|birthday|desk|laptop|phone|email|name|team"
    r"|boss|manager|house|opinion|take|song|cautionary)\b|: [A-Z\"])",
    re.IGNORECASE,
)
_SMALL_LETTERS = re.compile(
    r"\b(?:my name is|name's|his name is|her name is|mr\.|mrs\.|ms\.|dr\.) ((?!not\b|on\b|in\b|the\b|a\b)[^\W\d_]{2,20}(?: [^\W\d_]\.?)?"
    r"(?: (?!and\b|but\b|from\b|i\b|is\b)[^\W\d_]{2,20})?)",
    re.IGNORECASE,
)
_SURNAME_FIRST = re.compile(r"(?<![\w,])([^\W\d_a-z]{3,20}(?:-[^\W\d_a-z]{2,20})?), ([^\W\d_]\w{2,15})(?![\w'])")
_COMPANY = re.compile(
    r"(?<![\w&])((?:[^\W\d_a-z][\w'&.-]{0,30},? (?:(?:and|und|et|of|&) )?){1,5})(?:Inc|Corp|Corporation|Incorporated|LLC|LLP|Ltd|Limited|PLC|plc"
    r"|GmbH|AG|KG|SE|SA|S\.A|SARL|SRL|S\.L|B\.V|BV|NV|Oy|AB|ApS|Group|Holdings?|Industries|Technologies|Solutions|Partners|Associates"
    r"|Foundation|University|Institute|Bank|Agency)\b\.?"
)
_FIRM = re.compile(
    r"(?<![\w,])[^\W\d_a-z][\w'-]{1,20}, [^\W\d_a-z][\w'-]{1,20} (?:and|&) [^\W\d_a-z][\w'-]{1,20}(?= (?:[A-Z]|is\b|was\b|in\b|has\b)|\Z|[.\n])"
)
_EMPLOYER = re.compile(r"\b(?:work(?:s|ed|ing)? (?:for|at)|employed (?:by|at)|year at|is from|employer:?) ((?:[^\W\d_a-z][\w'&-]{1,25} ?){1,3})")
_ORDINARY_ENDS = re.compile(
    r"(?:tion|ment|ness|ity|ance|ence|ship|ism|ware|ing|able|ible|ful|less|ous|ive|ally|ology|graphy|ics|ings|tions|ments|ities|ures?|ages?|ung"
    r"|keit|heit|schaft|ción|dad)s?\Z|" + PEOPLES + r"s?\Z"
)


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


def find(text: str) -> Iterator[Span]:
    """Persons and organisations, in no order; they may overlap."""
    for match in _SMALL_LETTERS.finditer(text):
        if match[1].lower().split()[0] not in ORDINARY:
            yield Span(match.start(1), match.end(1), "PERSON", 0.7, "words before it")
    for match in _COMPANY.finditer(text):
        yield Span(match.start(), match.end(), "ORGANISATION", 0.75, "form of company")
    for match in _FIRM.finditer(text):
        yield Span(match.start(), match.end(), "ORGANISATION", 0.72, "partners of a firm")
    for match in _EMPLOYER.finditer(text):
        if match[1].split()[0].lower() not in ORDINARY | PLACES:
            yield Span(match.start(1), match.start(1) + len(match[1].rstrip()), "ORGANISATION", 0.7, "words before it")
    for match in _SURNAME_FIRST.finditer(text):
        if _may_be_name(match[2]) and match[1].isupper() and match[1].lower() not in ORDINARY:
            yield Span(match.start(), match.end(), "PERSON", 0.75, "surname first")
    yield from _persons(text)


def _persons(text: str) -> Iterator[Span]:
    small = {word for word in text.split() if word.islower()}
    surnames: set[str] = set()
    singles: list[_Run] = []
    for run in _runs(text):
        for part in _parts(run, small):
            score, how = _judge(text, part)
            if score:
                yield Span(part.start, _end(text, part), "PERSON", score, how)
                surnames.update(word[0] for word in part.words if len(word[0]) > 2)
            elif len(part.words) == 1:
                singles.append(part)
    for run in singles:
        if run.words[0][0] in surnames:
            yield Span(run.start, run.end, "PERSON", 0.55, "part of a name in the same text")


def _runs(text: str) -> Iterator[_Run]:
    """Capitalised words with one gap between them, which a particle or an initial's full stop may fill."""
    row: list[re.Match[str]] = []
    between: list[re.Match[str]] = []
    for match in _WORD.finditer(text):
        last = (between or row)[-1].end() if row else 0
        gap = text[last : match.start()] if row else ""
        follows = bool(row) and (gap == " " or (gap == ". " and len((between or row)[-1][0]) == 1))
        if match[0][0].isupper():
            if row and not follows:
                yield _Run(tuple(row))
                row = []
            elif row:
                row += between
            row.append(match)
            between = []
        elif row and follows and match[0] in _PARTICLES and len(between) < 2:
            between.append(match)
        elif row:
            yield _Run(tuple(row))
            row, between = [], []
    if row:
        yield _Run(tuple(row))


def _parts(run: _Run, small: set[str]) -> Iterator[_Run]:
    """What is left of a run between words that are no names."""
    part: list[re.Match[str]] = []
    for word in run.words:
        if _may_be_name(word[0]) and word[0].lower() not in small or (part and (word[0] in _PARTICLES or len(word[0]) == 1)):
            part.append(word)
        elif part:
            yield _Run(tuple(part))
            part = []
    if part:
        yield _Run(tuple(part))


def _may_be_name(word: str) -> bool:
    low = word.lower()
    if low in GIVEN:
        return True
    bare = low.removesuffix("'s")
    if len(bare) < 2 or bare in ORDINARY or bare in PLACES or (len(word) > 1 and word.isupper()):
        return False
    return "'" not in word[2:] and not _ORDINARY_ENDS.search(bare) and not (bare[-1] == "s" and bare[:-1] in ORDINARY)


def _judge(text: str, run: _Run) -> tuple[float, str]:
    """How sure, and why, that a run is a person; 0: it is none."""
    words = [word[0] for word in run.words]
    before = text[max(0, run.start - 40) : run.start]
    after = text[run.end : run.end + 40]
    if _TITLE.search(before[-14:]):
        return 0.85, "title"
    if len(words) > 4 or _amid_title(before, after):
        return 0.0, ""
    if _STRONG_CUE.search(before):
        return 0.8, "words before it"
    first = words[0].lower() in GIVEN
    if len(words) > 1:
        if first:
            return 0.8, "first name"
        return (0.65, "words beside it") if _CUE.search(before) or _AFTER.match(after) else (0.5, "two names in a row")
    if _AFTER.match(after):
        return 0.6, "words after it"
    if first or _CUE.search(before):
        return (0.6, "first name") if first else (0.5, "words before it")
    return _listed(text, before, after)


def _listed(text: str, before: str, after: str) -> tuple[float, str]:
    if re.match(r"(?:, [^\W\d_a-z]\w+)* and [^\W\d_a-z]\w+", after) and re.search(r": (?:[^\W\d_a-z]\w+, )*$", before):
        return 0.5, "list of names"
    if re.search(r"\b(?:\w+, )+(?:\w+ and )?$|\w+ and $", before) and re.search(r": ", before):
        return 0.45, "list of names"
    if not before.strip() and after.startswith(","):
        return 0.5, "spoken to"
    return 0.0, ""


def _amid_title(before: str, after: str) -> bool:
    """Inside a heading, where every word is capitalised."""
    line = before.rsplit("\n", 1)[-1]
    return line.lstrip().startswith("#") or bool(re.match(r" (?:[A-Z]\w+ ){2,}", after) and re.search(r"(?:[A-Z]\w+ ){2}$", before))


def _end(text: str, run: _Run) -> int:
    return run.end - 2 if text[run.start : run.end].endswith("'s") else run.end


def surnames(spans: Sequence[Span], text: str) -> set[str]:
    """Last words of the persons found."""
    return {text[span.start : span.end].split()[-1] for span in spans if span.kind == "PERSON"}
