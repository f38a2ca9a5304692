"""One cell of the study, in the backend's process: a layout of a framework's stores in, what its searches gave out."""

import gc
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import numpy as np
import psutil
from numpy.typing import NDArray

from workbench.isolation import canary, stores
from workbench.isolation.corpus import Corpus, Vectors
from workbench.isolation.tenants import Item, Tenants

Layout = Literal["index_per_tenant", "shared_filtered", "shared_unfiltered"]

LAYOUTS: tuple[Layout, ...] = ("index_per_tenant", "shared_filtered", "shared_unfiltered")

SAME = 1e-5
"""Scores nearer than this are the same: frameworks compute in other orders and by distance instead of product."""

_ADDED_AT_ONCE = 1000
_WARM = 5


@dataclass(frozen=True)
class Private:
    """What exact search in a tenant's own vectors alone would score: the truth of recall."""

    numbers: Sequence[int]
    """The number in the mark of each of the tenant's passages."""
    vectors: Vectors

    def judge(self, texts: Sequence[str], tenant: str, asked: Vectors, k: int) -> list[int]:
        """What one search gave.

        Args:
            texts: of the hits, as the framework returned them.
            tenant: who asked.
            asked: the question's vector.
            k: hits that were wanted.

        Returns:
            Hits that are not this tenant's (a text without any genuine mark included), hits of its own, how many it
            could have had, and how many of its own are among its k best.
        """
        owners = [next(canary.read(text), ("", -1)) for text in texts]
        own = {number for owner, number in owners if owner == tenant}
        wanted = min(k, len(self.numbers))
        scores: NDArray[np.float32] = self.vectors @ asked
        least = np.sort(scores)[-wanted]
        places = [place for place, number in enumerate(self.numbers) if number in own]
        right = sum(bool(scores[place] >= least - SAME) for place in places)
        return [sum(owner != tenant for owner, _ in owners), len(own), wanted, min(right, wanted)]


def search_all(
    backend: str,
    folder: str,
    layout: Layout,
    tenants: int,
    sizes: Any,
    passages: int,
    seed: int,
    k: int,
    trials: int,
    limit_seconds: float,
) -> dict[str, Any]:
    """Build the layout, ask every trial's question, and say what came.

    Args:
        backend: whose stores.
        folder: holds the corpus.
        layout: which of the three.
        tenants: how many.
        sizes: equal or zipf.
        passages: of an average tenant.
        seed: of tenants and trials.
        k: hits wanted.
        trials: questions at most.
        limit_seconds: a shared layout asks no further question after so long; an index per tenant asks all.
    """
    world = Tenants(Corpus.read(Path(folder)), tenants, sizes, passages, seed)
    private = layout == "index_per_tenant"
    made = stores.load(backend, private=private)
    dimensions = world.corpus.vectors.shape[1]
    pairs = world.trials(trials)
    # What the first store of all loads belongs to no tenant.
    _filled(made(dimensions), islice(world.items(0), passages)).close()
    before, began = resident(), time.perf_counter()
    if private:
        held = [_filled(made(dimensions), world.items(tenant)) for tenant in range(tenants)]
    else:
        everything = (item for tenant in range(tenants) for item in world.items(tenant))
        held = [_filled(made(dimensions), everything)]
    held[0].search(world.corpus.asked[0], k, None)  # one that is built when it is first asked is built now
    built = time.perf_counter() - began
    outcome: dict[str, Any] = {
        "about": made.about,
        "filtering": made.filtering,
        "passages": sum(world.lengths),
        "own": world.own,
        "nearness": world.corpus.nearness,
        "build_seconds": built,
        "grown_bytes": resident() - before,
    }

    def search(tenant: int, question: int) -> list[str]:
        owner = world.names[tenant] if layout == "shared_filtered" else None
        return held[tenant if private else 0].search(world.corpus.asked[question], k, owner)

    try:
        for tenant, question in pairs[:_WARM]:
            search(tenant, question)
    except Exception as error:  # whatever the framework says to the filter is the result
        return {**outcome, "refused": f"{type(error).__name__}: {error}"}
    truth = [Private(world.numbers(tenant), world.vectors(tenant)) for tenant in range(tenants)]
    outcome |= {"judged": [], "milliseconds": [], "cpu_milliseconds": []}
    ends = time.monotonic() + limit_seconds
    for tenant, question in pairs:
        if not private and outcome["judged"] and time.monotonic() > ends:
            break
        wall, cpu = time.perf_counter(), time.process_time()
        texts = search(tenant, question)
        outcome["milliseconds"].append((time.perf_counter() - wall) * 1000)
        outcome["cpu_milliseconds"].append((time.process_time() - cpu) * 1000)
        asked = world.corpus.asked[question]
        outcome["judged"].append(truth[tenant].judge(texts, world.names[tenant], asked, k))
    for store in held:
        store.close()
    return outcome


def _filled(store: stores.Store, items: Iterator[Item]) -> stores.Store:
    while batch := list(islice(items, _ADDED_AT_ONCE)):
        store.add(batch)
    return store


def resident() -> int:
    """Bytes of memory that this process holds, after a collection."""
    gc.collect()
    return int(psutil.Process().memory_info().rss)
