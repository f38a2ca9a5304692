"""The gateway over real HTTP: its door, its meter, its embedded models, and an upstream with every kind of trouble."""

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import openai
import psutil
import pytest
from conftest import TOKEN, Metered, accounts_of_one_process, metered

from workbench.gateway.settings import Upstream

KEY = "sk-upstream-key-that-must-not-be-seen"


def client(gateway: Metered, **headers: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=gateway.url, api_key=gateway.token, max_retries=0, default_headers=headers)


def post(gateway: Metered, path: str, body: Any, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx.post(
        gateway.url + path,
        content=content,
        headers={"authorization": f"Bearer {gateway.token}", **headers},
        trust_env=False,
        timeout=120,
    )


def user(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


# ---- the door ----


@pytest.mark.parametrize("token", ["wrong", TOKEN, TOKEN + "-", "none", "Bearer"])
def test_without_the_runs_bearer_nothing_is_answered_or_written(gateway: Metered, token: str) -> None:
    for path in ("/chat/completions", "/embeddings", "/models", "/anything"):
        assert httpx.post(gateway.url + path, json={}).status_code == 401
        response = httpx.post(
            gateway.url + path, json={"model": "local/echo"}, headers={"authorization": f"Bearer {token}"}
        )
        assert response.status_code == 401
        assert response.json()["error"]["code"] == "unknown_run"
    assert gateway.calls() == []


def test_it_listens_on_loopback_alone(gateway: Metered) -> None:
    listening = [
        connection.laddr.ip
        for connection in psutil.Process(gateway.process.pid).net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/chat/completions", b"", 400, "not_json"),
        ("/chat/completions", b"{", 400, "not_json"),
        ("/chat/completions", b"\xff\xfe{}", 400, "not_json"),
        ("/chat/completions", b'{"model": "local/echo", "temperature": NaN}', 400, "not_json"),
        ("/chat/completions", b"[" * 100_000, 400, "not_json"),
        ("/chat/completions", b"[1]", 400, "not_an_object"),
        ("/chat/completions", b"{}", 400, "model"),
        ("/chat/completions", b'{"model": 1}', 400, "model"),
        ("/chat/completions", b'{"model": "local/echo"}', 400, "messages"),
        ("/chat/completions", b'{"model": "local/echo", "messages": []}', 400, "messages"),
        ("/chat/completions", b'{"model": "local/echo", "messages": [1]}', 400, "messages"),
        ("/chat/completions", b'{"model": "local/echo", "messages": [{"role": "boss"}]}', 400, "messages"),
        ("/chat/completions", b'{"model": "m", "messages": [{"role": "user", "content": 1}]}', 400, "messages"),
        ("/chat/completions", b'{"model": "gpt-4o", "messages": [{"role": "user"}]}', 404, "unknown_model"),
        ("/embeddings", b'{"model": "local/minilm"}', 400, "input"),
        ("/embeddings", b'{"model": "local/minilm", "input": [1, 2]}', 400, "input"),
        ("/embeddings", b'{"model": "text-embedding-3-small", "input": "x"}', 404, "unknown_model"),
        ("/completions", b"{}", 404, "not_found"),
    ],
)  # fmt: skip
def test_bad_bodies_get_a_sentence(gateway: Metered, path: str, body: bytes, status: int, code: str) -> None:
    response = post(gateway, path, body)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert response.json()["error"]["message"]


def test_a_refused_call_is_in_the_record(gateway: Metered) -> None:
    post(gateway, "/chat/completions", {"model": "gpt-4o", "messages": user("x")}, **{"x-workbench-question": "q1"})
    (call,) = gateway.calls()
    assert (call["question"], call["status"], call["error"]) == ("q1", 404, "unknown_model")


def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; sys.path.insert(0, sys.argv[2]);"
        "from conftest import metered; g = metered(Path(sys.argv[1])); print(g.process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path), str(Path(__file__).parent)], stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout
        child = psutil.Process(int(parent.stdout.readline()))
        os.kill(parent.pid, signal.SIGKILL)
    child.wait(20)
    assert not child.is_running()


# ---- embedded models and the meter ----


def test_a_killed_one_is_not_alive_from_the_moment_that_its_port_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with metered(tmp_path).process as process:
        # The end of a process is seen only after its sockets were closed: here, not before the test is over.
        monkeypatch.setattr(process._process, "poll", lambda: None)
        assert process.alive
        psutil.Process(process.pid).kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert not process.alive


def test_calls_are_attributed_and_counted(gateway: Metered) -> None:
    asked = client(
        gateway, **{"x-workbench-question": "q%201", "x-workbench-tenant": "t%C3%BC", "x-workbench-attempt": "a"}
    )
    reply = asked.chat.completions.create(model="local/echo", messages=user("one two three"))
    assert reply.choices[0].message.content == "one two three"
    (call,) = gateway.calls()
    assert (call["question"], call["tenant"], call["attempt"]) == ("q 1", "tü", "a")
    assert (call["input_tokens"], call["output_tokens"], call["counted_by"]) == (3, 3, "spaces between words")
    assert reply.usage and (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (3, 3)
    assert Decimal(call["usd"]) == 0
    assert 0 < call["seconds"] < 5
    (text,) = gateway.texts()
    assert (text["call"], text["sent"], text["received"]) == (call["id"], user("one two three"), "one two three")


def test_streaming_gives_the_same_text_and_a_first_token_time(gateway: Metered) -> None:
    stream = client(gateway).chat.completions.create(
        model="local/echo", messages=user("a b c"), stream=True, stream_options={"include_usage": True}
    )
    events = list(stream)
    assert "".join(event.choices[0].delta.content or "" for event in events if event.choices) == "a b c"
    assert events[-1].usage and events[-1].usage.total_tokens == 6
    (call,) = gateway.calls()
    assert 0 < call["first_token_seconds"] <= call["seconds"]


def test_the_reader_answers_from_its_context(gateway: Metered) -> None:
    prompt = (
        "Answer the question using only the context below.\n\nContext:\nThe branch opens at nine. Cards are blocked by "
        "calling Anna Smith.\n\nQuestion: Who blocks cards?\nAnswer:"
    )
    reply = client(gateway).chat.completions.create(model="local/extractive", messages=user(prompt))  # type: ignore[arg-type]
    assert "Anna Smith" in (reply.choices[0].message.content or "")
    (call,) = gateway.calls()
    assert call["counted_by"] == "all-MiniLM-L6-v2 WordPiece"
    assert call["input_tokens"] > 25


def test_vectors_are_equal_in_both_encodings(gateway: Metered) -> None:
    plain = post(gateway, "/embeddings", {"model": "local/minilm", "input": ["a cat", "a bank"]}).json()
    packed = post(
        gateway, "/embeddings", {"model": "local/minilm", "input": ["a cat", "a bank"], "encoding_format": "base64"}
    ).json()
    for one, other in zip(plain["data"], packed["data"], strict=True):
        unpacked = np.frombuffer(base64.b64decode(other["embedding"]), dtype=np.float32)
        assert np.array_equal(np.array(one["embedding"], dtype=np.float32), unpacked)
        assert abs(float(np.linalg.norm(unpacked)) - 1) < 1e-5


def test_who_comes_second_is_charged_as_much_and_other_tenants_have_their_own_cache(gateway: Metered) -> None:
    body = {"model": "local/minilm", "input": ["the same text", "another one"]}
    for tenant in ("a", "a", "b"):
        post(gateway, "/embeddings", body, **{"x-workbench-tenant": tenant})
    first, second, foreign = gateway.calls()
    assert [call["cache_hits"] for call in (first, second, foreign)] == [0, 2, 0]
    assert first["input_tokens"] == second["input_tokens"] > 0
    assert second["seconds"] > second["spent_seconds"]
    assert second["seconds"] - second["spent_seconds"] <= first["seconds"]
    assert first["seconds"] == first["spent_seconds"]


def test_long_texts_are_counted_as_truncated(gateway: Metered) -> None:
    post(gateway, "/embeddings", {"model": "local/minilm", "input": ["short", "word " * 400]})
    assert gateway.calls()[0]["truncated"] == 1


def test_documents_under_ingestion_are_not_stored_again(gateway: Metered) -> None:
    post(gateway, "/embeddings", {"model": "local/minilm", "input": ["a document"]}, **{"x-workbench-tenant": "t"})
    assert gateway.texts() == []
    post(
        gateway, "/embeddings", {"model": "local/minilm", "input": ["a query"]},
        **{"x-workbench-tenant": "t", "x-workbench-question": "q"},
    )  # fmt: skip
    assert [text["sent"] for text in gateway.texts()] == [["a query"]]


def test_no_text_keeps_counts_alone(tmp_path: Path) -> None:
    gateway = metered(tmp_path, keep_text=False)
    try:
        post(gateway, "/chat/completions", {"model": "local/echo", "messages": user("write to jane.roe@example.com")})
    finally:
        gateway.process.close()
    assert gateway.calls()[0]["pii"] == {"EMAIL": 1}
    assert gateway.calls()[0]["seconds"] < gateway.calls()[0]["spent_seconds"]
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"jane.roe" in path.read_bytes()]


# ---- an upstream ----


class Trouble(ThreadingHTTPServer):
    """An upstream that gives its answers in the order told, and remembers what it was sent."""

    daemon_threads = True

    def __init__(self, *answers: Callable[[BaseHTTPRequestHandler], None]) -> None:
        self.answers = list(answers)
        self.seen: list[tuple[str, dict[str, str], Any]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                outer.seen.append((self.path, dict(self.headers), json.loads(self.rfile.read(length))))
                (outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0])(self)

            def do_GET(self) -> None:
                outer.answers[0](self)

            def log_message(self, *_: Any) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


def answer(status: int, body: Any, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()

    def give(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"content-length": str(len(raw)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(raw)

    return give


def completion(text: str, **usage: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    return {
        "id": "x", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100, **usage},
    }  # fmt: skip


@pytest.fixture(scope="module")
def upstream_accounts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Trouble, Iterator[Metered]]]:
    upstream = Trouble()
    settings = Upstream(upstream.url, KEY, embedding_models=("house-embedder",))
    accounts = accounts_of_one_process(tmp_path_factory.mktemp("upstream"), settings)
    yield upstream, accounts
    accounts.close()  # type: ignore[attr-defined]
    upstream.shutdown()
    upstream.server_close()


@pytest.fixture
def to(upstream_accounts: tuple[Trouble, Iterator[Metered]]) -> Callable[..., tuple[Trouble, Metered]]:
    """Tells the upstream what to answer, and gives a fresh account of a gateway that forwards to it."""
    upstream, accounts = upstream_accounts

    def tell(*answers: Callable[[BaseHTTPRequestHandler], None]) -> tuple[Trouble, Metered]:
        upstream.answers, upstream.seen = list(answers), []
        return upstream, next(accounts)

    return tell


def ask(gateway: Metered, **body: Any) -> httpx.Response:
    return post(gateway, "/chat/completions", {"model": "gpt-4o-mini", "messages": user("hello"), **body})


def test_a_forwarded_call_is_stripped_keyed_counted_and_priced(to: Any) -> None:
    usage = {
        "prompt_tokens_details": {"cached_tokens": 600},
        "completion_tokens_details": {"reasoning_tokens": 40},
    }
    upstream, gateway = to(answer(200, completion("hi", **usage)))
    response = ask(gateway, temperature=0, user="somebody", metadata={"who": "me"}, store=True)
    assert response.json()["choices"][0]["message"]["content"] == "hi"
    ((path, headers, body),) = upstream.seen
    assert path == "/v1/chat/completions"
    assert body == {"model": "gpt-4o-mini", "messages": user("hello"), "temperature": 0}
    lower = {name.lower(): value for name, value in headers.items()}
    assert lower["authorization"] == f"Bearer {KEY}"
    assert not [name for name in lower if name.startswith("x-workbench")]
    (call,) = gateway.calls()
    assert (call["input_tokens"], call["cached_tokens"], call["output_tokens"], call["reasoning_tokens"]) == (
        1000,
        600,
        100,
        40,
    )
    assert call["counted_by"] == "upstream"
    # list price of gpt-4o-mini: 0.15 in, 0.075 cached, 0.60 out, USD per million
    assert Decimal(call["spent_usd"]) == Decimal("0.000165")
    assert Decimal(call["usd"]) == Decimal("0.00021")  # charged as if nothing had been cached


def test_an_unknown_model_is_unpriced_and_not_free(to: Any) -> None:
    _, gateway = to(answer(200, completion("hi")))
    ask(gateway, model="house-model-of-nobody")
    assert gateway.calls()[0]["usd"] is None


def test_without_usage_the_count_is_ours_under_its_name(to: Any) -> None:
    content = completion("two words")
    del content["usage"]
    _, gateway = to(answer(200, content))
    ask(gateway)
    (call,) = gateway.calls()
    assert (call["input_tokens"], call["output_tokens"]) == (1, 2)
    assert call["counted_by"] == "all-MiniLM-L6-v2 WordPiece"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 529])
