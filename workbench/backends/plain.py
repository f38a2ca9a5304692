"""The control: the same work with FAISS and an HTTP client. A framework's overhead is what it adds to this."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import faiss
import httpx
import numpy as np
from numpy.typing import NDArray

from workbench.backends import saved
from workbench.backends.attribution import http_client
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
from workbench.workload.passages import cut

EMBEDDING_BATCH = 64
"""Texts a request; the frameworks' defaults lie between 32 and 2,048."""


class Plain:
    """FAISS `IndexFlatIP` per tenant, httpx, and the shared prompt on both tracks."""

    name: ClassVar[str] = "plain"
    native_k: ClassVar[int | None] = None
    native_note: ClassVar[str] = "the control has no defaults of its own: the recipe's chunks, prompt and k"

    def __init__(self, recipe: Recipe, track: Track, endpoint: Endpoint) -> None:
        faiss.omp_set_num_threads(1)
        self._recipe = recipe
        self._client: httpx.Client = http_client()
        self._client.base_url = httpx.URL(endpoint.base_url)
        self._client.headers["authorization"] = f"Bearer {endpoint.token}"
        self._indexes: dict[str, tuple[Any, list[Passage]]] = {}

    def split(self, documents: Sequence[Document]) -> list[Passage]:
        return cut(documents, self._recipe.chunk_tokens, self._recipe.chunk_overlap)

    def ingest(self, tenant: str, passages: Sequence[Passage]) -> None:
        index = faiss.IndexFlatIP(self._recipe.embedding_dimensions)
        for start in range(0, len(passages), EMBEDDING_BATCH):
            index.add(self._embed([passage.text for passage in passages[start : start + EMBEDDING_BATCH]]))
        self._indexes[tenant] = (index, list(passages))

    def answer(self, question: Question) -> Reply:
        index, passages = self._indexes[question.tenant]
        vector = self._embed([question.text])
        began = time.perf_counter()
        scores, rows = index.search(vector, max(1, min(RETRIEVAL_DEPTH, len(passages))))
        searched = time.perf_counter() - began
        found = zip(rows[0], scores[0], strict=True)
        sources = tuple(Source(passages[row], float(score)) for row, score in found if row >= 0)
        context = PASSAGE_SEPARATOR.join(source.passage.text for source in sources[: self._recipe.k])
        text = self._complete(SHARED_PROMPT.format(context=context, question=question.text))
        return Reply(text, sources, min(self._recipe.k, len(sources)), searched)

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
        self._client.close()

    def _embed(self, texts: list[str]) -> NDArray[np.float32]:
        body = {"model": self._recipe.embedding_model, "input": texts, "encoding_format": "float"}
        rows = self._post("/embeddings", body)["data"]
        return np.array([row["embedding"] for row in rows], dtype=np.float32)

    def _complete(self, prompt: str) -> str:
        body = {
            "model": self._recipe.model,
            "messages": [{"role": "user", "content": prompt}],
            "temperature": self._recipe.temperature,
            "max_tokens": self._recipe.max_output_tokens,
            "seed": self._recipe.seed,
        }
        return self._post("/chat/completions", body)["choices"][0]["message"]["content"] or ""

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        return self._client.post(path, json=body).raise_for_status().json()
