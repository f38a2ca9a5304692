"""Candidates and questions come in, their answers go to disk: one gateway and one worker measure all candidates.

What is done once: a chunking is cut and embedded once by each model, a question is embedded once, the framework is
imported once. What is charged is not shared: every call of every candidate costs what it costs cold. Candidates take
turns, a few questions each, so that what slows the machine slows them all.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from workbench.errors import Infrastructure
from workbench.gateway.process import GatewayProcess
from workbench.gateway.purse import left_open
from workbench.gateway.settings import Settings, Upstream
from workbench.prices import LOCAL
from workbench.records import Passage, Question, Recipe, Workload
from workbench.runs import accounts, judging, recordings, resuming
from workbench.runs.asking import still_open
from workbench.runs.budget import Budget
from workbench.runs.crew import Cell, Crew, Share
from workbench.runs.options import Options
from workbench.runs.progress import Progress
from workbench.runs.session import Session
from workbench.runs.store import Experiment, Run
from workbench.runs.warmup import Warmup

TURN = 4
"""Questions that a candidate is asked before it is the next one's turn."""


class _Steps:
    """A candidate's progress as steps of the sweep's stage; what it notes is said once, not by every candidate."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._said = progress, set[str]()

    def stage(self, label: str, total: int) -> None:
        """The sweep has stages of its own."""

    def advance(self, steps: int = 1) -> None:
        """Steps of the sweep's."""
        self._progress.advance(steps)

    def note(self, sentence: str) -> None:
        """Said once."""
        if sentence not in self._said:
            self._said.add(sentence)
            self._progress.note(sentence)


@dataclass(slots=True)
class Entrant:
    """One candidate as it is measured."""

    name: str
    options: Options
    session: Session
    cell: Cell
    share: Share | None = None
    """What it was indexed with; None: it is not indexed here."""
    closed: bool = False

    @property
    def run(self) -> Run:
        """Its answers."""
        return self.session.run(self.cell)


@dataclass(slots=True)
class Shared:
    """What was done once."""

    chunkings: int = 0
    """Embedded, each with one model."""
    passages: int = 0
    """Embedded for all candidates together."""
    indexed: int = 0
    """Passages that candidates indexed: what they would have embedded, each on its own."""


