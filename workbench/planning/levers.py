"""A scenario comes in, what each of its levers takes off goes out: in order, by fair division, and alone.

A lever counts with what it costs: the cache with its store, the router with its price, the prefix cache with its write
premium. A saving may therefore be negative, and is shown as it is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from math import factorial

from workbench.planning.bill import Bill, bill
from workbench.planning.inputs import LEVERS, Value
from workbench.planning.rounding import apportion
from workbench.planning.scenario import Scenario

_OFF: Mapping[str, Mapping[str, Value]] = {
    "response_cache": {
        "response_cache.hit_rate": Decimal(0),
        "response_cache.batch_duplicates": Decimal(0),
        "infrastructure.cache_store": Decimal(0),
        "quick.response_cache": Decimal(0),
    },
    "prompt": {
        "prompt.cut_prefix": Decimal(0),
        "prompt.cut_dynamic": Decimal(0),
        "prompt.cut_output": Decimal(0),
        "quick.prompt": Decimal(0),
    },
    "routing": {
        "routing.share": Decimal(0),
        "routing.escalation": Decimal(0),
        "routing.router_usd": Decimal(0),
        "quick.routing": Decimal(0),
    },
    "prefix_cache": {"prefix_cache.enabled": False, "quick.prefix_cache": Decimal(0)},
    "batch": {"batch.share": Decimal(0), "quick.batch": Decimal(0)},
}
"""What each lever's inputs are without it."""


@dataclass(frozen=True, slots=True)
class Saving:
    """What one lever takes off a month's total, in USD and whole cents; negative where it costs more than it saves."""

    name: str
    waterfall_usd: Decimal
    """In the scenario's order: it acts on what the levers before it left."""
    shapley_usd: Decimal
    """The mean over all orders."""
    alone_usd: Decimal
    """With every other lever off; these do not add up to anything."""

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {
            "name": self.name,
            "waterfall_usd": float(self.waterfall_usd),
            "shapley_usd": float(self.shapley_usd),
            "alone_usd": float(self.alone_usd),
        }


@dataclass(frozen=True, slots=True)
class Savings:
    """All levers of a scenario."""

    before_usd: Decimal
    """Total without any lever."""
    after_usd: Decimal
    """Total with all of them."""
    levers: Sequence[Saving]
    """In the scenario's order. Waterfall and Shapley each add up to before - after to the cent."""

    @property
    def share(self) -> Decimal:
        """S = 1 - after/before; 0 where nothing was spent before."""
        return 1 - self.after_usd / self.before_usd if self.before_usd else Decimal(0)

    @property
    def alone_sum_usd(self) -> Decimal:
        """Of the levers alone: not additive, shown to say so."""
        return sum((each.alone_usd for each in self.levers), Decimal(0))


def without(kept: frozenset[str]) -> dict[str, Value]:
    """The changes that switch every other lever off."""
    changes: dict[str, Value] = {}
    for lever in LEVERS:
        if lever not in kept:
            changes.update(_OFF[lever])
    return changes


def active(scenario: Scenario) -> tuple[str, ...]:
    """Levers that are not as if they were off, in the scenario's order."""
    order: Sequence[str] = scenario.values["control.order"]  # type: ignore[assignment]
    return tuple(lever for lever in order if any(scenario.values[name] != value for name, value in _OFF[lever].items()))


def savings(scenario: Scenario) -> Savings | None:
    """What each lever takes off the total of one month; None where a model is unpriced.

    Source of the fair division: Shapley, A value for n-person games (1953).
    """
    order: Sequence[str] = scenario.values["control.order"]  # type: ignore[assignment]
    used = active(scenario)
    made: dict[frozenset[str], Bill] = {}

    def of(kept: frozenset[str]) -> Bill:
        if kept not in made:
            made[kept] = bill(scenario, changes=without(kept))
        return made[kept]

    def exact(kept: frozenset[str]) -> Decimal:
        return of(kept).costs.total  # type: ignore[no-any-return]

    marks = [of(frozenset(used[:count])).total_usd for count in range(len(used) + 1)]
    rounded = [each for each in marks if each is not None]
    if len(rounded) < len(marks):
        return None
    before, after = rounded[0], rounded[-1]
    waterfall = {lever: rounded[place] - rounded[place + 1] for place, lever in enumerate(used)}
    fair = dict(zip(used, apportion([_shapley(lever, used, exact) for lever in used], before - after), strict=True))
    alone = {lever: before - (of(frozenset({lever})).total_usd or before) for lever in used}
    zero = Decimal("0.00")
    return Savings(
        before,
        after,
        tuple(
            Saving(lever, waterfall.get(lever, zero), fair.get(lever, zero), alone.get(lever, zero)) for lever in order
        ),
    )


def _shapley(lever: str, used: Sequence[str], total: Callable[[frozenset[str]], Decimal]) -> Decimal:
    others = [each for each in used if each != lever]
    mean = Decimal(0)
    for size in range(len(others) + 1):
        weight = Decimal(factorial(size) * factorial(len(others) - size)) / factorial(len(used))
        for chosen in combinations(others, size):
            kept = frozenset(chosen)
            mean += weight * (total(kept) - total(kept | {lever}))
    return mean
