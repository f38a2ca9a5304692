"""Haystack: its OpenAI components, its FAISS and in-memory document stores and a pipeline per tenant."""

import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any, ClassVar

import faiss
import httpx

# Read once, when haystack is imported; left on, the import writes to the home folder and every run calls a server.
os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"

import haystack
from haystack.components.builders import ChatPromptBuilder
from haystack.components.embedders import OpenAIDocumentEmbedder, OpenAITextEmbedder
from haystack.components.generators.chat import OpenAIChatGenerator
from haystack.components.joiners import DocumentJoiner
from haystack.components.preprocessors import DocumentSplitter
from haystack.components.retrievers import InMemoryBM25Retriever
from haystack.dataclasses import ChatMessage
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack.utils import Secret
from haystack_integrations.components.retrievers.faiss import FAISSEmbeddingRetriever
from haystack_integrations.document_stores.faiss import FAISSDocumentStore

from workbench.backends import saved
from workbench.backends.attribution import TIMEOUT_SECONDS, add_headers
from workbench.backends.bm25 import K1, TOKEN, B
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

NATIVE_K = 10

NATIVE_PROMPT = """
Given the following information, answer the question.

Context:
{% for document in documents %}
    {{ document.content }}
{% endfor %}

Question: {{question}}
Answer:
"""
"""From the tutorial "Creating Your First QA Pipeline with Retrieval-Augmentation"."""


class _TimedStore(FAISSDocumentStore):  # type: ignore[misc]
    """The framework's store, which remembers how long the calling thread's last search took."""

    def __init__(self, dimensions: int) -> None:
        super().__init__(embedding_dim=dimensions)
        self.last = threading.local()

    def search(
        self, query_embedding: list[float], top_k: int = 10, filters: dict[str, Any] | None = None
    ) -> list[haystack.Document]:
        began = time.perf_counter()
        found: list[haystack.Document] = super().search(query_embedding, top_k, filters)
        self.last.seconds = time.perf_counter() - began
        return found


class _TimedWords(InMemoryDocumentStore):  # type: ignore[misc]
    """The framework's store of words, timed alike. Not shared: what others share outlives it, and a forgotten tenant.

    Set to delta 0, its BM25Plus, whose idf is Lucene's, is BM25.
    """

    def __init__(self, parity: bool) -> None:
        same: dict[str, Any] = {
            "bm25_tokenization_regex": TOKEN,
            "bm25_algorithm": "BM25Plus",
            "bm25_parameters": {"k1": K1, "b": B, "delta": 0.0},
        }
        super().__init__(shared=False, **(same if parity else {}))
        self.last = threading.local()

    def bm25_retrieval(
        self, query: str, filters: dict[str, Any] | None = None, top_k: int = 10, scale_score: bool = False
    ) -> list[haystack.Document]:
        began = time.perf_counter()
        found: list[haystack.Document] = super().bm25_retrieval(query, filters, top_k, scale_score)
        self.last.seconds = time.perf_counter() - began
        return found


@dataclass(frozen=True, slots=True)
class _Tenant:
    store: _TimedStore | None
    """None: nothing is found by vectors."""
    words: _TimedWords | None
    pipeline: haystack.Pipeline
    passages: dict[str, Passage]
    """By id, in the order of the store's index."""


