"""Runs a workload over backends: options in, an experiment folder out. Interrupted, the same call goes on."""

import asyncio
import contextlib
import secrets
import sys
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from workbench import __version__, backends
from workbench.errors import BadInput, Infrastructure
from workbench.gateway.process import GatewayProcess
from workbench.gateway.settings import Account, Settings, Upstream
from workbench.records import Answer, Document, Endpoint, Failure, Hit, Passage, Question, Recipe, Workload
from workbench.runs import judging, machine, selection
from workbench.runs.crew import Cell, Crew
from workbench.runs.failures import MOST_KILLS, passing
from workbench.runs.options import Options, check
from workbench.runs.progress import Progress
from workbench.runs.store import SCHEMA, Experiment, Identity, Run, Writer
from workbench.runs.warmup import Warmup
from workbench.runs.workers import Failed, interpreter
from workbench.scores.answers import mark
from workbench.scores.judgement import Judgement
from workbench.workload.passages import cut, too_long

MOST_IN_A_ROW = 12
"""Infrastructure failures one after another before a run stops: what is down stays down for the next question too."""


_BEFORE = frozenset({".lock", "warmup"})
"""What a run leaves that ended before everything was checked."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended."""

    folder: Path
    asked: int
    """Questions asked of backends in this call; 0 when all was there already."""
    failed: int
    """Answers of the experiment that are failures now."""


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
    _refuse_foreign(experiment, workload, options)
    try:
        with experiment.lock():
            _refuse_foreign(experiment, workload, options)
            session = _Session(workload, options, progress, experiment)
            return session.outcome() if session.complete() else asyncio.run(session.go())
    except OSError as error:
        raise Infrastructure(f"{options.out}: {error.strerror or error}; what was answered is kept") from error


def _refuse_foreign(experiment: Experiment, workload: Workload, options: Options) -> None:
    folder = experiment.folder
    if not experiment.exists():
        if folder.is_file() or (folder.is_dir() and any(path.name not in _BEFORE for path in folder.iterdir())):
            raise BadInput(f"--out {folder}: exists and holds no experiment; choose an empty or a new folder")
        return
    about = experiment.about()
    if about["workload"]["hash"] != workload.hash:
        raise BadInput(
            f"--out {folder}: holds an experiment on workload {about['workload']['name']!r}, "
            f"not on {workload.name!r} as it is now; choose another folder"
        )
    now = {"seed": options.recipe.seed, "keep_text": options.keep_text, "judge": options.judge}
    for name, value in now.items():
        if about[name] != value:
            raise BadInput(f"--out {folder}: was started with {name} {about[name]!r}, now {value!r}; choose another")


