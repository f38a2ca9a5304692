"""A reply and the gold come in, exact match, F1, containment and refusal go out, by SQuAD's rules. Calls no model.

Wrong scores 0. A failed question scores 0 as well and is listed elsewhere. A question without gold answers is unscored.
"""

import re
import string
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

from workbench.records import Answer, Gold
from workbench.scores.refusal import declined
from workbench.scores.rounds import by_question

_PUNCTUATION = frozenset(string.punctuation)
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")


@dataclass(frozen=True, slots=True)
class Marks:
    """What one reply earns, from its text alone; None where the gold says nothing."""

    exact_match: float | None
    """1 when the normalised reply equals a gold answer; unanswerable: 1 when declined."""
    f1: float | None
    """Overlap of words with the best gold answer, 0 to 1; unanswerable: 1 when declined."""
    contains: float | None
    """1 when a gold answer stands in the reply as whole words; of an answer in parts, the share of parts that do;
    unanswerable: 1 when declined."""
    declined: bool
    """The reply says that it has no answer."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Marks":
        """The inverse of `to_dict`; unknown keys are passed over."""
        return cls(**{name: plain[name] for name in cls.__slots__})


def mark(text: str, gold: Gold | None) -> Marks:
    """Score one reply.

    Args:
        text: the reply as the user sees it, a framework's own wrappers already taken off.
        gold: what is right; None or without answers: only `declined` is told.
    """
    refused = declined(text)
    if gold is None or not scorable(gold):
        return Marks(None, None, None, refused)
    if not gold.answerable:
        return Marks(float(refused), float(refused), float(refused), refused)
    exact = max(exact_match(text, answer) for answer in gold.answers)
    if exact:  # a gold answer may read like a refusal: "Unknown"
        return Marks(1.0, 1.0, 1.0, False)
    if refused:
        return Marks(0.0, 0.0, 0.0, True)
    return Marks(
        0.0,
        max(f1(text, answer) for answer in gold.answers),
        _complete(text, gold),
        False,
    )


def _complete(text: str, gold: Gold) -> float:
    """The share of what is needed that stands in the reply: of one fact, or of each of the parts."""
    needed = gold.parts or (gold.answers,)
    return fmean(max(contains(text, wording) for wording in part) for part in needed)


def normalise(text: str) -> str:
    """Lower case, without ASCII punctuation, English articles and surplus space.

    A text that consists of nothing else ("The", "+") is only lowered and stripped, so that two of them can differ.

    Source: the official SQuAD evaluation script (Rajpurkar et al., 2016).
    """
    lowered = text.lower()
    bare = "".join(character for character in lowered if character not in _PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", bare).split()) or lowered.strip()


def exact_match(text: str, answer: str) -> float:
    """1 when both are the same once normalised, else 0."""
    return float(normalise(text) == normalise(answer))


def f1(text: str, answer: str) -> float:
    """Harmonic mean of precision and recall over the normalised words, counted with repetition; 0 to 1."""
    given, wanted = normalise(text).split(), normalise(answer).split()
    if not given or not wanted:
        return float(given == wanted)
    shared = sum((Counter(given) & Counter(wanted)).values())
    return 2 * shared / (len(given) + len(wanted))


def contains(text: str, answer: str) -> float:
    """1 when the normalised answer occurs in the normalised reply as whole words, else 0.

    Per cent, currencies and decimals count here, in any spelling: SQuAD's rules would find `7 %` in "within 7 days"
    and `15` in "1.5".
    """
    wanted = normalise(_with_units(answer))
    return float(bool(wanted) and f" {wanted} " in f" {normalise(_with_units(text))} ")


def _with_units(text: str) -> str:
    """Signs and names of units as words of their own, a currency behind its amount, decimals kept apart."""
    text = _DECIMALS.sub("\u00b7", _NO_CENTS.sub("", text))
    for pattern, word in _UNITS:
        text = pattern.sub(f" {word} ", text)
    return _CURRENCY.sub(lambda match: match[0] if match[1] or not match[3] else f"{match[3]} {match[2]}", text)


_UNITS = (
    (re.compile(r"%|\bper ?cent\b", re.IGNORECASE), "percent"),
    (re.compile(r"€|\b(?:eur|euros?)\b", re.IGNORECASE), "eur"),
    (re.compile(r"£|\b(?:gbp|pounds?(?: sterling)?)\b", re.IGNORECASE), "gbp"),
    (re.compile(r"\$|\b(?:usd|dollars?)\b", re.IGNORECASE), "usd"),
)
_NO_CENTS = re.compile(r"(?<=\d)[.,]00(?!\d)")
# A point or comma before three digits parts thousands, and goes with the punctuation.
_DECIMALS = re.compile(r"(?<=\d)[.,:](?=\d{1,2}(?!\d))")
# An amount before, a currency, an amount behind: in "40 EUR 10 days before" the currency has its amount already.
_CURRENCY = re.compile(r"(\d[.,]? +)?\b(eur|gbp|usd)\b(?: +(\d[\d.,·]*\d|\d))?")


@dataclass(frozen=True, slots=True)
class AnswerScores:
    """The answers of a run, each list by question: the mean over rounds, in the order in which they were asked."""

    exact_match: dict[str, float]
    f1: dict[str, float]
    contains: dict[str, float]
    refusal: dict[str, float]
    """Unanswerable questions: 1 when declined. Their mean is the refusal accuracy."""
    wrongly_declined: dict[str, float]
    """Answerable questions: 1 when declined."""


def score(answers: Sequence[Answer], marks: Mapping[str, Marks], gold: Mapping[str, Gold]) -> AnswerScores:
    """Bring the marks of a run together.

    Args:
        answers: the latest of each question and round.
        marks: by attempt. A failed answer needs none: it scores 0 and is not taken for a refusal.
        gold: by question id.

    Raises:
        KeyError: an answer that did not fail has no marks.
    """
    scored = [answer for answer in answers if scorable(gold.get(answer.question))]
    known = [(answer, right) for answer in answers if (right := gold.get(answer.question))]
    refusing = [answer for answer, right in known if not right.answerable]
    answering = [answer for answer, right in known if right.answerable]

    def figure(chosen: Sequence[Answer], read: Callable[[Marks], float | None]) -> dict[str, float]:
        return by_question((each.question, 0.0 if each.failure else read(marks[each.attempt])) for each in chosen)

    return AnswerScores(
        exact_match=figure(scored, lambda each: each.exact_match),
        f1=figure(scored, lambda each: each.f1),
        contains=figure(scored, lambda each: each.contains),
        refusal=figure(refusing, lambda each: float(each.declined)),
        wrongly_declined=figure(answering, lambda each: float(each.declined)),
    )


def scorable(gold: Gold | None) -> bool:
    """False where the gold says nothing about the answer: the question is unscored."""
    return gold is not None and (bool(gold.answers) or not gold.answerable)
