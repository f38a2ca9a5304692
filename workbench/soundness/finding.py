"""The shape of a defect: what kind, where, and what to do about it."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect of a workload."""

    kind: str
    """A name that does not change, such as `answer-not-in-evidence`."""
    where: str
    """The record or file, by its id or name."""
    said: str
    """What is wrong, and what to do, as one sentence."""
    level: Literal["error", "warning"] = "error"
    """An error makes figures wrong; a warning makes them mean less."""
