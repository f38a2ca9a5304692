"""Experiments recorded and replayed: equal but for times, free of upstream and cost, and outdated is not broken."""

import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import without_judging
from scripted_upstream import EMBEDDER, MODEL, ScriptedUpstream

from workbench import cli
from workbench import workload as workloads
from workbench.errors import BadInput, Infrastructure
from workbench.gateway import recording
from workbench.gateway.process import GatewayProcess
from workbench.records import Call, Document, Failure, Gold, Question, Recipe, Tenant, Workload
from workbench.runs import asking, runner
from workbench.runs.options import Options
from workbench.runs.progress import Silent
from workbench.runs.store import Experiment
from workbench.workload.identity import workload_of

REMOTE = Recipe(model=MODEL, embedding_model=EMBEDDER, chunk_tokens=None, chunk_overlap=0)
ECHO = Recipe(model="local/echo", chunk_tokens=None, chunk_overlap=0)


def world(questions: int = 3) -> Workload:
    things = ("parking permit", "locker key", "gym pass", "shuttle ticket")
    documents = tuple(
        Document(f"{tenant}/{number}", tenant, f"A {thing} costs {number + 2} euros in {tenant}.")
        for tenant in "ab"
        for number, thing in enumerate(things)
    )
    asked = [
        Question(f"q{number}", "ab"[number % 2], f"How much is a {things[number % 4]}?") for number in range(questions)
    ]
    gold = [Gold(one.id, (f"{number % 4 + 2} euros",)) for number, one in enumerate(asked)]
    return workload_of(
        name="world", tenants=(Tenant("a", "A"), Tenant("b", "B")), documents=documents, questions=asked, gold=gold
    )


@pytest.fixture
def upstream() -> Iterator[ScriptedUpstream]:
    server = ScriptedUpstream()
    yield server
    server.end()


def options(out: Path, **changed: object) -> Options:
    return replace(Options(out=out, backends=("plain",), recipe=REMOTE), **changed)  # type: ignore[arg-type]


def recorded(out: Path, upstream: ScriptedUpstream, file: Path, **changed: object) -> Options:
    return options(out, upstream=upstream.url, upstream_key="sk-a-key-to-pay-with-0", record=file, **changed)


Key = tuple[str, int, str]


def settled(out: Path) -> dict[Key, Any]:
    """All but times of an experiment: by cell, round and question the answer, and what its calls were charged."""
    found: dict[Key, Any] = {}
    for run in Experiment(out).runs():
        texts = {item["attempt"]: item["text"] for item in run.answer_texts()}
        for (turn, question), answer in run.answers().items():
            figures = [
                (call.kind, call.status, call.input_tokens, call.cached_tokens, call.output_tokens,
                 call.reasoning_tokens, call.usd, call.prompt_sha256, call.cache_hits, call.finish)
                for call in calls_of(out, run.cell, answer.attempt)
            ]  # fmt: skip
            found[run.cell, turn, question] = (texts[answer.attempt], answer.hits, answer.used, answer.failure, figures)
    return found


def calls_of(out: Path, cell: str, attempt: str) -> list[Call]:
    (run,) = (run for run in Experiment(out).runs() if run.cell == cell)
    return [call for call in run.calls() if call.attempt == attempt]


def charged(out: Path) -> dict[Key, list[float]]:
    """Charged seconds of the calls of each answer."""
    return {
        (run.cell, turn, question): [call.seconds for call in calls_of(out, run.cell, answer.attempt)]
        for run in Experiment(out).runs()
        for (turn, question), answer in run.answers().items()
    }


def spent(out: Path) -> set[Decimal | None]:
    calls = [call for run in Experiment(out).runs() for call in (*run.calls(), *run.judge_calls())]
    return {call.spent_usd for call in (*calls, *Experiment(out).warmup_calls())}


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of four questions, made once; its upstream is dead."""
    folder, server = tmp_path_factory.mktemp("made"), ScriptedUpstream()
    with without_judging():
        assert runner.run(world(4), recorded(folder / "out", server, folder / "kept.jsonl"), Silent()).failed == 0
    server.end()
    return folder / "kept.jsonl"


@pytest.fixture
def kept(made_once: Path, tmp_path: Path) -> Path:
    """The test's own copy of `made_once`."""
    return Path(shutil.copy(made_once, tmp_path / "kept.jsonl"))


