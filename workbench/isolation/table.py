"""A report in, lines and tables for a terminal of 100 columns out."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table

from workbench.isolation.searching import LAYOUTS
from workbench.isolation.tenants import SIZES
from workbench.nouns import counted

LAYOUT_NOTES = {
    "index_per_tenant": "an index for each tenant",
    "shared_filtered": "one index, the framework's own filter",
    "shared_unfiltered": "one index, no filter",
}

SIZES_NOTES = {"equal": "tenants of equal size", "zipf": "tenants of Zipf's sizes"}

LEGEND = (
    "leaks: queries that got another tenant's passage, with 95 % interval; 0 of n has the exact one-sided bound. "
    "starved: queries that got fewer of their own passages than k although the tenant has them. recall: of the k best "
    "that a private exact search finds. erased: a deleted document is gone from searches, memory and files, and the "
    "others are still found. MB: resident memory grown by indexing, per tenant."
)


def lines(report: Mapping[str, Any]) -> Iterable[Any]:
    """The report for a terminal."""
    about = report["about"]
    workload, machine = about["workload"], about["machine"]
    yield (
        f"[bold]{escape(workload['name'])}[/bold]  {counted(about['corpus']['passages'], 'passage')}, "
        f"{counted(about['corpus']['questions'], 'question')}, {counted(workload['tenants'], 'tenant')} of its own; "
        f"k {about['k']}, about {about['passages_per_tenant']} passages a tenant, seed {about['seed']}"
    )
    yield f"machine   {machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB"
    erased = {one["backend"]: one for one in report["erasure"]}
    for layout, sizes in product(LAYOUTS, SIZES):
        rows = [row for row in report["rows"] if (row["layout"], row["sizes"]) == (layout, sizes)]
        if rows:
            yield f"\n[bold]{LAYOUT_NOTES[layout]}[/bold], {SIZES_NOTES[sizes]}"
            yield _layout(rows, erased)
    for backend, said in {row["backend"]: row["refused"] for row in report["rows"] if row["refused"]}.items():
        yield f"{backend} refuses the filter: {escape(said)}"
    if report["answers"]:
        yield "\n[bold]whole answers[/bold]: an index for each of the workload's own tenants, asked everything"
        yield _answers(report["answers"])
        for row in report["answers"]:
            if row["queries"] and row["answers_with_own_marks"] < row["queries"]:
                blind = row["queries"] - row["answers_with_own_marks"]
                yield (
                    f"[bold]{row['backend']}: {counted(blind, 'answer shows', 'answers show')} no "
                    "passage at all: nothing was proved there[/bold]"
                )
    if report["loaded"]:
        yield "\n[bold]whole backends loaded with saved indexes[/bold]: MB a tenant (seconds to load all)"
        yield _loaded(report["loaded"])
    if report["erasure"]:
        yield "\n[bold]a document is deleted[/bold]"
        yield from _erasure(report["erasure"])
    for sentence in about["failed"]:
        yield f"[bold]failed:[/bold] {escape(sentence)}"
    yield f"\n[dim]{LEGEND}[/dim]"
    if any(row["corpus"] == "derived" for row in report["rows"]):
        yield f"[dim]{about['derived']} Here it is {about['nearness']:.2f}.[/dim]"
    yield f"[dim]{about['erasure']}[/dim]"


def percent(share: Mapping[str, Any]) -> str:
    """A share as an architect reads it: never a bare zero."""
    if share["value"] is None:
        return "-"
    if not share["events"]:
        return f"0 of {share['n']:,} <={share['high']:.2%}"
    return f"{share['value']:.1%} [{100 * share['low']:.1f}-{100 * share['high']:.1f}]"


def _layout(rows: Sequence[Mapping[str, Any]], erased: Mapping[str, Mapping[str, Any]]) -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False, collapse_padding=True)
    table.add_column("backend", no_wrap=True)
    table.add_column("tenants", justify="right", no_wrap=True)
    for name in ("leaks", "starved"):
        table.add_column(name, no_wrap=True)
    for name in ("recall", "erased", "p95 ms", "MB"):
        table.add_column(name, justify="right")
    for row in rows:
        tenants = f"{row['tenants']:,}"
        if row["refused"]:
            table.add_row(row["backend"], tenants, "refused")
            continue
        table.add_row(
            row["backend"],
            tenants,
            percent(row["leak_per_query"]),
            percent(row["starved"]),
            f"{row['recall']['value']:.3f}",
            _erased(erased.get(row["backend"], {}), row["layout"]),
            f"{row['p95_ms']['value']:.2f}",
            f"{row['megabytes_per_tenant']:.2f}",
        )
    return table


def _erased(found: Mapping[str, Any], layout: str) -> str:
    outcome = found.get("forget" if layout == "index_per_tenant" else "delete")
    if outcome is None:
        return "-"
    if outcome.get("refused"):
        return "refused"
    return "yes" if outcome["erased"] else "no"


def _answers(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False)
    for name in ("backend", "foreign passages", "foreign canaries in answers"):
        table.add_column(name)
    for name in ("recall", "failed"):
        table.add_column(name, justify="right")
    for row in rows:
        if not row["queries"]:
            table.add_row(row["backend"], escape(row["first_failure"]), "", "", str(row["failed"]))
            continue
        leaks, marks = percent(row["leak_per_query"]), percent(row["foreign_marks_in_answers"])
        table.add_row(row["backend"], leaks, marks, f"{row['recall']['value']:.4f}", str(row["failed"]))
    return table


def _loaded(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False)
    table.add_column("backend")
    counts = sorted({row["tenants"] for row in rows})
    for count in counts:
        table.add_column(counted(count, "tenant"), justify="right")
    for backend in dict.fromkeys(row["backend"] for row in rows):
        found = {row["tenants"]: row for row in rows if row["backend"] == backend}
        cells = [
            f"{found[count]['megabytes_per_tenant']:.2f} ({found[count]['load_seconds']:.1f})" if count in found else ""
            for count in counts
        ]
        table.add_row(backend, *cells)
    return table


def _erasure(found: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for one in found:
        for operation, told in (("forget", "workbench, index per tenant"), ("delete", "framework, shared index")):
            if outcome := one.get(operation):
                said = ", ".join(["erased" if outcome["erased"] else "NOT erased", *erasure_notes(outcome)])
                yield f"{one['backend']:16} {told:28} {escape(said)}"


def erasure_notes(outcome: Mapping[str, Any]) -> list[str]:
    """What is to be known of a document's deletion: what the framework says, and where it is left."""
    notes = []
    if outcome.get("refused"):
        notes.append(f"refused: {outcome['refused']}")
    if outcome["left"]:
        notes.append("left in " + "; ".join(outcome["left"][:3]))
    if outcome.get("others_lost"):
        notes.append(f"{outcome['others_lost']} of {outcome['others']} other passages are no longer found")
    if outcome.get("broken"):
        notes.append(f"searching then raises {outcome['broken']}")
    if outcome.get("pickled"):
        notes.append(f"saves by pickle ({', '.join(outcome['pickled'])})")
    return notes
