"""A scenario and a seed come in, ten thousand bills go out: percentiles, the risk of passing the budget, a tornado.

What is drawn is how far a mean may be off, not how single requests spread: over nine million queries those average out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from math import exp, log, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Any
from zlib import crc32

from workbench.errors import BadInput
from workbench.planning.arithmetic import Draws
from workbench.planning.bill import bill, roles
from workbench.planning.formulas import costs
from workbench.planning.inputs import BY_NAME
from workbench.planning.scenario import Input, Scenario

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DRAWS = 10_000
MOST_DRAWS = 1_000_000
LOW, HIGH = 0.10, 0.90
"""Of a distribution without ends, these percentiles are its low and its high."""


@dataclass(frozen=True)
class Simulation:
    """Totals of many draws."""

    totals: "NDArray[np.float64]"
    """USD; one row per month, one column per draw."""
    seed: int

    @property
    def draws(self) -> int:
        """How many."""
        return int(self.totals.shape[1])

    @cached_property
    def sums(self) -> "NDArray[np.float64]":
        """USD of all months together, by draw."""
        return self.totals.sum(axis=0)  # type: ignore[no-any-return]

    @cached_property
    def by_month(self) -> list[tuple[float, float, float]]:
        """P10, P50 and P90 of each month."""
        import numpy as np

        return [tuple(row) for row in np.percentile(self.totals, (10, 50, 90), axis=1).T.tolist()]

    @cached_property
    def percentiles(self) -> tuple[float, float, float]:
        """P10, P50 and P90 of all months together: P50 is the plan, P90 the budget."""
        import numpy as np

        low, middle, high = np.percentile(self.sums, (10, 50, 90)).tolist()
        return low, middle, high

    def over(self, budget: Decimal) -> float:
        """Share of draws whose months together cost more."""
        return float((self.sums > float(budget)).mean())


@dataclass(frozen=True, slots=True)
class Swing:
    """What one input does to a month's total, the others as stated."""

    name: str
    low: Decimal
    high: Decimal
    low_usd: Decimal
    """Total with the input at its low."""
    high_usd: Decimal

    @property
    def swing_usd(self) -> Decimal:
        """Between the two, never negative."""
        return abs(self.high_usd - self.low_usd)

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {
            "name": self.name,
            "low": float(self.low),
            "high": float(self.high),
            "low_usd": float(self.low_usd),
            "high_usd": float(self.high_usd),
            "swing_usd": float(self.swing_usd),
        }


@dataclass(frozen=True, slots=True)
class Step:
    """One month of a simulation: its prices, and what multiplies the users."""

    month: date
    factor: Decimal = Decimal(1)
    """Rollout times season."""
    growths: int = 0
    """How often the users have grown."""


def simulate(
    scenario: Scenario, steps: Sequence[Step] | None = None, *, draws: int = DRAWS, seed: int = 0
) -> Simulation | None:
    """Draw everything uncertain and reckon every month with it.

    A draw is the same in all months: what is not known is the level. Each input has its own stream of random numbers,
    so that two scenarios differ by what they differ in and not by luck. Without any uncertainty each draw is the bill.

    Args:
        scenario: what is uncertain, and how.
        steps: months to reckon; None: one at full demand.
        draws: 100 to 1,000,000.
        seed: 0 or more; the same seed gives the same draws.

    Returns:
        None where a model is unpriced in one of the months.

    Raises:
        BadInput: draws or seed out of range.
    """
    import numpy as np

    check_draws(draws, seed)
    kit = Draws()
    values = _numbers(scenario, kit)
    for name in scenario.uncertain:
        values[name] = sample(scenario.inputs[name], name, draws, seed)
    chosen = steps or (Step(scenario.start_month),)
    totals = np.empty((len(chosen), draws))
    users, growth = values["demand.daily_users"], values["demand.growth"]
    priced: dict[tuple[Any, ...], Any] = {}
    for row, step in enumerate(chosen):
        found, unpriced = roles(scenario, step.month, values, kit)
        if unpriced:
            return None
        grown = users * float(step.factor) * (1 + growth) ** step.growths
        # Months that differ in nothing are reckoned once.
        key = (tuple(each.classes for each in found), float(step.factor), step.growths if np.any(growth) else 0)
        if key not in priced:
            priced[key] = costs({**values, "demand.daily_users": grown}, found, kit).total
        totals[row] = priced[key]
    return Simulation(totals, seed)