# ---- equal but for times ----


@pytest.mark.usefixtures("unjudged")
def test_two_replays_are_the_recorded_run_over_again_with_nothing_sent_or_spent(
    tmp_path: Path, upstream: ScriptedUpstream
) -> None:
    file, workload = tmp_path / "kept.jsonl", world()
    first = runner.run(workload, recorded(tmp_path / "asked", upstream, file, rounds=2), Silent())
    assert (first.asked, first.failed, first.outdated) == (6, 0, "")
    before = file.read_bytes()
    upstream.end()
    for name in ("one", "two"):
        again = runner.run(workload, options(tmp_path / name, replay=file, rounds=2), Silent())
        assert (again.asked, again.failed, again.outdated) == (6, 0, "")
    asked, one, two = (settled(tmp_path / name) for name in ("asked", "one", "two"))
    assert one == two == asked
    # the upstream never says the same twice, so that each answer is that of its own question and round
    assert len({text for text, *_ in asked.values()}) == 6
    assert charged(tmp_path / "one") == charged(tmp_path / "two") == charged(tmp_path / "asked")
    assert all(len(seconds) == 2 and min(seconds) > 0 for seconds in charged(tmp_path / "one").values())
    assert spent(tmp_path / "one") == {Decimal(0)}
    assert sum(filter(None, spent(tmp_path / "asked"))) > 0
    bills = [sum(call.usd or 0 for call in Experiment(tmp_path / name).warmup_calls()) for name in ("asked", "one")]
    assert bills[0] == bills[1] > 0
    assert file.read_bytes() == before


@pytest.mark.bench
def test_backends_on_both_tracks_are_replayed_with_the_upstream_dead(
    tmp_path: Path, upstream: ScriptedUpstream, unjudged: None
) -> None:
    file, workload = tmp_path / "kept.jsonl", world(2)
    # as DSPy's native prompt wants it; to the others it is a text
    upstream.says = "[[ ## reasoning ## ]]\nso\n\n[[ ## response ## ]]\nanswer {number}\n\n[[ ## completed ## ]]"
    # `make bench-replay` replays all six; DSPy's clients are the ones that are nobody else's
    wide: dict[str, Any] = {"backends": ("plain", "dspy"), "tracks": ("parity", "native")}
    assert runner.run(workload, recorded(tmp_path / "asked", upstream, file, **wide), Silent()).failed == 0
    upstream.end()
    again = runner.run(workload, options(tmp_path / "again", replay=file, **wide), Silent())
    assert (again.asked, again.failed, again.outdated) == (8, 0, "")
    asked, after = settled(tmp_path / "asked"), settled(tmp_path / "again")
    assert after == asked
    # byte-equal prompts of two backends, and each has the answer that it was given
    parity = {key: value for key, value in asked.items() if key[0].endswith("-parity")}
    assert len(parity) == 4 and len({text for text, *_ in parity.values()}) == 4
    assert charged(tmp_path / "again") == charged(tmp_path / "asked")
    assert spent(tmp_path / "again") == {Decimal(0)}


@pytest.mark.bench
def test_a_judge_is_recorded_and_replayed_too(tmp_path: Path, upstream: ScriptedUpstream) -> None:
    file, workload = tmp_path / "kept.jsonl", world(2)
    runner.run(workload, recorded(tmp_path / "asked", upstream, file, judge=MODEL), Silent())
    upstream.end()
    again = runner.run(workload, options(tmp_path / "again", replay=file, judge=MODEL), Silent())
    assert again.outdated == ""
    found = []
    for name in ("asked", "again"):
        run = Experiment(tmp_path / name).run("plain", "parity")
        judged = {answer.question: run.judgements()[answer.attempt] for answer in run.answers().values()}
        calls = sorted((call.kind, call.question, call.input_tokens, str(call.usd)) for call in run.judge_calls())
        found.append(([{**item, "attempt": ""} for _, item in sorted(judged.items())], calls))
    assert found[0] == found[1]
    assert {kind for kind, *_ in found[0][1]} == {"chat", "embeddings"}


