"""A scenario comes in, one month's bill goes out, exact to the cent, with what a reader must be told of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from workbench import rates
from workbench.planning import selfhost
from workbench.planning.arithmetic import Arithmetic, Exact
from workbench.planning.capacity import Capacity, Target, by_hour, size
from workbench.planning.formulas import Costs, Role, calls_per_second, costs
from workbench.planning.inputs import Value
from workbench.planning.rounding import apportion, cents
from workbench.planning.scenario import Scenario
from workbench.planning.values import plain
from workbench.rates import Classes, Model

EXACT = Exact()


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a bill."""

    group: str
    """llm, cache, infrastructure, support or staff."""
    name: str
    model: str
    quantity: Decimal | None
    unit: str
    usd_per_unit: Decimal | None
    usd: Decimal
    """In whole cents; the rows of a bill add up to its total."""
    weak: bool = False
    """Tokens of the model that queries are routed to."""


@dataclass(frozen=True)
class Bill:
    """One month. Money in whole cents: every part is rounded, and the total is their sum."""

    scenario: Scenario
    month: date
    costs: Costs
    unpriced: tuple[str, ...]
    """Models without a price in force; the LLM bill and the total are then unknown, not 0."""

    @property
    def priced(self) -> bool:
        """Whether there is a total."""
        return not self.unpriced

    @property
    def queries(self) -> Decimal:
        """Of the month, retries included."""
        return self.costs.queries  # type: ignore[no-any-return]

    @property
    def wrong_answers(self) -> Decimal:
        """Answers that the response cache gives to another question than was asked."""
        return self.costs.wrong_answers  # type: ignore[no-any-return]

    @cached_property
    def llm_usd(self) -> Decimal | None:
        """Models and router."""
        return cents(self.costs.llm) if self.priced else None

    @cached_property
    def infrastructure_usd(self) -> Decimal:
        """Machines and services."""
        return cents(self.costs.infrastructure_usd)

    @property
    def cache_usd(self) -> Decimal:
        """The response cache's own store."""
        return cents(self.costs.cache)

    @property
    def support_usd(self) -> Decimal:
        """Flat and tiered."""
        return cents(self.costs.support)

    @property
    def staff_usd(self) -> Decimal:
        """People."""
        return cents(self.costs.staff)

    @cached_property
    def total_usd(self) -> Decimal | None:
        """Everything."""
        if self.llm_usd is None:
            return None
        return self.llm_usd + self.infrastructure_usd + self.cache_usd + self.support_usd + self.staff_usd

    @property
    def usd_per_user(self) -> Decimal | None:
        """Total by daily users; None without users or price."""
        users = self.scenario.number("demand.daily_users")
        return None if self.total_usd is None or not users else self.total_usd / users

    @property
    def usd_per_query(self) -> Decimal | None:
        """Total by queries; None without queries or price."""
        return None if self.total_usd is None or not self.queries else self.total_usd / self.queries

    @cached_property
    def capacity(self) -> Capacity:
        """Slots and replicas at the peak."""
        values = self.scenario.values
        arrivals = calls_per_second(values, self.costs.interactive_calls, EXACT)
        return size(float(arrivals), Target.of(values))

    @cached_property
    def hours(self) -> Sequence[Capacity]:
        """The same for each hour of a weekday, UTC."""
        days = self.scenario.number("demand.days")
        return by_hour(float(self.costs.interactive_calls / days) if days else 0.0, self.scenario.values)

    @cached_property
    def self_hosting(self) -> selfhost.SelfHosting | None:
        """The strong model's tokens on GPUs of one's own; None where the scenario names none."""
        terms = [each for each in self.costs.terms if not each.weak]
        usd = sum((term.usd for term in terms), Decimal(0))
        api = self.scenario.models[self.scenario.strong].rate_on(self.month)
        if self.scenario.values["self_hosting.enabled"] and api:
            made = sum((each.quantity for each in terms if each.kind.endswith("output")), Decimal(0))
            given = sum((each.quantity for each in terms), Decimal(0)) - made
            usd = (given * api.input_usd_per_mtok + made * api.output_usd_per_mtok) / 1_000_000
        tokens = sum((term.quantity for term in terms), Decimal(0))
        return selfhost.compare(self.scenario, tokens, usd if self.priced else None)

    @cached_property
    def lines(self) -> Sequence[Line]:
        """Every row that is not 0; empty for an unpriced bill."""
        if self.llm_usd is None:
            return ()
        found = self.costs
        llm = [
            Line("llm", each.kind, each.model, each.quantity, "tokens", each.usd_per_mtok, each.usd, each.weak)
            for each in found.terms
        ]
        llm.append(_sum_of("llm", REQUESTS, found.requests_usd))
        llm.append(_sum_of("llm", PERCENTAGES, found.quick_usd))
        rest = [_sum_of("infrastructure", name, usd) for name, usd in found.infrastructure.items()]
        return tuple(
            line
            for line in (
                *_to_cents(llm, self.llm_usd),
                *_to_cents(rest, self.infrastructure_usd),
                _sum_of("cache", "store of the response cache", self.cache_usd),
                _sum_of("support", "support", self.support_usd),
                _sum_of("staff", "staff", self.staff_usd),
            )
            if line.usd
        )

    @cached_property
    def warnings(self) -> Sequence[str]:
        """What a reader must be told, in sentences."""
        return tuple(_warnings(self))


REQUESTS = "requests and router"
PERCENTAGES = "levers as percentages"


