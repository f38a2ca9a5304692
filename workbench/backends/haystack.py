"""Haystack: its OpenAI components, its FAISS document store and a pipeline per tenant."""

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
from haystack.components.preprocessors import DocumentSplitter
from haystack.dataclasses import ChatMessage
from haystack.utils import Secret
from haystack_integrations.components.retrievers.faiss import FAISSEmbeddingRetriever
from haystack_integrations.document_stores.faiss import FAISSDocumentStore

from workbench.backends import saved
from workbench.backends.attribution import TIMEOUT_SECONDS, add_headers
from workbench.backends.contract import PASSAGE_SEPARATOR, SHARED_PROMPT
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


@dataclass(frozen=True, slots=True)
class _Tenant:
    store: _TimedStore
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

    def __init__(self, recipe: Recipe, track: Track, endpoint: Endpoint) -> None:
        faiss.omp_set_num_threads(1)
        self._recipe = recipe
        self._parity = track == "parity"
        self._k = recipe.k if self._parity else NATIVE_K
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
        self._tenants[tenant] = self._indexed(passages, self._embedder.run(_documents(passages))["documents"])

    def answer(self, question: Question) -> Reply:
        tenant = self._tenants[question.tenant]
        result = tenant.pipeline.run(
            {"text_embedder": {"text": question.text}, "prompt_builder": {"question": question.text}},
            include_outputs_from={"retriever"},
            # After a failure the framework may write its inputs to the home folder; given a callback it never does, and
            # leaves only an empty ~/.haystack/pipeline_snapshot.
            snapshot_callback=lambda snapshot: None,
        )
        found = result["retriever"]["documents"]
        sources = tuple(Source(tenant.passages[document.id], document.score) for document in found)
        text = result["llm"]["replies"][0].text or ""
        return Reply(text, sources, min(self._k, len(sources)), tenant.store.last.seconds)

    def forget(self, tenant: str, document: str) -> int:
        held = self._tenants[tenant]
        gone = held.store.delete_by_filter({"field": "meta.document", "operator": "==", "value": document})
        for passage in [passage for passage in held.passages.values() if passage.document == document]:
            del held.passages[passage.id]
        return int(gone)

    def save(self, folder: Path) -> None:
        for name, tenant in self._tenants.items():
            # The vectors below the map of ids, which is in the order of the passages whatever was deleted.
            index = faiss.downcast_index(tenant.store.index.index)
            saved.write(folder, name, index, list(tenant.passages.values()))

    def load(self, folder: Path) -> None:
        tenants = {}
        for name, (index, passages) in saved.read(folder).items():
            vectors = index.reconstruct_n(0, index.ntotal).tolist() if passages else []
            tenants[name] = self._indexed(passages, _documents(passages, vectors))
        self._tenants = tenants

    def close(self) -> None:
        self._embedder.close()
        for tenant in self._tenants.values():
            tenant.pipeline.close()
        self._transport.close()

    def _indexed(self, passages: Sequence[Passage], documents: list[haystack.Document]) -> _Tenant:
        store = _TimedStore(self._recipe.embedding_dimensions)
        store.write_documents(documents)
        return _Tenant(store, self._pipeline(store), {passage.id: passage for passage in passages})

    def _pipeline(self, store: FAISSDocumentStore) -> haystack.Pipeline:
        recipe = self._recipe
        sampling = {"temperature": recipe.temperature, "max_tokens": recipe.max_output_tokens, "seed": recipe.seed}
        prompt = ChatMessage.from_user(self._prompt())
        pipeline = haystack.Pipeline()
        pipeline.add_component("text_embedder", OpenAITextEmbedder(model=recipe.embedding_model, **self._client))
        pipeline.add_component("retriever", FAISSEmbeddingRetriever(document_store=store, top_k=RETRIEVAL_DEPTH))
        pipeline.add_component("prompt_builder", ChatPromptBuilder(template=[prompt], required_variables="*"))
        pipeline.add_component(
            "llm", OpenAIChatGenerator(model=recipe.model, generation_kwargs=sampling, **self._client)
        )
        pipeline.connect("text_embedder.embedding", "retriever.query_embedding")
        pipeline.connect("retriever", "prompt_builder.documents")
        pipeline.connect("prompt_builder.prompt", "llm.messages")
        pipeline.warm_up()
        return pipeline

    def _prompt(self) -> str:
        if not self._parity:
            return NATIVE_PROMPT  # takes all documents: the retriever's default top_k is RETRIEVAL_DEPTH
        separator = PASSAGE_SEPARATOR.replace("\n", r"\n")
        context = f'{{{{ documents[:{self._k}] | map(attribute="content") | join("{separator}") }}}}'
        return SHARED_PROMPT.format(context=context, question="{{ question }}")


def _documents(passages: Sequence[Passage], vectors: Sequence[list[float]] | None = None) -> list[haystack.Document]:
    """Make the framework's documents; the passage's id is theirs, so that equal texts stay two documents."""
    return [
        haystack.Document(id=passage.id, content=passage.text, meta={"document": passage.document}, embedding=vector)
        for passage, vector in zip(passages, vectors or repeat(None, len(passages)), strict=True)
    ]
