"""Spread or discordance and a number of questions come in, the smallest effect they can show goes out; and back.

All are exact: of the paired t test by the noncentral t, of McNemar's exact test by summing over discordant pairs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, isnan, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Sides = Literal[1, 2]

POWER = 0.80
_MOST = 1 << 30
"""More questions than anybody asks."""


@dataclass(frozen=True, slots=True)
class Design:
    """What so many questions can show."""

    effect: float
    """The true mean difference that is found with this power."""
    n: int
    power: float
    """Of this effect with this n; where n was sought, at least what was asked for."""
    alpha: float
    sides: Sides
    method: str


def mean_power(effect: float, spread: float, n: int, *, alpha: float = 0.05, sides: Sides = 2) -> float:
    """Power of the paired t test.

    Args:
        effect: true mean difference, in the unit of the differences.
        spread: standard deviation of the differences, not of the scores themselves.
        n: pairs, two or more.
        alpha: level of the test.
        sides: 1 asks in the direction of the effect only.

    Raises:
        ValueError: fewer than two pairs or no spread.

    Source: Cohen, Statistical Power Analysis (1988), section 2: P(|T| > t), T noncentral t with n - 1 degrees of
        freedom and shift effect sqrt(n) / spread.
    """
    if n < 2 or not spread > 0:
        raise ValueError(f"no power of {n} pairs with a spread of {spread}: needed are two pairs that vary")
    return _student_power(abs(effect) * sqrt(n) / spread, n - 1, alpha, sides)


def detectable_mean(spread: float, n: int, *, alpha: float = 0.05, power: float = POWER, sides: Sides = 2) -> Design:
    """Smallest mean difference that n pairs show with this power. Arguments and errors as `mean_power`."""
    if n < 2 or not spread > 0:
        raise ValueError(f"no power of {n} pairs with a spread of {spread}: needed are two pairs that vary")
    effect = detectable_by_error(spread / sqrt(n), n - 1, alpha=alpha, power=power, sides=sides)
    return Design(effect, n, power, alpha, sides, "paired t")


def detectable_by_error(
    error: float, degrees: int, *, alpha: float = 0.05, power: float = POWER, sides: Sides = 2
) -> float:
    """Smallest effect shown with this power where the standard error is known, as of a mean over clusters."""
    high = 4.0
    while _student_power(high, degrees, alpha, sides) < power:
        high *= 2
    return error * _bisect(lambda shift: _student_power(shift, degrees, alpha, sides) >= power, 0.0, high)


def questions_for_mean(
    effect: float, spread: float, *, alpha: float = 0.05, power: float = POWER, sides: Sides = 2
) -> Design:
    """Fewest pairs with which the paired t test shows an effect with this power.

    Raises:
        ValueError: no effect or no spread.
    """
    if not effect or not spread > 0:
        raise ValueError(f"no number of pairs for an effect of {effect} and a spread of {spread}: neither may be zero")
    n = _fewest(lambda n: mean_power(effect, spread, n, alpha=alpha, sides=sides) >= power, 2)
    return Design(effect, n, mean_power(effect, spread, n, alpha=alpha, sides=sides), alpha, sides, "paired t")


def share_power(gained: float, lost: float, n: int, *, alpha: float = 0.05, sides: Sides = 2) -> float:
    """Power of McNemar's exact test.

    Args:
        gained: share of pairs that go from 0 to 1.
        lost: share of pairs that go from 1 to 0; the effect is gained - lost, the discordant share their sum.
        n: all pairs.
        alpha: level of the test.
        sides: 1 asks in the direction of the effect only.

    Raises:
        ValueError: shares below 0 or together above 1, or no pairs.

    Source: Duffy, Biometrics 40 (1984): the power given the discordant pairs, weighed by how likely so many are.
    """
    import numpy as np
    from scipy.special import bdtr, gammaln, xlog1py, xlogy

    discordant = gained + lost
    if min(gained, lost) < 0 or discordant > 1 + 1e-12 or n < 1:
        raise ValueError(f"shares of {gained} gained and {lost} lost do not fit into {n} pairs")
    discordant = min(discordant, 1.0)
    if not discordant:
        return 0.0
    reach = 10 * sqrt(n * discordant * (1 - discordant)) + 20
    counts = np.arange(max(1, int(n * discordant - reach)), min(n, int(n * discordant + reach)) + 1)
    weights = np.exp(
        gammaln(n + 1)
        - gammaln(counts + 1)
        - gammaln(n - counts + 1)
        + xlogy(counts, discordant)
        + xlog1py(n - counts, -discordant)
    )
    critical = _critical(n, alpha / sides)[counts]
    against = min(gained, lost) / discordant
    hits = np.where(critical >= 0, bdtr(np.maximum(critical, 0), counts, against), 0.0)
    if sides == 2:
        hits += np.where(critical >= 0, bdtr(np.maximum(critical, 0), counts, 1 - against), 0.0)
    return float(min(1.0, weights @ hits))


@lru_cache(maxsize=4096)
def detectable_share(
    discordant: float, n: int, *, alpha: float = 0.05, power: float = POWER, sides: Sides = 2
) -> Design | None:
    """Smallest difference of two shares that n pairs show with this power; None where even the largest is not shown.

    Args:
        discordant: share of pairs that differ, as observed; where it is below the effect, as many as the effect needs.
        n: all pairs.
        alpha: level of McNemar's exact test.
        power: wanted.
        sides: 1 asks in one direction only.
    """

    def seen(effect: float) -> bool:
        pairs = max(discordant, effect)
        return share_power((pairs + effect) / 2, (pairs - effect) / 2, n, alpha=alpha, sides=sides) >= power

    if not seen(1.0):
        return None
    return Design(_bisect(seen, 0.0, 1.0), n, power, alpha, sides, "exact McNemar")


def questions_for_share(
    effect: float, discordant: float, *, alpha: float = 0.05, power: float = POWER, sides: Sides = 2
) -> Design:
    """Fewest pairs with which McNemar's exact test shows a difference of two shares with this power.

    The power of an exact test does not rise with every pair; a few pairs more than these may dip under it by little.

    Raises:
        ValueError: no effect, or more effect than discordant pairs.
    """
    gained, lost = _flows(effect, discordant)
    n = _fewest(lambda n: share_power(gained, lost, n, alpha=alpha, sides=sides) >= power, 1)
    return Design(effect, n, share_power(gained, lost, n, alpha=alpha, sides=sides), alpha, sides, "exact McNemar")


def connor(effect: float, discordant: float, *, alpha: float = 0.05, power: float = POWER, sides: Sides = 2) -> int:
    """Pairs by Connor's formula, a little fewer than the exact test needs: [z_a sqrt(s) + z_b sqrt(s - d^2)]^2 / d^2.

    Args:
        effect: d, the difference of the two shares.
        discordant: s, the share of pairs that differ.
        alpha: z_a is the normal quantile of 1 - alpha / sides.
        power: z_b is its normal quantile.
        sides: of the test.

    Raises:
        ValueError: no effect, or more effect than discordant pairs.

    Source: Connor, Biometrics 43 (1987).
    """
    _flows(effect, discordant)
    normal = NormalDist()
    level, sure = normal.inv_cdf(1 - alpha / sides), normal.inv_cdf(power)
    return ceil(((level * sqrt(discordant) + sure * sqrt(discordant - effect * effect)) / effect) ** 2)


def _flows(effect: float, discordant: float) -> tuple[float, float]:
    if not effect or not abs(effect) <= discordant <= 1:
        raise ValueError(f"a difference of {effect} needs between {abs(effect)} and 1 discordant, not {discordant}")
    return (discordant + effect) / 2, (discordant - effect) / 2


def _student_power(shift: float, degrees: int, alpha: float, sides: Sides) -> float:
    from scipy.special import nctdtr, stdtrit

    critical = float(stdtrit(degrees, 1 - alpha / sides))
    inside, wrong_side = float(nctdtr(degrees, shift, critical)), float(nctdtr(degrees, shift, -critical))
    # scipy has no number (nan) for some of what is below 1e-16.
    return 1 - (0.0 if isnan(inside) else inside) + (0.0 if isnan(wrong_side) or sides == 1 else wrong_side)


@lru_cache(maxsize=64)
def _critical(n: int, level: float) -> "NDArray[np.float64]":
    """For 0 to n discordant pairs, how many in the rarer direction are still rejected; -1: not even none."""
    import numpy as np
    from scipy.special import bdtr, bdtrik

    counts = np.arange(n + 1)
    # The inverse says where to look; what is rejected is decided by the distribution itself.
    critical = np.nan_to_num(np.floor(bdtrik(level, counts, 0.5)), nan=0.0) + 1
    for _ in range(3):
        critical -= (critical >= 0) & (bdtr(np.clip(critical, 0, counts), counts, 0.5) > level)
    return critical  # type: ignore[no-any-return]


def _bisect(reached: Callable[[float], bool], low: float, high: float) -> float:
    """The smallest value for which it is reached, from above, to 2^-40 of the range."""
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high


def _fewest(reached: Callable[[int], bool], low: int) -> int:
    """By doubling, then halving the gap."""
    high = low
    while not reached(high):
        low, high = high + 1, high * 2
        if high > _MOST:
            raise ValueError(f"not even {_MOST} pairs would show it")
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle + 1, high)
    return high
