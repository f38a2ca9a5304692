"""A GPU's price and speed come in, what a million tokens cost on it and when it pays go out."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from workbench.planning.scenario import Scenario

_MTOK = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class SelfHosting:
    """The strong model's tokens on GPUs of one's own, beside the API."""

    usd_per_mtok: Decimal
    gpus: int
    """That the month's tokens keep busy at the stated utilisation, spare ones included."""
    fixed_usd: Decimal
    """Per month: these GPUs, running all the time."""
    api_usd_per_mtok: Decimal | None
    """What the API asks for the same mix of input and output; None: unpriced."""
    break_even_tokens: Decimal | None
    """Tokens per month from which the GPUs cost less than the API; None: never, or unpriced."""
    tokens: Decimal
    """Of the month."""

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {
            "usd_per_mtok": round(float(self.usd_per_mtok), 6),
            "gpus": self.gpus,
            "fixed_usd": round(float(self.fixed_usd), 2),
            "api_usd_per_mtok": None if self.api_usd_per_mtok is None else round(float(self.api_usd_per_mtok), 6),
            "break_even_tokens": None if self.break_even_tokens is None else round(float(self.break_even_tokens)),
            "tokens": round(float(self.tokens)),
        }


def usd_per_mtok(usd_per_hour: Decimal, tokens_per_second: Decimal, utilisation: Decimal) -> Decimal:
    """What a million tokens cost on one GPU.

    Raises:
        ValueError: a GPU that makes no tokens.
    """
    made = tokens_per_second * 3600 * utilisation
    if made <= 0:
        raise ValueError("a GPU that makes no tokens has no price per token")
    return usd_per_hour * _MTOK / made


def break_even(fixed_usd: Decimal, api_usd_per_mtok: Decimal) -> Decimal | None:
    """Tokens per month at which an API's bill reaches a fixed cost; None: a free API is never dearer.

    Args:
        fixed_usd: per month.
        api_usd_per_mtok: the API's price for the mix of input and output.
    """
    return fixed_usd / api_usd_per_mtok * _MTOK if api_usd_per_mtok > 0 else None


def compare(scenario: Scenario, tokens: Decimal, api_usd: Decimal | None) -> SelfHosting | None:
    """Own GPUs beside the API for one month's tokens.

    Args:
        scenario: holds the GPU's price and speed.
        tokens: of the month, input and output, that would move.
        api_usd: what the API asks for them; None: unpriced.

    Returns:
        None where the scenario names no GPU.
    """
    hour = scenario.number("self_hosting.gpu_usd_per_hour")
    speed, used = scenario.number("self_hosting.tokens_per_second"), scenario.number("self_hosting.utilisation")
    days = scenario.number("demand.days")
    if not hour or not speed or not used or not days:
        return None
    made = speed * used * 86_400 * days
    spare = scenario.number("self_hosting.spare_gpus")
    gpus = int((tokens / made).to_integral_value(ROUND_CEILING)) + int(spare)
    fixed = gpus * hour * 24 * days
    api = api_usd / tokens * _MTOK if api_usd is not None and tokens else None
    return SelfHosting(
        usd_per_mtok(hour, speed, used), gpus, fixed, api, None if api is None else break_even(fixed, api), tokens
    )
