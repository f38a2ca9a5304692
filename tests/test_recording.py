"""Recording and replaying at the gateway, over real HTTP: what is kept, what is not, and what comes back."""

import hashlib
import json
import os
import signal
import stat
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
import scripted_upstream
from conftest import TOKEN, Metered
from scripted_upstream import EMBEDDER, MODEL, ScriptedUpstream, vector

from workbench import lines
from workbench.errors import BadInput
from workbench.gateway import address, recording
from workbench.gateway.process import GatewayProcess
from workbench.gateway.settings import Account, Replayed, Settings, Upstream

KEY = "sk-upstream-key-that-must-not-be-kept-1"


@pytest.fixture
def upstream() -> Iterator[ScriptedUpstream]:
    server = ScriptedUpstream()
    yield server
    server.end()


class Studio:
    """Gateways that record into one file or replay it; each is closed before the next is opened."""

    def __init__(self, folder: Path, upstream: ScriptedUpstream) -> None:
        self.file, self._folder, self._upstream, self._number = folder / "kept.jsonl", folder, upstream, 0

    def record(self) -> "Opened":
        recording.begin(self.file)
        to = Upstream(self._upstream.url, KEY, (EMBEDDER,), retries=0)
        return self._open(Settings((), to, str(self.file)))

    def replay(self, real_time: bool = False) -> "Opened":
        size = recording.examine(self.file).size
        return self._open(Settings((), None, "", Replayed(str(self.file), size, real_time)))

    def kept(self) -> list[dict[str, Any]]:
        return [item for _, item in recording.items(self.file)]

    def _open(self, settings: Settings) -> "Opened":
        self._number += 1
        place = self._folder / f"gateway-{self._number}"
        accounts = tuple(Account(f"{TOKEN}-{name}", str(place / name), True, name) for name in ("plain", "other"))
        return Opened(GatewayProcess(Settings(accounts, settings.upstream, settings.record, settings.replay)), place)


class Opened:
    def __init__(self, process: GatewayProcess, place: Path) -> None:
        self.process, self._place = process, place

    def __enter__(self) -> "Opened":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.close()

    def account(self, name: str = "plain") -> Metered:
        return Metered(self.process, self._place / name, f"{TOKEN}-{name}")

    def chat(self, text: str, cell: str = "plain", **named: Any) -> httpx.Response:
        """Ask as a question's attempt; `named` may name the question, attempt and tenant, and holds the body's rest."""
        owner = {name: named.pop(name, default) for name, default in OWNER.items()}
        body = {"model": MODEL, "messages": [{"role": "user", "content": text}], **named}
        return self._post("/chat/completions", body, cell, owner)

    def embed(self, *texts: str, cell: str = "plain", model: str = EMBEDDER, **owner: str) -> httpx.Response:
        return self._post("/embeddings", {"model": model, "input": list(texts)}, cell, owner)

    def _post(self, path: str, body: Any, cell: str, owner: dict[str, str]) -> httpx.Response:
        headers = {f"x-workbench-{name}": value for name, value in owner.items()}
        return httpx.post(
            self.process.url + path,
            json=body,
            headers={"authorization": f"Bearer {TOKEN}-{cell}", **headers},
            trust_env=False,
            timeout=60,
        )


OWNER = {"question": "q1", "tenant": "t", "attempt": "1-a"}


@pytest.fixture
def studio(tmp_path: Path, upstream: ScriptedUpstream) -> Studio:
    return Studio(tmp_path, upstream)


def said(response: httpx.Response) -> str:
    assert response.status_code == 200, response.text
    text: str = response.json()["choices"][0]["message"]["content"]
    return text


# ---- what comes back ----


