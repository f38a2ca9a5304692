"""Failing questions in; their counts by cause and kind, and each with what was retrieved and said, out."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table

from workbench.nouns import counted
from workbench.verdicts.failures import CAUSES, GOOD_F1, Case, Shown

LIMIT = 20
"""Questions listed of each run, unless more are wanted."""

FOOT = "\n[dim]* holds evidence. tokens: in+out. ms: as if nothing had been cached.[/dim]"

Cell = tuple[str, str]
"""Backend and track."""


def lines(cases: Mapping[Cell, Sequence[Case]], asked: Mapping[Cell, int], folder: str, limit: int) -> Iterable[Any]:
    """The failing questions of runs, one run after the other.

    Args:
        cases: of each run.
        asked: questions that it was asked.
        folder: of the experiment.
        limit: questions listed of each.
    """
    yield from texts_note([case for some in cases.values() for case in some], folder)
    for (backend, track), some in cases.items():
        yield from head(some, asked[backend, track], f"{backend} ({track})")
        yield from body(some[:limit])
        if len(some) > limit:
            yield f"\n[dim]{len(some) - limit} more: --limit {len(some)}, or --json FILE[/dim]"
    yield FOOT


def head(cases: Sequence[Case], asked: int, whose: str) -> Iterable[Any]:
    """How many questions failed, for what and of which kinds."""
    yield f"[bold]{escape(whose)}[/bold]: {len(cases)} of {counted(asked, 'question')} failing"
    if not cases:
        return
    yield (
        f"[dim]failing: no answer came, an unanswerable question was answered, or no gold answer stands in what was "
        f"said and F1 is below {GOOD_F1:g} (an answer in parts: not all stand)[/dim]"
    )
    causes = Counter(case.cause for case in cases)
    failures = Counter(case.failure for case in cases if case.failure)
    kinds = Counter((case.kind, case.cause) for case in cases)
    named = [cause for cause in CAUSES if causes[cause]]
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("kind", no_wrap=True)
    for name in ("all", *named):
        table.add_column(name, justify="right", max_width=14)
    table.add_row("all", str(len(cases)), *(str(causes[cause]) for cause in named), style="bold")
    by_kind = Counter(case.kind for case in cases)
    for kind, count in by_kind.most_common() if len(by_kind) > 1 else ():
        told = (str(kinds[kind, cause] or "") for cause in named)
        table.add_row(escape(kind.replace("_", " ")) or "-", str(count), *told)
    yield table
    if failures:
        yield "failed: " + ", ".join(f"{kind} {count}" for kind, count in failures.most_common())


def texts_note(cases: Sequence[Case], folder: str) -> Iterable[str]:
    """That texts are gone, where they are."""
    gone = [
        name
        for name, missing in (
            ("questions and gold answers", any(case.text is None for case in cases)),
            ("answers", any(case.answer is None for case in cases)),
            ("passages", any(shown.text is None for case in cases for shown in case.passages)),
        )
        if missing
    ]
    if gone:
        yield (
            f"[bold]texts of {', '.join(gone)} are not in {escape(folder)}[/bold]: purged, or run with --no-text; "
            "the rest is shown"
        )


def body(cases: Iterable[Case], *, side_by_side: bool = False) -> Iterable[str]:
    """Each case in a few lines; side by side, what all share is told once."""
    for place, case in enumerate(cases):
        if not side_by_side or not place:
            yield ""
            kind = f", {case.kind.replace('_', ' ')}" if case.kind else ""
            yield f"[bold]{escape(case.question)}[/bold] ({escape(case.tenant + kind)})"
            if case.text is not None:
                yield f"  asked   {_safe(case.text)}"
            yield f"  gold    {_safe(_gold(case))}"
        whose = f"[bold]{case.backend} ({case.track})[/bold]  " if side_by_side else ""
        yield f"  {whose}{_verdict(case)}"
        if case.answer is not None:
            yield f"  said    {_safe(case.answer) or '(nothing)'}"
        yield from (_passage(number, shown) for number, shown in enumerate(_worth(case, side_by_side), 1))


def _verdict(case: Case) -> str:
    cause = case.cause or ("not scored" if case.marks is None or case.answerable is None else "right")
    failure = f" ({case.failure})" if case.failure else ""
    rounds = f" in {case.rounds} rounds" if case.rounds > 1 else ""
    marks = ""
    if case.marks and case.marks["f1"] is not None and case.answerable:
        marks = f", F1 {case.marks['f1']:.2f}, contains {case.marks['contains']:.2f}"
    evidence = f", evidence {case.evidence_used} of {case.evidence} in the prompt" if case.evidence else ""
    tokens = "" if case.input_tokens is None else f", {case.input_tokens:,}+{case.output_tokens:,} tokens"
    wall = "" if case.wall_ms is None else f", {case.wall_ms:.0f} ms"
    style = "green" if cause == "right" else "red"
    return f"[{style}]{cause}{failure}[/{style}]{rounds}{marks}{evidence}{tokens}{wall}"


def _gold(case: Case) -> str:
    if case.answerable is None:
        return "none: not scored"
    if not case.answerable:
        return "(to be declined)"
    if case.gold is None:
        return "(text gone)"
    return "; ".join(case.gold) or "(no answer to score by)"


def _worth(case: Case, side_by_side: bool) -> Sequence[Shown]:
    """What went into the prompt, and evidence that was found below it; side by side the former's evidence alone."""
    if side_by_side:
        return [shown for shown in case.passages if shown.holds_evidence]
    return [shown for shown in case.passages if shown.used or shown.holds_evidence]


def _passage(number: int, shown: Shown) -> str:
    mark = "[green]*[/green]" if shown.holds_evidence else " "
    below = "" if shown.used else ", below the prompt"
    text = "" if shown.text is None else f": {_safe(shown.text)}"
    return f"  {mark} {number:2}  [dim]{escape(shown.passage)}{below}[/dim]{text}"


def _safe(text: str) -> str:
    """On one line, without markup and without what would steer the terminal: documents may be hostile."""
    return escape(" ".join("".join(each if each.isprintable() else " " for each in text).split()))