def test_passing_trouble_is_tried_again_after_the_time_asked_for(to: Any, status: int) -> None:
    busy = answer(status, {"error": {"message": "busy"}}, retry_after="0")
    upstream, gateway = to(busy, busy, answer(200, completion("hi")))
    assert ask(gateway).status_code == 200
    assert len(upstream.seen) == 3
    assert gateway.calls()[0]["retries"] == 2


def test_a_long_retry_after_is_an_answer_and_not_a_wait(to: Any) -> None:
    upstream, gateway = to(answer(429, {"error": {"message": "come back tomorrow"}}, retry_after="86400"))
    response = ask(gateway)
    assert (response.status_code, response.json()["error"]["code"]) == (429, "upstream_rate_limit")
    assert len(upstream.seen) == 1


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "upstream_refused_request"),
        (401, "upstream_refused_key"),
        (403, "upstream_refused_key"),
        (404, "upstream_refused_request"),
    ],
)
def test_lasting_trouble_is_not_tried_again_and_shows_no_key(to: Any, status: int, code: str) -> None:
    upstream, gateway = to(answer(status, {"error": {"message": f"Incorrect key {KEY} or model"}}))
    response = ask(gateway)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert len(upstream.seen) == 1
    assert KEY not in response.text
    assert not [path for path in gateway.folder.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]
    assert gateway.calls()[0]["error"] == code