def test_a_run_of_embedded_models_is_recorded_without_an_upstream(tmp_path: Path, unjudged: None) -> None:
    file, workload = tmp_path / "kept.jsonl", world()
    runner.run(workload, options(tmp_path / "asked", recipe=ECHO, record=file), Silent())
    again = runner.run(workload, options(tmp_path / "again", recipe=ECHO, replay=file, keep_text=False), Silent())
    assert (again.failed, again.outdated) == (0, "")
    assert charged(tmp_path / "again") == charged(tmp_path / "asked")
    texts = [path for path in (tmp_path / "again" / "runs").rglob("*") if "texts" in path.parts]
    assert texts == []


class Told(Silent):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


def test_local_models_are_asked_again_where_the_recording_has_no_answer(tmp_path: Path, unjudged: None) -> None:
    file, workload, told = tmp_path / "kept.jsonl", world(), Told()
    runner.run(workload, options(tmp_path / "asked", recipe=ECHO, record=file, questions=2), Silent())
    again = runner.run(workload, options(tmp_path / "again", recipe=replace(ECHO, k=3), replay=file), told)
    assert (again.asked, again.failed, again.outdated) == (3, 0, "")
    # 3 new prompts and that of the first call; the third question's embedding before it was asked
    assert told.notes == ["5 calls of local models are not in the recording: asked again"]


# ---- outdated ----


@pytest.mark.usefixtures("unjudged")
def test_an_outdated_recording_fails_what_it_lacks_alone_and_is_mended_by_going_on_with_it(
    tmp_path: Path, upstream: ScriptedUpstream
) -> None:
    file, workload, again = (
        tmp_path / "kept.jsonl",
        world(4),
        options(tmp_path / "again", replay=tmp_path / "kept.jsonl"),
    )
    runner.run(workload, recorded(tmp_path / "asked", upstream, file, questions=2), Silent())
    outcome = runner.run(workload, again, Silent())
    assert (outcome.asked, outcome.failed) == (4, 2)
    # an unrecorded question misses its embedding, and stops there
    assert outcome.outdated.startswith("recording outdated, 2 calls (first: embedding of text-embedding-3-small for ")
    assert outcome.outdated.endswith("): record again")
    run = Experiment(tmp_path / "again").run("plain", "parity")
    failures = {question: answer.failure for (_, question), answer in run.answers().items()}
    assert sorted(failure.kind for failure in failures.values() if failure) == ["recording_outdated"] * 2
    kept = {question for question, failure in failures.items() if failure is None}

    assert runner.run(workload, again, Silent()).asked == 2  # tried again, and still outdated
    runner.run(workload, recorded(tmp_path / "more", upstream, file), Silent())
    before = {question: answer for (_, question), answer in run.answers().items() if question in kept}
    mended = runner.run(workload, again, Silent())
    assert (mended.asked, mended.failed, mended.outdated) == (2, 0, "")
    assert {question: answer for (_, question), answer in run.answers().items() if question in kept} == before
    about = Experiment(tmp_path / "again").about()["replayed"]
    assert about["sha256"] == recording.examine(file).sha256
    assert runner.run(workload, again, Silent()).asked == 0


@pytest.mark.usefixtures("unjudged")
def test_more_outdated_answers_than_a_broken_machine_would_be_given_do_not_stop_a_replay(
    tmp_path: Path, upstream: ScriptedUpstream
) -> None:
    file, workload = tmp_path / "kept.jsonl", world(asking.MOST_IN_A_ROW + 3)
    local = replace(REMOTE, embedding_model="local/minilm")
    runner.run(workload, recorded(tmp_path / "asked", upstream, file, questions=1, recipe=local), Silent())
    outcome = runner.run(workload, options(tmp_path / "again", replay=file, recipe=replace(local, k=2)), Silent())
    assert (outcome.asked, outcome.failed) == (15, 15)


