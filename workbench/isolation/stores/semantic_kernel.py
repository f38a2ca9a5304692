"""Semantic Kernel: its `FaissCollection`."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

import faiss
from semantic_kernel.connectors.faiss import FaissCollection
from semantic_kernel.data.vector import DistanceFunction, IndexKind, VectorStoreField, vectorstoremodel

from workbench.isolation.corpus import Vectors
from workbench.isolation.tenants import Item

_kept: dict[int, tuple[asyncio.AbstractEventLoop, Any]] = {}
"""One loop and one record type by dimensions, for all stores of the process, as an application would have."""


class Shared:
    """The collection on a flat index of inner products, the tenant in a field of the record."""

    about: ClassVar[str] = "FaissCollection(FLAT, DOT_PROD)"
    filtering: ClassVar[str] = (
        "the collection searches the best k of all tenants and drops those that do not match; the filter itself is "
        "interpreted for every record at every search"
    )
    saving: ClassVar[str] = "nothing: collections live in memory"

    def __init__(self, dimensions: int) -> None:
        faiss.omp_set_num_threads(1)
        logging.getLogger("semantic_kernel").setLevel(logging.CRITICAL)
        if dimensions not in _kept:
            _kept[dimensions] = (asyncio.new_event_loop(), _record_type(dimensions))
        self._loop, self._record = _kept[dimensions]
        self._collection = FaissCollection(record_type=self._record, collection_name="passages")
        self._loop.run_until_complete(self._collection.ensure_collection_exists())

    def add(self, items: Sequence[Item]) -> None:
        records = [
            self._record(id=item.id, tenant=item.tenant, text=item.text, vector=item.vector.tolist()) for item in items
        ]
        self._loop.run_until_complete(self._collection.upsert(records))

    def search(self, vector: Vectors, k: int, tenant: str | None) -> list[str]:
        return self._loop.run_until_complete(self._search(vector.tolist(), k, tenant))

    async def _search(self, vector: list[float], k: int, tenant: str | None) -> list[str]:
        wanted = f"lambda record: record.tenant == {tenant!r}" if tenant is not None else None
        found = await self._collection.search(vector=vector, top=k, filter=wanted)
        return [hit.record.text async for hit in found.results]

    def delete(self, document: str, ids: Sequence[str]) -> None:
        self._loop.run_until_complete(self._collection.delete(list(ids)))

    def save(self, folder: Path) -> None:
        raise NotImplementedError("FaissCollection has no method that saves it")

    def close(self) -> None:
        pass


def _record_type(dimensions: int) -> Any:
    @vectorstoremodel
    @dataclass
    class Record:
        id: Annotated[str, VectorStoreField("key")]
        tenant: Annotated[str, VectorStoreField("data", is_indexed=True)]
        text: Annotated[str, VectorStoreField("data")]
        vector: Annotated[
            list[float] | None,
            VectorStoreField(
                "vector",
                dimensions=dimensions,
                index_kind=IndexKind.FLAT,
                distance_function=DistanceFunction.DOT_PROD,
            ),
        ] = None

    return Record
