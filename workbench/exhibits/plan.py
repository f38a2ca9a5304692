"""A plan in; what a month costs, how sure that is, and the same beside other plans, out."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from workbench.exhibits.exhibit import Exhibit
from workbench.exhibits.theme import INK, SERIES, figure
from workbench.planning.levers import active
from workbench.planning.plan import Plan
from workbench.planning.values import plain

UNPRICED = "unpriced"

LEVER_WORDS = {
    "response_cache": "response cache",
    "prompt": "shorter texts",
    "routing": "cheap model",
    "prefix_cache": "vendor's cache",
    "batch": "batch jobs",
}


def answer(plan: Plan) -> Exhibit:
    """What a month costs: one row for each figure that a decision needs, the most important first."""
    made, users = plan.bill, plan.scenario.number("demand.daily_users")
    return Exhibit(
        name="answer",
        title="What a month costs",
        says=_says(plan),
        table=[
            {"Figure": "Cost of a month", "Value": usd(made.total_usd), "Detail": _what(plan)},
            {"Figure": "Likely range", "Value": between(plan), "Detail": "P10 to P90: 8 of 10 draws lie in it"},
            {
                "Figure": "Per user and month",
                "Value": usd(made.usd_per_user),
                "Detail": f"{users:,.0f} daily users" if users else "nobody uses it",
            },
            {"Figure": "Against the budget", **_against(plan)},
            {"Figure": "Taken off by levers", **_saved(plan)},
            {"Figure": "Wrong answers", **_wrong(plan)},
        ],
        source=source(plan),
        notes=notes(plan),
    )


def side_by_side(plans: Mapping[str, Plan]) -> Exhibit:
    """The month of each plan: P50 as a bar, P10 to P90 as a line across it, and the budgets."""
    priced = {name: plan for name, plan in plans.items() if plan.simulation is not None}
    return Exhibit(
        name="side-by-side",
        title="Scenarios side by side",
        says=_cheapest(priced, plans),
        table=[_beside(name, plan) for name, plan in plans.items()],
        source="; ".join(f"{name}: {source(plan)}" for name, plan in plans.items()),
        figure=_bars(priced) if priced else None,
        notes=tuple(
            f"{name}: {sentence}"
            for name, plan in plans.items()
            for sentence in plan.bill.warnings
            if "retired" in sentence or UNPRICED in sentence
        ),
    )


# ---- words ----


def usd(value: Decimal | float | None) -> str:
    """Such as 233,041 USD, 0.93 USD; an unknown price is never 0."""
    if value is None:
        return UNPRICED
    amount = float(value)
    if abs(amount) >= 1000 or not amount:
        return f"{amount:,.0f} USD"
    return f"{amount:,.2f} USD" if abs(amount) >= 0.1 else f"{amount:.2g} USD"


def between(plan: Plan) -> str:
    """P10 to P90 of a month."""
    if plan.simulation is None:
        return UNPRICED
    low, _, high = plan.simulation.percentiles
    return f"{low:,.0f} to {high:,.0f} USD" if high >= 1000 else f"{low:,.2f} to {high:,.2f} USD"


def source(plan: Plan) -> str:
    """Scenario, prices and their date, draws, and the run that inputs were measured in."""
    scenario = plan.scenario
    told = [f"scenario {scenario.name}, {plan.bill.month:%Y-%m}"]
    for name in dict.fromkeys([each.model or scenario.strong for each in scenario.everybody()] or [scenario.strong]):
        rate = scenario.models[name].rate_on(plan.bill.month)
        told.append(
            f"{name} {UNPRICED}"
            if rate is None
            else f"{name} {plain(rate.input_usd_per_mtok)} in / {plain(rate.output_usd_per_mtok)} out USD per million "
            f"tokens ({rate.source})"
        )
    told.append(f"{plan.draws:,} draws, seed {plan.seed}")
    known = scenario.measured
    told.append(f"tokens measured in {known.workload} {known.backend} {known.track}, n = {known.questions}" if known
                else "tokens are assumptions")  # fmt: skip
    return "; ".join(told)


def notes(plan: Plan) -> tuple[str, ...]:
    """What a reader must be told: unpriced and retired models, wrong answers, what a measurement could not see."""
    known = plan.scenario.measured
    return (*map(_sentence, plan.bill.warnings), *map(_sentence, known.warnings if known else ()))


def over(plan: Plan) -> str:
    """How many draws pass the budget; never a bare zero."""
    if plan.simulation is None or plan.budget is None:
        return ""
    share, draws = plan.simulation.over(plan.budget), plan.simulation.draws
    if not share:  # Hanley and Lippman-Hand's bound
        return f"0 of {draws:,} draws over it, at most {100 * (1 - 0.05 ** (1 / draws)):.2g} %"
    return f"{100 * share:.3g} % of {draws:,} draws over it"


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def _what(plan: Plan) -> str:
    return f"{plan.bill.queries:,.0f} questions on {plan.scenario.strong}"


def _says(plan: Plan) -> str:
    total = plan.bill.total_usd
    if total is None:
        return f"What it costs is not known: {', '.join(plan.bill.unpriced)} has no price."
    saved = plan.savings
    used = f" Its levers take off {100 * saved.share:.1f} %." if saved and active(plan.scenario) else ""
    return (
        f"{plan.scenario.number('demand.daily_users'):,.0f} daily users cost {usd(total)} a month, P10 to P90 "
        f"{between(plan)}.{used}"
    )


def _against(plan: Plan) -> dict[str, str]:
    total, budget = plan.bill.total_usd, plan.budget
    if budget is None:
        return {"Value": "no budget", "Detail": "set one to see how far it goes"}
    if total is None:
        return {"Value": UNPRICED, "Detail": f"budget {usd(budget)}"}
    left = budget - total
    return {
        "Value": f"{usd(abs(left))} {'below' if left >= 0 else 'over'}",
        "Detail": f"of {usd(budget)}; {over(plan)}",
    }


def _saved(plan: Plan) -> dict[str, str]:
    saved = plan.savings
    if saved is None:
        return {"Value": UNPRICED, "Detail": ""}
    used = [LEVER_WORDS[name] for name in active(plan.scenario)]
    if not used:
        return {"Value": "nothing yet", "Detail": "no lever is on"}
    return {
        "Value": usd(saved.before_usd - saved.after_usd),
        "Detail": f"{100 * saved.share:.1f} % of {usd(saved.before_usd)}, by {', '.join(used)}",
    }


def _wrong(plan: Plan) -> dict[str, str]:
    if not plan.bill.costs.hits:
        return {"Value": "none by a cache", "Detail": "nothing is answered from one"}
    if not plan.bill.wrong_answers:
        return {"Value": "none assumed", "Detail": "an assumption: measure how many stored answers do not fit"}
    return {"Value": f"{plan.bill.wrong_answers:,.0f} a month", "Detail": "given by the cache to another question"}


# ---- side by side ----


def _beside(name: str, plan: Plan) -> dict[str, Any]:
    made, simulated = plan.bill, plan.simulation
    low, middle, high = (f"{each:,.0f}" for each in simulated.percentiles) if simulated else (UNPRICED,) * 3
    return {
        "Scenario": name,
        "Model": plan.scenario.strong,
        "USD per month": UNPRICED if made.total_usd is None else f"{made.total_usd:,.0f}",
        "P10": low,
        "P50": middle,
        "P90": high,
        "USD per user": UNPRICED if made.usd_per_user is None else f"{made.usd_per_user:,.2f}",
        "Budget": "none" if plan.budget is None else f"{plan.budget:,.0f}",
        "Over budget": over(plan) or "unknown",
    }


def _cheapest(priced: Mapping[str, Plan], plans: Mapping[str, Plan]) -> str:
    if not priced:
        return "None of them has a price."
    costs = {name: plan.bill.total_usd or Decimal(0) for name, plan in priced.items()}
    least, most = min(costs, key=lambda name: costs[name]), max(costs, key=lambda name: costs[name])
    unknown = "" if len(priced) == len(plans) else f" Without a price: {', '.join(set(plans) - set(priced))}."
    if costs[least] == costs[most]:
        return f"{'They all cost' if len(costs) > 1 else f'{least} costs'} {usd(costs[least])} a month.{unknown}"
    return (
        f"From {usd(costs[least])} a month ({least}) to {usd(costs[most])} ({most}). Bars are P50, lines across them "
        f"P10 to P90.{unknown}"
    )


def _bars(plans: Mapping[str, Plan]) -> Any:
    import plotly.graph_objects as go

    made = figure(x="USD per month", height=90 + 56 * len(plans))
    points = [plan.simulation.percentiles for plan in plans.values() if plan.simulation]
    made.add_trace(
        go.Bar(
            orientation="h",
            y=list(plans),
            x=[middle for _, middle, _ in points],
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [high - middle for _, middle, high in points],
                "arrayminus": [middle - low for low, middle, _ in points],
                "color": INK,
                "thickness": 2,
            },
            marker={"color": SERIES[0]},
            hovertemplate="%{y}: P50 %{x:,.0f} USD<extra></extra>",
        )
    )
    made.update_layout(
        showlegend=False,
        yaxis={"autorange": "reversed"},
        xaxis={"rangemode": "tozero"},
        **lines(budgets(list(plans.values())), upright=True),
    )
    return made


def lines(marks: Mapping[str, float], *, upright: bool) -> dict[str, Any]:
    """Of a figure's layout: dashed lines across it, each with its words. plotly's own way is several times slower.

    Args:
        marks: where each stands, by its words.
        upright: at a place of the x axis instead of the y axis.
    """
    along, across = ("x", "y") if upright else ("y", "x")
    return {
        "shapes": [
            {
                "type": "line",
                f"{along}0": at,
                f"{along}1": at,
                f"{across}ref": f"{across} domain",
                f"{across}0": 0,
                f"{across}1": 1,
                "line": {"dash": "dash", "color": INK, "width": 2},
            }
            for at in marks.values()
        ],
        "annotations": [
            {
                "text": words,
                along: at,
                f"{across}ref": f"{across} domain",
                across: 1,
                "xanchor": "center" if upright else "right",
                "yanchor": "bottom",
                "showarrow": False,
            }
            for words, at in marks.items()
        ],
    }


def budgets(plans: Sequence[Plan]) -> dict[str, float]:
    """Where the budgets of a figure are, by their words."""
    return {f"budget {plan.budget:,.0f}": float(plan.budget) for plan in plans if plan.budget is not None}
