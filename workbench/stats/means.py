"""Values come in, their mean goes out, with its standard error, interval and one-sided p-values."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import fsum
from statistics import fmean, stdev

from workbench.stats.clusters import totals
from workbench.stats.interval import CONFIDENCE, Interval


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean with its standard error, both in the unit of the values."""

    value: float
    error: float
    """Standard error; 0 where nothing varies, and then every interval is a point."""
    degrees: int
    """Of freedom: values (or clusters) less one."""
    n: int
    """Values, however many clusters they fall into."""
    method: str = "Student t"

    def interval(self, confidence: float = CONFIDENCE) -> Interval:
        """Two-sided: value -/+ t(degrees, (1 + confidence) / 2) x error. Source: Student, Biometrika 6 (1908)."""
        # scipy.special loads in a fifth of the time of scipy.stats, and `show` must answer at once.
        from scipy.special import stdtrit

        half = float(stdtrit(self.degrees, (1 + confidence) / 2)) * self.error
        return Interval(self.value - half, self.value + half, self.n, self.method, confidence)

    def p_above(self, reference: float) -> float:
        """One-sided p-value: how unlikely such a mean were if the true one lay at or below the reference."""
        from scipy.special import stdtr

        if not self.error:
            return self._all_alike() if self.value > reference else 1.0
        return float(stdtr(self.degrees, (reference - self.value) / self.error))

    def p_below(self, reference: float) -> float:
        """One-sided p-value: how unlikely such a mean were if the true one lay at or above the reference."""
        from scipy.special import stdtr

        if not self.error:
            return self._all_alike() if self.value < reference else 1.0
        return float(stdtr(self.degrees, (self.value - reference) / self.error))

    def _all_alike(self) -> float:
        """Chance that all lie on one side, as of the sign test: two equal values are no certainty."""
        return float(0.5 ** (self.degrees + 1))


def mean(values: Sequence[float], clusters: Sequence[Hashable] | None = None) -> Mean:
    """Mean and standard error; over clusters the mean of all values, its error by leaving out one cluster at a time.

    With sums S and sizes N of C clusters, m = sum(S) / sum(N): error^2 = (C - 1) / C sum ((S - m N) / (sum(N) - N))^2.
    Of equal clusters that is the usual cluster-robust error; where one is large it is wider, and holds more often.

    Args:
        values: two or more, any order.
        clusters: the cluster of each value, or None where all are independent.

    Raises:
        ValueError: fewer than two values, or a length that differs.
        TooFewClusters: fewer than 20 clusters.

    Source: the jackknife (CV3) of MacKinnon, Nielsen & Webb, Journal of Econometrics 232 (2023).
    """
    if len(values) < 2:
        raise ValueError(f"{len(values)} values have no spread: two or more are needed")
    if clusters is None:
        return Mean(fmean(values), stdev(values) / len(values) ** 0.5, len(values) - 1, len(values))
    sums, sizes = totals(values, clusters)
    count, n = len(sums), sum(sizes)
    middle = fsum(sums) / n
    moved = fsum(((total - middle * size) / (n - size)) ** 2 for total, size in zip(sums, sizes, strict=True))
    error = ((count - 1) / count * moved) ** 0.5
    return Mean(middle, error, count - 1, n, f"Student t over {count} clusters")


def mean_interval(
    values: Sequence[float], confidence: float = CONFIDENCE, *, clusters: Sequence[Hashable] | None = None
) -> Interval | None:
    """Student's interval of a mean; None below two values or where they do not vary, since it would be a point.

    Raises:
        TooFewClusters: fewer than 20 clusters.
    """
    if len(values) < 2:
        return None
    found = mean(values, clusters)
    return found.interval(confidence) if found.error else None