def test_a_replayed_chat_says_and_charges_what_was_recorded_and_spends_nothing(
    studio: Studio, upstream: ScriptedUpstream
) -> None:
    with studio.record() as gateway:
        first = gateway.chat("hello", temperature=0.0).json()
        (before,) = gateway.account().calls()
    upstream.end()
    with studio.replay() as gateway:
        again = gateway.chat("hello", temperature=0, user="somebody else").json()
        (after,) = gateway.account().calls()
        assert gateway.account().texts()[0]["received"] == "answer 1"
    for answer in (first, again):
        assert answer.pop("id") and answer.pop("created")
    assert again == first
    assert after["seconds"] == before["seconds"] > 0
    # list price of gpt-4o-mini: 0.15 in, 0.60 out, USD per million; 1000 in (charged as uncached) and 10 out
    assert Decimal(after["usd"]) == Decimal(before["usd"]) == Decimal("0.000156")
    assert (Decimal(before["spent_usd"]), Decimal(after["spent_usd"])) == (Decimal("0.0001185"), Decimal(0))
    figures = ("input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens", "counted_by", "finish")
    assert [after[name] for name in figures] == [1000, 500, 10, 1, "upstream", "stop"]
    assert after["prompt_sha256"] == before["prompt_sha256"]


def test_the_line_of_a_call_says_what_is_needed_to_charge_it_again(studio: Studio) -> None:
    with studio.record() as gateway:
        gateway.chat("hello", attempt="2-b")
        (call,) = gateway.account().calls()
    (line,) = studio.kept()
    assert line["owner"] == ["plain", "t", "q1", 2, 0]
    assert line["price"][0] == "list" and line["price"][1].startswith("genai-prices ")
    assert line["figures"]["seconds"] == call["seconds"]
    # worked out with sha256sum over the canonical request
    canonical = '{"kind":"chat","messages":[{"content":"hello","role":"user"}],"model":"gpt-4o-mini"}'
    assert line["address"] == hashlib.sha256(canonical.encode()).hexdigest()
    assert "hello" not in json.dumps(line)


def test_everybody_gets_the_answer_that_they_were_given_and_a_stranger_the_first(studio: Studio) -> None:
    owners: list[dict[str, str]] = [
        {"cell": "plain", "attempt": "1-a"},
        {"cell": "other", "attempt": "1-b"},
        {"cell": "plain", "attempt": "2-c"},
        {"cell": "plain", "attempt": "2-c"},
        {"cell": "plain", "attempt": "1-d", "question": "q2"},
        {"cell": "plain", "attempt": "1-e", "tenant": "u"},
        {"cell": "plain", "attempt": "first-call"},
    ]
    with studio.record() as gateway:
        given = [said(gateway.chat("same", **owner)) for owner in owners]
    assert given == [f"answer {number}" for number in range(1, 8)]
    with studio.replay() as gateway:
        # attempts have other names in another run; the round in front of them is the same
        renamed = [{**owner, "attempt": owner["attempt"].replace("-", "-x")} for owner in owners]
        renamed[-1]["attempt"] = "first-call"
        assert [said(gateway.chat("same", **owner)) for owner in reversed(renamed)] == [
            *(f"answer {number}" for number in (7, 6, 5, 3, 4, 2, 1)),
        ]
        assert said(gateway.chat("same", question="q9")) == "answer 1"
        assert said(gateway.chat("same", attempt="3-z")) == "answer 1"


def test_of_two_attempts_the_later_one_counts(studio: Studio) -> None:
    with studio.record() as gateway:
        gateway.chat("same", attempt="1-killed-before-its-answer-was-stored")
        gateway.chat("same", attempt="1-stored")
    with studio.replay() as gateway:
        assert said(gateway.chat("same", attempt="1-replayed")) == "answer 2"


