"""A model's name comes in, its price schedule goes out: dated rates with batch and cache classes, source and end.

`workbench.prices` says what a call costs on a day; a plan needs more: what the same tokens cost in a batch job or
behind the vendor's prefix cache, what changes next month, what was negotiated, and when the model is switched off.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from workbench.prices import Price

StackRule = Literal["multiply", "cached_unchanged", "no_cache"]

STACK_RULES: tuple[StackRule, ...] = ("multiply", "cached_unchanged", "no_cache")
"""How a batch job's discount meets the prefix cache: both discounts multiply; cached tokens keep their interactive
price; there is no cache in batch jobs."""

MIN_PREFIX = 1024
"""Tokens that a prefix needs before a vendor caches it, where nothing else is known."""

HORIZON_MONTHS = 60
"""How far ahead dated changes of the list are looked up and stored."""


class Classes(NamedTuple):
    """What a token costs in each class, in USD per million, with every gap filled in."""

    input: Decimal
    cached_read: Decimal
    cache_write: Decimal
    output: Decimal
    batch_input: Decimal
    batch_cached_read: Decimal
    batch_cache_write: Decimal
    batch_output: Decimal
    request: Decimal
    """USD per call, not per million."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Prices in force from one day to another, in USD per million tokens. None: the vendor sells no such class."""

    input_usd_per_mtok: Decimal
    output_usd_per_mtok: Decimal
    cached_read_usd_per_mtok: Decimal | None = None
    """None: cached tokens cost what others do."""
    cache_write_usd_per_mtok: Decimal | None = None
    """None: what is written into the cache is billed at the input rate."""
    batch_input_usd_per_mtok: Decimal | None = None
    """None: no batch price is known, batch jobs are billed like interactive calls."""
    batch_output_usd_per_mtok: Decimal | None = None
    usd_per_request: Decimal = Decimal(0)
    effective_from: date | None = None
    effective_to: date | None = None
    """The last day; None: until the next rate, or without end."""
    source: str = ""

    @property
    def has_batch(self) -> bool:
        """Whether batch jobs have a price of their own."""
        return self.batch_input_usd_per_mtok is not None or self.batch_output_usd_per_mtok is not None

    def classes(self, stack_rule: StackRule) -> Classes:
        """The price of every class of tokens, cached ones in batch jobs by the model's stack rule."""
        given, made = self.input_usd_per_mtok, self.output_usd_per_mtok
        read, write = _or(self.cached_read_usd_per_mtok, given), _or(self.cache_write_usd_per_mtok, given)
        batch_in, batch_out = _or(self.batch_input_usd_per_mtok, given), _or(self.batch_output_usd_per_mtok, made)
        discount = batch_in / given if given else Decimal(1)
        batch_read, batch_write = read * discount, write * discount
        if not self.has_batch:
            batch_read, batch_write = read, write
        elif stack_rule == "cached_unchanged":
            batch_read = read
        elif stack_rule == "no_cache":
            batch_read = batch_write = batch_in
        return Classes(given, read, write, made, batch_in, batch_read, batch_write, batch_out, self.usd_per_request)


@dataclass(frozen=True, slots=True)
class Model:
    """One model's price schedule and its vendor's terms."""

    name: str
    provider: str = ""
    rates: tuple[Rate, ...] = ()
    """By effective day, ascending. Empty: unpriced."""
    stack_rule: StackRule = "no_cache"
    min_prefix_tokens: Decimal = Decimal(MIN_PREFIX)
    retires: date | None = None
    """The day from which it answers no more; None: none is announced."""
    terms: str = ""
    """Where batch discount, stack rule, minimum prefix and retirement come from."""
    long_context_tokens: int | None = None
    """Above so many input tokens a call costs more than these rates say."""

    def rate_on(self, day: date) -> Rate | None:
        """The rate in force on a day; None where none is."""
        in_force = None
        for rate in self.rates:
            if rate.effective_from is None or rate.effective_from <= day:
                in_force = rate
        if in_force is None or (in_force.effective_to is not None and in_force.effective_to < day):
            return None
        return in_force

    def retired_on(self, day: date) -> bool:
        """Whether the model is switched off on that day."""
        return self.retires is not None and self.retires <= day


class Terms(NamedTuple):
    """What a price list leaves out."""

    batch_discount: Decimal | None
    stack_rule: StackRule
    min_prefix_tokens: int


_LISTED = "list price"

_HALF = Decimal("0.5")

