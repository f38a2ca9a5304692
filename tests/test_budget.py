"""A budget: counted to the last digit, never passed, ended softly, gone on with; refused where it cannot be kept."""

import asyncio
import contextlib
import json
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import scripted_upstream
from conftest import Metered, type_
from scripted_upstream import EMBEDDER, MODEL, ScriptedUpstream

from workbench import prices
from workbench import workload as workloads
from workbench.errors import BadInput
from workbench.gateway.denied import Denied
from workbench.gateway.process import GatewayProcess
from workbench.gateway.purse import Purse, left_open, may_pay_again, most_usd
from workbench.gateway.settings import Account, Settings, Upstream
from workbench.records import Call, Document, Gold, Question, Recipe, Tenant, Workload
from workbench.runs import judging, options, runner
from workbench.runs.budget import sentence, spent
from workbench.runs.options import Options
from workbench.runs.progress import Silent
from workbench.runs.store import Experiment
from workbench.scores import judge as ragas
from workbench.workload.identity import workload_of

LOCAL = Recipe(model=MODEL, chunk_tokens=None, chunk_overlap=0, max_output_tokens=100)
CALL = Decimal("0.00009")
"""Of gpt-4o-mini, 0.15 and 0.60 USD per million: 200 tokens in and 100 out."""


def world(questions: int = 12) -> Workload:
    documents = [Document("d1", "t", "A parking permit costs two euros."), Document("d2", "t", "A pass costs three.")]
    asked = [Question(f"q{number}", "t", f"How much is thing number {number}?") for number in range(questions)]
    gold = [Gold(one.id, ("two euros",)) for one in asked]
    return workload_of(
        name="world", tenants=(Tenant("t", "T"),), documents=tuple(documents), questions=asked, gold=gold
    )


@pytest.fixture
def upstream(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedUpstream]:
    """One whose every chat costs `CALL`, and whose texts cost 20 tokens for each."""
    used = {"prompt_tokens": 200, "completion_tokens": 100, "total_tokens": 300}
    monkeypatch.setattr(scripted_upstream, "usage", lambda number: used)
    server = ScriptedUpstream()
    yield server
    server.end()


def limited(out: Path, upstream: ScriptedUpstream, usd: str | None, **changed: object) -> Options:
    limit = None if usd is None else Decimal(usd)
    wanted = Options(out=out, backends=("plain",), recipe=LOCAL, upstream=upstream.url, budget_usd=limit)
    return replace(wanted, **changed)  # type: ignore[arg-type]


def answered(out: Path) -> list[str]:
    return [name for run in Experiment(out).runs() for _, name in run.answers()]


def calls(out: Path) -> list[Call]:
    experiment = Experiment(out)
    return [
        call
        for calls in (experiment.warmup_calls(), *((*run.calls(), *run.judge_calls()) for run in experiment.runs()))
        for call in calls
    ]


# ---- softly, and to the last digit ----


@pytest.mark.usefixtures("unjudged")
@pytest.mark.parametrize("in_flight", [1, 4])
def test_a_run_stops_before_the_budget_is_passed_and_goes_on_with_a_higher_one(
    tmp_path: Path, upstream: ScriptedUpstream, in_flight: int
) -> None:
    out, workload = tmp_path / "out", world()
    wanted = limited(out, upstream, "0.000750", in_flight=in_flight)
    stopped = runner.run(workload, wanted, Silent())
    # A chat may cost 0.00006 of output and its bytes, some 500, as tokens: 0.000075. After seven 0.00063 are spent and
    # an eighth might pass the budget: one to see that the model is there, a first call, and five questions.
    paid = [call for call in calls(out) if call.spent_usd]
    assert {call.spent_usd for call in paid} == {CALL}
    assert len(paid) == len(upstream.chats) == 7
    assert spent(Experiment(out)) == 7 * CALL == Decimal("0.00063")
    assert (stopped.asked, stopped.failed, len(answered(out))) == (5, 0, 5)
    assert stopped.stopped == (
        "budget of 0.000750 USD: stopped after 5 of 12 questions, 5 answers not judged yet, 0.000630 USD spent; the "
        "same command with a higher --budget-usd goes on"
    )
    assert [call.status for call in calls(out)] == [200] * len(calls(out))  # what was refused left no trace

    again = runner.run(workload, replace(wanted, budget_usd=Decimal("0.0011")), Silent())
    assert again.asked == 2  # after a chat to see that the model is there and a first call
    assert spent(Experiment(out)) == 11 * CALL <= Decimal("0.0011")
    done = runner.run(workload, replace(wanted, budget_usd=None), Silent())
    assert (done.asked, done.failed, done.stopped) == (5, 0, "")
    assert sorted(answered(out)) == sorted(question.id for question in workload.questions)
    assert Experiment(out).about()["stopped_at_usd"] == ""


