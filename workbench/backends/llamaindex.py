"""LlamaIndex: its OpenAI clients, its FAISS vector store under a vector index, and a query engine per tenant.

What it finds by words with is in `llamaindex_words`.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import faiss
from llama_index.core import Document as LlamaDocument
from llama_index.core import PromptTemplate, QueryBundle, StorageContext, VectorStoreIndex, get_response_synthesizer
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.llms.types import ChatMessage, ChatResponse
from llama_index.core.indices.prompt_helper import PromptHelper
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.schema import NodeWithScore, TextNode
from llama_index.embeddings.openai import OpenAIEmbedding
from llama_index.llms.openai_like import OpenAILike
from llama_index.vector_stores.faiss import FaissVectorStore

from workbench.backends import saved
from workbench.backends.attribution import TIMEOUT_SECONDS, http_client
from workbench.backends.contract import PASSAGE_SEPARATOR, prompt_of
from workbench.records import (
    RETRIEVAL_DEPTH,
    Document,
    Endpoint,
    Passage,
    Question,
    Recipe,
    Reply,
    Source,
    Track,
)

NATIVE_K = 2

CONTEXT_WINDOW = 10_000_000
"""Tokens; the framework's 3,900 for a model it does not know would split a long context over several calls."""

EMPTY_RESPONSE = "Empty Response"
"""What the synthesiser makes of an empty answer."""


class _Chat(OpenAILike):  # type: ignore[misc]
    """The framework's client, whose faults come through: its synthesiser answers `Empty Response` to a ValueError."""

    def chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        try:
            return super().chat(messages, **kwargs)
        except (ValueError, TypeError) as error:
            raise RuntimeError(f"the chat call failed: {error}") from error


class _VerbatimEmbedding(OpenAIEmbedding):  # type: ignore[misc]
    """The framework's client without its replacing of line breaks by blanks, so that parity embeds equal texts."""

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        response = self._get_client().embeddings.create(input=texts, model=self._text_engine)
        return [row.embedding for row in response.data]

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embeddings([query])[0]


class _VerbatimPromptHelper(PromptHelper):  # type: ignore[misc]
    """Packs what the framework packs, without stripping passages: the prompt is byte-equal on parity."""

    def repack(self, prompt: Any, text_chunks: Sequence[str], *args: Any, **kwargs: Any) -> list[str]:
        # Called for its cost too: counting the tokens of each context is part of what the framework takes.
        super().repack(prompt, text_chunks, *args, **kwargs)
        return [PASSAGE_SEPARATOR.join(text_chunks)]


@dataclass(frozen=True, slots=True)
class _Tenant:
    store: FaissVectorStore
    """Empty where nothing is found by vectors."""
    engine: RetrieverQueryEngine
    passages: dict[str, Passage]
    """By id, in the order of the store's index."""


