"""The few operations in which one number differs from ten thousand draws; all else in the formulas is + - * /."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Protocol

from workbench.planning.capacity import Target, largest_loads, size

Number = Any
"""A `Decimal`, or a float or numpy array of draws: the formulas are written once for both."""


class Arithmetic(Protocol):
    """What the formulas need beyond operators."""

    def number(self, value: Decimal) -> Number:
        """A stated value in the numbers reckoned with."""

    def at_least(self, value: Number, floor: Number) -> Number:
        """1 where value >= floor, else 0."""

    def smaller(self, value: Number, other: Number) -> Number:
        """The smaller one."""

    def larger(self, value: Number, other: Number) -> Number:
        """The larger one."""

    def share(self, part: Number, whole: Number) -> Number:
        """Part / whole, at most 1; 0 where the whole is 0."""

    def nothing(self, value: Number) -> bool:
        """Whether it is 0 in every draw, so that its term can be left out."""

    def replicas(self, calls_per_second: Number, target: Target) -> Number:
        """Machines for a load."""


class Exact:
    """One bill, in `Decimal`."""

    def number(self, value: Decimal) -> Decimal:
        """As it is."""
        return value

    def at_least(self, value: Decimal, floor: Decimal) -> int:
        """1 where value >= floor, else 0."""
        return int(value >= floor)

    def smaller(self, value: Decimal, other: Decimal) -> Decimal:
        """The smaller one."""
        return min(value, other)

    def larger(self, value: Decimal, other: Decimal) -> Decimal:
        """The larger one."""
        return max(value, other)

    def share(self, part: Decimal, whole: Decimal) -> Decimal:
        """Part / whole, at most 1; 0 where the whole is 0."""
        return min(part / whole, Decimal(1)) if whole else Decimal(0)

    def nothing(self, value: Decimal) -> bool:
        """Whether it is 0."""
        return value == 0

    def replicas(self, calls_per_second: Decimal, target: Target) -> Decimal:
        """Machines for a load."""
        return Decimal(size(float(calls_per_second), target).replicas)


class Draws:
    """Many bills at once, in float64 arrays."""

    def __init__(self) -> None:
        import numpy as np

        self._np = np
        self._loads: dict[Target, Sequence[float]] = {}

    def number(self, value: Decimal) -> float:
        """As a float."""
        return float(value)

    def at_least(self, value: Number, floor: Number) -> Number:
        """1 where value >= floor, else 0."""
        return (self._np.asarray(value) >= floor) * 1.0

    def smaller(self, value: Number, other: Number) -> Number:
        """The smaller one, draw by draw."""
        return self._np.minimum(value, other)

    def larger(self, value: Number, other: Number) -> Number:
        """The larger one, draw by draw."""
        return self._np.maximum(value, other)

    def share(self, part: Number, whole: Number) -> Number:
        """Part / whole, at most 1; 0 where the whole is 0."""
        np = self._np
        part, whole = np.broadcast_arrays(np.asarray(part, dtype=float), np.asarray(whole, dtype=float))
        return np.minimum(np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0), 1.0)

    def nothing(self, value: Number) -> bool:
        """Whether it is a plain 0; an array is never looked through."""
        return not isinstance(value, self._np.ndarray) and value == 0

    def replicas(self, calls_per_second: Number, target: Target) -> Number:
        """Machines for each load."""
        if target not in self._loads:
            self._loads[target] = largest_loads(target)
        return target.min_replicas + self._np.searchsorted(self._loads[target], calls_per_second, side="left")