def check_draws(draws: int, seed: int) -> None:
    """Refuse what cannot be drawn.

    Raises:
        BadInput: draws or seed out of range.
    """
    if not 100 <= draws <= MOST_DRAWS:
        raise BadInput(f"--draws {draws}: give 100 to {MOST_DRAWS}")
    if seed < 0:
        raise BadInput(f"--seed {seed}: give 0 or more")


def sample(given: Input, name: str, draws: int, seed: int) -> "NDArray[np.float64]":
    """Draws of one input, inside its allowed range.

    A range is triangular with the value as its mode; samples are drawn again; a coefficient of variation is lognormal
    with the median so placed that the mean stays: sigma² = ln(1 + cv²), median = mean / sqrt(1 + cv²).
    """
    import numpy as np

    random = np.random.default_rng((seed, crc32(name.encode())))
    value = float(given.value)  # type: ignore[arg-type]
    if given.samples:
        found = random.choice(np.array([float(each) for each in given.samples]), draws)
    elif given.low is not None and given.high is not None:
        low, high = float(given.low), float(given.high)
        found = random.triangular(low, value, high, draws) if high > low else np.full(draws, low)
    else:
        cv = float(given.cv)
        found = value / sqrt(1 + cv * cv) * np.exp(random.standard_normal(draws) * sqrt(log(1 + cv * cv)))
    least, most = _bounds(name)
    return np.clip(found, least, most)


def tornado(scenario: Scenario) -> tuple[Swing, ...]:
    """The month's total with each uncertain input at its low and at its high, the widest first.

    A range's ends are its low and high; of a lognormal or of samples it is P10 and P90. The others stay as stated.
    Empty where a model is unpriced.
    """
    found = []
    for name in scenario.uncertain:
        low, high = ends(scenario.inputs[name], name)
        if name == "batch.share":  # no more can be a batch job than may wait
            high = min(high, scenario.number("channels.deferrable"))
        at_low, at_high = (bill(scenario, changes={name: each}).total_usd for each in (low, high))
        if at_low is None or at_high is None:
            return ()
        found.append(Swing(name, low, high, at_low, at_high))
    return tuple(sorted(found, key=lambda each: -each.swing_usd))


def ends(given: Input, name: str) -> tuple[Decimal, Decimal]:
    """The low and the high of an uncertain input."""
    if given.low is not None and given.high is not None:
        return given.low, given.high
    least, most = _bounds(name)
    if given.samples:
        ordered = sorted(given.samples)
        last = len(ordered) - 1
        return ordered[round(last * LOW)], ordered[round(last * HIGH)]
    cv, value = float(given.cv), float(given.value)  # type: ignore[arg-type]
    median, sigma = value / sqrt(1 + cv * cv), sqrt(log(1 + cv * cv))
    low, high = (median * exp(NormalDist().inv_cdf(share) * sigma) for share in (LOW, HIGH))
    return Decimal(repr(max(low, least))), Decimal(repr(min(high, most)))


def _bounds(name: str) -> tuple[float, float]:
    field = BY_NAME[name]
    if field.kind == "share":
        return 0.0, 1.0
    return (
        float("-inf") if field.low is None else float(field.low),
        float("inf") if field.high is None else float(field.high),
    )


def _numbers(scenario: Scenario, kit: Draws) -> dict[str, Any]:
    values: Mapping[str, Any] = scenario.values
    return {name: kit.number(value) if isinstance(value, Decimal) else value for name, value in values.items()}
