"""The shape in which every figure is given: where it lies, with what confidence, on how many observations."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a figure lies with a stated confidence, and on how many observations that stands."""

    low: float
    high: float
    n: int
    method: str
    confidence: float = CONFIDENCE


def finite(values: Sequence[float]) -> list[float]:
    """The values as floats.

    Raises:
        ValueError: one is infinite or not a number, which every mean would swallow without a word.
    """
    given = [float(value) for value in values]
    for place, value in enumerate(given):
        if not isfinite(value):
            raise ValueError(f"value {place} is {value}: leave out what was not measured")
    return given
