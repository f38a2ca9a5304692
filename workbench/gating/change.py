"""A figure of a cell now and in the baseline comes in, which questions changed and by how much goes out."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean

from workbench import nouns
from workbench.verdicts.metrics import Metric, metric

_SAME_SCORE = 1e-6
"""Another processor's vector instructions change a cosine by less."""
_SAME_AMOUNT = 1e-9


@dataclass(frozen=True, slots=True)
class Change:
    """One figure on the questions that both have it of."""

    metric: Metric
    n: int
    before: float
    """Mean."""
    after: float
    gains: tuple[float, ...]
    """By question, above zero where it became better, in the unit of the figure; 0 where it is the same."""
    better: tuple[str, ...]
    worse: tuple[str, ...]

    @property
    def gain(self) -> float:
        """Mean of `gains`."""
        return fmean(self.gains)

    @property
    def figures(self) -> dict[str, float]:
        """For JSON."""
        return {"n": self.n, "before": self.before, "after": self.after}


def change(path: str, now: Mapping[str, float], base: Mapping[str, float]) -> Change | None:
    """Compare a figure.

    Args:
        path: of the figure.
        now: question -> value.
        base: the same in the baseline.

    Returns:
        None where no question has both.
    """
    known = metric(path)
    names = sorted(now.keys() & base.keys())
    if not names:
        return None
    sign = 1 if known.higher_is_better else -1
    gains = tuple(0.0 if _same(known, now[name], base[name]) else sign * (now[name] - base[name]) for name in names)
    return Change(
        known,
        len(names),
        fmean(base[name] for name in names),
        fmean(now[name] for name in names),
        gains,
        tuple(name for name, gain in zip(names, gains, strict=True) if gain > 0),
        tuple(name for name, gain in zip(names, gains, strict=True) if gain < 0),
    )


def told(change: Change) -> str:
    """Before and after, such as `F1 .412 -> .398 (-.014)` or `tokens 934 -> 951 (+1.8 %)`."""
    if change.metric.scale == "amount":
        share = f"{100 * (change.after / change.before - 1):+.1f} %" if change.before else "from nothing"
        return f"{change.metric.name} {_amount(change.before)} -> {_amount(change.after)} ({share})"
    moved = _score(change.after - change.before, "+")
    return f"{change.metric.name} {_score(change.before)} -> {_score(change.after)} ({moved})"


def counted(change: Change) -> str:
    """Such as `3 questions better, 1 worse of 60`; empty where nothing changed."""
    parts = [f"{len(names)} {word}" for word, names in (("better", change.better), ("worse", change.worse)) if names]
    return f"{', '.join(parts)} of {nouns.counted(change.n, 'question')}" if parts else ""


def same_on(questions: int) -> str:
    """What is said where nothing changed."""
    return f"the same on {'the one question' if questions == 1 else f'all {questions:,} questions'}"


def short(change: Change) -> str:
    """The same for a cell of a table: `+3 -1`."""
    parts = [f"{sign}{len(names)}" for sign, names in (("+", change.better), ("-", change.worse)) if names]
    return " ".join(parts) or "same"


def score(value: float, sign: str = "-") -> str:
    """A score to three places, without its leading zero."""
    return _score(value, sign)


def _same(known: Metric, now: float, base: float) -> bool:
    if known.scale == "amount":
        return abs(now - base) <= _SAME_AMOUNT * max(abs(now), abs(base))
    return abs(now - base) <= _SAME_SCORE


def _score(value: float, sign: str = "-") -> str:
    text = f"{value:{sign}.3f}"
    return text.replace("0.", ".", 1) if abs(value) < 0.9995 else text


def _amount(value: float) -> str:
    return f"{value:,.1f}" if value >= 1 or not value else f"{value:.3g}"
