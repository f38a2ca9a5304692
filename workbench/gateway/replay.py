"""A recording comes in, the kept call of an address and an owner goes out, and a count of what it did not hold."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

from workbench.gateway.address import Owner
from workbench.gateway.denied import Denied
from workbench.gateway.recording import items
from workbench.gateway.settings import Replayed

OUTDATED = "recording_outdated"
"""The code of a call that a recording cannot answer, and the kind of failure of a question that needed it."""

OUTDATED_STATUS = 410
"""Gone: no client takes it for something to try again, nor for an upstream's trouble."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One kept call."""

    figures: dict[str, Any]
    """Fields of `records.Call` as they are charged again; `spent_usd` is 0, because nothing is."""
    answer: Mapping[str, Any]

    @property
    def seconds(self) -> float:
        """What the call is charged with."""
        return float(self.figures["seconds"])


class Replay:
    """A recording's index: offsets alone are held, lines are read when they are asked for."""

    def __init__(self, settings: Replayed) -> None:
        """Read the recording through.

        Raises:
            BadInput: it is broken.
        """
        path = Path(settings.path)
        self._owned: dict[bytes, int] = {}
        self._first: dict[str, int] = {}
        self._models: set[tuple[str, str]] = set()
        self._missing: dict[str, str] = {}
        self._by_attempt: dict[str, int] = {}
        self._counts = {"replayed": 0, "asked_again": 0}
        for offset, item in items(path, settings.size):
            self._first.setdefault(item["address"], offset)
            # An attempt that was interrupted stands before the one that counts.
            self._owned[_key(item["address"], Owner(*item["owner"]))] = offset
            self._models.add((item["figures"]["kind"], item["figures"]["model"]))
        self._file = path.open("rb")

    @property
    def models(self) -> list[str]:
        """Remote models that calls of are kept."""
        return sorted({model for _, model in self._models if not model.startswith("local/")})

    def find(self, address: str, owner: Owner) -> Kept | None:
        """The call that this owner made, or else the first that anybody made with this request."""
        offset = self._owned.get(_key(address, owner), self._first.get(address))
        if offset is None:
            return None
        item = self._read(offset)
        answer = item.get("answer")
        if answer is None:
            answer = self._read(self._first[address])["answer"]
        figures = item["figures"]
        del figures["model"]  # the request names it
        figures.setdefault("seconds", 0.0)
        figures["usd"] = Decimal(figures["usd"]) if "usd" in figures else None
        figures["spent_usd"] = Decimal(0)
        figures["flags"] = tuple(figures.get("flags", ()))
        self._counts["replayed"] += 1
        return Kept(figures, answer)

    def asked_again(self) -> None:
        """Count a call that a local model answered now, because the recording does not hold it."""
        self._counts["asked_again"] += 1

    def miss(self, kind: str, model: str, owner: Owner, attempt: str, addresses: list[str]) -> Denied:
        """Count calls that the recording does not hold and nobody else may answer, and say so."""
        whose = " ".join(
            part for part in (owner.cell, owner.tenant and f"tenant {owner.tenant}", owner.question) if part
        )
        for address in addresses:
            self._missing.setdefault(address, f"{kind} of {model} for {whose}")
        if attempt:
            self._by_attempt[attempt] = self._by_attempt.get(attempt, 0) + len(addresses)
        known = (kind, model) in self._models
        holds = "" if known else f"; it holds calls of {', '.join(self.models) or 'local models alone'}"
        return Denied(OUTDATED_STATUS, OUTDATED, f"the recording holds no such call ({kind} of {model}){holds}")

    def status(self, attempt: str) -> dict[str, Any]:
        """Calls replayed and asked again so far, requests missing, the first of them, and misses of an attempt."""
        first = next(iter(self._missing.values()), "")
        return {
            **self._counts,
            "missing": len(self._missing),
            "first": first,
            "missing_in_attempt": self._by_attempt.get(attempt, 0),
        }

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _read(self, offset: int) -> dict[str, Any]:
        self._file.seek(offset)
        return orjson.loads(self._file.readline())  # type: ignore[no-any-return]


def _key(address: str, owner: Owner) -> bytes:
    digest = hashlib.blake2b(bytes.fromhex(address), digest_size=16)
    digest.update(f"{owner.cell}\0{owner.tenant}\0{owner.question}\0{owner.round}\0{owner.ordinal}".encode())
    return digest.digest()
