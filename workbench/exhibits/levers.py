"""A plan in; what each lever takes off, and which input moves the cost most, out."""

from collections.abc import Sequence
from typing import Any

from workbench.exhibits.exhibit import Exhibit
from workbench.exhibits.plan import LEVER_WORDS, lines, source, usd
from workbench.exhibits.theme import INK, SERIES, figure
from workbench.planning.controls import CONTROLS, held, published
from workbench.planning.inputs import BY_NAME
from workbench.planning.levers import Saving, Savings, active
from workbench.planning.plan import Plan
from workbench.planning.simulate import Swing
from workbench.planning.values import plain

_SAVES, _COSTS, _TOTAL = SERIES[2], SERIES[4], SERIES[0]


def waterfall(plan: Plan) -> Exhibit:
    """From the month without any lever to the month with all of them, in the scenario's order."""
    saved = plan.savings
    return Exhibit(
        name="levers",
        title="What each lever takes off",
        says=_says(plan, saved),
        table=[_lever(plan, each) for each in saved.levers] if saved else [],
        source=source(plan),
        figure=_steps(plan, saved) if saved and active(plan.scenario) else None,
        notes=(
            "In order: each lever acts on what those before it left. Fair division: the mean over all orders. Both add "
            "up to what is saved. Alone, with every other lever off, they do not add up to anything.",
        )
        if saved
        else (),
    )


def tornado(plan: Plan) -> Exhibit:
    """The month's cost with each uncertain input at its low and at its high, the widest first."""
    swings = plan.tornado
    total = plan.bill.total_usd
    if total is None:
        says = f"What it costs is not known: {', '.join(plan.bill.unpriced)} has no price."
    elif not swings:
        says = "No input is uncertain in this scenario, so that nothing moves its cost."
    else:
        widest = swings[0]
        says = (
            f"Most depends on “{_name(widest)}”: from {usd(min(widest.low_usd, widest.high_usd))} to "
            f"{usd(max(widest.low_usd, widest.high_usd))} a month."
        )
    return Exhibit(
        name="tornado",
        title="What moves the cost most",
        says=says,
        table=[
            {
                "Input": each.name,
                "Meaning": BY_NAME[each.name].meaning,
                "Low": plain(round(each.low, 4)),
                "High": plain(round(each.high, 4)),
                "USD at low": f"{each.low_usd:,.0f}",
                "USD at high": f"{each.high_usd:,.0f}",
                "Swing USD": f"{each.swing_usd:,.0f}",
                "Source": plan.scenario.inputs[each.name].source,
            }
            for each in swings
        ],
        source=source(plan),
        figure=_wings(swings, float(total)) if swings and total is not None else None,
        notes=("One input moves at a time, the others stay as stated; of a range without ends, low and high are P10 "
               "and P90.",) if swings else (),
    )  # fmt: skip


def _says(plan: Plan, saved: Savings | None) -> str:
    if saved is None:
        return f"What it costs is not known: {', '.join(plan.bill.unpriced)} has no price."
    used = active(plan.scenario)
    if not used:
        return f"No lever is on: a month costs {usd(saved.before_usd)}."
    best = max(saved.levers, key=lambda each: each.shapley_usd)
    word = "saves" if saved.after_usd <= saved.before_usd else "costs"
    return (
        f"From {usd(saved.before_usd)} to {usd(saved.after_usd)} a month: together it {word} "
        f"{usd(abs(saved.before_usd - saved.after_usd))} ({100 * abs(saved.share):.1f} %), most of it by "
        f"{LEVER_WORDS[best.name]}."
    )


def _lever(plan: Plan, saving: Saving) -> dict[str, Any]:
    control = next((each for each in CONTROLS if each.lever == saving.name), None)
    on = saving.name in active(plan.scenario)
    evidence = published()[control.topic] if control else None
    return {
        "Lever": LEVER_WORDS[saving.name],
        "In order, USD": f"{saving.waterfall_usd:,.0f}" if on else "off",
        "Fair division, USD": f"{saving.shapley_usd:,.0f}" if on else "off",
        "Alone, USD": f"{saving.alone_usd:,.0f}" if on else "off",
        "Where the value is from": held(plan.scenario, control) if control and on else "",
        "Claimed": evidence.claim if evidence else "",
        "Published evidence": evidence.evidence if evidence else "",
    }


def _steps(plan: Plan, saved: Savings) -> Any:
    import plotly.graph_objects as go

    on = [each for each in saved.levers if each.name in active(plan.scenario)]
    heights = [float(saved.before_usd), *(-float(each.waterfall_usd) for each in on), float(saved.after_usd)]
    made = figure(y="USD per month", height=380)
    made.add_trace(
        go.Waterfall(
            x=["without levers", *(LEVER_WORDS[each.name] for each in on), "with them"],
            y=heights,
            measure=["absolute", *["relative"] * len(on), "total"],
            text=[f"{each:,.0f}" for each in heights],
            textposition="outside",
            cliponaxis=False,
            decreasing={"marker": {"color": _SAVES}},
            increasing={"marker": {"color": _COSTS}},
            totals={"marker": {"color": _TOTAL}},
            connector={"line": {"color": INK, "dash": "dot", "width": 1}},
            hovertemplate="%{x}: %{text} USD<extra></extra>",
        )
    )
    made.update_layout(margin={"t": 32}, showlegend=False)
    return made


def _wings(swings: Sequence[Swing], total: float) -> Any:
    import plotly.graph_objects as go

    names = [_name(each) for each in swings]
    made = figure(x="USD per month", height=130 + 36 * len(swings))
    for label, ends, colour in (
        ("input at its low", [float(each.low_usd) for each in swings], SERIES[5]),
        ("input at its high", [float(each.high_usd) for each in swings], SERIES[1]),
    ):
        made.add_trace(
            go.Bar(
                orientation="h",
                name=label,
                y=names,
                base=total,
                x=[end - total for end in ends],
                customdata=ends,
                marker={"color": colour},
                hovertemplate="%{y}: %{customdata:,.0f} USD<extra></extra>",
            )
        )
    made.update_layout(
        barmode="overlay",
        legend={"y": 1.12},
        yaxis={"autorange": "reversed"},
        **lines({"as stated": total}, upright=True),
    )
    return made


def _name(swing: Swing) -> str:
    words = swing.name.replace(".", " ").replace("_", " ")
    label = next((each.label for each in CONTROLS if each.input == swing.name), words)
    return label.removesuffix(" (%)").lower()
