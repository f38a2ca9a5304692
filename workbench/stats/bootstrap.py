"""Values come in, the BCa bootstrap interval of their mean or of the ratio of two totals goes out.

Values are sorted before they are drawn from and the seed is fixed: neither their order nor the day changes a digit.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

from workbench.stats.clusters import enough, totals
from workbench.stats.interval import CONFIDENCE, Interval, finite

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DRAWS = 10_000

_AT_ONCE = 1 << 20
"""Values drawn at a time: 8 MB of places, whatever n is."""


def bootstrap_interval(
    values: Sequence[float],
    confidence: float = CONFIDENCE,
    *,
    clusters: Sequence[Hashable] | None = None,
    draws: int = DRAWS,
    seed: int = 0,
) -> Interval | None:
    """BCa bootstrap of a mean; None below two values or where they do not vary.

    Args:
        values: any order.
        confidence: between 0 and 1.
        clusters: the cluster of each value; whole clusters are drawn, and the mean is that of all values in them.
        draws: resamples.
        seed: of numpy's default generator.

    Raises:
        ValueError: a value that is no number.
        TooFewClusters: fewer than 20 clusters.

    Source: Efron, JASA 82 (1987); of clusters: Davison & Hinkley, Bootstrap Methods (1997), section 3.8. Without
        clusters the same digits as scipy.stats.bootstrap(method="BCa") on the sorted values with the same seed.
    """
    values = finite(values)
    if len(values) < 2:
        return None
    if clusters is None:
        return _bca(values, None, len(values), confidence, draws, seed, f"BCa bootstrap of {draws}")
    sums, sizes = totals(values, clusters)
    method = f"BCa bootstrap of {draws} over {len(sums)} clusters"
    return _bca(sums, [float(size) for size in sizes], len(values), confidence, draws, seed, method)


def totals_ratio_interval(
    over: Sequence[float],
    under: Sequence[float],
    confidence: float = CONFIDENCE,
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> Interval | None:
    """BCa bootstrap of sum(over) / sum(under) of paired amounts, such as USD of the same questions; None below two.

    Args:
        over: one amount per question.
        under: of the same questions in the same order, each above zero.
        confidence: between 0 and 1.
        draws: resamples.
        seed: of numpy's default generator.

    Raises:
        ValueError: different lengths, a value that is no number, or one under the line that is not above zero.

    Source: Davison & Hinkley, Bootstrap Methods (1997), chapter 2.
    """
    over, under = finite(over), finite(under)
    if len(over) != len(under):
        raise ValueError(f"{len(over)} amounts over the line, {len(under)} under it: they must be paired")
    if len(over) < 2:
        return None
    if min(under) <= 0:
        raise ValueError(f"no ratio to {min(under)}: amounts under the line must be above zero")
    pairs = sorted(zip(over, under, strict=True))
    above, below = [each for each, _ in pairs], [each for _, each in pairs]
    return _bca(above, below, len(pairs), confidence, draws, seed, f"BCa bootstrap of {draws}, ratio of totals")


def share_of_clusters_interval(
    events: Sequence[int], sizes: Sequence[int], confidence: float = CONFIDENCE, *, draws: int = DRAWS, seed: int = 0
) -> Interval | None:
    """BCa bootstrap of a share whose trials come in clusters; None where clusters do not differ, or are below two.

    Clusters that are alike are drawn together, so that half a million of a few kinds take as long as those few.

    Args:
        events: in each cluster, 0 to its size; any order.
        sizes: trials of each cluster in the same order, 1 or more.
        confidence: between 0 and 1.
        draws: resamples.
        seed: of numpy's default generator.

    Raises:
        ValueError: different lengths, or events outside 0..size.
        TooFewClusters: fewer than 20 clusters.

    Source: as `bootstrap_interval` over clusters; counts of equal draws are multinomial.
    """
    import numpy as np

    pairs = list(zip(events, sizes, strict=True))
    if any(not 0 <= some <= size or size < 1 for some, size in pairs):
        raise ValueError("a cluster has more events than trials, or no trial")
    enough(len(pairs))
    kinds = sorted(Counter(pairs).items())
    tops, bottoms = (np.array([pair[side] for pair, _ in kinds], dtype=float) for side in (0, 1))
    often = np.array([count for _, count in kinds])
    if len(kinds) < 2:
        return None
    top, bottom = tops @ often, bottoms @ often
    without = np.repeat((top - tops) / (bottom - bottoms), often)
    influence = without.mean() - without
    if np.abs(influence).max() <= 1e-13:
        return None
    random, drawn, at_once = np.random.default_rng(seed), np.empty(draws), max(1, _AT_ONCE // len(kinds))
    for start in range(0, draws, at_once):
        counts = random.multinomial(len(pairs), often / len(pairs), min(at_once, draws - start))
        drawn[start : start + len(counts)] = (counts @ tops) / (counts @ bottoms)
    low, high = _corrected(drawn, top / bottom, influence, confidence)
    return Interval(low, high, sum(sizes), f"BCa bootstrap of {draws} over {len(pairs)} clusters", confidence)


def _bca(
    over: Sequence[float],
    under: Sequence[float] | None,
    n: int,
    confidence: float,
    draws: int,
    seed: int,
    method: str,
) -> Interval | None:
    """The interval of sum(over) / sum(under), or of the mean of `over`."""
    import numpy as np

    if under is None:
        tops, bottoms = np.sort(np.asarray(over, dtype=float)), np.ones(len(over))
    else:
        tops, bottoms = np.asarray(over, dtype=float), np.asarray(under, dtype=float)
    top, bottom = tops.sum(), bottoms.sum()
    without = (top - tops) / (bottom - bottoms)
    influence = without.mean() - without
    # What is left of values that do not vary is rounding, and an acceleration of rounding is noise.
    if np.abs(influence).max() <= 1e-13 * max(1e-300, np.abs(without).max()):
        return None
    drawn = _resampled(tops, None if under is None else bottoms, draws, seed)
    low, high = _corrected(drawn, top / bottom, influence, confidence)
    return Interval(low, high, n, method, confidence)


def _corrected(
    drawn: "NDArray[np.float64]", found: float, influence: "NDArray[np.float64]", confidence: float
) -> tuple[float, float]:
    """Quantiles of resampled figures, corrected for bias and acceleration."""
    import numpy as np
    from scipy.special import ndtr, ndtri

    draws = len(drawn)
    share = (np.count_nonzero(drawn < found) + np.count_nonzero(drawn <= found)) / (2 * draws)
    bias = ndtri(min(max(share, 0.5 / draws), 1 - 0.5 / draws))
    acceleration = (influence**3).sum() / (6 * (influence**2).sum() ** 1.5)
    shifted = bias + ndtri(np.array([(1 - confidence) / 2, (1 + confidence) / 2]))
    low, high = np.quantile(drawn, ndtr(bias + shifted / (1 - acceleration * shifted)))
    return float(low), float(high)


def _resampled(
    tops: "NDArray[np.float64]", bottoms: "NDArray[np.float64] | None", draws: int, seed: int
) -> "NDArray[np.float64]":
    import numpy as np

    random, n = np.random.default_rng(seed), len(tops)
    drawn, at_once = np.empty(draws), max(1, _AT_ONCE // n)
    for start in range(0, draws, at_once):
        places = random.integers(0, n, (min(at_once, draws - start), n))
        below = n if bottoms is None else bottoms[places].sum(axis=1)
        drawn[start : start + len(places)] = tops[places].sum(axis=1) / below
    return drawn
