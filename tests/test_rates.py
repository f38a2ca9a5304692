"""Price schedules: from the list, with what the list leaves out, and at prices of one's own."""

from datetime import date
from decimal import Decimal

import pytest

from workbench.rates import Model, Rate, listed, negotiated, resolve, self_hosted

NOW = date(2026, 11, 22)


def test_a_list_price_with_its_classes_source_and_day() -> None:
    model = resolve("gpt-6-luna", date(2026, 12, 1), looked_up=NOW)
    (rate,) = model.rates
    assert (rate.input_usd_per_mtok, rate.output_usd_per_mtok) == (Decimal("0.1"), Decimal("0.5"))
    assert (rate.cached_read_usd_per_mtok, rate.cache_write_usd_per_mtok) == (Decimal("0.01"), Decimal("0.125"))
    assert (rate.batch_input_usd_per_mtok, rate.batch_output_usd_per_mtok) == (Decimal("0.05"), Decimal("0.25"))
    assert rate.source.startswith("list price, genai-prices") and rate.source.endswith("looked up 2026-11-22")
    assert (model.provider, model.stack_rule, model.min_prefix_tokens) == ("openai", "multiply", 1024)
    assert listed(model)


@pytest.mark.parametrize(
    ("name", "rule", "shortest"),
    [
        ("gpt-4o", "no_cache", 1024), ("gpt-5-mini", "multiply", 1024), ("claude-sonnet-4-5", "multiply", 1024),
        ("claude-haiku-4-5", "multiply", 4096), ("claude-sonnet-5-5", "multiply", 512),
        ("gemini-2.5-pro", "cached_unchanged", 2048),
    ],
)  # fmt: skip
def test_vendors_terms(name: str, rule: str, shortest: int) -> None:
    model = resolve(name, date(2026, 11, 1), months=1)
    assert (model.stack_rule, model.min_prefix_tokens) == (rule, shortest)
    assert model.rates[0].batch_input_usd_per_mtok == model.rates[0].input_usd_per_mtok / 2


def test_a_dated_change_of_the_list_becomes_a_rate_of_its_own() -> None:
    # genai-prices lists 1/6 USD for gpt-5.6-luna, and 0.2/1.2 from 2026-07-30 on.
    model = resolve("gpt-5.6-luna", date(2026, 6, 1), months=6)
    assert [(each.effective_from, each.input_usd_per_mtok) for each in model.rates] == [
        (date(2026, 6, 1), 1), (date(2026, 8, 1), Decimal("0.2")),
    ]  # fmt: skip
    assert model.rate_on(date(2026, 7, 31)) is model.rates[0]
    assert model.rate_on(date(2026, 8, 1)) is model.rates[1]
    assert model.rate_on(date(2026, 5, 31)) is None


def test_a_variant_does_not_inherit_its_familys_retirement() -> None:
    # The list prices gpt-5-chat-latest as gpt-5, which lives longer.
    assert resolve("gpt-5-chat-latest", date(2026, 7, 1), months=1).retires == date(2026, 7, 23)
    assert resolve("gpt-5", date(2026, 7, 1), months=1).retires == date(2026, 12, 11)
    assert resolve("gpt-4o-2024-05-13", date(2026, 7, 1), months=1).retires == date(2026, 10, 23)
    assert resolve("gpt-4o-2024-08-06", date(2026, 7, 1), months=1).retires == date(2027, 1, 14)
    assert resolve("gpt-4o-audio-preview", date(2026, 7, 1), months=1).retires is None


def test_a_retirement_is_known_by_its_day() -> None:
    model = resolve("openai/gpt-4", date(2026, 10, 1), months=1)
    assert model.retires == date(2026, 10, 23)
    assert not model.retired_on(date(2026, 10, 22)) and model.retired_on(date(2026, 10, 23))


@pytest.mark.parametrize("name", ["nobody/knows-this", "text-embedding-3-small", "local/extractive"])
def test_what_has_no_price_per_answer_is_unpriced(name: str) -> None:
    assert resolve(name, NOW, months=1).rates == ()


def test_unknown_terms_give_no_discount() -> None:
    model = resolve("mistral-large-latest", NOW, months=1)
    assert model.rates[0].batch_input_usd_per_mtok is None
    assert model.terms == "batch and cache terms unknown"


def test_a_price_that_ends_is_not_in_force_after() -> None:
    model = Model("m", rates=(Rate(Decimal(1), Decimal(2), effective_to=date(2026, 3, 31)),))
    assert model.rate_on(date(2026, 3, 31)) and model.rate_on(date(2026, 4, 1)) is None


def test_gaps_are_filled_by_what_the_vendor_would_bill() -> None:
    found = Rate(Decimal(3), Decimal(15)).classes("multiply")
    assert found == (3, 3, 3, 15, 3, 3, 3, 15, 0)
    batch = Rate(Decimal(4), Decimal(20), Decimal(1), Decimal(5), Decimal(2), Decimal(10))
    assert batch.classes("multiply")[4:8] == (2, Decimal("0.5"), Decimal("2.5"), 10)
    assert batch.classes("cached_unchanged")[4:8] == (2, 1, Decimal("2.5"), 10)
    assert batch.classes("no_cache")[4:8] == (2, 2, 2, 10)


def test_a_negotiated_discount_reaches_the_classes_that_hang_on_it() -> None:
    model = Model("m", rates=(Rate(Decimal(4), Decimal(20), Decimal("0.4"), Decimal(5), Decimal(2), Decimal(10)),))
    (rate,) = negotiated(model, {"input_usd_per_mtok": Decimal(3), "cache_write_usd_per_mtok": None}, "contract").rates
    assert (rate.cached_read_usd_per_mtok, rate.batch_input_usd_per_mtok) == (Decimal("0.3"), Decimal("1.5"))
    assert (rate.cache_write_usd_per_mtok, rate.output_usd_per_mtok) == (None, 20)
    assert rate.source == "contract" and not listed(Model("m", rates=(rate,)))


def test_an_unpriced_model_needs_both_prices() -> None:
    with pytest.raises(ValueError, match="both an input and an output price"):
        negotiated(Model("m"), {"input_usd_per_mtok": Decimal(3)}, "contract")
    made = negotiated(Model("m"), {"input_usd_per_mtok": Decimal(3), "output_usd_per_mtok": Decimal(4)}, "contract")
    assert made.rates[0].classes("multiply")[:4] == (3, 3, 3, 4)


def test_own_machines_bill_every_token_alike() -> None:
    (rate,) = self_hosted(Model("m", retires=NOW), Decimal("0.7")).rates
    assert set(rate.classes("multiply")[:8]) == {Decimal("0.7")}
