"""A reply comes in, whether it declines to answer goes out: a rule on its first sentence, no model.

A reply declines when its first sentence says that there is no answer (in English, German, French or Spanish) and
nothing after that gives one all the same. Looking at the head alone keeps a factual answer that merely contains such
words ("The city had no information office", "He replied: I don't know") from being taken for a refusal.
"""

import re


def declined(text: str) -> bool:
    """True when the reply says that it has no answer; an empty reply says so too."""
    sentences = _SENTENCE_END.split(_plain(text))
    if not sentences[0]:
        return True
    first = _OPENING.sub("", sentences[0], count=1)
    if not first:  # "Sorry." and then the sentence that matters
        sentences = sentences[1:] or [""]
        first = sentences[0]
    refusal = _REFUSAL.match(first)
    if refusal is None:
        return False
    return not any(_ANSWER_AFTER_ALL.search(part) for part in (first[refusal.end() :], *sentences[1:]))


def _plain(text: str) -> str:
    """Lower case, straight apostrophes, single spaces, without the marks and labels around a reply."""
    lines = (" ".join(line.split()).strip(_AROUND_A_LINE) for line in text.translate(_STRAIGHT).lower().splitlines())
    return _LABEL.sub("", "\n".join(line for line in lines if line)).strip(_AROUND_A_REPLY)


_STRAIGHT = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u201c": '"', "\u201d": '"'})
_AROUND_A_LINE = " \"'`*_#>«»-"
_AROUND_A_REPLY = _AROUND_A_LINE + "\n.,:;!?()[]{}"
_LABEL = re.compile(r"^(?:(?:final )?answer|response|antwort|réponse|respuesta|a)\s*:\s*")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")

# ---- the words of refusals -------------------------------------------------------------------------------------------

_SOURCE = (
    r"(?:(?:the|this|that|your|these|those) )?(?:(?:provided|given|above|available|retrieved|following) )*"
    r"(?:contexts?|texts?|passages?|documents?|information|excerpts?|articles?|paragraphs?|sources?)"
    r"(?: (?:provided|given|above))?"
)
_TOLD = r"(?:mentioned|provided|specified|stated|given|found|included|available|contained|answered|described)"
_TELLS = (
    r"(?:contain|mention|provide|include|specify|state|say|give|answer|have|indicate|discuss|address|tell|reveal|list|"
    r"identify|explain|describe)\b"
)
_QUELLE = r"(?:kontext|text|dokument|abschnitt|dokumenten|unterlagen|quellen)"
_ANGABEN = r"(?:informationen|information|angaben|angabe|antwort|auskunft|daten)"
_TEXTE = r"(?:contextes?|textes?|documents?|passages?)"
_TEXTO = r"(?:contextos?|textos?|documentos?|pasajes?)"

# What may stand before a refusal without changing it.
_OPENING = re.compile(
    r"^(?:(?:(?:i'm|i am) (?:very |so )?(?:sorry|afraid)|sorry|unfortunately|(?:my )?apologies|es tut mir leid|leider|"
    r"désolée?|malheureusement|lo siento|lamentablemente)\b[\s,;:.!]*(?:(?:but|that|aber|mais|pero)\b[\s,]*)?)?"
    rf"(?:(?:based (?:only |solely )?on|according to|from|given|in) {_SOURCE}\s*,\s*)?"
)

