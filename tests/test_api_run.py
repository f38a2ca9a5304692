"""`wb.run` in an event loop that runs already: it ends, is interrupted and goes on, and an estimate is kept to."""

import asyncio
import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

import workbench as wb
from workbench.errors import Stopped
from workbench.records import Document, Evidence, Gold, Question, Tenant
from workbench.runs import interrupting
from workbench.runs.progress import Silent
from workbench.workload.identity import workload_of

QUESTIONS = 6

pytestmark = pytest.mark.usefixtures("unjudged")


def world() -> Any:
    return workload_of(
        name="small",
        tenants=[Tenant("t", "T")],
        documents=[Document(f"d{n}", "t", f"The lamp of room {n} has {n + 20} watts.") for n in range(QUESTIONS)],
        questions=[Question(f"q{n}", "t", f"How many watts has the lamp of room {n}?") for n in range(QUESTIONS)],
        gold=[Gold(f"q{n}", (f"{n + 20}",), (Evidence(f"d{n}"),)) for n in range(QUESTIONS)],
    )


class Watched(Silent):
    """Interrupts, as Ctrl-C does, when so many steps of a stage are done."""

    def __init__(self, stage: str = "", steps: int = 0) -> None:
        self.notes: list[str] = []
        self._wanted, self._steps, self._done = stage, steps, -1

    def stage(self, label: str, total: int) -> None:
        self._done = 0 if label == self._wanted else -1

    def advance(self, steps: int = 1) -> None:
        if self._done >= 0:
            self._done += steps
            if self._done == self._steps:
                os.kill(os.getpid(), signal.SIGINT)

    def note(self, sentence: str) -> None:
        self.notes.append(sentence)


def in_a_loop(out: Path, progress: Silent) -> wb.Experiment:
    async def cell() -> wb.Experiment:
        return wb.run(world(), ("plain",), out=out, progress=progress)

    return asyncio.run(cell())


def test_interrupted_in_a_running_loop_it_keeps_what_is_done_and_goes_on(tmp_path: Path) -> None:
    watched = Watched("asking", 2)
    with pytest.raises(Stopped, match="run it again, and it goes on from what .*out holds"):
        in_a_loop(tmp_path / "out", watched)
    assert watched.notes == [interrupting.STOPPING]
    assert not [thread for thread in threading.enumerate() if thread.name == "workbench"]
    kept = wb.open(tmp_path / "out").answers
    assert 2 <= len(kept) < QUESTIONS
    done = in_a_loop(tmp_path / "out", Watched())
    assert done.outcome is not None and done.outcome.asked == QUESTIONS - len(kept)
    assert sorted(done.answers.question) == [f"q{n}" for n in range(QUESTIONS)]
    again = in_a_loop(tmp_path / "out", Watched())
    assert again.outcome is not None and again.outcome.asked == 0
    # Left is what the fixture leaves out, to judge; before that one call sees that the model is there.
    assert wb.estimate(world(), ("plain",), out=tmp_path / "out").calls == 1


def test_work_beside_a_loop_gives_back_what_it_gives_or_raises() -> None:
    async def well() -> int:
        return 7

    async def badly() -> int:
        raise wb.BadInput("no such thing")

    async def cell() -> None:
        assert interrupting.run(well(), Silent()) == 7
        with pytest.raises(wb.BadInput, match="no such thing"):
            interrupting.run(badly(), Silent())
        assert asyncio.get_running_loop().is_running()

    asyncio.run(cell())


def test_a_second_ctrl_c_waits_no_longer() -> None:
    leave = threading.Event()

    class Impatient(Silent):
        def note(self, sentence: str) -> None:
            os.kill(os.getpid(), signal.SIGINT)

    async def stubborn() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.to_thread(leave.wait)

    async def cell() -> None:
        interrupting.run(stubborn(), Impatient())

    try:
        with pytest.raises(KeyboardInterrupt):
            asyncio.run(cell())
    finally:
        leave.set()  # or Python would wait for that thread at its end


def test_a_ctrl_c_that_comes_as_soon_as_the_work_begins_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = threading.Thread.start

    def start(thread: threading.Thread) -> None:
        begun(thread)
        if thread.name == "workbench":
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(threading.Thread, "start", start)

    async def cell() -> None:
        interrupting.run(asyncio.sleep(3600), Silent())

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(cell())


def test_the_folder_depends_on_workload_and_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.runs import wishes

    monkeypatch.chdir(tmp_path)
    one, same = (wishes.placed(world(), wishes.options("plain")).out for _ in range(2))
    other = wishes.placed(world(), wishes.options("plain", k=3)).out
    assert one == same != other and one.parent == Path("runs") and one.name.startswith("small-")
    assert wishes.options("plain", chunk_tokens=100).recipe.chunk_overlap == 20
    assert wishes.options("plain", chunk_tokens=None, overlap_tokens=7).recipe.chunk_overlap == 0
    with pytest.raises(wb.BadInput, match="less than the 100 tokens"):
        wishes.options("plain", chunk_tokens=100, overlap_tokens=100)


def test_an_estimate_has_calls_by_backend_and_nothing_is_written(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    found = wb.estimate(world(), ("plain", "haystack"), rounds=2)
    # each question in each round, a first one a cell, one to see that the model is there
    assert found.calls == 2 * (2 * QUESTIONS + 1) + 1
    assert list(found.df.backend) == ["plain", "haystack", "shared"] and found.df.calls.sum() == found.calls
    assert found.usd == 0 and found.seconds > 0 and list(tmp_path.iterdir()) == []


def test_a_subset_keeps_every_document() -> None:
    from workbench.api.workloads import shown

    whole = shown(world())
    part = whole.subset(questions=2)
    assert (len(part.questions), len(part.documents), len(part.df)) == (2, QUESTIONS, 2)
    assert set(part.gold) == {one.id for one in part.questions} and part.hash != whole.hash
    with pytest.raises(wb.BadInput, match="^questions 0"):
        whole.subset(questions=0)
