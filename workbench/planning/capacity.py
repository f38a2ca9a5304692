"""Calls per second and their length come in, slots and replicas that start them in time go out (Erlang C)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, exp

from workbench.planning.inputs import Value

SECONDS_PER_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Target:
    """What must start in time, and how the machines are cut."""

    service_seconds: float
    share: float
    seconds: float
    slots_per_replica: int
    min_replicas: int
    max_replicas: int

    @classmethod
    def of(cls, values: Mapping[str, Value]) -> "Target":
        """The target of a scenario's values."""
        read = {name: float(values[f"load.{name}"]) for name in _NUMBERS}  # type: ignore[arg-type]
        return cls(
            read["service_seconds"],
            read["target_share"],
            read["target_seconds"],
            int(read["slots_per_replica"]),
            int(read["min_replicas"]),
            int(read["max_replicas"]),
        )


_NUMBERS = (
    "service_seconds", "target_share", "target_seconds", "slots_per_replica", "min_replicas", "max_replicas",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Capacity:
    """What one load needs."""

    calls_per_second: float
    offered_load: float
    """Calls in service on average, in Erlang."""
    slots: int
    replicas: int
    clamped: str
    """`min` or `max` where the wanted replicas lie outside what is allowed; else empty."""

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {
            "calls_per_second": round(self.calls_per_second, 6),
            "offered_load": round(self.offered_load, 6),
            "slots": self.slots,
            "replicas": self.replicas,
            "clamped": bool(self.clamped),
            "clamped_to": self.clamped or None,
        }


def erlang_c(slots: int, offered_load: float) -> float:
    """Probability that a call finds every slot taken and waits.

    Args:
        slots: calls that can be served at once, 1 or more.
        offered_load: arrivals per second times seconds of service, in Erlang; from `slots` on every call waits.

    Source: Erlang (1917) by the recursion of Erlang B, numerically stable.
    """
    if offered_load >= slots:
        return 1.0
    blocked = _erlang_b(slots, offered_load)
    return blocked / (1 - offered_load / slots * (1 - blocked))


def in_time(slots: int, offered_load: float, seconds: float, service_seconds: float) -> float:
    """Share of calls that start within so many seconds."""
    if offered_load >= slots:
        return 0.0
    if service_seconds == 0:
        return 1.0
    waits = erlang_c(slots, offered_load)
    return 1 - waits * exp(-(slots - offered_load) * seconds / service_seconds)


def slots_for(offered_load: float, share: float, seconds: float, service_seconds: float) -> int:
    """The fewest slots with which at least this share of calls starts in time; 0 where nothing arrives.

    A share of 1 is never reached by any number of slots: one call in a billion may then be late.
    """
    if offered_load <= 0:
        return 0
    share = min(share, 1 - 1e-9)
    slots = int(offered_load) + 1
    blocked = _erlang_b(slots, offered_load)
    while True:
        waits = blocked / (1 - offered_load / slots * (1 - blocked))
        late = waits if service_seconds == 0 else waits * exp(-(slots - offered_load) * seconds / service_seconds)
        if 1 - late >= share:
            return slots
        slots += 1
        blocked = offered_load * blocked / (slots + offered_load * blocked)


def size(calls_per_second: float, target: Target) -> Capacity:
    """Slots and replicas for one load."""
    offered = calls_per_second * target.service_seconds
    slots = slots_for(offered, target.share, target.seconds, target.service_seconds)
    wanted = ceil(slots / target.slots_per_replica)
    replicas = min(max(wanted, target.min_replicas), target.max_replicas)
    clamped = "" if replicas == wanted else "min" if replicas > wanted else "max"
    return Capacity(calls_per_second, offered, slots, replicas, clamped)


def largest_loads(target: Target) -> list[float]:
    """The heaviest load in calls per second that each number of replicas still serves in time, from the least on.

    Inverts `size`, so that replicas of many loads at once are a look-up.
    """
    loads = []
    for replicas in range(target.min_replicas, target.max_replicas):
        slots = replicas * target.slots_per_replica
        low, high = 0.0, float(slots)
        for _ in range(60):
            middle = (low + high) / 2
            share = min(target.share, 1 - 1e-9)
            if slots and in_time(slots, middle, target.seconds, target.service_seconds) >= share:
                low = middle
            else:
                high = middle
        loads.append(low / target.service_seconds if target.service_seconds else float("inf"))
    return loads


def peak_factor(values: Mapping[str, Value]) -> float:
    """Peak over mean of a month: the stated factor, or the busiest hour of a weekday where none is stated."""
    peak = values["load.peak"]
    return max(hourly_factors(values)) if peak is None else float(peak)  # type: ignore[arg-type]


def hourly_factors(values: Mapping[str, Value], *, weekend: bool = False) -> list[float]:
    """Load of each hour of a day (UTC) over the month's mean.

    The table is scaled to mean 1; weekdays and weekend days differ by `load.weekday_over_weekend` and average to 1 over
    a week of five and two days.
    """
    table = [float(each) for each in values["load.hourly"]]  # type: ignore[union-attr, arg-type]
    ratio = float(values["load.weekday_over_weekend"])  # type: ignore[arg-type]
    weekend_day = 7 / (5 * ratio + 2)
    day = weekend_day if weekend else weekend_day * ratio
    mean = sum(table) / len(table) or 1.0
    return [each / mean * day for each in table]


def by_hour(calls_per_day: float, values: Mapping[str, Value], *, weekend: bool = False) -> Sequence[Capacity]:
    """Capacity hour by hour; a stated peak factor multiplies each hour's own."""
    peak, target = values["load.peak"], Target.of(values)
    within = 1.0 if peak is None else float(peak)  # type: ignore[arg-type]
    mean = calls_per_day / SECONDS_PER_DAY
    return [size(mean * factor * within, target) for factor in hourly_factors(values, weekend=weekend)]


def _erlang_b(slots: int, offered_load: float) -> float:
    blocked = 1.0
    for each in range(1, slots + 1):
        blocked = offered_load * blocked / (each + offered_load * blocked)
    return blocked
