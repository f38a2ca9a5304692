"""Semantic Kernel: its FAISS collection, prompt functions and OpenAI connectors; answers with the passages it found.

The framework is asynchronous only: everything runs on one event loop that lives in a thread of its own.
"""

import asyncio
import logging
import os
import threading
import time
from collections.abc import Coroutine, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar

import faiss
import numpy as np
from numpy.typing import NDArray
from openai import AsyncOpenAI
from semantic_kernel import Kernel
from semantic_kernel.connectors.ai.open_ai import (
    OpenAIChatCompletion,
    OpenAIChatPromptExecutionSettings,
    OpenAITextEmbedding,
)
from semantic_kernel.connectors.faiss import FaissCollection
from semantic_kernel.data.vector import DistanceFunction, IndexKind, VectorStoreField, vectorstoremodel
from semantic_kernel.functions import KernelArguments, kernel_function
from semantic_kernel.text import split_plaintext_lines, split_plaintext_paragraph

from workbench.backends import saved
from workbench.backends.attribution import async_http_client
from workbench.backends.contract import PASSAGE_SEPARATOR, prompt_of
from workbench.records import RETRIEVAL_DEPTH, Document, Endpoint, Passage, Question, Recipe, Reply, Source, Track

NATIVE_K, LINE_TOKENS, PARAGRAPH_TOKENS = 5, 40, 120
"""create_search_function's default, and what the text chunker's sample passes, four characters counted as a token."""

EMBEDDING_TEXTS, EMBEDDING_BYTES = 2048, 8_000_000
"""A request's limits: OpenAI's own, and half of what the gateway accepts as a body."""

AS_TEXT = "&#11;"
"""Ends the parity prompt. The framework escapes variables, reads the rendered prompt as XML and unescapes the result
again, which changes `&amp;` and line ends. XML forbids this reference and HTML drops it: the prompt is taken for text,
the one unescaping that is left undoes the escaping, and nothing remains of the reference."""

NATIVE_PROMPT = (
    "Assistant can have a conversation with you about any topic.\n"
    "It can give explicit instructions or say 'I don't know' if it does not have an answer.\n"
    "\n"
    "Here is some background information about the user that you should use to answer the question below:\n"
    "Background: {{ memory.recall $question }}\n"
    "User: {{$question}}"
)
"""Source: prompt of RagPlugin in python/samples/concepts/rag/self_critique_rag.py of the Semantic Kernel repository."""

Vectors = NDArray[np.float32]
Result = TypeVar("Result")


class SemanticKernel:
    """A `FaissCollection` per tenant under one kernel, whose prompt function is the shared prompt or the sample's."""

    name: ClassVar[str] = "semantic_kernel"
    native_k: ClassVar[int | None] = NATIVE_K
    native_note: ClassVar[str] = (
        "Semantic Kernel's samples: split_plaintext_lines (40 tokens) and split_plaintext_paragraph (120) as in "
        "TextChunkerUsage; the prompt of self_critique_rag.py with its memory.recall; create_search_function's default "
        "top=5. As the framework has it, the question reaches the search HTML-escaped and commas join the passages"
    )

    def __init__(self, recipe: Recipe, track: Track, endpoint: Endpoint) -> None:
        faiss.omp_set_num_threads(1)
        # It logs prompts at INFO, and a failure, which it raises as well, up to five times.
        logging.getLogger("semantic_kernel").setLevel(logging.CRITICAL)
        self._track = track
        self._k = recipe.k if track == "parity" else NATIVE_K
        self._dimensions = recipe.embedding_dimensions
        self._record_type = _record_type(recipe.embedding_dimensions)
        self._tenants: dict[str, _Tenant] = {}
        self._client = AsyncOpenAI(
            base_url=endpoint.base_url, api_key=endpoint.token, http_client=async_http_client(), max_retries=0
        )
        # Without env_file_path a .env file of the working directory would be read.
        self._embedder = OpenAITextEmbedding(
            ai_model_id=recipe.embedding_model, async_client=self._client, env_file_path=os.devnull
        )
        self._kernel = Kernel()
        self._kernel.add_service(
            OpenAIChatCompletion(ai_model_id=recipe.model, async_client=self._client, env_file_path=os.devnull)
        )
        self._kernel.add_plugin(_Memory(), "memory")
        shared = prompt_of(recipe).format(context="{{$context}}", question="{{$question}}") + AS_TEXT
        self._function = self._kernel.add_function(
            plugin_name="rag",
            function_name="answer",
            prompt=shared if track == "parity" else NATIVE_PROMPT,
            prompt_execution_settings=OpenAIChatPromptExecutionSettings(
                temperature=recipe.temperature, max_tokens=recipe.max_output_tokens, seed=recipe.seed
            ),
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="semantic-kernel", daemon=True)
        self._thread.start()

    def split(self, documents: Sequence[Document]) -> list[Passage]:
        return [passage for document in documents for passage in _split(document)]

    def ingest(self, tenant: str, passages: Sequence[Passage]) -> None:
        vectors = np.empty((0, self._dimensions), dtype=np.float32)
        if passages:
            texts = [passage.text for passage in passages]
            longest = max(len(text.encode()) for text in texts)
            batch = max(1, min(EMBEDDING_TEXTS, EMBEDDING_BYTES // (longest + 1)))
            rows = self._run(self._embedder.generate_raw_embeddings(texts, batch_size=batch))
            vectors = np.array(rows, dtype=np.float32)
        self._build(tenant, passages, vectors)

    def answer(self, question: Question) -> Reply:
        return self._run(self._answer(self._tenants[question.tenant], question.text))

    def forget(self, tenant: str, document: str) -> int:
        passages = list(self._tenants[tenant].passages.values())
        kept = [row for row, passage in enumerate(passages) if passage.document != document]
        gone = len(passages) - len(kept)
        if gone:  # The collection's own delete keeps stale row numbers and removes a wrong vector the second time.
            self._build(tenant, [passages[row] for row in kept], _vectors(self._tenants[tenant].index)[kept])
        return gone

    def save(self, folder: Path) -> None:
        for name, tenant in self._tenants.items():
            saved.write(folder, name, tenant.index, list(tenant.passages.values()))

    def load(self, folder: Path) -> None:
        read = saved.read(folder)
        self._tenants = {}
        for name, (index, passages) in read.items():
            self._build(name, passages, _vectors(index))

    def close(self) -> None:
        if self._loop.is_closed():
            return
        self._run(self._client.close())
        self._run(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _build(self, name: str, passages: Sequence[Passage], vectors: Vectors) -> None:
        records = [
            self._record_type(id=passage.id, text=passage.text, vector=vector)
            for passage, vector in zip(passages, vectors, strict=True)
        ]
        collection = FaissCollection(record_type=self._record_type, collection_name=name)
        self._run(collection.ensure_collection_exists())
        if records:
            self._run(collection.upsert(records))
        self._tenants[name] = _Tenant(collection, {passage.id: passage for passage in passages}, self._embedder)

    async def _answer(self, tenant: "_Tenant", question: str) -> Reply:
        if self._track == "parity":
            recalled = await tenant.search(question)
            context = PASSAGE_SEPARATOR.join(source.passage.text for source in recalled.sources[: self._k])
            arguments = KernelArguments(context=context, question=question)
        else:
            recalled = _Recalled()
            _asked.set((tenant, recalled, self._k))
            arguments = KernelArguments(question=question)
        text = str(await self._kernel.invoke(self._function, arguments))
        return Reply(text, tuple(recalled.sources), min(self._k, len(recalled.sources)), recalled.seconds)

    def _run(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        # The task starts in a copy of this thread's context, and with it the attribution of the caller.
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()


@dataclass
class _Recalled:
    """What a search found, best first, and the seconds that the collection took."""

    sources: list[Source] = field(default_factory=list)
    seconds: float | None = None


@dataclass(frozen=True)
class _Tenant:
    """A collection, its passages by id in the order of its rows, and what embeds a question for it."""

    collection: Any
    passages: dict[str, Passage]
    embedder: OpenAITextEmbedding

    @property
    def index(self) -> Any:
        return self.collection.indexes["vector"]

    async def search(self, question: str) -> _Recalled:
        if not self.passages:
            return _Recalled()
        vector = (await self.embedder.generate_raw_embeddings([question]))[0]
        began = time.perf_counter()
        # Nothing below gives way to another question: the collection keeps scores in the records that all share.
        found = await self.collection.search(vector=vector, top=RETRIEVAL_DEPTH)
        sources = [Source(self.passages[hit.record.id], float(hit.score)) async for hit in found.results]
        return _Recalled(sources, time.perf_counter() - began)


_asked: ContextVar[tuple[_Tenant, _Recalled, int]] = ContextVar("semantic_kernel_asked")


class _Memory:
    """Native: the plugin of the framework's samples; a prompt hands it nothing but strings, the context the rest."""

    @kernel_function(name="recall")  # type: ignore[untyped-decorator]
    async def recall(self, question: str) -> list[str]:
        tenant, recalled, k = _asked.get()
        found = await tenant.search(question)
        recalled.sources, recalled.seconds = found.sources, found.seconds
        return [source.passage.text for source in found.sources[:k]]


def _record_type(dimensions: int) -> Any:
    @vectorstoremodel
    @dataclass
    class Record:
        id: Annotated[str, VectorStoreField("key")]
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


def _vectors(index: Any) -> Vectors:
    return index.reconstruct_n(0, index.ntotal)  # type: ignore[no-any-return]


def _split(document: Document) -> list[Passage]:
    lines = split_plaintext_lines(document.text, LINE_TOKENS)
    # The chunker strips lines and joins them anew, but keeps every other character in its place: these lead back.
    places = [place for place, character in enumerate(document.text) if not character.isspace()]
    passages: list[Passage] = []
    used = 0
    for paragraph in split_plaintext_paragraph(lines, PARAGRAPH_TOKENS):
        length = len("".join(paragraph.split()))
        if length:
            start, end = places[used], places[used + length - 1] + 1
            used += length
            text = document.text[start:end]
            passages.append(Passage(f"{document.id}#{start}-{end}", document.tenant, document.id, start, end, text))
    return passages
