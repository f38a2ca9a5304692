"""The columns of one run and the gold come in, its accuracy question by question goes out: what comparisons pair.

Three outcomes stay three: a wrong answer scores 0, a failed one scores 0 wherever an answer would have been scored, and
a question without gold is in no figure and counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan, nan

from workbench.records import Gold
from workbench.scores import answers
from workbench.scores.columns import Columns
from workbench.scores.retrieval import MEASURES

JUDGED = ("answers.", "ragas.", "judge.")
"""What the paths of the judgements' figures begin with, in the order of reports."""


@dataclass(frozen=True, slots=True)
class Figures:
    """A run by question."""

    values: dict[str, dict[str, float]]
    """Dotted path, such as `answers.f1`, `retrieval.recall@5` or `judge.faithfulness` -> question -> value, the mean
    over its rounds. A figure that was not measured has an empty dict or no entry."""
    unscored: frozenset[str]
    """Questions without gold answers."""
    without_evidence: frozenset[str]
    """Questions without gold evidence: their retrieval is not scored."""
    unjudged: frozenset[str]
    """Questions answered, but interrupted before they were judged: in no figure of answers."""


def figures(run: Columns, gold: Mapping[str, Gold]) -> Figures:
    """Score a run question by question.

    Args:
        run: its columns.
        gold: by question id.
    """
    asked = frozenset(run.rows.questions)
    found = {f"retrieval.{name}": run.by_question(column) for name, column in run.retrieval.items()}
    texts = {f"answers.{name}": each for name, each in answers.score(run, gold).items()}
    measured = [path for section in JUDGED for path in sorted(run.metrics) if path.startswith(section)]
    judged = {path: _judged(run, gold, path) for path in measured}
    leaks = {f"leakage.{name}": each for name, column in run.leakage.items() if (each := run.by_question(column))}
    waiting = zip(run.rows.names(), run.failures, run.judged, strict=True)
    return Figures(
        found | texts | judged | leaks,
        unscored=frozenset(name for name in asked if not answers.scorable(gold.get(name))),
        without_evidence=asked - found[f"retrieval.{MEASURES[0]}"].keys(),
        unjudged=frozenset(name for name, failure, judged in waiting if not failure and not judged),
    )


def _judged(run: Columns, gold: Mapping[str, Gold], path: str) -> dict[str, float]:
    """A figure of the judgements by question; empty when no answer has it, since it was then not asked for."""
    needs = "evidence" if path.startswith("ragas.") else "answers"
    # A question without a reply has nothing that could be faithful or not.
    when_failed = nan if path == "judge.faithfulness" else 0.0
    values = run.metrics[path]

    def among(right: Gold) -> bool:
        return right.answerable and bool(getattr(right, needs))

    known = zip(run.rows.names(), values, strict=True)
    if all(isnan(value) for name, value in known if (right := gold.get(name)) and among(right)):
        return {}
    return run.by_question(answers.earned(run, gold, among, values, when_failed))