def test_texts_come_back_one_by_one_whatever_batch_they_were_sent_in(studio: Studio) -> None:
    with studio.record() as gateway:
        gateway.embed("aaaa", "bb", "cccccc", tenant="t")
        gateway.embed("bb", tenant="t", question="q1", attempt="1-a")
        batch, single = gateway.account().calls()
    with studio.replay() as gateway:
        for _ in range(2):
            rows = gateway.embed("cccccc", "aaaa", tenant="t").json()["data"]
            assert [row["embedding"] for row in rows] == [vector("cccccc"), vector("aaaa")]
        gateway.embed("bb", tenant="t", question="q1", attempt="1-b")
        first, second, asked = gateway.account().calls()
    assert [call["input_tokens"] for call in (batch, single)] == [12, 2]
    assert [call["input_tokens"] for call in (first, second, asked)] == [10, 10, 2]
    assert [call["cache_hits"] for call in (first, second, asked)] == [0, 2, 0]
    assert first["seconds"] == second["seconds"] > 0
    assert asked["seconds"] == single["seconds"]
    # text-embedding-3-small: 0.02 USD per million
    assert [Decimal(call["usd"]) for call in (first, asked)] == [Decimal("0.0000002"), Decimal("0.00000004")]
    assert {Decimal(call["spent_usd"]) for call in (first, second, asked)} == {Decimal(0)}


def test_a_vector_is_kept_once_for_all_who_ask(studio: Studio) -> None:
    with studio.record() as gateway:
        gateway.embed("a passage", tenant="t")
        for cell in ("plain", "other"):
            gateway.embed("a passage", tenant="t", cell=cell)
            gateway.embed("a passage", tenant="t", cell=cell, question="q", attempt="1-a")
    kept = studio.kept()
    assert [line["owner"] for line in kept] == [
        ["plain", "t", "", 0, 0],
        ["plain", "t", "q", 1, 0],
        ["other", "t", "q", 1, 0],
    ]
    assert ["answer" in line for line in kept] == [True, False, False]


def test_embedded_models_are_kept_too_and_asked_again_where_they_are_not(studio: Studio) -> None:
    with studio.record() as gateway:
        echoed = gateway.chat("kept", model="local/echo").json()
        gateway.embed("kept", model="local/minilm", tenant="t")
        chat, texts = gateway.account().calls()
    with studio.replay() as gateway:
        assert gateway.chat("kept", model="local/echo").json()["usage"] == echoed["usage"]
        gateway.embed("kept", model="local/minilm", tenant="t")
        assert said(gateway.chat("new", model="local/echo")) == "new"
        rows = gateway.embed("kept", "new", model="local/minilm", tenant="u").json()["data"]
        calls = gateway.account().calls()
        status = gateway.process.recording(f"{TOKEN}-plain")
    assert len(rows) == 2
    assert [call["status"] for call in calls] == [200, 200, 200, 200]
    assert calls[0]["seconds"] == chat["seconds"]
    assert calls[1]["seconds"] == pytest.approx(texts["seconds"], rel=0.9)  # less what the gateway itself took
    assert calls[0]["counted_by"] == chat["counted_by"] == "spaces between words"
    assert (status["asked_again"], status["missing"]) == (2, 0)


def test_an_unpriced_call_stays_unpriced(studio: Studio) -> None:
    with studio.record() as gateway:
        gateway.chat("x", model="house-model-of-nobody")
    assert studio.kept()[0]["price"] == ["unpriced", ""]
    with studio.replay() as gateway:
        gateway.chat("x", model="house-model-of-nobody")
        (call,) = gateway.account().calls()
        listed = httpx.get(f"{gateway.process.url}/models", headers={"authorization": f"Bearer {TOKEN}-plain"}).json()
    assert call["usd"] is None
    assert "house-model-of-nobody" in {model["id"] for model in listed["data"]}


# ---- what a recording cannot answer ----


