"""Paired differences come in; how large they are, and whether they stay within a margin, goes out."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import copysign, erfc, inf, sqrt
from statistics import NormalDist
from typing import Literal

from workbench.stats.clusters import totals
from workbench.stats.interval import CONFIDENCE, Interval, finite
from workbench.stats.means import Mean, mean


@dataclass(frozen=True, slots=True)
class ShareDifference:
    """The difference of two shares of the same pairs, judged by Tango's score.

    z(d) = (b - c - n d) / sqrt(n (2 q + d (1 - d))), b gains, c losses, q the likeliest share of losses where the
    difference is d. At d = 0 it is McNemar's statistic.

    Source: Tango, Statistics in Medicine 17 (1998).
    """

    gained: int
    lost: int
    n: int
    method: str = "Tango score"

    @property
    def value(self) -> float:
        """Share after less share before."""
        return (self.gained - self.lost) / self.n

    def interval(self, confidence: float = CONFIDENCE) -> Interval:
        """Two-sided: every difference whose score is within -/+ z; not a point even where no pair differs."""
        z = NormalDist().inv_cdf((1 + confidence) / 2)
        return Interval(
            self._solve(-1.0, self.value, z), self._solve(self.value, 1.0, -z), self.n, self.method, confidence
        )

    def p_above(self, reference: float) -> float:
        """One-sided p-value: how unlikely such gains were if the true difference lay at or below the reference."""
        return erfc(self._score(reference) / sqrt(2)) / 2

    def p_below(self, reference: float) -> float:
        """One-sided p-value: how unlikely such losses were if the true difference lay at or above the reference."""
        return erfc(-self._score(reference) / sqrt(2)) / 2

    def _score(self, difference: float) -> float:
        if abs(difference) >= 1:
            return copysign(inf, -difference)
        n, b, c, d = self.n, self.gained, self.lost, difference
        linear = (2 * n - b + c) * d - b - c
        q = (sqrt(linear * linear + 8 * n * c * d * (1 - d)) - linear) / (4 * n)
        variance, excess = n * (2 * q + d * (1 - d)), b - c - n * d
        # At d = 0 without a discordant pair there is neither excess nor variance.
        return excess / sqrt(variance) if variance > 0 else (copysign(inf, excess) if excess else 0.0)

    def _solve(self, low: float, high: float, wanted: float) -> float:
        """Where the score, which falls, passes what is wanted."""
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if self._score(middle) > wanted else (low, middle)
        return (low + high) / 2


def estimate(differences: Sequence[float], clusters: Sequence[Hashable] | None = None) -> Mean | ShareDifference:
    """The mean difference: of independent -1, 0 and 1 alone (paired 0/1) by Tango's score, else by Student's t.

    Raises:
        ValueError: fewer than two pairs, a difference that is no number, or a length that differs.
        TooFewClusters: fewer than 20 clusters.
    """
    given = finite(differences)
    if len(given) < 2:
        raise ValueError(f"{len(given)} pairs have no spread: two or more are needed")
    if clusters is None and all(each in (-1, 0, 1) for each in given):
        return ShareDifference(given.count(1), given.count(-1), len(given))
    return mean(given, clusters)


LARGE = 0.5
"""Of a difference of scores: a question that went wrong, rather than one told in other words."""


def large(differences: Sequence[float], clusters: Sequence[Hashable] | None = None) -> ShareDifference:
    """Differences of scores of half a point and more, as gains and losses, others as none; of clusters, their means.

    Student's t knows only the losses that it saw: where one question in fifty loses everything and sixty were asked,
    often none is seen, and t calls the difference small with certainty. Tango's score counts on those that were missed.
    """
    given = finite(differences)
    if clusters is not None:
        given = [total / size for total, size in zip(*totals(given, clusters), strict=True)]
    gained, lost = sum(each >= LARGE for each in given), sum(each <= -LARGE for each in given)
    return ShareDifference(gained, lost, len(given))


@dataclass(frozen=True, slots=True)
class MarginTest:
    """Whether a mean difference was shown to stay within a margin."""

    shown: bool
    p: float
    difference: float
    interval: Interval
    """Two-sided, of confidence 1 - 2 alpha: what is claimed is shown where it lies within the margin; of scores, where
    `large` agrees."""
    margin: float
    alpha: float
    claim: Literal["equivalent", "not inferior"]
    n: int
    method: str


def equivalence(
    differences: Sequence[float],
    margin: float,
    *,
    clusters: Sequence[Hashable] | None = None,
    alpha: float = 0.05,
    scores: bool = False,
) -> MarginTest:
    """Two one-sided tests (TOST): is the true mean difference between -margin and +margin?

    Args:
        differences: one per pair, any order.
        margin: above zero, in the unit of the differences; chosen before looking at them.
        clusters: the cluster of each pair, or None.
        alpha: of each of the two tests, and so of a false claim.
        scores: what is compared lies in 0..1; then `large` differences are tested too.

    Returns:
        p is the larger of the two.

    Raises:
        ValueError: a margin not above zero, or as `estimate`.
        TooFewClusters: fewer than 20 clusters.

    Source: Schuirmann, J. Pharmacokinetics and Biopharmaceutics 15 (1987).
    """
    found = estimate(differences, clusters)
    p = equivalence_p(found, margin)
    if scores:
        p = max(p, equivalence_p(large(differences, clusters), margin))
    return MarginTest(
        p <= alpha, p, found.value, found.interval(1 - 2 * alpha), margin, alpha, "equivalent", found.n, found.method
    )


def noninferiority(
    differences: Sequence[float],
    margin: float,
    *,
    clusters: Sequence[Hashable] | None = None,
    alpha: float = 0.05,
    higher_is_better: bool = True,
    scores: bool = False,
) -> MarginTest:
    """One one-sided test: is the true mean difference not worse than by the margin?

    Args:
        differences: after less before, one per pair, any order.
        margin: above zero, in the unit of the differences; chosen before looking at them.
        clusters: the cluster of each pair, or None.
        alpha: of a false claim.
        higher_is_better: False for times and cost: then worse is above +margin.
        scores: what is compared lies in 0..1; then `large` differences are tested too.

    Raises:
        ValueError: a margin not above zero, or as `estimate`.
        TooFewClusters: fewer than 20 clusters.

    Source: Blackwelder, Controlled Clinical Trials 3 (1982); of paired shares: Tango (1998).
    """
    found = estimate(differences, clusters)
    _positive(margin)
    tested = [found, large(differences, clusters)] if scores else [found]
    p = max(each.p_above(-margin) if higher_is_better else each.p_below(margin) for each in tested)
    return MarginTest(
        p <= alpha, p, found.value, found.interval(1 - 2 * alpha), margin, alpha, "not inferior", found.n, found.method
    )


def equivalence_p(found: Mean | ShareDifference, margin: float) -> float:
    """The p-value of `equivalence` for a difference already estimated."""
    _positive(margin)
    return max(found.p_above(-margin), found.p_below(margin))


def _positive(margin: float) -> None:
    if not margin > 0:
        raise ValueError(f"a margin of {margin} leaves no room: it must be above zero")
