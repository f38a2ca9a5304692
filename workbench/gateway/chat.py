"""Chat completions: a checked request in, an answer of an embedded model or of the upstream out, whole or streamed."""

import hashlib
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson

from workbench import prices
from workbench.gateway import embedded
from workbench.gateway.denied import Denied, Refused
from workbench.gateway.request import Request, Send, reply
from workbench.gateway.threads import Threads
from workbench.messages import text_of
from workbench.privacy import find
from workbench.records import Call

if TYPE_CHECKING:
    from workbench.gateway.upstream import Forwarder

_ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})
_EVENTS = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache")]


class Chat:
    """Serves /v1/chat/completions."""

    def __init__(self, forwarder: "Forwarder | None", threads: Threads) -> None:
        self._forwarder, self._threads = forwarder, threads

    async def serve(self, request: Request, send: Send) -> None:
        """Answer one request.

        Raises:
            Denied: the body is no chat, the model is not here, or the upstream gave no answer.
            OSError: the call cannot be written down.
        """
        messages = _check_messages(request.body)
        model: str = request.body["model"]
        if model in embedded.CHAT:
            await self._embedded(request, messages, send)
        elif self._forwarder and not model.startswith("local/"):
            await self._forwarded(request, messages, self._forwarder, send)
        else:
            raise Denied(404, "unknown_model", f"no model {model!r} here: {_offer(self._forwarder)}")

    async def _enter(self, request: Request, call: Call, messages: list[dict[str, Any]], text: str) -> None:
        """Write the call down. Where no text may be kept, what would be looked for in it later is counted now.

        The counting is time that the gateway holds the call, not time that the model took.
        """
        if not request.ledger.keeps_text:
            prompt = "\n".join(text_of(message) for message in messages)
            pii = await self._threads.run(partial(find.kinds, prompt))
            call = replace(call, pii=pii, spent_seconds=time.perf_counter() - request.arrived)
        request.ledger.enter(call, messages, text)

    async def _embedded(self, request: Request, messages: list[dict[str, Any]], send: Send) -> None:
        model = embedded.CHAT[request.body["model"]]
        response_format = request.body.get("response_format")
        if model.instant:
            done = model.complete(messages, response_format)
        else:
            done = await self._threads.run(partial(model.complete, messages, response_format))
        call = request.call(
            kind="chat",
            status=200,
            input_tokens=done.input_tokens,
            output_tokens=done.output_tokens,
            counted_by=done.counted_by,
            finish="stop",
            flags=done.flags,
            prompt_sha256=_digest(messages),
        )
        usage = {
            "prompt_tokens": done.input_tokens,
            "completion_tokens": done.output_tokens,
            "total_tokens": done.input_tokens + done.output_tokens,
        }
        head = {"id": f"chatcmpl-{call.id}", "created": int(time.time()), "model": call.model}
        if request.body.get("stream"):
            await self._stream_embedded(request, call, messages, done.text, head, usage, send)
            return
        choice = {"index": 0, "message": {"role": "assistant", "content": done.text}, "finish_reason": "stop"}
        await self._enter(request, call, messages, done.text)
        await reply(send, 200, orjson.dumps({**head, "object": "chat.completion", "choices": [choice], "usage": usage}))

    async def _stream_embedded(
        self,
        request: Request,
        call: Call,
        messages: list[dict[str, Any]],
        text: str,
        head: dict[str, Any],
        usage: dict[str, int],
        send: Send,
    ) -> None:
        def chunk(delta: dict[str, str], finish: str | None = None) -> dict[str, Any]:
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            return {**head, "object": "chat.completion.chunk", "choices": [choice]}

        await send({"type": "http.response.start", "status": 200, "headers": _EVENTS})
        await _event(send, chunk({"role": "assistant", "content": text}))
        first = time.perf_counter() - request.arrived
        await _event(send, chunk({}, "stop"))
        if (request.body.get("stream_options") or {}).get("include_usage"):
            await _event(send, {**head, "object": "chat.completion.chunk", "choices": [], "usage": usage})
        took = time.perf_counter() - request.arrived
        await self._enter(
            request, replace(call, first_token_seconds=first, seconds=took, spent_seconds=took), messages, text
        )
        await send({"type": "http.response.body", "body": b"data: [DONE]\n\n"})

    async def _forwarded(
        self, request: Request, messages: list[dict[str, Any]], forwarder: "Forwarder", send: Send
    ) -> None:
        digest = _digest(messages)
        try:
            forwarded = await forwarder.send("/chat/completions", request.body)
            choice = {} if forwarded.stream else _first_choice(forwarded.content, forwarded.retries)
        except Refused as refused:
            raise request.refuse("chat", refused, messages) from refused
        if forwarded.stream is not None:
            await self._stream_forwarded(request, messages, digest, forwarded.stream, forwarded.retries, send)
            return
        usage = _usage(forwarded.content)
        text = (choice.get("message") or {}).get("content") or ""
        call = request.call(
            kind="chat",
            status=200,
            retries=forwarded.retries,
            finish=choice.get("finish_reason") or "",
            prompt_sha256=digest,
            waited=forwarded.waited,
            **_counted(usage, messages, text),
        )
        await self._enter(request, _priced(call), messages, text)
        await reply(send, 200, forwarded.body)

    async def _stream_forwarded(
        self,
        request: Request,
        messages: list[dict[str, Any]],
        digest: str,
        lines: AsyncIterator[bytes],
        retries: int,
        send: Send,
    ) -> None:
        """Hand a stream on line by line, and watch it: first content, text, usage."""
        asked_for_usage = (request.body.get("stream_options") or {}).get("include_usage")
        first: float | None = None
        parts: list[str] = []
        usage: dict[str, Any] = {}
        finish, error = "", "stream_broken"
        await send({"type": "http.response.start", "status": 200, "headers": _EVENTS})
        try:
            async for line in lines:
                if line.startswith(b"data:"):
                    data = line[5:].strip()
                    if data == b"[DONE]":
                        error = ""
                        break
                    event = _parse_event(data)
                    usage = event.get("usage") or usage
                    choice = (event.get("choices") or [{}])[0]
                    content = (choice.get("delta") or {}).get("content") or ""
                    finish = choice.get("finish_reason") or finish
                    if content and first is None:
                        first = time.perf_counter() - request.arrived
                    parts.append(content)
                    if event.get("usage") and not event.get("choices") and not asked_for_usage:
                        continue
                await send({"type": "http.response.body", "body": line, "more_body": True})
        except Exception as broken:  # whatever broke it, the tokens so far were spent and are written down
            error = f"stream_broken: {type(broken).__name__}"
        text = "".join(parts)
        call = request.call(
            kind="chat",
            status=502 if error else 200,
            error=error,
            retries=retries,
            finish=finish,
            first_token_seconds=first,
            prompt_sha256=digest,
            **_counted(usage, messages, text),
        )
        await self._enter(request, _priced(call), messages, text)
        if error:  # ended without [DONE] and without a clean end, so that no client takes it for whole
            raise ConnectionResetError(error)
        await send({"type": "http.response.body", "body": b"data: [DONE]\n\n"})