_TERMS: tuple[tuple[str, str, Terms], ...] = (
    ("openai", "gpt-[56]*", Terms(_HALF, "multiply", 1024)),
    ("openai", "*", Terms(_HALF, "no_cache", 1024)),
    ("anthropic", "claude-haiku-4-5*", Terms(_HALF, "multiply", 4096)),
    ("anthropic", "claude-opus-4-[56]*", Terms(_HALF, "multiply", 4096)),
    ("anthropic", "claude-opus-4-7*", Terms(_HALF, "multiply", 2048)),
    ("anthropic", "claude-*-haiku*", Terms(_HALF, "multiply", 2048)),
    ("anthropic", "claude-fable-5*", Terms(_HALF, "multiply", 512)),
    ("anthropic", "claude-mythos-5*", Terms(_HALF, "multiply", 512)),
    ("anthropic", "claude-haiku-5-5*", Terms(_HALF, "multiply", 512)),
    ("anthropic", "claude-sonnet-5-5*", Terms(_HALF, "multiply", 512)),
    ("anthropic", "claude-opus-5*", Terms(_HALF, "multiply", 512)),
    ("anthropic", "*", Terms(_HALF, "multiply", 1024)),
    ("google", "gemini-2*", Terms(_HALF, "cached_unchanged", 2048)),
    ("google", "gemini-3-*", Terms(_HALF, "cached_unchanged", 4096)),
    ("google", "gemini-3.1-pro*", Terms(_HALF, "cached_unchanged", 4096)),
    ("google", "gemini-*", Terms(_HALF, "multiply", 4096)),
)
"""Provider and pattern of the model's name -> terms; the first that fits. What batch and cache cost together was read
off the batch classes of litellm 1.106.2's list, minimum prefixes off the same list and the vendors' caching guides."""

_TERMS_SOURCE = "batch and cache terms as of 2026-11 (vendors' documentation, litellm 1.106.2)"

_UNKNOWN = Terms(None, "no_cache", MIN_PREFIX)

_RETIREMENTS: tuple[tuple[str, date], ...] = (
    *(
        (name, date(2026, 7, 23))
        for name in ("gpt-5-chat-latest", "gpt-5-codex", "gpt-5.1-codex", "gpt-5.1-chat-latest")
    ),
    *((name, date(2026, 10, 23)) for name in ("gpt-4", "gpt-4-0613", "gpt-4-1106-preview", "gpt-4-turbo")),
    ("gpt-4o-2024-05-13", date(2026, 10, 23)),
    *((name, date(2026, 10, 23)) for name in ("gpt-3.5-turbo", "gpt-4.1-nano", "o1", "o1-pro", "o3-mini", "o4-mini")),
    *((name, date(2026, 12, 11)) for name in ("gpt-5", "gpt-5-mini", "gpt-5-nano", "gpt-5-pro", "o3", "o3-pro")),
    *((name, date(2027, 1, 14)) for name in ("gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-4.1-mini")),
    *((name, date(2027, 4, 1)) for name in ("gpt-5.1", "gpt-5.3-codex", "gpt-5.4-nano")),
    ("claude-sonnet-4-5", date(2026, 11, 30)),
    ("gemini-3.1-flash-lite", date(2027, 5, 7)),
)
"""By the name that is asked for: a list may price a variant as its family, which lives longer."""

_SNAPSHOT = re.compile(r"-\d{4}-\d{2}-\d{2}$|-\d{8}$")

_RETIREMENTS_SOURCE = "retirement by the vendors' deprecation pages as of 2026-11"


def resolve(name: str, start: date, *, months: int = HORIZON_MONTHS, looked_up: date | None = None) -> Model:
    """A model's schedule from the price list, from a month on.

    Args:
        name: as `prices.lookup` takes it.
        start: the first day that prices are wanted for.
        months: how many firsts of a month after it are looked up; equal ones are one rate.
        looked_up: the day to write down as the day of the look-up; None: today.

    Returns:
        The schedule; without rates where the list does not say: unpriced.
    """
    from workbench import prices  # its list is not needed where a scenario's prices are stored

    looked_up = looked_up or datetime.now(UTC).date()
    days = [start, *(_first_of_month(start, ahead) for ahead in range(1, months + 1))]
    changes: list[tuple[date, Price, Decimal | None]] = []
    for day in days:
        price = prices.lookup(name, at=day)
        if price is None or price.output_usd_per_mtok is None or price.free:
            break
        write = _cache_write(price, day)
        if not changes or not _same(changes[-1], price, write):
            changes.append((day, price, write))
    if not changes:
        return Model(name, retires=_retires(name))
    first = changes[0][1]
    terms = next(
        (found for who, like, found in _TERMS if who == first.provider and fnmatchcase(first.model, like)), _UNKNOWN
    )
    return Model(
        name,
        first.provider,
        tuple(_rate(day, price, write, terms, looked_up) for day, price, write in changes),
        terms.stack_rule,
        Decimal(terms.min_prefix_tokens),
        _retires(name),
        f"{_TERMS_SOURCE}; {_RETIREMENTS_SOURCE}" if terms is not _UNKNOWN else "batch and cache terms unknown",
        first.tiers[0].above_input_tokens if first.tiers else None,
    )


