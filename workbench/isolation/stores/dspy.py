"""DSPy: its own retriever for all tenants together; for one tenant the module over FAISS that the backend builds."""

import contextlib
import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
os.environ.setdefault("LITELLM_MODE", "PRODUCTION")

import dspy
import faiss
import numpy as np

from workbench.isolation.corpus import Vectors
from workbench.isolation.tenants import Item


class Shared:
    """`dspy.retrievers.Embeddings`; a question's vector is handed to it by the embedder that it is given."""

    about: ClassVar[str] = (
        "dspy.retrievers.Embeddings: exact below 20,000 passages, FAISS IVFPQ and re-ranking from there on; waits up "
        "to 100 ms for other questions to batch"
    )
    filtering: ClassVar[str] = "the retriever takes a question and nothing else"
    saving: ClassVar[str] = "Embeddings.save: config.json with the texts, corpus_embeddings.npy"

    def __init__(self, dimensions: int) -> None:
        faiss.omp_set_num_threads(1)
        dspy.configure_cache(enable_disk_cache=False, enable_memory_cache=False)
        self._texts: list[str] = []
        self._rows: list[Vectors] = []
        self._asked: Vectors = np.zeros((1, dimensions), dtype=np.float32)
        self._built: Any = None

    def add(self, items: Sequence[Item]) -> None:
        self._texts.extend(item.text for item in items)
        self._rows.extend(item.vector for item in items)
        self.close()

    def search(self, vector: Vectors, k: int, tenant: str | None) -> list[str]:
        retriever = self._retriever()
        retriever.k, self._asked = k, vector[np.newaxis]
        if tenant is None:
            return list(retriever("").passages)
        return list(retriever("", filter={"tenant": tenant}).passages)

    def delete(self, document: str, ids: Sequence[str]) -> None:
        self._retriever().delete(list(ids))

    def save(self, folder: Path) -> None:
        self._retriever().save(str(folder))

    def close(self) -> None:
        if self._built is not None:
            with contextlib.redirect_stdout(io.StringIO()):  # its thread says goodbye
                self._built.search_fn.close()
            self._built = None

    def _retriever(self) -> Any:
        """The retriever, which cannot be added to: it is built when all passages are there."""
        if self._built is None:
            held = np.array(self._rows, dtype=np.float32)
            with contextlib.redirect_stdout(io.StringIO()):  # it prints that it trains an index
                self._built = dspy.retrievers.Embeddings(self._texts, lambda texts: held)
            self._built.embedder = lambda texts: self._asked
        return self._built


class _Retrieve(dspy.Module):  # type: ignore[misc]
    """What the workbench's DSPy backend does on parity: a module over FAISS, since DSPy has no FAISS store."""

    def __init__(self, dimensions: int) -> None:
        super().__init__()
        self.index, self.texts = faiss.IndexFlatIP(dimensions), list[str]()

    def forward(self, vector: Vectors, k: int) -> Any:
        _, rows = self.index.search(vector[np.newaxis], min(k, len(self.texts)))
        return dspy.Prediction(passages=[self.texts[row] for row in rows[0]])


class Private:
    """A `dspy.Module` over `IndexFlatIP`: a retriever of DSPy's own for each tenant would be a thread for each."""

    about: ClassVar[str] = "a dspy.Module over faiss.IndexFlatIP, as the backend has it on parity"
    filtering: ClassVar[str] = "none: DSPy has no vector store"
    saving: ClassVar[str] = "the workbench's own"

    def __init__(self, dimensions: int) -> None:
        faiss.omp_set_num_threads(1)
        dspy.configure_cache(enable_disk_cache=False, enable_memory_cache=False)
        self._module = _Retrieve(dimensions)

    def add(self, items: Sequence[Item]) -> None:
        self._module.index.add(np.array([item.vector for item in items], dtype=np.float32))
        self._module.texts.extend(item.text for item in items)

    def search(self, vector: Vectors, k: int, tenant: str | None) -> list[str]:
        return list(self._module(vector=vector, k=k).passages)

    def delete(self, document: str, ids: Sequence[str]) -> None:
        raise NotImplementedError("a tenant's module is rebuilt")

    def save(self, folder: Path) -> None:
        raise NotImplementedError("a tenant's module is saved by the workbench")

    def close(self) -> None:
        pass
