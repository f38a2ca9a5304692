"""One experiment while it is measured: what it asks, what belongs to it at the gateway and on disk, what is still open.

Whoever runs it brings the gateway and the workers: `runner` has both for one experiment, a sweep for many.
"""

import asyncio
import contextlib
import secrets
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

from workbench import __version__, backends
from workbench.errors import BadInput, Infrastructure
from workbench.gateway.settings import Account, Upstream
from workbench.nouns import counted
from workbench.records import Document, Endpoint, Passage, Question, Recipe, Workload
from workbench.runs import judging, machine, recordings, resuming, selection
from workbench.runs.asking import Asking, still_open
from workbench.runs.crew import Cell, Crew, Share
from workbench.runs.leaking import Leaking
from workbench.runs.options import Options
from workbench.runs.progress import Progress
from workbench.runs.reckoning import Reckoning
from workbench.runs.recordings import Tie
from workbench.runs.store import SCHEMA, Experiment, Identity, Run, Writer
from workbench.runs.warmup import Warmup
from workbench.runs.workers import interpreter
from workbench.workload.passages import cut, too_long


class Session:
    """One experiment, with what it has open."""

    def __init__(
        self, workload: Workload, options: Options, progress: Progress, experiment: Experiment, tie: Tie
    ) -> None:
        """Take what is to be done; nothing is started or written.

        Args:
            workload: loaded and checked.
            options: checked.
            progress: told of stages, steps and notes.
            experiment: begun or not; locked by the caller.
            tie: to a recording.
        """
        self._workload, self._options, self._progress, self.experiment = workload, options, progress, experiment
        self._tie = tie
        self.questions = selection.order(workload.questions, options.recipe.seed)[: options.questions]
        asked_of = {question.tenant for question in self.questions}
        self.documents: dict[str, list[Document]] = {
            tenant.id: [] for tenant in workload.tenants if tenant.id in asked_of
        }
        for document in workload.documents:
            if document.tenant in self.documents:
                self.documents[document.tenant].append(document)
        self._names = [f"{backend}-{track}" for track in options.tracks for backend in options.backends]
        self._tokens = {
            name: secrets.token_urlsafe(24)
            for name in (*self._names, *(f"{name}/judge" for name in self._names), "warmup")
        }
        self._writers: dict[str, Writer] = {}
        self.reckoning = Reckoning(workload, options, experiment, self.questions)
        self.asking = Asking(
            experiment,
            options,
            self.questions,
            workload.gold,
            self._writers,
            self._tokens["warmup"],
            progress,
            self.reckoning.budget,
        )
        self.leaking = Leaking(workload, experiment, keep_text=options.keep_text, redacts=options.privacy == "redact")

    @property
    def bearer(self) -> str:
        """Of the calls before timing, which is nobody's."""
        return self._tokens["warmup"]

    def complete(self) -> bool:
        """Whether this very call has been answered before, so that no process need be started.

        False also where that cannot be told from here, or where something differs: `go` then says what.
        """
        cells = resuming.cells(self._options)
        if not self.experiment.exists() or not all(self._same(cell) for cell in cells):
            return False
        runs = [self.run(cell) for cell in cells]
        left = (judging.unjudged(run, {}) or self.leaking.uncounted(run) for run in runs)
        return not self.still_open(cells) and not any(left)

    def cells(self, base_url: str, owner: str = "") -> list[Cell]:
        """What is to be measured, talking to a gateway at an address; where experiments share workers, named apart."""
        return [
            Cell(backend, track, Endpoint(base_url, self._tokens[f"{backend}-{track}"]), owner)
            for track in self._options.tracks
            for backend in self._options.backends
        ]

    def _same(self, cell: Cell) -> bool:
        run, options = self.run(cell), self._options
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
        return was == wanted and self.experiment.about().get("price_as", "") == options.price_as

    # ---- before the first question ----

    def accounts(self) -> tuple[Account, ...]:
        """What the gateway must know of it."""
        folder = self.experiment.folder
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

    def upstream(self) -> Upstream | None:
        """Where the gateway may send its calls."""
        options = self._options
        if not options.upstream:
            return None
        embedding = options.recipe.embedding_model
        return Upstream(
            options.upstream.rstrip("/"),
            options.upstream_key,
            () if embedding.startswith("local/") else (embedding,),
            (options.recipe.reranker,) if options.recipe.reranker else (),
            # Together less than the deadline: a slow upstream must not look like a worker that hangs.
            call_seconds=0.65 * options.deadline_seconds,
            patience_seconds=0.3 * options.deadline_seconds,
        )

    def preflight(self, warmup: Warmup) -> int:
        """Make sure of every model before anything is written or paid for; returns the length of vectors."""
        offered = warmup.models()
        recipe = self._options.recipe
        for option, model in (("--model", recipe.model), ("--judge", self._options.judge)):
            if model.startswith("local/") and model not in offered:
                raise BadInput(f"{option} {model}: no such embedded model; there are {', '.join(offered)}")
            if model and (not model.startswith("local/") or option == "--model"):
                warmup.chat(model)
        if recipe.reranker:
            warmup.rank(recipe.reranker)
        return warmup.dimensions(recipe.embedding_model)

    def passages(self) -> dict[str, list[Passage]]:
        """What the parity track indexes, by tenant."""
        recipe = self._options.recipe
        if "parity" not in self._options.tracks:
            return {tenant: [] for tenant in self.documents}
        return {
            tenant: cut(documents, recipe.chunk_tokens, recipe.chunk_overlap)
            for tenant, documents in self.documents.items()
        }

    def prepare(self, about: Mapping[str, Mapping[str, Any]], cells: Sequence[Cell], recipe: Recipe) -> None:
        """Write down what this experiment is: from here on it can be continued.

        Args:
            about: what each backend says of itself.
            cells: that are measured.
            recipe: with the length of vectors as it is.

        Raises:
            BadInput: it was begun as something else.
        """
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
            self.run(cell).agrees(identities[cell.name])
        if not self.experiment.exists():
            gold = self._workload.gold
            self.experiment.begin(
                self._about(), [(one.id, one.tenant, one.text, gold.get(one.id)) for one in self._workload.questions]
            )
        self.experiment.restore_texts(self._workload)
        self.experiment.update(
            price_as=self._options.price_as,
            replayed=recordings.described(self._options, self._tie),
        )
        for cell in cells:
            self.run(cell).claim(identities[cell.name])
            self._writers[cell.name] = Writer(self.run(cell), keep_text=self._options.keep_text)

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

    async def index(self, crew: Crew, cells: Sequence[Cell], warmup: Warmup, share: Share) -> None:
        """Embed passages and questions before anything is timed, and have every cell index them."""
        if share.embeds:
            await self.embed(warmup, share, self.questions)
        self._progress.stage("indexing", len(cells) * len(self.documents))
        await crew.index(cells, share, self._progress.advance)
        self.indexed(crew, cells, share)

    async def embed(self, warmup: Warmup, share: Share, questions: Sequence[Question]) -> None:
        """Embed passages and questions, those alone that the gateway has not embedded yet."""
        texts = {tenant: [one.text for one in found] for tenant, found in share.passages.items()}
        asked: dict[str, list[str]] = {}
        for question in questions:
            asked.setdefault(question.tenant, []).append(question.text)
        total = sum(map(len, texts.values())) + len(questions)
        self._progress.stage("embedding passages and questions", total)
        await asyncio.to_thread(self._embed, warmup, share.recipe.embedding_model, texts, asked)

    def indexed(self, crew: Crew, cells: Sequence[Cell], share: Share) -> None:
        """Write down what indexing took."""
        long = too_long(found for one in share.passages.values() for found in one) if share.embeds else 0
        if long and share.recipe.embedding_model == "local/minilm":
            self._progress.note(
                f"{counted(long, 'passage is', 'passages are')} longer than local/minilm reads (256 "
                "tokens); the rest counts not"
            )
        took = {cell.name: crew.ingested[cell.key] for cell in cells}
        self.experiment.update(ingested={**self.experiment.about().get("ingested", {}), **took}, too_long_passages=long)

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

    def unjudged(self, recipe: Recipe) -> judging.Job:
        """What is left to be found out about its answers."""
        tokens = {name: self._tokens[f"{name}/judge"] for name in self._names}
        return judging.Job(self.experiment, tokens, recipe.embedding_model, self.asking.held)

    def close(self) -> None:
        """Close its files; a second call does nothing."""
        for writer in self._writers.values():
            writer.close()

    def still_open(self, cells: Sequence[Cell]) -> bool:
        """Whether a question is not answered yet."""
        return bool(still_open(self.experiment, cells, self.questions, self._options.rounds))

    def run(self, cell: Cell) -> Run:
        """The folder of a cell."""
        return self.experiment.run(cell.backend, cell.track)


def _with_words(name: str, about: Mapping[str, Any]) -> Mapping[str, Any]:
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
