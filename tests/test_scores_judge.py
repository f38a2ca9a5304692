"""The door to ragas, against a small OpenAI-compatible server on loopback that says what each test scripts."""

import asyncio
import hashlib
import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.backends.contract import REFUSAL
from workbench.records import Endpoint, Evidence, Gold
from workbench.scores import judge
from workbench.scores.judge import Item, Verdict

Reply = Callable[[str], dict[str, Any] | int]
"""From a prompt to the JSON that the judge answers with, or to the HTTP status that it fails with."""


def vector(text: str) -> list[float]:
    """Sixteen numbers that depend on the text alone."""
    return [byte / 255 - 0.4 for byte in hashlib.sha256(text.encode()).digest()[:16]]


class Server(ThreadingHTTPServer):
    """Embeds by `vector`, answers chats by `reply`, and remembers what it was asked."""

    daemon_threads = True

    def __init__(self, reply: Reply, embed: Callable[[str], list[float]] = vector) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.reply, self.embed = reply, embed
        self.embedded: list[str] = []
        self.chats: list[dict[str, Any]] = []
        self.tokens: set[str] = set()


class Handler(BaseHTTPRequestHandler):
    """Two routes of the OpenAI API."""

    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.tokens.add(self.headers["authorization"])
        if self.path == "/v1/embeddings":
            self.server.embedded += body["input"]
            data = [
                {"object": "embedding", "index": i, "embedding": self.server.embed(text)}
                for i, text in enumerate(body["input"])
            ]
            # Out of order on purpose: the index says whose vector it is.
            return self.send(
                {
                    "object": "list",
                    "model": body["model"],
                    "data": data[::-1],
                    "usage": {"prompt_tokens": 1, "total_tokens": 1},
                }
            )
        self.server.chats.append(body)
        answer = self.server.reply(" ".join(message["content"] for message in body["messages"]))
        if isinstance(answer, int):
            return self.send({"error": {"message": "no", "type": "t", "code": None, "param": None}}, answer)
        message = {"role": "assistant", "content": json.dumps(answer)}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        self.send(
            {
                "id": "1",
                "object": "chat.completion",
                "created": 0,
                "model": body["model"],
                "choices": [choice],
                "usage": usage,
            }
        )

    def send(self, body: dict[str, Any], status: int = 200) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(reply: Reply = lambda _: 500, embed: Callable[[str], list[float]] = vector) -> Iterator[Server]:
    with Server(reply, embed) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def ask(port: int, work: Callable[[Any], Awaitable[dict[str, Verdict]]]) -> dict[str, Verdict]:
    async def run() -> dict[str, Verdict]:
        client = judge.client(Endpoint(f"http://127.0.0.1:{port}/v1", "run-token"))
        try:
            return await work(client)
        finally:
            await client.close()

    return asyncio.run(run())


def gold(*answers: str, documents: tuple[str, ...] = (), answerable: bool = True) -> Gold:
    return Gold("q", answers, tuple(Evidence(document) for document in documents), answerable)


def cosine(left: str, right: str) -> float:
    a, b = np.array(vector(left)), np.array(vector(right))
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def test_offline_figures_by_hand() -> None:
    items = [
        # two of three distinct documents are gold; two of the four gold documents are used
        Item("ids", "?", "Rollo", gold("Rollo", documents=("a", "b", "c", "d")), ("a", "x", "b", "a")),
        Item("best", "?", "the duke", gold("a duke", "a king", "a duke"), ("a",)),
        Item("none", "?", REFUSAL, gold(answerable=False, documents=("a",)), ("a",)),
        Item("open", "?", "whatever", gold()),
    ]
    with serving() as server:
        found = ask(
            server.server_port, lambda client: judge.offline(items, client=client, embedding_model="local/minilm")
        )
    assert found["ids"].values == pytest.approx(
        {"id_context_precision": 2 / 3, "id_context_recall": 1 / 2, "semantic_similarity": 1}
    )
    expected = max(cosine("the duke", "a duke"), cosine("the duke", "a king"))
    assert found["best"].values == {"semantic_similarity": pytest.approx(expected)}
    assert found["none"] == found["open"] == Verdict()
    assert all(not verdict.failures for verdict in found.values())
    assert sorted(server.embedded) == ["Rollo", "a duke", "a king", "the duke"], "each distinct text once"
    assert server.tokens == {"Bearer run-token"}


