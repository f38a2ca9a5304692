"""Who owes what: rows by hand, and rows that add up."""

from decimal import Decimal

from workbench.planning import Scenario, bill, show_back

REFERENCE = Scenario.load("reference")


def rows(*settings: str) -> dict[str, tuple[Decimal, Decimal]]:
    return {row.name: (row.llm_usd, row.shared_usd) for row in show_back(bill(REFERENCE.set(*settings)))}


def test_tokens_go_to_who_sent_them_and_the_rest_by_queries() -> None:
    # Tokens .5 * 2 : .3 : .2 of 1.5; 432,000 as 288,000 + 86,400 + 57,600; 6,500 by queries.
    found = rows("tenants=sales:50%:2,hr:30%,it:20%")
    assert found["sales"] == (Decimal("288000.00"), Decimal("3250.00"))
    assert found["hr"] == (Decimal("86400.00"), Decimal("1950.00"))
    assert found["it"] == (Decimal("57600.00"), Decimal("1300.00"))


def test_other_keys_for_the_rest() -> None:
    by_tokens = rows("tenants=sales:50%:2,hr:50%", "control.showback_key=tokens")
    assert [each[1] for each in by_tokens.values()] == [Decimal("4333.33"), Decimal("2166.67")]
    equal = rows("tenants=sales:90%,hr:5%,it:5%", "control.showback_key=equal")
    assert [each[1] for each in equal.values()] == [Decimal("2166.67"), Decimal("2166.67"), Decimal("2166.66")]


def test_multipliers_divide_the_bill_and_do_not_change_it() -> None:
    made = bill(REFERENCE.set("tenants=a:50%:3,b:50%:5"))
    assert made.total_usd == Decimal("438500.00")


def test_a_tenant_with_a_model_of_its_own_pays_that_models_price() -> None:
    made = bill(REFERENCE.set("tenants=a:75%,b:25%:1:gpt-4o-mini"))
    # A quarter of 9 M calls at 0.00036 instead of 0.048.
    assert made.llm_usd == Decimal("324810.00")
    found = {row.name: row for row in show_back(made)}
    assert (found["a"].llm_usd, found["b"].llm_usd) == (Decimal("324000.00"), Decimal("810.00"))
    assert (found["b"].model, found["b"].queries) == ("gpt-4o-mini", 2_250_000)


def test_whoever_is_not_named_is_everybody_else() -> None:
    found = rows("tenants=a:60%")
    assert found["everybody else"] == (Decimal("172800.00"), Decimal("2600.00"))
    assert show_back(bill(REFERENCE)) == ()


def test_thirds_add_up() -> None:
    scenario = REFERENCE.set("tenants=a:1/3,b:1/3,c:1/3", "demand.daily_users=7")
    made, found = bill(scenario), show_back(bill(scenario))
    # 630 queries cost 30.24; 6,500 in three.
    assert [row.total_usd for row in found] == [Decimal("2176.75"), Decimal("2176.75"), Decimal("2176.74")]
    assert sum(row.total_usd for row in found) == made.total_usd == Decimal("6530.24")
