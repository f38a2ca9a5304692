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
    given = Recipe(**recipe)
    _save(Tenants(Corpus.read(Path(folder)), tenants, "equal", passages, given.seed), Path(scratch))
    made = backends.load(backend)(given, "parity", Endpoint(**endpoint))
    before, began = resident(), time.perf_counter()
    made.load(Path(scratch))
    seconds = time.perf_counter() - began
    megabytes = (resident() - before) / 2**20
    made.close()
    return {"megabytes_per_tenant": megabytes / tenants, "load_seconds": seconds}


def _save(world: Tenants, folder: Path) -> None:
    for tenant, name in enumerate(world.names):
        vectors = world.vectors(tenant)
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        saved.write(folder, name, index, [_passage(item) for item in world.items(tenant)])


def _passage(item: Item) -> Passage:
    return Passage(item.id, item.tenant, item.document, 0, len(item.text), item.text)