@pytest.mark.usefixtures("unjudged")
def test_the_same_budget_again_asks_nothing_and_a_budget_of_an_earlier_run_counts(
    tmp_path: Path, upstream: ScriptedUpstream
) -> None:
    out, workload = tmp_path / "out", world()
    first = runner.run(workload, limited(out, upstream, "0.0006"), Silent())
    asked = upstream.asked
    again = runner.run(workload, limited(out, upstream, "0.0006"), Silent())
    assert (again.stopped, again.asked, upstream.asked) == (first.stopped, 0, asked)
    free = tmp_path / "free"
    runner.run(workload, limited(free, upstream, None, questions=6), Silent())
    assert spent(Experiment(free)) == 8 * CALL
    # what the six cost counts: there is enough for the look at the model and not for the first question
    after = runner.run(workload, limited(free, upstream, "0.0009"), Silent())
    assert (after.asked, len(answered(free))) == (0, 6)
    assert "stopped after 6 of 12 questions, 6 answers" in after.stopped
    assert spent(Experiment(free)) <= Decimal("0.0009")


@pytest.mark.usefixtures("unjudged")
def test_what_is_answered_and_local_is_never_stopped(tmp_path: Path, upstream: ScriptedUpstream) -> None:
    local = replace(LOCAL, model="local/echo")
    options = replace(limited(tmp_path / "out", upstream, "0.0000001", recipe=local), upstream="")
    outcome = runner.run(world(), options, Silent())
    assert (outcome.asked, outcome.stopped) == (12, "")


@pytest.mark.usefixtures("unjudged")
@pytest.mark.parametrize(
    ("backend", "track"), [("plain", "parity"), pytest.param("langchain", "native", marks=pytest.mark.bench)]
)
def test_a_budget_that_does_not_do_for_the_passages_stops_before_the_first_question(
    tmp_path: Path, upstream: ScriptedUpstream, backend: str, track: str
) -> None:
    remote = replace(LOCAL, model="local/echo", embedding_model=EMBEDDER)
    out = tmp_path / "out"
    # text-embedding-3-small is 0.02 USD per million: "dimensions" and its request are about 80 bytes, 0.0000016
    options, told = limited(out, upstream, "0.0000030", recipe=remote, tracks=(track,), backends=(backend,)), Told()
    outcome = runner.run(world(), options, told)
    assert len(told.notes) == 1 and "is more than --budget-usd 0.0000030: the run will stop when" in told.notes[0]
    assert outcome.stopped.startswith("budget of 0.0000030 USD: stopped after 0 of 12 questions, ")
    assert (outcome.asked, outcome.answered) == (0, False)
    assert spent(Experiment(out)) <= Decimal("0.0000030")
    assert runner.run(world(), replace(options, budget_usd=None), Silent()).asked == 12


@pytest.mark.bench
def test_a_judge_is_stopped_too_and_what_is_not_judged_is_judged_later(
    tmp_path: Path, upstream: ScriptedUpstream
) -> None:
    out, workload = tmp_path / "out", world(3)
    upstream.says = '{{"rating": 4, "verdict": 1, "reason": "so", "statements": ["two euros"]}}'
    local = replace(LOCAL, model="local/extractive")
    wanted = limited(out, upstream, "0.0018", recipe=local, judge=MODEL)
    stopped = runner.run(workload, wanted, Silent())
    # The three are asked about in twelve calls of 0.00009 each, held at 1,024 output tokens and at some 5,000 bytes as
    # tokens: about 0.0013. So some are answered, and not all.
    assert stopped.stopped.startswith("budget of 0.0018 USD: stopped after 3 of 3 questions, ")
    assert "answers not judged yet, 0.0" in stopped.stopped
    assert 2 * CALL < spent(Experiment(out)) < 13 * CALL
    run = Experiment(out).run("plain", "parity")
    assert 0 < len(judging.unjudged(run, {})) <= 3
    assert len(run.judgements()) == 3  # scored all the same
    done = runner.run(workload, replace(wanted, budget_usd=Decimal("1")), Silent())
    assert (done.stopped, done.asked, judging.unjudged(run, {})) == ("", 0, [])
    assert all(not any("402" in reason for reason in item["failures"].values()) for item in run.judgements().values())


def test_a_figure_that_half_of_its_calls_gave_is_none() -> None:
    # ragas asks twice for accuracy, and takes one of the two where the other was refused
    item = ragas.Item("a", "How much?", "two euros", Gold("q", ("two euros",)))
    half = {"a": ragas.Verdict({"answer_accuracy": 1.0})}
    kept, lost = (
        judging._judgement(item, item.gold, {"a": ragas.Verdict()}, half, {}, reasons)
        for reasons in ({}, {"a": "the gateway answered 402"})
    )
    assert (kept.judge, kept.failures) == ({"answer_accuracy": 1.0}, {})
    assert (lost.judge, lost.failures, lost.marks) == ({}, {"judge": "the gateway answered 402"}, kept.marks)


# ---- refused and warned ----


@pytest.mark.parametrize(
    ("changed", "model"),
    [
        ({"recipe": replace(LOCAL, model="our-own-model")}, "our-own-model"),
        ({"recipe": replace(LOCAL, embedding_model="our-vectors")}, "our-vectors"),
        ({"judge": "our-judge"}, "our-judge"),
    ],
)
def test_a_model_without_a_price_is_refused_before_anything_is_there(
    tmp_path: Path, upstream: ScriptedUpstream, changed: dict[str, Any], model: str
) -> None:
    with pytest.raises(BadInput, match=f"--budget-usd 5: the price list has no {model}, .* leave --budget-usd out"):
        runner.run(world(), limited(tmp_path / "out", upstream, "5", **changed), Silent())
    assert (list(tmp_path.iterdir()), upstream.asked) == ([], 0)
    options.check(limited(tmp_path / "out", upstream, None, **changed))


@pytest.mark.parametrize("typed", ["0", "-1", "x", "nan", "inf", "", "1e-400", "1e999"])
def test_an_amount_is_above_0(typed: str) -> None:
    with pytest.raises(BadInput, match="give 0.000001 to 1000000000 USD, such as 5.00"):
        options.choose_budget(typed)


def test_an_amount_is_exact() -> None:
    assert options.choose_budget("0.10") == Decimal("0.10")


class Told(Silent):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, sentence: str) -> None:
        self.notes.append(sentence)


@pytest.mark.usefixtures("unjudged")
def test_an_estimate_within_the_budget_is_not_said(tmp_path: Path, upstream: ScriptedUpstream) -> None:
    high = Told()
    runner.run(world(), limited(tmp_path / "high", upstream, "1"), high)
    assert high.notes == []


# ---- the command line ----


@pytest.mark.usefixtures("unjudged")
def test_a_stop_is_one_sentence_after_the_figures_and_exit_code_3(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, upstream: ScriptedUpstream
) -> None:
    monkeypatch.chdir(tmp_path)
    workloads.save(world(), tmp_path / "workload")
    common = ["workload", "--backends", "plain", "--chunk", "none", "--model", MODEL, "--upstream", upstream.url]
    code, told, errors = type_(
        capsys, monkeypatch, "run", *common, "--out", "o", "--json", "f.json", "--budget-usd", "0.00100"
    )
    errors = " ".join(errors.split())
    assert code == 3
    assert "error: budget of 0.00100 USD: stopped after " in errors and errors.endswith("--budget-usd goes on")
    assert "plain" in told and json.loads(Path("f.json").read_text())["backends"]["plain"]["parity"]["questions"] > 0
    code, told, errors = type_(capsys, monkeypatch, "run", *common, "--out", "p", "--budget-usd", "0.00001")
    assert (code, told) == (3, "")
    assert "error: budget of 0.00001 USD: stopped after 0 of 12 questions, 0.00 USD spent" in " ".join(errors.split())
    assert type_(capsys, monkeypatch, "run", *common, "--out", "o")[0] == 0


