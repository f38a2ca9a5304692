"""One HTTP request at the gateway: bytes in, a checked body with its clock and its owner out, and replies back."""

import os
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import orjson

from workbench.gateway.denied import Denied, Refused
from workbench.gateway.ledger import Ledger
from workbench.records import Call, CallKind

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

MAX_BODY_BYTES = 64 * 1024 * 1024

_JSON = (b"content-type", b"application/json")


@dataclass(slots=True)
class Request:
    """One call under way, with its clock started before the body was read."""

    arrived: float
    ledger: Ledger
    question: str
    tenant: str
    attempt: str
    body: dict[str, Any] = field(default_factory=dict)

    def call(self, *, waited: float = 0.0, **figures: Any) -> Call:
        """A record of this call; the time that it took is filled in unless given, charged without what was waited."""
        took = time.perf_counter() - self.arrived
        figures.setdefault("spent_seconds", took)
        figures.setdefault("seconds", figures["spent_seconds"] - waited)
        return Call(
            id=os.urandom(16).hex(),
            question=self.question,
            tenant=self.tenant,
            attempt=self.attempt,
            model=str(self.body.get("model", "")),
            **figures,
        )

    def refuse(self, kind: CallKind, refused: Refused, sent: Any) -> Denied:
        """Write down a call that the upstream did not answer, and say the same to the client."""
        usd = None if refused.unheard else Decimal(0)
        call = self.call(
            kind=kind, status=refused.status, error=refused.code, retries=refused.retries, usd=usd, spent_usd=usd
        )
        self.ledger.enter(call, sent, "")
        return Denied(refused.status, refused.code, refused.message, entered=True)


async def read(receive: Receive) -> bytes:
    """The whole body.

    Raises:
        Denied: too large, or the client went away.
    """
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Denied(400, "disconnected", "the client went away")
        part = message.get("body", b"")
        size += len(part)
        if size > MAX_BODY_BYTES:
            raise Denied(413, "too_large", f"a body may have {MAX_BODY_BYTES // 2**20} MiB at the most")
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts) if len(parts) > 1 else part


def parse(raw: bytes) -> dict[str, Any]:
    """The body as a JSON object that names a model.

    Raises:
        Denied: it is not one.
    """
    try:
        body = orjson.loads(raw)
    except ValueError as error:
        raise Denied(400, "not_json", f"the body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise Denied(400, "not_an_object", "the body must be a JSON object")
    if not isinstance(body.get("model"), str) or not body["model"]:
        raise Denied(400, "model", "`model` must be a name")
    return body


def error_body(code: str, message: str) -> bytes:
    """An error as OpenAI's clients read it."""
    return orjson.dumps({"error": {"message": message, "type": "workbench_gateway", "code": code}})


async def reply(send: Send, status: int, body: bytes) -> None:
    """Send a whole JSON answer."""
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [_JSON, length]})
    await send({"type": "http.response.body", "body": body})
