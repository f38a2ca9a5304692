"""One backend's process: operations come in as JSON lines on a private socket, results go out.

Started as `python -m workbench.runs.worker DESCRIPTOR BACKEND`. Frameworks print to stdout and set global state; here
both stay theirs alone. The process ends when the socket does.
"""

import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import orjson

from workbench import backends
from workbench.backends.attribution import calls_of
from workbench.backends.contract import Backend
from workbench.errors import WorkbenchError
from workbench.records import INGESTION, Document, Endpoint, Passage, Question, Recipe, Source
from workbench.runs.failures import classify


class Worker:
    """Holds one backend class and its instances, one for each cell of the experiment."""

    def __init__(self, name: str) -> None:
        self._class = backends.load(name)
        self._cells: dict[str, Backend] = {}
        self._shown: dict[str, set[str]] = {}

    def describe(self) -> dict[str, Any]:
        """What belongs to a run's identity and to its table."""
        return {
            "versions": backends.versions(self._class.name),
            "native_k": self._class.native_k,
            "native_note": self._class.native_note,
            "words_versions": backends.installed(backends.BY_WORDS.get(self._class.name, ())),
            # Only who finds passages by words, too, has something to say of it.
            "words_note": getattr(self._class, "words_note", ""),
        }

    def open(self, cell: str, recipe: dict[str, Any], track: Any, endpoint: dict[str, str]) -> None:
        """Make the instance for a cell."""
        self._cells[cell] = self._class(Recipe(**recipe), track, Endpoint(**endpoint))
        self._shown[cell] = set()

    def ingest(
        self,
        cell: str,
        tenant: str,
        passages: list[dict[str, Any]] | None = None,
        documents: list[dict[str, Any]] | None = None,
    ) -> dict[str, Any]:
        """Index a tenant: passages as given, or documents cut by the framework's own splitter."""
        backend = self._cells[cell]
        began, work = time.perf_counter(), time.process_time()
        with calls_of(tenant=tenant, attempt=INGESTION):
            if passages is None:
                cut = backend.split([Document(**document) for document in documents or []])
            else:
                cut = [Passage(**passage) for passage in passages]
            backend.ingest(tenant, cut)
        return {
            "passages": len(cut),
            "wall_seconds": time.perf_counter() - began,
            "cpu_seconds": time.process_time() - work,
        }

    def answer(self, cell: str, question: dict[str, str], attempt: str) -> dict[str, Any]:
        """Ask one question, timed."""
        backend, asked = self._cells[cell], Question(**question)
        with calls_of(tenant=asked.tenant, question=asked.id, attempt=attempt):
            began, work = time.perf_counter(), time.process_time()
            reply = backend.answer(asked)
            wall, cpu = time.perf_counter() - began, time.process_time() - work
        return {
            "text": reply.text,
            "hits": [_hit(source) for source in reply.sources],
            "used": reply.used,
            "retrieval_seconds": reply.retrieval_seconds,
            "wall_seconds": wall,
            "cpu_seconds": cpu,
            "passages": self._unseen(cell, reply.sources),
        }

    def forget(self, cell: str, tenant: str, document: str) -> int:
        """Remove a document."""
        with calls_of(tenant=tenant, attempt=INGESTION):
            return self._cells[cell].forget(tenant, document)

    def save(self, cell: str, folder: str) -> None:
        """Write the cell's indexes below a folder."""
        self._cells[cell].save(Path(folder))

    def load(self, cell: str, folder: str) -> None:
        """Read the cell's indexes from a folder."""
        self._cells[cell].load(Path(folder))

    def close(self) -> None:
        """Close every instance."""
        for backend in self._cells.values():
            backend.close()

    def _unseen(self, cell: str, sources: tuple[Source, ...]) -> dict[str, str]:
        """Texts of passages that the runner has not been told yet: each crosses once, not with every answer."""
        shown = self._shown[cell]
        fresh = {source.passage.id: source.passage.text for source in sources if source.passage.id not in shown}
        shown.update(fresh)
        return fresh


def _hit(source: Source) -> list[Any]:
    passage = source.passage
    return [passage.id, passage.document, passage.start, passage.end, float(source.score)]


class Described(Protocol):
    """What can be served: its public methods are the operations."""

    def describe(self) -> dict[str, Any]:
        """Said first of all."""
        ...


def serve(wire: socket.socket, make: Callable[[], Described]) -> None:
    """Make what is served, say what it is, and do its operations until the socket ends."""
    # jsonschema, which haystack and dspy import, compiles a grammar of 2 s for addresses that no schema of theirs holds
    # where this optional package is installed, as notebooks install it.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    lines, lock = wire.makefile("rb"), threading.Lock()

    def tell(content: dict[str, Any]) -> None:
        line = orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY) + b"\n"
        with lock:
            wire.sendall(line)

    try:
        worker = make()
    except WorkbenchError as error:
        tell({"id": 0, "failure": {"kind": "backend", "message": str(error)}})
        return
    tell({"id": 0, "result": worker.describe()})
    threads = ThreadPoolExecutor(64, thread_name_prefix="question")
    for line in lines:
        operation = orjson.loads(line)
        number, method = operation.pop("id"), getattr(worker, operation.pop("op"))
        threads.submit(_do, tell, number, method, operation)


def _do(tell: Callable[[dict[str, Any]], None], number: int, method: Callable[..., Any], given: dict[str, Any]) -> None:
    try:
        outcome = {"id": number, "result": method(**given)}
    except BaseException as error:  # whatever a framework raises becomes a record, never a silent thread
        failure = classify(error)
        outcome = {"id": number, "failure": {"kind": failure.kind, "message": failure.message}}
    try:
        tell(outcome)
    except (OSError, TypeError, ValueError) as error:
        if isinstance(error, OSError):
            os._exit(0)
        tell({"id": number, "failure": {"kind": "backend", "message": f"reply cannot be sent: {error}"}})


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])), lambda: Worker(sys.argv[2]))
    os._exit(0)  # a framework's non-daemon threads must not keep an unwanted process