@pytest.mark.usefixtures("unjudged")
@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        (replace(REMOTE, model="gpt-4o"), "at least 1 call (first: chat of gpt-4o for warmup): record again"),
        (replace(REMOTE, chunk_tokens=4), "(first: embedding of text-embedding-3-small for warmup tenant"),
    ],
)
def test_what_stops_before_the_first_question_is_outdated_too(
    tmp_path: Path, kept: Path, recipe: Recipe, said: str
) -> None:
    with pytest.raises(Infrastructure) as stopped:
        runner.run(world(), options(tmp_path / "again", replay=kept, recipe=recipe), Silent())
    assert str(stopped.value).startswith("recording outdated, at least ") and said in str(stopped.value)


# ---- whose recording it is ----


@pytest.mark.usefixtures("unjudged")
def test_replaying_is_another_run_than_asking_and_a_changed_recording_another_replay(
    tmp_path: Path, upstream: ScriptedUpstream
) -> None:
    file, workload = tmp_path / "kept.jsonl", world(1)
    asked, again = recorded(tmp_path / "asked", upstream, file), options(tmp_path / "again", replay=file)
    runner.run(workload, asked, Silent())
    runner.run(workload, again, Silent())
    state = recording.examine(file)
    identities = [Experiment(tmp_path / name).run("plain", "parity").identity() for name in ("asked", "again")]
    assert [identity.recording for identity in identities] == ["", state.id]
    about = Experiment(tmp_path / "again").about()["replayed"]
    assert (about["sha256"], about["calls"], about["file"]) == (state.sha256, state.calls, "kept.jsonl")
    assert Experiment(tmp_path / "asked").about()["recorded"] == state.id

    raw, other = file.read_bytes(), tmp_path / "other.jsonl"
    recording.begin(other)
    plainly = options(tmp_path / "plainly", upstream=upstream.url)
    runner.run(workload, plainly, Silent())
    for said, wanted in (
        ("was recorded into another file", replace(asked, record=other)),
        ("was started with --record", replace(asked, record=None)),
        ("was started with --record", replace(again, out=asked.out)),
        ("was started without --record", replace(asked, out=plainly.out)),
        ("was started without it", replace(again, out=plainly.out)),
        ("is not the recording that", replace(again, replay=other)),
        ("replays a recording", replace(plainly, out=again.out)),
    ):
        with pytest.raises(BadInput, match=said):
            runner.run(workload, wanted, Silent())
    file.write_bytes(raw.replace(b"answer 1", b"answer 9"))
    with pytest.raises(BadInput, match="is not the recording that"):
        runner.run(workload, again, Silent())


# ---- deaths ----


