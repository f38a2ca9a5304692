"""Paired times come in, by what factor they changed goes out, with its interval."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import exp, log

from workbench.stats.interval import CONFIDENCE, Interval, finite
from workbench.stats.means import Mean, mean


@dataclass(frozen=True, slots=True)
class Ratio:
    """A geometric mean of paired ratios: 1.15 is 15 % more."""

    value: float
    interval: Interval
    logs: Mean
    """The mean of ln(after / before) behind it."""

    @property
    def n(self) -> int:
        """Pairs."""
        return self.logs.n

    def p_above(self, factor: float = 1.0) -> float:
        """One-sided p-value: how unlikely such a ratio were if the true one lay at or below the factor."""
        return self.logs.p_above(log(factor))

    def p_below(self, factor: float = 1.0) -> float:
        """One-sided p-value: how unlikely such a ratio were if the true one lay at or above the factor."""
        return self.logs.p_below(log(factor))


def paired_ratio(
    after: Sequence[float],
    before: Sequence[float],
    confidence: float = CONFIDENCE,
    *,
    clusters: Sequence[Hashable] | None = None,
) -> Ratio:
    """Geometric mean of after / before with Student's interval on the log scale, where slow outliers weigh less.

    Args:
        after: seconds, or any amount above zero.
        before: of the same pairs in the same order.
        confidence: between 0 and 1.
        clusters: the question of each pair where it was asked several times; then questions are the observations.

    Raises:
        ValueError: fewer than two pairs, different lengths, or an amount that is not above zero.
        TooFewClusters: fewer than 20 clusters.

    Source: Keene, Statistics in Medicine 14 (1995).
    """
    after, before = finite(after), finite(before)
    if len(after) != len(before):
        raise ValueError(f"{len(after)} amounts after, {len(before)} before: they must be paired")
    if after and min(*after, *before) <= 0:
        raise ValueError(f"no ratio of {min(*after, *before)}: every amount must be above zero")
    logs = mean([log(new) - log(old) for new, old in zip(after, before, strict=True)], clusters)
    found = logs.interval(confidence)
    method = f"{logs.method} on the log scale"
    return Ratio(exp(logs.value), Interval(exp(found.low), exp(found.high), logs.n, method, confidence), logs)