class LlamaIndex:
    """`VectorStoreIndex` and `RetrieverQueryEngine` with the compact synthesiser, without the global `Settings`."""

    name: ClassVar[str] = "llamaindex"
    native_k: ClassVar[int | None] = NATIVE_K
    native_note: ClassVar[str] = (
        "the framework's own defaults: SentenceSplitter (1,024 tokens, 200 overlap), similarity_top_k of 2, and the "
        "question-answering template of the compact response synthesiser"
    )
    words_note: ClassVar[str] = (
        "BM25Retriever's defaults (bm25s with k1 1.5, b 0.75, English stop words and stemming), and "
        "QueryFusionRetriever with reciprocal_rerank and one query, where it would have the model write three more"
    )

    def __init__(self, recipe: Recipe, track: Track, endpoint: Endpoint) -> None:
        faiss.omp_set_num_threads(1)
        parity = track == "parity"
        self._recipe = recipe
        self._parity = parity
        self._k = recipe.k if parity else NATIVE_K
        self._by_vectors, self._by_words = recipe.retrieval != "bm25", recipe.retrieval != "dense"
        self._client = http_client()
        client: dict[str, Any] = {
            "api_base": endpoint.base_url,
            "api_key": endpoint.token,
            "http_client": self._client,
            "timeout": TIMEOUT_SECONDS,
            "max_retries": 0,
        }
        embedding = _VerbatimEmbedding if parity else OpenAIEmbedding
        self._embeddings = embedding(model_name=recipe.embedding_model, **client)
        self._model = model = _Chat(
            model=recipe.model,
            is_chat_model=True,
            context_window=CONTEXT_WINDOW,
            temperature=recipe.temperature,
            max_tokens=recipe.max_output_tokens,
            additional_kwargs={"seed": recipe.seed},
            **client,
        )
        template = PromptTemplate(prompt_of(recipe).format(context="{context_str}", question="{query_str}"))
        self._synthesiser = get_response_synthesizer(
            llm=model,
            text_qa_template=template if parity else None,
            prompt_helper=_VerbatimPromptHelper.from_llm_metadata(model.metadata) if parity else None,
        )
        # Without a node the synthesiser answers by itself; on parity the model is asked, as every backend asks it.
        self._nothing = [NodeWithScore(node=TextNode(text=""))] if parity else []
        self._splitter = SentenceSplitter()
        self._tenants: dict[str, _Tenant] = {}

    def split(self, documents: Sequence[Document]) -> list[Passage]:
        passages = []
        for document in documents:
            whole = LlamaDocument(id_=document.id, text=document.text)
            for node in self._splitter.get_nodes_from_documents([whole]):
                text = node.get_content()
                start = document.text.index(text) if node.start_char_idx is None else node.start_char_idx
                end = start + len(text)
                passages.append(Passage(f"{document.id}#{start}-{end}", document.tenant, document.id, start, end, text))
        return passages

    def ingest(self, tenant: str, passages: Sequence[Passage]) -> None:
        self._tenants[tenant] = self._indexed(_nodes(passages), passages)

    def answer(self, question: Question) -> Reply:
        tenant = self._tenants[question.tenant]
        query = QueryBundle(question.text)
        if self._by_vectors:
            # The retriever would embed the question itself; done before, the search can be timed alone.
            query.embedding = self._embeddings.get_agg_embedding_from_queries([question.text])
        began = time.perf_counter()
        found = tenant.engine.retrieve(query)
        seconds = time.perf_counter() - began
        sources = tuple(Source(tenant.passages[node.node_id], float(node.score or 0.0)) for node in found)
        text = str(tenant.engine.synthesize(query, found[: self._k] or self._nothing))
        if self._parity and text == EMPTY_RESPONSE:
            text = ""
        return Reply(text, sources, min(self._k, len(sources)), seconds)

    def forget(self, tenant: str, document: str) -> int:
        held = self._tenants[tenant]
        kept = [passage for passage in held.passages.values() if passage.document != document]
        gone = len(held.passages) - len(kept)
        if gone:
            # The framework cannot delete from FAISS: one store refuses, the other gives a new vector an old one's id.
            self._tenants[tenant] = self._rebuilt(held.store.client, list(held.passages.values()), kept)
        return gone

    def save(self, folder: Path) -> None:
        for name, tenant in self._tenants.items():
            index = tenant.store.client if self._by_vectors else None
            saved.write(folder, name, index, list(tenant.passages.values()))

    def load(self, folder: Path) -> None:
        self._tenants = {
            name: self._rebuilt(index, passages, passages)
            for name, (index, passages) in saved.read(folder, vectors=self._by_vectors).items()
        }

    def close(self) -> None:
        self._client.close()

    def _rebuilt(self, index: Any, passages: Sequence[Passage], kept: Sequence[Passage]) -> _Tenant:
        """Index the kept of the passages anew with the vectors that they have; nothing is embedded again."""
        rows = {passage.id: row for row, passage in enumerate(passages)}
        nodes = _nodes(kept)
        for node in nodes if self._by_vectors else []:
            node.embedding = index.reconstruct(rows[node.node_id]).tolist()
        return self._indexed(nodes, kept)

    def _indexed(self, nodes: list[TextNode], passages: Sequence[Passage]) -> _Tenant:
        store = FaissVectorStore(faiss_index=faiss.IndexFlatIP(self._recipe.embedding_dimensions))
        index = VectorStoreIndex(
            [],
            storage_context=StorageContext.from_defaults(vector_store=store),
            embed_model=self._embeddings,
            transformations=[self._splitter],
        )
        retriever = index.as_retriever(similarity_top_k=RETRIEVAL_DEPTH)
        if self._by_vectors:
            # Inserted, because the constructor leaves out empty nodes and prints that it does.
            index.insert_nodes(nodes)
        if self._by_words and nodes:
            retriever = self._with_words(retriever, nodes)
        engine = RetrieverQueryEngine(retriever, self._synthesiser)
        return _Tenant(store, engine, {passage.id: passage for passage in passages})

    def _with_words(self, near: BaseRetriever, nodes: list[TextNode]) -> BaseRetriever:
        from workbench.backends import llamaindex_words

        words = llamaindex_words.by_words(nodes, parity=self._parity)
        if not self._by_vectors:
            return words
        return llamaindex_words.joined(words, near, self._model, parity=self._parity)


def _nodes(passages: Sequence[Passage]) -> list[TextNode]:
    """Make the framework's nodes, without metadata, which would enter both the embedded text and the prompt."""
    return [TextNode(id_=passage.id, text=passage.text) for passage in passages]