@pytest.mark.usefixtures("unjudged")
def test_a_gateway_killed_while_recording_is_gone_on_with_and_replayed_whole(
    tmp_path: Path, upstream: ScriptedUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, workload, killed = tmp_path / "kept.jsonl", world(4), []
    wanted = recorded(tmp_path / "asked", upstream, file)

    def kill(asks: object, failure: Failure | None, gateway: GatewayProcess) -> None:
        killed.append(gateway.pid)
        if len(killed) == 2:
            os.kill(gateway.pid, signal.SIGKILL)
        stop(asks, failure, gateway)  # type: ignore[arg-type]

    stop = asking.Asking._stop_when_down
    monkeypatch.setattr(asking.Asking, "_stop_when_down", kill)
    with pytest.raises(Infrastructure, match="the gateway's process ended"):
        runner.run(workload, wanted, Silent())
    monkeypatch.setattr(asking.Asking, "_stop_when_down", stop)
    with file.open("ab") as torn:
        torn.write(b'{"address":"0123')
    gone_on = runner.run(workload, wanted, Silent())
    assert gone_on.failed == 0 and gone_on.asked == 2
    upstream.end()
    again = runner.run(workload, options(tmp_path / "again", replay=file), Silent())
    assert (again.asked, again.failed, again.outdated) == (4, 0, "")
    assert [text for text, *_ in settled(tmp_path / "again").values()] == [
        text for text, *_ in settled(tmp_path / "asked").values()
    ]


@pytest.mark.usefixtures("unjudged")
def test_a_gateway_killed_in_a_replay_is_gone_on_with_and_the_end_is_the_same(
    tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workload, killed, again = world(4), [], options(tmp_path / "again", replay=kept)

    def kill(asks: object, failure: Failure | None, gateway: GatewayProcess) -> None:
        killed.append(gateway.pid)
        if len(killed) == 2:
            os.kill(gateway.pid, signal.SIGKILL)
        stop(asks, failure, gateway)  # type: ignore[arg-type]

    stop = asking.Asking._stop_when_down
    monkeypatch.setattr(asking.Asking, "_stop_when_down", kill)
    with pytest.raises(Infrastructure, match="the gateway's process ended"):
        runner.run(workload, again, Silent())
    monkeypatch.setattr(asking.Asking, "_stop_when_down", stop)
    assert runner.run(workload, again, Silent()).failed == 0
    runner.run(workload, options(tmp_path / "undisturbed", replay=kept), Silent())
    assert settled(tmp_path / "again") == settled(tmp_path / "undisturbed")
    assert charged(tmp_path / "again") == charged(tmp_path / "undisturbed")


@pytest.mark.usefixtures("unjudged")
def test_what_infrastructure_failed_while_recording_is_not_what_is_replayed(
    tmp_path: Path, upstream: ScriptedUpstream
) -> None:
    file, workload = tmp_path / "kept.jsonl", world(2)
    wanted = recorded(tmp_path / "asked", upstream, file, recipe=replace(ECHO, model=MODEL))
    upstream.statuses = [200, 200, 200, 400]  # after the first words, the first call and a question, the other fails
    assert runner.run(workload, wanted, Silent()).failed == 1
    again = runner.run(workload, options(tmp_path / "again", replay=file, recipe=wanted.recipe), Silent())
    assert again.failed == 1
    assert again.outdated.startswith("recording outdated, 1 call (first: chat of gpt-4o-mini for plain-parity tenant ")


# ---- the command line ----


def type_(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[int, str]:
    monkeypatch.setattr(sys, "argv", ["workbench", "run", *words])
    try:
        cli.main()
        code = 0
    except SystemExit as left:
        code = int(left.code or 0)
    return code, " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--record", "F", "--replay", "F"], "is recorded already; leave one of them out"),
        (["--replay", "F", "--upstream", "http://127.0.0.1:9/v1", "--model", "m"], "--replay F: asks no --upstream"),
        (["--real-time"], "--real-time: waits as long as a recording says; give it as --replay FILE"),
        (["--record", "F", "--no-text"], "--record F: keeps the models' answers, which --no-text forbids"),
        (["--record", "."], "--record .: is a folder"),
        (["--replay", "F"], "--replay F: No such file"),
        (["--replay", "."], "--replay .: Is a directory"),
        (["--replay", "F", "--model", "gpt-x"], "--replay F: No such file"),
    ],
)
def test_what_is_typed_wrong_is_told_in_a_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: list[str], said: str
) -> None:
    workloads.save(world(1), tmp_path / "workload")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    code, told = type_(capsys, monkeypatch, str(tmp_path / "workload"), *words)
    assert (code, said in told) == (2, True), told
    assert list(Path().iterdir()) == []


@pytest.mark.usefixtures("unjudged")
def test_an_outdated_recording_is_one_sentence_and_exit_code_3(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, upstream: ScriptedUpstream
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WORKBENCH_UPSTREAM_KEY", "sk-a-key-to-pay-with-0")
    workloads.save(world(2), tmp_path / "workload")
    common = ["workload", "--backends", "plain", "--chunk", "none", "--model", MODEL]
    assert type_(capsys, monkeypatch, *common, "--upstream", upstream.url, "--record", "kept.jsonl")[0] == 0
    monkeypatch.delenv("WORKBENCH_UPSTREAM_KEY")
    upstream.end()
    code, told = type_(capsys, monkeypatch, *common, "--replay", "kept.jsonl", "--json", "same.json")
    assert (code, "error" in told) == (0, False)
    code, told = type_(capsys, monkeypatch, *common, "--replay", "kept.jsonl", "--k", "2", "--json", "other.json")
    assert code == 3
    assert told.endswith("): record again") and "error: recording outdated, 2 calls (first: chat of" in told
    assert "infrastructure" not in told
    assert json.loads(Path("other.json").read_text())  # what there is to say is said all the same
    assert "sk-a-key-to-pay-with-0" not in Path("kept.jsonl").read_text()
