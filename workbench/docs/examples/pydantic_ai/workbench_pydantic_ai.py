"""Pydantic AI: its agent and its embedder over a FAISS index per tenant; answers with the passages it found.

The framework is asynchronous: everything runs on one event loop that lives in a thread of its own.
"""

import asyncio
import re
import threading
import time
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, ClassVar

import faiss
import numpy as np
from openai import AsyncOpenAI
from pydantic_ai import Agent, Embedder, ModelSettings
from pydantic_ai.embeddings.openai import OpenAIEmbeddingModel
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from workbench.backends import saved
from workbench.backends.attribution import async_http_client
from workbench.backends.contract import PASSAGE_SEPARATOR, SHARED_PROMPT
from workbench.records import RETRIEVAL_DEPTH, Document, Endpoint, Passage, Question, Recipe, Reply, Source, Track

NATIVE_K, EMBEDDING_BATCH = 8, 64
"""What the documentation's example asks its database for; texts a request."""


class PydanticAI:
    """An `Agent` and an `Embedder` of the framework, and the shared prompt on both tracks."""

    name: ClassVar[str] = "pydantic_ai"
    native_k: ClassVar[int | None] = NATIVE_K
    native_note: ClassVar[str] = (
        "Pydantic AI's documentation, example 'RAG': a passage is a section of Markdown, the 8 nearest. The framework "
        "has no prompt: the shared one. The example leaves it to the model to call a search; here it is always called. "
        "A FAISS IndexFlatIP stands in for its PostgreSQL"
    )

    def __init__(self, recipe: Recipe, track: Track, endpoint: Endpoint) -> None:
        faiss.omp_set_num_threads(1)
        self._dimensions = recipe.embedding_dimensions
        self._k = recipe.k if track == "parity" else NATIVE_K
        self._client = AsyncOpenAI(
            base_url=endpoint.base_url, api_key=endpoint.token, http_client=async_http_client(), max_retries=0
        )
        provider = OpenAIProvider(openai_client=self._client)
        self._embedder = Embedder(OpenAIEmbeddingModel(recipe.embedding_model, provider=provider))
        self._agent = Agent(
            OpenAIChatModel(recipe.model, provider=provider),
            model_settings=ModelSettings(
                temperature=recipe.temperature, max_tokens=recipe.max_output_tokens, seed=recipe.seed
            ),
        )
        self._indexes: dict[str, tuple[Any, list[Passage]]] = {}
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="pydantic-ai", daemon=True).start()

    def split(self, documents: Sequence[Document]) -> list[Passage]:
        passages = []
        for one in documents:
            starts = [0, *(found.start() for found in re.finditer(r"^#{1,6} ", one.text, re.M) if found.start())]
            for start, end in zip(starts, [*starts[1:], len(one.text)], strict=True):
                if one.text[start:end].strip():
                    identity, text = f"{one.id}#{start}-{end}", one.text[start:end]
                    passages.append(Passage(identity, one.tenant, one.id, start, end, text))
        return passages

    def ingest(self, tenant: str, passages: Sequence[Passage]) -> None:
        index, texts = faiss.IndexFlatIP(self._dimensions), [passage.text for passage in passages]
        for start in range(0, len(texts), EMBEDDING_BATCH):
            index.add(self._vectors(self._embedder.embed_documents(texts[start : start + EMBEDDING_BATCH])))
        self._indexes[tenant] = (index, list(passages))

    def answer(self, question: Question) -> Reply:
        index, passages = self._indexes[question.tenant]
        vector = self._vectors(self._embedder.embed_query(question.text))
        began = time.perf_counter()
        scores, rows = index.search(vector, max(1, min(RETRIEVAL_DEPTH, len(passages))))
        seconds = time.perf_counter() - began
        found = zip(rows[0], scores[0], strict=True)
        sources = tuple(Source(passages[row], float(score)) for row, score in found if row >= 0)
        used = [source.passage for source in sources[: self._k]]
        context = PASSAGE_SEPARATOR.join(passage.text for passage in used)
        answered = self._run(self._agent.run(SHARED_PROMPT.format(context=context, question=question.text)))
        return Reply(answered.output, sources, len(used), seconds)

    def forget(self, tenant: str, document: str) -> int:
        index, passages = self._indexes[tenant]
        gone = [row for row, passage in enumerate(passages) if passage.document == document]
        if gone:
            index.remove_ids(np.array(gone, dtype=np.int64))
            self._indexes[tenant] = (index, [passage for passage in passages if passage.document != document])
        return len(gone)

    def save(self, folder: Path) -> None:
        for tenant, (index, passages) in self._indexes.items():
            saved.write(folder, tenant, index, passages)

    def load(self, folder: Path) -> None:
        self._indexes = saved.read(folder)

    def close(self) -> None:
        if self._loop.is_running():
            self._run(self._client.close())
            self._loop.call_soon_threadsafe(self._loop.stop)

    def _vectors(self, embedding: Coroutine[Any, Any, Any]) -> Any:
        return np.array(self._run(embedding).embeddings, dtype=np.float32)

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        # The task starts in a copy of this thread's context, and with it the attribution of the caller.
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
