"""What must hold for any scenario: found by hypothesis, not by example."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.planning import Scenario, bill, savings, show_back
from workbench.planning.inputs import LEVERS
from workbench.planning.levers import without
from workbench.planning.rounding import CENT, apportion, cents
from workbench.planning.simulate import simulate

REFERENCE = Scenario.load("reference").certain()

SHARES = st.decimals(0, 1, places=3)
MONEY = st.decimals(0, 1000, places=4)
TOKENS = st.integers(0, 5000)


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Any mix of levers, prices and tenants that the model allows."""
    deferrable = draw(SHARES)
    chosen = {
        "demand.daily_users": draw(st.integers(0, 10**7)),
        "demand.queries_per_user": draw(st.decimals(0, 20, places=2)),
        "demand.retry": draw(SHARES),
        "tokens.prefix": draw(TOKENS),
        "tokens.dynamic": draw(TOKENS),
        "tokens.output": draw(TOKENS),
        "tokens.reasoning": draw(TOKENS),
        "channels.deferrable": deferrable,
        "batch.share": (deferrable * draw(SHARES)).quantize(Decimal("0.0001"), "ROUND_DOWN"),
        "prefix_cache.enabled": draw(st.booleans()),
        "infrastructure.cache_store": draw(st.sampled_from([0, 250])),
        "routing.router_usd": draw(st.sampled_from(["0", "0.0001"])),
        "prices.input": draw(MONEY),
        "prices.output": draw(MONEY),
        "prices.cached_read": draw(MONEY),
        "prices.cache_write": draw(MONEY),
        "prices.batch_input": draw(MONEY),
        "prices.batch_output": draw(MONEY),
        "prices.stack_rule": draw(st.sampled_from(["multiply", "cached_unchanged", "no_cache"])),
        "support.tiers": draw(st.sampled_from(["none", "1000:10%,inf:3%"])),
        "control.order": ",".join(draw(st.permutations(LEVERS))),
        **{name: draw(SHARES) for name in (
            "response_cache.applicable", "response_cache.hit_rate", "response_cache.false_hits", "response_cache.reask",
            "response_cache.batch_duplicates", "prompt.cut_prefix", "prompt.cut_dynamic", "prompt.cut_output",
            "routing.share", "routing.escalation", "prefix_cache.hit_rate", "quick.routing", "quick.prompt",
        )},
    }  # fmt: skip
    tenants = draw(st.sampled_from(["", "a:33.3%:2,b:33.3%,c:20%:0:gpt-4o-mini", "a:0.1,b:0.9:7:gpt-4o-mini", "a:1:0"]))
    return REFERENCE.set(*(f"{name}={value}" for name, value in chosen.items()), f"tenants={tenants}")


@settings(deadline=None, max_examples=150)
@given(scenarios())
def test_no_composition_gives_a_negative_bill_or_saves_more_than_everything(scenario: Scenario) -> None:
    made = bill(scenario)
    assert made.total_usd is not None and made.total_usd >= 0 and (made.llm_usd or 0) >= 0
    assert all(term.quantity >= 0 and term.usd_per_mtok >= 0 for term in made.costs.terms)
    assert sum(line.usd for line in made.lines) == made.total_usd
    saved = savings(scenario)
    assert saved is not None and saved.share <= 1


@settings(deadline=None, max_examples=100)
@given(scenarios())
def test_waterfall_and_fair_division_add_up_to_the_cent(scenario: Scenario) -> None:
    saved = savings(scenario)
    assert saved is not None
    whole = saved.before_usd - saved.after_usd
    assert sum(each.waterfall_usd for each in saved.levers) == whole
    assert sum(each.shapley_usd for each in saved.levers) == whole
    assert saved.after_usd == bill(scenario).total_usd
    assert saved.before_usd == bill(scenario, changes=without(frozenset())).total_usd


