"""A report of `workbench.verdicts.leaks` in, lines and tables for a terminal of 100 columns out."""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil, floor
from typing import Any

from rich.markup import escape
from rich.table import Table

from workbench.scores import leakage
from workbench.tables import POLICIES, notes, rows_of, unfinished
from workbench.verdicts.table import MARKS
from workbench.verdicts.wording import short, signed

GROUPS = {"tenant": "tenants", "kind": "kinds", "classification": "classifications"}

LEGEND = (
    "Planted values, found by exact search; no detector judges. Of planted documents, the share of which a value was "
    "found: retrieved: among the passages of a prompt; sent: in what was sent to a model; told: in the answer to "
    "somebody who may not know it; cross: with another tenant; class: sent or told above the asker's clearance. "
    "sent|retr.: of pairs of value and question in which it was retrieved. Brackets: 95 % intervals; of no event the "
    "exact one-sided bound, by documents. left: values in the framework's own files, on standard error, in our logs."
)

COSTS = (
    "Means over the same questions, without the policy → with it; brackets: 95 % interval of the paired difference "
    "after Holm. sent, told: share of questions with such a leak; F1: of answers, a refused question has 0; refused: "
    "questions whose prompt the policy did not let out. ≤: none with it, and at most so many, by "
    "documents. ▲ better, ▼ worse, · no difference shown, = the same."
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
    if shown:
        yield _channels(shown)
        if by:
            yield f"by {by}: planted documents, and of how many a value was sent / told"
            yield _by_group(shown, by)
        told = ((_who(row), sentence) for row in shown for sentence in leakage.notes(row["leakage"]))
        yield from notes(told, len(shown))


def _distinct(one: Mapping[str, Any]) -> str:
    """What the shares are of, where that is not all: a value that stands in several documents counts with the first."""
    found = [row["leakage"]["documents"]["all"]["all"]["prompt"]["n"] for row in one["rows"] if _counted(row)]
    planted = one["rows"][0]["leakage"]["planted"]["documents"]
    return f" (shares of {found[0]} first ones)" if found and found[0] != planted else ""


def _counted(row: Mapping[str, Any]) -> bool:
    return "documents" in row["leakage"]


def _channels(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = rows_of("retrieved", "sent", "sent|retr.", "told", "cross", "class", "left")
    for row in rows:
        found = row["leakage"]
        documents, left = found["documents"]["all"]["all"], found["sinks"]
        table.add_row(
            _who(row),
            _percent(documents["retrieved"]),
            _percent(documents["prompt"]),
            _percent(found["sent_given_retrieved"]),
            *(_percent(documents[name]) for name in ("answer", "cross", "class")),
            "/".join(str(left[name]) for name in ("cache", "stderr", "log")),
        )
    return table


def _by_group(rows: Sequence[Mapping[str, Any]], by: str) -> Table:
    table = rows_of("documents", *(_who(row).replace("semantic", "sem") for row in rows), first=by)
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
        unseen = [each["detectable"] for each in judged if each["differing"] and each["detectable"] is not None]
        limit = f"; {short(max(unseen), 3)} would have been seen" if unseen else ""
        same = "the same on every question" if not any(each["differing"] for each in judged) else "no difference shown"
        pairs = len(family["pairs"])
        yield f"- {where}: {same} in {'the one pair' if pairs == 1 else f'all {pairs} pairs'}{limit}"


def _costs(report: Mapping[str, Any], family: Mapping[str, Any]) -> Table:
    table = rows_of("sent", "told", "F1", "refused")
    rows = next(one for one in report["experiments"] if one["policy"] == family["policy"])["rows"]
    by_name = {f"{row['backend']} ({row['track']}": row for row in rows}
    for pair in family["pairs"]:
        row = by_name[pair["after"].partition(",")[0]]
        found = pair["findings"]
        table.add_row(
            _who(row),
            *(_change(found.get(f"leakage.{name}"), _bound(row, name)) for name in ("prompt", "answer")),
            _change(found.get("answers.f1")),
            f"{row['refused_by_policy']} of {row['questions']}",
        )
    return table


def _bound(row: Mapping[str, Any], event: str) -> str:
    """What stands for no event with a policy: at most so much of the questions; empty where there were some."""
    share = row["leakage"].get("questions", {}).get(event)
    return f"≤{ceil(1000 * share['high']) / 1000:.3f}".replace("0.", ".", 1) if share and not share["events"] else ""


def _change(found: Mapping[str, Any] | None, bound: str = "") -> str:
    if found is None or found["difference"] is None:
        return "-"
    if not found["differing"]:
        return f"= {bound or short(found['after'])}"
    interval = found["interval"]
    within = f" [{signed(interval['low'])},{signed(interval['high'])}]" if interval else ""
    return f"{MARKS[found['outcome']]} {short(found['before'])}→{bound or short(found['after'])}{within}"


def _who(row: Mapping[str, Any]) -> str:
    return str(row["backend"]) if row["track"] == "parity" else f"{row['backend']} {row['track']}"