class Haystack:
    """Embedder, retriever, prompt builder and generator in a `Pipeline`, joined as Haystack's first tutorial does."""

    name: ClassVar[str] = "haystack"
    native_k: ClassVar[int | None] = NATIVE_K
    native_note: ClassVar[str] = (
        "DocumentSplitter's defaults (200 words, no overlap), the retriever's default top_k of 10, and the prompt of "
        'the tutorial "Creating Your First QA Pipeline with Retrieval-Augmentation"; the documents found carry their '
        "embeddings and the pipeline copies both at each step"
    )
    words_note: ClassVar[str] = (
        "InMemoryBM25Retriever's defaults (BM25L, k1 1.5, b 0.75), and DocumentJoiner's reciprocal rank fusion, whose "
        "first 10 are in the prompt"
    )

    def __init__(self, recipe: Recipe, track: Track, endpoint: Endpoint) -> None:
        faiss.omp_set_num_threads(1)
        self._recipe = recipe
        self._parity = track == "parity"
        self._k = recipe.k if self._parity else NATIVE_K
        self._by_vectors, self._by_words = recipe.retrieval != "bm25", recipe.retrieval != "dense"
        # The component whose documents go into the prompt.
        self._last = {"dense": "retriever", "bm25": "words", "hybrid": "joiner"}[recipe.retrieval]
        # One pool of connections: every pipeline has clients of its own, because a component belongs to one pipeline.
        self._transport = httpx.HTTPTransport()
        self._client = {
            "api_key": Secret.from_token(endpoint.token),
            "api_base_url": endpoint.base_url,
            "timeout": TIMEOUT_SECONDS,
            "max_retries": 0,
            "http_client_kwargs": {
                "timeout": TIMEOUT_SECONDS,
                "trust_env": False,
                "transport": self._transport,
                "event_hooks": {"request": [add_headers]},
            },
        }
        # It logs a failed batch and goes on, unless told to raise: the tenant would be indexed in part.
        self._embedder = OpenAIDocumentEmbedder(
            model=recipe.embedding_model, progress_bar=False, raise_on_failure=True, **self._client
        )
        self._tenants: dict[str, _Tenant] = {}

    def split(self, documents: Sequence[Document]) -> list[Passage]:
        splitter = DocumentSplitter()
        passages = []
        for document in documents:
            for piece in splitter.run([haystack.Document(content=document.text)])["documents"]:
                start = piece.meta["split_idx_start"]
                end = start + len(piece.content)
                passage_id = f"{document.id}#{start}-{end}"
                passages.append(Passage(passage_id, document.tenant, document.id, start, end, piece.content))
        return passages

    def ingest(self, tenant: str, passages: Sequence[Passage]) -> None:
        documents = _documents(passages)
        if self._by_vectors:
            documents = self._embedder.run(documents)["documents"]
        self._tenants[tenant] = self._indexed(passages, documents)

    def answer(self, question: Question) -> Reply:
        tenant = self._tenants[question.tenant]
        given = {"prompt_builder": {"question": question.text}}
        if self._by_vectors:
            given["text_embedder"] = {"text": question.text}
        if self._by_words:
            given["words"] = {"query": question.text}
        result = tenant.pipeline.run(
            given,
            include_outputs_from={self._last},
            # After a failure the framework may write its inputs to the home folder; given a callback it never does, and
            # leaves only an empty ~/.haystack/pipeline_snapshot.
            snapshot_callback=lambda snapshot: None,
        )
        found = result[self._last]["documents"]
        sources = tuple(Source(tenant.passages[document.id], document.score) for document in found)
        text = result["llm"]["replies"][0].text or ""
        seconds = sum(store.last.seconds for store in (tenant.store, tenant.words) if store is not None)
        return Reply(text, sources, min(self._k, len(sources)), seconds)

    def forget(self, tenant: str, document: str) -> int:
        held = self._tenants[tenant]
        gone = [passage.id for passage in held.passages.values() if passage.document == document]
        if held.store is not None:
            held.store.delete_by_filter({"field": "meta.document", "operator": "==", "value": document})
        if held.words is not None:
            held.words.delete_documents(gone)
        for passage_id in gone:
            del held.passages[passage_id]
        return len(gone)

    def save(self, folder: Path) -> None:
        for name, tenant in self._tenants.items():
            # The vectors below the map of ids, which is in the order of the passages whatever was deleted.
            index = None if tenant.store is None else faiss.downcast_index(tenant.store.index.index)
            saved.write(folder, name, index, list(tenant.passages.values()))

    def load(self, folder: Path) -> None:
        tenants = {}
        for name, (index, passages) in saved.read(folder, vectors=self._by_vectors).items():
            vectors = index.reconstruct_n(0, index.ntotal).tolist() if index is not None and passages else None
            tenants[name] = self._indexed(passages, _documents(passages, vectors))
        self._tenants = tenants

    def close(self) -> None:
        self._embedder.close()
        for tenant in self._tenants.values():
            tenant.pipeline.close()
        self._transport.close()

    def _indexed(self, passages: Sequence[Passage], documents: list[haystack.Document]) -> _Tenant:
        store = _TimedStore(self._recipe.embedding_dimensions) if self._by_vectors else None
        words = _TimedWords(self._parity) if self._by_words else None
        if store is not None:
            store.write_documents(documents)
        if words is not None:
            words.write_documents(_documents(passages))
        return _Tenant(store, words, self._pipeline(store, words), {passage.id: passage for passage in passages})

    def _pipeline(self, store: _TimedStore | None, words: _TimedWords | None) -> haystack.Pipeline:
        recipe = self._recipe
        sampling = {"temperature": recipe.temperature, "max_tokens": recipe.max_output_tokens, "seed": recipe.seed}
        prompt = ChatMessage.from_user(self._prompt())
        pipeline = haystack.Pipeline()
        if store is not None:
            pipeline.add_component("text_embedder", OpenAITextEmbedder(model=recipe.embedding_model, **self._client))
            pipeline.add_component("retriever", FAISSEmbeddingRetriever(document_store=store, top_k=RETRIEVAL_DEPTH))
            pipeline.connect("text_embedder.embedding", "retriever.query_embedding")
        if words is not None:
            pipeline.add_component("words", InMemoryBM25Retriever(document_store=words, top_k=RETRIEVAL_DEPTH))
        if store is not None and words is not None:
            joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=RETRIEVAL_DEPTH)
            pipeline.add_component("joiner", joiner)
            # Run first, because it waits for no embedding: of equal ranks its documents come first.
            pipeline.connect("words", "joiner.documents")
            pipeline.connect("retriever", "joiner.documents")
        pipeline.add_component("prompt_builder", ChatPromptBuilder(template=[prompt], required_variables="*"))
        pipeline.add_component(
            "llm", OpenAIChatGenerator(model=recipe.model, generation_kwargs=sampling, **self._client)
        )
        pipeline.connect(self._last, "prompt_builder.documents")
        pipeline.connect("prompt_builder.prompt", "llm.messages")
        pipeline.warm_up()
        return pipeline

    def _prompt(self) -> str:
        if not self._parity:
            return NATIVE_PROMPT  # takes all documents: the retriever's default top_k is RETRIEVAL_DEPTH
        separator = PASSAGE_SEPARATOR.replace("\n", r"\n")
        context = f'{{{{ documents[:{self._k}] | map(attribute="content") | join("{separator}") }}}}'
        return prompt_of(self._recipe).format(context=context, question="{{ question }}")


def _documents(passages: Sequence[Passage], vectors: Sequence[list[float]] | None = None) -> list[haystack.Document]:
    """Make the framework's documents; the passage's id is theirs, so that equal texts stay two documents."""
    return [
        haystack.Document(id=passage.id, content=passage.text, meta={"document": passage.document}, embedding=vector)
        for passage, vector in zip(passages, vectors or repeat(None, len(passages)), strict=True)
    ]
