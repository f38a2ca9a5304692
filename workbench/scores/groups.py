"""A run by question and a name for each question's group in, the figures of every group with intervals out."""

from collections.abc import Mapping
from dataclasses import asdict
from statistics import fmean
from typing import Any

from workbench.scores.figures import Figures
from workbench.stats import share_interval

SHOWN = {"recall@5": "retrieval.recall@5", "right": "answers.contains"}
"""Figures of a group. `right`: the share of needed facts in the answer, or 1 when what must be declined was."""


def score(scored: Figures, groups: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Figures of groups of questions.

    Args:
        scored: a run by question.
        groups: the group of each question, such as its kind; a question without a group is left out.

    Returns:
        Group -> figure -> {"value", "n", "low", "high"}, None where nothing of the group is scored; groups by name.
    """
    return {
        group: {
            name: _figure([value for question, value in scored.values[path].items() if groups.get(question) == group])
            for name, path in SHOWN.items()
        }
        for group in sorted({*groups.values()} - {""})
    }


def _figure(values: list[float]) -> dict[str, Any] | None:
    if not values:
        return None
    interval = share_interval(values)
    return {"value": fmean(values), "n": len(values), **(asdict(interval) if interval else {})}