def test_what_was_not_recorded_is_outdated_and_neither_broken_nor_free_of_record(studio: Studio) -> None:
    with studio.record() as gateway:
        gateway.chat("hello")
        gateway.embed("a text", tenant="t")
    with studio.replay() as gateway:
        refused = [
            gateway.chat("good bye", attempt="1-a"),
            gateway.chat("hello", temperature=1, attempt="1-a"),
            gateway.chat("hello", model="gpt-4o", attempt="1-b"),
            gateway.embed("a text", "another", tenant="t"),
            gateway.chat("good bye", attempt="2-c"),
        ]
        assert {(one.status_code, one.json()["error"]["code"]) for one in refused} == {(410, "recording_outdated")}
        calls = gateway.account().calls()
        status = gateway.process.recording(f"{TOKEN}-plain", "1-a")
    assert {(call["status"], call["error"], call["usd"]) for call in calls} == {(410, "recording_outdated", "0")}
    assert "it holds calls of gpt-4o-mini, text-embedding-3-small" in refused[2].json()["error"]["message"]
    assert (status["missing"], status["missing_in_attempt"]) == (4, 2)  # "good bye" was missed twice
    assert status["first"] == "chat of gpt-4o-mini for plain tenant t q1"


def test_errors_are_never_kept(studio: Studio, upstream: ScriptedUpstream) -> None:
    with studio.record() as gateway:
        for status in (400, 429, 500):
            upstream.statuses = [status, status]
            assert gateway.chat("hello").status_code == status
            assert gateway.embed("a text", tenant="t").status_code == status
        assert gateway.chat("hello", messages=[]).status_code == 400
        assert studio.kept() == []
        gateway.chat("hello", attempt="1-again")
    with studio.replay() as gateway:
        assert said(gateway.chat("hello")) == "answer 1"


def test_half_a_stream_is_never_kept(studio: Studio, upstream: ScriptedUpstream) -> None:
    upstream.ends_streams = False
    with studio.record() as gateway, pytest.raises(httpx.HTTPError):
        gateway.chat("hello", stream=True)
    assert studio.kept() == []


def test_an_error_within_a_stream_is_never_kept(studio: Studio, upstream: ScriptedUpstream, monkeypatch: Any) -> None:
    # as vLLM and routers tell it: status 200, an event that says what failed, and a clean end
    monkeypatch.setattr(scripted_upstream, "usage", lambda number: None)
    monkeypatch.setattr(scripted_upstream.json, "dumps", failing(json.dumps))
    with studio.record() as gateway, pytest.raises(httpx.HTTPError):
        gateway.chat("hello", stream=True)
    assert studio.kept() == []


def failing(dumps: Any) -> Any:
    """`json.dumps` that makes an error of the last event of a stream."""

    def dump(content: Any, **more: Any) -> str:
        last = isinstance(content, dict) and content.get("choices") == []
        return str(dumps({"error": {"message": "out of memory", "code": 500}} if last else content, **more))

    return dump


# ---- streams ----


def streamed(gateway: Opened, **more: Any) -> tuple[list[str | None], list[float], Any]:
    """Contents of a stream's events, when each arrived in seconds, and the usage."""
    client = openai.OpenAI(base_url=gateway.process.url, api_key=f"{TOKEN}-plain", max_retries=0)
    headers = {f"x-workbench-{name}": value for name, value in OWNER.items()}
    began, contents, times, usage = time.perf_counter(), [], [], None
    with client:
        messages: Any = [{"role": "user", "content": "hello"}]
        for event in client.chat.completions.create(
            model=MODEL, messages=messages, stream=True, extra_headers=headers, **more
        ):
            times.append(time.perf_counter() - began)
            contents += [choice.delta.content for choice in event.choices]
            usage = event.usage or usage
    return contents, times, usage


def test_a_stream_comes_back_event_by_event_with_its_times(studio: Studio, upstream: ScriptedUpstream) -> None:
    upstream.says = "one two three"
    with studio.record() as gateway:
        recorded = streamed(gateway)
        (before,) = gateway.account().calls()
    with studio.replay() as gateway:
        assert streamed(gateway)[0] == recorded[0] == ["one ", "two ", "three"]
        with_usage = streamed(gateway, stream_options={"include_usage": True})
        first, second = gateway.account().calls()
        assert gateway.chat("hello").status_code == 410  # whole, it was never timed
    assert recorded[2] is None and with_usage[2].prompt_tokens == 1000
    for call in (first, second):
        for name in ("seconds", "first_token_seconds", "output_tokens", "usd"):
            assert call[name] == before[name]
    assert first["first_token_seconds"] > 0


