"""Takes a question, gives what it asks for: the kind of answer, the noun that names it, and the words to look for."""

from dataclasses import dataclass, field

from workbench.models.extractive import words

PERSON = frozenset(
    """
    person people man men woman women king queen president emperor empress leader author writer singer actor
    actress player coach director scientist inventor engineer architect artist painter composer philosopher poet
    general officer minister chancellor pope bishop saint father mother son daughter wife husband brother sister
    founder owner commander governor mayor senator politician historian professor performer designer explorer
    monarch ruler duke prince princess lord judge lawyer journalist producer musician star host chairman ceo
    executive sculptor photographer theologian mathematician physicist economist chemist biologist pilot captain
    editor
    """.split()
)
_PLACE = frozenset(
    """
    city town country nation state province county continent region place location area island river mountain
    street venue village capital district borough territory sea ocean lake port airport neighborhood
    neighbourhood park countries cities states nations regions places areas building stadium direction
    """.split()
)
_NAME = frozenset(
    """
    company organization organisation team university school group party network channel band agency church
    institution government tribe club league corporation station newspaper magazine studio brand firm companies
    teams organizations book film movie song album show series episode game program programme title treaty act
    war battle award language religion nationality
    """.split()
)
_TIME = frozenset("year date day month decade century period era season years dates months decades centuries".split())
_COUNT = frozenset("number amount population score total quantity figure".split())
_PERCENT = frozenset("percentage percent proportion fraction rate".split())
_MEASURE = frozenset("length height depth width weight speed temperature distance duration".split())
_MONEY = frozenset("cost costs price money paid pay worth spent spend budget revenue salary fee fine fund".split())
_HOW_MEASURE = frozenset("long old far tall large big high deep fast heavy wide often".split())
_SORT = frozenset("kind type sort kinds types sorts form forms class style".split())
_REASON = frozenset("purpose reason goal cause aim".split())
CALLED = frozenset("called named name known term termed nickname nicknamed referred title titled names".split())
BE = frozenset("is are was were be 's ’s".split())

_GROUPS = (
    (_TIME, "TIME"),
    (_PERCENT, "PERCENT"),
    (_COUNT, "COUNT"),
    (PERSON, "PERSON"),
    (_PLACE, "PLACE"),
    (_NAME, "NAME"),
    (_MEASURE, "MEASURE"),
    (_MONEY, "MONEY"),
    (_REASON, "REASON"),
)


@dataclass(slots=True)
class Question:
    """What a question asks for."""

    text: str
    asks: str
    """PERSON, PLACE, NAME, TIME, YEAR, COUNT, MONEY, AMOUNT, PERCENT, MEASURE, REASON, MANNER, SORT, NOUN (which X),
    BEING (what is the X of), MEANING (what is X), ACT (what did X do), OBJECT (what did X make), THING or POLAR."""
    word: str = ""
    """The question word, empty when there is none."""
    preposition: str = ""
    """The preposition that the question word hangs on: `in` of "in which", `of` of "what is it made of"."""
    head: str = ""
    """Stem of the noun that names the answer's class."""
    side: str = "subject"
    """Where the answer stands to the verb: `subject` (who won), `object` (what did X win), `being` (what is X)."""
    called: bool = False
    """Asks for a name or a term."""
    negated: bool = False
    weights: dict[str, float] = field(default_factory=dict)
    """Stems to look for, names and numbers heavier."""
    pairs: frozenset[tuple[str, str]] = frozenset()
    """Neighbouring stems to look for."""
    names: frozenset[str] = frozenset()
    """Stems of capitalised words and numbers."""
    numbers: frozenset[str] = frozenset()
    """Stems of numbers that are no part of a name, as "50" is in "Super Bowl 50"."""
    stems: frozenset[str] = frozenset()
    """Of all its words."""


def analyse(text: str) -> Question:
    """Read a question of any form; without a question word it asks for a THING, or is POLAR."""
    tokens = words.TOKEN.findall(text)
    lower = [token.lower() for token in tokens]
    kinds = words.classes(tokens, lower)
    stems = [words.stem(word) for word in lower]
    count = len(tokens)
    place = next((i for i, word in enumerate(lower) if word in words.QUESTION_WORDS), -1)
    if place == 0 and lower[0] in ("when", "where", "who"):
        # "When X happened, what ...": the second one asks.
        later = (i for i in range(1, count) if lower[i] in ("what", "which", "how", "who") and lower[i - 1] == ",")
        place = next(later, place)
    asks, head = "THING", -1
    if place >= 0:
        asks, head = _asked(place, lower, kinds)
    elif count and lower[0] in words.AUXILIARIES:
        asks = "POLAR"
    question = Question(text=text, asks=asks, word=lower[place] if place >= 0 else "")
    question.head = stems[head] if head >= 0 else ""
    if place > 0 and kinds[place - 1] == "P":
        question.preposition = lower[place - 1]
    elif count > 1 and kinds[-2] == "P" and kinds[-1] == ",":
        question.preposition = lower[-2]
    after = lower[max(head, place) + 1 :]
    if not {"did", "does", "do"}.isdisjoint(lower):
        question.side = "object"
    elif place >= 0 and place + 1 < count and lower[place + 1] in words.AUXILIARIES | BE:
        question.side = "being"
    elif not words.AUXILIARIES.isdisjoint(after[:3]):
        question.side = "passive"
    question.called = not CALLED.isdisjoint(lower)
    question.negated = not words.NEGATIONS.isdisjoint(lower)
    _look_for(question, place, lower, kinds, stems)
    return question


