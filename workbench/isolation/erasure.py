"""A document to be forgotten in, what is left of it out: by the workbench's backend, and by the framework alone."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from workbench import backends
from workbench.backends import saved
from workbench.backends.attribution import calls_of
from workbench.backends.contract import Backend
from workbench.isolation import canary, stores, traces
from workbench.isolation.asking import index
from workbench.isolation.corpus import Corpus
from workbench.isolation.tenants import Item, Tenants
from workbench.isolation.traces import Trace
from workbench.records import RETRIEVAL_DEPTH, Endpoint, Question, Recipe

PASSAGES = 30
"""Of each tenant, for this part of the study."""

DELETED = 2
"""Documents deleted one after the other: a store whose numbering breaks does so at the second."""


def forget(backend: str, folder: str, scratch: str, recipe: dict[str, Any], endpoint: dict[str, str]) -> dict[str, Any]:
    """Index two tenants in the real backend, ask, have it forget a document, and look for it everywhere.

    Args:
        backend: its name.
        folder: holds the corpus.
        scratch: an empty folder, outside of HOME, for saved indexes.
        recipe: `Recipe`, as plain values.
        endpoint: `Endpoint`, as plain values.
    """
    before, after = Path(scratch, "before"), Path(scratch, "after")
    before.mkdir()
    after.mkdir()
    made = backends.load(backend)(Recipe(**recipe), "parity", Endpoint(**endpoint))
    tenant, document, question = _indexed(made, Path(folder))
    made.save(before)
    wanted = _saved_traces(before, tenant, document)
    there = {"memory": traces.in_memory(wanted), "saved": traces.in_files(before, wanted)}
    removed = made.forget(tenant, document)
    left = traces.in_memory(wanted)
    made.save(after)
    again = backends.load(backend)(Recipe(**recipe), "parity", Endpoint(**endpoint))
    again.load(after)
    outcome = {
        "removed": removed,
        "found_before": there,
        "memory": left,
        "saved": traces.in_files(after, wanted),
        "caches": traces.in_files(Path(os.environ["HOME"]), wanted),
        "hits": _hits(made, tenant, document, question) + _hits(again, tenant, document, question),
    }
    made.close()
    again.close()
    return outcome


def delete(backend: str, folder: str, scratch: str, seed: int) -> dict[str, Any]:
    """Fill a shared store, delete two documents the framework's own way, and look for them everywhere.

    Args:
        backend: whose store.
        folder: holds the corpus.
        scratch: an empty folder, outside of HOME, where the framework saves.
        seed: of the tenants' passages.
    """
    made = stores.load(backend)
    store = made(Corpus.read(Path(folder)).vectors.shape[1])
    items = _items(Path(folder), seed)
    documents = list(dict.fromkeys(item.document for item in items))[:DELETED]
    ids = {one: [item.id for item in items if item.document == one] for one in documents}
    gone = [item for item in items if item.document in documents]
    wanted = [Trace.of(_mark(item.text), item.id, item.vector) for item in gone]
    store.add(items)
    list(store.search(items[0].vector, 1, None))  # one that is built when first asked is built now
    del items, gone
    there, refused = traces.in_memory(wanted), ""
    try:
        for document in documents:
            store.delete(document, ids[document])
    except Exception as error:  # what the framework says to it is the result
        refused = f"{type(error).__name__}: {error}"
    del ids
    outcome = {"refused": refused, "found_before": {"memory": there}, "memory": traces.in_memory(wanted)}
    outcome |= _saved(store, Path(scratch), wanted)
    outcome["caches"] = traces.in_files(Path(os.environ["HOME"]), wanted)
    store_outcome = _remaining(store, _items(Path(folder), seed), documents)
    store.close()
    return {**outcome, **store_outcome, "saving": made.saving}


def _indexed(backend: Backend, folder: Path) -> tuple[str, str, str]:
    """Index two tenants, ask; the tenant and document to forget, and a question that its passage answers best."""
    corpus = Corpus.read(folder)
    rows = {name: corpus.of(name)[:PASSAGES] for name in corpus.tenants[:2]}
    index(backend, corpus, rows)
    tenant = corpus.tenants[0]
    row = rows[tenant][0]
    question = corpus.questions[int((corpus.asked @ corpus.vectors[row]).argmax())]["text"]
    _hits(backend, tenant, "", question)
    return tenant, corpus.passages[row]["document"], question


def _saved_traces(folder: Path, tenant: str, document: str) -> list[Trace]:
    """Traces of a document as a backend saved it, so that its vectors are the backend's to the bit."""
    held, passages = saved.read(folder)[tenant]
    return [
        Trace.of(_mark(passage.text), passage.id, held.reconstruct(row))
        for row, passage in enumerate(passages)
        if passage.document == document
    ]


def _hits(backend: Backend, tenant: str, document: str, question: str) -> int:
    """How many passages of the document a question finds."""
    with calls_of(tenant=tenant, question="erasure", attempt="isolation"):
        reply = backend.answer(Question("erasure", tenant, question))
    return sum(source.passage.document == document for source in reply.sources)


def _items(folder: Path, seed: int) -> list[Item]:
    corpus = Corpus.read(folder)
    world = Tenants(corpus, len(corpus.tenants), "equal", PASSAGES, seed)
    return [item for tenant in range(world.count) for item in world.items(tenant)]


def _mark(text: str) -> str:
    return canary.mark(*list(canary.read(text))[-1])


def _saved(store: stores.Store, folder: Path, wanted: list[Trace]) -> dict[str, Any]:
    try:
        store.save(folder)
    except Exception as error:
        return {"saved": [], "not_saved": f"{type(error).__name__}: {error}"}
    return {"saved": traces.in_files(folder, wanted), "pickled": [path.name for path in folder.rglob("*.pkl")]}


def _remaining(store: stores.Store, items: Iterable[Item], documents: list[str]) -> dict[str, Any]:
    """Ask with every passage's own vector: the deleted must not come, the others must come first."""
    outcome: dict[str, Any] = {"hits": 0, "others": 0, "others_lost": 0, "broken": ""}
    for item in items:
        try:
            found = store.search(np.array(item.vector), RETRIEVAL_DEPTH, None)
        except Exception as error:
            outcome["broken"], found = f"{type(error).__name__}: {error}", []
        if item.document in documents:
            outcome["hits"] += item.text in found
        else:
            outcome["others"] += 1
            outcome["others_lost"] += found[:1] != [item.text]
    return outcome