def changed(file: Path, change: Any) -> None:
    """Change each kept call of a recording."""
    head, *rest = file.read_text().splitlines()
    items = [json.loads(line) for line in rest]
    for item in items:
        change(item)
    file.write_text("".join(line + "\n" for line in [head, *map(json.dumps, items)]))


def test_in_real_time_the_first_token_comes_at_its_time_and_the_end_at_its(
    studio: Studio, upstream: ScriptedUpstream
) -> None:
    upstream.says = "one two"
    with studio.record() as gateway:
        streamed(gateway)
        gateway.chat("whole")
        gateway.embed("a text", tenant="t")

    def slower(item: dict[str, Any]) -> None:
        item["figures"]["seconds"] = 0.5
        if "pace" in item.get("answer", {}):
            item["figures"]["first_token_seconds"] = 0.2
            item["answer"]["pace"] = [0.2, 0.4, 0.5]

    changed(studio.file, slower)
    with studio.replay(real_time=True) as gateway:
        _, times, _ = streamed(gateway)
        gateway.chat("whole")
        gateway.embed("a text", tenant="t")
        gateway.embed("a text", tenant="t")  # the tenant's cache has it now, as it had then
        calls = gateway.account().calls()
    assert times[0] >= 0.2 and times[1] >= 0.4
    assert [call["seconds"] for call in calls] == [0.5] * 4
    assert all(call["spent_seconds"] >= 0.5 for call in calls[:3])
    assert calls[3]["spent_seconds"] < 0.5
    assert calls[0]["first_token_seconds"] == 0.2


def test_otherwise_the_time_is_counted_and_not_waited_for(studio: Studio) -> None:
    with studio.record() as gateway:
        gateway.chat("whole")
        gateway.embed("a text", tenant="t")
    changed(studio.file, lambda item: item["figures"].update(seconds=86400.0))
    with studio.replay() as gateway:
        gateway.chat("whole")
        gateway.embed("a text", tenant="t")
        assert [call["seconds"] for call in gateway.account().calls()] == [86400.0, 86400.0]


# ---- secrets ----


def test_no_key_and_no_bearer_is_kept_wherever_it_stands(studio: Studio, upstream: ScriptedUpstream) -> None:
    upstream.says = f"your key is {KEY} and yours {TOKEN}-plain."
    with studio.record() as gateway:
        gateway.chat("hello")
        gateway.chat("hello", stream=True)
        upstream.says = "sk-upstream-key- that-must-not-be-kept-1 it is"
        gateway.chat("spelt", stream=True)
    raw = studio.file.read_bytes()
    assert KEY.encode() not in raw and TOKEN.encode() not in raw
    assert b"uthorization" not in raw and upstream.url.encode() not in raw
    with studio.replay() as gateway:
        assert said(gateway.chat("hello")) == "your key is [key] and yours [key]."
    assert stat.S_IMODE(studio.file.stat().st_mode) == 0o600


def test_a_key_spelt_over_several_events_is_not_kept(tmp_path: Path, upstream: ScriptedUpstream) -> None:
    from workbench.gateway.recorder import Recorder
    from workbench.records import Call

    file = tmp_path / "kept.jsonl"
    recording.begin(file)
    recorder = Recorder(file, [KEY, "none", "password"])
    events = [{"choices": [{"index": 0, "delta": {"content": part}}]} for part in (KEY[:9], KEY[9:], " none")]
    call = Call("c", "q", "t", "1-a", "chat", MODEL, 200)
    owner = address.Owner("plain", "t", "q", 1, 0)
    recorder.keep(address.of_text("m", "x"), owner, call, {"events": events, "pace": [0.1, 0.2, 0.3]})
    recorder.close()
    ((_, item),) = recording.items(file)
    contents = [event["choices"][0]["delta"]["content"] for event in item["answer"]["events"]]
    assert contents == ["[key] none", "", ""]  # and an ordinary word is no secret


