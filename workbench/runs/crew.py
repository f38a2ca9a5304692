"""The workers of an experiment, one process for each backend with all its cells: started, indexed, asked, replaced."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from workbench.errors import Infrastructure
from workbench.records import Document, Endpoint, Failure, Passage, Question, Recipe, Track
from workbench.runs.workers import Failed, WorkerProcess

INGEST_SECONDS = 3600.0
OPEN_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Cell:
    """One backend on one track."""

    backend: str
    track: Track
    endpoint: Endpoint
    owner: str = ""
    """Whose it is, where experiments share a worker; empty: there is one experiment alone."""

    @property
    def name(self) -> str:
        """`<backend>-<track>`, as its folder is called."""
        return f"{self.backend}-{self.track}"

    @property
    def key(self) -> str:
        """What the worker knows it by."""
        return f"{self.owner}/{self.name}" if self.owner else self.name


@dataclass(frozen=True, slots=True)
class Share:
    """What a cell is indexed with."""

    recipe: Recipe
    passages: Mapping[str, Sequence[Passage]]
    """By tenant, for the parity track."""

    @property
    def embeds(self) -> bool:
        """Whether passages and questions have vectors: found by words alone, they need none."""
        return self.recipe.retrieval != "bm25"


@dataclass(slots=True)
class Member:
    """One backend's worker, and how to make another."""

    backend: str
    cells: list[Cell]
    process: WorkerProcess
    generation: int = 0
    ended: int = -1
    """The generation that was ended because it hung."""
    mending: asyncio.Lock = field(default_factory=asyncio.Lock)


class Crew:
    """All workers of an experiment, or of several that are measured beside each other."""

    def __init__(
        self,
        documents: Mapping[str, Sequence[Document]],
        examine: Callable[[str, Path, bytes], None] | None = None,
    ) -> None:
        """Take what every worker is given alike.

        Args:
            documents: by tenant; what is cut from them on the native track, and whose tenants are indexed on both.
            examine: given a backend, its worker's temporary home and standard error, before both go.
        """
        self._documents, self._examine = documents, examine
        self._members: dict[str, Member] = {}
        self._shares: dict[str, Share] = {}
        self.ingested: dict[str, dict[str, float]] = {}
        """By a cell's key: passages, wall_seconds, cpu_seconds of indexing all tenants."""

    async def start(self, backends: Iterable[str], done: Callable[[int], None]) -> dict[str, dict[str, Any]]:
        """Start all processes at once and wait until each framework is imported.

        Args:
            backends: their names.
            done: called with 1 as each is ready.

        Returns:
            What each backend says of itself: versions, native k, its note.

        Raises:
            Infrastructure: a backend is not installed or does not import.
        """
        for backend in backends:
            self._members[backend] = Member(backend, [], WorkerProcess(backend, examine=self._examine))

        async def ready(member: Member) -> dict[str, Any]:
            about = await member.process.ready()
            done(1)
            return about

        abouts = await asyncio.gather(*map(ready, self._members.values()))
        return dict(zip(self._members, abouts, strict=True))

    @property
    def pids(self) -> dict[str, int]:
        """Process ids by backend."""
        return {member.backend: member.process.pid for member in self._members.values()}

    async def index(self, cells: Sequence[Cell], share: Share, done: Callable[[int], None]) -> None:
        """Index every tenant in cells; backends beside each other.

        Args:
            cells: of backends that were started.
            share: what they are given alike.
            done: called with 1 after each tenant of each cell.

        Raises:
            Infrastructure: a backend cannot index; says which, and why.
        """
        fresh: dict[str, list[Cell]] = {}
        for cell in cells:
            self._shares[cell.key] = share
            self._members[cell.backend].cells.append(cell)
            fresh.setdefault(cell.backend, []).append(cell)
        await asyncio.gather(*(self._index(self._members[name], its, done) for name, its in fresh.items()))

    def leave(self, cells: Sequence[Cell]) -> None:
        """Nothing more is asked of these: a worker that takes another's place does not index them."""
        for cell in cells:
            self._members[cell.backend].cells.remove(cell)

    async def answer(self, cell: Cell, question: Question, attempt: str, seconds: float) -> dict[str, Any]:
        """Ask one question. A worker that died or hung is replaced before this returns.

        Raises:
            Failed: why there is no answer.
            Infrastructure: the worker could not be replaced.
        """
        member = self._members[cell.backend]
        async with member.mending:  # a worker that is being replaced takes no question until it is indexed
            process, generation = member.process, member.generation
        try:
            reply: dict[str, Any] = await process.call(
                "answer", seconds, cell=cell.key, question=asdict(question), attempt=attempt
            )
            return reply
        except Failed as failed:
            kind, message = failed.failure.kind, failed.failure.message
            if kind == "worker_hung":
                member.ended = generation
            elif kind == "worker_died" and member.ended == generation:
                # It was ended because of another question: nothing is said against this one.
                failed.failure = Failure("collateral", message)
            if kind in ("worker_hung", "worker_died"):
                await self._replace(member, generation)
            raise

    async def close(self) -> None:
        """End all processes."""
        await asyncio.gather(*(member.process.close() for member in self._members.values()), return_exceptions=True)

    async def _replace(self, member: Member, generation: int) -> None:
        async with member.mending:
            if member.generation != generation:
                return  # another question's failure has had it replaced already
            await member.process.close(kill=True)
            member.process = WorkerProcess(member.backend, examine=self._examine)
            member.generation += 1
            await member.process.ready()
            await self._index(member, member.cells, lambda steps: None)

    async def _index(self, member: Member, cells: Sequence[Cell], done: Callable[[int], None]) -> None:
        try:
            for cell in cells:
                share = self._shares[cell.key]
                await member.process.call(
                    "open",
                    OPEN_SECONDS,
                    cell=cell.key,
                    recipe=asdict(share.recipe),
                    track=cell.track,
                    endpoint=asdict(cell.endpoint),
                )
                total = {"passages": 0.0, "wall_seconds": 0.0, "cpu_seconds": 0.0}
                for tenant in self._documents:
                    given = (
                        {"passages": [asdict(passage) for passage in share.passages[tenant]]}
                        if cell.track == "parity"
                        else {"documents": [asdict(document) for document in self._documents[tenant]]}
                    )
                    figures = await member.process.call("ingest", INGEST_SECONDS, cell=cell.key, tenant=tenant, **given)
                    for name in total:
                        total[name] += figures[name]
                    done(1)
                self.ingested[cell.key] = total
        except Failed as failed:
            raise Infrastructure(f"backend {member.backend} cannot index: {failed.failure.message}") from failed
