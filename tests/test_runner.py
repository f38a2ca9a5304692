"""An experiment from first to last question: resumed, grown, interrupted, refused; workers that die and hang."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from conftest import Metered, without_judging

from workbench import comparison, lines, tables
from workbench import workload as workloads
from workbench.errors import BadInput, Infrastructure
from workbench.gateway.process import GatewayProcess
from workbench.records import Answer, Document, Endpoint, Evidence, Failure, Gold, Question, Recipe, Tenant, Workload
from workbench.runs import asking, interrupting, runner, selection
from workbench.runs.crew import Cell, Crew, Share
from workbench.runs.options import Options
from workbench.runs.progress import Silent
from workbench.runs.store import Experiment, Writer
from workbench.runs.workers import Failed
from workbench.workload.identity import workload_of
from workbench.workload.passages import cut

ECHO = Recipe(model="local/echo", chunk_tokens=None, chunk_overlap=0)


PRICES = {"parking permit": 25, "locker key": 40, "gym pass": 55, "shuttle ticket": 70}


def world(questions: int = 6) -> Workload:
    things = list(PRICES)
    documents = tuple(
        Document(f"{tenant}/{number}", tenant, f"A {thing} costs {price + extra} euros a month.")
        for tenant, extra in (("a", 0), ("b", 300))
        for number, (thing, price) in enumerate(PRICES.items())
    )
    asked = [
        Question(f"q{number}", "ab"[number % 2], f"How much does a {things[number % 4]} cost?")
        for number in range(questions)
    ]
    gold = [
        Gold(
            one.id,
            (f"{PRICES[things[number % 4]] + 300 * (number % 2)} euros",),
            (Evidence(f"{one.tenant}/{number % 4}"),),
        )
        for number, one in enumerate(asked)
    ]
    tenants = (Tenant("a", "A"), Tenant("b", "B"))
    return workload_of(name="world", tenants=tenants, documents=documents, questions=asked, gold=gold)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    folder = tmp_path / "workload"
    workloads.save(world(), folder)
    return folder


def options(out: Path, **changed: object) -> Options:
    return replace(Options(out=out, backends=("plain",), recipe=ECHO), **changed)  # type: ignore[arg-type]


def answers(out: Path) -> dict[tuple[int, str], Answer]:
    return Experiment(out).run("plain", "parity").answers()


@pytest.fixture(scope="module")
def asked_two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An experiment with two questions asked, which `begun` copies."""
    out = tmp_path_factory.mktemp("begun") / "out"
    with without_judging():
        first = runner.run(world(), options(out, questions=2), Silent())
    assert (first.asked, first.failed) == (2, 0)
    return out


