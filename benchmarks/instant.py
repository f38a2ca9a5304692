"""An upstream that answers at once and a client that costs next to nothing: what gateway and harness are measured with.

`python benchmarks/instant.py` serves until its standard input ends and prints its port as one JSON line.
"""

import asyncio
import base64
import json
import os
import socket
import struct
import sys
import threading
import time
from dataclasses import dataclass

import uvloop

DIMENSIONS = 384
ANSWER = "the answer " * 4
USAGE = {"prompt_tokens": 1000, "completion_tokens": 8, "total_tokens": 1008}
CHAT = json.dumps(
    {
        "id": "chatcmpl-0",
        "object": "chat.completion",
        "created": 0,
        "model": "instant",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": ANSWER}, "finish_reason": "stop"}],
        "usage": USAGE,
    }
).encode()
VECTOR = [0.05103103630798288] * DIMENSIONS
PACKED = base64.b64encode(struct.pack(f"<{DIMENSIONS}f", *VECTOR)).decode()
MODELS = json.dumps({"object": "list", "data": [{"id": "instant", "object": "model"}]}).encode()


class Instant(asyncio.Protocol):
    """Just enough HTTP/1.1 for keep-alive POSTs with a Content-Length."""

    def __init__(self) -> None:
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to answer."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every whole request in the buffer."""
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self.buffer) < end + 4 + length:
                return
            body = self.buffer[end + 4 : end + 4 + length]
            self.buffer = self.buffer[end + 4 + length :]
            self.transport.write(respond(head, body))  # type: ignore[attr-defined]


def respond(head: bytes, body: bytes) -> bytes:
    """A whole HTTP response."""
    path = head.split(b" ", 2)[1]
    if path.endswith(b"/embeddings"):
        request = json.loads(body)
        count = 1 if isinstance(request["input"], str) else len(request["input"])
        value = PACKED if request.get("encoding_format") == "base64" else VECTOR
        rows = [{"object": "embedding", "index": index, "embedding": value} for index in range(count)]
        answer = json.dumps({"object": "list", "model": "instant", "data": rows, "usage": USAGE}).encode()
    elif path.endswith(b"/models"):
        answer = MODELS
    else:
        answer = CHAT
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(answer), answer)


@dataclass(frozen=True)
class Load:
    """What a client saw."""

    requests: int
    seconds: float
    errors: int

    @property
    def per_second(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds


class _Client(asyncio.Protocol):
    def __init__(self, request: bytes, state: dict[str, int], done: asyncio.Future[None]) -> None:
        self.request, self.state, self.done, self.buffer = request, state, done, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._send()

    def _send(self) -> None:
        if self.state["left"] > 0:
            self.state["left"] -= 1
            self.transport.write(self.request)  # type: ignore[attr-defined]
        else:
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.buffer[:end].lower()
        at = head.find(b"content-length:")
        if at < 0:
            raise ValueError("no content-length in the answer")
        if len(self.buffer) < end + 4 + int(head[at + 15 :].split(b"\r\n", 1)[0]):
            return
        if not head.startswith(b"http/1.1 200"):
            self.state["errors"] += 1
        self.buffer = b""
        self.state["answered"] += 1
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        self.state["open"] -= 1
        if self.state["open"] == 0 and not self.done.done():
            self.done.set_result(None)


def post(path: str, port: int, body: bytes, token: str) -> bytes:
    """A whole HTTP request."""
    return (
        b"POST %s HTTP/1.1\r\nhost: 127.0.0.1:%d\r\nauthorization: Bearer %s\r\ncontent-type: application/json\r\n"
        b"x-workbench-question: q1\r\nx-workbench-tenant: t1\r\nx-workbench-attempt: a1\r\ncontent-length: %d\r\n\r\n%s"
        % (path.encode(), port, token.encode(), len(body), body)
    )


def load(port: int, request: bytes, requests: int, connections: int) -> Load:
    """Send one request again and again over kept connections, each waiting for its answer."""

    async def go() -> Load:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        state = {"left": requests, "answered": 0, "errors": 0, "open": connections}
        began = time.perf_counter()
        for _ in range(connections):
            await loop.create_connection(lambda: _Client(request, state, done), "127.0.0.1", port)
        await done
        return Load(state["answered"], time.perf_counter() - began, state["errors"])

    return uvloop.run(go())


async def _serve() -> None:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = await asyncio.get_running_loop().create_server(Instant, sock=listener)
    print(json.dumps({"port": listener.getsockname()[1], "pid": os.getpid()}), flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve())