def test_texts_are_embedded_in_batches_and_matched_by_index() -> None:
    items = [Item(f"i{n}", "?", f"reply {n}", gold(f"gold {n}")) for n in range(100)]
    with serving() as server:
        found = ask(
            server.server_port, lambda client: judge.offline(items, client=client, embedding_model="m", at_once=2)
        )
    assert Counter(server.embedded).most_common(1)[0][1] == 1 and len(server.embedded) == 200
    for n in range(100):
        assert found[f"i{n}"].values["semantic_similarity"] == pytest.approx(cosine(f"reply {n}", f"gold {n}"))


def test_an_empty_reply_is_compared_as_a_space() -> None:
    with serving() as server:
        items = [Item("a", "?", "", gold("Rollo"))]
        found = ask(server.server_port, lambda client: judge.offline(items, client=client, embedding_model="m"))
    assert found["a"].values == {"semantic_similarity": pytest.approx(cosine(" ", "Rollo"))}


def test_nan_is_a_failure_with_its_reason() -> None:
    items = [Item("a", "?", "Rollo", gold("Rollo", documents=("d",)), documents=())]
    with serving(embed=lambda _: [0.0] * 16) as server:
        found = ask(server.server_port, lambda client: judge.offline(items, client=client, embedding_model="m"))["a"]
    assert found.values == {"id_context_recall": 0.0}, "nothing retrieved recalls nothing"
    assert found.failures == {
        "id_context_precision": "ragas found nothing to judge (NaN)",  # a share of nothing
        "semantic_similarity": "ragas found nothing to judge (NaN)",  # a vector without length
    }


def test_a_gateway_that_is_down_is_a_failure_with_its_reason() -> None:
    with serving() as server:
        port = server.server_port
    items = [Item("a", "?", "Rollo", gold("Duke", documents=("d",)), ("d",), ("text",))]
    offline = ask(port, lambda client: judge.offline(items, client=client, embedding_model="m"))["a"]
    assert offline.failures == {"semantic_similarity": "the gateway could not be reached"}
    assert offline.values == {"id_context_precision": 1.0, "id_context_recall": 1.0}
    judged = ask(port, lambda client: judge.judged(items, client=client, model="m"))["a"]
    assert judged == Verdict({}, dict.fromkeys(judge.JUDGE_METRICS, "the gateway could not be reached"))


def by_prompt(prompt: str) -> dict[str, Any] | int:
    """Judges: one claim of two is borne out; contexts that name Rollo are useful; ratings of 4 and 2."""
    if "StatementGeneratorOutput" in prompt:
        return {"statements": ["Rollo was first.", "Rollo was tall."]}
    if "NLIStatementOutput" in prompt:
        claims = (("Rollo was first.", 1), ("Rollo was tall.", 0))
        return {"statements": [{"statement": text, "reason": "r", "verdict": verdict} for text, verdict in claims]}
    if "ContextPrecisionOutput" in prompt:
        asked = prompt.rpartition("Now perform the same")[2]
        return {"reason": "r", "verdict": int("Rollo led" in asked)}
    return {"rating": 4 if "You are a world class" in prompt else 2}


def test_judged_figures_by_hand() -> None:
    contexts = ("France is large.", "Rollo led the Normans.", "Rollo led them in 911.")
    items = [
        Item("a", "Who led?", "Rollo did", gold("Duke Rollo", "Rollo", "Rollo", "Duke"), contexts=contexts),
        Item("declined", "Who led?", REFUSAL, gold("Rollo"), contexts=contexts[:1]),
        Item("silent", "Who led?", "", gold("Rollo"), contexts=contexts[1:]),
        Item("unanswerable", "?", REFUSAL, gold(answerable=False), contexts=contexts),
    ]
    entered: list[str] = []

    @contextmanager
    def attribute(item: Item) -> Iterator[None]:
        entered.append(item.attempt)
        yield

    with serving(by_prompt) as server:
        found = ask(
            server.server_port,
            lambda client: judge.judged(items, client=client, model="the-judge", attribute=attribute),
        )
    # average precision of (no, yes, yes): (1/2 + 2/3) / 2; ratings 4 and 2 of 4: (1 + 1/2) / 2
    assert found["a"].values == pytest.approx(
        {"faithfulness": 0.5, "context_precision": 7 / 12, "answer_accuracy": 0.75}, abs=1e-6
    )
    assert found["declined"].values == pytest.approx({"context_precision": 0.0, "answer_accuracy": 0.75}, abs=1e-6)
    assert found["silent"].values == pytest.approx({"context_precision": 1.0, "answer_accuracy": 0.0}, abs=1e-6)
    assert found["unanswerable"] == Verdict() and all(not verdict.failures for verdict in found.values())
    # a: 2 + 3 + 2 calls; declined: 1 + 2; silent: 2
    assert len(server.chats) == 12 and {chat["model"] for chat in server.chats} == {"the-judge"}
    assert {chat["temperature"] for chat in server.chats} == {0.0}
    assert sorted(entered) == ["a", "declined", "silent"]
    assert '"Duke' not in str(server.chats), "the most frequent gold answer is the reference"


