"""Paired amounts of two runs come in, by what factor they differ goes out, with all that a verdict on it needs."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import exp, expm1, fsum, log

from workbench.stats import Interval, Tested, paired_ratio, permutation_test, totals_ratio_interval
from workbench.stats.means import Mean, mean
from workbench.stats.verdict import detectable

_DRAWS = 4_000


@dataclass(frozen=True, slots=True)
class OfTotals:
    """The ratio of two sums, as of tokens or USD: what the bill changes by."""

    after: Sequence[float]
    before: Sequence[float]
    value: float
    """after / before: 1.15 is 15 % more."""
    test: Tested
    linear: Mean
    """Of after - value x before, as shares of the mean before: its error is that of the ratio."""
    clusters: Sequence[Hashable] | None

    def interval(self, confidence: float) -> Interval | None:
        """BCa bootstrap, of clusters by drawing whole ones; None where nothing varies or an amount is zero."""
        after, before = self.after, self.before
        if self.clusters is not None:
            after, before = _sums(after, self.clusters), _sums(before, self.clusters)
        if min(before) <= 0:
            return None
        return totals_ratio_interval(after, before, confidence, draws=_DRAWS)

    def outside(self, width: float) -> float:
        """P-value of a factor beyond 1 -/+ width: low where it was shown to lie between.

        Two one-sided t tests of after - (1 -/+ width) x before. Source: Fieller, JRSS B 16 (1954).
        """
        return max(self._beyond(1 - width).p_above(0), self._beyond(1 + width).p_below(0))

    def detectable(self, alpha: float) -> float | None:
        """The change that would have been seen, as a share; linearised, so exact for small ones. None: none would."""
        return detectable(self.linear, alpha)

    def _beyond(self, factor: float) -> Mean:
        return mean([new - factor * old for new, old in zip(self.after, self.before, strict=True)], self.clusters)


@dataclass(frozen=True, slots=True)
class OfTimes:
    """The geometric mean of paired ratios, as of CPU time, where outliers weigh less."""

    value: float
    test: Tested
    logs: Mean

    def interval(self, confidence: float) -> Interval | None:
        """Student's on the log scale."""
        if not self.logs.error:
            return None
        found = self.logs.interval(confidence)
        return Interval(exp(found.low), exp(found.high), found.n, f"{found.method} on the log scale", confidence)

    def outside(self, width: float) -> float:
        """P-value of a factor beyond 1 -/+ width: two one-sided t tests on the log scale."""
        return max(self.logs.p_above(log(1 - width)), self.logs.p_below(log(1 + width)))

    def detectable(self, alpha: float) -> float | None:
        """The increase that would have been seen, as a share; None: none would."""
        seen = detectable(self.logs, alpha)
        return None if seen is None else expm1(seen)


Factor = OfTotals | OfTimes


def of_totals(after: Sequence[float], before: Sequence[float], clusters: Sequence[Hashable] | None = None) -> OfTotals:
    """Compare two sums of paired amounts.

    Args:
        after: two or more.
        before: of the same questions in the same order, with a sum above zero.
        clusters: the cluster of each, or None.

    Raises:
        TooFewClusters: fewer than 20 clusters.
    """
    value = fsum(after) / fsum(before)
    size = fsum(before) / len(before)
    linear = mean([(new - value * old) / size for new, old in zip(after, before, strict=True)], clusters)
    test = permutation_test([new - old for new, old in zip(after, before, strict=True)], clusters=clusters)
    return OfTotals(after, before, value, test, linear, clusters)


def of_times(after: Sequence[float], before: Sequence[float], clusters: Sequence[Hashable] | None = None) -> OfTimes:
    """Compare paired times, each above zero. Arguments and errors as `of_totals`."""
    ratio = paired_ratio(after, before, clusters=clusters)
    logs = [log(new / old) for new, old in zip(after, before, strict=True)]
    return OfTimes(ratio.value, permutation_test(logs, clusters=clusters), ratio.logs)


def factor(after: Sequence[float], before: Sequence[float], *, times: bool) -> float:
    """The factor alone, of one pair or more, each amount above zero."""
    if not times:
        return fsum(after) / fsum(before)
    return exp(fsum(log(new / old) for new, old in zip(after, before, strict=True)) / len(after))


def _sums(values: Sequence[float], clusters: Sequence[Hashable]) -> list[float]:
    found: dict[Hashable, float] = {}
    for value, cluster in zip(values, clusters, strict=True):
        found[cluster] = found.get(cluster, 0.0) + value
    return list(found.values())
