"""Takes a sentence, gives the stretches of it that could be an answer, and the shape of each."""

from workbench.models.extractive.sentences import Sentence
from workbench.models.extractive.words import CURRENCIES, MONTHS, UNITS, YEAR

LONGEST = 20
"""Tokens of an answer at most."""

_CONTENT = frozenset("KNwdgRl&V")
_BRIDGES = frozenset("of and or & , in for to on at from with by the between as - – ' ’".split())
_STOPS = frozenset('.;:()"“”')


def candidates(sentence: Sentence) -> list[tuple[int, int]]:
    """Stretches of tokens [start, end): phrases, their parts, phrases joined by small words, and what is quoted."""
    kinds, lower = sentence.kinds, sentence.lower
    found: dict[tuple[int, int], None] = {}
    phrases = _phrases(kinds)
    for start, end in phrases:
        found[start, end] = None
        _parts(kinds, start, end, found)
    for first, (start, end) in enumerate(phrases):
        reach = end
        for following, stop in phrases[first + 1 : first + 6]:
            if not _joined(lower, kinds, reach, following) or stop - start > LONGEST:
                break
            found[start, stop] = None
            reach = stop
    _quoted(sentence.tokens, found)
    return list(found)


def _phrases(kinds: str) -> list[tuple[int, int]]:
    """The longest runs of content words."""
    runs: list[tuple[int, int]] = []
    place, count = 0, len(kinds)
    while place < count:
        end = place
        while end < count and kinds[end] in "KNwdgRl&":
            end += 1
        if end > place:
            runs.append((place, min(end, place + LONGEST)))
        place = max(end, place + 1)
    return runs


def _parts(kinds: str, start: int, end: int, found: dict[tuple[int, int], None]) -> None:
    """A phrase without its first or last words, its names and its numbers."""
    head = start
    while head < end - 1 and kinds[head] in "dgRlw" and head < start + 3:
        head += 1
        found[head, end] = None
    tail = end
    while tail > start + 1 and kinds[tail - 1] in "dgRlw" and tail > end - 3:
        tail -= 1
        found[start, tail] = None
    place = start
    while place < end:
        stop = place + 1
        if kinds[place] in "KN":
            while stop < end and (kinds[stop] == kinds[place] or kinds[place] == "K" and kinds[stop] == "&"):
                stop += 1
            found[place, stop] = None
            if kinds[place] == "N" and stop < end:
                found[place, stop + 1] = None
                found[place, end] = None
        place = stop
    found[end - 1, end] = None


def _joined(lower: list[str], kinds: str, end: int, start: int) -> bool:
    """Whether two phrases with the tokens [end, start) between them can be one answer."""
    if start - end > 3 or not _STOPS.isdisjoint(lower[end:start]):
        return False
    between = kinds[end:start]
    if start - end == 1 and (lower[end] in _BRIDGES or between == "s"):
        return True
    verb = start - end <= 2 and all(letter in "VDO" for letter in between)
    return verb or all(letter in "PDCO,s" for letter in between)


def _quoted(tokens: list[str], found: dict[tuple[int, int], None]) -> None:
    opened = -1
    for place, token in enumerate(tokens):
        if token in ("“", "«") or token == '"' and opened < 0:
            opened = place
        elif token in ("”", "»", '"') and opened >= 0:
            if 1 < place - opened <= LONGEST:
                found[opened + 1, place] = None
            opened = -1


def shape(sentence: Sentence, start: int, end: int) -> str:
    """A short name for what the tokens [start, end) look like: a year, a full name, two plain words, a clause, ..."""
    kinds = sentence.kinds[start:end]
    if end - start == 1:
        return _shape_of_one(sentence.lower[start], kinds)
    lower = sentence.lower[start:end]
    if "N" in kinds:
        return _shape_of_numbers(lower, kinds)
    names = kinds.count("K")
    if names and names + kinds.count("&") == len(kinds):
        return "name" if names <= 3 else "long name"
    if kinds[0] == "K" and kinds[-1] == "K":
        return "joined name"
    if "V" in kinds or "d" in kinds:
        return "predicate" if kinds[0] in "Vd" else "clause"
    if names:
        return "part name"
    if kinds[0] == "g":
        return "gerund"
    if "C" in kinds or "," in kinds:
        return "list"
    if "P" in kinds:
        return "long phrase"
    if "O" in kinds:
        return "pronoun"
    return "two words" if len(kinds) == 2 else "phrase"


def _shape_of_one(word: str, kind: str) -> str:
    if kind == "K":
        return "month" if word in MONTHS else "single name"
    if kind != "N":
        return "word" if kind == "w" else "word " + kind
    if YEAR.match(word):
        return "year"
    if not CURRENCIES.isdisjoint(word):
        return "money"
    if word[-1] == "%":
        return "percent"
    return "ordinal" if word[0].isdigit() and word[-2:] in ("st", "nd", "rd", "th") else "number"


def _shape_of_numbers(lower: list[str], kinds: str) -> str:
    if not MONTHS.isdisjoint(lower):
        return "date"
    if lower[-1] in ("percent", "%"):
        return "percent"
    if any(word[0] in CURRENCIES or word in ("dollars", "pounds", "euros") for word in lower):
        return "money"
    if lower[-1] in UNITS:
        return "quantity"
    if kinds.count("N") == len(kinds):
        return "number"
    if any(YEAR.match(word) for word in lower):
        return "with year"
    return "counted" if kinds[0] == "N" else "with number"
