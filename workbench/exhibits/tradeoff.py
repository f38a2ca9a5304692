"""An experiment's report and its verdicts in; right answers against what they cost, and who is not beaten, out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.comparison import CONTROL
from workbench.exhibits.exhibit import Exhibit
from workbench.exhibits.measures import RIGHT, Plain, ranked, runs, source, whisker
from workbench.exhibits.numbers import all_of, listed, within
from workbench.exhibits.theme import COLOURS, INK, SYMBOLS, figure


@dataclass(frozen=True, slots=True)
class Axis:
    """What an answer costs, in one of its currencies."""

    title: str
    short: str
    digits: int


COSTS = {
    "usd": Axis("USD per 1,000 questions", "USD", 2),
    "tokens": Axis("Input tokens per question", "input tokens", 0),
    "framework_cpu_ms": Axis("CPU of the framework beyond the control (ms per question)", "framework CPU", 1),
}


def cost_axes(report: Plain, track: str) -> dict[str, Axis]:
    """What accuracy can be set against: what was measured, and is not nothing for all."""
    found = runs(report, track).values()
    return {key: axis for key, axis in COSTS.items() if any(_cost(run, key) for run in found)}


def _cost(run: Plain, key: str) -> float | None:
    value = run["tokens"]["input"] if key == "tokens" else run[key]
    # Of the control beyond itself there is nothing.
    return 0.0 if value is None and key == "framework_cpu_ms" and run["backend"] == CONTROL else value


def frontier(spots: Mapping[str, tuple[float, float]]) -> list[str]:
    """Names that none surpasses: nobody is as good for less, or better for as much. From the cheapest on.

    Args:
        spots: cost and score by name.
    """
    return sorted(
        (
            name
            for name, (cost, score) in spots.items()
            if not any(
                other <= cost and better >= score and (other, better) != (cost, score)
                for other, better in spots.values()
            )
        ),
        key=lambda name: spots[name],
    )


def tradeoff(report: Plain, verdicts: Plain, track: str, cost: str) -> Exhibit:
    """Right answers against what they cost, and the frontier: those that none beats in both."""
    axis, found = COSTS[cost], runs(report, track)
    scores = {row["backend"]: row["figures"][RIGHT.path] for row in ranked(verdicts, track)}
    spots = {
        name: (value, scores[name]["value"])
        for name, run in found.items()
        if (value := _cost(run, cost)) is not None and scores.get(name)
    }
    best = frontier(spots)
    left_out = [name for name in found if name not in spots]
    return Exhibit(
        name="tradeoff",
        title=f"Right answers against {axis.short}, {track}",
        says=_frontier_says(spots, best, axis),
        table=[
            {
                "Backend": name,
                axis.title: round(value, axis.digits + 2),
                "Right answers (%)": round(100 * score, 1),
                "95 % interval": within(scores[name]["interval"], times=100, digits=1, unit="%"),
                "n": scores[name]["n"],
                "On the frontier": "yes" if name in best else "no",
            }
            for name, (value, score) in sorted(spots.items(), key=lambda each: each[1])
        ],
        source=source(report, track),
        figure=_scatter(spots, scores, best, axis) if spots else None,
        notes=(
            *_free(found, report),
            *([f"Left out, because it was not measured or has no price: {', '.join(left_out)}."] if left_out else []),
            "The frontier is drawn through measured means: two whose intervals overlap may change places.",
        ),
    )


def _free(found: Mapping[str, Plain], report: Plain) -> list[str]:
    if found and all(run["usd"] == 0 for run in found.values()):
        return ["Every answer cost 0 USD, because the model is local: a run with --price-as MODEL prices its tokens."]
    if report["experiment"].get("price_as"):
        return [f"Tokens are priced as those of {report['experiment']['price_as']}: an assumption, nothing was paid."]
    return []


def _frontier_says(spots: Mapping[str, tuple[float, float]], best: Sequence[str], axis: Axis) -> str:
    if not spots:
        return f"There is nothing to show: no backend has both a score and its {axis.short}."
    if len(spots) == 1:
        return f"Only {best[0]} was measured, so that there is nothing to choose."
    if len(set(spots.values())) == 1:
        return f"{all_of(len(spots)).capitalize()} score the same at the same cost."
    if len(best) == len(spots):
        return "None is beaten: whoever scores higher costs more."
    count = len(spots) - len(best)
    beaten = f"for {'the other' if count == 1 else f'each of the other {count}'}"
    return (
        f"{listed(best)} {'is' if len(best) == 1 else 'are'} not beaten; {beaten} another scores as high for no more."
    )


def _scatter(
    spots: Mapping[str, tuple[float, float]], scores: Mapping[str, Plain], best: Sequence[str], axis: Axis
) -> Any:
    import plotly.graph_objects as go

    made = figure(x=axis.title, y="Right answers (%)", height=420)
    steps = [(spots[name][0], 100 * spots[name][1]) for name in best]
    made.add_trace(
        go.Scatter(
            x=[x for x, _ in steps],
            y=[y for _, y in steps],
            mode="lines",
            line={"shape": "hv", "dash": "dot", "color": INK},
            name="frontier",
            hoverinfo="skip",
        )
    )
    for name, (value, score) in spots.items():
        made.add_trace(
            go.Scatter(
                x=[value],
                y=[100 * score],
                name=name,
                mode="markers",
                marker={"color": COLOURS[name], "symbol": SYMBOLS[name], "size": 13},
                error_y=whisker(score, scores[name]["interval"], COLOURS[name]) | {"thickness": 1},
                hovertemplate=f"{name}: %{{x:,.{axis.digits}f}} {axis.short}, %{{y:.1f}} % right<extra></extra>",
            )
        )
    made.update_layout(xaxis={"rangemode": "tozero"}, yaxis={"rangemode": "tozero"})
    return made
