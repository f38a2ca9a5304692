"""Four questions in two groups, worked out by hand."""

import pytest

from workbench.scores.figures import Figures
from workbench.scores.groups import score

FIGURES = Figures(
    {
        "retrieval.recall@5": {"a": 1.0, "b": 0.5},
        "answers.contains": {"a": 1.0, "b": 0.0, "c": 1.0, "d": 1.0},
    },
    frozenset(),
    frozenset(),
    frozenset(),
)


def test_each_group_has_its_own_mean_number_and_interval() -> None:
    made = score(FIGURES, {"a": "table", "b": "table", "c": "none", "d": ""})
    assert list(made) == ["none", "table"]
    recall, right = made["table"]["recall@5"], made["table"]["right"]
    assert recall and right
    assert (recall["value"], recall["n"], right["value"], right["n"]) == (0.75, 2, 0.5, 2)
    # Wilson's 95 % interval of 1 of 2.
    assert (right["low"], right["high"]) == (pytest.approx(0.0945, abs=1e-4), pytest.approx(0.9055, abs=1e-4))


def test_a_group_of_which_nothing_is_scored_has_no_figure() -> None:
    made = score(FIGURES, {"c": "none"})
    assert made["none"]["recall@5"] is None
    assert made["none"]["right"] is not None


def test_without_groups_there_is_nothing() -> None:
    assert score(FIGURES, {}) == {}