def _parse_event(data: bytes) -> dict[str, Any]:
    try:
        event = orjson.loads(data)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}


def _check_messages(body: dict[str, Any]) -> list[dict[str, Any]]:
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise Denied(400, "messages", "`messages` must be a list with at least one message")
    for message in messages:
        if not isinstance(message, dict) or message.get("role") not in _ROLES:
            raise Denied(400, "messages", f"each message needs a role of {', '.join(sorted(_ROLES))}")
        if not isinstance(message.get("content"), str | list | None):
            raise Denied(400, "messages", "`content` must be a string or a list of parts")
    return messages


def _offer(forwarder: "Forwarder | None") -> str:
    names = ", ".join(embedded.CHAT)
    return f"embedded are {names}" + ("" if forwarder else "; other models need --upstream")


def _digest(messages: list[dict[str, Any]]) -> str:
    # surrogates that JSON smuggled in must not break the digest
    text = "\0".join(f"{message['role']}\0{text_of(message)}" for message in messages)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _first_choice(content: Any, retries: int) -> dict[str, Any]:
    """The first choice of a completion; a 200 that holds none, as some routers send, is no answer."""
    try:
        choice = content["choices"][0]
        message = choice["message"]
    except (KeyError, IndexError, TypeError):
        choice = message = None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        raise Refused(502, "upstream_not_a_completion", "the upstream's answer holds no completion", retries)
    return choice


def _usage(content: Any) -> dict[str, Any]:
    usage = content.get("usage") if isinstance(content, dict) else None
    return usage if isinstance(usage, dict) else {}


def _counted(usage: dict[str, Any], messages: list[dict[str, Any]], text: str) -> dict[str, Any]:
    """Token fields of a call: the upstream's own count, or ours under its tokenizer's name."""
    if "prompt_tokens" in usage:
        inputs = usage.get("prompt_tokens_details") or {}
        outputs = usage.get("completion_tokens_details") or {}
        return {
            "input_tokens": int(usage.get("prompt_tokens") or 0),
            "cached_tokens": int(inputs.get("cached_tokens") or 0),
            "output_tokens": int(usage.get("completion_tokens") or 0),
            "reasoning_tokens": int(outputs.get("reasoning_tokens") or 0),
            "counted_by": "upstream",
        }
    from workbench.models.minilm import TOKENIZER, count_tokens

    return {
        "input_tokens": sum(count_tokens(text_of(message)) for message in messages),
        "output_tokens": count_tokens(text),
        "counted_by": TOKENIZER,
    }


def _priced(call: Call) -> Call:
    """Charged: as if the vendor had cached nothing, since backends that ask alike warm its cache for each other."""
    price = prices.lookup(call.model)
    if price is None:
        return replace(call, usd=None, spent_usd=None)
    try:
        spent = price.cost(call.input_tokens, call.output_tokens, call.cached_tokens)
        charged = price.cost(call.input_tokens, call.output_tokens)
    except ValueError:  # what the upstream says it used cannot be; a price made of it would look like one
        return replace(call, usd=None, spent_usd=None, flags=(*call.flags, "impossible_usage"))
    return replace(call, usd=charged, spent_usd=spent)


async def _event(send: Send, content: dict[str, Any]) -> None:
    await send({"type": "http.response.body", "body": b"data: " + orjson.dumps(content) + b"\n\n", "more_body": True})
