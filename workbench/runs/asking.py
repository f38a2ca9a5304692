"""Asks every backend the questions that are still open and stores each answer: the middle of a run."""

import asyncio
import contextlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace

from workbench.errors import Infrastructure
from workbench.gateway.process import GatewayProcess
from workbench.records import Answer, Failure, Gold, Hit, Question
from workbench.runs import recordings
from workbench.runs.budget import Budget
from workbench.runs.crew import Cell, Crew
from workbench.runs.failures import MOST_KILLS, passing
from workbench.runs.options import Options
from workbench.runs.progress import Progress
from workbench.runs.store import Experiment, Run, Writer
from workbench.runs.workers import Failed
from workbench.scores.answers import mark
from workbench.scores.judgement import Judgement

MOST_IN_A_ROW = 12
"""Infrastructure failures one after another before a run stops: what is down stays down for the next question too."""


def still_open(
    experiment: Experiment, cells: Sequence[Cell], questions: Sequence[Question], rounds: int
) -> set[tuple[str, int, str]]:
    """(cell, round, question) to be asked: never answered, or failed for reasons that may have passed."""
    turns = range(1, rounds + 1)
    wanted = {(cell.name, turn, one.id) for cell in cells for turn in turns for one in questions}
    for cell in cells:
        run = _run(experiment, cell)
        kills = run.kills()
        for (turn, name), answer in run.answers().items():
            failure = answer.failure
            again = failure is not None and (passing(failure) or recordings.is_outdated(failure))
            if not again or kills.get(name, 0) >= MOST_KILLS:
                wanted.discard((cell.name, turn, name))
    return wanted