@pytest.fixture
def begun(asked_two: Path, tmp_path: Path) -> Path:
    """An experiment with two questions asked, to go on with."""
    return shutil.copytree(asked_two, tmp_path / "out")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An experiment with every question asked, four at once; to be read alone."""
    out = tmp_path_factory.mktemp("whole") / "out"
    with without_judging():
        runner.run(world(), options(out, in_flight=4), Silent())
    return out


@pytest.mark.usefixtures("unjudged")
def test_the_same_call_asks_nothing_again_and_a_longer_one_only_the_rest(saved: Path, begun: Path) -> None:
    workload, out = workloads.load(saved), begun
    before = answers(out)
    assert {answer.tenant for answer in before.values()} == {"a", "b"}
    assert runner.run(workload, options(out, questions=2), Silent()).asked == 0
    assert answers(out) == before
    assert runner.run(workload, options(out, questions=5), Silent()).asked == 3
    after = answers(out)
    assert len(after) == 5
    assert {key: after[key] for key in before} == before  # the very same attempts
    assert runner.run(workload, options(out, questions=5, rounds=2), Silent()).asked == 5
    assert {turn for turn, _ in answers(out)} == {1, 2}


@pytest.mark.usefixtures("unjudged")
def test_infrastructure_failures_are_tried_again_and_others_are_not(saved: Path, tmp_path: Path) -> None:
    workload, out = workloads.load(saved), tmp_path / "out"
    runner.run(workload, options(out), Silent())
    run = Experiment(out).run("plain", "parity")
    writer = Writer(run, keep_text=True)
    failures = {
        "q0": [Failure("connection", "x")],
        "q1": [Failure("backend", "x")],
        "q2": [Failure("worker_died", "x")],
        "q3": [Failure("worker_died", "x"), Failure("worker_died", "x")],
        "q4": [Failure("rate_limit", "x")],
    }
    for name, several in failures.items():
        for number, failure in enumerate(several):
            writer.answer(replace(answers(out)[1, name], attempt=f"{name}-{number}", failure=failure), "", {})
    writer.close()
    outcome = runner.run(workload, options(out), Silent())
    assert outcome.asked == 3
    assert {name for (_, name), answer in answers(out).items() if answer.failure} == {"q1", "q3"}
    assert outcome.failed == 2


def test_each_calls_attempt_is_that_of_its_answer(whole: Path) -> None:
    run = Experiment(whole).run("plain", "parity")
    calls: dict[str, list[tuple[str, str, str]]] = {}
    for call in run.calls():
        calls.setdefault(call.attempt, []).append((call.question, call.tenant, call.kind))
    for answer in run.answers().values():
        named = (answer.question, answer.tenant)
        assert sorted(calls[answer.attempt]) == [(*named, "chat"), (*named, "embeddings")]
        assert answer.in_flight == 4


@pytest.mark.usefixtures("unjudged")
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"recipe": replace(ECHO, k=3)}, "recipe k 5, now 3"),
        ({"recipe": replace(ECHO, seed=1)}, "seed 0, now 1"),
        ({"keep_text": False}, "keep_text True, now False"),
    ],
)
def test_a_folder_of_other_settings_is_refused_and_untouched(
    saved: Path, begun: Path, changed: dict[str, object], said: str
) -> None:
    before = contents(begun)
    with pytest.raises(BadInput, match=said):
        runner.run(workloads.load(saved), options(begun, questions=2, **changed), Silent())
    assert contents(begun) == before


@pytest.mark.usefixtures("unjudged")
def test_a_folder_of_another_workload_or_with_other_files_is_refused(saved: Path, begun: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    workloads.save(world(7), other)
    with pytest.raises(BadInput, match="holds an experiment on workload"):
        runner.run(workloads.load(other), options(begun), Silent())
    with pytest.raises(BadInput, match="holds no experiment"):
        runner.run(workloads.load(saved), options(saved), Silent())
    assert workloads.load(saved)  # as it was


def contents(folder: Path) -> dict[str, bytes]:
    """Files of an experiment less what a refused start may add to: the calls before the first question."""
    files = (path for path in folder.rglob("*") if path.is_file() and "warmup" not in path.parts)
    return {str(path): path.read_bytes() for path in files}


@pytest.mark.usefixtures("unjudged")
def test_an_upstream_that_is_not_there_leaves_nothing_that_looks_whole(saved: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    wanted = options(out, upstream="http://127.0.0.1:9/v1", recipe=replace(ECHO, model="some-model"))
    with pytest.raises(Infrastructure, match="--upstream"):
        runner.run(workloads.load(saved), wanted, Silent())
    assert not (out / "experiment.json").exists()
    runner.run(workloads.load(saved), options(out, questions=1), Silent())  # and does not stand in the way


def test_a_prefix_is_even_over_tenants_and_part_of_the_longer_one() -> None:
    asked = [Question(f"q{number}", "abc"[number % 7 % 3], "?") for number in range(70)]
    ordered = selection.order(asked, 3)
    assert sorted(one.id for one in ordered) == sorted(one.id for one in asked)
    for length in (3, 6, 30):
        counts = [sum(one.tenant == tenant for one in ordered[:length]) for tenant in "abc"]
        assert max(counts) - min(counts) <= 1
    assert selection.order(list(reversed(asked)), 3) == ordered
    assert selection.order(asked, 4) != ordered


def test_a_ctrl_c_is_answered_before_what_is_open_is_ended() -> None:
    said: list[str] = []

    class Told(Silent):
        def note(self, sentence: str) -> None:
            said.append(sentence)

    async def work() -> None:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.Event().wait()
        finally:
            said.append("ending")

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
    try:
        with pytest.raises(KeyboardInterrupt):
            interrupting.run(work(), Told())
        assert said == [interrupting.STOPPING, "ending"]
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


COMMAND = [sys.executable, "-m", "workbench.cli", "run"]


def heed() -> None:
    """A shell's background job ignores Ctrl-C, and what it starts would too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def started(saved: Path, out: Path) -> subprocess.Popen[bytes]:
    """The command on enough questions to be interrupted, with an answer on disk when this returns."""
    command = [
        *COMMAND,
        str(saved),
        "--backends",
        "plain",
        "--model",
        "local/echo",
        "--out",
        str(out),
        "--rounds",
        "200",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=heed)
    written = out / "runs" / "plain-parity" / "answers.jsonl"
    while process.poll() is None and not (written.exists() and written.stat().st_size):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.02)  # rather than look without end: it needs the core that looking would take
    return process


