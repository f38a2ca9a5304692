"""Shares by backend and group in; dots with whiskers out, backends that are alike in every group drawn once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from workbench.exhibits.measures import Plain
from workbench.exhibits.numbers import all_of
from workbench.exhibits.theme import COLOURS, INK, SYMBOLS, figure

Scores = Mapping[str, Mapping[str, Plain]]
"""Backend -> group -> at least `value`, `low` and `high`, from 0 to 1; without an interval the ends are None."""


def merged(scores: Scores) -> dict[str, tuple[str, Mapping[str, Plain]]]:
    """Backends that score the same in every group: the label, and what they score, by the first of them."""
    alike: list[tuple[list[str], Mapping[str, Plain]]] = []
    for name, scored in scores.items():
        for names, known in alike:
            if known == scored:
                names.append(name)
                break
        else:
            alike.append(([name], scored))
    return {names[0]: (together(names, len(scores)), scored) for names, scored in alike}


def together(names: Sequence[str], count: int) -> str:
    """What backends are called that are told once: `all six backends`, or their names.

    Args:
        names: of them.
        count: of all backends there are.
    """
    return f"{all_of(count)} backends" if len(names) == count > 1 else ", ".join(names)


def means(scores: Scores) -> dict[str, float]:
    """Of each group over all backends."""
    found: dict[str, list[float]] = {}
    for scored in scores.values():
        for group, each in scored.items():
            found.setdefault(group, []).append(each["value"])
    return {group: sum(values) / len(values) for group, values in found.items()}


def dots(
    series: Mapping[str, tuple[str, Mapping[str, Plain]]],
    groups: Sequence[str],
    title: str,
    tell: Callable[[Plain], str],
) -> Any:
    """A line for each group, from top to bottom, and on it a dot with its whisker for each series.

    Args:
        series: as `merged` gives them.
        groups: in their order.
        title: of the axis, with its unit, which is percent.
        tell: what is read where the pointer rests on a dot.
    """
    import plotly.graph_objects as go

    made = figure(x=title, height=130 + len(groups) * (20 + 9 * len(series)))
    step = 0.75 / max(1, len(series))
    for place, (name, (label, scored)) in enumerate(series.items()):
        shown = [(at, scored[group]) for at, group in enumerate(groups) if group in scored]
        colour = INK if len(series) == 1 else COLOURS[name]
        made.add_trace(
            go.Scatter(
                x=[100 * each["value"] for _, each in shown],
                y=[at + (place - (len(series) - 1) / 2) * step for at, _ in shown],
                name=label,
                mode="markers",
                marker={"color": colour, "symbol": SYMBOLS[name], "size": 8},
                error_x=whiskers([each for _, each in shown], colour),
                customdata=[[groups[at], tell(each)] for at, each in shown],
                hovertemplate=f"{label}, %{{customdata[0]}}: %{{customdata[1]}}<extra></extra>",
            )
        )
    made.update_layout(
        yaxis={
            "autorange": "reversed",
            "title": "",
            "tickvals": list(range(len(groups))),
            "ticktext": [group.replace("_", " ") for group in groups],
        },
        xaxis={"range": [-3, 103]},
        showlegend=True,
    )
    return made


def whiskers(scores: Sequence[Plain], colour: str) -> dict[str, Any]:
    """What plotly draws the intervals of several shares with, in percent."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [_length(each, "high") for each in scores],
        "arrayminus": [_length(each, "low") for each in scores],
        "color": colour,
        "thickness": 1.5,
        "width": 0,
    }


def _length(score: Plain, end: str) -> float:
    return 0.0 if score[end] is None else 100 * abs(score[end] - score["value"])
