"""Calls come in with the most that each may cost; they pass while a budget lasts, and what they cost is added up.

Nothing is refused before a budget is set, and what costs nothing is never refused.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from decimal import Decimal
from typing import Any

import orjson

from workbench import prices
from workbench.gateway.denied import Denied
from workbench.gateway.ledger import Ledger
from workbench.gateway.settings import Account
from workbench.records import Call

STOPPED = "budget"
"""The code of a call that a budget has no money for."""

STOPPED_STATUS = 402

UNLIMITED_OUTPUT = 16_384
"""Output tokens that are held for a call which names no limit: what gpt-4o-mini gives at the most. Every backend and
the judge name one."""

_paying: ContextVar[Decimal | None] = ContextVar("workbench_paying", default=None)


class Purse:
    """What may be spent, what was, and what calls under way may come to."""

    def __init__(self) -> None:
        self.spent = Decimal(0)
        """USD, with what the opener said was spent before."""
        self._limit: Decimal | None = None
        self._held = Decimal(0)
        self._empty = False
        self._unknown = 0
        self._refused: Counter[str] = Counter()
        self._settled = asyncio.Condition()

    def open(self, wanted: Mapping[str, Any]) -> None:
        """Set the budget, once.

        Args:
            wanted: `usd`, the limit, and `spent_usd`, what was spent before this gateway; both as text.

        Raises:
            Denied: one is set already, or these are no amounts.
        """
        if self._limit is not None:
            raise Denied(409, STOPPED, "this gateway has a budget already")
        try:
            limit, before = Decimal(wanted["usd"]), Decimal(wanted["spent_usd"])
        except (ArithmeticError, KeyError, TypeError, ValueError) as error:
            raise Denied(400, STOPPED, "give `usd` and `spent_usd`, as text") from error
        self._limit = limit
        self.spent += before

    def status(self, attempt: str) -> dict[str, Any]:
        """How it stands: USD spent as text, calls whose cost nobody knows, calls refused, also in one attempt."""
        return {
            "spent_usd": f"{self.spent:f}",
            "unknown": self._unknown,
            "refused": self._refused.total(),
            "refused_in_attempt": self._refused[attempt] if attempt else 0,
        }

    def entered(self, call: Call) -> None:
        """Add up a call that was written down; one whose cost nobody knows counts as the most that it may be."""
        if call.spent_usd is None:
            self._unknown += 1
            self.spent += _paying.get() or 0
        else:
            self.spent += call.spent_usd

    @asynccontextmanager
    async def paying(self, path: str, body: Mapping[str, Any], attempt: str) -> AsyncIterator[None]:
        """Hold the most that a call may cost while it is under way.

        It waits where calls under way may yet leave enough. Once one call had to be refused, all that cost are: a
        cheap one that still fits would only be half of something.

        Raises:
            Denied: the budget is used up.
        """
        most = Decimal(0) if self._limit is None else most_usd(path, body)
        if self._limit is None or most == 0:
            yield
            return
        async with self._settled:
            fits = self._fits
            await self._settled.wait_for(lambda: self._empty or not self._held or fits(most))
            if self._empty or most is None or not fits(most):
                self._empty = True
                self._refused[attempt] += 1
                self._settled.notify_all()
                raise Denied(STOPPED_STATUS, STOPPED, f"the budget of {self._limit:f} USD is used up", entered=True)
            self._held += most
        told = _paying.set(most)
        try:
            yield
        finally:
            _paying.reset(told)
            async with self._settled:
                self._held -= most
                self._settled.notify_all()

    def _fits(self, most: Decimal | None) -> bool:
        return self._limit is not None and most is not None and self.spent + self._held + most <= self._limit


class CountingLedger(Ledger):
    """A ledger whose calls are added up."""

    def __init__(self, account: Account, purse: Purse) -> None:
        super().__init__(account)
        self._purse = purse

    def enter(self, call: Call, sent: Any, received: str) -> None:
        """Write one call down and add it up.

        Raises:
            OSError: the disk is full.
        """
        self._purse.entered(call)  # first: what cannot be written down is paid all the same
        super().enter(call, sent, received)


def most_usd(path: str, body: Mapping[str, Any]) -> Decimal | None:
    """The most that a call may cost; None: nobody knows, because its model has no price.

    No tokenizer makes more tokens than a text has bytes, and the request as JSON has more than its texts.

    Args:
        path: ends in `/embeddings` or not.
        body: the request.
    """
    price = prices.lookup(str(body.get("model", "")))
    if price is None or price.free:
        return None if price is None else Decimal(0)
    output = 0
    if not path.endswith("/embeddings"):
        if price.output_usd_per_mtok is None:
            return None
        given = body.get("max_completion_tokens") or body.get("max_tokens")
        choices = body.get("n")
        output = given if isinstance(given, int) and given > 0 else UNLIMITED_OUTPUT
        output *= choices if isinstance(choices, int) and choices > 1 else 1
    return price.cost(len(orjson.dumps(body)), output)
