"""A corpus and a number of tenants in; each tenant's passages with vectors, and what it asks, out. Seeded throughout.

As many tenants as the workload has are the workload's own, with their own passages and vectors. For more, every tenant
is derived: it draws passages of the whole workload and holds a version of its own of each, as every company has its own
leave policy. A version's text is the passage with the tenant's own mark; its vector is the passage's real one turned by
a random direction so far that two tenants' versions of one passage are as near to each other as the workload's own
tenants are where they speak of one matter (`Corpus.nearness`). What this leaves out: derived tenants have no topics of
their own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workbench.isolation import canary
from workbench.isolation.corpus import Corpus, Vectors

Sizes = Literal["equal", "zipf"]

SIZES: tuple[Sizes, ...] = ("equal", "zipf")
"""All tenants alike, or the i-th largest with 1/i of the largest's passages (Zipf's law)."""


@dataclass(frozen=True, slots=True)
class Item:
    """One passage as a store is given it."""

    id: str
    tenant: str
    document: str
    text: str
    vector: NDArray[np.float32]


@dataclass(frozen=True)
class Tenants:
    """The tenants of one cell of the study."""

    corpus: Corpus
    count: int
    sizes: Sizes
    passages: int
    """Of an average tenant."""
    seed: int

    @property
    def own(self) -> bool:
        """Whether they are the workload's own."""
        return self.count <= len(self.corpus.tenants)

    @cached_property
    def names(self) -> list[str]:
        """Ids, the largest tenant first."""
        if self.own:
            return self.corpus.tenants[: self.count]
        return [f"tenant-{number:04}" for number in range(self.count)]

    @cached_property
    def lengths(self) -> list[int]:
        """Passages of each tenant, 1 or more; own tenants hold at most what they have."""
        if self.sizes == "equal":
            wanted = [self.passages] * self.count
        else:
            share = self.count * self.passages / sum(1 / rank for rank in range(1, self.count + 1))
            wanted = [max(1, round(share / rank)) for rank in range(1, self.count + 1)]
        if not self.own:
            return wanted
        return [min(one, len(self.corpus.of(name))) for one, name in zip(wanted, self.names, strict=True)]

    def rows(self, tenant: int) -> NDArray[np.int64]:
        """Rows of the corpus that a tenant draws; where it is larger than the workload, in several versions each."""
        random, length = self._random(tenant, 0), self.lengths[tenant]
        if self.own:
            held = np.array(self.corpus.of(self.names[tenant]))
            own: NDArray[np.int64] = np.sort(random.permutation(held)[:length])
            return own
        everything = len(self.corpus.passages)
        rounds = -(-length // everything)
        drawn: NDArray[np.int64] = np.concatenate([random.permutation(everything) for _ in range(rounds)])
        return drawn[:length]

    def vectors(self, tenant: int) -> Vectors:
        """A tenant's vectors, of unit length, in the order of its rows."""
        real = self.corpus.vectors[self.rows(tenant)]
        if self.own:
            return real
        noise = self._random(tenant, 1).standard_normal(real.shape, dtype=np.float32)
        noise -= (noise * real).sum(axis=1, keepdims=True) * real
        noise /= np.linalg.norm(noise, axis=1, keepdims=True)
        turned = self.corpus.nearness**0.5 * real + (1 - self.corpus.nearness) ** 0.5 * noise
        made: Vectors = (turned / np.linalg.norm(turned, axis=1, keepdims=True)).astype(np.float32)
        return made

    def items(self, tenant: int) -> Iterator[Item]:
        """A tenant's passages; item i carries the mark of number i, own tenants' the number that it has there."""
        name, vectors = self.names[tenant], self.vectors(tenant)
        for place, row in enumerate(self.rows(tenant)):
            passage = self.corpus.passages[row]
            text = passage["text"]
            if not self.own:
                text = text[: text.rindex("[canary ")] + canary.mark(name, place)
            document = passage["document"] if self.own else f"{name}/{passage['document']}"
            yield Item(f"{name}/{place:06}", name, document, text, vectors[place])

    def numbers(self, tenant: int) -> list[int]:
        """The number in the mark of each item."""
        if not self.own:
            return list(range(self.lengths[tenant]))
        return [next(canary.read(item.text))[1] for item in self.items(tenant)]

    def trials(self, most: int) -> list[tuple[int, int]]:
        """Who asks what: pairs of a tenant and a row of the corpus's questions, no pair twice.

        Tenants take turns in random order. Each asks first what it holds the best passage of, then what others do.
        """
        held_by = self.corpus.vectors @ self.corpus.asked.T
        best = held_by.argmax(axis=0)
        order = self._random(self.count, 2).permutation(self.count)
        asks = [self._asks(int(tenant), best, most // self.count + 1) for tenant in order]
        turns = max(map(len, asks))
        pairs = [
            (int(tenant), int(mine[turn]))
            for turn in range(turns)
            for tenant, mine in zip(order, asks, strict=True)
            if turn < len(mine)
        ]
        return pairs[:most]

    def _asks(self, tenant: int, best: NDArray[np.int64], most: int) -> NDArray[np.int64]:
        random = self._random(tenant, 3)
        drawn = random.permutation(len(best))
        mine = np.isin(best[drawn], self.rows(tenant))
        ordered: NDArray[np.int64] = np.concatenate([drawn[mine], drawn[~mine]])
        return ordered[:most]

    def _random(self, tenant: int, purpose: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, purpose, tenant])
