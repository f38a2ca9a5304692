"""Saved answers of one candidate come in, its scores and figures over some of the questions go out."""

from collections.abc import Collection
from dataclasses import dataclass
from math import isnan
from statistics import fmean, median

from workbench.errors import BadInput
from workbench.runs.failures import INFRASTRUCTURE
from workbench.stats import Interval, share_interval
from workbench.sweeping.bench import Entrant
from workbench.sweeping.race import Price, Scores
from workbench.verdicts.values import Cell, Key, values

METRICS = {
    "f1": ("answers.f1", "F1"),
    "right": ("answers.contains", "right answers"),
    "exact_match": ("answers.exact_match", "exact match"),
    "recall@5": ("retrieval.recall@5", "recall@5"),
    "recall@10": ("retrieval.recall@10", "recall@10"),
    "ndcg@10": ("retrieval.ndcg@10", "nDCG@10"),
    "mrr@10": ("retrieval.mrr@10", "MRR@10"),
}
"""What a sweep can be decided by: a score of every question, higher is better, known without a judge's model."""


def metric(name: str) -> tuple[str, str]:
    """A figure's path, and its name in tables.

    Raises:
        BadInput: it is none that a sweep can be decided by.
    """
    if name not in METRICS:
        raise BadInput(f"--metric {name}: no such figure; choose of {', '.join(METRICS)}")
    return METRICS[name]


@dataclass(frozen=True, slots=True)
class Figures:
    """One candidate on some questions."""

    scores: Scores
    """Without questions that infrastructure failed: another try may answer them."""
    asked: int
    failed: int
    score: float | None
    interval: Interval | None
    recall_at_5: float | None
    tokens: float | None
    usd: float | None
    p50_ms: float | None

    @property
    def price(self) -> Price:
        """What its answers take."""
        return Price(self.usd, self.tokens or 0.0, self.p50_ms or 0.0)


class Scored:
    """The saved answers of one candidate, read once."""

    def __init__(self, entrant: Entrant, path: str) -> None:
        """Read them.

        Args:
            entrant: whose.
            path: of the sweep's metric.
        """
        found = values(entrant.session.experiment) if entrant.session.experiment.exists() else {}
        self._cell: Cell | None = found.get(Key(entrant.cell.backend, entrant.cell.track))
        self._path = path

    def of(self, questions: Collection[str]) -> Figures:
        """Its figures over some questions, of those that it was asked."""
        cell = self._cell
        if cell is None:
            return Figures({}, 0, 0, None, None, None, None, None, None)
        among = set(questions) & set(cell.questions)
        passing = {name for name, kind in cell.failures.items() if kind in INFRASTRUCTURE}

        def known(path: str) -> dict[str, float]:
            return {name: value for name, value in cell.of(path).items() if name in among}

        scores = {name: value for name, value in known(self._path).items() if name not in passing}
        usd = known("usd")
        tokens = [*known("tokens.input").values()], [*known("tokens.output").values()]
        wall = [value for value in known("wall_ms").values() if not isnan(value)]
        return Figures(
            scores,
            asked=len(among),
            failed=sum(name in among for name in cell.failures),
            score=_mean(scores.values()),
            interval=share_interval(list(scores.values())),
            recall_at_5=_mean(known("retrieval.recall@5").values()),
            tokens=fmean(tokens[0]) + fmean(tokens[1]) if all(tokens) else None,
            usd=1000 * fmean(usd.values()) if usd and len(usd) == len(known("tokens.input")) else None,
            p50_ms=median(wall) if wall else None,
        )


def _mean(values: Collection[float]) -> float | None:
    return fmean(values) if values else None