def test_a_redirect_is_not_followed(to: Any) -> None:
    other = Trouble(answer(200, completion("stolen")))
    _, gateway = to(answer(307, b"", location=f"{other.url}/chat/completions"))
    assert ask(gateway).json()["error"]["code"] == "upstream_redirects"
    assert other.seen == []
    other.shutdown()
    other.server_close()


def test_an_upstream_that_is_not_there(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    gateway = metered(tmp_path, Upstream(f"http://127.0.0.1:{port}/v1", retries=1))
    try:
        response = ask(gateway)
    finally:
        gateway.process.close()
    assert (response.status_code, response.json()["error"]["code"]) == (502, "upstream_unreachable")
    assert (gateway.calls()[0]["status"], gateway.calls()[0]["retries"]) == (502, 1)


@pytest.mark.parametrize("body", [[1], {"error": {"message": "x"}}, {"choices": []}, {"choices": [{"text": "x"}]}])
def test_a_200_without_a_completion_is_a_failed_call(to: Any, body: Any) -> None:
    _, gateway = to(answer(200, body))
    response = ask(gateway)
    assert (response.status_code, response.json()["error"]["code"]) == (502, "upstream_not_a_completion")
    assert [call["status"] for call in gateway.calls()] == [502]


def lost(handler: BaseHTTPRequestHandler) -> None:
    """The connection ends after the request was read."""
    handler.close_connection = True


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (answer(200, b"<html>"), "upstream_not_json"),
        (answer(200, {"choices": []}), "upstream_not_a_completion"),
        (answer(200, {"choices": [{"message": {}, "finish_reason": "error"}]}), "upstream_not_a_completion"),
        (lost, "upstream_unreachable"),
    ],
)
def test_what_may_be_billed_though_nobody_heard_it_is_not_free(
    tmp_path: Path, to: Any, trouble: Any, code: str
) -> None:
    upstream, _ = to(trouble)
    gateway = metered(tmp_path, Upstream(upstream.url, retries=0))
    try:
        assert ask(gateway).json()["error"]["code"] == code
    finally:
        gateway.process.close()
    (call,) = gateway.calls()
    assert (call["spent_usd"], call["usd"]) == (None, None)