# Matched from the head of the first sentence. Where a factual sentence could begin alike ("No information was released
# until 1990"), the pattern must reach the sentence's end or words about the context.
_ENGLISH = (
    r"i (?:really |honestly |simply )?(?:do not|don't) (?:know\b|have (?:enough|sufficient|any|the|that|an answer)\b)",
    r"i have (?:no|insufficient) (?:idea|information|answer|knowledge|data|context)\b",
    r"i(?: am|'m) not (?:sure|certain)\b",
    r"(?:i )?(?:cannot|can't|can not|could not|couldn't|did not|didn't|(?:(?:am |'m |was )?(?:unable|not able) to)) "
    r"(?:(?:find|answer|determine|provide|locate|identify|confirm)\b|(?:say|tell)(?:$| (?:from|based|if|how|wh\w+)\b))",
    r"i'm (?:unable|not able) to\b",
    r"(?:(?:it|this|that|the answer|(?:the|this|your) question) )?(?:cannot|can't|can not) be "
    r"(?:answered|determined|inferred)\b",
    r"it(?: is|'s) (?:not possible|impossible) to (?:answer|determine|say|tell|know)\b",
    r"(?:there (?:is|'s|are|was|were) )?(?:not enough|insufficient|no|not sufficient)(?: relevant| specific| such)? "
    rf"(?:information|context|data|details?|answer)(?: (?:is|are|was))?(?: {_TOLD})?"
    rf"(?:$| to (?:answer|determine|say)\b"
    rf"| (?:(?:about|on|regarding|for) .*)?(?:in|within|from|by) {_SOURCE}(?:$| (?:about|on|regarding|to)\b))",
    r"there (?:is|'s|are) (?:no|not enough) (?:information|details?) (?:about|on|regarding)\b",
    rf"there (?:is|'s) no mention of .* in {_SOURCE}$",
    rf"{_SOURCE} (?:does not|doesn't|do not|don't|did not|didn't) (?:\w+ly |seem to |appear to )*{_TELLS}",
    rf"{_SOURCE} (?:contains?|provides?|gives?|has|have|includes?|makes?) (?:no|insufficient|not enough) "
    r"(?:\w+ )?(?:information|mention|answer|data|details?|reference)\b",
    rf"(?:.{{0,120}}? )?(?:(?:is|are|was|were) not|isn't|aren't|wasn't|weren't) (?:\w+ly )?{_TOLD} in {_SOURCE}$",
    r"(?:(?:it|this|that|the answer|(?:the|this) information)(?: is|'s) )?not "
    rf"(?:\w+ly )?{_TOLD}(?: (?:in|by|from) {_SOURCE})?$",
    r"(?:unanswerable|unknown|n/a|no answer|not found|empty response)$",
)
_GERMAN = (
    r"(?:das )?(?:ich )?wei(?:ß|ss) (?:ich )?(?:es |das )?(?:leider )?nicht\b",
    r"(?:ich habe|mir liegen|es liegen|es gibt|(?:da|hier)zu (?:habe ich|gibt es|liegen(?: mir)?))"
    rf"(?: dazu| hierzu| leider| mir)* (?:keine|nicht genug|nicht genügend|zu wenige?)(?: \w+)? {_ANGABEN}\b",
    rf"(?:nicht genug|nicht genügend|zu wenige?|unzureichende|keine(?: \w+)?) {_ANGABEN}"
    r"(?: (?:vorhanden|verfügbar|gefunden|möglich))?$",
    r"(?:ich kann|(?:das|dies|dazu|(?:die|diese) frage) kann(?: ich)?)\b.{0,80}? (?:nicht|nichts|keine)\b.{0,40}?"
    r"(?:beantwort\w+|sagen|antworten|finden|geben)\b",
    rf"(?:der|dieser|das|dieses|die|diese) (?:\w+e[nr]? )?{_QUELLE} "
    r"(?:enthält|enthalten|nennt|nennen|gibt|liefert|erwähnt|beantwortet)\b.{0,80}?\b(?:keine?n?|nicht|nichts)\b",
    rf"(?:im|in (?:dem|den|diesem))(?: \w+en)? {_QUELLE} "
    r"(?:steht|stehen|gibt es|wird|werden|ist|sind|findet|finden)\b.{0,80}?\b(?:keine?|nicht|nichts)\b",
    rf"(?:.{{0,100}}? )?nicht im {_QUELLE}(?: (?:erwähnt|enthalten|angegeben|genannt))?$",
    rf"nicht (?:erwähnt|enthalten|angegeben|genannt|bekannt)(?: im {_QUELLE})?$",
)
_FRENCH = (
    r"je ne (?:le )?sais pas\b",
    r"je (?:n'ai pas|ne dispose pas)\b.{0,30}? ?(?:d')?(?:informations?|réponse|données)\b",
    r"je ne (?:peux|puis) (?:pas )?(?:répondre|trouver|déterminer|dire)\b",
    r"(?:il n'y a )?(?:pas assez d'|pas suffisamment d'|aucune |pas d')(?:informations?|réponse|données)"
    r"(?:$| (?:disponible|fournie|suffisante|pour répondre|sur|dans (?:le|ce))\b)",
    rf"(?:le|ce|les|ces) {_TEXTE}(?: fournis?)? ne \w+ (?:pas|aucune?|rien)\b",
    r"(?:il est )?impossible de (?:répondre|déterminer|le dire)\b",
    r"informations? insuffisantes?$",
    r"(?:.{0,100}?n'est pas|non) (?:mentionnée?|précisée?|indiquée?|fournie?)"
    rf"(?: dans (?:le|ce) {_TEXTE}(?: fourni)?)?$",
)
_SPANISH = (
    r"no (?:lo )?sé\b",
    r"no (?:tengo|dispongo de)(?: la)?(?: suficiente| ninguna)? (?:información|respuesta|datos)\b",
    r"no (?:puedo|es posible|se puede) (?:responder|contestar|determinar|encontrar|decir|saber)\b",
    r"no hay (?:suficiente |ninguna )?(?:información|respuesta|datos)"
    r"(?:$| (?:disponible|suficiente|para responder|sobre|en el)\b)",
    rf"(?:el|este|los|estos) {_TEXTO}(?: proporcionados?)? no "
    r"(?:contienen?|mencionan?|proporcionan?|indican?|especifican?|dan?|dicen?)\b",
    rf"(?:.{{0,100}}? )?no se (?:menciona|indica|proporciona|especifica) en el {_TEXTO}$",
    r"información insuficiente$",
)
_REFUSAL = re.compile("|".join(f"(?:{pattern})" for pattern in (*_ENGLISH, *_GERMAN, *_FRENCH, *_SPANISH)))

# "…, but it was built by Normans" answers after all; "…, but it only discusses France" still speaks of the context.
_STILL_NO_ANSWER = (
    rf"(?:it|they|{_SOURCE}) (?:does|do|only|also|just|mentions?|discuss(?:es)?|talks?|refers?|describes?|states?)\b|"
    r"(?:i (?:can|could)|you (?:can|may)|please|if you|feel free)\b"
)
_ANSWER_AFTER_ALL = re.compile(
    r"(?:^|[\s,;])(?:but|however|although|though|nevertheless|aber|jedoch|mais|cependant|pero)\b[\s,]*"
    rf"(?!{_STILL_NO_ANSWER})\w"
    r"|^(?:(?:so |therefore,? )?(?:the|my) (?:best )?(?:answer|guess) (?:is|would be)|(?:final )?answer\s*:|"
    r"die antwort (?:ist|lautet)|la réponse est|la respuesta es)\b"
)
