"""A result comes in, plain values for JSON and lines for a terminal of 100 columns go out."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from workbench.gating import grid
from workbench.gating.outcome import Result

MOST_LINES = 30


def plain(result: Result) -> dict[str, Any]:
    """Everything, for JSON."""
    return {
        "outcome": result.outcome,
        "exit_code": result.exit_code,
        "headline": grid.headline(result),
        "folder": result.folder,
        "baseline": result.baseline,
        "workload": result.workload,
        "started": result.started,
        "inconclusive": result.policy,
        "notes": list(result.notes),
        "checks": [asdict(check) for check in result.checks],
    }


def lines(result: Result) -> Iterable[Any]:
    """What the terminal shows: the table, what is not as before, and the headline last, where the eye is."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    head, rows = grid.table(result)
    if rows:
        shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0))
        for name in head:
            shown.add_column(name)
        for row in rows:
            shown.add_row(*map(escape, row))
        yield shown
    told = grid.sentences(result)
    for _, name, check in told[:MOST_LINES]:
        yield escape(f"- {name}: {check.sentence}{_named(check.worse)}")
    if len(told) > MOST_LINES:
        yield f"- and {len(told) - MOST_LINES} more: --json FILE holds everything"
    for note in result.notes:
        yield f"[dim]{escape(f'- {note}')}[/dim]"
    yield f"[bold]gate: {escape(grid.headline(result))}[/bold]"


def _named(names: tuple[str, ...]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - grid.MOST_NAMED} more" if len(names) > grid.MOST_NAMED else ""
    return f" ({', '.join(names[: grid.MOST_NAMED])}{more})"
