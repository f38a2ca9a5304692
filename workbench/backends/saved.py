"""A tenant's FAISS index and passages as two files, for backends whose framework saves by pickle or not at all."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import faiss
import orjson

from workbench.errors import BadInput
from workbench.records import Passage


def write(folder: Path, tenant: str, index: Any, passages: Sequence[Passage]) -> None:
    """Write `<tenant>.faiss` and `<tenant>.json`; row i of the index belongs to passage i.

    Args:
        folder: existing.
        tenant: a workload's tenant id, which is a safe file name by its grammar.
        index: a `faiss.Index`.
        passages: as many as the index has rows.
    """
    vectors = bytes(faiss.serialize_index(index))
    (folder / f"{tenant}.faiss").write_bytes(vectors)
    content = {"sha256": hashlib.sha256(vectors).hexdigest(), "passages": [asdict(passage) for passage in passages]}
    (folder / f"{tenant}.json").write_bytes(orjson.dumps(content))


def read(folder: Path) -> dict[str, tuple[Any, list[Passage]]]:
    """Read what `write` left in a folder, by tenant.

    Raises:
        BadInput: a file is missing, broken, or not the one that was written; names it. FAISS itself notices a truncated
            file but not a flipped bit, hence the hash.
    """
    found: dict[str, tuple[Any, list[Passage]]] = {}
    for path in sorted(folder.glob("*.json")):
        vectors = path.with_suffix(".faiss")
        try:
            content = orjson.loads(path.read_bytes())
            passages = [Passage(**item) for item in content["passages"]]
            raw = vectors.read_bytes()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BadInput(f"{path}: not a readable saved index ({error}); save it again") from error
        if hashlib.sha256(raw).hexdigest() != content["sha256"]:
            raise BadInput(f"{vectors}: not the index that was saved (its SHA-256 differs); save it again")
        index = faiss.deserialize_index(_as_array(raw))
        if index.ntotal != len(passages):
            raise BadInput(f"{path}: {len(passages)} passages for {index.ntotal} vectors; save it again")
        found[path.stem] = (index, passages)
    if not found:
        raise BadInput(f"{folder}: holds no saved index; save one there first")
    return found


def _as_array(raw: bytes) -> Any:
    import numpy as np

    return np.frombuffer(raw, dtype=np.uint8)
