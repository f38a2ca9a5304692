"""A plan in; machines by hour of a weekday out."""

from math import ceil
from typing import Any

from workbench.exhibits.exhibit import Exhibit
from workbench.exhibits.plan import lines, source
from workbench.exhibits.theme import SERIES, figure
from workbench.planning.plan import Plan
from workbench.planning.values import plain


def capacity(plan: Plan) -> Exhibit:
    """Replicas by hour, so that calls start in time; hours that want more than is allowed are marked."""
    hours, most = plan.bill.hours, int(plan.scenario.number("load.max_replicas"))
    late = [hour for hour, each in enumerate(hours) if each.clamped == "max"]
    scenario = plan.scenario
    target = (
        f"{100 * scenario.number('load.target_share'):.0f} % of calls start within "
        f"{plain(scenario.number('load.target_seconds'))} s"
    )
    needed = max((each.replicas for each in hours), default=0)
    return Exhibit(
        name="capacity",
        title="Machines by hour of a weekday",
        says=f"In {len(late)} of 24 hours more than the allowed {most} replicas are wanted, up to "
        f"{ceil(max(each.slots for each in hours) / scenario.number('load.slots_per_replica'))}: calls then wait "
        f"longer than the target ({target})."
        if late
        else f"{needed} replicas at the busiest hour are enough: {target}.",
        table=[
            {
                "Hour (UTC)": f"{hour:02}:00",
                "Calls per second": round(each.calls_per_second, 2),
                "Slots": each.slots,
                "Replicas": each.replicas,
                "Held at": {"min": "the fewest allowed", "max": "the most allowed"}.get(each.clamped, ""),
            }
            for hour, each in enumerate(hours)
        ],
        source=f"{source(plan)}; hours read off Azure's 2024 conversation trace unless set",
        figure=_hours(plan, most),
        notes=("Deferrable and cached questions wait for nobody and are not counted. Replicas are paid only where "
               "nodes follow them (load.nodes_follow_replicas).",),
    )  # fmt: skip


def _hours(plan: Plan, most: int) -> Any:
    import plotly.graph_objects as go

    made = figure(x="Hour (UTC)", y="Replicas", height=320)
    hours = list(enumerate(plan.bill.hours))
    for label, colour, pattern, wanted in (
        ("in time", SERIES[0], "", False),
        ("more are wanted than allowed", SERIES[4], "/", True),
    ):
        found = [(hour, each) for hour, each in hours if (each.clamped == "max") is wanted]
        if found:
            made.add_trace(
                go.Bar(
                    x=[hour for hour, _ in found],
                    y=[each.replicas for _, each in found],
                    customdata=[each.slots for _, each in found],
                    name=label,
                    marker={"color": colour, "pattern": {"shape": pattern}},
                    hovertemplate="%{x}:00 UTC: %{y} replicas, %{customdata} slots wanted<extra></extra>",
                )
            )
    made.update_layout(
        xaxis={"dtick": 3},
        yaxis={"rangemode": "tozero"},
        showlegend=True,
        **lines({f"most allowed: {most}": most}, upright=False),
    )
    return made
