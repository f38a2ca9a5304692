"""Paired differences come in, one of four verdicts goes out, with all that it stands on."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

from workbench.stats.differences import ShareDifference, equivalence_p, estimate, large
from workbench.stats.interval import Interval
from workbench.stats.means import Mean
from workbench.stats.multiple import holm_levels
from workbench.stats.paired import Tested, permutation_test, smallest_p
from workbench.stats.power import POWER, detectable_by_error, detectable_share

Outcome = Literal["better", "worse", "equivalent", "no difference shown"]


@dataclass(frozen=True, slots=True)
class Paired:
    """One comparison of a family."""

    differences: Sequence[float]
    """After less before, one per pair, any order; those of 0/1 pairs are -1, 0 and 1."""
    clusters: Sequence[Hashable] | None = None
    """The cluster of each pair, in the same order; None where pairs are independent."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a comparison showed."""

    outcome: Outcome
    difference: float
    """Mean of after less before, in the unit given, whichever direction is better."""
    interval: Interval
    """Of the difference, two-sided, of confidence 1 - alpha."""
    p: float
    """Two-sided, of no difference. It decides; the interval, of another method, may disagree by a hair."""
    test: str
    """How p was found."""
    alpha: float
    """The level it was judged at: after Holm's correction where there were several."""
    n: int
    detectable: float | None
    """True difference that would have been shown with `power`; None where no difference could have been."""
    power: float
    margin: float | None = None
    equivalence_p: float | None = None
    """Of a difference beyond the margin; None without one."""
    equivalence_alpha: float | None = None


def verdict(
    differences: Sequence[float],
    *,
    clusters: Sequence[Hashable] | None = None,
    margin: float | None = None,
    alpha: float = 0.05,
    power: float = POWER,
    higher_is_better: bool = True,
    scores: bool = False,
) -> Verdict:
    """Judge one comparison.

    Equivalent comes first: where the difference was shown to lie within the margin, it does not matter that it is not
    zero. Of a true difference of zero, "better" or "worse" is said falsely at most as often as alpha; of one beyond
    the margin, "equivalent" is.

    Args:
        differences: after less before, two or more, any order.
        clusters: the cluster of each pair, or None.
        margin: above zero, in the unit of the differences; None: "equivalent" is never said.
        alpha: level, after Holm's correction where this is one of several (`verdicts` does that).
        power: for `detectable`.
        higher_is_better: False for times and cost.
        scores: what is compared lies in 0..1; then a few large differences that were missed are counted on.

    Raises:
        ValueError: fewer than two pairs, one that is no number, or a margin not above zero.
        TooFewClusters: fewer than 20 clusters.
    """
    pairs = Paired(differences, clusters)
    return verdicts([pairs], margin=margin, alpha=alpha, power=power, higher_is_better=higher_is_better, scores=scores)[
        0
    ]


def verdicts(
    family: Sequence[Paired],
    *,
    margin: float | None = None,
    alpha: float = 0.05,
    power: float = POWER,
    higher_is_better: bool = True,
    scores: bool = False,
) -> list[Verdict]:
    """Judge comparisons that are looked at together, in the order given.

    Holm's correction is made within each kind of claim: at most alpha is the risk of one false "better" or "worse" in
    the family, and as much that of one false "equivalent". Arguments and errors as `verdict`.
    """
    found = [estimate(pairs.differences, pairs.clusters) for pairs in family]
    tests = [permutation_test(pairs.differences, clusters=pairs.clusters) for pairs in family]
    levels = holm_levels([test.p for test in tests], alpha)
    within = [_within(each, pairs, margin, scores) for each, pairs in zip(found, family, strict=True)]
    within_levels: Sequence[float | None] = [None] * len(family)
    if margin is not None:
        within_levels = holm_levels([p for p in within if p is not None], alpha)
    return [
        _judge(each, test, level, p, p_level, margin, power, higher_is_better)
        for each, test, level, p, p_level in zip(found, tests, levels, within, within_levels, strict=True)
    ]


def _judge(
    found: Mean | ShareDifference,
    test: Tested,
    alpha: float,
    within: float | None,
    within_alpha: float | None,
    margin: float | None,
    power: float,
    higher_is_better: bool,
) -> Verdict:
    outcome: Outcome = "no difference shown"
    if within is not None and within_alpha is not None and within <= within_alpha:
        outcome = "equivalent"
    elif test.p <= alpha:
        outcome = "better" if (found.value > 0) == higher_is_better else "worse"
    return Verdict(
        outcome,
        found.value,
        found.interval(1 - alpha),
        test.p,
        test.method,
        alpha,
        found.n,
        _detectable(found, alpha, power),
        power,
        margin,
        within,
        within_alpha,
    )


def _within(found: Mean | ShareDifference, pairs: Paired, margin: float | None, scores: bool) -> float | None:
    if margin is None:
        return None
    p = equivalence_p(found, margin)
    return max(p, equivalence_p(large(pairs.differences, pairs.clusters), margin)) if scores else p


def detectable(found: Mean, alpha: float, power: float = POWER) -> float | None:
    """True mean difference that would have been shown; None where none could have been, or nothing varies."""
    if not found.error or smallest_p(found.degrees + 1) > alpha:
        return None
    return detectable_by_error(found.error, found.degrees, alpha=alpha, power=power)


def _detectable(found: Mean | ShareDifference, alpha: float, power: float) -> float | None:
    if isinstance(found, Mean):
        return detectable(found, alpha, power)
    seen = detectable_share((found.gained + found.lost) / found.n, found.n, alpha=alpha, power=power)
    return seen.effect if seen else None
