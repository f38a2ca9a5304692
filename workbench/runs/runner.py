"""Runs a workload over backends: options in, an experiment folder out. Interrupted, the same call goes on."""

import asyncio
import contextlib
import secrets
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from workbench import __version__, backends
from workbench.errors import BadInput, Infrastructure
from workbench.gateway import recording
from workbench.gateway.process import GatewayProcess
from workbench.gateway.settings import Account, Settings, Upstream
from workbench.nouns import counted
from workbench.records import Document, Endpoint, Passage, Recipe, Workload
from workbench.runs import interrupting, judging, machine, recordings, resuming, selection
from workbench.runs.asking import Asking, still_open
from workbench.runs.budget import holds
from workbench.runs.crew import Cell, Crew
from workbench.runs.failures import passing
from workbench.runs.leaking import Leaking
from workbench.runs.options import Options, check
from workbench.runs.progress import Progress
from workbench.runs.reckoning import Reckoning
from workbench.runs.recordings import Tie
from workbench.runs.store import SCHEMA, Experiment, Identity, Run, Writer
from workbench.runs.warmup import Warmup
from workbench.runs.workers import interpreter
from workbench.workload.passages import cut, too_long


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


class _Session:
    """One call of `run`, with what it has open."""

    def __init__(
        self, workload: Workload, options: Options, progress: Progress, experiment: Experiment, tie: Tie
    ) -> None:
        self._workload, self._options, self._progress, self._experiment = workload, options, progress, experiment
        self._tie = tie
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
        self._reckoning = Reckoning(workload, options, experiment, self._questions)
        self._asking = Asking(
            experiment,
            options,
            self._questions,
            workload.gold,
            self._writers,
            self._tokens["warmup"],
            progress,
            self._reckoning.budget,
        )
        self._leaking = Leaking(workload, experiment, keep_text=options.keep_text, redacts=options.privacy == "redact")
        self._outdated, self._stopped = "", ""

    def complete(self) -> bool:
        """Whether this very call has been answered before, so that no process need be started.

        False also where that cannot be told from here, or where something differs: `go` then says what.
        """
        cells = resuming.cells(self._options)
        if not self._experiment.exists() or not all(self._same(cell) for cell in cells):
            return False
        runs = [self._run(cell) for cell in cells]
        left = (judging.unjudged(run, {}) or self._leaking.uncounted(run) for run in runs)
        return not self._still_open(cells) and not any(left)

    def stopped_before(self) -> bool:
        """Whether a budget stopped it that is not higher now: then nothing is begun that could not be ended."""
        self._stopped = self._reckoning.stopped_before()
        return bool(self._stopped)

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
            versions=backends.versions(cell.backend, recipe.retrieval),
            keep_text=options.keep_text,
            recording=self._tie.identity,
            schema=SCHEMA,
            privacy=options.privacy,
        )
        return was == wanted and self._experiment.about().get("price_as", "") == options.price_as

    def outcome(self) -> Outcome:
        """How it stands now."""
        answers = [answer for run in self._experiment.runs() for answer in run.answers().values()]
        failures = [answer.failure for answer in answers if answer.failure is not None]
        return Outcome(
            self._experiment.folder,
            self._asking.asked,
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
                self._reckoning.open(gateway, self._tokens["warmup"], self._progress)
                await self._measured(gateway)
        finally:
            self._reckoning.end()
        return self.outcome()

    async def _measured(self, gateway: GatewayProcess) -> None:
        """Measure, and say of what stopped it whether that was the recording or the budget."""
        try:
            await self._measure(gateway)
        except Infrastructure as error:
            if gateway.alive and (said := self._verdict(gateway, at_least=True)):
                raise recordings.Outdated(said) from error
            if not gateway.alive or not self._reckoning.budget.stopped():
                raise
        else:
            self._outdated = self._verdict(gateway)
        self._stopped = self._reckoning.stopped()

    async def _measure(self, gateway: GatewayProcess) -> None:
        options = self._options
        with contextlib.closing(Warmup(gateway.port, self._tokens["warmup"])) as warmup:
            dimensions = await asyncio.to_thread(self._preflight, warmup)
            recipe = replace(options.recipe, embedding_dimensions=dimensions)
            cells = self._cells(gateway.url)
            passages = self._passages()
            crew = Crew(cells, recipe, passages, self._documents, self._leaking.examine)
            try:
                await self._prepare(crew, cells, recipe)
                if self._still_open(cells):
                    await self._index(crew, cells, recipe, warmup, passages)
                    await self._asking.ask_all(crew, cells, gateway)
            finally:
                for writer in self._writers.values():
                    writer.close()
                await crew.close()
            if not gateway.alive:  # with the last questions; that it has died may be seen only a moment later
                raise Infrastructure("the gateway's process ended; run the same command again to go on")
            tokens = {name: self._tokens[f"{name}/judge"] for name in self._names}
            held = self._asking.held
            await judging.judge(
                self._experiment, tokens, gateway.url, recipe.embedding_model, options.judge, held, self._progress
            )
            runs = [self._run(cell) for cell in cells]
            await asyncio.to_thread(self._leaking.count, runs, self._progress)

    def _verdict(self, gateway: GatewayProcess, *, at_least: bool = False) -> str:
        """What a replay has to say about its recording; empty where that held everything."""
        if self._options.replay is None:
            return ""
        status = gateway.recording(self._tokens["warmup"])
        if status["asked_again"] and not at_least:
            again = counted(status["asked_again"], "call of local models is", "calls of local models are")
            self._progress.note(f"{again} not in the recording: asked again")
        missing = status["missing"]
        return recordings.verdict(missing, status["first"], at_least=at_least) if missing else ""

    # ---- before the first question ----

    def _settings(self) -> Settings:
        record = self._options.record
        if record:
            self._tie = replace(self._tie, recorded=recording.begin(record))
        return Settings(
            self._accounts(),
            self._upstream(),
            str(record.resolve()) if record else "",
            recordings.replayed(self._options, self._tie),
            str(holds(self._experiment)),
            # Makes the same prompts again; who sees a prompt cannot try values out without it.
            self._workload.hash,
        )

    def _accounts(self) -> tuple[Account, ...]:
        folder = self._experiment.folder
        return tuple(
            Account(
                token,
                str(folder / name if name == "warmup" else folder / "runs" / name),
                self._keeps(name),
                name,
                # The judge sees what it judges: it is our instrument, not a call of the company's.
                self._options.privacy if name in self._names else "off",
            )
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
        if recipe.retrieval != "dense":
            about = {name: _with_words(name, each) for name, each in about.items()}
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
                recording=self._tie.identity,
                privacy=self._options.privacy,
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
        self._experiment.update(
            price_as=self._options.price_as,
            replayed=recordings.described(self._options, self._tie),
        )
        self._reckoning.begin()
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
            "recorded": self._tie.recorded,
            "replayed": recordings.described(options, self._tie),
            "workbench": __version__,
            "machine": machine.describe(),
            "prices": f"list prices of genai-prices {metadata.version('genai-prices')}, local models are free",
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
        }

    async def _index(
        self, crew: Crew, cells: list[Cell], recipe: Recipe, warmup: Warmup, passages: dict[str, list[Passage]]
    ) -> None:
        embeds = recipe.retrieval != "bm25"
        if embeds:
            texts = {tenant: [one.text for one in found] for tenant, found in passages.items()}
            asked: dict[str, list[str]] = {}
            for question in self._questions:
                asked.setdefault(question.tenant, []).append(question.text)
            total = sum(map(len, texts.values())) + len(self._questions)
            self._progress.stage("embedding passages and questions", total)
            await asyncio.to_thread(self._embed, warmup, recipe.embedding_model, texts, asked)
        self._progress.stage("indexing", len(cells) * len(self._documents))
        await crew.ingest(self._progress.advance)
        long = too_long(found for one in passages.values() for found in one) if embeds else 0
        if long and recipe.embedding_model == "local/minilm":
            self._progress.note(
                f"{counted(long, 'passage is', 'passages are')} longer than local/minilm reads (256 "
                "tokens); the rest counts not"
            )
        self._experiment.update(
            ingested={**self._experiment.about().get("ingested", {}), **crew.ingested}, too_long_passages=long
        )

    def _embed(self, warmup: Warmup, model: str, texts: dict[str, list[str]], asked: dict[str, list[str]]) -> None:
        if self._options.replay is None:
            warmup.embed(model, texts, asked, self._progress.advance)
            return
        warmup.embed(model, texts, {}, self._progress.advance)
        for tenant, questions in asked.items():
            for question in questions:
                # Without a passage nothing can be indexed; a question that is not recorded fails alone, when asked.
                with contextlib.suppress(Infrastructure):
                    warmup.embed(model, {}, {tenant: [question]}, lambda steps: None)
                self._progress.advance()

    # ---- what is there ----

    def _still_open(self, cells: list[Cell]) -> bool:
        return bool(still_open(self._experiment, cells, self._questions, self._options.rounds))

    def _run(self, cell: Cell) -> Run:
        return self._experiment.run(cell.backend, cell.track)


def _with_words(name: str, about: dict[str, Any]) -> dict[str, Any]:
    """What a backend says of itself, with what it finds by words.

    Raises:
        Infrastructure: what that takes is not installed.
    """
    missing = [distribution for distribution, version in about["words_versions"].items() if not version]
    if missing:
        needed = f"pip install {' '.join(missing)}, or {backends.requirement(name)}"
        raise Infrastructure(f"{name} has no {' and no '.join(missing)} to find passages by words with: {needed}")
    return {
        **about,
        "versions": {**about["versions"], **about["words_versions"]},
        "native_note": f"{about['native_note']}; by words: {about['words_note']}",
    }
