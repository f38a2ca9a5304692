"""A plan in; what each tenant owes of a month out, adding up to the bill."""

from typing import Any

from workbench.exhibits.exhibit import Exhibit
from workbench.exhibits.plan import source, usd
from workbench.exhibits.theme import SERIES, figure
from workbench.planning.plan import Plan


def tenants(plan: Plan) -> Exhibit:
    """Own tokens, and the part of everything else, by tenant."""
    shares = plan.tenants
    if plan.bill.total_usd is None:
        says = f"What it costs is not known: {', '.join(plan.bill.unpriced)} has no price."
    elif not shares:
        says = "This scenario names no tenants: set the input tenants, such as sales:40%,support:60%:1.5."
    else:
        most = max(shares, key=lambda each: each.total_usd)
        says = f"{most.name} owes most: {usd(most.total_usd)} of {usd(plan.bill.total_usd)} a month."
    return Exhibit(
        name="tenants",
        title="What each tenant owes",
        says=says,
        table=[
            {
                "Tenant": each.name,
                "Model": each.model,
                "Share of questions (%)": round(float(100 * each.query_share), 1),
                "Own tokens, USD": f"{each.llm_usd:,.2f}",
                "Part of the rest, USD": f"{each.shared_usd:,.2f}",
                "Total, USD": f"{each.total_usd:,.2f}",
            }
            for each in shares
        ],
        source=source(plan),
        figure=_bars(plan) if shares else None,
    )


def _bars(plan: Plan) -> Any:
    import plotly.graph_objects as go

    made = figure(x="USD per month", height=110 + 40 * len(plan.tenants))
    names = [each.name for each in plan.tenants]
    for label, amounts, colour in (
        ("own tokens", [each.llm_usd for each in plan.tenants], SERIES[0]),
        ("part of the rest", [each.shared_usd for each in plan.tenants], SERIES[1]),
    ):
        made.add_trace(
            go.Bar(
                orientation="h",
                name=label,
                y=names,
                x=[float(each) for each in amounts],
                marker={"color": colour},
                hovertemplate="%{y}: %{x:,.2f} USD<extra></extra>",
            )
        )
    made.update_layout(barmode="stack", yaxis={"autorange": "reversed"})
    return made
