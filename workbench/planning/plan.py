"""A scenario comes in, everything a stakeholder asks of it goes out when asked, as records and as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, cast

from workbench.planning import evidence, months, showback
from workbench.planning.bill import Bill, bill
from workbench.planning.levers import Savings, savings
from workbench.planning.months import Alert, Month
from workbench.planning.scenario import Scenario
from workbench.planning.simulate import DRAWS, Simulation, Swing, check_draws, simulate, tornado
from workbench.planning.values import shown

SCHEMA = 1


@dataclass(frozen=True)
class Plan:
    """One scenario's bill, levers, risk, capacity and months; each is reckoned when it is first asked for.

    Raises:
        BadInput: months, draws or seed out of range.
    """

    scenario: Scenario
    months_ahead: int = 1
    """Months of the plan, 1 to 120."""
    draws: int = DRAWS
    seed: int = 0

    def __post_init__(self) -> None:
        months.check(self.months_ahead)
        check_draws(self.draws, self.seed)

    @cached_property
    def bill(self) -> Bill:
        """One month at full demand, without rollout, growth or season."""
        return bill(self.scenario)

    @cached_property
    def savings(self) -> Savings | None:
        """None: unpriced."""
        return savings(self.scenario)

    @cached_property
    def simulation(self) -> Simulation | None:
        """Of that month; None: unpriced."""
        return simulate(self.scenario, draws=self.draws, seed=self.seed)

    @cached_property
    def tornado(self) -> Sequence[Swing]:
        """The widest first; empty: unpriced, or nothing is uncertain."""
        return tornado(self.scenario)

    @cached_property
    def months(self) -> Sequence[Month]:
        """Rollout, growth, season and dated prices, from the first month on."""
        return months.schedule(self.scenario, self.months_ahead)

    @cached_property
    def months_simulation(self) -> Simulation | None:
        """Of all of them; None: one is unpriced."""
        steps = months.steps(self.scenario, self.months_ahead)
        if len(steps) == 1 and steps[0].factor == 1:
            return self.simulation
        return simulate(self.scenario, steps, draws=self.draws, seed=self.seed)

    @cached_property
    def tenants(self) -> Sequence[showback.Share]:
        """Empty: none are named, or the bill is unpriced."""
        return showback.show_back(self.bill)

    @property
    def budget(self) -> Decimal | None:
        """USD per month."""
        return self.scenario.budget

    @cached_property
    def alerts(self) -> Sequence[Alert]:
        """When parts of the budget of all months are spent; empty without a budget."""
        if self.budget is None:
            return ()
        return months.alerts(
            self.months, self.budget, cast("tuple[Decimal, ...]", self.scenario.values["control.alerts"])
        )

    @cached_property
    def total_usd(self) -> Decimal | None:
        """All months together."""
        return self.months[-1].cumulative_usd

    @cached_property
    def checks(self) -> Sequence[evidence.Check]:
        """The document check."""
        return evidence.check(self.scenario)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON. Money in USD; an unpriced figure is null."""
        made, saved = self.bill, self.savings
        return {
            "schema": SCHEMA,
            "scenario": self.scenario.name,
            "title": self.scenario.title,
            "historical": self.scenario.historical,
            "month": f"{made.month:%Y-%m}",
            "queries": whole(made.queries),
            "llm_usd": money(made.llm_usd),
            "infrastructure_usd": money(made.infrastructure_usd),
            "cache_usd": money(made.cache_usd),
            "support_usd": money(made.support_usd),
            "staff_usd": money(made.staff_usd),
            "total_usd": money(made.total_usd),
            "usd_per_user": money(made.usd_per_user, 6),
            "usd_per_query": money(made.usd_per_query, 8),
            "currency": shown(self.scenario.values["control.currency"]),
            "currency_rate": float(self.scenario.number("control.currency_rate")),
            "lines": [_line(each) for each in made.lines],
            "levers": [each.to_dict() for each in saved.levers] if saved else [],
            "saving": _saving(saved),
            "wrong_answers": whole(made.wrong_answers),
            **self._risk(),
            "tornado": [each.to_dict() for each in self.tornado],
            "capacity": {**made.capacity.to_dict(), "replicas_by_hour": [each.replicas for each in made.hours]},
            "months": self._months(),
            "plan": self._plan(),
            "tenants": [each.to_dict() for each in self.tenants],
            "self_hosting": made.self_hosting.to_dict() if made.self_hosting else None,
            "prices": _prices(made),
            "measured": _measured(self.scenario),
            "inputs": _inputs(self.scenario),
            "document_check": [each.to_dict() for each in self.checks],
            "warnings": list(made.warnings),
        }

    def _risk(self) -> dict[str, Any]:
        simulated, budget = self.simulation, self.budget
        low, middle, high = simulated.percentiles if simulated else (None, None, None)
        return {
            "p10_usd": _cents(low),
            "p50_usd": _cents(middle),
            "p90_usd": _cents(high),
            "budget_usd": money(budget),
            "p_over_budget": simulated.over(budget) if simulated and budget is not None else None,
            "draws": simulated.draws if simulated else 0,
            "seed": self.seed,
        }

    def _months(self) -> list[dict[str, Any]]:
        spreads: Sequence[Any] = (
            self.months_simulation.by_month if self.months_simulation else [(None,) * 3] * len(self.months)
        )
        return [
            self._month(place, month, spread)
            for place, (month, spread) in enumerate(zip(self.months, spreads, strict=True))
        ]

    def _month(self, place: int, month: Month, spread: Sequence[float | None]) -> dict[str, Any]:
        made, budget = month.bill, self.budget
        burnt = None
        if budget is not None and month.cumulative_usd is not None:
            burnt = months.burn_rate(month.cumulative_usd, budget, place + 1)
        return {
            "month": f"{month.day:%Y-%m}",
            "users": whole(month.users),
            "rollout": float(month.rollout),
            "queries": whole(made.queries),
            "llm_usd": money(made.llm_usd),
            "infrastructure_usd": money(made.infrastructure_usd),
            "cache_usd": money(made.cache_usd),
            "support_usd": money(made.support_usd),
            "staff_usd": money(made.staff_usd),
            "total_usd": money(made.total_usd),
            "cumulative_usd": money(month.cumulative_usd),
            "p10_usd": _cents(spread[0]),
            "p50_usd": _cents(spread[1]),
            "p90_usd": _cents(spread[2]),
            "budget_usd": money(budget),
            "burn_rate": money(burnt, 6),
            "wrong_answers": whole(made.wrong_answers),
            "capacity": made.capacity.to_dict(),
            "prices": _prices(made),
            "retired": [each.name for each in _used(made) if each.retired_on(month.last_day)],
            "unpriced": list(made.unpriced),
        }

    def _plan(self) -> dict[str, Any]:
        simulated, budget, count = self.months_simulation, self.budget, len(self.months)
        low, middle, high = simulated.percentiles if simulated else (None, None, None)
        llm = [each.bill.llm_usd for each in self.months]
        pot = None if budget is None else budget * count
        return {
            "months": count,
            "llm_usd": None if None in llm else money(sum((each for each in llm if each is not None), Decimal(0))),
            "infrastructure_usd": money(sum((each.bill.infrastructure_usd for each in self.months), Decimal(0))),
            "total_usd": money(self.total_usd),
            "p10_usd": _cents(low),
            "p50_usd": _cents(middle),
            "p90_usd": _cents(high),
            "budget_usd": money(pot),
            "p_over_budget": simulated.over(pot) if simulated and pot is not None else None,
            "alerts": [each.to_dict() for each in self.alerts],
            "exhausted": _day(months.exhausted(self.months, pot)) if pot is not None else None,
        }


