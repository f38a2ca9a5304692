"""What a sweep found comes in, lines for a terminal of 100 columns and plain rows go out."""

from collections.abc import Iterable
from typing import Any

from rich.markup import escape
from rich.table import Table

from workbench.nouns import counted
from workbench.stats import Interval
from workbench.sweeping import words
from workbench.sweeping.result import Result, Row
from workbench.tables import rows_of
from workbench.verdicts.wording import short


def lines(found: Result) -> Iterable[Any]:
    """A sweep for a terminal: what was asked, the candidates, the verdict, and what it rests on.

    Args:
        found: of `workbench.sweeping.sweep.run`.
    """
    yield (
        f"[bold]{escape(found.workload)}[/bold]  {counted(len(found.rows), 'candidate')} of {found.backend}, "
        f"picked by {found.metric} on {counted(found.picking, 'question')}, confirmed on {found.held_out} others"
    )
    yield ""
    yield _table(found)
    yield ""
    yield f"[bold]verdict[/bold]   {escape(words.verdict(found))}"
    for sentence in words.besides(found):
        yield f"[dim]- {escape(sentence)}[/dim]"
    yield (
        f"[dim]- {found.metric}: 95 % interval in brackets, on the questions asked; tokens: in and out of a question; "
        "USD: of 1,000 questions, as if nothing had been cached; p50: ms, likewise[/dim]"
    )
    yield f"folder    {escape(found.folder)} ({escape('each candidate is an experiment below it')})"


def rows(found: Result) -> list[dict[str, Any]]:
    """One row a candidate, in the order of the grid, with its settings as columns of their own.

    Args:
        found: of `workbench.sweeping.sweep.run`.
    """
    return [
        {
            "candidate": row.name,
            **row.settings,
            "standing": row.standing,
            "baseline": row.baseline,
            "asked": row.asked,
            "stopped_at": row.stopped_at,
            "score": row.score,
            **_ends("score", row.interval),
            "recall@5": row.recall_at_5,
            "difference": row.difference,
            **_ends("difference", row.difference_interval),
            "tokens": row.tokens,
            "usd_per_1000": row.usd,
            "p50_ms": row.p50_ms,
            "failed": row.failed,
            "folder": row.folder,
        }
        for row in found.rows
    ]


def brief(found: Result) -> list[dict[str, Any]]:
    """The same for a reader: the columns of the terminal's table."""
    return [
        {
            "Candidate": row.name,
            "n": row.asked,
            "Stopped at": "" if row.stopped_at is None else row.stopped_at,
            found.metric: "" if row.score is None else f"{short(row.score, 3)}{_within(row.interval)}",
            "recall@5": "" if row.recall_at_5 is None else short(row.recall_at_5, 3),
            "Tokens": "" if row.tokens is None else round(row.tokens),
            "USD per 1,000": "unpriced" if row.usd is None else round(row.usd, 2),
            "p50 (ms)": "" if row.p50_ms is None else round(row.p50_ms, 1),
            "Verdict": standing(row),
        }
        for row in found.rows
    ]


def standing(row: Row) -> str:
    """What a table says of a candidate."""
    told = row.standing
    if told == "worse" and row.difference is not None:
        told = f"worse by {short(-row.difference)}, stopped"
    return f"{told}, baseline" if row.baseline else told


_HEADS = {"chunk_tokens": "chunk", "overlap_tokens": "overlap", "retrieval": "found by", "embedding_model": "embedder"}
_ROOM = 18


def _table(found: Result) -> Table:
    """A column for each field that is varied, since names that hold all of them would leave no room for figures."""
    varied = [name for name in found.rows[0].settings if len({str(row.settings[name]) for row in found.rows}) > 1]
    prompts = list(dict.fromkeys(row.settings.get("prompt") for row in found.rows))
    heads = [_HEADS.get(name, name) for name in varied]
    table = rows_of(*heads[1:], "n", found.metric, "recall@5", "tokens", "USD", "p50", "verdict", first=heads[0])
    for row in found.rows:
        settings = {**row.settings, "prompt": f"no. {prompts.index(row.settings.get('prompt')) + 1}"}
        table.add_row(
            *(_brief(settings[name]) for name in varied),
            str(row.asked),
            "-" if row.score is None else f"{short(row.score, 3)}{_within(row.interval)}",
            "-" if row.recall_at_5 is None else short(row.recall_at_5, 3),
            "-" if row.tokens is None else f"{row.tokens:,.0f}",
            "unpriced" if row.usd is None else f"{row.usd:.2f}",
            "-" if row.p50_ms is None else f"{row.p50_ms:.0f}",
            standing(row),
            style="bold" if row.standing == "picked" else "",
        )
    return table


def _brief(value: Any) -> str:
    """A setting; of a model's long name the end, which tells one from another."""
    told = "none" if value is None else str(value)
    return escape(told if len(told) <= _ROOM else f"…{told[1 - _ROOM :]}")


def _within(interval: Interval | None) -> str:
    return f" [{words.share(interval.low)},{words.share(interval.high)}]" if interval else ""


def _ends(name: str, interval: Interval | None) -> dict[str, float | None]:
    return {f"{name}_low": interval.low if interval else None, f"{name}_high": interval.high if interval else None}
