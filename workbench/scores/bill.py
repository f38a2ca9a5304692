"""Calls come in one by one, their tokens and money go out added up. No call is kept.

Charged figures are as if nothing of ours had been cached; spent figures are what really went out. Money is `Decimal`. A
call without a price makes the total unpriced (None) and is counted: it is never taken for free.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from workbench.prices import LOCAL, Price
from workbench.records import INGESTION, Call


@dataclass(slots=True)
class Bill:
    """What a set of calls came to."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    usd: Decimal | None = Decimal(0)
    """Charged; None when a call has no price."""
    spent_usd: Decimal | None = Decimal(0)
    unpriced: int = 0
    """Calls without a price."""

    def add(self, call: Call) -> None:
        """One call more."""
        self.calls += 1
        self.input_tokens += call.input_tokens
        self.output_tokens += call.output_tokens
        self.usd = added(self.usd, call.usd)
        self.spent_usd = added(self.spent_usd, call.spent_usd)
        self.unpriced += call.usd is None or call.spent_usd is None

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON; money as text, so that no digit is lost."""
        return {
            "calls": self.calls,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "usd": _text(self.usd),
            "spent_usd": _text(self.spent_usd),
            "unpriced": self.unpriced,
        }


class Bills:
    """All calls of a run, by whose they were."""

    def __init__(self) -> None:
        self.counted = Bill()
        """Of the attempts that count."""
        self.chat, self.embeddings, self.rerank = Bill(), Bill(), Bill()
        """Of the counted."""
        self.not_scored = Bill()
        """Of failed questions and of attempts that were repeated."""
        self.ingestion, self.unattributed = Bill(), Bill()
        self.retries = self.failed_calls = self.truncated = 0
        """Over all calls."""
        self.flags: dict[str, int] = {}
        """What the embedded reader wanted known, by how many counted calls."""
        self.counted_by: set[str] = set()
        """Who counted the tokens of counted calls."""

    def add(self, call: Call, *, counts: bool) -> None:
        """One call more; `counts`: it belongs to the attempt of an answer that did not fail."""
        self.retries += call.retries
        self.failed_calls += call.status >= 400 or bool(call.error)
        self.truncated += call.truncated
        if counts:
            self._count(call)
        elif call.question:
            self.not_scored.add(call)
        if call.attempt == INGESTION:
            self.ingestion.add(call)
        elif not call.question:
            self.unattributed.add(call)

    def _count(self, call: Call) -> None:
        self.counted.add(call)
        {"chat": self.chat, "embeddings": self.embeddings, "rerank": self.rerank}[call.kind].add(call)
        for flag in call.flags:
            self.flags[flag] = self.flags.get(flag, 0) + 1
        if call.counted_by:
            self.counted_by.add(call.counted_by)


def bill(calls: Iterable[Call]) -> Bill:
    """Add calls up."""
    total = Bill()
    for call in calls:
        total.add(call)
    return total


def priced(call: Call, price: Price) -> Call:
    """A local model's chat call, its tokens priced as another model's; any other call as it is."""
    if call.kind != "chat" or not call.model.startswith(LOCAL):
        return call
    usd = price.cost(call.input_tokens, call.output_tokens, call.cached_tokens)
    return replace(call, usd=usd, spent_usd=usd)


def added(total: Decimal | None, usd: Decimal | None) -> Decimal | None:
    """None as soon as one of them has no price."""
    return None if total is None or usd is None else total + usd


def _text(usd: Decimal | None) -> str | None:
    return None if usd is None else f"{usd:f}"
