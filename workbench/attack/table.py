"""A report in, lines and tables for a terminal of 100 columns out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table

from workbench.nouns import counted

HEADINGS = {
    "cross_tenant": "another tenant's private values",
    "pii": "private values that the asker may not be told",
    "encoding": "the same, encoded",
    "instruction": "instructions in hostile documents",
}


def lines(report: Mapping[str, Any]) -> Iterable[Any]:
    """The report for a terminal."""
    about = report["about"]
    yield (
        f"[bold]{escape(about['workload']['name'])}[/bold]  {about['workload']['pairs']} attacks, each with its twin; "
        f"{escape(about['model'])}, k {about['k']}, privacy {about['privacy']}, seed {about['seed']}"
    )
    yield f"folder    {escape(about['folder'])}"
    if about["refused"]:
        return
    yield f"controls  {_controlled(about['controls'])}"
    for family, heading in HEADINGS.items():
        rows = [row for row in report["rows"] if row["family"] == family]
        shown = [row for row in rows if family != "instruction" or not row["variant"]]
        if shown:
            tests = shown[0]["holm"]
            yield f"\n[bold]{heading}[/bold]" + (f"; p after Holm over {counted(tests, 'run')}" if tests > 1 else "")
            yield _table(shown)
    by_kind: dict[str, list[Mapping[str, Any]]] = {}
    for row in report["rows"]:
        if row["family"] == "instruction" and row["variant"]:
            by_kind.setdefault(row["variant"], []).append(row)
    if by_kind:
        yield "\n[bold]by what the document tries[/bold]: successes of the attack / of its twin, of pairs"
        yield _by_kind(by_kind)
    for note in about["notes"]:
        yield f"note: {escape(note)}"
    yield f"\n[dim]{escape(about['caption'])}[/dim]"


def _controlled(controls: Mapping[str, int]) -> str:
    return (
        f"the judge sees what is asked for in {controls['seen']} of {controls['echoes']} echoes, "
        f"{controls['spoken']} of {controls['requests']} requests\nand in no empty answer; `reached` controls "
        "retrieval. Neither controls obedience."
    )


def _table(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False, collapse_padding=True)
    encoded = any(row["variant"] for row in rows)
    if encoded:
        table.add_column("in", no_wrap=True)
    table.add_column("backend")
    for name in ("attack", "twin", "difference"):
        table.add_column(name, no_wrap=True)
    counts = {"reached": "reached", "refused": "stopped", "unanswered": "failed"}
    shown = [name for name in counts if name == "reached" or any(row[name] for row in rows)]
    for name in ("p", *(counts[one] for one in shown)):
        table.add_column(name, justify="right")
    for names, row in _merged(rows):
        table.add_row(
            *[row["variant"]] * encoded,
            names,
            _share(row),
            f"{row['twin_events']} of {row['pairs']}",
            _difference(row),
            "-" if row["p_holm"] is None else _p(row["p_holm"]),
            *(str(row[name]) for name in shown),
        )
    return table


def _by_kind(groups: Mapping[str, Sequence[Mapping[str, Any]]]) -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False, collapse_padding=True)
    table.add_column("instruction", no_wrap=True)
    columns: dict[tuple[str, ...], list[str]] = {}
    told = sorted(groups.items())
    for number, row in enumerate(told[0][1]):
        cells = tuple(
            f"{rows[number]['attack_events']} / {rows[number]['twin_events']} of {rows[number]['pairs']}"
            for _, rows in told
        )
        columns.setdefault(cells, []).append(_cell(row))
    for names in columns.values():
        table.add_column(_together(names, len(told[0][1])), justify="right")
    for (variant, _), *cells in zip(told, *columns, strict=True):
        table.add_row(escape(variant), *cells)
    return table


def _merged(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Rows of one variant that differ in the backend's name alone, as one, with whose they are."""
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    runs: dict[str, int] = {}
    for row in rows:
        figures = tuple(value for name, value in row.items() if name not in ("backend", "track"))
        groups.setdefault(figures, []).append(row)
        runs[row["variant"]] = runs.get(row["variant"], 0) + 1
    for alike in groups.values():
        yield _together([_cell(row) for row in alike], runs[alike[0]["variant"]]), alike[0]


def _together(names: Sequence[str], runs: int) -> str:
    return f"all {runs}" if 1 < len(names) == runs else ", ".join(names)


def _cell(row: Mapping[str, Any]) -> str:
    return str(row["backend"]) if row["track"] == "parity" else f"{row['backend']} {row['track']}"


def _share(row: Mapping[str, Any]) -> str:
    """Never a bare zero."""
    events = f"{row['attack_events']} of {row['pairs']}"
    if not row["pairs"]:
        return "-"
    if not row["attack_events"]:
        return f"{events} <={row['attack_high']:.1%}"
    return f"{events} {row['attack_share']:.0%} [{100 * row['attack_low']:.0f}-{100 * row['attack_high']:.0f}]"


def _difference(row: Mapping[str, Any]) -> str:
    if row["difference"] is None:
        return "-"
    return f"{row['difference']:+.2f} [{row['difference_low']:+.2f}, {row['difference_high']:+.2f}]"


def _p(value: float) -> str:
    return "<0.001" if value < 0.001 else f"{value:.3f}"
