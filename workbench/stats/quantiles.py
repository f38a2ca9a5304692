"""Values come in, a quantile and its interval go out, whatever the distribution."""

from collections.abc import Sequence

from workbench.stats.interval import CONFIDENCE, Interval


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which a share of the data lies, interpolated linearly between order statistics (numpy's default).

    Raises:
        ValueError: no values.
    """
    import numpy as np

    if not len(values):
        raise ValueError("no quantile of nothing")
    return float(np.quantile(np.asarray(values, dtype=float), share))


def quantile_interval(values: Sequence[float], share: float, confidence: float = CONFIDENCE) -> Interval | None:
    """Interval of a quantile between two order statistics, whatever the distribution; None where n is too small for it.

    The two ranks are the tightest for which each side errs at most (1 - confidence) / 2.

    Source: Hahn & Meeker, Statistical Intervals (1991), section 5.2.
    """
    import numpy as np
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