def test_killed_at_any_moment_it_leaves_whole_answers_and_no_process(saved: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with started(saved, out) as process:
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGKILL)
    assert len(children) >= 2
    assert not psutil.wait_procs(children, timeout=20)[1]
    kept = answers(out)
    assert kept
    assert all(answer.failure is None for answer in kept.values())
    attempts = {call.attempt for call in Experiment(out).run("plain", "parity").calls()}
    assert {answer.attempt for answer in kept.values()} <= attempts  # the calls of an answer are on disk before it


def test_interrupted_it_says_how_to_go_on(saved: Path, tmp_path: Path) -> None:
    with started(saved, tmp_path / "out") as process:
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    assert process.returncode == 130
    assert interrupting.STOPPING.encode() in said and b"the same command goes on from here" in said
    assert b"Traceback" not in said
    assert not psutil.wait_procs(children, timeout=20)[1]
    experiment = Experiment(tmp_path / "out")
    there, wanted = len(answers(tmp_path / "out")), 200 * len(workloads.load(saved).questions)
    assert comparison.report(experiment)["experiment"]["unfinished"] == {"answered": there, "wanted": wanted}
    first = next(iter(tables.lines(comparison.report(experiment))))
    assert f"unfinished: {there:,} of {wanted:,} answers are there" in first
    experiment.update(wanted={"plain-parity": there})
    assert "unfinished" not in comparison.report(experiment)["experiment"]


