"""What calls of one sort to one model come to: counts and tokens in, USD by the list price out."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from workbench import prices
from workbench.prices import LOCAL


@dataclass(frozen=True, slots=True)
class Amount:
    """Calls of one sort to one model."""

    model: str
    calls: int = 0
    """Chat calls, or texts embedded: each text once, whoever asks for it again."""
    input_tokens: int = 0
    output_tokens: int = 0
    most_calls: int = 0
    most_input_tokens: int = 0
    most_output_tokens: int = 0

    def usd(self, at: date, price_as: str = "") -> Decimal | None:
        """What is expected to be paid; None: the model has no price.

        Args:
            at: the day of the price.
            price_as: a model whose price the output of a local chat model is given; nothing is paid for it.
        """
        return _cost(self._price(at, price_as), self.calls, self.input_tokens, self.output_tokens)

    def most_usd(self, at: date, price_as: str = "") -> Decimal | None:
        """What may be paid at the most, unless calls fail and are tried again; None: the model has no price."""
        return _cost(self._price(at, price_as), self.most_calls, self.most_input_tokens, self.most_output_tokens)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    def _price(self, at: date, price_as: str) -> prices.Price | None:
        local_chat = self.model.startswith(LOCAL) and self.most_output_tokens
        return prices.lookup(price_as if price_as and local_chat else self.model, at=at)


def together(amounts: Iterable[Amount]) -> Amount:
    """Add amounts up; the model is that of the first."""
    total: Amount | None = None
    for amount in amounts:
        total = amount if total is None else _plus(total, amount)
    return total or Amount("")


def total_usd(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Add money up; one that is not known makes the sum unknown."""
    total = Decimal(0)
    for usd in amounts:
        if usd is None:
            return None
        total += usd
    return total


def _plus(one: Amount, other: Amount) -> Amount:
    return Amount(
        one.model,
        one.calls + other.calls,
        one.input_tokens + other.input_tokens,
        one.output_tokens + other.output_tokens,
        one.most_calls + other.most_calls,
        one.most_input_tokens + other.most_input_tokens,
        one.most_output_tokens + other.most_output_tokens,
    )


def _cost(price: prices.Price | None, calls: int, input_tokens: int, output_tokens: int) -> Decimal | None:
    """Of calls that are alike: a price may depend on the length of one call, never on the sum of all."""
    if not calls:
        return Decimal(0)
    if price is None or (output_tokens and price.output_usd_per_mtok is None):
        return None
    (given, more_given), (made, more_made) = divmod(input_tokens, calls), divmod(output_tokens, calls)
    one = price.cost(given, made)
    total = calls * one + more_given * (price.cost(given + 1, made) - one)
    return total + (more_made * (price.cost(given, made + 1) - one) if more_made else 0)