def bill(scenario: Scenario, month: date | None = None, changes: Mapping[str, Value] | None = None) -> Bill:
    """One month's bill at full rollout, without growth or season.

    Args:
        scenario: what to reckon with.
        month: whose prices apply, on its first day; None: the scenario's first.
        changes: values to reckon with instead, by input name; not checked again.
    """
    day = month or scenario.start_month
    values = {**scenario.values, **changes} if changes else scenario.values
    found, unpriced = roles(scenario, day, values, EXACT)
    return Bill(scenario, day, costs(values, found, EXACT), unpriced)


def roles(
    scenario: Scenario, day: date, values: Mapping[str, Any], kit: Arithmetic
) -> tuple[list[Role], tuple[str, ...]]:
    """The models of a month in the parts they play, and those of them without a price then."""
    found, unpriced = [], []
    for name, weak, tokens, calls in _parts(scenario, values, kit):
        model = scenario.models[name]
        if values["self_hosting.enabled"] and not weak and name == scenario.strong:
            model = _hosted(scenario, model)
        rate = model.rate_on(day)
        if rate is None:
            unpriced.append(name)
            continue
        classes = Classes(*(kit.number(each) for each in rate.classes(model.stack_rule)))
        found.append(
            Role(model.name, weak, kit.number(tokens), kit.number(calls), classes, kit.number(model.min_prefix_tokens))
        )
    return found, tuple(unpriced)


def _parts(
    scenario: Scenario, values: Mapping[str, Any], kit: Arithmetic
) -> Sequence[tuple[str, bool, Decimal, Decimal]]:
    """(model, weak, part of the tokens, part of the calls)."""
    one = Decimal(1)
    found: list[tuple[str, bool, Decimal, Decimal]] = []
    if not scenario.tenants:
        found.append((scenario.strong, False, one, one))
    else:
        everybody = scenario.everybody()
        calls = sum((each.share for each in everybody), Decimal(0))
        tokens = sum((each.share * each.token_multiplier for each in everybody), Decimal(0))
        for name in dict.fromkeys(each.model or scenario.strong for each in everybody):
            own = [each for each in everybody if (each.model or scenario.strong) == name]
            share = sum((each.share for each in own), Decimal(0))
            weight = sum((each.share * each.token_multiplier for each in own), Decimal(0))
            found.append((name, False, weight / tokens if tokens else Decimal(0), share / calls if calls else one))
    if scenario.weak and not kit.nothing(values["routing.share"]):
        found.append((scenario.weak, True, one, one))
    return found


def _sum_of(group: str, name: str, usd: Decimal) -> Line:
    return Line(group, name, "", None, "", None, usd)


def _to_cents(lines: Sequence[Line], total: Decimal) -> Sequence[Line]:
    amounts = apportion([line.usd for line in lines], total)
    return [replace(line, usd=usd) for line, usd in zip(lines, amounts, strict=True)]


def _hosted(scenario: Scenario, model: Model) -> Model:
    return rates.self_hosted(
        model,
        selfhost.usd_per_mtok(
            scenario.number("self_hosting.gpu_usd_per_hour"),
            scenario.number("self_hosting.tokens_per_second"),
            scenario.number("self_hosting.utilisation"),
        ),
    )


def _warnings(made: Bill) -> Sequence[str]:
    scenario, day = made.scenario, made.month
    told: list[str] = []
    if scenario.historical:
        told.append(f"historical: {scenario.note or 'nobody can buy this bill today'}")
    for name in made.unpriced:
        model = scenario.models[name]
        first = model.rates[0].effective_from if model.rates else None
        told.append(
            f"{name} is unpriced: the first price on file is of {first}; --reprice looks the month up in the list"
            if first and first > day
            else f"{name} is unpriced: no list price is known; set prices.input and prices.output"
        )
    for name, weak, *_ in _parts(scenario, scenario.values, EXACT):
        told += _model_warnings(made, scenario.models[name], weak)
    values = scenario.values
    if values["prefix_cache.enabled"] and not any("cache" in each.kind for each in made.costs.terms) and made.priced:
        shortest = scenario.models[scenario.strong].min_prefix_tokens
        prefix = scenario.number("tokens.prefix") * (1 - scenario.number("prompt.cut_prefix"))
        told.append(
            f"the prefix cache saves nothing: a shared prefix of {plain(prefix)} tokens is below the vendor's minimum "
            f"of {plain(shortest)}"
        )
    if made.wrong_answers:
        told.append(f"{made.wrong_answers:,.0f} answers a month come from the cache and are wrong")
    return told


def _model_warnings(made: Bill, model: Model, weak: bool) -> Sequence[str]:
    scenario, told = made.scenario, []
    if scenario.values["self_hosting.enabled"] and not weak:
        return ()
    if model.retired_on(made.month):
        told.append(
            f"{model.name} is retired since {model.retires}: these prices cannot be bought in {made.month:%Y-%m}"
        )
    elif model.retires and not scenario.historical:
        told.append(f"{model.name} retires on {model.retires}")
    rate = model.rate_on(made.month)
    if rate and not rate.has_batch and scenario.number("batch.share"):
        told.append(f"no batch price of {model.name} is known: its batch jobs are billed like interactive calls")
    given = scenario.number("tokens.prefix") + scenario.number("tokens.dynamic")
    if model.long_context_tokens and given > model.long_context_tokens:
        told.append(
            f"{model.name} asks more above {model.long_context_tokens:,} input tokens than is reckoned with here"
        )
    return told
