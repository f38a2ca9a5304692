"""A plan comes in, its report for a terminal of 100 columns goes out: bill, levers, risk, capacity, document check."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table

from workbench import prices
from workbench.nouns import counted
from workbench.planning import months
from workbench.planning.bill import Bill
from workbench.planning.inputs import BY_NAME, FIELDS, PRICE_FIELDS
from workbench.planning.levers import active
from workbench.planning.names import CUT_INPUT, INPUT_TOKENS, TENANTS
from workbench.planning.plan import Plan
from workbench.planning.scenario import BY_HAND, Input, Scenario
from workbench.planning.values import plain, shown

_DEFAULT = "assumption (default)"
_UNPRICED = "unpriced"
_COLUMN = 18


def lines(plan: Plan, *, check: bool = False) -> Iterator[Any]:
    """The whole report; the document check in full where it is asked for, else how many claims it looks at."""
    yield from _head(plan)
    yield from _bill(plan.bill)
    yield from _levers(plan)
    yield from _risk(plan)
    yield from _capacity(plan.bill)
    if len(plan.months) > 1:
        yield from _months(plan)
    if plan.tenants:
        yield from _tenants(plan)
    yield from _self_hosting(plan.bill)
    yield from _sources(plan.scenario)
    yield from _checks(plan, check)


def inputs() -> Iterator[Any]:
    """Every input with its unit, default, allowed range and meaning."""
    yield (
        "Set any of these by --set name=value. A value may be 250,000 or 250k, 30% or 365/12; LOW..VALUE..HIGH gives a "
        "range, name.cv=0.1 an uncertainty of the mean (standard deviation over mean). Defaults are the reference's.\n"
    )
    for each in catalogue():
        uncertainty = f", cv {each['cv']}" if each["cv"] else ""
        unit = "; ".join(part for part in (each["unit"], each["range"]) if part)
        yield from _explained(each["name"], f"{each['default']}{uncertainty}", unit, each["meaning"])
    yield "\nSymbols and plain words are understood too: users, h, x_out, routing.r, cache.hit_rate, weak.input."


def catalogue() -> list[dict[str, str]]:
    """The same as plain values: name, default, cv, unit, range and meaning of every input."""
    found = []
    for field in FIELDS:
        default = f"{field.length} values" if field.length else shown(field.default) or "none"
        unit = "" if field.unit == field.range else field.unit
        cv = plain(field.cv) if field.cv else ""
        found.append(_entry(field.name, default, unit, field.range, field.meaning, cv))
    reference = Scenario.load("reference")
    for role, name in (("", reference.strong), ("weak_", reference.weak)):
        known = reference.models[name]
        for price in PRICE_FIELDS:
            rate = known.rate_on(reference.start_month)
            value = getattr(known, price.attribute, None) or getattr(rate, price.attribute, None)
            text = value.isoformat() if isinstance(value, date) else shown(value)
            meaning = f"{price.meaning}; the weak model, which routing sends to" if role else price.meaning
            found.append(_entry(f"prices.{role}{price.name}", text, price.unit, "", meaning))
    tokens = "tokens per query"
    found.append(_entry(INPUT_TOKENS, "800", tokens, "", "whole prompt: sets tokens.dynamic to what the prefix leaves"))
    found.append(_entry(CUT_INPUT, "0", "share", "0 to 1", "sets prompt.cut_prefix and prompt.cut_dynamic"))
    sharing = "who shares the bill; TOKENS is relative to the others' queries"
    found.append(_entry(TENANTS, "none", "", "NAME:SHARE[:TOKENS[:MODEL]],...", sharing))
    return found


def _entry(name: str, default: str, unit: str, allowed: str, meaning: str, cv: str = "") -> dict[str, str]:
    return {"name": name, "default": default, "cv": cv, "unit": unit, "range": allowed, "meaning": meaning}


def _explained(name: str, default: str, unit: str, meaning: str) -> Iterator[str]:
    if len(default) > _COLUMN:
        default, unit = "as listed", default.replace(",", ", ")
    yield escape(f"{name:36} {default:{_COLUMN}} {unit}")
    yield f"    [dim]{escape(meaning)}[/dim]"


# ---- parts ----


def _head(plan: Plan) -> Iterator[str]:
    scenario, made = plan.scenario, plan.bill
    mark = " [bold](historical)[/bold]" if scenario.historical else ""
    yield f"[bold]{escape(scenario.name)}[/bold]{mark}  {escape(scenario.title)}"
    changed = [f"{name}={_short_value(each)}" for name, each in scenario.inputs.items() if each.source == BY_HAND]
    if changed:
        yield f"changed   {escape(', '.join(changed))}"
    for name in dict.fromkeys([*(each.model or scenario.strong for each in scenario.everybody()), scenario.strong]):
        yield f"prices    {_priced(made, name)}"
    if scenario.number("routing.share"):
        yield f"routed to {_priced(made, scenario.weak)}"
    if scenario.measured:
        known = scenario.measured
        usd = "unpriced" if known.usd_per_query is None else f"{known.usd_per_query:.6f} USD per query"
        half = 196 * known.usd_per_query_cv
        yield (
            f"measured  {escape(known.run)}: {counted(known.questions, 'question')}, {usd} +- {half:.0f} % (95 %), "
            f"priced as {escape(known.priced_as)}"
        )
        for sentence in known.warnings:
            yield f"[yellow]![/yellow] {escape(sentence)}"
    for sentence in made.warnings:
        yield f"[yellow]![/yellow] {escape(sentence)}"


def _priced(made: Bill, name: str) -> str:
    model = made.scenario.models[name]
    rate = model.rate_on(made.month)
    if rate is None and not model.rates:
        return f"[bold]unpriced: {escape(prices.unknown(name))}[/bold]"
    if rate is None:
        return f"{escape(name)}: [bold]unpriced[/bold]"
    until = f"; retires {model.retires}" if model.retires else ""
    since = f"in force since {rate.effective_from}" if rate.effective_from else ""
    facts = "; ".join(each for each in (rate.source, since) if each)
    return (
        f"{escape(name)} {plain(rate.input_usd_per_mtok)} in / {plain(rate.output_usd_per_mtok)} out, USD per million "
        f"tokens ({escape(facts)}{until})"
    )


def _bill(made: Bill) -> Iterator[Any]:
    scenario = made.scenario
    yield (
        f"\n[bold]Bill[/bold] of {made.month:%Y-%m} at prices of that month: {_count(made.queries)} queries of "
        f"{_count(scenario.number('demand.daily_users'))} daily users"
    )
    table = _table("item", "model", "quantity", "USD per Mtok", "USD per month", right=(2, 3, 4))
    for line in made.lines:
        quantity = "" if line.quantity is None else f"{_millions(line.quantity)} Mtok"
        rate = "" if line.usd_per_unit is None else plain(line.usd_per_unit)
        table.add_row(line.name, escape(line.model), quantity, rate, _usd(line.usd))
    for name, usd in (("LLM", made.llm_usd), ("infrastructure", made.infrastructure_usd), ("total", made.total_usd)):
        table.add_row(f"[bold]{name}[/bold]", "", "", "", f"[bold]{_usd(usd)}[/bold]")
    yield table
    per_user, per_query = made.usd_per_user, made.usd_per_query
    if per_user is not None and per_query is not None:
        yield f"{per_user:.4f} USD per user and month, {per_query:.6f} USD per query"
    currency = str(scenario.values["control.currency"])
    if currency != "USD" and made.total_usd is not None:
        exchange, name = scenario.number("control.currency_rate"), escape(currency)
        yield f"total in {name}: {made.total_usd * exchange:,.2f} at a stated {plain(exchange)} {name} per USD"


def _levers(plan: Plan) -> Iterator[Any]:
    saved = plan.savings
    yield "\n[bold]Levers[/bold], USD per month that each takes off the total"
    if saved is None:
        yield "unpriced: nothing to divide"
        return
    if not active(plan.scenario):
        yield "none is on; --set response_cache.hit_rate=20%, routing.share=30% or prompt.cut_output=10% puts one on"
        return
    table = _table("lever", "waterfall, in this order", "Shapley, fair share", "alone", right=(1, 2, 3))
    for each in saved.levers:
        table.add_row(
            each.name.replace("_", " "), _usd(each.waterfall_usd), _usd(each.shapley_usd), _usd(each.alone_usd)
        )
    whole = saved.before_usd - saved.after_usd
    table.add_row("[bold]sum[/bold]", _usd(whole), _usd(whole), f"{_usd(saved.alone_sum_usd)} not additive")
    yield table
    yield f"{_usd(saved.before_usd)} without, {_usd(saved.after_usd)} with them: {saved.share:.2%} off the total"
    if plan.bill.wrong_answers:
        yield f"wrong answers from the response cache: {_count(plan.bill.wrong_answers)} a month"


def _risk(plan: Plan) -> Iterator[Any]:
    simulated = plan.simulation
    if simulated is None:
        yield "\n[bold]Uncertainty[/bold]: unpriced"
        return
    low, middle, high = simulated.percentiles
    yield f"\n[bold]Uncertainty[/bold], {simulated.draws:,} draws, seed {plan.seed}; of means, not of single requests"
    yield f"P10 {low:,.2f}   P50 {middle:,.2f} (the plan)   P90 {high:,.2f} (the budget)   USD per month"
    if plan.budget is not None:
        yield f"P(cost > budget of {_usd(plan.budget)}) = {simulated.over(plan.budget):.1%}"
    else:
        yield "no budget is set: --set control.budget=USD gives the risk of passing it"
    if not any(each.swing_usd for each in plan.tornado):
        yield "nothing that is uncertain in this scenario moves the bill"
        return
    table = _table(
        "input, the others as stated", "low", "high", "USD at low", "USD at high", "swing", right=(1, 2, 3, 4, 5)
    )
    moving = [each for each in plan.tornado if each.swing_usd]
    for each in moving:
        table.add_row(
            each.name,
            _short(each.low),
            _short(each.high),
            _usd(each.low_usd),
            _usd(each.high_usd),
            _usd(each.swing_usd),
        )
    yield table


def _capacity(made: Bill) -> Iterator[str]:
    needed, scenario = made.capacity, made.scenario
    share, seconds = scenario.number("load.target_share"), scenario.number("load.target_seconds")
    service = _short(scenario.number("load.service_seconds"))
    yield (
        f"\n[bold]Capacity[/bold] at the peak: {needed.calls_per_second:.2f} calls/s x {service} s = "
        f"{needed.offered_load:.2f} at once"
    )
    yield (
        f"{counted(needed.slots, 'slot starts', 'slots start')} {share:.0%} of them within {plain(seconds)} s: "
        f"{counted(needed.replicas, 'replica')} of "
        f"{plain(scenario.number('load.slots_per_replica'))}"
        + (f"  [bold red]CLAMPED to the {needed.clamped}imum[/bold red]" if needed.clamped else "  (not clamped)")
    )
    yield "replicas by hour, UTC weekday: " + " ".join(str(each.replicas) for each in made.hours)
    nodes = scenario.number("infrastructure.nodes")
    if not scenario.values["load.nodes_follow_replicas"] and needed.replicas > nodes:
        yield f"the bill pays {plain(nodes)} nodes as stated; load.nodes_follow_replicas=on pays a node per replica"


def _months(plan: Plan) -> Iterator[Any]:
    yield f"\n[bold]Months[/bold], USD; prices in force on the first of each; {counted(len(plan.months), 'month')}"
    table = _table(
        "month", "users", "LLM", "total", "P10", "P90", "spent", "burn", "replicas", right=tuple(range(1, 9))
    )
    spreads: Sequence[Any] = plan.months_simulation.by_month if plan.months_simulation else ()
    for place, month in enumerate(plan.months):
        made, spent = month.bill, month.cumulative_usd
        low, _, high = spreads[place] if spreads else (None, None, None)
        burnt = None
        if plan.budget is not None and spent is not None:
            burnt = months.burn_rate(spent, plan.budget, place + 1)
        retired = any(plan.scenario.models[name].retired_on(month.last_day) for name in _models(plan.scenario))
        table.add_row(
            f"{month.day:%Y-%m}{' R' if retired else ''}",
            _count(month.users),
            _usd(made.llm_usd, 0),
            _usd(made.total_usd, 0),
            "-" if low is None else f"{low:,.0f}",
            "-" if high is None else f"{high:,.0f}",
            _usd(spent, 0),
            "-" if burnt is None else f"{burnt:.2f}",
            f"{made.capacity.replicas}{'!' if made.capacity.clamped else ''}",
        )
    yield table
    notes = ["burn: spent over the budget so far, 1 is on pace"]
    if any(month.bill.capacity.clamped for month in plan.months):
        notes.append("!: replicas clamped")
    if any(plan.scenario.models[name].retired_on(plan.months[-1].last_day) for name in _models(plan.scenario)):
        notes.append("R: a model is switched off in this month or was before")
    yield "[dim]" + "; ".join(notes) + "[/dim]"
    yield f"total {_usd(plan.total_usd)} USD in {len(plan.months)} months" + _spread(plan)
    if plan.budget is not None:
        pot = plan.budget * len(plan.months)
        told = ", ".join(
            f"{alert.level:.0%} {'on ' + alert.day.isoformat() if alert.day else 'not reached'}"
            for alert in plan.alerts
        )
        end = months.exhausted(plan.months, pot)
        yield f"budget {_usd(pot)}: {told}; " + (f"exhausted on {end}" if end else "not exhausted within these months")


def _spread(plan: Plan) -> str:
    if plan.months_simulation is None:
        return ""
    low, middle, high = plan.months_simulation.percentiles
    return f"; P10 {low:,.0f}, P50 {middle:,.0f}, P90 {high:,.0f}"


def _tenants(plan: Plan) -> Iterator[Any]:
    key = plan.scenario.values["control.showback_key"]
    yield f"\n[bold]Show-back[/bold], USD per month; tokens to who sent them, the rest by {key}"
    table = _table("tenant", "model", "share of queries", "LLM", "the rest", "total", right=(2, 3, 4, 5))
    for each in plan.tenants:
        table.add_row(
            escape(each.name), escape(each.model), f"{each.query_share:.1%}", _usd(each.llm_usd), _usd(each.shared_usd),
            _usd(each.total_usd),
        )  # fmt: skip
    table.add_row("[bold]sum[/bold]", "", "", _usd(plan.bill.llm_usd), "", _usd(plan.bill.total_usd))
    yield table


def _self_hosting(made: Bill) -> Iterator[str]:
    own = made.self_hosting
    if own is None:
        return
    api = _UNPRICED if own.api_usd_per_mtok is None else f"{own.api_usd_per_mtok:.4f} by API"
    yield "\n[bold]Self-hosting[/bold] the strong model's tokens"
    yield (
        f"{own.usd_per_mtok:.4f} USD per million tokens, {api}; "
        f"{counted(own.gpus, 'GPU costs', 'GPUs cost')} {own.fixed_usd:,.2f} USD a month "
        f"for {_millions(own.tokens)} million tokens"
    )
    if own.break_even_tokens is not None:
        yield f"they pay from {_millions(own.break_even_tokens)} million tokens a month on"


def _sources(scenario: Scenario) -> Iterator[Any]:
    """Inputs that are not plain defaults, with where they came from."""
    told = [
        (name, given)
        for name, given in scenario.inputs.items()
        if given.source != _DEFAULT and not _as_default(name, given)
    ]
    yield "\n[bold]Inputs[/bold] that are not the reference's; workbench plan --inputs explains all"
    if not told:
        yield "none"
        return
    table = _table("input", "value", "unit", "source", right=(1,))
    for name, given in told:
        table.add_row(name, _valued(given), BY_NAME[name].unit, escape(given.source))
    yield table


def _checks(plan: Plan, full: bool) -> Iterator[Any]:
    if not full:
        yield f"\n[bold]Document check[/bold]: {len(plan.checks)} claims of the reference document, by --check"
        return
    yield "\n[bold]Document check[/bold]: what the reference document claims, and what is known (USD per month)"
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), expand=True, leading=1)
    for head, width in (("topic", 14), ("claim", 15), ("correction", 31), ("evidence", 40)):
        table.add_column(head, width=width)
    for each in plan.checks:
        known = escape(each.evidence)
        if each.measured:
            known += f". [bold]Measured[/bold]: {escape(each.measured)}"
        table.add_row(escape(each.topic), escape(each.claim), escape(each.correction), known)
    yield table


# ---- words ----


def _models(scenario: Scenario) -> list[str]:
    names = [each.model or scenario.strong for each in scenario.everybody()] or [scenario.strong]
    return [*names, scenario.weak] if scenario.number("routing.share") else names


def _as_default(name: str, given: Input) -> bool:
    known = BY_NAME[name]
    if name == "control.order":
        return True
    return given.value == known.default and given.cv == known.cv and given.low is None and given.n is None


def _short_value(given: Input) -> str:
    text = shown(given.value)
    return text if len(text) < 30 else "..."


def _valued(given: Input) -> str:
    value = _short(given.value) if isinstance(given.value, Decimal) else shown(given.value).replace(",", ", ")
    if given.low is not None and given.high is not None:
        return f"{value} ({_short(given.low)} to {_short(given.high)})"
    return f"{value} (cv {given.cv:.1%})" if given.cv else value


def _table(*heads: str, right: tuple[int, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for place, head in enumerate(heads):
        table.add_column(head, justify="right" if place in right else "left", no_wrap=place in right)
    return table


def _usd(amount: Decimal | None, digits: int = 2) -> str:
    return _UNPRICED if amount is None else f"{amount:,.{digits}f}"


def _count(value: Decimal) -> str:
    rounded = round(value, 1)
    return f"{rounded:,.0f}" if rounded == rounded.to_integral_value() else f"{rounded:,.1f}"


def _millions(value: Decimal) -> str:
    return f"{value / 1_000_000:,.1f}"


def _short(value: Decimal) -> str:
    return f"{float(value):,.6g}" if abs(value) < 1 else f"{float(value):,.2f}".rstrip("0").rstrip(".")
