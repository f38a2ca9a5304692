"""An experiment's report and its verdicts in; the leaderboard and the scores by tenant and kind out, as exhibits."""

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.comparison import CONTROL
from workbench.exhibits.dots import dots, means, merged
from workbench.exhibits.exhibit import Exhibit
from workbench.exhibits.measures import GROUPED, RIGHT, Measure, Plain, pairs, ranked, rounded, runs, source, whisker
from workbench.exhibits.numbers import all_of, listed, percent, within
from workbench.exhibits.theme import COLOURS, SYMBOLS, figure


def leaderboard(report: Plain, verdicts: Plain, track: str, measure: Measure = RIGHT) -> Exhibit:
    """Each backend's score with its interval, best first, and what was shown of it against the control."""
    rows = ranked(verdicts, track, measure.path)
    against = {
        pair["after"].split(" ", 1)[0]: pair["findings"][measure.path]["outcome"]
        for pair in pairs(verdicts, track)
        if pair["before"].split(" ", 1)[0] == CONTROL
    }
    scored = [row for row in rows if row["figures"][measure.path]]
    table = [_leader(row, report, measure, against) for row in rows]
    return Exhibit(
        name="leaderboard",
        title=f"{measure.name}, {track}",
        says=_leads(scored, measure, against),
        table=table,
        source=source(report, track),
        figure=_whiskers(scored, measure) if scored else None,
        notes=(
            f"{measure.name}: {measure.means}. Lines are 95 % intervals of each backend alone; whether two differ is "
            "judged question by question, and may be shown although the lines overlap.",
        ),
    )


def _leader(row: Plain, report: Plain, measure: Measure, against: Mapping[str, str]) -> dict[str, Any]:
    run, found = report["backends"][row["backend"]][row["track"]], row["figures"][measure.path]
    interval = (found or {}).get("interval") or {}
    cpu = row["cpu_ratio"]
    return {
        "Backend": row["backend"],
        f"{measure.name} (%)": rounded(found and found["value"], 100, 1),
        "95 % from (%)": rounded(interval.get("low"), 100, 1),
        "95 % to (%)": rounded(interval.get("high"), 100, 1),
        "n": found["n"] if found else 0,
        "Against the control": "is the control" if row["backend"] == CONTROL else against.get(row["backend"], "-"),
        "Failed": run["failed"],
        "Input tokens": rounded(run["tokens"]["input"], 1, 0),
        "USD per 1,000": "unpriced" if run["usd"] is None else f"{run['usd']:.4g}",
        "p95 (ms)": rounded(run["wall_ms"]["p95"], 1, 1),
        "CPU × control": rounded(cpu and cpu["value"], 1, 2),
    }


def _leads(rows: Sequence[Plain], measure: Measure, against: Mapping[str, str]) -> str:
    if not rows:
        return "No answer is scored by this figure: the workload has no gold answers for it, or they are not judged."
    first = rows[0]["figures"][measure.path]
    interval = within(first["interval"], times=100, unit="%")
    values = [row["figures"][measure.path]["value"] for row in rows]
    if len(rows) > 1 and max(values) == min(values):
        return f"{all_of(len(rows)).capitalize()} reach the same {percent(values[0])} {interval}, n = {first['n']}."
    best = [row["backend"] for row, value in zip(rows, values, strict=True) if value == values[0]]
    who = f"{listed(best)} {'has' if len(best) == 1 else 'have'} the highest"
    told = f"{who}: {percent(values[0])} {interval}, n = {first['n']}"
    if len(rows) == 1:
        return f"Only {rows[0]['backend']} was run: {percent(values[0])} {interval}, n = {first['n']}."
    shown = [f"{name} {outcome}" for name, outcome in against.items() if outcome in ("better", "worse")]
    judged = f"against the control {', '.join(shown)}" if shown else "no backend is shown to differ from the control"
    return f"{told}; {judged if against else 'there is no control to compare with'}."


def _whiskers(rows: Sequence[Plain], measure: Measure) -> Any:
    import plotly.graph_objects as go

    made = figure(x=f"{measure.name} (%), 95 % interval", height=110 + 44 * len(rows))
    for row in rows:
        name, found = row["backend"], row["figures"][measure.path]
        made.add_trace(
            go.Scatter(
                x=[100 * found["value"]],
                y=[name],
                name=name,
                mode="markers",
                marker={"color": COLOURS[name], "symbol": SYMBOLS[name], "size": 13},
                error_x=whisker(found["value"], found["interval"], COLOURS[name]),
                hovertemplate=f"{name}: %{{x:.1f}} % {within(found['interval'], times=100, unit='%')}<extra></extra>",
            )
        )
    made.update_layout(showlegend=False, yaxis={"autorange": "reversed", "title": ""}, xaxis={"rangemode": "tozero"})
    return made


def grouped(report: Plain, track: str, by: str, name: str = "right") -> Exhibit:
    """A score by tenant or by kind of question, with intervals.

    Args:
        report: of the experiment.
        track: of the runs.
        by: `tenants` or `kinds`.
        name: one of `GROUPED`.
    """
    measure, found = GROUPED[name], runs(report, track)
    scores = {
        # Of a single question there is no interval.
        backend: {
            group: {"low": None, "high": None, **score}
            for group, figures in run[by].items()
            if (score := figures[name])
        }
        for backend, run in found.items()
    }
    mean = means(scores)
    groups = sorted(mean, key=lambda group: (mean[group], group))
    table = [
        {
            by.removesuffix("s").capitalize(): group.replace("_", " "),
            "Backend": backend,
            f"{measure.name} (%)": round(100 * score["value"], 1),
            "95 % interval": within(score, times=100, unit="%"),
            "n": score["n"],
        }
        for group in groups
        for backend, scored in scores.items()
        if (score := scored.get(group))
    ]
    return Exhibit(
        name=f"by-{by}",
        title=f"{measure.name} by {'tenant' if by == 'tenants' else 'kind of question'}, {track}",
        says=_hardest(scores, groups),
        table=table,
        source=source(report, track),
        figure=dots(merged(scores), groups, f"{measure.name} (%), 95 % interval", _one) if groups else None,
        notes=("Hardest first. Groups are small: read the lines, which are 95 % intervals, and not the dots.",)
        if groups
        else (),
    )


def _hardest(scores: Mapping[str, Mapping[str, Plain]], groups: Sequence[str]) -> str:
    if not groups:
        return "Questions of this experiment are not told apart by it."
    mean, low, high = means(scores), groups[0], groups[-1]
    ends = {group: [scored[group] for scored in scores.values() if group in scored] for group in (low, high)}
    count = max(each["n"] for each in ends[low])
    if mean[low] == mean[high]:
        return f"Every group is at {percent(mean[low])}."
    hardest = [group for group in groups if mean[group] == mean[low]]
    told = (
        f"{_spoken(low)} is hardest, with {percent(mean[low])} (n = {count})"
        if len(hardest) == 1
        else f"{len(hardest)} of {len(groups)} are hardest, each with {percent(mean[low])}"
    )
    apart = max(each["low"] or 0.0 for each in ends[high]) > min(
        1.0 if each["high"] is None else each["high"] for each in ends[low]
    )
    sure = "their intervals do not all overlap" if apart else "their intervals overlap, so that this may be chance"
    return f"{told}, and {_spoken(high)} easiest, with {percent(mean[high])}, over all backends; {sure}."


def _one(score: Plain) -> str:
    return f"{percent(score['value'])}, n = {score['n']}"


def _spoken(group: str) -> str:
    return f'"{group.replace("_", " ")}"'
