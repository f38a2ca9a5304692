"""Runs a workload over backends: options in, an experiment folder out. Interrupted, the same call goes on."""

import asyncio
import contextlib
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.errors import BadInput, Infrastructure
from workbench.gateway import recording
from workbench.gateway.process import GatewayProcess
from workbench.gateway.settings import Settings
from workbench.nouns import counted
from workbench.records import Workload
from workbench.runs import interrupting, judging, recordings, resuming
from workbench.runs.budget import holds
from workbench.runs.crew import Crew, Share
from workbench.runs.failures import passing
from workbench.runs.options import Options, check
from workbench.runs.progress import Progress
from workbench.runs.session import Session
from workbench.runs.store import Experiment
from workbench.runs.warmup import Warmup


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended."""

    folder: Path
    asked: int
    """Questions asked of backends in this call; 0 when all was there already."""
    failed: int
    """Answers of the experiment that are failures now."""
    passing: int = 0
    """Of them, those that another try may help."""
    outdated: str = ""
    """A sentence, where a replay came to calls that its recording does not hold; else empty."""
    stopped: str = ""
    """A sentence, where the budget stopped it; else empty."""
    answered: bool = True
    """Whether the experiment holds any answer."""


def run(workload: Workload, options: Options, progress: Progress) -> Outcome:
    """Ask every backend the workload's questions and write down what happened.

    Args:
        workload: loaded and checked.
        options: what to do; `out` is continued where it holds the same experiment.
        progress: told of stages, steps and notes.

    Returns:
        The folder and how many questions were asked and failed.

    Raises:
        BadInput: an option is wrong, or `out` holds something else.
        Infrastructure: upstream, key, gateway, worker or disk; what was answered is kept.
        KeyboardInterrupt: what was answered is kept; the same call goes on.
    """
    check(options)
    if not workload.questions:
        raise BadInput(f"workload {workload.name} has no questions; add questions.jsonl and gold.jsonl")
    experiment = Experiment(options.out)
    tie = recordings.tie(options)
    resuming.refuse_foreign(experiment, workload, options, tie)
    try:
        with experiment.lock():
            resuming.refuse_foreign(experiment, workload, options, tie)
            session = _Session(workload, options, progress, experiment, tie)
            if session.complete() or session.stopped_before():
                return session.outcome()
            return interrupting.run(session.go(), progress)
    except OSError as error:
        raise Infrastructure(f"{options.out}: {error.strerror or error}; what was answered is kept") from error


class _Session(Session):
    """One call of `run`, with a gateway and workers of its own."""

    _outdated, _stopped = "", ""

    def stopped_before(self) -> bool:
        """Whether a budget stopped it that is not higher now: then nothing is begun that could not be ended."""
        self._stopped = self.reckoning.stopped_before()
        return bool(self._stopped)

    def outcome(self) -> Outcome:
        """How it stands now."""
        answers = [answer for run in self.experiment.runs() for answer in run.answers().values()]
        failures = [answer.failure for answer in answers if answer.failure is not None]
        return Outcome(
            self.experiment.folder,
            self.asking.asked,
            failed=len(failures),
            passing=sum(map(passing, failures)),
            outdated=self._outdated,
            stopped=self._stopped,
            answered=bool(answers),
        )

    async def go(self) -> Outcome:
        """Check, prepare, ask, judge."""
        try:
            with GatewayProcess(self._settings()) as gateway:
                self.reckoning.open(gateway, self.bearer, self._progress)
                await self._measured(gateway)
        finally:
            self.reckoning.end()
        return self.outcome()

    async def _measured(self, gateway: GatewayProcess) -> None:
        """Measure, and say of what stopped it whether that was the recording or the budget."""
        try:
            await self._measure(gateway)
        except Infrastructure as error:
            if gateway.alive and (said := self._verdict(gateway, at_least=True)):
                raise recordings.Outdated(said) from error
            if not gateway.alive or not self.reckoning.budget.stopped():
                raise
        else:
            self._outdated = self._verdict(gateway)
        self._stopped = self.reckoning.stopped()

    async def _measure(self, gateway: GatewayProcess) -> None:
        options = self._options
        with contextlib.closing(Warmup(gateway.port, self.bearer)) as warmup:
            dimensions = await asyncio.to_thread(self.preflight, warmup)
            cells = self.cells(gateway.url)
            share = Share(replace(options.recipe, embedding_dimensions=dimensions), self.passages())
            crew = Crew(self.documents, self.leaking.examine)
            try:
                self._progress.stage("starting backends", len(options.backends))
                self.prepare(await crew.start(options.backends, self._progress.advance), cells, share.recipe)
                self.reckoning.begin()
                if self.still_open(cells):
                    await self.index(crew, cells, warmup, share)
                    await self.asking.ask_all(crew, cells, gateway)
            finally:
                self.close()
                await crew.close()
            if not gateway.alive:  # with the last questions; that it has died may be seen only a moment later
                raise Infrastructure("the gateway's process ended; run the same command again to go on")
            await judging.judge([self.unjudged(share.recipe)], gateway.url, options.judge, self._progress)
            runs = [self.run(cell) for cell in cells]
            await asyncio.to_thread(self.leaking.count, runs, self._progress)

    def _verdict(self, gateway: GatewayProcess, *, at_least: bool = False) -> str:
        """What a replay has to say about its recording; empty where that held everything."""
        if self._options.replay is None:
            return ""
        status = gateway.recording(self.bearer)
        if status["asked_again"] and not at_least:
            again = counted(status["asked_again"], "call of local models is", "calls of local models are")
            self._progress.note(f"{again} not in the recording: asked again")
        missing = status["missing"]
        return recordings.verdict(missing, status["first"], at_least=at_least) if missing else ""

    def _settings(self) -> Settings:
        record = self._options.record
        if record:
            self._tie = replace(self._tie, recorded=recording.begin(record))
        return Settings(
            self.accounts(),
            self.upstream(),
            str(record.resolve()) if record else "",
            recordings.replayed(self._options, self._tie),
            str(holds(self.experiment)),
            # Makes the same prompts again; who sees a prompt cannot try values out without it.
            self._workload.hash,
        )
