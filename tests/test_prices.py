"""List prices: compared with genai-prices' own arithmetic, with the reference bill, and with sums done by hand."""

import random
import subprocess
import sys
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from decimal import Decimal

import pytest
from genai_prices.data import providers
from genai_prices.types import ClauseEquals, ConditionalPrice, ModelInfo, ModelPrice, TimeOfDateConstraint, Usage

from workbench import prices
from workbench.prices import Price, Tier, _in_force, lookup

DAY = date(2026, 11, 1)


def price(**changes: object) -> Price:
    """2 USD in, 0.50 cached, 8 out, per million."""
    given: dict[str, object] = {
        "model": "m",
        "provider": "p",
        "input_usd_per_mtok": Decimal("2"),
        "cached_usd_per_mtok": Decimal("0.5"),
        "output_usd_per_mtok": Decimal("8"),
        "source": "hand",
        "at": DAY,
    }
    return Price(**given | changes)  # type: ignore[arg-type]


def test_cost_by_hand() -> None:
    # 800 * 2 + 200 * 0.5 + 400 * 8 = 1600 + 100 + 3200 = 4900 millionths
    assert price().cost(1000, 400, cached_tokens=200) == Decimal("0.0049")
    assert price().cost(0, 0) == 0
    assert price(usd_per_request=Decimal("0.012")).cost(1, 0) == Decimal("0.012002")


def test_cost_is_exact() -> None:
    # Ten million calls of a tenth of a millionth: floats would end at 0.9999999998.
    tenth = price(input_usd_per_mtok=Decimal("0.1"))
    assert sum((tenth.cost(1, 0) for _ in range(10_000)), Decimal(0)) == Decimal("0.001")


def test_the_reference_bill() -> None:
    found = lookup("gpt-4", at=DAY)
    assert found is not None
    queries = 100_000 * 3 * 30
    assert found.cost(800, 400) * queries == Decimal("432000")


@pytest.mark.parametrize(("model", "monthly"), [("gpt-5.6-sol", "100800"), ("gpt-6-luna", "2520")])
def test_the_same_month_on_other_models(model: str, monthly: str) -> None:
    found = lookup(model, at=DAY)
    assert found is not None and found.cost(800, 400) * 9_000_000 == Decimal(monthly)


@pytest.mark.parametrize("usage", [(-1, 0, 0), (10, -1, 0), (10, 0, -1), (10, 0, 11), (0, 5, 1)])
def test_impossible_usage_is_refused(usage: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="impossible usage of m"):
        price().cost(usage[0], usage[1], cached_tokens=usage[2])


def test_output_of_a_model_without_is_refused() -> None:
    embedder = lookup("text-embedding-3-small", at=DAY)
    assert embedder is not None and embedder.cost(1_000_000, 0) == Decimal("0.02")
    with pytest.raises(ValueError, match="output tokens"):
        embedder.cost(10, 1)


def test_a_tier_applies_to_all_tokens_of_a_longer_call() -> None:
    tiered = price(tiers=(Tier(200, Decimal(4), Decimal(1), Decimal(16)), Tier(500, Decimal(6), Decimal(2), None)))
    assert tiered.cost(200, 1) == Decimal("0.000408")
    assert tiered.cost(201, 1) == Decimal("0.000820")
    assert tiered.cost(501, 0, cached_tokens=1) == Decimal("0.003002")


def test_local_models_are_free_and_say_so() -> None:
    for model in ("local/extractive", "local/minilm"):
        found = lookup(model)
        assert found is not None and found.free and found.cost(10_000, 500) == 0
        assert "free" in found.source


@pytest.mark.parametrize("model", ["", "no-such-model", "gpt-99", "gpt-4-bogus", "openai/nothing", "a/b/c", "claude"])
def test_unknown_is_unpriced_and_never_zero(model: str) -> None:
    assert lookup(model, at=DAY) is None


def test_a_model_listed_without_a_price_per_token_is_unpriced() -> None:
    assert lookup("gpt-4o", at=DAY, provider="github-copilot") is None  # by subscription
    assert lookup("whisper-large-v3", at=DAY, provider="groq") is None  # by the hour of sound
    assert lookup("gpt-4o", at=DAY, provider="nobody") is None


def test_the_vendor_may_stand_before_the_name() -> None:
    assert lookup("openai/gpt-4o", at=DAY) == lookup("gpt-4o", at=DAY) == lookup("gpt-4o", at=DAY, provider="openai")