@settings(deadline=None, max_examples=150)
@given(scenarios())
def test_no_token_is_billed_twice(scenario: Scenario) -> None:
    """By model and channel: cached, written and plain input are the input; output is visible and reasoning."""
    given_, made_ = defaultdict(Decimal), defaultdict(Decimal)
    for term in bill(scenario).costs.terms:
        if term.kind.endswith("output"):
            made_[term.model, term.weak, "batch" in term.kind] += term.quantity
        else:
            given_[term.model, term.weak, "batch" in term.kind] += term.quantity
    v = scenario.number
    prompt = v("tokens.prefix") * (1 - v("prompt.cut_prefix")) + v("tokens.dynamic") * (1 - v("prompt.cut_dynamic"))
    answer = v("tokens.output") * (1 - v("prompt.cut_output")) + v("tokens.reasoning")
    for key, quantity in given_.items():
        assert abs(quantity * answer - made_[key] * prompt) <= abs(quantity * answer) * Decimal("1e-20")
    # In all no more than each query's tokens once, and once more where the strong model takes over from the weak.
    most = bill(scenario).queries * (1 + v("routing.share") * v("routing.escalation"))
    assert sum(given_.values()) <= most * prompt * (1 + Decimal("1e-20"))
    assert sum(made_.values()) <= most * answer * (1 + Decimal("1e-20"))


@settings(deadline=None, max_examples=100)
@given(
    st.permutations(("response_cache", "routing", "batch", "prompt", "prefix_cache")),
    st.lists(SHARES, min_size=5, max_size=5),
)
def test_the_order_of_percentages_does_not_matter(order: list[str], shares: list[Decimal]) -> None:
    """Named in any order, and taken off one by one in any order, they leave the same."""
    named = dict(zip(order, shares, strict=True))
    made = bill(REFERENCE.set(*(f"quick.{name}={named[name]}" for name in order)))
    left = Decimal(432_000)
    for name in sorted(order):
        left -= left * named[name]
    assert made.llm_usd == cents(left)


@settings(deadline=None, max_examples=100)
@given(scenarios(), st.sampled_from(["queries", "tokens", "equal"]))
def test_show_back_rows_add_up_to_the_bill_to_the_cent(scenario: Scenario, key: str) -> None:
    chosen = scenario.set(f"control.showback_key={key}")
    made, rows = bill(chosen), show_back(bill(chosen))
    if chosen.tenants:
        assert sum(row.total_usd for row in rows) == made.total_usd
        assert sum(row.llm_usd for row in rows) == made.llm_usd
        assert all(row.llm_usd >= 0 and row.shared_usd >= 0 for row in rows)


@settings(deadline=None, max_examples=40)
@given(scenarios())
def test_without_uncertainty_a_draw_is_the_bill(scenario: Scenario) -> None:
    found = simulate(scenario.certain(), draws=100)
    assert found is not None
    exact = float(bill(scenario).costs.total)
    assert abs(found.totals - exact).max() <= 1e-9 * max(exact, 1)


@settings(deadline=None, max_examples=60)
@given(scenarios())
def test_a_file_gives_the_same_scenario(scenario: Scenario) -> None:
    from workbench.planning import files

    assert files.parse(scenario.to_toml(), scenario.name) == scenario


@given(st.lists(st.decimals(0, 10**6, places=6), min_size=1, max_size=30))
def test_apportioned_cents_add_up_and_stay_near(parts: list[Decimal]) -> None:
    total = cents(sum(parts))
    rounded = apportion(parts, total)
    assert sum(rounded) == total
    assert all(abs(cut - part) <= CENT for cut, part in zip(rounded, parts, strict=True))


@given(st.integers(1, 10**6), SHARES, SHARES)
def test_more_hits_never_cost_more_without_wrong_answers(users: int, one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other))
    less, more = (
        bill(replace(REFERENCE, inputs=REFERENCE.set(f"users={users}", f"h={hits}").inputs)).total_usd
        for hits in (high, low)
    )
    assert less is not None and more is not None and less <= more
