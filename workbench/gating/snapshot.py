"""What an experiment came to, as a gate compares it: figures and digests by question, no text. No behaviour, no I/O."""

from dataclasses import dataclass, field
from typing import Any

from workbench.records import Track

PASSAGES, ANSWER = "passages", "answer"
"""What is compared by digest, named as figures are by their path."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One backend on one track."""

    backend: str
    track: Track
    settings: dict[str, Any]
    """What must be the same for two cells to be compared: the recipe's fields, `upstream`, `recording`, `judge`,
    `price_as`; `retrieval` where it is not dense, and `privacy` where it is not off."""
    versions: dict[str, str]
    """Of the framework, FAISS and Python: they may differ, for that is what one gates."""
    values: dict[str, dict[str, float]]
    """Dotted path -> question -> value, the mean over its rounds, to ten digits. No times."""
    deterministic: frozenset[str]
    """Paths of the figures that the same run would give again, `passages` and `answer` among them."""
    passages: dict[str, str]
    """Question -> digest of the ids that it found, best first; none for a failed one."""
    answers: dict[str, str]
    """Question -> digest of its answer; empty where no text was kept."""
    failures: dict[str, str]
    """Question -> kind of its failure."""
    cpu_ms: dict[int, dict[str, float]]
    """Round -> question -> CPU of the worker. Without those that were asked several at once."""
    sinks: dict[str, int] = field(default_factory=dict)
    """Place where no planted value should be -> how many were left there; empty: not looked for."""

    @property
    def name(self) -> str:
        """`<backend>-<track>`."""
        return f"{self.backend}-{self.track}"

    @property
    def questions(self) -> frozenset[str]:
        """All that were asked."""
        return frozenset(self.values["failed"])


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One experiment."""

    workload: str
    """Its name."""
    workload_id: str
    """Tells whether two are the same, without giving the hash away that the digests are keyed by."""
    workbench: str
    """Version."""
    prices: str
    """The price list, as a sentence."""
    cells: dict[str, Cell]
    """By name."""
    started: str
    """ISO 8601, UTC."""
    machine: dict[str, Any]
