"""A reply and the gold come in, exact match, F1, containment and refusal go out, by SQuAD's rules. Calls no model.

Wrong scores 0. A failed question scores 0 as well and is listed elsewhere. A question without gold answers is unscored.
"""

import re
import string
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from math import nan
from statistics import fmean
from typing import Any

from workbench.records import Gold
from workbench.scores.columns import Columns
from workbench.scores.refusal import declined

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


def score(run: Columns, gold: Mapping[str, Gold]) -> dict[str, dict[str, float]]:
    """Bring the marks of a run together: figure -> question -> mean over its rounds.

    A failed answer scores 0 and is not taken for a refusal; one that was not judged yet is in no figure.

    Args:
        run: its columns.
        gold: by question id.

    Returns:
        `exact_match`, `f1` and `contains`; `refusal_accuracy` of unanswerable questions, 1 when declined; and
        `wrongly_declined` of answerable ones.
    """

    def figure(among: Callable[[Gold], bool], mark: str) -> dict[str, float]:
        return run.by_question(earned(run, gold, among, run.marks[mark]))

    return {
        **{name: figure(scorable, name) for name in ("exact_match", "f1", "contains")},
        "refusal_accuracy": figure(lambda right: not right.answerable, "declined"),
        "wrongly_declined": figure(lambda right: right.answerable, "declined"),
    }


def earned(
    run: Columns,
    gold: Mapping[str, Gold],
    among: Callable[[Gold], bool],
    values: Iterable[float],
    when_failed: float = 0.0,
) -> Iterator[float]:
    """The values of answers to questions whose gold fits, row by row; NaN: not measured, or the gold does not fit."""
    for name, failure, value in zip(run.rows.names(), run.failures, values, strict=True):
        right = gold.get(name)
        if right is None or not among(right):
            yield nan
        else:
            yield when_failed if failure else value


def scorable(gold: Gold | None) -> bool:
    """False where the gold says nothing about the answer: the question is unscored."""
    return gold is not None and (bool(gold.answers) or not gold.answerable)
