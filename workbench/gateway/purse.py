"""Calls come in with the most that each may cost; they pass while a budget lasts, and what they cost is added up.

Nothing is refused before a budget is set, and what costs nothing is never refused. What is held is written down before
the call goes out, so that a killed gateway forgets nothing that may be billed:

    {"hold": id, "usd": …}    a call goes out, and may cost so much
    {"settled": id}           its cost is in the ledger
"""

import asyncio
import contextlib
import os
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

from workbench import prices
from workbench.gateway.denied import Denied
from workbench.gateway.ledger import Ledger
from workbench.gateway.settings import Account
from workbench.lines import Lines, read
from workbench.records import Call, CallKind

STOPPED = "budget"
"""The code of a call that a budget has no money for."""

STOPPED_STATUS = 402

UNLIMITED_OUTPUT = 16_384
"""Output tokens that are held for a call which names no limit: what gpt-4o-mini gives at the most. Every backend and
the judge name one."""


@dataclass(slots=True)
class _Hold:
    """One call under way."""

    purse: "Purse"
    most: Decimal
    id: str = ""
    stays: bool = False
    """Whether the call is over and its cost is in no ledger."""


_paying: ContextVar[_Hold | None] = ContextVar("workbench_paying", default=None)


class Purse:
    """What may be spent, what was, and what calls under way may come to."""

    def __init__(self, holds: Path | None = None) -> None:
        """Take the file that holds are written into; None: none are."""
        self._holds = Lines(holds) if holds else None
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
        if call.spent_usd is not None:
            self.spent += call.spent_usd
            return
        self._unknown += 1
        if hold := _paying.get():
            self.spent += hold.most
            hold.stays = True

    def again(self, hold: _Hold) -> bool:
        """Count a try whose answer nobody heard as the most that it may have cost, if there is money for another."""
        if self._limit is not None and not self._fits(hold.most):
            return False
        self._unknown += 1
        self.spent += hold.most
        self._write(hold)  # under a new name: the try before it stays
        return True

    def close(self) -> None:
        """Close the file."""
        if self._holds:
            self._holds.close()

    @asynccontextmanager
    async def paying(self, kind: CallKind, body: Mapping[str, Any], attempt: str) -> AsyncIterator[None]:
        """Hold the most that a call may cost while it is under way.

        It waits where calls under way may yet leave enough. Once one call had to be refused, all that cost are: a
        cheap one that still fits would only be half of something.

        Raises:
            Denied: the budget is used up.
        """
        most = most_usd(kind, body)
        if most == 0 or (most is None and self._limit is None):
            yield
            return
        hold = _Hold(self, await self._admit(most, attempt))
        told = _paying.set(hold)
        try:
            self._write(hold)
            yield
        finally:
            _paying.reset(told)
            if self._holds and not hold.stays:
                with contextlib.suppress(OSError):  # it then counts as the most, which no budget is passed by
                    self._holds.append(orjson.dumps({"settled": hold.id}))
            async with self._settled:
                self._held -= hold.most
                self._settled.notify_all()

    async def _admit(self, most: Decimal | None, attempt: str) -> Decimal:
        """Wait until a call may go out, and hold what it may cost."""
        async with self._settled:
            fits = self._fits
            await self._settled.wait_for(lambda: self._empty or not self._held or fits(most))
            if self._empty or most is None or not fits(most):
                self._empty = True
                self._refused[attempt] += 1
                self._settled.notify_all()
                raise Denied(STOPPED_STATUS, STOPPED, f"the budget of {self._limit:f} USD is used up", entered=True)
            self._held += most
        return most

    def _write(self, hold: _Hold) -> None:
        if self._holds:
            hold.id = os.urandom(8).hex()
            self._holds.append(orjson.dumps({"hold": hold.id, "usd": f"{hold.most:f}"}))

    def _fits(self, most: Decimal | None) -> bool:
        return self._limit is None or (most is not None and self.spent + self._held + most <= self._limit)


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
        try:
            super().enter(call, sent, received)
        except OSError:
            if (hold := _paying.get()) and call.spent_usd:
                hold.stays = True
            raise


def may_pay_again() -> bool:
    """Whether the call under way, which may be billed for a try that nobody heard the answer of, may be tried again."""
    hold = _paying.get()
    return hold is None or hold.purse.again(hold)


def left_open(holds: Path) -> Decimal:
    """USD at the most of calls whose cost no ledger has: their answers were not heard, or their gateway died.

    Args:
        holds: a file of holds, that may not be there.

    Raises:
        BadInput: a line is broken; names file and line.
    """
    still: dict[str, Decimal] = {}
    for item in read(holds):
        if "hold" in item:
            still[item["hold"]] = Decimal(item["usd"])
        else:
            still.pop(item["settled"], None)
    return sum(still.values(), Decimal(0))


def most_usd(kind: CallKind, body: Mapping[str, Any]) -> Decimal | None:
    """The most that a call may cost; None: nobody knows, because its model has no price.

    No tokenizer makes more tokens than a text has bytes, and the request as JSON has more than its texts.

    Args:
        kind: a chat makes output, the others none.
        body: the request.
    """
    price = prices.lookup(str(body.get("model", "")))
    if price is None or price.free:
        return None if price is None else Decimal(0)
    output = 0
    if kind == "chat":
        if price.output_usd_per_mtok is None:
            return None
        given = body.get("max_completion_tokens") or body.get("max_tokens")
        choices = body.get("n")
        output = given if isinstance(given, int) and given > 0 else UNLIMITED_OUTPUT
        output *= choices if isinstance(choices, int) and choices > 1 else 1
    return price.cost(len(orjson.dumps(body)), output)
