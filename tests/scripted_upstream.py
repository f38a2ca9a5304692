"""An OpenAI-compatible upstream over real HTTP that never says the same twice, and counts what it is asked."""

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODEL, EMBEDDER, RERANKER = "gpt-4o-mini", "text-embedding-3-small", "house-reranker"
DIMENSIONS = 8


class ScriptedUpstream(ThreadingHTTPServer):
    """Chats are answered by number, so that two answers are told apart; texts by their own vector; the shortest of some
    documents is the best."""

    daemon_threads = True

    def __init__(self) -> None:
        self.chats: list[dict[str, Any]] = []
        self.batches: list[list[str]] = []
        self.rankings: list[dict[str, Any]] = []
        self.statuses: list[int] = []
        """Answered first, one each; then 200."""
        self.says = "answer {number}"
        """The text; in a stream, a word an event."""
        self.ends_streams = True
        outer, self._lock = self, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.give(200, {"data": [{"id": MODEL}, {"id": EMBEDDER}]})

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                with outer._lock:
                    status = outer.statuses.pop(0) if outer.statuses else 200
                    if status == 200:
                        number = outer.note(body)
                if status != 200:
                    self.give(status, {"error": {"message": "scripted trouble"}})
                elif "input" in body or "documents" in body:
                    self.give(200, vectors(body["input"]) if "input" in body else ranking(body["documents"]))
                elif body.get("stream"):
                    self.stream(outer.text(body, number), number)
                else:
                    self.give(200, completion(outer.text(body, number), number))

            def give(self, status: int, content: Any) -> None:
                raw = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(raw)))
                self.send_header("retry-after", "0")
                self.end_headers()
                self.wfile.write(raw)

            def stream(self, text: str, number: int) -> None:
                self.send_response(200)
                self.send_header("connection", "close")
                self.end_headers()
                words = text.split(" ")
                pieces = [word + " " * (place + 1 < len(words)) for place, word in enumerate(words)]
                head = {"id": f"c{number}", "object": "chat.completion.chunk", "created": number, "model": MODEL}
                events = [{"choices": [{"index": 0, "delta": {"content": piece}}]} for piece in pieces]
                events.append({"choices": [], "usage": usage(number)})
                for event in events:
                    self.wfile.write(b"data: " + json.dumps({**head, **event}).encode() + b"\n\n")
                if outer.ends_streams:
                    self.wfile.write(b"data: [DONE]\n\n")
                self.close_connection = True

            def log_message(self, *_: Any) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def text(self, body: dict[str, Any], number: int) -> str:
        """What a chat is answered; another model is another class."""
        return self.says.format(number=number)

    def note(self, body: dict[str, Any]) -> int:
        if "input" in body:
            self.batches.append(body["input"])
            return 0
        if "documents" in body:
            self.rankings.append(body)
            return 0
        self.chats.append(body)
        return len(self.chats)

    @property
    def asked(self) -> int:
        """Requests answered so far."""
        return len(self.chats) + len(self.batches) + len(self.rankings)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def end(self) -> None:
        self.shutdown()
        self.server_close()


def usage(number: int) -> dict[str, Any]:
    """Tokens of the chat of this number, half of the prompt from the vendor's cache."""
    return {
        "prompt_tokens": 1000 * number,
        "completion_tokens": 10 * number,
        "total_tokens": 1010 * number,
        "prompt_tokens_details": {"cached_tokens": 500 * number},
        "completion_tokens_details": {"reasoning_tokens": number},
    }


def completion(text: str, number: int) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {
        "id": f"c{number}", "object": "chat.completion", "created": number, "model": MODEL, "choices": [choice],
        "usage": usage(number),
    }  # fmt: skip


def vector(text: str) -> list[float]:
    """A text's own direction, exact in float32."""
    return [byte / 256 for byte in hashlib.sha256(text.encode()).digest()[:DIMENSIONS]]


def vectors(texts: list[str]) -> dict[str, Any]:
    data = [{"index": place, "embedding": vector(text)} for place, text in enumerate(texts)]
    return {"data": data, "usage": {"prompt_tokens": sum(len(text) for text in texts)}}


def ranking(documents: list[str]) -> dict[str, Any]:
    """In the order of the documents, as some servers do, with the documents, as others do."""
    results = [
        {"index": place, "relevance_score": 1 / len(text), "document": {"text": text}}
        for place, text in enumerate(documents)
    ]
    return {"id": "r", "model": RERANKER, "results": results, "usage": {"total_tokens": 10 * len(documents)}}
