"""LlamaIndex: `FaissVectorStore` under a `VectorStoreIndex` and its retriever."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import faiss
from llama_index.core import MockEmbedding, QueryBundle, StorageContext, VectorStoreIndex
from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode
from llama_index.core.vector_stores import MetadataFilter, MetadataFilters
from llama_index.vector_stores.faiss import FaissVectorStore

from workbench.isolation.corpus import Vectors
from workbench.isolation.tenants import Item


class Shared:
    """The index's own retriever; nodes and questions come with their vectors, so that its embedder is never asked."""

    about: ClassVar[str] = "VectorStoreIndex.as_retriever on FaissVectorStore(IndexFlatIP)"
    filtering: ClassVar[str] = "the FAISS store raises when it is given one"
    saving: ClassVar[str] = "StorageContext.persist: JSON, and the FAISS index in its own format"

    def __init__(self, dimensions: int) -> None:
        faiss.omp_set_num_threads(1)
        store = FaissVectorStore(faiss_index=faiss.IndexFlatIP(dimensions))
        self._index = VectorStoreIndex(
            [],
            storage_context=StorageContext.from_defaults(vector_store=store),
            embed_model=MockEmbedding(embed_dim=dimensions),
            transformations=[],
        )
        self._retrievers: dict[int, Any] = {}
        """By k, without a filter; one that has a filter is another for each tenant."""

    def add(self, items: Sequence[Item]) -> None:
        self._index.insert_nodes(
            [
                TextNode(
                    id_=item.id,
                    text=item.text,
                    metadata={"tenant": item.tenant},
                    embedding=item.vector.tolist(),
                    relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=item.document)},
                )
                for item in items
            ]
        )

    def search(self, vector: Vectors, k: int, tenant: str | None) -> list[str]:
        if tenant is not None:
            filters = MetadataFilters(filters=[MetadataFilter(key="tenant", value=tenant)])
            retriever = self._index.as_retriever(similarity_top_k=k, filters=filters)
        elif k in self._retrievers:
            retriever = self._retrievers[k]
        else:
            retriever = self._retrievers[k] = self._index.as_retriever(similarity_top_k=k)
        return [node.text for node in retriever.retrieve(QueryBundle("", embedding=vector.tolist()))]

    def delete(self, document: str, ids: Sequence[str]) -> None:
        self._index.delete_ref_doc(document, delete_from_docstore=True)

    def save(self, folder: Path) -> None:
        self._index.storage_context.persist(persist_dir=str(folder))

    def close(self) -> None:
        pass
