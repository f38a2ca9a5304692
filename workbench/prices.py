"""A model's name and a day come in, its list price with source and date goes out; unknown stays unknown.

The list is the one bundled with genai-prices. It is never updated over the network.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from difflib import get_close_matches
from functools import cache, lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot
    from genai_prices.types import ModelInfo, ModelPrice

LOCAL = "local/"
"""Models served by the gateway itself; nobody sends a bill for their tokens."""


@dataclass(frozen=True, slots=True)
class Tier:
    """Rates for a call whose input is longer than a threshold; they apply to all of its tokens."""

    above_input_tokens: int
    input_usd_per_mtok: Decimal
    cached_usd_per_mtok: Decimal
    output_usd_per_mtok: Decimal | None


@dataclass(frozen=True, slots=True)
class Price:
    """What a model's tokens cost, in USD per million, on one day."""

    model: str
    """As the list calls it, which may be shorter than what was asked for."""
    provider: str
    """Who sells it at this price, as genai-prices calls them; `local` for nobody."""
    input_usd_per_mtok: Decimal
    cached_usd_per_mtok: Decimal
    """For input that the vendor served from its prefix cache; the input rate where the list names no other."""
    output_usd_per_mtok: Decimal | None
    """None: the model puts out no billed tokens, as an embedding model."""
    source: str
    """The list and its version, such as `genai-prices 0.2.3`; for local models, that they are free."""
    at: date
    """The day the price is for."""
    usd_per_request: Decimal = Decimal(0)
    tiers: tuple[Tier, ...] = ()
    """Ascending; the highest one passed applies."""
    by_the_hour: bool = False
    """The list varies within the day; where only a day was asked for, these are the dearest hours."""
    deprecated: bool = False
    """The vendor has announced the model's end."""

    @property
    def free(self) -> bool:
        """True for a local model: a cost of 0 is then a fact and not a gap."""
        return self.provider == "local"

    def cost(self, input_tokens: int, output_tokens: int, cached_tokens: int = 0) -> Decimal:
        """USD of one call, exact.

        Args:
            input_tokens: all of the prompt, cached part included.
            output_tokens: all of the completion, reasoning included.
            cached_tokens: subset of the input that the vendor served from its prefix cache.

        Raises:
            ValueError: usage that cannot be: a negative count, more cached than input, output of a model without.
        """
        if not 0 <= cached_tokens <= input_tokens or output_tokens < 0:
            raise ValueError(
                f"impossible usage of {self.model}: {input_tokens} input tokens, {cached_tokens} of them cached, "
                f"{output_tokens} output tokens"
            )
        rates: Price | Tier = self
        for tier in self.tiers:
            if input_tokens > tier.above_input_tokens:
                rates = tier
        total = rates.input_usd_per_mtok * (input_tokens - cached_tokens)
        if cached_tokens:
            total += rates.cached_usd_per_mtok * cached_tokens
        if output_tokens:
            if rates.output_usd_per_mtok is None:
                raise ValueError(
                    f"impossible usage of {self.model}: {output_tokens} output tokens, of which it has none"
                )
            total += rates.output_usd_per_mtok * output_tokens
        return total.scaleb(-6) + self.usd_per_request


def lookup(model: str, *, at: date | None = None, provider: str | None = None) -> Price | None:
    """The list price of a model, or None where the list does not say: unpriced, never 0.

    Args:
        model: a vendor's name for it, with or without the vendor in front (`openai/gpt-4o`); `local/…` is free.
        at: the day, or the moment for prices that vary by the hour (without a zone: UTC); None is today (UTC).
        provider: who sells it, as genai-prices calls them (`openai`, `azure`, …). None: told from the name; a name
            that several sell at different prices is then unpriced.
    """
    return _lookup(model, at or datetime.now(UTC).date(), provider)


def unknown(model: str) -> str:
    """What to say of a model that has no price, with the nearest names that have one."""
    names = {info.id for seller in _snapshot().providers for info in seller.models}
    near = [name for name in get_close_matches(model.rpartition("/")[2], sorted(names), 6, 0.7) if lookup(name)][:3]
    return f"the price list has no {model}" + (f" (nearest: {', '.join(near)})" if near else "")


