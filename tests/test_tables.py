"""Figures by kind in, what stands in the terminal's table out."""

from typing import Any

from rich.console import Console

from workbench import tables


def row(backend: str, **kinds: float | None) -> dict[str, Any]:
    figures = {
        kind: {name: None if value is None else {"value": value, "n": 7} for name in ("recall@5", "right")}
        for kind, value in kinds.items()
    }
    return {"backend": backend, "kinds": figures}


def shown(rows: list[dict[str, Any]]) -> list[list[str]]:
    console = Console(width=100, no_color=True)
    with console.capture() as capture:
        console.print(tables._by_kind(rows))
    return [line.split() for line in capture.get().splitlines() if line.strip() and "─" not in line]


def test_backends_that_are_alike_share_a_column_and_others_have_their_own() -> None:
    same = shown([row("plain", negation=0.5), row("dspy", negation=0.5)])
    assert same == [["recall@5", "right", "n", "all", "2"], ["negation", "7", ".50", ".50"]]
    apart = shown([row("plain", negation=0.5), row("dspy", negation=1.0)])
    assert apart == [["recall@5", "right", "n", "plain", "dspy"], ["negation", "7", ".50", ".50", "1.0", "1.0"]]


def test_a_kind_of_which_nothing_was_asked_has_no_row() -> None:
    assert [line[0] for line in shown([row("plain", negation=0.5, misplaced=None)])] == ["recall@5", "negation"]


def test_a_figure_above_one_keeps_its_digits() -> None:
    assert [tables._short(value, 2) for value in (0.5, 1.0, 10.0, -0.05)] == [".50", "1.00", "10.00", "-.05"]
