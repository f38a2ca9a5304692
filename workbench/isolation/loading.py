"""Saved indexes of many tenants in, what a whole backend that holds them takes in memory and time, out.

The stores of the other cells are bare. A backend has what its framework puts around each tenant's index as well:
pipelines, engines, clients.
"""

import time
from pathlib import Path
from typing import Any

import faiss

from workbench import backends
from workbench.backends import saved
from workbench.isolation.corpus import Corpus
from workbench.isolation.searching import resident
from workbench.isolation.tenants import Item, Tenants
from workbench.records import Endpoint, Passage, Recipe


def load_all(
    backend: str,
    folder: str,
    scratch: str,
    recipe: dict[str, Any],
    endpoint: dict[str, str],
    tenants: int,
    passages: int,
) -> dict[str, Any]:
    """Save tenants of equal size, and have the backend load them.

    Args:
        backend: its name.
        folder: holds the corpus.
        scratch: an empty folder.
        recipe: `Recipe`, as plain values.
        endpoint: `Endpoint`, as plain values; nothing is sent there.
        tenants: how many.
        passages: of each.
    """
    given, first, every = Recipe(**recipe), Path(scratch, "first"), Path(scratch, "every")
    world = Tenants(Corpus.read(Path(folder)), tenants, "equal", passages, given.seed)
    _save(world, first, 1)
    _save(world, every, tenants)
    del world
    warm, made = (backends.load(backend)(given, "parity", Endpoint(**endpoint)) for _ in range(2))
    warm.load(first)  # what the first tenant of all loads belongs to no tenant
    warm.close()
    before, began = resident(), time.perf_counter()
    made.load(every)
    seconds = time.perf_counter() - began
    megabytes = (resident() - before) / 2**20
    made.close()
    return {"megabytes_per_tenant": megabytes / tenants, "load_seconds": seconds}


def _save(world: Tenants, folder: Path, most: int) -> None:
    folder.mkdir()
    for tenant, name in enumerate(world.names[:most]):
        vectors = world.vectors(tenant)
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        saved.write(folder, name, index, [_passage(item) for item in world.items(tenant)])


def _passage(item: Item) -> Passage:
    return Passage(item.id, item.tenant, item.document, 0, len(item.text), item.text)