@lru_cache(maxsize=4096)
def _lookup(model: str, at: date, provider: str | None) -> Price | None:
    day = at.date() if isinstance(at, datetime) else at
    if model.startswith(LOCAL):
        nothing = Decimal(0)
        return Price(model, "local", nothing, nothing, nothing, "local model, free of charge", day)
    found = _find(model, provider)
    if found is None:
        return None
    seller, info = found
    rates, varies = _in_force(info, at)
    price = _price(info, seller, rates, day)
    return replace(price, by_the_hour=True) if price and varies else price


@cache
def _snapshot() -> "DataSnapshot":
    # A snapshot of our own: genai_prices' global one can be exchanged for a downloaded list by anybody in the process.
    from genai_prices.data import providers
    from genai_prices.data_snapshot import DataSnapshot

    return DataSnapshot(providers=providers, from_auto_update=False)


def _find(model: str, provider: str | None) -> "tuple[str, ModelInfo] | None":
    """Who sells the model, and its entry in the list."""
    snapshot = _snapshot()
    maker, _, rest = model.partition("/")
    attempts = [(model, provider)]
    if provider is None and rest and any(each.id == maker.lower() for each in snapshot.providers):
        attempts.insert(0, (rest, maker))
    for name, seller in attempts:
        try:
            found, info = snapshot.find_provider_model(name, None, seller, None)
            return found.id, info
        except LookupError:
            continue
    return _sold_alike(model) if provider is None else None


def _sold_alike(model: str) -> "tuple[str, ModelInfo] | None":
    """A name that tells no provider, if all who list exactly this name ask the same."""
    offers = {
        provider.id: info
        for provider in _snapshot().providers
        for info in provider.models
        if info.id.lower() == model.lower()
    }
    infos = list(offers.values())
    return (", ".join(offers), infos[0]) if infos and all(each.prices == infos[0].prices for each in infos) else None


def _in_force(info: "ModelInfo", at: date) -> "tuple[ModelPrice, bool]":
    """The rates at a moment, or the dearest of a day; and whether they vary within the day."""
    from genai_prices.types import ModelPrice, TimeOfDateConstraint

    if isinstance(info.prices, ModelPrice):
        return info.prices, False
    windows = [each.constraint for each in info.prices if isinstance(each.constraint, TimeOfDateConstraint)]
    if isinstance(at, datetime):
        return info.get_prices(at), bool(windows)
    # A window holds its start and not its end, so between them these moments see every rate of the day.
    moments = [time(tzinfo=UTC), *(moment for window in windows for moment in (window.start_time, window.end_time))]
    of_the_day = [info.get_prices(datetime.combine(at, moment)) for moment in moments]
    dearest = max(of_the_day, key=lambda rates: (_base(rates.input_mtok) or 0) + (_base(rates.output_mtok) or 0))
    return dearest, bool(windows)


def _price(info: "ModelInfo", provider: str, rates: "ModelPrice", day: date) -> Price | None:
    from genai_prices.types import TieredPrices

    if _base(rates.input_mtok) is None:
        return None  # listed without a price per token: sold by subscription, by the hour, or not yet known
    read = rates.cache_read_mtok if rates.cache_read_mtok is not None else rates.input_mtok
    keys = (rates.input_mtok, read, rates.output_mtok)
    starts = sorted({tier.start for each in keys if isinstance(each, TieredPrices) for tier in each.tiers})
    return Price(
        info.id,
        provider,
        *_rates(keys, 0),
        source=f"genai-prices {version('genai-prices')}",
        at=day,
        usd_per_request=(_base(rates.requests_kcount) or Decimal(0)) / 1000,
        tiers=tuple(Tier(start, *_rates(keys, start + 1)) for start in starts),
        deprecated=bool(info.deprecated),
    )


def _rates(keys: tuple[object, ...], input_tokens: int) -> tuple[Decimal, Decimal, Decimal | None]:
    """Input, cached and output rate of a call with so many input tokens."""
    from genai_prices.types import TieredPrices

    found = []
    for each in keys:
        rate = _base(each)
        if isinstance(each, TieredPrices):
            for tier in each.tiers:
                rate = tier.price if input_tokens > tier.start else rate
        found.append(rate)
    given, read, output = found
    assert given is not None and read is not None
    return given, read, output


def _base(rate: object) -> Decimal | None:
    if rate is None or isinstance(rate, Decimal):
        return rate
    base = getattr(rate, "base", None)
    return base if isinstance(base, Decimal) else None
