"""An experiment's report in; what the time of an answer went into out, as an exhibit."""

from collections.abc import Mapping
from typing import Any

from workbench.exhibits.exhibit import Exhibit
from workbench.exhibits.measures import Plain, rounded, runs, source
from workbench.exhibits.numbers import milliseconds, within
from workbench.exhibits.theme import INK, SERIES, figure

PARTS = {"embedding": SERIES[5], "retrieval": SERIES[2], "model": SERIES[0], "framework": SERIES[1]}


def latency(report: Plain, track: str) -> Exhibit:
    """The median answer's time taken apart, with what 95 of 100 answers stay below."""
    found = {name: run for name, run in runs(report, track).items() if run["wall_ms"]["p50"] is not None}
    notes = ["Parts are medians, each over all answers, and need not add up to the median of the whole."]
    if any(run["parts_ms"]["retrieval"] is None for run in found.values()):
        notes.append("Where a framework does not tell its search apart, it is part of the framework's time.")
    if not all(run["comparable"] for run in found.values()):
        notes.append("Several questions were asked at once: these times must not be compared with each other.")
    notes.append("Wall time on a shared machine spreads: the leaderboard's ratio of CPU times is the steadier measure.")
    return Exhibit(
        name="latency",
        title=f"Where the time goes, {track}",
        says=_slowest(found),
        table=[_times_of(name, run) for name, run in found.items()],
        source=source(report, track),
        figure=_stacked(found) if found else None,
        notes=tuple(notes),
    )


def _times_of(name: str, run: Plain) -> dict[str, Any]:
    p95 = run["intervals"].get("wall_ms.p95")
    return {
        "Backend": name,
        **{f"{part.capitalize()} (ms)": rounded(run["parts_ms"][part], 1, 2) for part in PARTS},
        "p50 (ms)": rounded(run["wall_ms"]["p50"], 1, 1),
        "p50, 95 % interval": within(run["intervals"].get("wall_ms.p50"), digits=1),
        "p95 (ms)": rounded(run["wall_ms"]["p95"], 1, 1),
        "p95, 95 % interval": within(p95, digits=1) if p95 else "too few answers",
        "n": run["questions"] - run["failed"],
    }


def _slowest(found: Mapping[str, Plain]) -> str:
    if not found:
        return "No answer was timed."
    order = sorted(found, key=lambda name: found[name]["wall_ms"]["p50"])
    fast, slow = order[0], order[-1]
    run = found[slow]
    part = max(PARTS, key=lambda name: run["parts_ms"][name] or 0.0)
    largest = f"the largest part of it in the {part} ({milliseconds(run['parts_ms'][part] or 0.0)})"
    sure = "" if all(each["comparable"] for each in found.values()) else "Not to be compared: "
    if fast == slow:
        return f"{sure}A median answer of {slow} takes {_median(run)}, {largest}."
    return f"{sure}A median answer takes {_median(found[fast])} with {fast} and {_median(run)} with {slow}, {largest}."


def _median(run: Plain) -> str:
    told = f"{milliseconds(run['wall_ms']['p50'])} {within(run['intervals'].get('wall_ms.p50'), digits=1)}"
    return f"{told} (n = {run['questions'] - run['failed']})"


def _stacked(found: Mapping[str, Plain]) -> Any:
    import plotly.graph_objects as go

    made = figure(x="Median time of each part (ms)", height=150 + 44 * len(found))
    names = list(found)
    for part, colour in PARTS.items():
        made.add_trace(
            go.Bar(
                x=[found[name]["parts_ms"][part] or 0.0 for name in names],
                y=names,
                name=part,
                orientation="h",
                marker={"color": colour, "line": {"width": 1, "color": "white"}},
                hovertemplate=f"%{{y}}, {part}: %{{x:.1f}} ms<extra></extra>",
            )
        )
    made.add_trace(
        go.Scatter(
            x=[found[name]["wall_ms"]["p95"] for name in names],
            y=names,
            name="p95 of the whole",
            mode="markers",
            marker={"symbol": "line-ns-open", "size": 18, "color": INK, "line": {"width": 3}},
            hovertemplate="%{y}, p95: %{x:.1f} ms<extra></extra>",
        )
    )
    made.update_layout(barmode="stack", yaxis={"autorange": "reversed", "title": ""}, legend={"traceorder": "normal"})
    return made
