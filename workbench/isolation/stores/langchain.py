"""LangChain: its `FAISS` vector store."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import faiss
from langchain_community.docstore.in_memory import InMemoryDocstore
from langchain_community.vectorstores import FAISS
from langchain_community.vectorstores.utils import DistanceStrategy
from langchain_core.embeddings import Embeddings

from workbench.isolation.corpus import Vectors
from workbench.isolation.tenants import Item


class _Given(Embeddings):  # type: ignore[misc]
    """The framework's interface; never asked, because every vector is given."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        raise NotImplementedError

    def embed_query(self, text: str) -> list[float]:
        raise NotImplementedError


class Shared:
    """`FAISS` around an `IndexFlatIP`, the tenant in the metadata."""

    about: ClassVar[str] = "langchain_community FAISS(IndexFlatIP)"
    filtering: ClassVar[str] = "the store fetches the best fetch_k=20 of all tenants and filters these afterwards"
    saving: ClassVar[str] = "FAISS.save_local: .faiss, and the texts by pickle"

    def __init__(self, dimensions: int) -> None:
        faiss.omp_set_num_threads(1)
        self._store = FAISS(
            _Given(),
            faiss.IndexFlatIP(dimensions),
            InMemoryDocstore({}),
            {},
            distance_strategy=DistanceStrategy.MAX_INNER_PRODUCT,
        )

    def add(self, items: Sequence[Item]) -> None:
        self._store.add_embeddings(
            [(item.text, item.vector.tolist()) for item in items],
            metadatas=[{"tenant": item.tenant} for item in items],
            ids=[item.id for item in items],
        )

    def search(self, vector: Vectors, k: int, tenant: str | None) -> list[str]:
        wanted: dict[str, Any] | None = {"tenant": tenant} if tenant is not None else None
        found = self._store.similarity_search_with_score_by_vector(vector.tolist(), k=k, filter=wanted)
        return [document.page_content for document, _ in found]

    def delete(self, document: str, ids: Sequence[str]) -> None:
        self._store.delete(list(ids))

    def save(self, folder: Path) -> None:
        self._store.save_local(str(folder))

    def close(self) -> None:
        pass
