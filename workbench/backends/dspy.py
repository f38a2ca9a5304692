"""DSPy: its modules, adapters, retriever and embedder over a tenant's passages; answers with the passages it found.

Chat goes through DSPy's default engine, lm15. `extra_headers` would silently make `dspy.LM` use litellm instead, at
several times the cost, so headers are added where lm15 says that they belong: in its transport. Embeddings go through
litellm, the only client that `dspy.Embedder` has.
"""

import contextlib
import io
import os
import time
from collections.abc import Sequence
from contextvars import Context, copy_context
from pathlib import Path
from typing import Any, ClassVar

# Or litellm, when imported, fetches a price list and reads a .env file of the working directory.
os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
os.environ.setdefault("LITELLM_MODE", "PRODUCTION")

import dspy
import faiss
import litellm  # DSPy would import it when it first embeds, and ingestion would pay for it
import numpy as np
from dspy._vendor.lm15.transports import StdlibTransport
from dspy.clients.engines.lm15_engine import LM15Engine
from numpy.typing import NDArray
from openai import APIConnectionError, OpenAI

from workbench.backends import attribution, saved
from workbench.backends.contract import PASSAGE_SEPARATOR, prompt_of
from workbench.errors import BadInput
from workbench.records import RETRIEVAL_DEPTH, Document, Endpoint, Passage, Question, Recipe, Reply, Source, Track

NATIVE_K, NATIVE_CHARACTERS = 5, 6000
"""The retriever's default, and where the tutorial cuts a document off."""

EMBEDDING_TEXTS, EMBEDDING_BYTES = 200, 8_000_000
"""A request's limits: the Embedder's default batch, and half of what the gateway accepts as a body."""

Vectors = NDArray[np.float32]