def test_a_name_sold_at_several_prices_is_unpriced_until_the_seller_is_named() -> None:
    offers = defaultdict(dict)
    for provider in providers:
        for info in provider.models:
            offers[info.id.lower()][provider.id] = info.prices
    vendors = [provider for provider in providers if provider.model_match is not None]
    told_by_name = {name for name in offers if any(vendor.model_match.is_match(name) for vendor in vendors)}
    told_by_name |= {name for name in offers if any(name.startswith(f"{provider.id}/") for provider in providers)}
    alike = {name: all(price == next(iter(each.values())) for price in each.values()) for name, each in offers.items()}
    ambiguous = [name for name in offers if not alike[name] and name not in told_by_name]
    assert len(ambiguous) > 20 and all(lookup(name, at=DAY) is None for name in ambiguous)
    embedder = lookup("text-embedding-3-small", at=DAY)  # two sellers, one price
    assert embedder is not None and embedder.provider == "azure, openai"


def test_source_and_day_are_carried() -> None:
    from importlib.metadata import version

    found = lookup("gpt-4o-mini", at=DAY)
    assert found is not None
    assert (found.source, found.at, found.provider) == (f"genai-prices {version('genai-prices')}", DAY, "openai")
    today = lookup("gpt-4o-mini")
    assert today is not None and abs(today.at - datetime.now(UTC).date()) <= timedelta(days=1)


def test_the_price_in_force_on_the_day() -> None:
    # Listed with a long-context tier until 2026-03-12 and without one from the 13th.
    before, after = (lookup("claude-sonnet-4-6", at=date(2026, 3, day)) for day in (12, 13))
    assert before is not None and after is not None
    assert before.cost(300_000, 0) > after.cost(300_000, 0)
    assert before.tiers and not after.tiers


def test_a_day_stands_for_its_dearest_hours_and_a_moment_for_itself() -> None:
    # deepseek-chat: 0.135 at night, 0.27 from 00:30 to 16:30 UTC.
    day, night, noon = (
        lookup("deepseek-chat", at=at, provider="deepseek")
        for at in (DAY, datetime(2026, 11, 1, 20, tzinfo=UTC), datetime(2026, 11, 1, 12, tzinfo=UTC))
    )
    assert day is not None and night is not None and noon is not None
    assert (day.input_usd_per_mtok, night.input_usd_per_mtok, noon.input_usd_per_mtok) == (
        Decimal("0.27"),
        Decimal("0.135"),
        Decimal("0.27"),
    )
    assert day.by_the_hour and night.by_the_hour and day.at == night.at == DAY


def test_a_discount_over_midnight_hides_no_price_of_the_day() -> None:
    normal, night = ModelPrice(input_mtok=Decimal(4)), ModelPrice(input_mtok=Decimal(1))
    window = TimeOfDateConstraint(start_time=clock(16, 30, tzinfo=UTC), end_time=clock(0, 30, tzinfo=UTC))
    prices = [ConditionalPrice(prices=normal), ConditionalPrice(window, prices=night)]
    rates, varies = _in_force(ModelInfo(id="m", match=ClauseEquals("m"), prices=prices), DAY)
    assert rates is normal and varies


def test_every_price_of_the_list_agrees_with_the_list_itself() -> None:
    """genai-prices' own calculator, on each model priced by token, around each of its tiers."""
    moment = datetime(2026, 11, 1, 12, tzinfo=UTC)
    chance = random.Random(0)
    compared = 0
    for provider in providers:
        for info in provider.models:
            if provider.find_model(info.id) is not info:
                continue  # another entry answers to this name, or none
            found = lookup(info.id, at=moment, provider=provider.id)
            if found is None:
                assert info.get_prices(moment).input_mtok is None, (provider.id, info.id)
                continue
            edges = [tier.above_input_tokens + extra for tier in found.tiers for extra in (0, 1)]
            for tokens in (1000, *edges):
                output = chance.randrange(2000) if found.output_usd_per_mtok is not None else 0
                cached = chance.randrange(tokens)
                usage = Usage(input_tokens=tokens, cache_read_tokens=cached, output_tokens=output)
                expected = info.calc_price(usage, provider, genai_request_timestamp=moment).total_price
                assert found.cost(tokens, output, cached_tokens=cached) == expected, (provider.id, info.id)
                compared += 1
    assert compared > 1500


def test_nothing_is_fetched_and_the_list_is_loaded_only_when_asked() -> None:
    script = """
import socket, sys
def refuse(*_): raise AssertionError("network")
socket.getaddrinfo = socket.socket.connect = refuse
import workbench.prices as prices
assert "genai_prices" not in sys.modules and "pydantic" not in sys.modules
assert prices.lookup("local/minilm").free and "genai_prices" not in sys.modules
assert prices.lookup("gpt-4o") is not None and prices.lookup("unheard-of") is None
"""
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True)


def test_a_known_price_is_looked_up_once() -> None:
    prices._lookup.cache_clear()
    found = [lookup("gpt-4o-mini", at=DAY) for _ in range(50)]
    assert found[0] is not None and all(each is found[0] for each in found)
    assert prices._lookup.cache_info().misses == 1
