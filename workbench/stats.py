"""Numbers come in, a figure with its interval goes out. Knows nothing of retrieval, models or runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, stdev

import numpy as np

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a figure lies with a stated confidence, and on how many observations that stands."""

    low: float
    high: float
    n: int
    method: str
    confidence: float = CONFIDENCE


def wilson(events: float, n: int, confidence: float = CONFIDENCE) -> Interval:
    """Two-sided score interval of a share.

    Args:
        events: how often it happened, 0 to n; a sum of values between 0 and 1 gives a conservative interval.
        n: how often it could have happened.
        confidence: between 0 and 1.

    Raises:
        ValueError: n below 1 (a share of nothing is not zero), or events outside 0..n.

    Source: Wilson, JASA 22 (1927).
    """
    if n < 1 or not 0 <= events <= n:
        raise ValueError(f"no share of {events} in {n}")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, squared = events / n, z * z / n
    middle = share + squared / 2
    half = z * (share * (1 - share) / n + squared / (4 * n)) ** 0.5
    # At 0 of n and n of n the bound is exactly 0 or 1, which rounding would miss by 1e-17.
    low = 0.0 if events == 0 else (middle - half) / (1 + squared)
    high = 1.0 if events == n else (middle + half) / (1 + squared)
    return Interval(low, high, n, "Wilson score", confidence)


def no_event_bound(n: int, confidence: float = CONFIDENCE) -> float:
    """Exact one-sided upper bound of a share when none of n independent trials was an event.

    Raises:
        ValueError: n below 1.

    Source: 1 - (1 - confidence)^(1/n), Clopper & Pearson (1934); about 3/n, Hanley & Lippman-Hand, JAMA 249 (1983).
    """
    if n < 1:
        raise ValueError("no bound without a trial")
    return float(1 - (1 - confidence) ** (1 / n))


def mean_interval(values: Sequence[float], confidence: float = CONFIDENCE) -> Interval | None:
    """Student's interval of a mean; None below two values or where they do not vary, since it would be a point."""
    if len(values) < 2 or (spread := stdev(values)) == 0:
        return None
    # scipy.special loads in a fifth of the time of scipy.stats, and `show` must answer at once.
    from scipy.special import stdtrit

    half = float(stdtrit(len(values) - 1, (1 + confidence) / 2)) * spread / len(values) ** 0.5
    middle = fmean(values)
    return Interval(middle - half, middle + half, len(values), "Student t", confidence)


def bootstrap_interval(
    values: Sequence[float], confidence: float = CONFIDENCE, *, draws: int = 10_000, seed: int = 0
) -> Interval | None:
    """Percentile bootstrap of a mean with a fixed seed, so that it is the same every time; None below two values.

    Source: Efron & Tibshirani, An Introduction to the Bootstrap (1993), section 13.
    """
    if len(values) < 2:
        return None
    data, random = np.asarray(values, dtype=float), np.random.default_rng(seed)
    means = np.array([data[random.integers(0, len(data), len(data))].mean() for _ in range(draws)])
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(float(low), float(high), len(values), f"bootstrap of {draws}", confidence)


def share_interval(values: Sequence[float], confidence: float = CONFIDENCE) -> Interval | None:
    """Interval of the mean of values between 0 and 1, kept inside 0..1; None without values.

    Zeros and ones alone get Wilson's interval; graded values (F1, nDCG) Student's. Values that do not vary get
    Wilson's too: five scores of exactly 0.5 are no proof that the next one will be.

    Raises:
        ValueError: a value outside 0..1.
    """
    if not values:
        return None
    if not all(0 <= value <= 1 for value in values):
        raise ValueError(f"not a share: {min(values)} to {max(values)}")
    graded = None if all(value in (0, 1) for value in values) else mean_interval(values, confidence)
    if graded is None:
        return wilson(sum(values), len(values), confidence)
    return Interval(max(0.0, graded.low), min(1.0, graded.high), graded.n, graded.method, confidence)


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which a share of the data lies, interpolated linearly between order statistics (numpy's default).

    Raises:
        ValueError: no values.
    """
    if not len(values):
        raise ValueError("no quantile of nothing")
    return float(np.quantile(np.asarray(values, dtype=float), share))


def quantile_interval(values: Sequence[float], share: float, confidence: float = CONFIDENCE) -> Interval | None:
    """Interval of a quantile between two order statistics, whatever the distribution; None where n is too small for it.

    The two ranks are the tightest for which each side errs at most (1 - confidence) / 2.

    Source: Hahn & Meeker, Statistical Intervals (1991), section 5.2.
    """
    from scipy.special import bdtr

    n, tail = len(values), (1 - confidence) / 2
    if n < 2:
        return None
    # below[k] = P(at most k of n observations lie under the quantile)
    below = bdtr(np.arange(n), n, share)
    low = int(np.searchsorted(below, tail, side="right"))  # the largest rank (from 1) with below[rank - 1] <= tail
    high = int(np.searchsorted(below, 1 - tail, side="left")) + 1  # the smallest rank with below[rank - 1] >= 1 - tail
    if low < 1 or high > n:
        return None
    ordered = sorted(values)
    return Interval(ordered[low - 1], ordered[high - 1], n, "order statistics", confidence)