def test_two_at_once_do_not_write_into_each_other(saved: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with started(saved, out) as process:
        with pytest.raises(BadInput, match="another workbench is writing there"):
            runner.run(workloads.load(saved), options(out, recipe=Recipe(model="local/echo")), Silent())
        process.send_signal(signal.SIGINT)
        process.communicate()


# ---- workers ----


@pytest.fixture
def crew(gateway: Metered) -> Iterator[tuple[asyncio.Runner, Crew, Cell]]:
    workload = world()
    documents = {tenant: [one for one in workload.documents if one.tenant == tenant] for tenant in "ab"}
    passages = {tenant: cut(found, None, 0) for tenant, found in documents.items()}
    cell = Cell("plain", "parity", Endpoint(gateway.url, gateway.token))
    made = Crew(documents)
    with asyncio.Runner() as loop:
        loop.run(made.start(["plain"], lambda steps: None))
        loop.run(made.index([cell], Share(ECHO, passages), lambda steps: None))
        yield loop, made, cell
        loop.run(made.close())


@pytest.mark.parametrize(
    ("hurt", "kind", "seconds"), [(signal.SIGKILL, "worker_died", 60.0), (signal.SIGSTOP, "worker_hung", 1.0)]
)
def test_a_worker_that_dies_or_hangs_is_replaced_and_its_question_failed(
    crew: tuple[asyncio.Runner, Crew, Cell], hurt: signal.Signals, kind: str, seconds: float
) -> None:
    loop, made, cell = crew
    question = Question("q0", "a", "How much does a locker key cost?")
    hits = loop.run(made.answer(cell, question, "a1", 60.0))["hits"]
    before = made.pids["plain"]
    os.kill(before, hurt)
    with pytest.raises(Failed) as failed:
        loop.run(made.answer(cell, question, "a2", seconds))
    assert failed.value.failure.kind == kind
    assert made.pids["plain"] != before
    assert not psutil.pid_exists(before)
    assert loop.run(made.answer(cell, question, "a3", 60.0))["hits"] == hits


@pytest.mark.usefixtures("unjudged")
def test_a_gateway_that_ends_stops_the_run_with_a_sentence(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = []

    def end_gateway(asks: object, failure: Failure | None, gateway: GatewayProcess) -> None:
        if not ended:
            os.kill(gateway.pid, signal.SIGKILL)
            ended.append(gateway.pid)
        stop(asks, failure, gateway)  # type: ignore[arg-type]

    stop = asking.Asking._stop_when_down
    monkeypatch.setattr(asking.Asking, "_stop_when_down", end_gateway)
    with pytest.raises(Infrastructure, match="the gateway's process ended; run the same command again"):
        runner.run(workloads.load(saved), options(tmp_path / "out", in_flight=2), Silent())
    kept = answers(tmp_path / "out")
    assert any(answer.failure is None for answer in kept.values())
    monkeypatch.undo()


@pytest.mark.usefixtures("unjudged")
def test_after_a_purge_more_can_be_asked_and_judged(saved: Path, begun: Path) -> None:
    out = begun
    Experiment(out).purge()
    assert {gold.answers for gold in Experiment(out).gold().values() if gold} == {("",)}
    runner.run(workloads.load(saved), options(out, questions=3), Silent())
    assert ("25 euros",) in {gold.answers for gold in Experiment(out).gold().values() if gold}


def test_every_retrieved_passage_has_its_text(whole: Path) -> None:
    run = Experiment(whole).run("plain", "parity")
    assert {hit.passage for answer in run.answers().values() for hit in answer.hits} <= run.passage_texts().keys()


@pytest.mark.usefixtures("unjudged")
def test_without_texts_what_they_told_is_kept_at_once(saved: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    runner.run(workloads.load(saved), options(out, keep_text=False), Silent())
    run = Experiment(out).run("plain", "parity")
    assert {answer.attempt for answer in run.answers().values()} == run.judgements().keys()


# ---- judging, once for real ----


def test_answers_are_judged_and_without_texts_just_the_same(saved: Path, tmp_path: Path) -> None:
    workload = workloads.load(saved)
    reading = replace(ECHO, model="local/extractive")
    runner.run(workload, options(tmp_path / "kept", recipe=reading), Silent())
    runner.run(workload, options(tmp_path / "counts", recipe=reading, keep_text=False), Silent())
    by_question = []
    for out in (tmp_path / "kept", tmp_path / "counts"):
        run = Experiment(out).run("plain", "parity")
        judged = run.judgements()
        by_question.append(
            {
                answer.question: {name: value for name, value in judged[answer.attempt].items() if name != "attempt"}
                for answer in run.answers().values()
            }
        )
    assert by_question[0] == by_question[1]
    assert all(item["marks"]["contains"] == 1.0 for item in by_question[0].values()), by_question[0]
    assert all(item["ragas"]["id_context_recall"] == 1.0 for item in by_question[0].values())
    assert all(0 < item["similarity"] <= 1.0001 for item in by_question[0].values())
    texts = [path for path in (tmp_path / "counts").rglob("*") if path.is_file() and "texts" in path.parts]
    assert {path.parent.parent.name for path in texts} == {"counts", "warmup"}  # the questions and our own first words
    assert json.loads((tmp_path / "kept" / "experiment.json").read_text())["machine"]["cores"]
    assert list(lines.read(tmp_path / "kept" / "questions.jsonl"))


@pytest.mark.usefixtures("unjudged")
def test_a_run_by_words_embeds_nothing_goes_on_and_says_how_it_found(tmp_path: Path) -> None:
    words = replace(ECHO, retrieval="bm25")
    out, workload = tmp_path / "out", world(4)
    first = runner.run(workload, options(out, recipe=words, questions=2), Silent())
    assert (first.asked, first.failed) == (2, 0)
    assert runner.run(workload, options(out, recipe=words), Silent()).asked == 2
    assert runner.run(workload, options(out, recipe=words), Silent()).asked == 0
    experiment = Experiment.open(out)
    run = experiment.run("plain", "parity")
    assert {call.kind for call in run.calls()} == {"chat"}
    assert [call.texts for call in experiment.warmup_calls() if call.kind == "embeddings"] == [1] * 3  # their length
    # The words of each question are in one document of its tenant alone: "How much does a gym pass cost?"
    wanted = {one.question: one.evidence[0].document for one in workload.gold.values()}
    assert {answer.question: answer.hits[0].document for answer in run.attempts()} == wanted
    report = comparison.report(experiment)
    assert "whole documents, bm25 retrieval;" in "\n".join(map(str, tables.lines(report)))
    assert report["backends"]["plain"]["parity"]["parts_ms"]["retrieval"] > 0
    with pytest.raises(BadInput, match="recipe retrieval 'bm25', now 'dense'"):
        runner.run(workload, options(out), Silent())
