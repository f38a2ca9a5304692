"""What a sweep found, as plain values: every candidate, who was picked, and what held on questions not picked on."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from workbench.stats import Interval
from workbench.stats.verdict import Verdict

Standing = str
"""picked, as good, behind, worse: see `Row.standing`."""


@dataclass(frozen=True, slots=True)
class Row:
    """One candidate, on the questions that candidates are picked on."""

    name: str
    settings: Mapping[str, Any]
    folder: str
    asked: int
    """Questions, of those to pick on."""
    stopped_at: int | None
    """Questions after which it was shown worse and left; None: it stayed."""
    score: float | None
    """Mean of the sweep's metric, 0 to 1; None: nothing was scored."""
    interval: Interval | None
    recall_at_5: float | None
    tokens: float | None
    """Input and output of a question."""
    usd: float | None
    """Per 1,000 questions, charged as if nothing had been cached; None: unpriced."""
    p50_ms: float | None
    difference: float | None
    """To the leader of the last look it was in; None: it led."""
    difference_interval: Interval | None
    """Two-sided, each end at the level of the sweep's rule."""
    failed: int
    standing: Standing
    """`worse`: shown, and left. `picked`. `as good`: not shown worse. Among them `behind` is further behind the best
    measured score than is given up for cost."""
    baseline: bool


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What holds on questions that the candidate was not picked on."""

    n: int
    score: float
    interval: Interval | None
    baseline_score: float
    verdict: Verdict | None
    """Of picked less baseline; None where the baseline was picked."""
    optimism: float
    baseline_shift: float | None


@dataclass(frozen=True, slots=True)
class Result:
    """One sweep."""

    folder: str
    workload: str
    backend: str
    metric: str
    """Its name in tables, such as `F1`."""
    baseline: str
    picked: str
    """Name of the candidate; empty: the sweep is not finished."""
    rows: tuple[Row, ...]
    """In the order of the grid."""
    picking: int
    """Questions to pick on."""
    held_out: int
    looks: tuple[int, ...]
    level: float
    """Of one test of the stopping rule, one-sided."""
    margin: float
    confirmed: Confirmed | None
    asked: int
    """Questions asked in all, of candidates on both halves."""
    without_stopping: int
    """The same if every candidate had been asked all questions to pick on."""
    shared: str
    """What was done once, in words; empty: everything was there already."""
    spent_usd: str
    prices: str
    started: str
    model: str
    stopped: str = ""
    """A sentence, where the budget ended it; else empty."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    @property
    def failed(self) -> int:
        """Answers that failed, on the questions to pick on."""
        return sum(row.failed for row in self.rows)

    @property
    def left(self) -> list[Row]:
        """Candidates that were shown worse."""
        return [row for row in self.rows if row.standing == "worse"]

    def row(self, name: str) -> Row:
        """A candidate by its name."""
        return next(row for row in self.rows if row.name == name)
