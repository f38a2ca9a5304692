"""The control: the same work with FAISS, BM25 and an HTTP client. A framework's overhead is what it adds to this.

The HTTP client is urllib3, half the CPU of httpx, so that little of a framework's overhead hides in the control's own.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import faiss
import numpy as np
import orjson
import urllib3
from numpy.typing import NDArray

from workbench.backends import saved
from workbench.backends.attribution import TIMEOUT_SECONDS, headers
from workbench.backends.bm25 import BM25, fuse
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
from workbench.workload.passages import cut

EMBEDDING_BATCH = 64
"""Texts a request; the frameworks' defaults lie between 32 and 2,048."""


class Refused(Exception):
    """The gateway gave no answer; holds its status and its words as other clients' exceptions do."""

    def __init__(self, status_code: int, body: bytes) -> None:
        try:
            words = str(orjson.loads(body)["error"]["message"])
        except (ValueError, KeyError, TypeError):
            words = body[:300].decode("utf-8", "replace")
        super().__init__(words)
        self.status_code = status_code


@dataclass(frozen=True, slots=True)
class _Tenant:
    passages: list[Passage]
    index: Any | None
    """A `faiss.IndexFlatIP` whose row i belongs to passage i; None: nothing is found by vectors."""
    words: BM25 | None
    """The same by words."""

    def search(self, vector: NDArray[np.float32] | None, text: str) -> list[tuple[int, float]]:
        """Rows and scores to `RETRIEVAL_DEPTH`, best first."""
        lists = []
        if self.words is not None:
            lists.append(self.words.best(text, RETRIEVAL_DEPTH))
        if self.index is not None:
            scores, rows = self.index.search(vector, max(1, min(RETRIEVAL_DEPTH, len(self.passages))))
            lists.append([(int(row), float(score)) for row, score in zip(rows[0], scores[0], strict=True) if row >= 0])
        if len(lists) == 1:
            return lists[0]
        return fuse([[row for row, _ in found] for found in lists], RETRIEVAL_DEPTH)


class Plain:
    """FAISS `IndexFlatIP` and `BM25` per tenant, urllib3, and the shared prompt on both tracks."""

    name: ClassVar[str] = "plain"
    native_k: ClassVar[int | None] = None
    native_note: ClassVar[str] = "the control has no defaults of its own: the recipe's chunks, prompt and k"
    words_note: ClassVar[str] = "BM25 and rank fusion are the same as on parity"

    def __init__(self, recipe: Recipe, track: Track, endpoint: Endpoint) -> None:
        faiss.omp_set_num_threads(1)
        self._recipe = recipe
        self._base_url = endpoint.base_url
        self._headers = {"authorization": f"Bearer {endpoint.token}", "content-type": "application/json"}
        self._pool = urllib3.PoolManager(maxsize=64, retries=False, timeout=TIMEOUT_SECONDS)
        self._by_vectors, self._by_words = recipe.retrieval != "bm25", recipe.retrieval != "dense"
        self._tenants: dict[str, _Tenant] = {}

    def split(self, documents: Sequence[Document]) -> list[Passage]:
        return cut(documents, self._recipe.chunk_tokens, self._recipe.chunk_overlap)

    def ingest(self, tenant: str, passages: Sequence[Passage]) -> None:
        index = None
        if self._by_vectors:
            index = faiss.IndexFlatIP(self._recipe.embedding_dimensions)
            for start in range(0, len(passages), EMBEDDING_BATCH):
                index.add(self._embed([passage.text for passage in passages[start : start + EMBEDDING_BATCH]]))
        self._tenants[tenant] = self._indexed(index, passages)

    def answer(self, question: Question) -> Reply:
        tenant = self._tenants[question.tenant]
        vector = self._embed([question.text]) if self._by_vectors else None
        began = time.perf_counter()
        found = tenant.search(vector, question.text)
        searched = time.perf_counter() - began
        if self._recipe.reranker and found:
            found = self._reranked(question.text, found, tenant.passages)
        sources = tuple(Source(tenant.passages[row], score) for row, score in found)
        context = PASSAGE_SEPARATOR.join(source.passage.text for source in sources[: self._recipe.k])
        text = self._complete(prompt_of(self._recipe).format(context=context, question=question.text))
        return Reply(text, sources, min(self._recipe.k, len(sources)), searched)

    def forget(self, tenant: str, document: str) -> int:
        held = self._tenants[tenant]
        gone = [row for row, passage in enumerate(held.passages) if passage.document == document]
        if gone:
            if held.index is not None:
                held.index.remove_ids(np.array(gone, dtype=np.int64))
            kept = [passage for passage in held.passages if passage.document != document]
            self._tenants[tenant] = self._indexed(held.index, kept)
        return len(gone)

    def save(self, folder: Path) -> None:
        for name, tenant in self._tenants.items():
            saved.write(folder, name, tenant.index, tenant.passages)

    def load(self, folder: Path) -> None:
        read = saved.read(folder, vectors=self._by_vectors)
        self._tenants = {name: self._indexed(index, passages) for name, (index, passages) in read.items()}

    def close(self) -> None:
        self._pool.clear()

    def _indexed(self, index: Any | None, passages: Sequence[Passage]) -> _Tenant:
        words = BM25([passage.text for passage in passages]) if self._by_words else None
        return _Tenant(list(passages), index, words)

    def _embed(self, texts: list[str]) -> NDArray[np.float32]:
        body = {"model": self._recipe.embedding_model, "input": texts, "encoding_format": "float"}
        rows = self._post("/embeddings", body)["data"]
        return np.array([row["embedding"] for row in rows], dtype=np.float32)

    def _reranked(
        self, question: str, found: list[tuple[int, float]], passages: Sequence[Passage]
    ) -> list[tuple[int, float]]:
        texts = [passages[row].text for row, _ in found]
        results = self._post("/rerank", {"model": self._recipe.reranker, "query": question, "documents": texts})
        return [(found[each["index"]][0], each["relevance_score"]) for each in results["results"]]

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
        response = self._pool.request(
            "POST", self._base_url + path, body=orjson.dumps(body), headers={**self._headers, **headers()}
        )
        if response.status != 200:
            raise Refused(response.status, response.data)
        return orjson.loads(response.data)
