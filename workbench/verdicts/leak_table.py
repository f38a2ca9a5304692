"""A report of `workbench.verdicts.leaks` in, lines and tables for a terminal of 100 columns out."""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil, floor
from typing import Any

from rich.markup import escape
from rich.table import Table

from workbench.errors import BadInput
from workbench.records import TRACKS
from workbench.scores import leakage
from workbench.tables import POLICIES, notes, rows_of, unfinished
from workbench.verdicts.table import MARKS
from workbench.verdicts.wording import short, signed

GROUPS = {"tenant": "tenants", "kind": "kinds", "classification": "classifications"}


def choose_group(named: str) -> str:
    """What a table more is by; empty: none.

    Raises:
        BadInput: an unknown name.
    """
    if named and named not in GROUPS:
        raise BadInput(f"--by {named}: give {', '.join(GROUPS)}")
    return named


LEGEND = (
    "Planted values, found by exact search; no detector judges. Of planted documents, the share of which a value was "
    "found: retrieved: among the passages of a prompt; sent: in what was sent to a model; told: in the answer to "
    "somebody who may not know it; cross: with another tenant; class: sent or told above the asker's clearance. "
    "sent|retr.: of pairs of value and question in which it was retrieved. Brackets: 95 % intervals; of no event the "
    "exact one-sided bound, by documents. left: values in the framework's own files, on standard error, in our logs. "
    "By tenant, kind or classification a document counts in every group that it holds values of."
)

COSTS = (
    "Means over the same questions, without the policy → with it; brackets: 95 % interval of the paired difference "
    "after Holm, questions taken as independent. sent, told: share of questions with such a leak; 0≤: none, and at "
    "most so many, by documents. F1: of answers, a refused question has 0; refused: questions whose prompt the policy "
    "did not let out. ▲ better, ▼ worse, · no difference shown, = the same."
)


def lines(report: Mapping[str, Any], by: str = "") -> Iterable[Any]:
    """The report for a terminal.

    Args:
        report: as `leaks.report` gives it.
        by: one of `GROUPS`: a table more; empty: none.
    """
    for one in report["experiments"]:
        yield from _experiment(one, by)
    yield f"[dim]{LEGEND}[/dim]"
    told = [sentence for family in report["families"] for sentence in _differences(family)]
    if told:
        yield "\n[bold]who leaks more[/bold], pairs of backends on the same questions"
        yield from told
    if report["costs"]:
        yield "\n[bold]what a policy costs[/bold]"
        for family in report["costs"]:
            yield f"{family['policy']} against {family['against']}, {family['correction']}"
            yield _costs(report, family)
        yield f"[dim]{COSTS}[/dim]"


def _experiment(one: Mapping[str, Any], by: str) -> Iterable[Any]:
    planted = one["rows"][0]["leakage"]["planted"]
    yield (
        f"\n[bold]policy {one['policy']}[/bold]  {escape(one['workload']['name'])}, {planted['values']} planted values "
        f"in {planted['documents']} documents{_distinct(one)}, {escape(one['model'])}, {one['started'][:10]}, "
        f"{escape(one['folder'])}"
    )
    yield from unfinished(one)
    if note := POLICIES.get(one["policy"]):
        yield f"[dim]{note}[/dim]"
    shown = [row for row in one["rows"] if _counted(row)]
    for row in one["rows"]:
        if row["leakage"]["refused"]:
            yield f"[bold]{_who(row)}: {escape(row['leakage']['refused'])}[/bold]"
    for track in TRACKS:
        if rows := [row for row in shown if row["track"] == track]:
            yield f"[bold]{track}[/bold]"
            yield from _track(rows, by)


def _track(rows: Sequence[Mapping[str, Any]], by: str) -> Iterable[Any]:
    yield _channels(rows)
    if by:
        yield f"by {by}: planted documents, and of how many a value was sent / told"
        yield _by_group(rows, by)
    told = ((row["backend"], note) for row in rows for note in (*_beside(row), *leakage.notes(row["leakage"])))
    yield from notes(told, len(rows))


def _distinct(one: Mapping[str, Any]) -> str:
    """What the shares are of, where that is not all: a value that stands in several documents counts with the first."""
    found = [row["leakage"]["documents"]["all"]["all"]["prompt"]["n"] for row in one["rows"] if _counted(row)]
    planted = one["rows"][0]["leakage"]["planted"]["documents"]
    return f" (shares of {found[0]} first ones)" if found and found[0] != planted else ""


def _counted(row: Mapping[str, Any]) -> bool:
    return "documents" in row["leakage"]


def _beside(row: Mapping[str, Any]) -> Iterable[str]:
    """What the table has no column for."""
    if refused := row["refused_by_policy"]:
        yield f"what {refused} refused questions had retrieved is not kept, so that no share of what was is known"
    for count, where in (
        (row["leakage"]["values"]["judge"], "were sent to the judge"),
        (row["leakage"]["sinks"]["elsewhere"], "were in calls of no answer that counts, such as a backend's first"),
    ):
        if count:
            yield f"{count} planted values {where}"


