"""The bill against answers worked out by hand, and against a tree of what happens to one query."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from workbench.errors import BadInput
from workbench.planning import Scenario, bill
from workbench.planning.arithmetic import Exact
from workbench.planning.formulas import tiered

REFERENCE = Scenario.load("reference")

PREFIX = (
    "tokens.prefix=1200", "tokens.dynamic=800", "tokens.output=400", "prices.input=3", "prices.output=15",
    "prices.cached_read=0.3", "prices.cache_write=3.75",
)  # fmt: skip


def llm(*settings: str, of: Scenario = REFERENCE) -> Decimal | None:
    return bill(of.set(*settings)).llm_usd


def per_call(*settings: str) -> Decimal:
    made = bill(REFERENCE.set(*settings))
    return made.costs.llm / made.queries


def test_the_reference_reproduces_the_document_to_the_cent() -> None:
    made = bill(REFERENCE)
    assert made.queries == 9_000_000
    assert [line.usd for line in made.lines if line.group == "llm"] == [Decimal("216000.00"), Decimal("216000.00")]
    assert made.llm_usd == Decimal("432000.00")
    assert made.infrastructure_usd == Decimal("6500.00")
    assert made.total_usd == Decimal("438500.00")
    assert made.usd_per_user == Decimal("4.3850")
    assert round(made.usd_per_query or 0, 6) == Decimal("0.048722")


def test_a_mean_month_has_a_twelfth_of_a_year() -> None:
    assert llm("demand.days=365/12") == Decimal("438000.00")


@pytest.mark.parametrize(
    ("shares", "left", "total"),
    [(("30%", "20%", "10%", "5%"), "206841.60", "213341.60"), (("50%", "40%", "20%", "15%"), "88128.00", "94628.00")],
)
def test_percentages_compound(shares: tuple[str, ...], left: str, total: str) -> None:
    names = ("response_cache", "routing", "batch", "prompt")
    made = bill(REFERENCE.set(*(f"quick.{name}={share}" for name, share in zip(names, shares, strict=True))))
    assert (made.llm_usd, made.total_usd) == (Decimal(left), Decimal(total))


def test_a_percentage_applies_to_its_part_of_the_bill() -> None:
    # 40 % off half of the bill is 20 % off.
    assert llm("quick.routing=40%", "quick.routing_applies=50%") == Decimal("345600.00")


def test_response_cache() -> None:
    assert llm("response_cache.hit_rate=0.30") == Decimal("302400.00")


def test_false_hits_are_wrong_answers_and_some_are_asked_again() -> None:
    made = bill(
        REFERENCE.set("response_cache.hit_rate=0.30", "response_cache.false_hits=0.038", "response_cache.reask=1")
    )
    assert made.costs.interactive_calls == 6_402_600
    assert made.llm_usd == Decimal("307324.80")
    assert made.wrong_answers == 102_600


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (("routing.share=0.25",), "324810.00"),
        (("routing.share=0.25", "routing.escalation=0.10"), "335610.00"),
        (("routing.share=1", "routing.escalation=0.40"), "176040.00"),
        (("channels.deferrable=0.20", "batch.share=0.20"), "388800.00"),
        (("prompt.cut_prefix=15%", "prompt.cut_dynamic=15%"), "399600.00"),
        # Router at 0.001 USD for each of 9,000,000 calls.
        (("routing.share=0.25", "routing.router_usd=0.001"), "333810.00"),
        # A tenth of the calls is billed again.
        (("demand.retry=10%",), "475200.00"),
        # 300 of 1,200 reasoning tokens are output, whatever is cut from the visible answer: 400 * 0.5 + 300 = 500.
        (("tokens.reasoning=300", "prompt.cut_output=50%"), "486000.00"),
        # A fifth may wait, half of it is sent as batch, a tenth of it is duplicates: 7.2 M + 1.8 M * .9 * (.5 + .25).
        (("channels.deferrable=20%", "batch.share=10%", "response_cache.batch_duplicates=10%"), "403920.00"),
    ],
)
def test_levers_by_hand(settings: tuple[str, ...], expected: str) -> None:
    assert llm(*settings) == Decimal(expected)


def test_more_batch_than_may_wait_is_refused() -> None:
    with pytest.raises(BadInput, match=r"batch\.share=0\.2: give at most channels\.deferrable, which is 0"):
        REFERENCE.set("batch.share=0.20")


def test_prefix_cache() -> None:
    on = ("prefix_cache.enabled=on", "prefix_cache.hit_rate=0.8")
    assert per_call(*PREFIX) == Decimal("0.012")
    assert per_call(*PREFIX, *on) == Decimal("0.009588")
    # h_p .10: k = .1 * .1 + .9 * 1.25 = 1.135; the prefix costs 1,200 * 3e-6 * 1.135 = 0.004086 instead of 0.0036.
    assert per_call(*PREFIX, on[0], "prefix_cache.hit_rate=0.10") == Decimal("0.012486")


def test_a_write_without_a_price_costs_what_input_does() -> None:
    # k = .8 * .1 + .2 * 1 = .28: 1,200 * 3e-6 * .28 + 800 * 3e-6 + 400 * 15e-6 = 0.009408.
    settings = [each for each in PREFIX if "write" not in each]
    assert per_call(*settings, "prefix_cache.enabled=on", "prefix_cache.hit_rate=0.8") == Decimal("0.009408")


def test_a_prefix_below_the_minimum_saves_exactly_nothing() -> None:
    short = ("tokens.prefix=800", "tokens.dynamic=0", "prices.cached_read=3", "prefix_cache.hit_rate=0.8")
    assert llm(*short, "prefix_cache.enabled=on") == llm(*short) == Decimal("432000.00")
    made = bill(REFERENCE.set(*short, "prefix_cache.enabled=on"))
    assert any("below the vendor's minimum of 1024" in sentence for sentence in made.warnings)


def test_a_cut_can_push_the_prefix_below_the_minimum() -> None:
    # 1,200 * .8 = 960 < 1,024: cached no more. 960 * 3e-6 + 800 * 3e-6 + 400 * 15e-6 = 0.01128.
    assert per_call(
        *PREFIX, "prefix_cache.enabled=on", "prefix_cache.hit_rate=0.8", "prompt.cut_prefix=20%"
    ) == Decimal("0.01128")


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        # batch at half price; read .3, write 3.75: 1,200 * (.8 * .15 + .2 * 1.875) + 800 * 1.5 + 400 * 7.5
        ("multiply", "0.004794"),
        # reads stay at .3: 1,200 * (.8 * .3 + .2 * 1.875) + 800 * 1.5 + 400 * 7.5
        ("cached_unchanged", "0.004938"),
        # 2,000 * 1.5 + 400 * 7.5
        ("no_cache", "0.006"),
    ],
)
def test_stack_rules_of_cached_tokens_in_batch_jobs(rule: str, expected: str) -> None:
    all_batch = ("channels.deferrable=1", "batch.share=1", "prices.batch_input=1.5", "prices.batch_output=7.5")
    cached = ("prefix_cache.enabled=on", "prefix_cache.hit_rate=0.8", f"prices.stack_rule={rule}")
    assert per_call(*PREFIX, *all_batch, *cached) == Decimal(expected)


def test_a_model_without_batch_price_bills_batch_jobs_like_calls() -> None:
    settings = ("channels.deferrable=20%", "batch.share=20%", "prices.batch_input=none", "prices.batch_output=none")
    made = bill(REFERENCE.set(*settings))
    assert made.llm_usd == Decimal("432000.00")
    assert any("no batch price of gpt-4 is known" in sentence for sentence in made.warnings)


def test_marginal_support_tiers() -> None:
    tiers = (
        (Decimal(150_000), Decimal("0.10")),
        (Decimal(500_000), Decimal("0.07")),
        (Decimal(1_000_000), Decimal("0.05")),
        (None, Decimal("0.03")),
    )
    assert tiered(Decimal(1_200_000), tiers, Exact()) == Decimal("70500.00")
    assert tiered(Decimal(100_000), tiers, Exact()) == Decimal("10000.00")
    assert tiered(Decimal(0), tiers, Exact()) == 0


def test_everything_around_the_model() -> None:
    made = bill(
        REFERENCE.set(
            "support.tiers=150000:10%,500000:7%,inf:3%", "support.flat=1000", "staff.fte=2.5", "staff.usd_per_fte=9000",
            "infrastructure.embedding_usd_per_mtok=0.02", "infrastructure.embedding_tokens=20",
            "infrastructure.observability=0.5", "infrastructure.egress_kb=4", "infrastructure.egress_usd_per_gb=0.09",
            "infrastructure.cache_store=300", "infrastructure.guardrails=200",
        )
    )  # fmt: skip
    items = {line.name: line.usd for line in made.lines}
    assert items["embeddings"] == Decimal("3.60")  # 9 M x 20 tokens x 0.02 per million
    assert items["observability"] == Decimal("4500.00")  # 9,000 thousand x 0.5
    assert items["egress"] == Decimal("3.24")  # 36 GB x 0.09
    assert made.infrastructure_usd == Decimal("11206.84")  # 6,500 + 3.60 + 4,500 + 3.24 + 200
    assert made.cache_usd == Decimal("300.00")
    # 15,000 + 10 % to 150,000, 7 % of the rest of 432,000 + 11,206.84 + 300 = 443,506.84, and the flat 1,000
    assert made.support_usd == Decimal("36545.48")
    assert made.staff_usd == Decimal("22500.00")
    assert made.total_usd == sum(line.usd for line in made.lines) == Decimal("502552.32")


def test_nodes_follow_replicas_only_when_asked() -> None:
    # 16 replicas of 4 slots at the reference's peak.
    assert bill(REFERENCE.set("load.nodes_follow_replicas=on")).infrastructure_usd == Decimal("8900.00")
    assert bill(REFERENCE.set("load.max_replicas=40")).infrastructure_usd == Decimal("6500.00")


def test_late_2026_list_prices_of_the_same_work() -> None:
    today = Scenario.load("today")
    assert llm(of=today) == Decimal("100800.00")
    assert llm("prices.model=gpt-6-luna", of=today) == Decimal("2520.00")


def test_an_unknown_model_is_unpriced_and_never_free() -> None:
    made = bill(REFERENCE.set("prices.model=nobody/knows-this"))
    assert made.llm_usd is None and made.total_usd is None and made.usd_per_query is None
    assert not made.lines
    assert any("nobody/knows-this is unpriced" in sentence for sentence in made.warnings)
    # Two prices of one's own make it a bill again.
    assert llm("prices.model=nobody/knows-this", "prices.input=30", "prices.output=60") == Decimal("432000.00")


def test_a_month_before_the_first_price_is_unpriced() -> None:
    made = bill(Scenario.load("today"), date(2020, 1, 1))
    assert made.total_usd is None
    assert any("--reprice" in sentence for sentence in made.warnings)


def test_a_retired_model_is_flagged() -> None:
    assert any(sentence.startswith("historical:") for sentence in bill(REFERENCE).warnings)
    late = bill(replace(REFERENCE, historical=False), date(2026, 11, 1))
    assert any("gpt-4 is retired since 2026-10-23" in sentence for sentence in late.warnings)
    early = bill(replace(REFERENCE, historical=False), date(2026, 9, 1))
    assert any("gpt-4 retires on 2026-10-23" in sentence for sentence in early.warnings)


def test_self_hosting_prices_tokens_by_the_gpu_hour() -> None:
    own = ("self_hosting.gpu_usd_per_hour=2.5", "self_hosting.tokens_per_second=2000", "self_hosting.utilisation=50%")
    beside = bill(REFERENCE.set(*own)).self_hosting
    assert beside is not None
    assert round(beside.usd_per_mtok, 6) == Decimal("0.694444")  # 2.5e6 / (2,000 * 3,600 * .5)
    assert beside.api_usd_per_mtok == 40  # 432,000 for 10,800 million tokens
    # 10.8e9 tokens / (2,000 * .5 * 86,400 * 30) = 4.17 -> 5 GPUs * 2.5 * 720 h = 9,000; / 40 per million = 225 million
    assert (beside.gpus, beside.fixed_usd, beside.break_even_tokens) == (5, 9000, 225_000_000)
    hosted = bill(REFERENCE.set(*own, "self_hosting.enabled=on", "self_hosting.spare_gpus=1"))
    assert hosted.llm_usd == Decimal("7500.00")
    assert hosted.infrastructure_usd == Decimal("8300.00")  # and one spare GPU: 2.5 * 720


def test_self_hosting_without_a_gpu_is_refused() -> None:
    with pytest.raises(BadInput, match=r"self_hosting\.gpu_usd_per_hour=0: give more than 0"):
        REFERENCE.set("self_hosting.enabled=on")


def test_composed_levers_equal_a_tree_of_what_happens_to_one_query() -> None:
    """Every branch that a query can take, with its probability and cost, instead of closed formulas."""
    d, b, a_c, h, f, ask, dup = (Fraction(each, 100) for each in (30, 20, 80, 40, 5, 50, 10))
    r, e, h_p = Fraction(25, 100), Fraction(20, 100), Fraction(70, 100)
    prefix, dynamic, output = 1200 * Fraction(9, 10), 500 * Fraction(8, 10), 300 * Fraction(3, 4) + 60
    strong, weak = ("5", "20", "0.5", "6.25"), ("0.2", "0.8", "0.02", "0.2")

    def call(price: tuple[str, ...], discount: Fraction) -> Fraction:
        given, made, read, write = (Fraction(each) * discount / 1_000_000 for each in price)
        return prefix * (h_p * read + (1 - h_p) * write) + dynamic * given + output * made

    def answered(discount: Fraction) -> Fraction:
        to_weak = r * (call(weak, discount) + e * call(strong, discount))
        return to_weak + (1 - r) * call(strong, discount) + Fraction("0.0001")

    direct, batch = answered(Fraction(1)), answered(Fraction(1, 2))
    hit = a_c * h
    waiting = (1 - hit) * direct + hit * f * ask * direct
    patient = (1 - dup) * ((1 - b / d) * direct + b / d * batch)
    expected = 9_000_000 * ((1 - d) * waiting + d * patient)

    made = bill(
        REFERENCE.set(
            "channels.deferrable=30%", "batch.share=20%", "response_cache.applicable=80%",
            "response_cache.hit_rate=40%", "response_cache.false_hits=5%", "response_cache.reask=50%",
            "response_cache.batch_duplicates=10%",
            "routing.share=25%", "routing.escalation=20%", "routing.router_usd=0.0001", "tokens.prefix=1200",
            "tokens.dynamic=500", "tokens.output=300", "tokens.reasoning=60", "prompt.cut_prefix=10%",
            "prompt.cut_dynamic=20%", "prompt.cut_output=25%", "prefix_cache.enabled=on", "prefix_cache.hit_rate=70%",
            "prices.input=5", "prices.output=20", "prices.cached_read=0.5", "prices.cache_write=6.25",
            "prices.batch_input=2.5", "prices.batch_output=10", "prices.stack_rule=multiply",
            "prices.weak_input=0.2", "prices.weak_output=0.8", "prices.weak_cached_read=0.02",
            "prices.weak_batch_input=0.1", "prices.weak_batch_output=0.4", "prices.weak_stack_rule=multiply",
        )
    )  # fmt: skip
    assert made.costs.llm == pytest.approx(Decimal(expected.numerator) / expected.denominator, rel=Decimal("1e-20"))