# ---- the file ----


def test_a_gateway_killed_while_recording_loses_nothing_that_was_answered(
    studio: Studio, upstream: ScriptedUpstream
) -> None:
    with studio.record() as gateway:
        given = said(gateway.chat("one"))
        os.kill(gateway.process.pid, signal.SIGKILL)
    with studio.file.open("ab") as file:
        file.write(b'{"address": "torn in the mi')
    assert len(studio.kept()) == 1
    with studio.record() as gateway:
        other = said(gateway.chat("two"))
    with studio.replay() as gateway:
        assert [said(gateway.chat(text)) for text in ("one", "two")] == [given, other] == ["answer 1", "answer 2"]
    assert b"torn" not in studio.file.read_bytes()


def test_one_recording_has_one_writer(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "PATIENCE_SECONDS", 0.0)
    with studio.record(), pytest.raises(BadInput, match="another workbench is writing there"):
        recording.begin(studio.file)
    assert recording.begin(studio.file) == recording.known(studio.file) != ""


def test_it_keeps_its_id_while_it_grows_and_is_then_not_the_same(studio: Studio) -> None:
    name = recording.begin(studio.file)
    empty = recording.examine(studio.file)
    with studio.record() as gateway:
        gateway.chat("hello")
    grown = recording.examine(studio.file)
    assert (name, empty.id, grown.id) == (name, name, name)
    assert (empty.calls, grown.calls) == (0, 1)
    assert grown.sha256 == hashlib.sha256(studio.file.read_bytes()).hexdigest() != empty.sha256
    assert recording.begins_with(studio.file, empty.sha256, empty.size)
    changed(studio.file, lambda item: item["figures"].update(seconds=1.0))
    assert recording.begins_with(studio.file, empty.sha256, empty.size)
    assert not recording.begins_with(studio.file, grown.sha256, grown.size)