class _Session:
    """One call of `run`, with what it has open."""

    def __init__(self, workload: Workload, options: Options, progress: Progress, experiment: Experiment) -> None:
        self._workload, self._options, self._progress, self._experiment = workload, options, progress, experiment
        self._questions = selection.order(workload.questions, options.recipe.seed)[: options.questions]
        asked_of = {question.tenant for question in self._questions}
        self._documents: dict[str, list[Document]] = {
            tenant.id: [] for tenant in workload.tenants if tenant.id in asked_of
        }
        for document in workload.documents:
            if document.tenant in self._documents:
                self._documents[document.tenant].append(document)
        self._names = [f"{backend}-{track}" for track in options.tracks for backend in options.backends]
        self._tokens = {
            name: secrets.token_urlsafe(24)
            for name in (*self._names, *(f"{name}/judge" for name in self._names), "warmup")
        }
        self._writers: dict[str, Writer] = {}
        self._held: dict[str, dict[str, str]] = {name: {} for name in self._names}
        self._in_a_row = self._asked = 0

    def complete(self) -> bool:
        """Whether this very call has been answered before, so that no process need be started.

        False also where that cannot be told from here, or where something differs: `go` then says what.
        """
        cells = [
            Cell(backend, track, Endpoint("", ""))
            for track in self._options.tracks
            for backend in self._options.backends
        ]
        if not self._experiment.exists() or not all(self._same(cell) for cell in cells):
            return False
        return not self._open(cells) and not any(judging.unjudged(self._run(cell), {}) for cell in cells)

    def _cells(self, base_url: str) -> list[Cell]:
        """What is to be measured, talking to the gateway at an address."""
        return [
            Cell(backend, track, Endpoint(base_url, self._tokens[f"{backend}-{track}"]))
            for track in self._options.tracks
            for backend in self._options.backends
        ]

    def _same(self, cell: Cell) -> bool:
        run, options = self._run(cell), self._options
        if not (run.folder / "run.json").exists() or interpreter(cell.backend) != sys.executable:
            return False
        was = run.identity()
        recipe = replace(options.recipe, embedding_dimensions=was.recipe.embedding_dimensions)
        wanted = replace(
            was,
            workload_hash=self._workload.hash,
            recipe=recipe,
            upstream=options.upstream.rstrip("/"),
            versions=backends.versions(cell.backend),
            keep_text=options.keep_text,
            schema=SCHEMA,
        )
        return was == wanted and self._experiment.about().get("price_as", "") == options.price_as

    def outcome(self) -> Outcome:
        """How it stands now."""
        return Outcome(self._experiment.folder, self._asked, self._failed())

    async def go(self) -> Outcome:
        """Check, prepare, ask, judge."""
        options = self._options
        with (
            GatewayProcess(Settings(self._accounts(), self._upstream())) as gateway,
            contextlib.closing(Warmup(gateway.port, self._tokens["warmup"])) as warmup,
        ):
            dimensions = await asyncio.to_thread(self._preflight, warmup)
            recipe = replace(options.recipe, embedding_dimensions=dimensions)
            cells = self._cells(gateway.url)
            passages = self._passages()
            crew = Crew(cells, recipe, passages, self._documents)
            try:
                await self._prepare(crew, cells, recipe)
                if self._open(cells):
                    await self._index(crew, cells, recipe, warmup, passages)
                    await self._ask_all(crew, cells, gateway)
            finally:
                for writer in self._writers.values():
                    writer.close()
                await crew.close()
            tokens = {name: self._tokens[f"{name}/judge"] for name in self._names}
            await judging.judge(
                self._experiment, tokens, gateway.url, recipe.embedding_model, options.judge, self._held, self._progress
            )
        return self.outcome()

    # ---- before the first question ----

    def _accounts(self) -> tuple[Account, ...]:
        folder = self._experiment.folder
        return tuple(
            Account(token, str(folder / name if name == "warmup" else folder / "runs" / name), self._keeps(name))
            for name, token in self._tokens.items()
        )

    def _keeps(self, name: str) -> bool:
        # The warm-up's own words are ours, and looking through them for personal data would load presidio.
        return self._options.keep_text or name == "warmup"

    def _upstream(self) -> Upstream | None:
        options = self._options
        if not options.upstream:
            return None
        embedding = options.recipe.embedding_model
        return Upstream(
            options.upstream.rstrip("/"),
            options.upstream_key,
            "" if embedding.startswith("local/") else embedding,
            # Together less than the deadline: a slow upstream must not look like a worker that hangs.
            call_seconds=0.65 * options.deadline_seconds,
            patience_seconds=0.3 * options.deadline_seconds,
        )

    def _preflight(self, warmup: Warmup) -> int:
        """Make sure of every model before anything is written or paid for; returns the length of vectors."""
        offered = warmup.models()
        recipe = self._options.recipe
        for option, model in (("--model", recipe.model), ("--judge", self._options.judge)):
            if model.startswith("local/") and model not in offered:
                raise BadInput(f"{option} {model}: no such embedded model; there are {', '.join(offered)}")
            if model and (not model.startswith("local/") or option == "--model"):
                warmup.chat(model)
        return warmup.dimensions(recipe.embedding_model)

    def _passages(self) -> dict[str, list[Passage]]:
        recipe = self._options.recipe
        if "parity" not in self._options.tracks:
            return {tenant: [] for tenant in self._documents}
        return {
            tenant: cut(documents, recipe.chunk_tokens, recipe.chunk_overlap)
            for tenant, documents in self._documents.items()
        }

    async def _prepare(self, crew: Crew, cells: list[Cell], recipe: Recipe) -> None:
        """Import the frameworks and write down what this experiment is: from here on it can be continued."""
        self._progress.stage("starting backends", len(self._options.backends))
        about = await crew.start(self._progress.advance)
        identities = {
            cell.name: Identity(
                workload_hash=self._workload.hash,
                backend=cell.backend,
                track=cell.track,
                recipe=recipe,
                upstream=self._options.upstream.rstrip("/"),
                versions=about[cell.backend]["versions"],
                native_k=about[cell.backend]["native_k"],
                native_note=about[cell.backend]["native_note"],
                keep_text=self._options.keep_text,
            )
            for cell in cells
        }
        for cell in cells:
            self._run(cell).agrees(identities[cell.name])
        if not self._experiment.exists():
            gold = self._workload.gold
            self._experiment.begin(
                self._about(), [(one.id, one.tenant, one.text, gold.get(one.id)) for one in self._workload.questions]
            )
        self._experiment.restore_texts(self._workload)
        self._experiment.update(price_as=self._options.price_as)
        for cell in cells:
            self._run(cell).claim(identities[cell.name])
            self._writers[cell.name] = Writer(self._run(cell), keep_text=self._options.keep_text)

    def _about(self) -> dict[str, Any]:
        workload, options = self._workload, self._options
        return {
            "workload": {
                "name": workload.name,
                "hash": workload.hash,
                "source": workload.source,
                "tenants": len(workload.tenants),
                "documents": len(workload.documents),
                "questions": len(workload.questions),
            },
            "seed": options.recipe.seed,
            "keep_text": options.keep_text,
            "judge": options.judge,
            "workbench": __version__,
            "machine": machine.describe(),
            "prices": f"list prices of genai-prices {metadata.version('genai-prices')}, local models are free",
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
        }

    async def _index(
        self, crew: Crew, cells: list[Cell], recipe: Recipe, warmup: Warmup, passages: dict[str, list[Passage]]
    ) -> None:
        texts = {tenant: [one.text for one in found] for tenant, found in passages.items()}
        asked: dict[str, list[str]] = {}
        for question in self._questions:
            asked.setdefault(question.tenant, []).append(question.text)
        total = sum(map(len, texts.values())) + len(self._questions)
        self._progress.stage("embedding passages and questions", total)
        await asyncio.to_thread(warmup.embed, recipe.embedding_model, texts, asked, self._progress.advance)
        self._progress.stage("indexing", len(cells) * len(self._documents))
        await crew.ingest(self._progress.advance)
        long = too_long(found for one in passages.values() for found in one)
        if long and recipe.embedding_model == "local/minilm":
            self._progress.note(
                f"{long} passages are longer than local/minilm reads (256 tokens); their ends count not"
            )
        self._experiment.update(
            ingested={**self._experiment.about().get("ingested", {}), **crew.ingested}, too_long_passages=long
        )

    # ---- questions ----

    def _open(self, cells: list[Cell]) -> set[tuple[str, int, str]]:
        """(cell, round, question) still to be asked: never answered, or failed for reasons that may have passed."""
        rounds = range(1, self._options.rounds + 1)
        wanted = {(cell.name, turn, one.id) for cell in cells for turn in rounds for one in self._questions}
        for cell in cells:
            kills = self._run(cell).kills()
            for (turn, name), answer in self._run(cell).answers().items():
                failure = answer.failure
                if failure is None or not passing(failure) or kills.get(name, 0) >= MOST_KILLS:
                    wanted.discard((cell.name, turn, name))
        self._still = wanted
        return wanted

    async def _ask_all(self, crew: Crew, cells: list[Cell], gateway: GatewayProcess) -> None:
        """Ask, the backends' order rotated question by question, so that none is always first."""
        suspects = {key for cell in cells for key in self._suspects(cell)}
        await self._first_calls(crew, cells)
        self._progress.stage("asking", len(self._still))
        for turn in range(1, self._options.rounds + 1):
            turns = [
                (question, cells[(place + turn) % len(cells) :] + cells[: (place + turn) % len(cells)])
                for place, question in enumerate(self._questions)
            ]
            # A question that may have ended a worker is asked alone: only then is it known whether it was the one.
            alone = [item for item in turns if item[0].id in suspects] if self._options.in_flight > 1 else []
            together = [item for item in turns if item not in alone]
            for batch, in_flight in ((alone, 1), (together, self._options.in_flight)):
                await self._ask_batch(crew, gateway, turn, batch, in_flight)

    def _suspects(self, cell: Cell) -> set[str]:
        return {
            answer.question
            for answer in self._run(cell).answers().values()
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
                    if (cell.name, turn, question.id) in self._still:
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
        attempt = uuid.uuid4().hex
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
            if not self._options.keep_text:
                # What the text alone tells is kept now: after an interruption it could never be told again.
                self._held[cell.name][attempt] = text
                marks = mark(text, self._workload.gold.get(question.id))
                self._writers[cell.name].judgement(Judgement(attempt, marks).to_dict())
        self._writers[cell.name].answer(answer, text, passages)
        self._asked += 1
        self._progress.advance()
        self._stop_when_down(answer.failure, gateway)

    def _stop_when_down(self, failure: Failure | None, gateway: GatewayProcess) -> None:
        if failure is None or not passing(failure):
            self._in_a_row = 0
            return
        self._in_a_row += 1
        if not gateway.alive:
            raise Infrastructure("the gateway's process ended; run the same command again to go on")
        if self._in_a_row >= MOST_IN_A_ROW:
            raise Infrastructure(
                f"{self._in_a_row} failures in a row, the last: {failure.message}; run the same command again to go on"
            )

    # ---- after ----

    def _run(self, cell: Cell) -> Run:
        return self._experiment.run(cell.backend, cell.track)

    def _failed(self) -> int:
        return sum(answer.failure is not None for run in self._experiment.runs() for answer in run.answers().values())


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first exception of a group that is none itself: what stopped one asker stops the run."""
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner
