"""What the plan's exhibits say and show, on bills of the cost model's known answers."""

import pytest

from workbench.exhibits.capacity import capacity
from workbench.exhibits.claims import claims
from workbench.exhibits.exhibit import Exhibit
from workbench.exhibits.levers import tornado, waterfall
from workbench.exhibits.plan import answer, side_by_side, usd
from workbench.exhibits.schedule import monthly, rollout
from workbench.exhibits.tenants import tenants
from workbench.planning import Scenario
from workbench.planning.plan import Plan


def test_users_that_half_have_it_are_not_everybody() -> None:
    assert rollout(planned("demand.rollout=50%", months=3)).says == (
        "50,000 daily users in every month: 50 % of all users have it at first, and 50 % at last."
    )


QUICK = ("quick.response_cache=30%", "quick.routing=20%", "quick.batch=10%", "quick.prompt=5%")


def planned(*settings: str, name: str = "reference", months: int = 1) -> Plan:
    return Plan(Scenario.load(name).set(*settings), months, 1000)


def values(exhibit: Exhibit) -> dict[str, str]:
    return {row["Figure"]: row["Value"] for row in exhibit.table}


def test_the_reference_costs_what_its_document_says() -> None:
    found = answer(planned("control.budget=502000"))
    told = values(found)
    assert told["Cost of a month"] == "438,500 USD"
    assert told["Per user and month"] == "4.38 USD"  # 4.385, halves to even
    assert told["Against the budget"] == "63,500 USD below"
    assert told["Taken off by levers"] == "nothing yet"
    assert told["Wrong answers"] == "none by a cache"
    assert any("GPT-4 is retired" in note for note in found.notes)
    assert "gpt-4 30 in / 60 out USD per million tokens" in found.source


def test_a_quarter_million_users_with_a_fifth_from_the_cache() -> None:
    # 22.5 million questions of 800 x 4 + 400 x 20 USD per million are 252,000; four fifths, and 6,500 for the rest.
    found = answer(planned("users=250000", "cache.hit_rate=20%", name="today"))
    told = values(found)
    assert told["Cost of a month"] == "208,100 USD"
    assert told["Per user and month"] == "0.83 USD"
    assert told["Taken off by levers"] == "50,400 USD"
    assert told["Against the budget"] == "no budget"
    assert told["Wrong answers"] == "none assumed"
    assert found.says.startswith("250,000 daily users cost 208,100 USD a month, P10 to P90 ")
    assert found.says.endswith(" Its levers take off 19.5 %.")


def test_wrong_answers_stand_beside_the_saving() -> None:
    found = answer(planned("cache.hit_rate=30%", "response_cache.false_hits=3.8%", "response_cache.reask=100%"))
    assert values(found)["Wrong answers"] == "102,600 a month"


def test_a_certain_scenario_has_one_figure_and_no_bare_zero() -> None:
    plan = Plan(Scenario.load("reference").certain(), 1, 1000)
    assert values(answer(plan))["Likely range"] == "438,500 to 438,500 USD"
    detail = {row["Figure"]: row["Detail"] for row in answer(plan).table}
    # 1 - 0.05 ** (1 / 1000) is 0.299 %.
    assert detail["Against the budget"] == "of 502,000 USD; 0 of 1,000 draws over it, at most 0.3 %"
    over = answer(Plan(Scenario.load("reference").certain().set("control.budget=400000"), 1, 1000))
    assert values(over)["Against the budget"] == "38,500 USD over"


def test_a_model_without_a_price_is_said_in_every_exhibit() -> None:
    plan = planned("prices.model=nobody-knows-it", "cache.hit_rate=20%")
    told = values(answer(plan))
    assert {told[name] for name in told if name != "Wrong answers"} == {"unpriced"}
    for exhibit in (answer(plan), waterfall(plan), tornado(plan), monthly(plan), tenants(plan)):
        assert "nobody-knows-it" in exhibit.says and "has no price" in exhibit.says
    assert monthly(plan).figure is None and waterfall(plan).figure is None
    beside = side_by_side({"this": plan, "reference": planned()})
    assert beside.table[0]["USD per month"] == "unpriced"
    assert beside.says.endswith("Without a price: this.")
    assert len(beside.figure.data[0].x) == 1


def test_scenarios_stand_side_by_side_with_their_ranges_and_budgets() -> None:
    found = side_by_side({"old": planned(), "new": planned(name="today")})
    assert [row["USD per month"] for row in found.table] == ["438,500", "107,300"]
    assert [row["Budget"] for row in found.table] == ["502,000", "none"]
    assert found.says.startswith("From 107,300 USD a month (new) to 438,500 USD (old).")
    bars = found.figure.data[0]
    assert list(bars.y) == ["old", "new"]
    assert [round(each) for each in bars.x] == [int(row["P50"].replace(",", "")) for row in found.table]
    assert all(each > 0 for each in (*bars.error_x.array, *bars.error_x.arrayminus))
    assert [line.x0 for line in found.figure.layout.shapes] == [502_000]