def _channels(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = rows_of("retrieved", "sent", "sent|retr.", "told", "cross", "class", "left")
    cells = {row["backend"]: tuple(_of_channels(row)) for row in rows}
    for name, told in _alike(cells, cells).items():
        table.add_row(name, *told)
    return table


def _of_channels(row: Mapping[str, Any]) -> Iterable[str]:
    found, known = row["leakage"], not row["refused_by_policy"]
    documents, left = found["documents"]["all"]["all"], found["sinks"]
    yield _percent(documents["retrieved"]) if known else "-"
    yield _percent(documents["prompt"])
    yield _percent(found["sent_given_retrieved"]) if known else "-"
    yield from (_percent(documents[name]) for name in ("answer", "cross", "class"))
    yield "/".join(str(left[name]) for name in ("cache", "stderr", "log"))


def _alike(cells: Mapping[str, tuple[str, ...]], figures: Mapping[str, object]) -> Mapping[str, tuple[str, ...]]:
    """One row where all have the same figures, else each its own."""
    first = next(iter(figures.values()))
    if len(figures) < 2 or any(each != first for each in figures.values()):
        return cells
    return {f"all {len(cells)}": next(iter(cells.values()))}


def _by_group(rows: Sequence[Mapping[str, Any]], by: str) -> Table:
    table = rows_of("documents", *(row["backend"].replace("semantic", "sem") for row in rows), first=by)
    groups = [row["leakage"]["documents"][GROUPS[by]] for row in rows]
    for name, first in groups[0].items():
        cells = (f"{group[name]['prompt']['events']} / {group[name]['answer']['events']}" for group in groups)
        table.add_row(escape(name), str(first["prompt"]["n"]), *cells)
    return table


def _percent(found: Mapping[str, Any]) -> str:
    """Never a bare zero or one: its bound, rounded so that it holds as printed."""
    if not found["n"] or found["high"] is None:
        return "-"
    if not found["events"]:
        return f"0 ≤{ceil(1000 * found['high']) / 10:.1f}%"
    if found["share"] == 1:
        return f"all ≥{floor(1000 * found['low']) / 10:.1f}%"
    digits = 0 if found["share"] >= 0.05 else 1
    low, high = (f"{100 * found[end]:.{digits}f}" for end in ("low", "high"))
    return f"{100 * found['share']:.{digits}f}% [{low},{high}]"


def _differences(family: Mapping[str, Any]) -> Iterable[str]:
    where = f"policy {family['policy']}, {family['track']}"
    shown = []
    for pair in family["pairs"]:
        for found in pair["findings"].values():
            if found["outcome"] in ("better", "worse"):
                low, high = found["interval"]["low"], found["interval"]["high"]
                shown.append(
                    f"- {where}: {pair['label']}: {found['name']} {signed(found['difference'], 3)} "
                    f"[{signed(low, 3)}, {signed(high, 3)}], p {found['p_holm']:.2g}, n {found['n']}"
                )
    yield from shown
    judged = [found for pair in family["pairs"] for found in pair["findings"].values()]
    if not shown and judged:
        unseen = [each["detectable"] for each in judged if each["detectable"] is not None]
        limit = f"; {short(max(unseen), 3)} would have been seen" if unseen else ""
        same = "the same on every question" if not any(each["differing"] for each in judged) else "no difference shown"
        pairs = len(family["pairs"])
        yield f"- {where}: {same} in {'the one pair' if pairs == 1 else f'all {pairs} pairs'}{limit}"


def _costs(report: Mapping[str, Any], family: Mapping[str, Any]) -> Table:
    table = rows_of("sent", "told", "F1", "refused")
    rows = next(one for one in report["experiments"] if one["policy"] == family["policy"])["rows"]
    by_name = {f"{row['backend']} ({row['track']}": row for row in rows}
    cells, figures = {}, {}
    for pair in family["pairs"]:
        row, found = by_name[pair["after"].partition(",")[0]], pair["findings"]
        changes = {path: found.get(path) for path in ("leakage.prompt", "leakage.answer", "answers.f1")}
        refused = f"{row['refused_by_policy']} of {row['questions']}"
        name = _who(row).replace("semantic", "sem")
        cells[name] = (*(_change(change, _bound(row, path)) for path, change in changes.items()), refused)
        # Holm's levels, and with them intervals, differ in pairs that are alike: the first has the widest.
        figures[name] = (refused, [one and (one["before"], one["after"], one["differing"]) for one in changes.values()])
    for name, told in _alike(cells, figures).items():
        table.add_row(name, *told)
    return table


def _bound(row: Mapping[str, Any], path: str) -> str:
    """Of a leak that did not happen, by documents."""
    share = row["leakage"].get("questions", {}).get(path.removeprefix("leakage."))
    return f"≤{short(ceil(1000 * share['high']) / 1000, 3)}" if share and share["high"] is not None else ""


def _change(found: Mapping[str, Any] | None, bound: str = "") -> str:
    if found is None or found["difference"] is None:
        return "-"
    before, after = (_fine(found[side]) if found[side] else f"0{bound}" for side in ("before", "after"))
    if not found["differing"]:
        return f"= {after}"
    interval = found["interval"]
    digits = 3 if interval and max(map(abs, (interval["low"], interval["high"]))) < _SMALL else 2
    within = f" [{signed(interval['low'], digits)},{signed(interval['high'], digits)}]" if interval else ""
    return f"{MARKS[found['outcome']]} {before}→{after}{within}"


def _fine(value: float) -> str:
    return short(value, 3 if value < _SMALL else 2)


_SMALL = 0.0995
"""Below, a share needs a third digit."""


def _who(row: Mapping[str, Any]) -> str:
    return str(row["backend"]) if row["track"] == "parity" else f"{row['backend']} {row['track']}"
