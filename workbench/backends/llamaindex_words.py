"""LlamaIndex's retrievers by words: nodes come in, one that finds by words or by both goes out.

A module of its own, so that they are imported only where they are asked for.
"""

from collections.abc import Sequence
from typing import Any

from llama_index.core import QueryBundle
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.core.schema import NodeWithScore, TextNode
from llama_index.core.vector_stores.utils import metadata_dict_to_node, node_to_metadata_dict
from llama_index.retrievers.bm25 import BM25Retriever

from workbench.backends.bm25 import BM25, fuse
from workbench.records import RETRIEVAL_DEPTH


def by_words(nodes: Sequence[TextNode], *, parity: bool) -> BaseRetriever:
    """Make the framework's `BM25Retriever` over nodes.

    Args:
        nodes: at least one.
        parity: rank as `workbench.backends.bm25` does; else as the framework does by default.
    """
    if parity:
        return _SameWords(existing_bm25=_Words(nodes), similarity_top_k=RETRIEVAL_DEPTH)
    return BM25Retriever(nodes=list(nodes), similarity_top_k=min(RETRIEVAL_DEPTH, len(nodes)))


def joined(words: BaseRetriever, near: BaseRetriever, llm: Any, *, parity: bool) -> BaseRetriever:
    """Make the framework's `QueryFusionRetriever` of two retrievers, which asks for no other queries.

    Args:
        words: by words; of equal ranks its own come first.
        near: by vectors.
        llm: for queries that are not asked for; without one, the framework would make an OpenAI client.
        parity: count ranks from 1 and tell passages apart by id; else as the framework does.
    """
    made = _SameFusion if parity else QueryFusionRetriever
    return made(
        [words, near],
        llm=llm,
        mode="reciprocal_rerank",
        similarity_top_k=RETRIEVAL_DEPTH,
        num_queries=1,
        use_async=False,
    )


class _Words(BM25):
    """What stands in for a `bm25s.BM25` that the framework's retriever is given."""

    def __init__(self, nodes: Sequence[TextNode]) -> None:
        super().__init__([node.text for node in nodes])
        self.corpus = [node_to_metadata_dict(node) for node in nodes]
        self.scores: dict[str, Any] = {}


class _SameWords(BM25Retriever):  # type: ignore[misc]
    """The framework's retriever, which else drops English stop words from every question, whatever it is told."""

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        found = self.bm25.best(query_bundle.query_str, self.similarity_top_k)
        return [NodeWithScore(node=metadata_dict_to_node(self.corpus[row]), score=score) for row, score in found]


class _SameFusion(QueryFusionRetriever):  # type: ignore[misc]
    """The framework's retriever, which else counts ranks from 0 and takes passages of equal text for one."""

    def _reciprocal_rerank_fusion(self, results: dict[tuple[str, int], list[NodeWithScore]]) -> list[NodeWithScore]:
        nodes = {found.node_id: found.node for each in results.values() for found in each}
        ranked = fuse([[found.node_id for found in each] for each in results.values()], RETRIEVAL_DEPTH)
        return [NodeWithScore(node=nodes[name], score=score) for name, score in ranked]