class Asking:
    """One call's asking, with what it has answered so far."""

    def __init__(
        self,
        experiment: Experiment,
        options: Options,
        questions: Sequence[Question],
        gold: Mapping[str, Gold],
        writers: Mapping[str, Writer],
        bearer: str,
        progress: Progress,
        budget: Budget,
    ) -> None:
        """Take what stays the same over all questions.

        Args:
            experiment: begun.
            options: of the run.
            questions: in the order in which they are asked.
            gold: by question id.
            writers: by cell; this adds answers and closes nothing.
            bearer: one that the gateway knows.
            progress: told of each answer.
            budget: opened by the time that anything is asked.
        """
        self._experiment, self._options, self._questions, self._gold = experiment, options, questions, gold
        self._writers, self._bearer, self._progress = writers, bearer, progress
        self._still: set[tuple[str, int, str]] = set()
        self._budget, self._stopped = budget, False
        self._in_a_row = 0
        self.warm = False
        """Whether every cell has had its first call, which is not scored."""
        self.asked = 0
        self.held: dict[str, dict[str, str]] = {}
        """By cell and attempt, texts of answers that are not kept on disk."""

    @property
    def stopped(self) -> bool:
        """Whether the budget was used up."""
        return self._stopped

    async def ask_all(
        self, crew: Crew, cells: list[Cell], gateway: GatewayProcess, among: Sequence[Question] | None = None
    ) -> None:
        """Ask, the backends' order rotated question by question, so that none is always first.

        It ends early where the budget is used up: a question that would pass it is not written down, and stays open.

        Args:
            crew: with the cells indexed.
            cells: to ask.
            gateway: that they talk to.
            among: some of the questions; None: all.

        Raises:
            Infrastructure: what was asked is down; what was answered is kept.
        """
        questions = self._questions if among is None else among
        self._still = still_open(self._experiment, cells, questions, self._options.rounds)
        suspects = {key for cell in cells for key in self._suspects(cell)}
        if not self.warm:
            await self._first_calls(crew, cells)
            self.warm = True
        self._progress.stage("asking", len(self._still))
        for turn in range(1, self._options.rounds + 1):
            turns = [
                (question, cells[(place + turn) % len(cells) :] + cells[: (place + turn) % len(cells)])
                for place, question in enumerate(questions)
            ]
            # A question that may have ended a worker is asked alone: only then is it known whether it was the one.
            alone = [item for item in turns if item[0].id in suspects] if self._options.in_flight > 1 else []
            together = [item for item in turns if item not in alone]
            for batch, in_flight in ((alone, 1), (together, self._options.in_flight)):
                await self._ask_batch(crew, gateway, turn, batch, in_flight)

    def _suspects(self, cell: Cell) -> set[str]:
        return {
            answer.question
            for answer in _run(self._experiment, cell).answers().values()
            if answer.failure and answer.failure.kind in ("worker_died", "worker_hung")
        }

    async def _first_calls(self, crew: Crew, cells: list[Cell]) -> None:
        """One call a cell that is not scored: what a framework loads at its first question is no question's latency."""
        self._progress.stage("first calls", len(cells))
        for cell in cells:
            with contextlib.suppress(Failed):  # if it fails again, a question's record will say so
                reply = await crew.answer(cell, self._questions[0], "first-call", self._options.deadline_seconds)
                self._writers[cell.name].passages(reply["passages"])
            self._progress.advance()

    async def _ask_batch(
        self,
        crew: Crew,
        gateway: GatewayProcess,
        turn: int,
        batch: list[tuple[Question, list[Cell]]],
        in_flight: int,
    ) -> None:
        waiting = iter(batch)

        async def ask_next() -> None:
            for question, order in waiting:  # one iterator for all askers: each takes the next question
                for position, cell in enumerate(order):
                    if not self._stopped and (cell.name, turn, question.id) in self._still:
                        await self._ask(crew, gateway, cell, question, turn, position, in_flight)

        try:
            async with asyncio.TaskGroup() as askers:
                for _ in range(min(in_flight, len(batch))):
                    askers.create_task(ask_next())
        except BaseExceptionGroup as group:
            raise _first(group) from group

    async def _ask(
        self,
        crew: Crew,
        gateway: GatewayProcess,
        cell: Cell,
        question: Question,
        turn: int,
        position: int,
        in_flight: int,
    ) -> None:
        attempt = f"{turn}-{uuid.uuid4().hex}"  # the round travels with the attempt: a recording keeps calls by it
        known = Answer(question.id, question.tenant, turn, attempt, in_flight=in_flight, position=position)
        text, passages = "", {}
        try:
            reply = await crew.answer(cell, question, attempt, self._options.deadline_seconds)
        except Failed as failed:
            answer = replace(known, failure=failed.failure)
        else:
            text, passages = reply["text"], reply["passages"]
            answer = replace(
                known,
                hits=tuple(Hit(*hit) for hit in reply["hits"]),
                used=reply["used"],
                wall_seconds=reply["wall_seconds"],
                cpu_seconds=reply["cpu_seconds"],
                retrieval_seconds=reply["retrieval_seconds"],
            )
        if self._budget.stopped(attempt):  # whatever the framework made of the call that it was refused
            self._stopped = True
            return
        if missing := self._missing(gateway, attempt):
            # Whatever the framework made of it, an error of its own or an answer without that call.
            text, answer = "", replace(known, failure=recordings.outdated_answer(missing))
        if answer.failure is None and not self._options.keep_text:
            # What the text alone tells is kept now: after an interruption it could never be told again.
            self.held.setdefault(cell.name, {})[attempt] = text
            marks = mark(text, self._gold.get(question.id))
            self._writers[cell.name].judgement(Judgement(attempt, marks).to_dict())
        self._writers[cell.name].answer(answer, text, passages)
        self.asked += 1
        self._progress.advance()
        self._stop_when_down(answer.failure, gateway)

    def _missing(self, gateway: GatewayProcess, attempt: str) -> int:
        """Calls of an attempt that a replayed recording does not hold."""
        if self._options.replay is None:
            return 0
        return int(gateway.recording(self._bearer, attempt)["missing_in_attempt"])

    def _stop_when_down(self, failure: Failure | None, gateway: GatewayProcess) -> None:
        if failure is None or not passing(failure) or recordings.is_outdated(failure):
            self._in_a_row = 0
            return
        self._in_a_row += 1
        if not gateway.alive:
            raise Infrastructure("the gateway's process ended; run the same command again to go on")
        if self._in_a_row >= MOST_IN_A_ROW:
            raise Infrastructure(
                f"{self._in_a_row} failures in a row, the last: {failure.message}; run the same command again to go on"
            )


def _run(experiment: Experiment, cell: Cell) -> Run:
    return experiment.run(cell.backend, cell.track)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first exception of a group that is none itself: what stopped one asker stops the run."""
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner
