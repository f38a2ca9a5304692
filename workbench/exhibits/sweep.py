"""A sweep's rows in; score against cost, who was stopped hollow, and what was picked, out."""

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.exhibits.exhibit import Exhibit
from workbench.exhibits.measures import Plain, whisker
from workbench.exhibits.numbers import within
from workbench.exhibits.theme import INK, SERIES, figure

_STANDINGS = {
    "picked": ("picked", "star", SERIES[4]),
    "as good": ("not shown worse", "circle", SERIES[0]),
    "behind": ("not shown worse, further behind", "diamond", SERIES[5]),
    "worse": ("shown worse, stopped", "circle-open", INK),
}


def sweep(found: Plain, verdict: str) -> Exhibit:
    """Every candidate: its score on the questions it was asked, against what an answer costs.

    Args:
        found: of `workbench.sweeping.result.Result.to_dict`.
        verdict: the sweep's, in one sentence.
    """
    rows = [row for row in found["rows"] if row["score"] is not None]
    by_usd = bool(rows) and all(row["usd"] is not None for row in rows) and any(row["usd"] for row in rows)
    key, title, digits = ("usd", "USD per 1,000 questions", 2) if by_usd else ("tokens", "Tokens per question", 0)
    rows = [row for row in rows if row[key] is not None]
    return Exhibit(
        name="sweep",
        title=f"{found['metric']} against {'cost' if by_usd else 'tokens'}, {len(found['rows'])} candidates",
        says=f"{verdict[0].upper()}{verdict[1:]}.",
        table=[
            {
                "Candidate": row["name"],
                title: round(row[key], digits + 2),
                f"{found['metric']} (%)": round(100 * row["score"], 1),
                "95 % interval": within(row["interval"], times=100, digits=1, unit="%"),
                "n": row["asked"],
                "Standing": _STANDINGS[row["standing"]][0],
            }
            for row in sorted(rows, key=lambda each: (each[key], each["name"]))
        ],
        source=(
            f"{found['workload']}, {found['backend']}, {found['started'][:10]}, n = {found['picking']} questions to "
            f"pick on, {found['held_out']} held out; {found['prices']}"
        ),
        figure=_figure(rows, key, title, digits, found["metric"]) if rows else None,
        notes=(
            "Whoever was stopped was asked fewer questions, so that its interval is wider.",
            "Scores are on the questions that the pick was made on: what held elsewhere is in the sentence.",
        ),
    )


def _figure(rows: Sequence[Mapping[str, Any]], key: str, title: str, digits: int, metric: str) -> Any:
    import plotly.graph_objects as go

    made = figure(x=title, y=f"{metric} (%)", height=420)
    for standing, (label, symbol, colour) in _STANDINGS.items():
        mine = [row for row in rows if row["standing"] == standing]
        if not mine:
            continue
        ends = [whisker(row["score"], row["interval"], colour) for row in mine]
        made.add_trace(
            go.Scatter(
                x=[row[key] for row in mine],
                y=[100 * row["score"] for row in mine],
                name=label,
                mode="markers",
                marker={"symbol": symbol, "color": colour, "size": 14 if standing == "picked" else 10},
                error_y={
                    "type": "data",
                    "symmetric": False,
                    "array": [end.get("array", [0])[0] for end in ends],
                    "arrayminus": [end.get("arrayminus", [0])[0] for end in ends],
                    "color": colour,
                    "thickness": 1,
                },
                text=[f"{row['name']}, n = {row['asked']}" for row in mine],
                hovertemplate=f"%{{text}}: %{{x:,.{digits}f}}, %{{y:.1f}} %<extra></extra>",
            )
        )
    made.update_layout(xaxis={"rangemode": "tozero"}, yaxis={"rangemode": "tozero"})
    return made
