"""A request comes in, its address goes out: a SHA-256 of what decides the answer. And whose call it is, counted."""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.gateway.fields import FORWARDED

_NAMES_A_CHAT = FORWARDED["/chat/completions"] - {"stream_options"}
"""Whether a stream ends with its token counts decides nothing; whether it is one decides how it is timed."""

_ATTEMPTS_HELD = 4096


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose call it is."""

    cell: str
    """The account's name: `<backend>-<track>`, `<backend>-<track>/judge` or `warmup`."""
    tenant: str
    question: str
    """Empty: made before a question was asked."""
    round: int
    """0: of no round."""
    ordinal: int
    """The how-manieth of its address within the attempt, from 0."""


def of_chat(body: Mapping[str, Any]) -> str:
    """The address of a chat, as 64 hexadecimal digits. No header and no field that is not forwarded is part of it.

    Args:
        body: checked; fields that are null count as absent, and 0.0 as 0.
    """
    named = {name: _plain(value) for name, value in body.items() if name in _NAMES_A_CHAT and value is not None}
    if not named.get("stream"):
        named.pop("stream", None)
    return _digest({"kind": "chat", **named})


def of_ranking(body: Mapping[str, Any]) -> str:
    """The address of a ranking: the same passages in another order are another, since scores may tie.

    Args:
        body: checked.
    """
    named = {name: body[name] for name in FORWARDED["/rerank"] if body.get(name) is not None}
    return _digest({"kind": "rerank", **named})


def of_text(model: str, text: str) -> str:
    """The address of one text's embedding: a text costs and says the same in whatever batch it is sent."""
    return _digest({"kind": "embeddings", "model": model, "input": text})


def round_of(attempt: str) -> int:
    """The round that an attempt `<round>-<random>` belongs to; 0 for any other."""
    turn, dash, _ = attempt.partition("-")
    return int(turn) if dash and turn.isdecimal() else 0


class Owners:
    """Counts the calls of each attempt by address, so that the same request asked twice is two calls."""

    def __init__(self) -> None:
        self._counts: OrderedDict[tuple[str, str], dict[str, int]] = OrderedDict()

    def owner(self, cell: str, tenant: str, question: str, attempt: str, address: str) -> Owner:
        """Whose call this is; counts it.

        What belongs to no question comes in batches at once, in no order that would be the same again: not counted.
        """
        if not question:
            return Owner(cell, tenant, "", 0, 0)
        counts = self._counts.setdefault((cell, attempt), {})
        self._counts.move_to_end((cell, attempt))
        if len(self._counts) > _ATTEMPTS_HELD:
            self._counts.popitem(last=False)
        ordinal = counts.get(address, 0)
        counts[address] = ordinal + 1
        return Owner(cell, tenant, question, round_of(attempt), ordinal)


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _digest(content: Mapping[str, Any]) -> str:
    # Escaped to ASCII, so that surrogates that JSON smuggled in do not break it.
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode("ascii")).hexdigest()