def negotiated(model: Model, changes: dict[str, Decimal | None], source: str) -> Model:
    """The same model at prices of one's own.

    A changed input or output price carries the classes that hang on it along at the vendor's ratios (a discount on
    input is one on cached input too), unless they are given themselves.

    Args:
        model: priced or not; an unpriced one needs `input_usd_per_mtok` and `output_usd_per_mtok`.
        changes: fields of `Rate` -> new value.
        source: who says so.

    Raises:
        ValueError: an unpriced model is given only one of the two.
    """
    base = model.rates
    if not base:
        wanted = ("input_usd_per_mtok", "output_usd_per_mtok")
        if any(changes.get(each) is None for each in wanted):
            raise ValueError("an unpriced model needs both an input and an output price")
        base = (Rate(Decimal(0), Decimal(0)),)
    return replace(model, rates=tuple(_changed(rate, changes, source) for rate in base))


def self_hosted(model: Model, usd_per_mtok: Decimal) -> Model:
    """The same model on machines of one's own: every token costs alike, nobody sells a batch discount."""
    rate = Rate(usd_per_mtok, usd_per_mtok, source="self-hosted: USD per GPU hour over its tokens")
    return replace(model, name=f"{model.name} (self-hosted)", rates=(rate,), retires=None, terms="self-hosted")


def listed(model: Model) -> bool:
    """Whether a model's prices are those of a list, or of nobody: they can be looked up again."""
    return all(rate.source.startswith(_LISTED) for rate in model.rates)


def local(name: str) -> bool:
    """Whether a model is served by the gateway itself: its tokens are free, its machines are not."""
    from workbench.prices import LOCAL

    return name.startswith(LOCAL)


_FOLLOWERS: dict[str, tuple[str, ...]] = {
    "input_usd_per_mtok": ("cached_read_usd_per_mtok", "cache_write_usd_per_mtok", "batch_input_usd_per_mtok"),
    "output_usd_per_mtok": ("batch_output_usd_per_mtok",),
}


def _changed(rate: Rate, changes: dict[str, Decimal | None], source: str) -> Rate:
    fields: dict[str, Decimal | None] = dict(changes)
    for leader, followers in _FOLLOWERS.items():
        before, now = getattr(rate, leader), changes.get(leader)
        if now is None:
            continue
        for name in followers:
            held = getattr(rate, name)
            if name not in changes and held is not None:
                fields[name] = held * now / before if before else None
    return replace(rate, **fields, source=source)  # type: ignore[arg-type]  # the names are Rate's own


def _first_of_month(start: date, ahead: int) -> date:
    months = start.month - 1 + ahead
    return date(start.year + months // 12, months % 12 + 1, 1)


def _same(change: "tuple[date, Price, Decimal | None]", price: "Price", write: Decimal | None) -> bool:
    _, before, written = change
    return written == write and replace(before, at=price.at) == price


def _cache_write(price: "Price", day: date) -> Decimal | None:
    """What the same list asks for writing into the prefix cache; None where it names no price."""
    from genai_prices.data import providers
    from genai_prices.types import TieredPrices

    sellers = price.provider.split(", ")
    found = next(
        (each for one in providers if one.id in sellers for each in one.models if each.id == price.model), None
    )
    if found is None:
        return None
    rate = found.get_prices(datetime(day.year, day.month, day.day, tzinfo=UTC)).cache_write_mtok
    return rate.base if isinstance(rate, TieredPrices) else rate


def _rate(day: date, price: "Price", write: Decimal | None, terms: Terms, looked_up: date) -> Rate:
    assert price.output_usd_per_mtok is not None
    off = terms.batch_discount
    read = price.cached_usd_per_mtok
    return Rate(
        price.input_usd_per_mtok,
        price.output_usd_per_mtok,
        None if read == price.input_usd_per_mtok else read,
        write,
        None if off is None else price.input_usd_per_mtok * off,
        None if off is None else price.output_usd_per_mtok * off,
        price.usd_per_request,
        day,
        None,
        f"{_LISTED}, {price.source}, looked up {looked_up}",
    )


def _retires(name: str) -> date | None:
    known, asked = dict(_RETIREMENTS), name.rpartition("/")[2]
    return known.get(asked) or known.get(_SNAPSHOT.sub("", asked))


def _or(value: Decimal | None, otherwise: Decimal) -> Decimal:
    return otherwise if value is None else value
