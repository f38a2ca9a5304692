"""Waterfall and fair division against the document's own case, and against every order tried one by one."""

from decimal import Decimal
from itertools import permutations

import pytest

from workbench.planning import Scenario, bill, savings
from workbench.planning.levers import active, without

REFERENCE = Scenario.load("reference")
LOW = REFERENCE.set("quick.response_cache=30%", "quick.routing=20%", "quick.batch=10%", "quick.prompt=5%")
MIXED = Scenario.load("optimised").set(
    "tokens.prefix=2000", "tokens.dynamic=900", "prefix_cache.enabled=on", "prefix_cache.hit_rate=70%"
)


def columns(scenario: Scenario) -> dict[str, tuple[Decimal, Decimal, Decimal]]:
    saved = savings(scenario)
    assert saved is not None
    return {each.name: (each.waterfall_usd, each.shapley_usd, each.alone_usd) for each in saved.levers}


def test_the_low_case() -> None:
    found = columns(LOW)
    assert list(found) == ["response_cache", "routing", "batch", "prompt", "prefix_cache"]
    assert found["response_cache"] == (Decimal("129600.00"), Decimal("108399.60"), Decimal("129600.00"))
    assert found["routing"] == (Decimal("60480.00"), Decimal("68367.60"), Decimal("86400.00"))
    assert found["batch"] == (Decimal("24192.00"), Decimal("32511.60"), Decimal("43200.00"))
    assert found["prompt"] == (Decimal("10886.40"), Decimal("15879.60"), Decimal("21600.00"))
    assert found["prefix_cache"] == (0, 0, 0)


def test_levers_alone_are_not_additive() -> None:
    saved = savings(LOW)
    assert saved is not None
    assert saved.alone_sum_usd == Decimal("280800.00")
    assert saved.before_usd - saved.after_usd == Decimal("225158.40")
    assert (saved.before_usd, saved.after_usd) == (Decimal("438500.00"), bill(LOW).total_usd)


def test_the_order_moves_the_waterfall_and_nothing_else() -> None:
    turned = columns(LOW.set("control.order=prompt,batch,routing,response_cache,prefix_cache"))
    assert [name for name in turned] == ["prompt", "batch", "routing", "response_cache", "prefix_cache"]
    assert turned["prompt"] == (Decimal("21600.00"), Decimal("15879.60"), Decimal("21600.00"))
    assert turned["response_cache"][1:] == columns(LOW)["response_cache"][1:]


def test_fair_division_is_the_mean_over_all_orders() -> None:
    used = active(MIXED)
    assert len(used) == 5
    totals: dict[frozenset[str], Decimal] = {}

    def total(kept: frozenset[str]) -> Decimal:
        if kept not in totals:
            totals[kept] = bill(MIXED, changes=without(kept)).costs.total
        return totals[kept]

    orders = list(permutations(used))
    mean = dict.fromkeys(used, Decimal(0))
    for order in orders:
        for place, lever in enumerate(order):
            kept = frozenset(order[:place])
            mean[lever] += (total(kept) - total(kept | {lever})) / len(orders)
    for name, (_, fair, _) in columns(MIXED).items():
        assert fair == pytest.approx(mean[name], abs=Decimal("0.02"))


def test_both_add_up_to_the_cent() -> None:
    for scenario in (LOW, MIXED, MIXED.set("demand.daily_users=12347", "support.tiers=1000:7%,inf:3%")):
        saved = savings(scenario)
        assert saved is not None
        whole = saved.before_usd - saved.after_usd
        assert sum(each.waterfall_usd for each in saved.levers) == whole
        assert sum(each.shapley_usd for each in saved.levers) == whole
        assert saved.after_usd == bill(scenario).total_usd


def test_a_write_premium_makes_a_saving_negative() -> None:
    scenario = REFERENCE.set(
        "tokens.prefix=1200", "prices.input=3", "prices.output=15", "prices.cached_read=0.3",
        "prices.cache_write=3.75", "prefix_cache.enabled=on", "prefix_cache.hit_rate=10%",
    )  # fmt: skip
    # 9 M calls, each 0.000486 dearer.
    assert columns(scenario)["prefix_cache"] == (Decimal("-4374.00"),) * 3


def test_a_lever_counts_with_what_it_costs() -> None:
    found = columns(REFERENCE.set("response_cache.hit_rate=10%", "infrastructure.cache_store=50000"))
    assert found["response_cache"][0] == Decimal("-6800.00")  # 43,200 saved, 50,000 for the store


def test_an_unpriced_model_divides_nothing() -> None:
    assert savings(LOW.set("prices.model=nobody/knows-this")) is None