def test_what_a_judge_says_wrongly_is_a_failure_and_never_zero() -> None:
    def broken(prompt: str) -> dict[str, Any] | int:
        if "Statement" in prompt:
            return {"statements": []}  # no claim found
        if "ContextPrecisionOutput" in prompt:
            return {"verdict": "perhaps, said anna@example.com"}
        return {"rating": 3}  # not on the scale

    items = [Item("a", "?", "Rollo", gold("Rollo"), contexts=("text",)), Item("b", "?", "Rollo", gold("Rollo"))]
    with serving(broken) as server:
        found = ask(server.server_port, lambda client: judge.judged(items, client=client, model="m"))
    assert found["a"].values == {}
    assert found["a"].failures == {
        "faithfulness": "ragas found nothing to judge (NaN)",
        "context_precision": "the judge did not answer with the JSON asked for",
        "answer_accuracy": "ragas found nothing to judge (NaN)",
    }
    assert found["b"].failures["faithfulness"] == "no passage in the prompt, or its text was not kept"


def test_errors_that_ragas_swallows_keep_their_reason_and_verdicts_off_the_scale_are_refused() -> None:
    def refusing(prompt: str) -> dict[str, Any] | int:
        return {"reason": "r", "verdict": 5} if "ContextPrecisionOutput" in prompt else 503

    items = [Item("a", "?", "Rollo", gold("Rollo"), contexts=("text", "text"))]
    with serving(refusing) as server:
        found = ask(server.server_port, lambda client: judge.judged(items, client=client, model="m"))["a"]
    assert found.failures == {
        "faithfulness": "the gateway answered 503",
        "context_precision": "the judge gave a verdict outside its scale",
        "answer_accuracy": "the gateway answered 503",
    }


@pytest.mark.bench
def test_ragas_is_imported_late_tracks_nothing_writes_nothing_and_prints_nothing(tmp_path: Path) -> None:
    script = """
import os, socket, sys
os.environ.update(LANGSMITH_TRACING="true", LANGSMITH_API_KEY="x", RAGAS_DO_NOT_TRACK="false")
import workbench.scores.judge, workbench.scores.summary, workbench.scores.retrieval
assert not {"ragas", "openai", "scipy", "presidio_analyzer"} & set(sys.modules)
resolve, tried = socket.getaddrinfo, []
def watch(host, *rest, **more):
    tried.append(host)
    if host != "127.0.0.1":
        raise OSError("no network")
    return resolve(host, *rest, **more)
socket.getaddrinfo = watch
from test_scores_judge import Item, ask, gold, judge, serving
items = [
    Item("a", "?", "Rollo", gold("Rollo", documents=("d",)), ("d",), ("text",)),
    Item("b", "?", "", gold("x", documents=("d",))),
]
with serving() as server:
    ask(server.server_port, lambda client: judge.offline(items, client=client, embedding_model="m"))
    ask(server.server_port, lambda client: judge.judged(items, client=client, model="m"))
print(set(tried) - {"127.0.0.1"})
"""
    home = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    here = {"PYTHONPATH": str(Path(__file__).parent)}
    done = subprocess.run([sys.executable, "-c", script], env=os.environ | home | here, capture_output=True, text=True)
    assert (done.returncode, done.stderr, done.stdout.strip()) == (0, "", "set()")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
