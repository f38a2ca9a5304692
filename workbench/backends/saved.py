"""A tenant's FAISS index and passages as two files, for backends whose framework saves by pickle or not at all.

The digests tell damage, files of another tenant and what was put there by mistake. They are no signature: who may write
to the folder can write matching ones. Nothing is ever unpickled, whoever wrote it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import orjson

from workbench.errors import BadInput
from workbench.records import Passage


def write(folder: Path, tenant: str, index: Any, passages: Sequence[Passage]) -> None:
    """Write `<tenant>.faiss` and `<tenant>.json`; row i of the index belongs to passage i.

    An index by words is not written: it is made again from the passages.

    Args:
        folder: existing.
        tenant: a workload's tenant id, which is a safe file name by its grammar.
        index: a `faiss.Index`; None: passages that are found by words alone, and no `.faiss` file.
        passages: as many as the index has rows.
    """
    vectors = b"" if index is None else bytes(faiss.serialize_index(index))
    if index is not None:
        (folder / f"{tenant}.faiss").write_bytes(vectors)
    held = [asdict(passage) for passage in passages]
    content = {
        "sha256": hashlib.sha256(vectors).hexdigest(),
        "passages_sha256": _digest(tenant, held),
        "passages": held,
    }
    (folder / f"{tenant}.json").write_bytes(orjson.dumps(content))


def read(folder: Path, *, vectors: bool = True) -> dict[str, tuple[Any, list[Passage]]]:
    """Read what `write` left in a folder, by tenant.

    Args:
        folder: of `write`.
        vectors: False: the passages alone, and None for each index.

    Raises:
        BadInput: a file is missing, broken, or not the one that was written; names it. FAISS itself notices a truncated
            file but not a flipped bit, hence the hash.
    """
    found: dict[str, tuple[Any, list[Passage]]] = {}
    for path in sorted({path.with_suffix(".json") for path in folder.glob("*.faiss")} | {*folder.glob("*.json")}):
        found[path.stem] = _read_tenant(path, vectors)
    if not found:
        raise BadInput(f"{folder}: holds no saved index; save one there first")
    return found


def _read_tenant(path: Path, with_vectors: bool) -> tuple[Any, list[Passage]]:
    vectors = path.with_suffix(".faiss")
    try:
        content = orjson.loads(path.read_bytes())
        passages = [Passage(**item) for item in content["passages"]]
        sums = content["sha256"], content["passages_sha256"]
        raw = vectors.read_bytes() if with_vectors else b""
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{path}: not a readable saved index ({error}); save it again") from error
    if sums[1] != _digest(path.stem, content["passages"]):
        raise BadInput(f"{path}: not the passages that were saved for this tenant (SHA-256 differs); save it again")
    if not with_vectors:
        return None, passages
    if sums[0] != hashlib.sha256(raw).hexdigest():
        raise BadInput(f"{vectors}: not the index that was saved (its SHA-256 differs); save it again")
    try:
        index = faiss.deserialize_index(np.frombuffer(raw, dtype=np.uint8))
    except RuntimeError as error:
        raise BadInput(f"{vectors}: not a FAISS index; save it again") from error
    if index.ntotal != len(passages):
        raise BadInput(f"{path}: {len(passages)} passages for {index.ntotal} vectors; save it again")
    return index, passages


def _digest(tenant: str, passages: list[dict[str, Any]]) -> str:
    """Of a tenant and its passages, so that another tenant's files under this one's name are told."""
    return hashlib.sha256(orjson.dumps([tenant, passages])).hexdigest()