def _look_for(question: Question, place: int, lower: list[str], kinds: str, stems: list[str]) -> None:
    for i, word in enumerate(lower):
        if i == place or word in words.STOPWORDS or kinds[i] in ",s":
            continue
        heavy = kinds[i] in "KN" and (i > 0 or kinds[i] == "N")
        question.weights[stems[i]] = max(question.weights.get(stems[i], 0.0), 1.5 if heavy else 1.0)
    neighbours = zip(stems, stems[1:], strict=False)
    question.pairs = frozenset(pair for pair in neighbours if question.weights.keys() >= set(pair))
    named = [i for i, kind in enumerate(kinds) if kind in "KN" and stems[i] in question.weights]
    question.names = frozenset(stems[i] for i in named)
    question.numbers = frozenset(
        stems[i] for i in named if kinds[i] == "N" and "K" not in (kinds[i - 1 : i] + kinds[i + 1 : i + 2])
    )
    question.stems = frozenset(stems)


def _noun_phrase(start: int, lower: list[str], kinds: str) -> int:
    """The end of the run of nouns and what describes them that begins at `start`."""
    end = start
    while end < len(lower) and (
        kinds[end] in "KNwgRls&" or kinds[end] == "d" and end + 1 < len(lower) and kinds[end + 1] in "wK"
    ):
        end += 1
    return end


def _asked(place: int, lower: list[str], kinds: str) -> tuple[str, int]:
    """The kind of answer, and the place of the noun that names its class or -1."""
    word = lower[place]
    count = len(lower)
    after = lower[place + 1] if place + 1 < count else ""
    simple = {"who": "PERSON", "whom": "PERSON", "whose": "PERSON", "when": "TIME", "where": "PLACE", "why": "REASON"}
    if word in simple:
        return simple[word], -1
    if word == "how":
        return _how(place, after, lower, kinds)
    if after in words.AUXILIARIES or after in BE:
        return _what_is(place, after, lower, kinds)
    if after in ("happened", "happens"):
        return "ACT", -1
    if after in _SORT and lower[place + 2 : place + 3] == ["of"]:
        end = _noun_phrase(place + 3, lower, kinds)
        return "SORT", end - 1 if end > place + 3 else -1
    end = _noun_phrase(place + 1, lower, kinds)
    if end == place + 1:
        return "THING", -1
    for group, asks in _GROUPS:
        for i in range(place + 1, end):
            if lower[i] in group:
                return "YEAR" if lower[i] == "year" else asks, i
    return "NOUN", end - 1


def _how(place: int, after: str, lower: list[str], kinds: str) -> tuple[str, int]:
    if after in ("many", "much"):
        end = _noun_phrase(place + 2, lower, kinds)
        head = end - 1 if end > place + 2 else -1
        if after == "many":
            return "COUNT", head
        return ("AMOUNT" if _MONEY.isdisjoint(lower) else "MONEY"), head
    return ("MEASURE" if after in _HOW_MEASURE else "MANNER"), -1


def _what_is(place: int, after: str, lower: list[str], kinds: str) -> tuple[str, int]:
    count = len(lower)
    if after in ("did", "does", "do"):
        return ("ACT" if count > 1 and lower[-2] in ("do", "happen") else "OBJECT"), -1
    if after not in BE:
        return "THING", -1
    start = place + 2
    while start < count and kinds[start] in "DOR":
        start += 1
    end = _noun_phrase(start, lower, kinds)
    if end == start:
        return "THING", -1
    head = end - 1
    if lower[head] in ("name", "names", "title") and end < count and lower[end] in ("of", "for", "given"):
        start = end + 1
        while start < count and kinds[start] in "DOR":
            start += 1
        end = _noun_phrase(start, lower, kinds)
        if end > start:
            head = end - 1
        for group, asks in _GROUPS:
            if lower[head] in group:
                return asks, head
        return "NAME", head
    for group, asks in _GROUPS:
        if lower[head] in group:
            return asks, head
    return ("MEANING" if end >= count - 1 else "BEING"), head
