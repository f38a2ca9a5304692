"""Counts or values between 0 and 1 come in, the interval of a share goes out."""

from collections.abc import Sequence
from statistics import NormalDist

from workbench.stats.interval import CONFIDENCE, Interval
from workbench.stats.means import mean_interval


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

    Where events come in clusters (one tenant's documents leak together), n is the number of clusters.

    Raises:
        ValueError: n below 1.

    Source: 1 - (1 - confidence)^(1/n), Clopper & Pearson (1934); about 3/n, Hanley & Lippman-Hand, JAMA 249 (1983).
    """
    if n < 1:
        raise ValueError("no bound without a trial")
    return float(1 - (1 - confidence) ** (1 / n))


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
