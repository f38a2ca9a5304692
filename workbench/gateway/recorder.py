"""Calls and their answers come in, lines of a recording go out, without the secrets that this gateway knows."""

import copy
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

from workbench import prices
from workbench.gateway.address import Owner
from workbench.gateway.recording import Lock, items
from workbench.lines import Lines
from workbench.records import Call

_FIGURES = frozenset(
    {
        "kind", "model", "input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens", "counted_by",
        "truncated", "seconds", "first_token_seconds", "usd", "spent_usd", "finish", "flags",
    }
)  # fmt: skip


class Recorder:
    """The one writer of a recording, which has its header already."""

    def __init__(self, path: Path, secrets: Iterable[str]) -> None:
        """Hold the file for writing and learn what it holds.

        Args:
            path: a recording that was begun.
            secrets: bearers and keys; those that look like one are blotted out wherever they stand.

        Raises:
            OSError: another process holds it.
        """
        self._lock = Lock(path)
        self._lines = Lines(path)
        written = {form for secret in secrets if _looks_secret(secret) for form in (secret, _escaped(secret))}
        self._secrets = [form.encode() for form in sorted(written, key=len, reverse=True)]
        self._first: dict[bytes, bytes] = {}
        for _, item in items(path):
            if "answer" in item:
                self._is_new(item["address"], orjson.dumps(item["answer"]))

    def keep(self, address: str, owner: Owner, call: Call, answer: Mapping[str, Any]) -> None:
        """Keep a call that was answered with status 200. An answer that the address has already is not written again.

        Raises:
            OSError: the disk is full.
        """
        figures = {name: value for name, value in asdict(call).items() if name in _FIGURES and _says(value)}
        price = prices.lookup(call.model)
        kind = "unpriced" if call.usd is None or price is None else "free" if price.free else "list"
        said = self._clean(orjson.dumps(self._mended(answer)))
        item: dict[str, Any] = {
            "address": address,
            "owner": [owner.cell, owner.tenant, owner.question, owner.round, owner.ordinal],
            "figures": figures,
            "price": [kind, price.source if price else ""],
        }
        if self._is_new(address, said):
            item["answer"] = orjson.Fragment(said)
        self._lines.append(self._clean(orjson.dumps(item, default=str)))

    def close(self) -> None:
        """Close the file and let go of it."""
        self._lines.close()
        self._lock.close()

    def _is_new(self, address: str, answer: bytes) -> bool:
        """Whether an answer must be written: it is the first of its address, or another than the first."""
        place, digest = bytes.fromhex(address), hashlib.blake2b(answer, digest_size=16).digest()
        if place not in self._first:
            self._first[place] = digest
            return True
        return self._first[place] != digest

    def _mended(self, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        """A stream whose text spells a secret over several events, said in its first event instead."""
        deltas = [delta for event in answer.get("events", ()) if (delta := _delta(event)).get("content")]
        text = "".join(delta["content"] for delta in deltas).encode("utf-8", "surrogatepass")
        if not any(secret in text for secret in self._secrets):
            return answer
        mended = copy.deepcopy(answer)
        for event in mended["events"]:
            if _delta(event).get("content"):
                _delta(event)["content"], text = self._clean(text).decode("utf-8", "surrogatepass"), b""
        return mended

    def _clean(self, line: bytes) -> bytes:
        for secret in self._secrets:
            line = line.replace(secret, b"[key]")
        return line


def _looks_secret(text: str) -> bool:
    """Whether it is no ordinary word, such as `none` or `dummy`, which servers without keys are given."""
    return len(text) >= 16 or (len(text) >= 8 and re.search(r"[^A-Za-z_-]", text) is not None)


def _delta(event: Mapping[str, Any]) -> dict[str, Any]:
    """What an event of a stream adds to the message."""
    choices = event.get("choices") or [{}]
    return choices[0].get("delta") or {}


def _escaped(text: str) -> str:
    return orjson.dumps(text)[1:-1].decode()


def _says(value: Any) -> bool:
    return isinstance(value, Decimal) or bool(value)