def plan(scenario: Scenario, *, months_ahead: int = 1, draws: int = DRAWS, seed: int = 0) -> Plan:
    """Everything at once.

    Args:
        scenario: what to plan.
        months_ahead: months of the plan, 1 to 120.
        draws: of the simulation.
        seed: of the simulation.

    Raises:
        BadInput: an argument out of range.
    """
    made = Plan(scenario, months_ahead, draws, seed)
    _ = made.months  # users that pass every bound are refused here
    return made


def whole(value: Decimal) -> int | float:
    """A count for JSON: whole where it is whole but for rounding."""
    rounded = round(value, 6)
    return int(rounded) if rounded == rounded.to_integral_value() else float(rounded)


def money(value: Decimal | None, digits: int = 2) -> float | None:
    """An amount for JSON."""
    return None if value is None else float(round(value, digits))


def _cents(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _day(value: Any) -> str | None:
    return None if value is None else str(value.isoformat())


def _line(line: Any) -> dict[str, Any]:
    return {
        "group": line.group,
        "name": line.name,
        "model": line.model,
        "quantity": None if line.quantity is None else whole(line.quantity),
        "unit": line.unit,
        "usd_per_mtok": money(line.usd_per_unit, 9),
        "usd": money(line.usd),
    }


def _saving(saved: Savings | None) -> dict[str, Any] | None:
    if saved is None:
        return None
    return {
        "before_usd": money(saved.before_usd),
        "after_usd": money(saved.after_usd),
        "share": money(saved.share, 6),
        "alone_sum_usd": money(saved.alone_sum_usd),
        "alone_sum_note": "not additive",
    }


def _used(made: Bill) -> list[Any]:
    scenario = made.scenario
    names = [tenant.model or scenario.strong for tenant in scenario.everybody()] or [scenario.strong]
    weak = [scenario.weak] if scenario.weak and scenario.values["routing.share"] else []
    return [scenario.models[name] for name in dict.fromkeys([*names, *weak])]


def _prices(made: Bill) -> list[dict[str, Any]]:
    found = []
    for model in _used(made):
        rate = model.rate_on(made.month)
        entry: dict[str, Any] = {
            "model": model.name,
            "provider": model.provider,
            "priced": rate is not None,
            "retires": _day(model.retires),
            "retired": model.retired_on(months.following(made.month, 1) - timedelta(days=1)),
        }
        if rate is not None:
            entry |= {
                "input_usd_per_mtok": money(rate.input_usd_per_mtok, 9),
                "output_usd_per_mtok": money(rate.output_usd_per_mtok, 9),
                "effective_from": _day(rate.effective_from),
                "source": rate.source,
            }
        found.append(entry)
    return found


def _measured(scenario: Scenario) -> dict[str, Any] | None:
    known = scenario.measured
    if known is None:
        return None
    return {
        "run": known.run,
        "workload": known.workload,
        "backend": known.backend,
        "track": known.track,
        "questions": known.questions,
        "usd_per_query": money(known.usd_per_query, 9),
        "usd_per_query_cv": float(known.usd_per_query_cv),
        "priced_as": known.priced_as,
        "warnings": list(known.warnings),
    }


def _inputs(scenario: Scenario) -> Mapping[str, Any]:
    found = {}
    for name, given in scenario.inputs.items():
        entry: dict[str, Any] = {"value": _plain(given.value), "source": given.source}
        if not given.certain:
            entry |= {"cv": float(given.cv), "low": money(given.low, 9), "high": money(given.high, 9)}
        if given.n is not None:
            entry["n"] = given.n
        found[name] = entry
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return whole(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, bool | str) else shown(value)
