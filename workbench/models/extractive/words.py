"""Takes English text, gives its tokens, their classes and their stems.

The lists hold grammar and everyday words only, never those of a topic.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

_LETTER = r"[^\W_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
TOKEN = re.compile(
    r"[A-Za-z]{1,30}(?=[\s,;:)])"  # nearly every word; what follows is for the others
    r"|(?:[A-Za-z]\.){2,9}|[A-Z]\.(?=\s[A-Z])"  # U.S., the initial of a name
    r"|(?:US|A|C)?[$£€¥]?\d{1,20}(?:[.,:–—-]\d{1,20}){0,9}(?:st|nd|rd|th|s|km|m|kg|ft|mm|cm|mi|nm|K|bn|am|pm)?"
    r"(?!\w|-[A-Za-z])%?"
    r"|['’]s\b|n['’]t\b"
    r"|[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"  # scripts without spaces, one character each
    rf"|{_LETTER}{{1,12}}?(?=n['’]t\b)"
    rf"|(?:{_LETTER}|-(?=\w)|['’](?!s\b)(?=\w)|\.(?=[A-Za-z]\w)|_){{1,40}}"
    r"|\S"
)
"""A number with its sign and unit, a possessive or a negation by itself, a word with what is inside it, or one mark.
No token is longer than some hundred characters, so that caches by word stay small."""

YEAR = re.compile(r"(?:1\d|20)\d\d(?:[–—-]\d+|s)?$")
CURRENCIES = frozenset("$£€¥")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


DETERMINERS = _words(
    """
    a an the this that these those its his her their our my your some any each every either neither no another
    such all both
    """
)
PRONOUNS = _words("i me you he him she it we us they them himself herself itself themselves who whom whose")
ANAPHORS = _words("he she it they this these his her its their such")
"""Words near the head of a sentence that speak of the sentence before."""
PREPOSITIONS = _words(
    """
    of in on at by for from to with without within into onto upon over under above below between among amongst
    through throughout during before after since until till against about around across along behind beside
    besides beyond near off out outside inside toward towards via per as like than despite except including
    concerning regarding following because due while whereas although though if unless whether when where how
    why what which
    """
)
CONJUNCTIONS = _words("and or but nor so yet")
AUXILIARIES = _words(
    """
    is are was were be been being am do does did has have had having can could will would shall should may might
    must cannot ca wo
    """
)
NEGATIONS = _words("not n't n’t never no none neither nor without cannot nothing nobody nowhere except")
ADVERBS = _words(
    """
    not n't n’t also only then thus therefore however moreover furthermore later still even just very too more
    most much less least often usually generally mainly mostly now today currently already again once ever never
    almost nearly approximately roughly about there here well rather quite instead perhaps together further
    """
)
QUESTION_WORDS = _words("what which who whom whose when where why how")
STOPWORDS = (
    DETERMINERS
    | PRONOUNS
    | PREPOSITIONS
    | CONJUNCTIONS
    | AUXILIARIES
    | QUESTION_WORDS
    | _words("""
    's ’s n't n’t not s t many much long old far type kind sort name part one something according also other
    else there here then
    """)
)
VERBS = _words(
    """
    said made took gave found held left led won lost became began came went saw got wrote built sent brought
    kept met set put ran rose fell grew drew spoke chose broke stood sold bought paid felt heard taught fought
    caught thought knew told meant dealt spent shot struck sat sank flew wore sought bore written given taken
    known seen done gone shown drawn chosen broken spoken grown thrown driven born let lay includes contains
    provides consists occurs remains refers makes takes gives becomes comes goes shows says allows requires
    means produces exists appears begins lies leads follows offers serves involves describes represents argues
    believes suggests indicates receives creates maintains develops operates uses include contain provide
    consist occur remain refer make take give become come go say allow require produce exist appear lie use tend
    seem comprises comprise covers owns sees tells writes seeks considers defines explains forms depends varies
    reaches see get keep know call help need find hold bring perform carry ensure prevent reduce increase
    determine achieve
    """
)
NUMBERS = _words(
    """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million
    billion trillion dozen half first second third fourth fifth sixth seventh eighth ninth tenth once twice
    hundreds thousands millions billions
    """
)
MONTHS = _words("january february march april may june july august september october november december")
UNITS = _words(
    """
    years year months month weeks week days day hours hour minutes minute seconds second miles mile kilometres
    kilometers km meters metres feet foot inches acres hectares tons tonnes pounds degrees yards centuries
    decades
    """
)

_IRREGULAR = {
    form: line.split()[0]
    for line in (
        """
    begin began begun beginning | win won winning winner | write wrote written writing | make made | take took
    taken | go went gone goes | come came | give gave given | get got gotten | see saw seen | know knew known |
    think thought | find found | lead led leader | leave left | bring brought | buy bought | build built | send
    sent | spend spent | lose lost loss | sell sold sale | tell told | teach taught | fight fought | catch
    caught | keep kept | feel felt | meet met | hold held | stand stood | become became | understand understood
    | run ran running runner | rise rose risen | fall fell fallen | grow grew grown growth | draw drew drawn |
    throw threw thrown | drive drove driven | speak spoke spoken speech | break broke broken | choose chose
    chosen choice | steal stole stolen | eat ate eaten | sing sang sung song | bear bore born birth | die died
    death dead dying | say said | pay paid | lay laid | lie lain | show shown | hide hid hidden | bind bound |
    seek sought | wear wore worn | tear tore torn | shoot shot | strike struck | sit sat | sink sank sunk | fly
    flew flown flight | mean meant | deal dealt | hear heard | read reading | set setting | put putting | man
    men | woman women | child children | person people | foot feet | life lives live lived living alive | wife
    wives | half halves | leaf leaves | analysis analyses | marry married marriage | high height | long length |
    wide width | deep depth | strong strength | large largest larger | big bigger biggest | sign signed signing
    signature | arrive arrival | destroy destruction | compete competition competitor | receive reception |
    decide decision | divide division | explain explanation | defend defense defence | describe description |
    produce production product | introduce introduction | reduce reduction | conclude conclusion | permit
    permission | believe belief | succeed success | create creation creator | resign resignation | france french
    | germany german | spain spanish | england english | britain british | italy italian | china chinese |
    america american americans | europe european | japan japanese | greece greek | rome roman | russia russian
    """
    ).split("|")
    for form in line.split()
}
_DERIVED: dict[int, frozenset[str]] = {}
for _suffix in """
    ization isation ational iveness fulness ousness ation ition ement ment ically ingly edly ance ence ity ivity ness
    ship ism ist ian ion er or est ally ly al ic ical ive ous able ible ant ent ary ery ory
    """.split():
    _DERIVED[len(_suffix)] = _DERIVED.get(len(_suffix), frozenset()) | {_suffix}
_LENGTHS = sorted(_DERIVED, reverse=True)
_INFLECTED = (
    ("ies", "y"),
    ("ied", "y"),
    ("sses", "ss"),
    ("shes", "sh"),
    ("ches", "ch"),
    ("xes", "x"),
    ("ing", ""),
    ("ed", ""),
)


@lru_cache(maxsize=32768)
def stem(word: str) -> str:
    """Give the part of a lower-case word that its inflections and usual derivations share."""
    word = _IRREGULAR.get(word, word)
    if len(word) < 4 or not word.isalpha():
        return word
    word = _uninflected(word)
    for length in _LENGTHS:
        if len(word) - length >= 4 and word[-length:] in _DERIVED[length]:
            word = word[:-length]
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiou":
        word = word[:-1]
    if len(word) > 3 and word[-1] in "ey" or len(word) > 4 and word[-1] == "i":
        word = word[:-1]
    return word


def _uninflected(word: str) -> str:
    for ending, instead in _INFLECTED:
        if word.endswith(ending) and len(word) - len(ending) + len(instead) >= 3:
            return word[: -len(ending)] + instead
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word[:-1] if word.endswith("ed") else word


_CLOSED = {
    word: letter
    for letter, group in (
        ("V", VERBS),
        ("R", ADVERBS),
        ("N", NUMBERS),
        ("P", PREPOSITIONS),
        ("O", PRONOUNS),
        ("V", AUXILIARIES),
        ("D", DETERMINERS),
        ("C", CONJUNCTIONS),
        ("s", {"'s", "’s"}),
        ("&", {"&"}),
    )
    for word in group
}
"""Class of each word of a list; a later group wins over an earlier one."""
_OPEN = _words("w d g l R V").union(("w",))


def classes(tokens: Sequence[str], lower: Sequence[str]) -> str:
    """Give one letter per token.

    K a capitalised word, N a number, w another content word, d -ed, g -ing, l -ly, V a common verb, R an adverb, D a
    determiner, O a pronoun, P a preposition or subordinator, C a conjunction, s a possessive, & itself, `,` a mark.
    """
    letters: list[str] = []
    for token, word in zip(tokens, lower, strict=True):
        letter = _CLOSED.get(word) or _open_class(word)
        if token[0].isupper():
            if len(token) > 1 and token[-1] != "." and letter != "N" and token.isupper():
                letter = "K"  # US is a country, us is not
            elif letters and (word in MONTHS or letter in _OPEN and word not in AUXILIARIES):
                letter = "K"
            elif letter in "wdgl" or (token == "I" and letters and letters[-1] == "K"):  # Charles I
                letter = "K"
        letters.append(letter)
    return "".join(letters)


def _open_class(word: str) -> str:
    """The class of a word that is on no list, by its looks."""
    first = word[0]
    if first.isdigit() or first in CURRENCIES or (word[-1].isdigit() and not CURRENCIES.isdisjoint(word)):
        return "N"
    if not first.isalnum():
        return ","
    if len(word) > 4:
        if word.endswith("ed"):
            return "d"
        if word.endswith("ing"):
            return "g"
        if word.endswith("ly"):
            return "l"
    return "w"
