"""Two runs come in, by how much their wall times differ goes out: described, never judged."""

from dataclasses import asdict, dataclass
from math import isfinite
from statistics import median
from typing import Any

from workbench.stats import Interval, quantile, quantile_interval, quantile_shift_interval
from workbench.verdicts.values import Cell

_PATH = "wall_ms"


@dataclass(frozen=True, slots=True)
class Shift:
    """Charged wall time after less before, in milliseconds, over questions that both answered in every round."""

    n: int
    why_not: str = ""
    median: float | None = None
    """Of the differences by question."""
    median_interval: Interval | None = None
    p95: float | None = None
    """Difference of the two 95th percentiles; None where there are too few answers for one."""
    p95_interval: Interval | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def shift(after: Cell, before: Cell, among: frozenset[str] | None = None, interleaved: bool = True) -> Shift:
    """Describe the difference of wall times.

    Args:
        after: the run that is looked at.
        before: the one it is compared with.
        among: questions that count; None: all.
        interleaved: whether both were asked in turn.
    """
    new, old = _both(after, before, among)
    if not after.comparable or not before.comparable:
        return Shift(len(new), "not comparable: several questions were in flight at once")
    if not interleaved:
        return Shift(len(new), "not comparable: asked at different times")
    if len(new) < 2:
        return Shift(len(new), "too few questions")
    differences = [sum(a) / len(a) - sum(b) / len(b) for a, b in zip(new, old, strict=True)]
    found = Shift(len(new), "", median(differences), quantile_interval(differences, 0.5))
    ends = [[value for row in rows for value in row] for rows in (new, old)]
    # The same question asked again is no other question.
    if quantile_interval(differences, 0.95) is None:
        return found
    p95 = quantile(ends[0], 0.95) - quantile(ends[1], 0.95)
    return Shift(len(new), "", found.median, found.median_interval, p95, quantile_shift_interval(new, old, 0.95))


def _both(
    after: Cell, before: Cell, among: frozenset[str] | None
) -> tuple[list[tuple[float, ...]], list[tuple[float, ...]]]:
    turns = sorted(after.by_round[_PATH].keys() & before.by_round[_PATH].keys())
    old = dict(zip(before.questions, zip(*(before.by_round[_PATH][turn] for turn in turns), strict=True), strict=False))
    new = dict(zip(after.questions, zip(*(after.by_round[_PATH][turn] for turn in turns), strict=True), strict=False))
    names = [
        name
        for name, row in new.items()
        if name in old and (among is None or name in among) and all(map(isfinite, (*row, *old[name])))
    ]
    return [new[name] for name in names], [old[name] for name in names]
