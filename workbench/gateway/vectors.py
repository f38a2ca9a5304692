"""Keeps embeddings by tenant, so that who asks first pays nothing extra: a text comes back with what it cost cold."""

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Vector:
    """One embedded text with its cold cost."""

    values: NDArray[np.float32]
    seconds: float
    tokens: int
    truncated: bool
    counted_by: str = "upstream"
    """As `records.Call` has it; of an embedded model it is known without."""


class VectorCache:
    """By tenant, model and text. Only a digest of the text is held; one tenant's entries are dropped together."""

    def __init__(self) -> None:
        self._tenants: dict[str, dict[bytes, Vector]] = {}

    def get(self, tenant: str, model: str, text: str) -> Vector | None:
        """The vector, or None where this tenant has not embedded this text with this model."""
        return self._tenants.get(tenant, {}).get(_key(model, text))

    def put(self, tenant: str, model: str, text: str, vector: Vector) -> None:
        """Keep a vector for this tenant alone."""
        self._tenants.setdefault(tenant, {})[_key(model, text)] = vector


def _key(model: str, text: str) -> bytes:
    digest = blake2b(model.encode(), digest_size=16)
    digest.update(b"\0")
    digest.update(text.encode("utf-8", "surrogatepass"))
    return digest.digest()
