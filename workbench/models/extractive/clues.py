"""Takes a question and one sentence, gives by name what speaks for and against each stretch of it as the answer."""

from dataclasses import dataclass

from workbench.models.extractive import words
from workbench.models.extractive.questions import CALLED, PERSON, Question
from workbench.models.extractive.sentences import Sentence

Clue = tuple[str, float]

_FADE = 0.88
"""How much of a matched word's weight is left one token further away."""
_SMALL = frozenset("of in by to for with as from at on than like into because that which who through via using".split())
_MARKS_BEFORE = frozenset(',("“:;–—')
_MARKS_AFTER = frozenset('.,)"”;–—')
_LEADS = {"PERSON": ("by",), "PLACE": ("in", "at"), "TIME": ("in", "on"), "REASON": ("to", "for")}
"""Words that an answer of the kind often follows."""


@dataclass(slots=True)
class Matched:
    """Where a sentence holds words of the question; lists by place between tokens, from 0 to the number of tokens."""

    weights: list[float]
    """By token: 0 where it is none of them."""
    left: list[float]
    right: list[float]
    """What lies to that side, less the further away."""
    weight: list[float]
    count: list[int]
    content: list[int]
    """Weight and number of matched tokens, and number of content words, before the place."""


def matched(sentence: Sentence, rare: dict[str, float]) -> Matched:
    """Find the question's words in a sentence."""
    weights = [
        0.0 if word in words.STOPWORDS else rare.get(stem, 0.0)
        for stem, word in zip(sentence.stems, sentence.lower, strict=True)
    ]
    near = total = 0.0
    count = content = 0
    left, weight, counts, contents = [0.0], [0.0], [0], [0]
    for value, kind in zip(weights, sentence.kinds, strict=True):
        near, total = near * _FADE + value, total + value
        count += value > 0
        content += kind in "KNwdgRlV"
        left.append(near)
        weight.append(total)
        counts.append(count)
        contents.append(content)
    near, right = 0.0, [0.0]
    for value in reversed(weights):
        near = near * _FADE + value
        right.append(near)
    right.reverse()
    return Matched(weights, left, right, weight, counts, contents)


def before(question: Question, sentence: Sentence, found: Matched, share: float, start: int) -> list[Clue]:
    """What stands before an answer that begins at `start`, and its first word.

    Args:
        question: what is asked.
        sentence: where the answer stands.
        found: the question's words in it.
        share: 1 / weight of all words of the question.
        start: place of the answer's first token.
    """
    kinds, asks = sentence.kinds, question.asks
    side = found.weight[start] / (found.weight[-1] or 1.0)
    clues = [
        ("far before", found.left[start] * share),
        ("side." + question.side, side),
        ("side." + asks, side),
        ("first." + kinds[start], 1.0),
        ("first." + asks + "." + kinds[start], 1.0),
    ]
    if start == 0:
        clues.append(("after.nothing", 1.0))
        return clues
    if found.weights[start - 1]:
        clues += [("after.match", 1.0), ("after.match." + question.side, 1.0)]
    elif start > 1 and found.weights[start - 2]:
        clues.append(("after.near match." + question.side, 1.0))
    if kinds[start - 1] in "Vdg":
        clues.append(("after.verb." + question.side, 1.0))
    if question.head and start > 1 and sentence.stems[start - 2] == question.head:
        clues.append(("after.near head", 1.0))
    return clues + _led(question, sentence, start)


def _led(question: Question, sentence: Sentence, start: int) -> list[Clue]:
    """The word that leads to the answer."""
    lower, asks = sentence.lower, question.asks
    word = lower[start - 1]
    clues = [("after." + (word if word in _SMALL or word in _MARKS_BEFORE else sentence.kinds[start - 1]), 1.0)]
    if word in _LEADS.get(asks, ()):
        clues.append(("after." + asks + "." + word, 1.0))
    if word == question.preposition:
        clues.append(("after.its preposition", 1.0))
    if question.called and (word in CALLED or word in ("as", '"', "“") or (start > 1 and lower[start - 2] in CALLED)):
        clues.append(("after.called", 1.0))
    if asks == "PERSON" and word in PERSON:
        clues.append(("after.title", 1.0))
    return clues


def after(question: Question, sentence: Sentence, found: Matched, share: float, end: int) -> list[Clue]:
    """What stands after an answer that ends before `end`, and its last word. For the arguments see `before`."""
    lower, kinds, stems, head = sentence.lower, sentence.kinds, sentence.stems, question.head
    clues = [
        ("far after", found.right[end] * share),
        ("last." + kinds[end - 1], 1.0),
    ]
    if head and stems[end - 1] == head:
        clues += [("last.head", 1.0), ("last.head." + question.asks, 1.0)]
    if end == len(lower):
        clues.append(("before.nothing", 1.0))
        return clues
    word, kind = lower[end], kinds[end]
    clues.append(("before." + (word if word in _SMALL or word in _MARKS_AFTER else kind), 1.0))
    if found.weights[end]:
        clues.append(("before.match." + question.side, 1.0))
    elif end + 1 < len(lower) and found.weights[end + 1]:
        clues.append(("before.near match." + question.side, 1.0))
    if kind in "Vd":
        clues.append(("before.verb." + question.side, 1.0))
    if head and stems[end] == head:
        clues += [("before.head", 1.0), ("before.head." + question.asks, 1.0)]
    elif head and end + 1 < len(lower) and stems[end + 1] == head:
        clues.append(("before.near head", 1.0))
    return clues


def inside(asks: str, shape: str, length: int, repeated: int, content: int, around: str) -> list[Clue]:
    """What an answer is like, told from little, so that its weight can be remembered.

    Args:
        asks: kind of answer asked for.
        shape: of the answer.
        length: its tokens.
        repeated: how many of them are words of the question.
        content: how many of them are content words.
        around: the two tokens beside it, where they are marks.
    """
    clues = [
        ("shape." + shape, 1.0),
        (asks + "." + shape, 1.0),
        (_length(length), 1.0),
        ("length." + asks, length / 5),
    ]
    if repeated:
        clues.append(("repeats", repeated / max(content, 1)))
        if repeated >= content:
            clues.append(("repeats.all", 1.0))
    if around in ('""', "“”", "«»"):
        clues.append(("quoted", 1.0))
    elif around in (",,", ",."):
        clues.append(("between commas", 1.0))
    return clues


def _length(tokens: int) -> str:
    if tokens < 6:
        return f"length.{tokens}"
    return "length.6" if tokens < 9 else "length.9" if tokens < 13 else "length.13"