class DSPy:
    """Parity: `dspy.Predict` over `IndexFlatIP`. Native: `dspy.ChainOfThought` over DSPy's own retriever."""

    name: ClassVar[str] = "dspy"
    native_k: ClassVar[int | None] = NATIVE_K
    native_note: ClassVar[str] = (
        "DSPy's tutorial 'Retrieval-Augmented Generation (RAG)': no splitter, a document is one passage cut off after "
        "6,000 characters; dspy.retrievers.Embeddings with k=5, which uses FAISS from 20,000 passages on and waits up "
        "to 100 ms to batch a question; ChainOfThought('context, question -> response') with ChatAdapter, then "
        "JSONAdapter. On parity a FAISS IndexFlatIP stands in for the plain FAISS store that DSPy does not have"
    )

    def __init__(self, recipe: Recipe, track: Track, endpoint: Endpoint) -> None:
        faiss.omp_set_num_threads(1)
        litellm.DEFAULT_MAX_RETRIES = 0  # it takes max_retries=0 for "none given" and tries twice more
        # Its default cache keeps answers, readable, in the home folder, and gives one tenant's to another.
        dspy.configure_cache(enable_disk_cache=False, enable_memory_cache=False)
        self._track = track
        self._k = recipe.k if track == "parity" else NATIVE_K
        self._client = OpenAI(
            base_url=endpoint.base_url, api_key=endpoint.token, http_client=attribution.http_client(), max_retries=0
        )
        self._embedder = _Embedder(
            f"openai/{recipe.embedding_model}",
            caching=False,
            encoding_format="float",
            client=self._client,
            api_key=endpoint.token,
            api_base=endpoint.base_url,
            max_retries=0,
        )
        self._dimensions = recipe.embedding_dimensions
        self._transport = _Transport(trust_env=False)
        self._lm = _language_model(recipe, endpoint, self._transport)
        self._adapter = _SharedPrompt(prompt_of(recipe)) if track == "parity" else dspy.ChatAdapter()
        self._tenants: dict[str, _RAG] = {}

    def split(self, documents: Sequence[Document]) -> list[Passage]:
        passages = []
        for document in documents:
            text = document.text[:NATIVE_CHARACTERS]
            if text.strip():
                identity = f"{document.id}#0-{len(text)}"
                passages.append(Passage(identity, document.tenant, document.id, 0, len(text), text))
        return passages

    def ingest(self, tenant: str, passages: Sequence[Passage]) -> None:
        vectors = np.empty((0, self._dimensions), dtype=np.float32)
        if passages:
            texts = [passage.text for passage in passages]
            longest = max(len(text.encode()) for text in texts)
            batch = max(1, min(EMBEDDING_TEXTS, EMBEDDING_BYTES // (longest + 1)))
            vectors = self._embedder(texts, batch_size=batch)
        self._build(tenant, list(passages), vectors)

    def answer(self, question: Question) -> Reply:
        rag = self._tenants[question.tenant]
        # Not dspy.configure: two instances in one process would fight over it. History and trace would hold on to the
        # texts of 10,000 questions, forgotten documents included.
        with dspy.context(lm=self._lm, adapter=self._adapter, disable_history=True, max_trace_size=0):
            try:
                answered = rag(question=question.text)
            except dspy.LMError as error:
                if error.status is not None:
                    error.status_code = error.status  # the name under which every other client tells it
                raise
            except dspy.AdapterParseError as error:  # its message quotes the reply, which no failure may hold
                raise ValueError("neither ChatAdapter nor JSONAdapter found its fields in the reply") from error
        sources = tuple(answered.sources)
        return Reply(answered.response, sources, min(rag.k, len(sources)), answered.seconds)

    def forget(self, tenant: str, document: str) -> int:
        search = self._tenants[tenant].search
        kept = [row for row, passage in enumerate(search.passages) if passage.document != document]
        gone = len(search.passages) - len(kept)
        if gone:
            self._build(tenant, [search.passages[row] for row in kept], search.vectors()[kept])
        return gone

    def save(self, folder: Path) -> None:
        for tenant, rag in self._tenants.items():
            saved.write(folder, tenant, _flat(rag.search.vectors()), rag.search.passages)

    def load(self, folder: Path) -> None:
        read = saved.read(folder)
        self._drop()
        for tenant, (index, passages) in read.items():
            self._build(tenant, passages, index.reconstruct_n(0, index.ntotal))

    def close(self) -> None:
        self._drop()
        self._transport.close()
        self._client.close()

    def _build(self, tenant: str, passages: list[Passage], vectors: Vectors) -> None:
        old = self._tenants.pop(tenant, None)
        if old is not None:
            old.search.close()
        search = (_FlatSearch if self._track == "parity" else _OwnSearch)(passages, vectors, self._embedder)
        module = dspy.Predict if self._track == "parity" else dspy.ChainOfThought
        self._tenants[tenant] = _RAG(search, module("context, question -> response"), self._k)

    def _drop(self) -> None:
        for rag in self._tenants.values():
            rag.search.close()
        self._tenants = {}


class _RAG(dspy.Module):  # type: ignore[misc]
    """Retrieve, then respond: the module of DSPy's RAG tutorial."""

    def __init__(self, search: "_FlatSearch | _OwnSearch", respond: Any, k: int) -> None:
        super().__init__()
        self.search, self.respond, self.k = search, respond, k

    def forward(self, question: str) -> dspy.Prediction:
        sources, seconds = self.search(question) if self.search.passages else ([], None)
        context = [source.passage.text for source in sources[: self.k]]
        response = self.respond(context=context, question=question).response
        return dspy.Prediction(response=response, sources=sources, seconds=seconds)


class _FlatSearch:
    """Parity: exact search in a FAISS index; DSPy itself has no plain FAISS store."""

    def __init__(self, passages: list[Passage], vectors: Vectors, embedder: Any) -> None:
        self.passages, self._embedder, self._index = passages, embedder, _flat(vectors)

    def __call__(self, question: str) -> tuple[list[Source], float]:
        vector = self._embedder([question])
        began = time.perf_counter()
        scores, rows = self._index.search(vector, min(RETRIEVAL_DEPTH, len(self.passages)))
        seconds = time.perf_counter() - began
        return _sources(self.passages, rows[0], scores[0]), seconds

    def vectors(self) -> Vectors:
        return self._index.reconstruct_n(0, self._index.ntotal)  # type: ignore[no-any-return]

    def close(self) -> None:
        pass


class _Asked(str):
    """A question on its way to the retriever's worker thread, with the context that the thread does not have."""

    context: Context
    embedding_seconds: float


class _OwnSearch:
    """Native: DSPy's retriever, asked for all that is scored: where it uses FAISS, 100 candidates instead of 50."""

    def __init__(self, passages: list[Passage], vectors: Vectors, embedder: Any) -> None:
        self.passages, self._embedder, self._vectors = passages, embedder, vectors
        self._retriever: Any = None
        if passages:
            texts = [passage.text for passage in passages]
            with contextlib.redirect_stdout(io.StringIO()):  # it prints that it trains an index
                retriever = dspy.retrievers.EmbeddingsWithScores(texts, lambda texts: vectors, k=RETRIEVAL_DEPTH)
            retriever.embedder = self._embed
            self._retriever, self._vectors = retriever, retriever.corpus_embeddings

    def __call__(self, question: str) -> tuple[list[Source], float]:
        asked = _Asked(question)
        asked.context = copy_context()
        began = time.perf_counter()
        found = self._retriever(asked)
        seconds = time.perf_counter() - began - asked.embedding_seconds
        return _sources(self.passages, found.indices, found.scores), seconds

    def vectors(self) -> Vectors:
        return self._vectors

    def close(self) -> None:
        if self._retriever is not None:
            with contextlib.redirect_stdout(io.StringIO()):  # its thread says goodbye
                self._retriever.search_fn.close()

    def _embed(self, questions: list[_Asked]) -> Vectors:
        began = time.perf_counter()
        texts = [str(question) for question in questions]
        vectors: Vectors
        if len(questions) == 1:
            vectors = questions[0].context.run(self._embedder, texts)
        else:  # What the retriever put into one request belongs to no one question.
            with attribution.calls_of(tenant=self.passages[0].tenant):
                vectors = self._embedder(texts)
        for question in questions:
            question.embedding_seconds = time.perf_counter() - began
        return vectors


class _Embedder(dspy.Embedder):  # type: ignore[misc]
    """DSPy's own, telling a gateway that is not there from one that answers 500: litellm makes 500 of both."""

    def __call__(self, *arguments: Any, **named: Any) -> Vectors:
        try:
            return super().__call__(*arguments, **named)  # type: ignore[no-any-return]
        except litellm.InternalServerError as error:
            inner: BaseException | None = error
            while inner is not None and not isinstance(inner, APIConnectionError):
                inner = inner.__cause__ or inner.__context__
            if inner is None:
                raise
            raise inner from inner.__cause__


class _SharedPrompt(dspy.Adapter):  # type: ignore[misc]
    """Parity: an adapter is where DSPy decides what a module's inputs look like to a model."""

    def __init__(self, prompt: str) -> None:
        super().__init__()
        self._prompt = prompt

    def __call__(self, *arguments: Any, **named: Any) -> list[dict[str, Any]]:
        try:
            return super().__call__(*arguments, **named)  # type: ignore[no-any-return]
        except dspy.AdapterParseError:  # `parse` takes everything: the reply is empty, which is wrong but no failure
            return [{"response": ""}]

    def format(self, signature: Any, demos: Any, inputs: dict[str, Any]) -> list[dict[str, Any]]:
        context = PASSAGE_SEPARATOR.join(inputs["context"])
        return [{"role": "user", "content": self._prompt.format(context=context, question=inputs["question"])}]

    def parse(self, signature: Any, completion: str) -> dict[str, Any]:
        return {"response": completion}


class _Transport(StdlibTransport):  # type: ignore[misc]
    """The engine's own HTTP client, saying whose call it is."""

    def stream(self, request: Any) -> Any:
        request.headers = [*request.headers, *attribution.headers().items()]
        return super().stream(request)


def _language_model(recipe: Recipe, endpoint: Endpoint, transport: StdlibTransport) -> Any:
    name, provider = f"openai/{recipe.model}", "openai-chat"
    sampling = {"temperature": recipe.temperature, "max_tokens": recipe.max_output_tokens, "seed": recipe.seed}
    config = dspy.lm15.RouterConfig(
        api_keys={provider: endpoint.token}, base_urls={provider: endpoint.base_url}, transport=transport
    )
    engine = LM15Engine(config)
    try:
        # An engine that is passed in must say itself what the model can do; the default one looks it up.
        known = dspy.LM(name, engine="lm15", api_key=endpoint.token, api_base=endpoint.base_url, **sampling)
        engine.supports_response_schema = known.supports_response_schema
        engine.supported_params = known.supported_params
        return dspy.LM(name, engine=engine, cache=False, num_retries=0, **sampling)
    except dspy.LMConfigurationError as error:
        raise BadInput(f"backend dspy cannot use model {recipe.model}: {error}") from error


def _flat(vectors: Vectors) -> Any:
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return index


def _sources(passages: list[Passage], rows: Sequence[int], scores: Sequence[float]) -> list[Source]:
    return [Source(passages[row], float(score)) for row, score in zip(rows, scores, strict=True)]