def test_of_a_refusal_no_piece_of_the_key_is_shown(to: Any) -> None:
    _, gateway = to(answer(400, b"-" * 110 + KEY.encode()))
    said = ask(gateway).json()["error"]["message"]
    assert said == "-" * 110 + "[key]"


def test_texts_that_an_upstream_does_not_count_are_not_for_free(to: Any) -> None:
    _, gateway = to(answer(200, {"data": [{"index": 0, "embedding": [0.5, 1.0]}]}))
    post(gateway, "/embeddings", {"model": "house-embedder", "input": ["two words"]})
    (call,) = gateway.calls()
    assert (call["input_tokens"], call["counted_by"].startswith("upstream")) == (2, False)


def sse(*events: Any) -> bytes:
    return b"".join(
        b"data: " + (event if isinstance(event, bytes) else json.dumps(event).encode()) + b"\n\n" for event in events
    )


def delta(text: str | None, finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": {"content": text} if text else {}, "finish_reason": finish}
    return {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


def test_a_stream_is_passed_on_and_counted_without_showing_what_was_not_asked_for(to: Any) -> None:
    usage = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [],
             "usage": {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}}  # fmt: skip
    upstream, gateway = to(answer(200, sse(delta("Good "), delta("day"), delta(None, "stop"), usage, b"[DONE]")))
    events = list(client(gateway).chat.completions.create(model="gpt-4o-mini", messages=user("x"), stream=True))  # type: ignore[arg-type]
    assert "".join(event.choices[0].delta.content or "" for event in events) == "Good day"
    assert all(event.usage is None for event in events)
    assert upstream.seen[0][2]["stream_options"] == {"include_usage": True}
    (call,) = gateway.calls()
    assert (call["input_tokens"], call["output_tokens"], call["finish"], call["status"]) == (7, 2, "stop", 200)
    assert call["first_token_seconds"] is not None
    assert gateway.texts()[0]["received"] == "Good day"


def test_a_stream_that_breaks_is_a_failed_call_with_its_tokens(to: Any) -> None:
    _, gateway = to(answer(200, sse(delta("Half"))))
    with pytest.raises((openai.APIError, httpx.HTTPError)):
        list(client(gateway).chat.completions.create(model="gpt-4o-mini", messages=user("x"), stream=True))  # type: ignore[arg-type]
    (call,) = gateway.calls()
    assert (call["status"], call["error"].split(":")[0], call["output_tokens"]) == (502, "stream_broken", 1)
    assert call["spent_usd"] is None  # what it said unheard may be billed too


def test_documents_go_out_only_to_the_named_embedding_model(to: Any) -> None:
    vectors = {"data": [{"index": 1, "embedding": [0.0, 1.0]}, {"index": 0, "embedding": [1.0, 0.0]}],
               "usage": {"prompt_tokens": 10}}  # fmt: skip
    upstream, gateway = to(answer(200, vectors))
    refused = post(gateway, "/embeddings", {"model": "text-embedding-3-small", "input": ["secret"]})
    assert refused.status_code == 404
    assert upstream.seen == []
    for _ in range(2):
        taken = post(gateway, "/embeddings", {"model": "house-embedder", "input": ["x" * 9, "y"]}).json()
        assert [row["embedding"] for row in taken["data"]] == [[1.0, 0.0], [0.0, 1.0]]
    assert len(upstream.seen) == 1  # the second came from the cache
    first, second = gateway.calls()[1:]
    assert first["input_tokens"] == second["input_tokens"] == 10
    assert second["cache_hits"] == 2


def test_without_an_upstream_nothing_leaves_whatever_the_shell_holds(gateway: Metered) -> None:
    assert ask(gateway).status_code == 404
    listed = httpx.get(f"{gateway.url}/models", headers={"authorization": f"Bearer {gateway.token}"}).json()["data"]
    assert {model["id"] for model in listed} == {"local/extractive", "local/echo", "local/silence", "local/minilm"}


def test_the_upstreams_key_is_probed(to: Any) -> None:
    _, gateway = to(answer(401, {"error": {"message": f"bad {KEY}"}}))
    response = httpx.get(f"{gateway.url}/models", headers={"authorization": f"Bearer {gateway.token}"})
    assert (response.status_code, response.json()["error"]["code"]) == (401, "upstream_refused_key")
    assert KEY not in response.text


def test_disk_full_refuses_the_call(tmp_path: Path) -> None:
    gateway = metered(tmp_path)
    try:
        psutil.Process(gateway.process.pid).rlimit(psutil.RLIMIT_FSIZE, (600, 600))
        statuses = [
            post(gateway, "/chat/completions", {"model": "local/echo", "messages": user("x")}).status_code
            for _ in range(6)
        ]
    finally:
        gateway.process.close()
    assert statuses[0] == 200 and statuses[-1] == 507
    assert len(gateway.calls()) == statuses.count(200)
