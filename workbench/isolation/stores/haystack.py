"""Haystack: `FAISSDocumentStore` under its `FAISSEmbeddingRetriever`."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import faiss

os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"

import haystack
from haystack_integrations.components.retrievers.faiss import FAISSEmbeddingRetriever
from haystack_integrations.document_stores.faiss import FAISSDocumentStore

from workbench.isolation.corpus import Vectors
from workbench.isolation.tenants import Item


class Shared:
    """The retriever on a Flat store, the tenant in `meta`."""

    about: ClassVar[str] = "FAISSEmbeddingRetriever on FAISSDocumentStore('Flat')"
    filtering: ClassVar[str] = "the store fetches the best 10 k of all tenants and filters these afterwards"
    saving: ClassVar[str] = "FAISSDocumentStore.save: .faiss and .json"

    def __init__(self, dimensions: int) -> None:
        faiss.omp_set_num_threads(1)
        self._store = FAISSDocumentStore(embedding_dim=dimensions)
        self._retriever = FAISSEmbeddingRetriever(document_store=self._store)

    def add(self, items: Sequence[Item]) -> None:
        self._store.write_documents(
            [
                haystack.Document(
                    id=item.id, content=item.text, meta={"tenant": item.tenant}, embedding=item.vector.tolist()
                )
                for item in items
            ]
        )

    def search(self, vector: Vectors, k: int, tenant: str | None) -> list[str]:
        filters = {"field": "meta.tenant", "operator": "==", "value": tenant} if tenant is not None else None
        found = self._retriever.run(query_embedding=vector.tolist(), filters=filters, top_k=k)["documents"]
        return [document.content for document in found]

    def delete(self, document: str, ids: Sequence[str]) -> None:
        self._store.delete_documents(list(ids))

    def save(self, folder: Path) -> None:
        self._store.save(folder / "store")

    def close(self) -> None:
        pass