@pytest.mark.parametrize("content", [b"my notes\n", b"my notes", b"{}\n", b"[]\n", b'{"workbench_recording": "x"}\n'])
def test_other_files_are_refused_and_left_as_they_are(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "notes.txt"
    file.write_bytes(content)
    for open_it in (recording.begin, recording.known):
        with pytest.raises(BadInput, match=r"no recording"):
            open_it(file)
    with pytest.raises(BadInput):
        recording.examine(file)
    assert file.read_bytes() == content


def test_a_newer_recording_is_refused_with_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "kept.jsonl"
    file.write_text(f'{{"workbench_recording": {recording.SCHEMA + 1}, "id": "x"}}\n')
    for open_it in (recording.begin, recording.examine):
        with pytest.raises(BadInput, match=r"schema 2 is newer than 1, which this workbench reads; update it"):
            open_it(file)


def test_a_broken_line_is_named(studio: Studio) -> None:
    recording.begin(studio.file)
    with studio.file.open("ab") as file:
        file.write(b'{"address": 1}\n')
    with pytest.raises(BadInput, match=r"kept\.jsonl:2: no kept call"):
        recording.examine(studio.file)


WHOLE = {
    "address": "ab" * 32,
    "owner": ["plain-parity", "t", "q1", 1, 0],
    "figures": {"kind": "chat", "model": MODEL, "seconds": 0.5, "usd": "0.1"},
    "answer": {"body": {"choices": [{"message": {"content": "x"}}]}},
}


@pytest.mark.parametrize(
    "changed",
    [
        {"address": "no address"},
        {"owner": ["plain-parity"]},
        {"figures": {}},
        {"figures": {**WHOLE["figures"], "usd": "much"}},  # type: ignore[dict-item]
        {"figures": {**WHOLE["figures"], "seconds": -1}},  # type: ignore[dict-item]
        {"figures": {**WHOLE["figures"], "seconds": "0.5"}},  # type: ignore[dict-item]
        {"answer": {}},
        {"answer": {"body": {"choices": []}}},
        {"answer": {"events": [{}], "pace": []}},
        {"figures": {"kind": "embeddings", "model": EMBEDDER}, "answer": {"vector": "?"}},
        {"answer": None},
    ],
)
def test_a_line_that_could_not_answer_is_found_before_anything_is_asked(
    tmp_path: Path, changed: dict[str, Any]
) -> None:
    file = tmp_path / "kept.jsonl"
    recording.begin(file)
    with file.open("a") as end:
        end.write(json.dumps(WHOLE) + "\n")
    assert recording.examine(file).calls == 1
    with file.open("a") as end:
        end.write(json.dumps({**WHOLE, **changed}) + "\n")
    with pytest.raises(BadInput, match=r"kept\.jsonl:3: no kept call; the file was changed .* record again"):
        recording.examine(file)


def test_a_line_whose_answer_was_taken_out_is_named(tmp_path: Path) -> None:
    file = tmp_path / "kept.jsonl"
    recording.begin(file)
    with file.open("a") as end:
        end.write(json.dumps({name: value for name, value in WHOLE.items() if name != "answer"}) + "\n")
    with pytest.raises(BadInput, match=r"kept\.jsonl:2: no kept call"):
        recording.examine(file)


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match=r"--record .*file/kept\.jsonl: .*; give a file that can be written"):
        recording.begin(tmp_path / "file" / "kept.jsonl")


@pytest.mark.parametrize("torn", [0, 1, 10, 40])
def test_a_writer_that_died_in_the_header_left_an_empty_recording(tmp_path: Path, torn: int) -> None:
    file, whole = tmp_path / "kept.jsonl", tmp_path / "whole.jsonl"
    recording.begin(whole)
    file.write_bytes(whole.read_bytes()[:torn])
    with pytest.raises(BadInput, match="holds nothing"):
        recording.examine(file)
    name = recording.begin(file)
    assert recording.examine(file).id == name
    assert len(list(lines.read(file))) == 1


# ---- addresses ----

CHAT: dict[str, Any] = {"model": MODEL, "messages": [{"role": "user", "content": "x"}], "temperature": 0.0}


@pytest.mark.parametrize(
    "change",
    [
        {"user": "me"}, {"metadata": {"a": "b"}}, {"temperature": 0}, {"tools": None}, {"stream": False},
        {"messages": [{"content": "x", "role": "user"}]},
    ],
)  # fmt: skip
def test_what_decides_no_answer_is_not_part_of_the_address(change: dict[str, Any]) -> None:
    assert address.of_chat({**CHAT, **change}) == address.of_chat(CHAT)


@pytest.mark.parametrize(
    "change",
    [
        {"model": "gpt-4o"}, {"temperature": 0.1}, {"top_p": 0.5}, {"max_tokens": 5}, {"seed": 1}, {"stream": True},
        {"tools": []}, {"response_format": {"type": "json_object"}}, {"stop": ["."]},
        {"messages": [{"role": "system", "content": "x"}]}, {"messages": [{"role": "user", "content": "x "}]},
    ],
)  # fmt: skip
def test_what_decides_the_answer_is(change: dict[str, Any]) -> None:
    assert address.of_chat({**CHAT, **change}) != address.of_chat(CHAT)


def test_rounds_are_read_from_attempts() -> None:
    attempts = ["1-abc", "12-abc", "first-call", "ingestion", "", "0123abc", "-1"]
    assert [address.round_of(attempt) for attempt in attempts] == [1, 12, 0, 0, 0, 0, 0]
