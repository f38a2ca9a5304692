"""Values come in, a quantile or the difference of two goes out with its interval, whatever the distribution."""

from collections.abc import Sequence

from workbench.stats.interval import CONFIDENCE, Interval

DRAWS = 1_000
_AT_ONCE = 50


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


def quantile_shift_interval(
    after: Sequence[Sequence[float]],
    before: Sequence[Sequence[float]],
    share: float,
    confidence: float = CONFIDENCE,
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> Interval | None:
    """Percentile bootstrap of the difference of two quantiles of paired values; None below two pairs.

    Args:
        after: a row for each question, a value for each round; questions are drawn with all their rounds.
        before: of the same questions in the same order, with as many rounds.
        share: of the quantile.
        confidence: between 0 and 1.
        draws: resamples.
        seed: of numpy's default generator.

    Raises:
        ValueError: the two differ in shape.

    Source: Efron & Tibshirani, An Introduction to the Bootstrap (1993), section 13.3.
    """
    import numpy as np

    new, old = np.array(after, dtype=float), np.array(before, dtype=float)
    if new.shape != old.shape:
        raise ValueError(f"{new.shape} values after, {old.shape} before: they must be paired")
    if len(new) < 2:
        return None
    random, drawn = np.random.default_rng(seed), np.empty(draws)
    for start in range(0, draws, _AT_ONCE):
        places = random.integers(0, len(new), (min(_AT_ONCE, draws - start), len(new)))
        ends = [np.quantile(values[places].reshape(len(places), -1), share, axis=1) for values in (new, old)]
        drawn[start : start + len(places)] = ends[0] - ends[1]
    low, high = np.quantile(drawn, ((1 - confidence) / 2, (1 + confidence) / 2))
    return Interval(float(low), float(high), len(new), f"percentile bootstrap of {draws}", confidence)