def test_the_waterfall_is_that_of_the_known_low_case() -> None:
    found = waterfall(planned(*QUICK))
    rows = {row["Lever"]: row for row in found.table}
    assert rows["response cache"]["In order, USD"] == "129,600"
    assert rows["cheap model"]["In order, USD"] == "60,480"
    assert rows["batch jobs"]["In order, USD"] == "24,192"
    assert rows["shorter texts"]["In order, USD"] == "10,886"
    assert [rows[name]["Fair division, USD"] for name in ("response cache", "cheap model", "batch jobs")] == [
        "108,400", "68,368", "32,512",
    ]  # fmt: skip
    assert rows["vendor's cache"]["In order, USD"] == "off"
    assert "30-50 %" in rows["response cache"]["Claimed"]
    # 438,500 less 225,158.40 leaves 213,341.60.
    assert "438,500 USD to 213,342 USD" in found.says and found.says.endswith("most of it by response cache.")
    assert list(found.figure.data[0].y) == pytest.approx([438500, -129600, -60480, -24192, -10886.4, 213341.6])


def test_without_a_lever_there_is_no_waterfall() -> None:
    found = waterfall(planned())
    assert found.figure is None and found.says == "No lever is on: a month costs 438,500 USD."


def test_a_lever_that_costs_more_than_it_saves_is_said_to() -> None:
    # Read at a tenth of the price by 1 in 10, written at 1.25 times by the others: k = 1.135.
    found = waterfall(
        planned("tokens.prefix=1200", "prefix_cache.enabled=on", "prefix_cache.hit_rate=10%", name="today")
    )
    assert "together it costs" in found.says


def test_the_tornado_has_the_widest_first_and_its_ends_in_the_figure() -> None:
    found = tornado(planned())
    assert [row["Input"] for row in found.table] == ["demand.daily_users", "tokens.dynamic", "tokens.output"]
    assert found.says.startswith("Most depends on “people who use it each day”: from ")
    low, high = found.figure.data
    assert low.base == 438_500 and low.x[0] < 0 < high.x[0]
    assert round(low.base + low.x[0]) == int(found.table[0]["USD at low"].replace(",", ""))
    assert tornado(Plan(Scenario.load("reference").certain())).figure is None


def test_months_of_a_rollout_add_up_to_the_known_answer() -> None:
    plan = planned("demand.rollout=10/25/50/100%", months=4)
    found = monthly(plan)
    assert [row["USD"] for row in found.table] == ["49,700", "114,500", "222,500", "438,500"]
    assert found.table[-1]["Spent so far"] == "825,200"
    assert found.says.startswith("4 months cost 825,200 USD together") and "no month passes" in found.says
    assert [trace.name for trace in found.figure.data] == ["P90", "P10 to P90", "P50"]
    people = rollout(plan)
    assert [row["Have it (%)"] for row in people.table] == [10, 25, 50, 100]
    assert list(people.figure.data[0].y) == [10_000, 25_000, 50_000, 100_000]
    assert "From 10,000 daily users in 2026-01 to 100,000 in 2026-04." == people.says


def test_one_month_is_a_bar_and_months_over_the_budget_are_counted() -> None:
    assert [trace.type for trace in monthly(planned()).figure.data] == ["bar"]
    found = monthly(planned("control.budget=400000", months=3))
    assert "3 of 3 months pass the budget of 400,000 USD" in found.says
    assert "no budget is set" in monthly(planned("control.budget=none")).says
    assert rollout(planned(months=2)).says.startswith("100,000 daily users in every month")


def test_a_model_that_retires_on_the_way_is_said_to_in_its_month() -> None:
    # gpt-4 is switched off on 2026-10-23.
    found = monthly(planned("demand.start_month=2026-09", months=3))
    assert "gpt-4 is retired by 2026-10: these prices cannot be bought from then on." in found.notes


def test_capacity_tells_where_more_is_wanted_than_allowed() -> None:
    plan = planned()
    hours = capacity(plan)
    assert len(hours.table) == 24 and hours.table[0]["Hour (UTC)"] == "00:00"
    assert sum(row["Held at"] == "the most allowed" for row in hours.table) == sum(
        each.replicas == 20 and each.slots > 80 for each in plan.bill.hours
    )
    held = capacity(planned("load.max_replicas=5"))
    assert held.says.startswith("In 24 of 24 hours more than the allowed 5 replicas are wanted, up to ")
    free = capacity(planned("load.max_replicas=100"))
    assert free.says.endswith("replicas at the busiest hour are enough: 95 % of calls start within 1 s.")


def test_tenants_shares_add_up_to_the_bill() -> None:
    found = tenants(planned("tenants=sales:25%,support:75%"))
    assert [row["Total, USD"] for row in found.table] == ["109,625.00", "328,875.00"]
    assert found.says == "support owes most: 328,875 USD of 438,500 USD a month."
    assert [list(trace.x) for trace in found.figure.data] == [[108_000, 324_000], [1_625, 4_875]]
    assert tenants(planned()).figure is None and tenants(planned()).table == []


def test_the_document_check_has_claim_correction_and_evidence() -> None:
    found = claims(planned())
    assert "52.12%-79.60%" in found.says
    row = next(each for each in found.table if each["Topic"] == "prompt")
    assert (row["Claim"], row["Correction (USD)"], row["Measured here"]) == (
        "5-15 %", "15 % less input takes off 7.5%", "not measured",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "told"),
    [(None, "unpriced"), (0, "0 USD"), (0.0123, "0.012 USD"), (4.387, "4.39 USD"), (438500.4, "438,500 USD")],
)
def test_amounts_are_rounded_for_reading(value: float | None, told: str) -> None:
    assert usd(value) == told
