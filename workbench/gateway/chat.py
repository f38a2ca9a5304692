"""Chat completions: a checked request in; an answer of a recording, an embedded model or the upstream out.

Whole or streamed, as it was asked for.
"""

import os
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson

from workbench.gateway import embedded
from workbench.gateway.completion import (
    check_messages,
    counted,
    digest,
    first_choice,
    only_usage,
    parse_event,
    priced,
    text_of_event,
    usage_of,
)
from workbench.gateway.denied import Denied, Refused
from workbench.gateway.replay import Kept
from workbench.gateway.request import Request, Send, reply
from workbench.gateway.tape import Tape
from workbench.gateway.threads import Threads
from workbench.messages import text_of
from workbench.privacy import find
from workbench.records import Call

if TYPE_CHECKING:
    from workbench.gateway.upstream import Forwarder

_EVENTS = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache")]
_OF_ONE_ANSWER = ("id", "created")
"""Fields that differ each time the same is answered; a replayed answer has its own."""

Messages = list[dict[str, Any]]


class Chat:
    """Serves /v1/chat/completions."""

    def __init__(self, forwarder: "Forwarder | None", threads: Threads, tape: Tape) -> None:
        self._forwarder, self._threads, self._tape = forwarder, threads, tape

    async def serve(self, request: Request, send: Send) -> None:
        """Answer one request.

        Raises:
            Denied: the body is no chat, the model is not here, or the upstream or the recording gave no answer.
            OSError: the call cannot be written down.
        """
        messages = check_messages(request.body)
        model: str = request.body["model"]
        if kept := self._tape.find("chat", request):
            await self._replayed(request, messages, kept, send)
        elif model in embedded.CHAT:
            await self._embedded(request, messages, send)
        elif self._forwarder and not model.startswith("local/"):
            await self._forwarded(request, messages, self._forwarder, send)
        else:
            raise Denied(404, "unknown_model", f"no model {model!r} here: {self._offer()}")

    async def _enter(
        self, request: Request, call: Call, messages: Messages, text: str, answer: Mapping[str, Any] | None = None
    ) -> None:
        """Write the call down, and keep its answer where calls are recorded.

        Where no text may be kept, what would be looked for in it later is counted now. The counting is time that the
        gateway holds the call, not time that the model took.
        """
        if not request.ledger.keeps_text:
            prompt = "\n".join(text_of(message) for message in messages)
            pii = await self._threads.run(partial(find.kinds, prompt))
            call = replace(call, pii=pii, spent_seconds=time.perf_counter() - request.arrived)
        request.ledger.enter(call, messages, text)
        if answer is not None:
            self._tape.keep("chat", request, call, answer)

    async def _replayed(self, request: Request, messages: Messages, kept: Kept, send: Send) -> None:
        answer = kept.answer
        if "events" in answer:
            text = "".join(map(text_of_event, answer["events"]))
            head = {"id": f"chatcmpl-{os.urandom(16).hex()}", "created": int(time.time())}
            await send({"type": "http.response.start", "status": 200, "headers": _EVENTS})
            for event, seconds in zip(answer["events"], answer["pace"], strict=True):
                if not only_usage(event) or _wants_usage(request):
                    await self._tape.wait(request, seconds)
                    await _event(send, {**head, **event})
        else:
            text = first_choice(answer["body"], 0)["message"].get("content") or ""
        await self._tape.wait(request, kept.seconds)
        call = request.call(status=200, prompt_sha256=digest(messages), **kept.figures)
        await self._enter(request, call, messages, text)
        if "events" in answer:
            await send({"type": "http.response.body", "body": b"data: [DONE]\n\n"})
        else:
            head = {"id": f"chatcmpl-{call.id}", "created": int(time.time())}
            await reply(send, 200, orjson.dumps({**head, **answer["body"]}))

    async def _embedded(self, request: Request, messages: Messages, send: Send) -> None:
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
            prompt_sha256=digest(messages),
        )
        usage = {
            "prompt_tokens": done.input_tokens,
            "completion_tokens": done.output_tokens,
            "total_tokens": done.input_tokens + done.output_tokens,
        }
        head = {"id": f"chatcmpl-{call.id}", "created": int(time.time())}
        if request.body.get("stream"):
            await self._stream_embedded(request, call, messages, done.text, head, usage, send)
            return
        choice = {"index": 0, "message": {"role": "assistant", "content": done.text}, "finish_reason": "stop"}
        body = {"model": call.model, "object": "chat.completion", "choices": [choice], "usage": usage}
        await self._enter(request, call, messages, done.text, {"body": body})
        await reply(send, 200, orjson.dumps({**head, **body}))

    async def _stream_embedded(
        self,
        request: Request,
        call: Call,
        messages: Messages,
        text: str,
        head: dict[str, Any],
        usage: dict[str, int],
        send: Send,
    ) -> None:
        def chunk(delta: dict[str, str], finish: str | None = None) -> dict[str, Any]:
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            return {"model": call.model, "object": "chat.completion.chunk", "choices": [choice]}

        events = [chunk({"role": "assistant", "content": text}), chunk({}, "stop"), {**chunk({}), "choices": []}]
        events[-1]["usage"] = usage
        pace: list[float] = []
        await send({"type": "http.response.start", "status": 200, "headers": _EVENTS})
        for event in events:
            if not only_usage(event) or _wants_usage(request):
                await _event(send, {**head, **event})
            pace.append(time.perf_counter() - request.arrived)
        call = replace(call, first_token_seconds=pace[0], seconds=pace[-1], spent_seconds=pace[-1])
        await self._enter(request, call, messages, text, {"events": events, "pace": pace})
        await send({"type": "http.response.body", "body": b"data: [DONE]\n\n"})

    async def _forwarded(self, request: Request, messages: Messages, forwarder: "Forwarder", send: Send) -> None:
        try:
            forwarded = await forwarder.send("/chat/completions", request.body)
            choice = {} if forwarded.stream else first_choice(forwarded.content, forwarded.retries)
        except Refused as refused:
            raise request.refuse("chat", refused, messages) from refused
        if forwarded.stream is not None:
            await self._stream_forwarded(request, messages, forwarded.stream, forwarded.retries, send)
            return
        text = (choice.get("message") or {}).get("content") or ""
        call = request.call(
            kind="chat",
            status=200,
            retries=forwarded.retries,
            finish=choice.get("finish_reason") or "",
            prompt_sha256=digest(messages),
            waited=forwarded.waited,
            **counted(usage_of(forwarded.content), messages, text),
        )
        await self._enter(request, priced(call), messages, text, {"body": _same_each_time(forwarded.content)})
        await reply(send, 200, forwarded.body)

    async def _stream_forwarded(
        self, request: Request, messages: Messages, lines: AsyncIterator[bytes], retries: int, send: Send
    ) -> None:
        """Hand a stream on line by line, and watch it: first content, text, usage."""
        first: float | None = None
        parts: list[str] = []
        events: list[dict[str, Any]] = []
        pace: list[float] = []
        usage: dict[str, Any] = {}
        finish, error, failed = "", "stream_broken", ""
        await send({"type": "http.response.start", "status": 200, "headers": _EVENTS})
        try:
            async for line in lines:
                if line.startswith(b"data:"):
                    data = line[5:].strip()
                    if data == b"[DONE]":
                        error = failed
                        break
                    event = parse_event(data)
                    if event.get("error"):  # said with status 200, because the stream had begun
                        failed = "stream_error"
                    usage = event.get("usage") or usage
                    finish = (event.get("choices") or [{}])[0].get("finish_reason") or finish
                    content = text_of_event(event)
                    if content and first is None:
                        first = time.perf_counter() - request.arrived
                    parts.append(content)
                    if event and self._tape.records:
                        events.append(_same_each_time(event))
                        pace.append(time.perf_counter() - request.arrived)
                    if only_usage(event) and not _wants_usage(request):
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
            prompt_sha256=digest(messages),
            **counted(usage, messages, text),
        )
        call = priced(call)
        if error and not usage:  # what it said after we heard no more may be billed too
            call = replace(call, spent_usd=None)
        await self._enter(request, call, messages, text, {"events": events, "pace": pace})
        if error:  # ended without [DONE] and without a clean end, so that no client takes it for whole
            raise ConnectionResetError(error)
        await send({"type": "http.response.body", "body": b"data: [DONE]\n\n"})

    def _offer(self) -> str:
        names = ", ".join(embedded.CHAT)
        return f"embedded are {names}" + ("" if self._forwarder else "; other models need --upstream")


def _wants_usage(request: Request) -> bool:
    return bool((request.body.get("stream_options") or {}).get("include_usage"))


def _same_each_time(content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name not in _OF_ONE_ANSWER}


async def _event(send: Send, content: dict[str, Any]) -> None:
    await send({"type": "http.response.body", "body": b"data: " + orjson.dumps(content) + b"\n\n", "more_body": True})
