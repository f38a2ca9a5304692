"""A plan in; its months out: what each costs and how sure that is, and who has the assistant by then."""

from collections.abc import Sequence
from typing import Any

from workbench.exhibits.exhibit import Exhibit
from workbench.exhibits.plan import UNPRICED, budgets, lines, source, usd
from workbench.exhibits.theme import SERIES, figure
from workbench.planning.months import Month
from workbench.planning.plan import Plan


def monthly(plan: Plan) -> Exhibit:
    """Cost of every month with P10, P50 and P90, beside the budget."""
    spreads: Sequence[Any] = plan.months_simulation.by_month if plan.months_simulation else [None] * len(plan.months)
    return Exhibit(
        name="months",
        title="Cost month by month",
        says=_says(plan),
        table=[
            {
                "Month": f"{month.day:%Y-%m}",
                "Daily users": round(float(month.users)),
                "USD": UNPRICED if month.bill.total_usd is None else f"{month.bill.total_usd:,.0f}",
                "P10": UNPRICED if spread is None else f"{spread[0]:,.0f}",
                "P50": UNPRICED if spread is None else f"{spread[1]:,.0f}",
                "P90": UNPRICED if spread is None else f"{spread[2]:,.0f}",
                "Budget": "none" if plan.budget is None else f"{plan.budget:,.0f}",
                "Spent so far": UNPRICED if month.cumulative_usd is None else f"{month.cumulative_usd:,.0f}",
            }
            for month, spread in zip(plan.months, spreads, strict=True)
        ],
        source=source(plan),
        figure=_band(plan) if plan.months_simulation else None,
        notes=tuple(_alerts(plan)),
    )


def rollout(plan: Plan) -> Exhibit:
    """Daily users by month, and which part of all users has the assistant."""
    first, last = plan.months[0], plan.months[-1]
    alike = len({month.users for month in plan.months}) == 1
    who = (
        "everybody has it from the start, and nobody is added"
        if all(month.rollout == 1 for month in plan.months)
        else f"{_per_cent(first)} of all users have it at first, and {_per_cent(last)} at last"
    )
    return Exhibit(
        name="rollout",
        title="Rollout",
        says=f"{first.users:,.0f} daily users in every month: {who}."
        if alike
        else f"From {first.users:,.0f} daily users in {first.day:%Y-%m} to {last.users:,.0f} in {last.day:%Y-%m}.",
        table=[
            {
                "Month": f"{month.day:%Y-%m}",
                "Have it (%)": round(float(100 * month.rollout), 1),
                "Daily users": round(float(month.users)),
                "Questions": round(float(month.bill.queries)),
                "Replicas at the peak": month.bill.capacity.replicas,
            }
            for month in plan.months
        ],
        source=source(plan),
        figure=_users(plan),
    )


def _per_cent(month: Month) -> str:
    return f"{float(100 * month.rollout):.3g} %"


def _says(plan: Plan) -> str:
    total, count = plan.total_usd, len(plan.months)
    if total is None or plan.months_simulation is None:
        gone = next(month for month in plan.months if month.bill.unpriced)
        return f"What it costs is not known: in {gone.day:%Y-%m} {', '.join(gone.bill.unpriced)} has no price."
    low, _, high = plan.months_simulation.percentiles
    told = f"{count} months cost {usd(total)} together, P10 to P90 {low:,.0f} to {high:,.0f} USD"
    if plan.budget is None:
        return f"{told}; no budget is set."
    costs = [month.bill.total_usd for month in plan.months]
    past = sum(each is not None and each > plan.budget for each in costs)
    return (
        f"{told}; {f'{past} of {count} months pass' if past else 'no month passes'} the budget of {usd(plan.budget)}."
    )


def _alerts(plan: Plan) -> list[str]:
    return [
        f"{each.level:.0%} of the budget of all months is spent on {each.day}."
        for each in plan.alerts
        if each.day is not None
    ] + _retired(plan)


def _retired(plan: Plan) -> list[str]:
    """The first month in which each model that the plan pays for is switched off."""
    first: dict[str, str] = {}
    for month in plan.months:
        for term in month.bill.costs.terms:
            model = plan.scenario.models.get(term.model)
            if model and model.retired_on(month.last_day):
                first.setdefault(model.name, f"{month.day:%Y-%m}")
    return [f"{name} is retired by {day}: these prices cannot be bought from then on." for name, day in first.items()]


def _band(plan: Plan) -> Any:
    import plotly.graph_objects as go

    assert plan.months_simulation is not None
    made = figure(y="USD per month")
    days = [f"{month.day:%Y-%m}" for month in plan.months]
    low, middle, high = (list(each) for each in zip(*plan.months_simulation.by_month, strict=True))
    if len(days) == 1:
        made.add_trace(
            go.Bar(
                x=days,
                y=middle,
                width=0.3,
                name="P50, line P10 to P90",
                marker={"color": SERIES[0]},
                error_y={
                    "type": "data",
                    "symmetric": False,
                    "array": [high[0] - middle[0]],
                    "arrayminus": [middle[0] - low[0]],
                },
            )
        )
    else:
        bare = {"x": days, "mode": "lines", "line": {"width": 0}, "hovertemplate": "%{y:,.0f} USD"}
        made.add_trace(go.Scatter(y=high, name="P90", showlegend=False, **bare))
        made.add_trace(
            go.Scatter(y=low, name="P10 to P90", fill="tonexty", fillcolor="rgba(86, 180, 233, 0.35)", **bare)
        )
        made.add_trace(
            go.Scatter(
                x=days,
                y=middle,
                name="P50",
                mode="lines+markers",
                line={"color": SERIES[0], "width": 3},
                hovertemplate="%{y:,.0f} USD",
            )
        )
    made.update_layout(
        xaxis={"type": "category"},
        yaxis={"rangemode": "tozero"},
        hovermode="x unified",
        **lines(budgets([plan]), upright=False),
    )
    return made


def _users(plan: Plan) -> Any:
    import plotly.graph_objects as go

    made = figure(y="Daily users", height=300)
    made.add_trace(
        go.Bar(
            x=[f"{month.day:%Y-%m}" for month in plan.months],
            y=[float(month.users) for month in plan.months],
            text=[f"{month.rollout:.0%}" for month in plan.months],
            marker={"color": SERIES[2]},
            hovertemplate="%{x}: %{y:,.0f} users<extra></extra>",
        )
    )
    made.update_layout(xaxis={"type": "category"}, yaxis={"rangemode": "tozero"})
    return made
