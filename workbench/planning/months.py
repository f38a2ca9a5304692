"""A scenario and a number of months come in, a plan month by month goes out: bills, budget, alerts, retirements."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import cast

from workbench.errors import BadInput
from workbench.planning.bill import Bill, bill
from workbench.planning.scenario import Input, Scenario
from workbench.planning.simulate import Step

MOST_MONTHS = 120


@dataclass(frozen=True)
class Month:
    """One month of a plan."""

    day: date
    """Its first."""
    rollout: Decimal
    season: Decimal
    growth: Decimal
    """Users over those of the first month, by growth alone."""
    bill: Bill
    cumulative_usd: Decimal | None
    """From the first month to the end of this one; None: a month is unpriced."""

    @property
    def last_day(self) -> date:
        """Its last: a model that is switched off by then is retired in this month."""
        return following(self.day, 1) - timedelta(days=1)

    @property
    def users(self) -> Decimal:
        """Daily users of the month."""
        return self.bill.scenario.number("demand.daily_users")


@dataclass(frozen=True, slots=True)
class Alert:
    """The day on which a part of the budget is spent."""

    level: Decimal
    """Share of the budget, 1 for all of it."""
    day: date | None
    """None: not within the plan."""

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {"level": float(self.level), "day": None if self.day is None else self.day.isoformat()}


def schedule(scenario: Scenario, months: int) -> tuple[Month, ...]:
    """The bills of so many months: users * rollout * (1 + growth)^t * season, at the price in force on each first.

    Raises:
        BadInput: months out of range, or users that pass every bound.
    """
    check(months)
    found: list[Month] = []
    spent: Decimal | None = Decimal(0)
    for ahead, step in enumerate(steps(scenario, months)):
        growth = (1 + scenario.number("demand.growth")) ** ahead
        users = scenario.number("demand.daily_users") * step.factor * growth
        made = bill(_with_users(scenario, users), step.month)
        spent = None if spent is None or made.total_usd is None else spent + made.total_usd
        rollout, season = _rollout(scenario, ahead), _season(scenario, step.month)
        found.append(Month(step.month, rollout, season, growth, made, spent))
    return tuple(found)


def check(months: int) -> None:
    """Refuse a number of months that no plan has.

    Raises:
        BadInput: out of range.
    """
    if not 1 <= months <= MOST_MONTHS:
        raise BadInput(f"--months {months}: give 1 to {MOST_MONTHS}")


def steps(scenario: Scenario, months: int) -> tuple[Step, ...]:
    """The same months as a simulation wants them."""
    days = [following(scenario.start_month, ahead) for ahead in range(months)]
    return tuple(Step(day, _rollout(scenario, ahead) * _season(scenario, day), ahead) for ahead, day in enumerate(days))


def following(day: date, ahead: int) -> date:
    """The first of a later month."""
    months = day.month - 1 + ahead
    return date(day.year + months // 12, months % 12 + 1, 1)


def burn_rate(spent: Decimal, budget: Decimal, months: int) -> Decimal | None:
    """Spent over what the budget allows so far: 1 is on pace; None for a budget of 0.

    Args:
        spent: USD so far.
        budget: USD per month.
        months: gone by.
    """
    return spent / (budget * months) if budget else None


def alerts(plan: Sequence[Month], budget: Decimal, levels: Sequence[Decimal]) -> tuple[Alert, ...]:
    """The day on which each part of the plan's budget is spent, if every day of a month costs alike.

    Args:
        plan: its months, in order.
        budget: USD per month; the plan's budget is this times its months.
        levels: shares of it.
    """
    return tuple(Alert(level, exhausted(plan, budget * len(plan) * level)) for level in levels)


def exhausted(plan: Sequence[Month], pot: Decimal) -> date | None:
    """The day on which a sum is spent; None: not within the plan, or a month is unpriced."""
    before = Decimal(0)
    for month in plan:
        after = month.cumulative_usd
        if after is None:
            return None
        if after >= pot and after > before:
            days = (following(month.day, 1) - month.day).days
            used = max(pot - before, Decimal(0)) / (after - before) * days
            return month.day + timedelta(days=min(int(used), days - 1))
        before = after
    return None


def _with_users(scenario: Scenario, users: Decimal) -> Scenario:
    held = scenario.inputs["demand.daily_users"]
    return replace(scenario, inputs={**scenario.inputs, "demand.daily_users": Input(users, held.source)})


def _rollout(scenario: Scenario, ahead: int) -> Decimal:
    shares = cast("tuple[Decimal, ...]", scenario.values["demand.rollout"])
    return shares[min(ahead, len(shares) - 1)]


def _season(scenario: Scenario, day: date) -> Decimal:
    return cast("tuple[Decimal, ...]", scenario.values["demand.season"])[day.month - 1]