# ---- at the gateway ----


def test_the_gateways_budget_is_behind_a_bearer_and_is_set_once(gateway: Metered) -> None:
    address = f"{gateway.url}/budget"
    known, nobody = {"authorization": f"Bearer {gateway.token}"}, {"authorization": "Bearer somebody"}
    assert httpx.get(address, headers=nobody).status_code == 401
    assert httpx.put(address, headers=nobody, json={"usd": "9", "spent_usd": "0"}).status_code == 401
    assert httpx.put(address, headers=known, json={"usd": "much", "spent_usd": "0"}).status_code == 400
    assert httpx.put(address, headers=known, json=["9"]).status_code == 400
    assert httpx.put(address, headers=known, json={"usd": "9", "spent_usd": "1.5"}).json()["spent_usd"] == "1.5"
    assert httpx.put(address, headers=known, json={"usd": "99", "spent_usd": "0"}).status_code == 409
    chat = {"model": "local/echo", "messages": [{"role": "user", "content": "hello"}]}
    assert httpx.post(f"{gateway.url}/chat/completions", headers=known, json=chat).status_code == 200
    status = {"spent_usd": "1.5", "unknown": 0, "refused": 0, "refused_in_attempt": 0}
    assert httpx.get(address, headers=known).json() == status


CHAT = {"model": MODEL, "messages": [{"role": "user", "content": "x" * 917}], "max_tokens": 1000}
"""1,000 bytes as JSON."""


def test_the_most_that_a_call_may_cost() -> None:
    # 1,000 bytes at 0.15 and 1,000 tokens at 0.60 per million
    assert most_usd("chat", CHAT) == Decimal("0.00075")
    assert most_usd("chat", {**CHAT, "model": "local/echo"}) == 0
    assert most_usd("chat", {**CHAT, "model": "our-own-model"}) is None
    assert most_usd("embeddings", {"model": EMBEDDER, "input": ["x" * 53]}) == Decimal("0.000002")
    price = prices.lookup(MODEL)
    assert price is not None
    unlimited = {name: value for name, value in CHAT.items() if name != "max_tokens"}
    unnamed = most_usd("chat", unlimited)
    assert unnamed == price.cost(982, 16_384)


def call(usd: str | None) -> Call:
    return Call("c", "q", "t", "a", "chat", MODEL, 200, spent_usd=None if usd is None else Decimal(usd))


def test_a_call_waits_for_those_under_way_and_fits_if_they_leave_enough() -> None:
    async def go() -> list[str]:
        purse, done = Purse(), []
        purse.open({"usd": "0.00100", "spent_usd": "0"})
        first_is_in, first_may_end = asyncio.Event(), asyncio.Event()

        async def first() -> None:
            async with purse.paying("chat", CHAT, "one"):
                first_is_in.set()
                await first_may_end.wait()
                purse.entered(call("0.0001"))
                done.append("first")

        async def second() -> None:
            async with purse.paying("chat", CHAT, "two"):
                purse.entered(call("0.0002"))
                done.append("second")

        async with asyncio.TaskGroup() as group:
            group.create_task(first())
            await first_is_in.wait()
            group.create_task(second())
            await asyncio.sleep(0)
            done.append("nobody yet")  # 0.00075 and 0.00075 would be more than 0.001
            first_may_end.set()
        assert purse.status("")["spent_usd"] == "0.0003"
        # 0.0003 and 0.00075 are more than 0.001; from then on nothing that costs passes, however cheap
        for body in (CHAT, {**CHAT, "max_tokens": 1}):
            with pytest.raises(Denied, match=r"the budget of 0\.00100 USD is used up"):
                async with purse.paying("chat", body, "three"):
                    pass
        async with purse.paying("chat", {**CHAT, "model": "local/echo"}, "four"):
            done.append("free")
        status = purse.status("three")
        assert (status["refused"], status["refused_in_attempt"]) == (2, 2)
        assert purse.status("one")["refused_in_attempt"] == 0
        return done

    assert asyncio.run(go()) == ["nobody yet", "first", "second", "free"]