class Bench:
    """All candidates of a sweep. Use as an asynchronous context manager; nothing is started before it is needed."""

    def __init__(self, workload: Workload, options: Mapping[str, Options], progress: Progress, folder: Path) -> None:
        """Take the candidates; nothing is written.

        Args:
            workload: loaded and checked.
            options: by name, one backend on parity each; they differ in recipe and folder alone.
            progress: told of stages, steps and notes.
            folder: of the sweep, locked by the caller.

        Raises:
            BadInput: a candidate's folder holds something else.
        """
        self._workload, self._progress, self._folder = workload, progress, folder
        self._steps = _Steps(progress)
        self._locks = contextlib.ExitStack()
        self.entrants: dict[str, Entrant] = {}
        for name, its in options.items():
            experiment = Experiment(its.out)
            tie = recordings.tie(its)
            resuming.refuse_foreign(experiment, workload, its, tie)
            session = Session(workload, its, self._steps, experiment, tie)
            self.entrants[name] = Entrant(name, its, session, session.cells("", its.out.name)[0])
        self._options = next(iter(options.values()))
        self._budget = Budget(self._options.budget_usd)
        self._gateway: GatewayProcess | None = None
        self._warmup: Warmup | None = None
        self._crew: Crew | None = None
        self._about: Mapping[str, Mapping[str, object]] = {}
        self._cuts: dict[tuple[int | None, int], dict[str, list[Passage]]] = {}
        self._embedded: set[tuple[str, object]] = set()
        self._dimensions: dict[str, int] = {}
        self._began = time.perf_counter()
        self.shared = Shared()
        self.asked = 0
        self.stopped = False
        """The budget is used up."""

    async def __aenter__(self) -> "Bench":
        return self

    async def __aexit__(self, *_: object) -> None:
        for entrant in self.entrants.values():
            entrant.session.close()
            if entrant.share is not None:
                self._account(entrant)
        if self._crew:
            await self._crew.close()
        if self._warmup:
            self._warmup.close()
        if self._gateway:
            self._gateway.close()
        self._locks.close()

    async def ask(self, names: Sequence[str], questions: Sequence[Question], label: str) -> None:
        """Have candidates answer questions, those that are not answered yet.

        Args:
            names: of the candidates.
            questions: in their order.
            label: of the stage.

        Raises:
            Infrastructure: upstream, key, gateway, worker or disk; what was answered is kept.
        """
        wanted = {name: self._open(name, questions) for name in names}
        waiting = [self.entrants[name] for name, number in wanted.items() if number]
        if waiting:
            await self._index(waiting, questions)
            cold = sum(not entrant.session.asking.warm for entrant in waiting)
            self._progress.stage(label, sum(wanted.values()) + cold)
            before = sum(entrant.session.asking.asked for entrant in waiting)
            await self._take_turns(waiting, questions)
            self.asked += sum(entrant.session.asking.asked for entrant in waiting) - before
        for name in names:
            judging.mark_now(self.entrants[name].run, self._workload.gold)

    async def finish(self) -> None:
        """Find out the rest about all answers: similarity, personal data, ragas' figures by id.

        Raises:
            Infrastructure: the process died; what was found out is kept.
        """
        begun = [entrant for entrant in self.entrants.values() if entrant.session.experiment.exists()]
        if not any(judging.unjudged(entrant.run, {}) for entrant in begun):
            return
        gateway, _, _ = await self._started()
        jobs = [
            entrant.session.unjudged(entrant.run.identity().recipe) for entrant in begun if entrant.run.folder.exists()
        ]
        await judging.judge(jobs, gateway.url, "", self._progress)

    def spent(self) -> Decimal:
        """USD that all calls of the sweep have cost, as `workbench.runs.budget.spent` counts."""
        known = Decimal(0)
        for entrant in self.entrants.values():
            calls = (entrant.session.experiment.warmup_calls(), entrant.run.calls(), entrant.run.judge_calls())
            known += sum((call.spent_usd for some in calls for call in some if call.spent_usd), Decimal(0))
        return known + left_open(self._holds)

    @property
    def _holds(self) -> Path:
        return self._folder / "holds.jsonl"

    def _open(self, name: str, questions: Sequence[Question]) -> int:
        entrant = self.entrants[name]
        return len(still_open(entrant.session.experiment, [entrant.cell], questions, 1))

    # ---- started when first needed ----

    async def _started(self) -> tuple[GatewayProcess, Warmup, Crew]:
        if self._gateway is None or self._warmup is None or self._crew is None:
            first = next(iter(self.entrants.values())).session
            for entrant in self.entrants.values():
                self._locks.enter_context(entrant.session.experiment.lock())
            self._gateway = GatewayProcess(self._settings())
            self._warmup = Warmup(self._gateway.port, first.bearer)
            self._budget.open(self._gateway.port, first.bearer, self.spent())
            self._crew = Crew(first.documents)
            self._progress.stage("starting", 1)
            self._about = await self._crew.start(self._options.backends, self._progress.advance)
            for entrant in self.entrants.values():
                entrant.session.reckoning.budget.join(self._gateway.port, entrant.session.bearer)
                endpoint = entrant.session.cells(self._gateway.url, entrant.cell.owner)[0].endpoint
                entrant.cell = replace(entrant.cell, endpoint=endpoint)
        return self._gateway, self._warmup, self._crew

    def _settings(self) -> Settings:
        sessions = [entrant.session for entrant in self.entrants.values()]
        return Settings(
            tuple(account for session in sessions for account in session.accounts()),
            self._upstream(),
            holds=str(self._holds),
            privacy_key=self._workload.hash,
        )

    def _upstream(self) -> Upstream | None:
        sessions = [entrant.session for entrant in self.entrants.values()]
        found = next((one for session in sessions if (one := session.upstream())), None)
        models = {entrant.options.recipe.embedding_model for entrant in self.entrants.values()}
        remote = sorted(model for model in models if not model.startswith(LOCAL))
        rankers = sorted({entrant.options.recipe.reranker for entrant in self.entrants.values()} - {""})
        return replace(found, embedding_models=tuple(remote), rerank_models=tuple(rankers)) if found else None

    async def _index(self, entrants: Sequence[Entrant], questions: Sequence[Question]) -> None:
        _, warmup, crew = await self._started()
        fresh = [entrant for entrant in entrants if entrant.share is None]
        for entrant in fresh:  # before anything is embedded: what does not fit is refused before it costs
            recipe = entrant.options.recipe
            dimensions = await self._dimension(entrant, warmup)
            entrant.share = Share(replace(recipe, embedding_dimensions=dimensions), self._passages(recipe))
            entrant.session.prepare(self._about, [entrant.cell], entrant.share.recipe)
        await self._embed(entrants, warmup, questions)
        if fresh:
            self._progress.stage("indexing", sum(len(entrant.session.documents) for entrant in fresh))
        for entrant in fresh:
            assert entrant.share is not None
            await crew.index([entrant.cell], entrant.share, self._progress.advance)
            entrant.session.indexed(crew, [entrant.cell], entrant.share)
            self.shared.indexed += entrant.share.embeds * sum(map(len, entrant.share.passages.values()))

    async def _dimension(self, entrant: Entrant, warmup: Warmup) -> int:
        """Length of vectors; each pair of models is seen to be there once."""
        recipe = entrant.options.recipe
        key = f"{recipe.model} {recipe.embedding_model} {recipe.reranker}"
        if key not in self._dimensions:
            self._dimensions[key] = await asyncio.to_thread(entrant.session.preflight, warmup)
        return self._dimensions[key]

    def _passages(self, recipe: Recipe) -> dict[str, list[Passage]]:
        key = (recipe.chunk_tokens, recipe.chunk_overlap)
        if key not in self._cuts:
            entrant = next(one for one in self.entrants.values() if chunking(one.options.recipe) == key)
            self._cuts[key] = entrant.session.passages()
        return self._cuts[key]

    async def _embed(self, entrants: Sequence[Entrant], warmup: Warmup, questions: Sequence[Question]) -> None:
        """Each chunking and each question once by each model, before anything is timed."""
        todo: list[tuple[Entrant, Share, list[Question]]] = []
        for entrant in entrants:
            share = entrant.share
            assert share is not None
            model, key = share.recipe.embedding_model, (share.recipe.embedding_model, chunking(share.recipe))
            passages: Mapping[str, Sequence[Passage]] = {}
            if key not in self._embedded and share.embeds:
                self._embedded.add(key)
                passages = share.passages
                self.shared.chunkings += 1
                self.shared.passages += sum(map(len, passages.values()))
            asked = [question for question in questions if (model, question.id) not in self._embedded]
            if share.embeds and (passages or asked):
                self._embedded |= {(model, question.id) for question in asked}
                todo.append((entrant, Share(share.recipe, passages), asked))
        total = sum(sum(map(len, share.passages.values())) + len(asked) for _, share, asked in todo)
        if total:
            self._progress.stage("embedding passages and questions", total)
        for entrant, share, asked in todo:
            await entrant.session.embed(warmup, share, asked)

    # ---- asking ----

    async def _take_turns(self, entrants: Sequence[Entrant], questions: Sequence[Question]) -> None:
        gateway, _, crew = await self._started()
        async for entrant, some in _turns(entrants, questions):
            asking = entrant.session.asking
            await asking.ask_all(crew, [entrant.cell], gateway, some)
            if asking.stopped:
                self.stopped = True
                return
            if not gateway.alive:
                raise Infrastructure("the gateway's process ended; run the same command again to go on")

    def _account(self, entrant: Entrant) -> None:
        """Write down how many answers were wanted of a candidate and what it cost, however the sweep ended."""
        answered = len(entrant.run.answers())
        seconds = time.perf_counter() - self._began
        entrant.session.experiment.update(
            wanted={entrant.cell.name: answered},
            actual=accounts.of_experiment(entrant.session.experiment, seconds),
        )


async def _turns(
    entrants: Sequence[Entrant], questions: Sequence[Question]
) -> AsyncIterator[tuple[Entrant, Sequence[Question]]]:
    """Blocks of questions, the candidates' order rotated from one to the next."""
    for place, start in enumerate(range(0, len(questions), TURN)):
        first = place % len(entrants)
        for entrant in (*entrants[first:], *entrants[:first]):
            yield entrant, questions[start : start + TURN]


def chunking(recipe: Recipe) -> tuple[int | None, int]:
    """What tells one cutting of the documents from another."""
    return recipe.chunk_tokens, recipe.chunk_overlap
