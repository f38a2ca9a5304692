"""Controls in plain words: where a scenario has them, and which settings a move makes."""

from decimal import Decimal

import pytest

from workbench.planning import Scenario, bill
from workbench.planning.controls import CACHE, CONTROLS, USERS, held, known, position, published, settings
from workbench.planning.names import all_names


def test_positions_are_the_scenarios_own_in_per_cent() -> None:
    optimised = Scenario.load("optimised")
    at = {control.key: position(control, optimised) for control in CONTROLS}
    assert at == {
        "users": 100_000, "cache": 20, "queries": 3, "wrong": 1, "prompt": 10, "answer": 10, "route": 30, "prefix": 0,
        "batch": 15,
    }  # fmt: skip


def test_what_stands_where_the_scenario_has_it_changes_nothing() -> None:
    optimised = Scenario.load("optimised")
    assert settings(optimised, {control.key: position(control, optimised) for control in CONTROLS}) == ()


def test_a_move_becomes_a_setting_of_the_reference() -> None:
    reference = Scenario.load("reference")
    # 432,000 at 250,000 users is 1,080,000; a fifth from the cache leaves 864,000 (known answers, cost model).
    moved = reference.set(*settings(reference, {"users": 250_000, "cache": 20.0}))
    assert (bill(moved).llm_usd, bill(moved).total_usd) == (Decimal("864000.00"), Decimal("870500.00"))


def test_shorter_prompts_cut_the_shared_beginning_too() -> None:
    reference = Scenario.load("reference").set("tokens.prefix=100")
    cut = reference.set(*settings(reference, {"prompt": 15.0})).values
    assert (cut["prompt.cut_prefix"], cut["prompt.cut_dynamic"]) == (Decimal("0.15"), Decimal("0.15"))


def test_what_goes_into_batch_jobs_may_wait_and_no_less_than_before() -> None:
    reference = Scenario.load("reference")
    assert bill(reference.set(*settings(reference, {"batch": 20.0}))).llm_usd == Decimal("388800.00")
    patient = reference.set("channels.deferrable=50%")
    assert patient.set(*settings(patient, {"batch": 20.0})).values["channels.deferrable"] == Decimal("0.5")


def test_the_vendors_cache_is_off_at_nothing_and_on_above() -> None:
    today = Scenario.load("today")
    on = today.set(*settings(today, {"prefix": 40.0}))
    assert (on.values["prefix_cache.enabled"], on.values["prefix_cache.hit_rate"]) == (True, Decimal("0.4"))
    off = on.set(*settings(on, {"prefix": 0.0}))
    assert off.values["prefix_cache.enabled"] is False


def test_where_a_value_is_from_is_told_with_its_range() -> None:
    assert held(Scenario.load("optimised"), CACHE) == (
        "assumption: a vendor reports about 20 % at 99 % accuracy, 10 % to 30 %"
    )
    assert held(Scenario.load("reference").set("users=5"), USERS) == "set by hand"


def test_each_lever_has_published_evidence() -> None:
    assert "arXiv 2411.05276" in published()[CACHE.topic].evidence
    assert all(published()[control.topic].evidence for control in CONTROLS if control.lever)


@pytest.mark.parametrize("name", ["reference", "optimised"])
def test_every_input_can_be_shown_and_given_back(name: str) -> None:
    scenario = Scenario.load(name).set("tenants=sales:30%:1.5,support:50%")
    for each in all_names():
        found = known(scenario, each)
        if each != "tenants":
            assert found.value or each == "support.tiers", each
        if found.value:
            assert known(scenario.set(f"{each}={found.value}"), each).value == found.value, each


def test_a_price_is_shown_with_its_source() -> None:
    found = known(Scenario.load("reference"), "prices.weak_output")
    assert (found.value, found.unit) == ("0.6", "USD per million tokens")
    assert found.source.startswith("list price, genai-prices")
