"""A comparison's report in, sentences and tables for a terminal of 100 columns out: what was shown comes first."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table

from workbench.verdicts.metrics import metric
from workbench.verdicts.wording import short, signed

MARKS = {"better": "▲", "worse": "▼", "equivalent": "≈", "no difference shown": "·"}
_STYLES = {"better": "green", "worse": "red", "equivalent": "bold", "no difference shown": "dim"}
_MOST_COLUMNS = 9
_NARROW = {"semantic_kernel": "sem_kernel"}


def lines(report: Mapping[str, Any]) -> Iterable[Any]:
    """The report for a terminal of 100 columns."""
    yield from _stands_on(report)
    for sentence in report["bugs"]:
        yield f"[bold red]{escape(sentence)}[/bold red]"
    for family in report["families"]:
        yield f"\n[bold]{escape(family['title'])}[/bold] ({family['correction']})"
        yield from (f"- {escape(pair['sentence'])}" for pair in family["pairs"] if pair["told"])
    for track in dict.fromkeys(row["track"] for row in report["rows"]):
        rows = [row for row in report["rows"] if row["track"] == track]
        yield f"\n[bold]leaderboard, {track}[/bold]: by F1, 95 % intervals in brackets"
        yield from (_quality(rows), "", _cost(rows))
    for family in report["families"]:
        yield f"\n[bold]{escape(family['title'])}[/bold]: every pair, what the first has over the second"
        yield from _pairs([(pair["label"], pair["findings"]) for pair in family["pairs"]], "pair")
        if family["groups"]:
            yield from _groups(family, report["settings"]["by"])
    yield from _too_few(report)
    if not report["families"]:
        yield "\none run: nothing to compare it with; run a second backend, or name a second folder"
    yield f"\n[dim]{LEGEND}[/dim]"


def _stands_on(report: Mapping[str, Any]) -> Iterable[str]:
    settings = report["settings"]
    for folder in report["folders"]:
        mark = f"{folder['mark']}  " if folder["mark"] else ""
        yield (
            f"[bold]{mark}{escape(folder['workload']['name'])}[/bold]  {escape(folder['folder'])}, "
            f"{folder['model']}, seed {folder['seed']}, {folder['started'][:10]}"
        )
    told = ", ".join(f"{name} within ±{width}" for name, width in settings["margins"].items())
    yield f"margins  {told or 'none given, so that nothing is called equivalent: --margin F1=0.02'}"
    if settings["clusters"] != "none":
        yield f"clusters  questions of one {settings['clusters']} are taken together"
    yield from (f"- {escape(note)}" for note in report["notes"])


LEGEND = (
    "▲ better, ▼ worse, ≈ equivalent within the margin, · no difference shown, = the same on every question, - not "
    "compared. Scores: difference; tokens (input), USD (charged) and CPU: factor (CPU of the worker, geometric mean "
    "of paired ratios). leak: share of questions with a planted value in the prompt, one that the asker may not know "
    "in the answer, another tenant's. Judged at 5 % after Holm's correction over the pairs of a table, each figure by "
    "itself; intervals of a verdict are at its corrected level, that of an equivalence is the one its tests stand on. "
    "would see: the largest true difference that a pair without a verdict would still have missed in 1 of 5 cases. "
    "Wall time is described and never judged: median of the differences by question, difference of the p95. --json "
    "has every n, method, interval and p before and after correction."
)


def _quality(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = _table(rows, "n", "fail", "F1", "contains", "recall@5", "nDCG", "refusal")
    for row in rows:
        figures = row["figures"]
        failed = figures["failed"]
        table.add_row(
            *_who(row),
            str(row["questions"]),
            "-" if failed is None else f"{failed['value'] * failed['n']:.0f}",
            *(_share(figures[path]) for path in ("answers.f1", "answers.contains", "retrieval.recall@5")),
            _share(figures["retrieval.ndcg@10"], bare=True),
            _share(figures["answers.refusal_accuracy"]),
        )
    return table


def _cost(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = _table(rows, "tokens", "USD/1000", "CPU x control", "p50 ms", "p95 ms")
    for row in rows:
        tokens, usd, cpu, walls = (
            row["figures"]["tokens.input"],
            row["figures"]["usd"],
            row["cpu_ratio"],
            row["wall_ms"],
        )
        mark = "" if row["comparable"] else "*"
        table.add_row(
            *_who(row),
            _amount(tokens, 1, 0),
            "unpriced" if usd is None else _amount(usd, 1000, 2),
            "-" if cpu is None else _amount(cpu, 1, 2),
            *(f"{walls[name]:.1f}{mark}" if walls else "-" for name in ("p50", "p95")),
        )
    return table


def _pairs(listed: Sequence[tuple[str, Mapping[str, Any]]], head: str) -> Iterable[Any]:
    """A table of verdicts; what is alike for every pair is a sentence below it."""
    paths = list(dict.fromkeys(path for _, findings in listed for path in findings))
    same, missing = [], {}
    shown = []
    for path in paths:
        found = [findings[path] for _, findings in listed]
        name = found[0]["name"]
        if all(each["n"] and not each["differing"] for each in found) and not any(
            each["outcome"] == "equivalent" for each in found
        ):
            same.append(name)
        elif len(reasons := {each["why_not"] for each in found}) == 1 and "" not in reasons:
            missing[name] = reasons.pop()
        else:
            shown.append(path)
    for start in range(0, len(shown), _MOST_COLUMNS):
        yield _verdicts(listed, shown[start : start + _MOST_COLUMNS], head)
    if same:
        yield f"[dim]- the same on every question in all of them: {', '.join(same)}[/dim]"
    for reason in dict.fromkeys(missing.values()):
        names = ", ".join(name for name, why in missing.items() if why == reason)
        yield f"[dim]- {names} not judged: {reason}[/dim]"


def _verdicts(listed: Sequence[tuple[str, Mapping[str, Any]]], paths: Sequence[str], head: str) -> Table:
    table = _plain(head)
    for path in paths:
        table.add_column(listed[0][1][path]["name"], justify="right", no_wrap=True)
    for label, findings in listed:
        table.add_row(_narrow(label), *(_verdict(path, findings[path]) for path in paths))
    limits = [_limit(path, [findings[path] for _, findings in listed]) for path in paths]
    if any(limits):
        table.add_row("[dim]would see[/dim]", *(f"[dim]{limit or '-'}[/dim]" for limit in limits))
    return table


def _verdict(path: str, found: Mapping[str, Any]) -> str:
    if found["outcome"] == "not compared":
        return "-"
    mark, style = MARKS[found["outcome"]], _STYLES[found["outcome"]]
    if not found["differing"]:
        return "[dim]=[/dim]" if mark == "·" else f"[{style}]{mark}[/{style}] ="
    factor = metric(path).scale == "amount"
    size = f"×{found['difference']:.2f}" if factor else signed(found["difference"], 3)
    return f"[{style}]{mark}[/{style}] {size}"


def _limit(path: str, found: Sequence[Mapping[str, Any]]) -> str:
    """The difference that every pair without a verdict would have shown."""
    unseen = [each["detectable"] for each in found if each["outcome"] == "no difference shown" and each["differing"]]
    if not unseen or any(each is None for each in unseen):
        return ""
    return f"{100 * max(unseen):.0f} %" if metric(path).scale == "amount" else short(max(unseen))


def _groups(family: Mapping[str, Any], by: str) -> Iterable[Any]:
    """Groups of questions in which something was shown; the others are named."""
    judged = [group for group in family["groups"] if any(map(_any_judged, group["pairs"]))]
    shown = [
        (f"{_short_group(group['group'], by)} {pair['label'].split(' / ')[0]}", pair["findings"])
        for group in judged
        for pair in group["pairs"]
        if _any_shown(pair)
    ]
    yield f"\n[bold]{escape(family['title'])}[/bold] by {by}: where a verdict fell"
    if shown:
        yield from _pairs(shown, by)
    else:
        yield f"no {by} in which anything was shown"
    rest = [
        group for group in judged if not any(name.startswith(_short_group(group["group"], by)) for name, _ in shown)
    ]
    if rest and shown:
        yield f"[dim]- no difference shown in {', '.join(_sized(group) for group in rest)}[/dim]"
    small = [group for group in family["groups"] if group not in judged]
    if small:
        yield f"[dim]- too few questions for a verdict: {', '.join(_sized(group) for group in small)}[/dim]"


def _any_judged(pair: Mapping[str, Any]) -> bool:
    return any(found["outcome"] != "not compared" for found in pair["findings"].values())


def _any_shown(pair: Mapping[str, Any]) -> bool:
    return any(found["outcome"] in ("better", "worse", "equivalent") for found in pair["findings"].values())


def _too_few(report: Mapping[str, Any]) -> Iterable[str]:
    """Groups that no family has a verdict on, with their questions."""
    by, judged, small = report["settings"]["by"], set(), {}
    for group in (group for family in report["families"] for group in family["groups"]):
        if any(map(_any_judged, group["pairs"])):
            judged.add(group["group"])
        else:
            small[group["group"]] = group
    named = [_sized(group) for name, group in small.items() if name not in judged]
    if named:
        yield f"\n[bold]by {by}[/bold]: too few questions for a verdict: {', '.join(named)}"


def _sized(group: Mapping[str, Any]) -> str:
    return f"{group['group'].replace('_', ' ')} ({group['n']})"


def _short_group(name: str, by: str) -> str:
    return name.replace("_", " ") if by == "kind" else name


def _narrow(label: str) -> str:
    for name, short_name in _NARROW.items():
        label = label.replace(name, short_name)
    return escape(label)


def _who(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (row["backend"], row["mark"]) if row["mark"] else (row["backend"],)


def _table(rows: Sequence[Mapping[str, Any]], *heads: str) -> Table:
    table = _plain("backend")
    for head in (*([""] if rows[0]["mark"] else []), *heads):
        table.add_column(head, justify="right", no_wrap=True)
    return table


def _plain(head: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(head, no_wrap=True)
    return table


def _share(figure: Mapping[str, Any] | None, *, bare: bool = False) -> str:
    if figure is None:
        return "-"
    interval = figure["interval"]
    within = "" if bare or interval is None else f" [{short(interval['low'])},{short(interval['high'])}]"
    return short(figure["value"], 3) + within


def _amount(figure: Mapping[str, Any] | None, times: float, digits: int) -> str:
    if figure is None:
        return "-"
    interval = figure["interval"]
    within = f" [{times * interval['low']:,.{digits}f},{times * interval['high']:,.{digits}f}]" if interval else ""
    return f"{times * figure['value']:,.{digits}f}{within}"