def test_a_call_whose_cost_nobody_knows_counts_as_the_most_that_it_may_be() -> None:
    async def go() -> dict[str, Any]:
        purse = Purse()
        purse.open({"usd": "1", "spent_usd": "0"})
        async with purse.paying("chat", CHAT, "one"):
            purse.entered(call(None))
        return purse.status("")

    status = asyncio.run(go())
    assert (Decimal(status["spent_usd"]), status["unknown"], status["refused"]) == (Decimal("0.00075"), 1, 0)


def test_what_is_under_way_or_never_heard_is_on_disk_as_the_most_that_it_may_be(tmp_path: Path) -> None:
    file = tmp_path / "warmup" / "holds.jsonl"

    async def go() -> None:
        purse = Purse(file)
        async with purse.paying("chat", CHAT, "one"):
            assert left_open(file) == Decimal("0.00075")  # as a gateway leaves it that is killed now
            purse.entered(call("0.0001"))
        assert left_open(file) == 0
        async with purse.paying("chat", CHAT, "two"):
            purse.entered(call(None))
        async with purse.paying("chat", {**CHAT, "model": "local/echo"}, "three"):
            purse.entered(call("0"))
        purse.close()

    asyncio.run(go())
    assert left_open(file) == spent(Experiment(tmp_path)) == Decimal("0.00075")
    assert left_open(tmp_path / "none") == 0


def test_a_stop_says_what_may_not_be_billed() -> None:
    said = sentence(Decimal("2"), Decimal("1.9"), Decimal("0.5"), 3, 4, 0)
    assert said == (
        "budget of 2 USD: stopped after 3 of 4 questions, 1.90 USD spent (0.50 of it may not be billed: answers lost "
        "on the way); the same command with a higher --budget-usd goes on"
    )


def test_a_try_that_may_be_billed_is_repeated_only_while_there_is_money_for_both(tmp_path: Path) -> None:
    file = tmp_path / "holds.jsonl"

    async def go() -> list[bool]:
        purse = Purse(file)
        purse.open({"usd": "0.0016", "spent_usd": "0"})
        async with purse.paying("chat", CHAT, "one"):
            said = [may_pay_again(), may_pay_again()]  # 0.00075 twice is 0.0015, a third would be more than 0.0016
            purse.entered(call("0.0001"))
        assert Decimal(purse.status("")["spent_usd"]) == Decimal("0.00085")
        purse.close()
        return said

    assert asyncio.run(go()) == [True, False]
    assert left_open(file) == Decimal("0.00075")  # of the first try; the second is in the ledger
    assert may_pay_again()  # of a call that costs nothing


def test_what_cannot_be_written_down_is_not_sent() -> None:
    async def go() -> None:
        purse, sent = Purse(Path("/dev/full")), False
        purse.open({"usd": "0.001", "spent_usd": "0"})
        for _ in range(2):  # nothing stays held for a call that did not go out
            with pytest.raises(OSError, match="No space left"):
                async with purse.paying("chat", CHAT, "one"):
                    sent = True
        assert (sent, purse.status("")["spent_usd"]) == (False, "0")

    asyncio.run(go())


def test_a_killed_gateway_forgets_no_money(tmp_path: Path) -> None:
    reached, may_end = threading.Event(), threading.Event()

    class Slow(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            reached.set()
            may_end.wait()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    to = Upstream(f"http://127.0.0.1:{server.server_address[1]}/v1")
    holds = tmp_path / "holds.jsonl"
    settings = Settings((Account("token-of-the-run", str(tmp_path)),), to, holds=str(holds))
    with GatewayProcess(settings) as gateway:
        headers = {"authorization": "Bearer token-of-the-run"}

        def ask() -> None:
            with contextlib.suppress(httpx.HTTPError):
                httpx.post(f"{gateway.url}/chat/completions", headers=headers, json=CHAT, timeout=60, trust_env=False)

        asker = threading.Thread(target=ask)
        asker.start()
        assert reached.wait(60)
        os.kill(gateway.pid, signal.SIGKILL)
        asker.join()
    may_end.set()
    server.shutdown()
    server.server_close()
    assert not (tmp_path / "calls.jsonl").exists()
    assert left_open(holds) == Decimal("0.00075")
