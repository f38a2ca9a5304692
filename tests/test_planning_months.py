"""Months: rollout, growth, season, dated prices, retirement, budget."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from workbench.errors import BadInput
from workbench.planning import Scenario, schedule
from workbench.planning.months import alerts, burn_rate, exhausted, steps
from workbench.planning.plan import plan
from workbench.rates import Model, Rate

REFERENCE = Scenario.load("reference")
LEVELS = (Decimal("0.5"), Decimal("0.8"), Decimal(1))


def test_rollout_over_four_months() -> None:
    months = schedule(REFERENCE.set("demand.rollout=10/25/50/100%"), 4)
    assert [each.bill.llm_usd for each in months] == [
        Decimal(43_200),
        Decimal(108_000),
        Decimal(216_000),
        Decimal(432_000),
    ]
    assert sum(each.bill.llm_usd or 0 for each in months) == Decimal("799200.00")
    assert sum(each.bill.infrastructure_usd for each in months) == Decimal("26000.00")
    assert months[-1].cumulative_usd == Decimal("825200.00")


def test_the_last_rollout_share_stays() -> None:
    months = schedule(REFERENCE.set("demand.rollout=10%,50%"), 4)
    assert [each.users for each in months] == [10_000, 50_000, 50_000, 50_000]


def test_growth_compounds_from_the_first_month_on() -> None:
    months = schedule(REFERENCE.set("demand.growth=10%"), 3)
    assert [each.users for each in months] == [100_000, 110_000, 121_000]
    assert months[2].bill.llm_usd == Decimal("522720.00")


def test_season_follows_the_calendar() -> None:
    season = ",".join(["1"] * 7 + ["0.5"] + ["1"] * 4)  # August is half a month
    months = schedule(REFERENCE.set(f"demand.season={season}", "demand.start_month=2026-07"), 3)
    assert [each.users for each in months] == [100_000, 50_000, 100_000]
    assert [each.day for each in months] == [date(2026, 7, 1), date(2026, 8, 1), date(2026, 9, 1)]


def test_each_month_has_the_price_in_force_on_its_first() -> None:
    dated = Model(
        "gpt-4",
        rates=(
            Rate(Decimal(30), Decimal(60), effective_from=date(2025, 1, 1)),
            Rate(Decimal(10), Decimal(30), effective_from=date(2026, 2, 15)),
        ),
    )
    scenario = replace(REFERENCE, models={**REFERENCE.models, "gpt-4": dated})
    months = schedule(scenario, 3)
    # 9 M x (800 x 10 + 400 x 30) per million from March on.
    assert [each.bill.llm_usd for each in months] == [Decimal(432_000), Decimal(432_000), Decimal(180_000)]


def test_a_price_that_ends_leaves_the_month_unpriced() -> None:
    ended = Model("gpt-4", rates=(Rate(Decimal(30), Decimal(60), effective_to=date(2026, 1, 31)),))
    months = schedule(replace(REFERENCE, models={**REFERENCE.models, "gpt-4": ended}), 3)
    assert [each.cumulative_usd for each in months] == [Decimal(438_500), None, None]
    assert exhausted(months, Decimal(10**6)) is None


def test_the_month_of_retirement_and_those_after_are_flagged() -> None:
    content = plan(REFERENCE.set("demand.start_month=2026-09"), months_ahead=3, draws=100).to_dict()
    assert [each["retired"] for each in content["months"]] == [[], ["gpt-4"], ["gpt-4"]]


def test_a_budget_is_spent_day_by_day() -> None:
    months = schedule(REFERENCE.set("demand.days=31", "infrastructure.nodes=0", "infrastructure.vector_database=0",
                                    "infrastructure.monitoring=0"), 2)  # fmt: skip
    # 446,400 a month: 14,400 a day in January, 446,400 / 28 in February; the pot of two months is 600,000.
    found = alerts(months, Decimal(300_000), LEVELS)
    assert found[0].day == date(2026, 1, 21)  # 300,000 after 20.8 days
    assert found[1].day == date(2026, 2, 3)  # 480,000: 33,600 / 15,942.86 = 2.1 days into February
    assert found[2].day == exhausted(months, Decimal(600_000)) == date(2026, 2, 10)  # 153,600 / 15,942.86 = 9.6 days
    assert alerts(months, Decimal(600_000), LEVELS)[2].day is None


def test_burn_rate_is_spent_over_allowed() -> None:
    assert burn_rate(Decimal(438_500), Decimal(219_250), 1) == 2
    assert burn_rate(Decimal(438_500), Decimal(219_250), 4) == Decimal("0.5")
    assert burn_rate(Decimal(1), Decimal(0), 1) is None


def test_a_free_first_month_does_not_exhaust_anything() -> None:
    empty = schedule(REFERENCE.set("demand.rollout=0,1", "infrastructure.nodes=0", "infrastructure.vector_database=0",
                                   "infrastructure.monitoring=0"), 2)  # fmt: skip
    assert exhausted(empty, Decimal(432_000)) == date(2026, 2, 28)


@pytest.mark.parametrize("months", [0, -1, 121])
def test_months_have_a_range(months: int) -> None:
    with pytest.raises(BadInput, match=f"--months {months}: give 1 to 120"):
        schedule(REFERENCE, months)


def test_steps_are_the_same_months() -> None:
    scenario = REFERENCE.set("demand.rollout=10/50/100%", "demand.start_month=2026-11")
    assert [each.month for each in steps(scenario, 4)] == [each.day for each in schedule(scenario, 4)]
    assert [each.factor for each in steps(scenario, 4)] == [Decimal("0.1"), Decimal("0.5"), 1, 1]


def test_the_bill_of_a_plan_is_at_full_demand_and_its_months_are_not() -> None:
    content = plan(REFERENCE.set("demand.rollout=10/25/50/100%"), months_ahead=4, draws=200).to_dict()
    assert content["total_usd"] == 438_500.0
    assert [each["llm_usd"] for each in content["months"]] == [43_200.0, 108_000.0, 216_000.0, 432_000.0]
    assert (content["plan"]["llm_usd"], content["plan"]["infrastructure_usd"]) == (799_200.0, 26_000.0)
    assert content["plan"]["total_usd"] == 825_200.0
