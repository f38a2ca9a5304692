"""The control: FAISS alone, which takes the filter into the search itself."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import faiss
import numpy as np

from workbench.isolation.corpus import Vectors
from workbench.isolation.tenants import Item


class Shared:
    """`IndexFlatIP`, texts and owners in lists."""

    about: ClassVar[str] = "faiss.IndexFlatIP"
    filtering: ClassVar[str] = "IDSelectorBatch in the search itself: rows of other tenants are never candidates"
    saving: ClassVar[str] = "faiss.write_index; texts as the caller keeps them"

    def __init__(self, dimensions: int) -> None:
        faiss.omp_set_num_threads(1)
        self._index = faiss.IndexFlatIP(dimensions)
        self._texts: list[str] = []
        self._ids: list[str] = []
        self._owned: dict[str, list[int]] = {}

    def add(self, items: Sequence[Item]) -> None:
        for item in items:
            self._owned.setdefault(item.tenant, []).append(len(self._texts))
            self._texts.append(item.text)
            self._ids.append(item.id)
        self._index.add(np.array([item.vector for item in items], dtype=np.float32))

    def search(self, vector: Vectors, k: int, tenant: str | None) -> list[str]:
        parameters: Any = None
        if tenant is not None:
            owned: Any = faiss.IDSelectorBatch(np.array(self._owned.get(tenant, []), dtype=np.int64))
            parameters = faiss.SearchParameters()
            parameters.sel = owned
        _, rows = self._index.search(vector[np.newaxis], min(k, self._index.ntotal), params=parameters)
        return [self._texts[row] for row in rows[0] if row >= 0]

    def delete(self, document: str, ids: Sequence[str]) -> None:
        gone = set(ids)
        kept = [row for row, one in enumerate(self._ids) if one not in gone]
        rows = {old: new for new, old in enumerate(kept)}
        removed: Any = np.array([row for row, one in enumerate(self._ids) if one in gone], dtype=np.int64)
        self._index.remove_ids(removed)
        self._texts, self._ids = [self._texts[row] for row in kept], [self._ids[row] for row in kept]
        self._owned = {name: [rows[row] for row in held if row in rows] for name, held in self._owned.items()}

    def save(self, folder: Path) -> None:
        faiss.write_index(self._index, str(folder / "index.faiss"))

    def close(self) -> None:
        pass
