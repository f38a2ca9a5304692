"""What is left of a passage: its mark, id and vector in; where a process and its files still hold them, out.

Searched is all that Python's collector reaches (every container and what it refers to), the bytes of arrays and of
FAISS indexes, and every file of a folder. Not searched: memory that was freed and not yet written over, caches inside
compiled extensions, and other processes.
"""

import gc
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

_VECTOR_BYTES = 32

_SEARCHED = frozenset((str, bytes, np.ndarray, list))
"""What may hold a trace by itself, as `_kind` reads it; most of what a process holds is none of these."""


@dataclass(frozen=True)
class Trace:
    """How one passage would be known again; backwards, so that the search does not find the trace itself."""

    kram: str
    """Its mark, reversed."""
    di: str
    """Its id, reversed."""
    rotcev: tuple[float, ...]
    """The first numbers of its vector, reversed."""

    @classmethod
    def of(cls, mark: str, identity: str, vector: NDArray[np.float32]) -> "Trace":
        """Of one passage."""
        return cls(mark[::-1], identity[::-1], tuple(float(one) for one in vector[: _VECTOR_BYTES // 4][::-1]))


def in_memory(traces: Sequence[Trace]) -> dict[str, int]:
    """Where this process holds one of the passages: what was found and in what sort of object, with how many."""
    gc.collect()
    marks, identities = [trace.kram[::-1] for trace in traces], {trace.di[::-1] for trace in traces}
    vectors = [np.array(trace.rotcev[::-1], dtype=np.float32) for trace in traces]
    raw = [vector.tobytes() for vector in vectors]
    ours = {id(one) for one in (*marks, *identities, *vectors, *raw)}
    firsts = {tuple(vector[:3].tolist()) for vector in vectors}
    found: Counter[str] = Counter()
    seen: set[int] = set()
    for holder in gc.get_objects():
        if isinstance(holder, faiss.Index):
            found["vector in a FAISS index"] += _holds(holder, raw)
        for leaf in _leaves(holder):
            if type(leaf) not in _SEARCHED or id(leaf) in ours or id(leaf) in seen:
                continue
            kind = _kind(leaf, marks, identities, raw, firsts)
            if kind:
                seen.add(id(leaf))
                found[f"{kind} in {type(holder).__module__}.{type(holder).__qualname__}"] += 1
    return {place: count for place, count in found.items() if count}


def in_files(folder: Path, traces: Sequence[Trace]) -> list[str]:
    """Files below a folder that hold one of the passages' marks, ids or vectors, as bytes or written out."""
    needles = [needle for trace in traces for needle in _needles(trace)]
    files = ((path, path.read_bytes()) for path in sorted(folder.rglob("*")) if path.is_file())
    return [str(path.relative_to(folder)) for path, held in files if any(needle in held for needle in needles)]


def _leaves(holder: Any) -> Iterator[Any]:
    """What a container refers to; through those inside it that the collector leaves out, such as a dict of texts."""
    leaves = gc.get_referents(holder)
    for leaf in leaves:  # which grows meanwhile
        if type(leaf) in (dict, tuple) and not gc.is_tracked(leaf):
            leaves += gc.get_referents(leaf)
        else:
            yield leaf


def _holds(index: Any, raw: Sequence[bytes]) -> bool:
    # A function of its own, so that the copy is gone before the collector's objects are searched on.
    held = faiss.serialize_index(index).tobytes()
    return any(held.find(vector) >= 0 for vector in raw)


def _kind(
    leaf: Any, marks: Sequence[str], identities: set[str], raw: Sequence[bytes], firsts: set[tuple[float, ...]]
) -> str:
    if type(leaf) is str:
        if leaf in identities:
            return "id"
        return "text" if any(mark in leaf for mark in marks) else ""
    if type(leaf) is bytes:
        return "bytes" if any(vector in leaf for vector in raw) else ""
    if type(leaf) is np.ndarray and leaf.dtype == np.float32:
        return "vector in an array" if any(vector in leaf.tobytes() for vector in raw) else ""
    if type(leaf) is list and len(leaf) > 2 and type(leaf[0]) is float:
        # What came as JSON has the digits of a float32 and not its value.
        return "vector in a list" if tuple(np.array(leaf[:3], dtype=np.float32).tolist()) in firsts else ""
    return ""


def _needles(trace: Trace) -> Iterator[bytes]:
    vector = trace.rotcev[::-1]
    yield trace.kram[::-1].encode()
    yield trace.di[::-1].encode()
    yield np.array(vector, dtype=np.float32).tobytes()
    yield np.array(vector, dtype=np.float64).tobytes()
    yield repr(vector[0]).encode()
    yield str(np.float32(vector[0])).encode()
