"""The gateway's HTTP side: an ASGI application that takes OpenAI-compatible calls and says whose each one is.

A bare ASGI callable, not a framework's routes: the instrument must cost less than what it measures.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import orjson

from workbench.gateway import embedded
from workbench.gateway.chat import Chat
from workbench.gateway.denied import Denied, Refused
from workbench.gateway.embeddings import Embeddings
from workbench.gateway.policy import Policy
from workbench.gateway.purse import CountingLedger, Purse
from workbench.gateway.request import Receive, Request, Send, error_body, parse, read, reply
from workbench.gateway.rerank import Rerank
from workbench.gateway.settings import Settings
from workbench.gateway.tape import Tape
from workbench.gateway.threads import Threads
from workbench.records import CallKind

Handler = Callable[[Request, Send], Awaitable[None]]

_KINDS: Mapping[str, CallKind] = {
    "/v1/chat/completions": "chat",
    "/v1/embeddings": "embeddings",
    "/v1/rerank": "rerank",
}


class Gateway:
    """The application. One per process."""

    def __init__(self, settings: Settings) -> None:
        upstream = settings.upstream
        self._purse = Purse(Path(settings.holds) if settings.holds else None)
        self._ledgers = {account.token: CountingLedger(account, self._purse) for account in settings.accounts}
        self._forwarder = None
        if upstream:  # aiohttp takes longer to import than the rest of the gateway
            from workbench.gateway.upstream import Forwarder

            self._forwarder = Forwarder(upstream)
        self._threads, self._tape = Threads(), Tape(settings)
        self._policy = Policy(settings.privacy_key, self._threads)
        allowed = upstream.embedding_models if upstream else ()
        self._handlers = {
            "/v1/chat/completions": Chat(self._forwarder, self._threads, self._tape).serve,
            "/v1/embeddings": Embeddings(self._forwarder, allowed, self._threads, self._tape).serve,
            "/v1/rerank": Rerank(self._forwarder, upstream.rerank_models if upstream else (), self._tape).serve,
        }

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request."""
        arrived = time.perf_counter()
        if scope["type"] != "http":
            await self._lifespan(scope, receive, send)
            return
        try:
            await self._serve(arrived, scope, receive, send)
        except Denied as denied:
            await reply(send, denied.status, error_body(denied.code, denied.message))
        except OSError as error:  # the ledger's disk: a call that cannot be written down is not answered
            reason = (
                f"the gateway cannot write its calls ({error.strerror}): make room, then run the same command again"
            )
            await reply(send, 507, error_body("disk", reason))

    async def _lifespan(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        while scope["type"] == "lifespan":
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await self._shutdown()
                await send({"type": "lifespan.shutdown.complete"})
                return
            await send({"type": "lifespan.startup.complete"})

    async def _shutdown(self) -> None:
        if self._forwarder:
            await self._forwarder.close()
        self._threads.close()
        self._tape.close()
        self._purse.close()
        for ledger in self._ledgers.values():
            ledger.close()

    async def _serve(self, arrived: float, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        if path == "/health":
            await reply(send, 200, b'{"status":"ok"}')
            return
        request = self._identify(arrived, scope["headers"])
        if path == "/v1/models" and method == "GET":
            await reply(send, 200, await self._models())
            return
        if path == "/v1/recording" and method == "GET":
            await reply(send, 200, orjson.dumps(self._tape.status(request.attempt)))
            return
        if path == "/v1/budget" and method in ("GET", "PUT"):
            if method == "PUT":
                self._purse.open(_object(await read(receive)))
            await reply(send, 200, orjson.dumps(self._purse.status(request.attempt)))
            return
        handler = self._handlers.get(path)
        if handler is None:
            raise Denied(404, "not_found", f"the gateway serves {', '.join(self._handlers)} and /v1/models")
        if method != "POST":
            raise Denied(405, "method", f"{path} takes POST")
        kind = _KINDS[path]
        try:
            request.body = parse(await read(receive))
            if kind != "embeddings":  # before it is paid for: a redacted prompt may be the longer one
                send = await self._policy.apply(kind, request, send)
            if self._tape.replays:  # costs nothing
                await self._answer(kind, handler, request, send)
            else:
                async with self._purse.paying(kind, request.body, request.attempt):
                    await self._answer(kind, handler, request, send)
        except Denied as denied:
            if not denied.entered:
                request.ledger.enter(request.call(kind=kind, status=denied.status, error=denied.code), None, "")
            raise

    async def _answer(self, kind: CallKind, handler: Handler, request: Request, send: Send) -> None:
        try:
            await handler(request, send)
        except (Denied, OSError):
            raise
        except Exception as error:  # a fault of ours must not lose a call that may have been paid for
            self._enter_lost(request, kind, 500, f"fault: {type(error).__name__}")
            raise Denied(500, "fault", f"the gateway failed: {type(error).__name__}", entered=True) from error
        except asyncio.CancelledError:
            self._enter_lost(request, kind, 499, "cancelled")
            raise

    def _enter_lost(self, request: Request, kind: CallKind, status: int, error: str) -> None:
        """Write down a call that nobody hears the end of; what it cost, if it went out, nobody knows."""
        free = self._tape.replays or str(request.body.get("model", "")).startswith("local/")
        usd = Decimal(0) if free else None
        request.ledger.enter(request.call(kind=kind, status=status, error=error, usd=usd, spent_usd=usd), None, "")

    def _identify(self, arrived: float, headers: list[tuple[bytes, bytes]]) -> Request:
        """Whose call it is: the run by its bearer, which must be known; question, tenant and attempt by headers."""
        bearer, named = b"", {}
        for name, value in headers:
            if name == b"authorization":
                bearer = value
            elif name.startswith(b"x-workbench-"):
                text = value.decode("latin-1")
                named[name] = unquote(text) if "%" in text else text
        ledger = self._ledgers.get(bearer[7:].decode("latin-1")) if bearer[:7].lower() == b"bearer " else None
        if ledger is None:
            raise Denied(401, "unknown_run", "the bearer names no run of this gateway")
        return Request(
            arrived,
            ledger,
            named.get(b"x-workbench-question", ""),
            named.get(b"x-workbench-tenant", ""),
            named.get(b"x-workbench-attempt", ""),
        )

    async def _models(self) -> bytes:
        names = [*embedded.CHAT, *embedded.EMBEDDING, *self._tape.models]
        if self._forwarder:
            try:
                names += await self._forwarder.probe()
            except Refused as refused:
                raise Denied(refused.status, refused.code, refused.message) from refused
        models = [{"id": name, "object": "model", "owned_by": "gateway"} for name in names]
        return orjson.dumps({"object": "list", "data": models})


def _object(raw: bytes) -> dict[str, Any]:
    try:
        content = orjson.loads(raw)
    except ValueError:
        content = None
    return content if isinstance(content, dict) else {}
