"""A figure of several pairs of runs comes in, one finding per pair goes out: a verdict, or why there is none.

The pairs of one call are one family: Holm's correction is made over them.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import asdict, dataclass, replace
from math import fsum, isclose
from statistics import fmean
from typing import Any, Literal

from workbench.nouns import counted
from workbench.stats import Interval, Paired, estimate, holm, holm_levels, verdicts
from workbench.stats.clusters import FEWEST
from workbench.verdicts import ratios
from workbench.verdicts.margins import JUDGED_TIME, Margin
from workbench.verdicts.metrics import Metric

Outcome = Literal["better", "worse", "equivalent", "no difference shown", "not compared"]

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Observed:
    """One figure of two runs on the same questions."""

    after: Sequence[float]
    before: Sequence[float]
    clusters: Sequence[Hashable] | None = None
    why_not: str = ""
    """Why no verdict may be given; empty: it may."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What the comparison of one figure of one pair showed."""

    outcome: Outcome
    n: int
    """Questions that both runs have the figure of."""
    why_not: str = ""
    after: float | None = None
    """Mean over those questions."""
    before: float | None = None
    difference: float | None = None
    """Of a score after less before; of an amount the factor after / before."""
    interval: Interval | None = None
    """Of the difference, of confidence 1 - alpha after Holm; None where nothing varies."""
    differing: int = 0
    """Questions on which the two are not the same."""
    p: float | None = None
    p_holm: float | None = None
    test: str = ""
    detectable: float | None = None
    """True difference that would have been shown with a power of 80 %, of an amount as a share; None: none would."""
    margin: float | None = None
    within: Interval | None = None
    """Of confidence 1 - 2 alpha after Holm: equivalent is said where it lies within the margin; of scores, where
    `workbench.stats.large` agrees."""
    equivalence_p: float | None = None
    equivalence_p_holm: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def judge(figure: Metric, family: Sequence[Observed], margin: Margin | None = None) -> list[Finding]:
    """Compare one figure of a family of pairs.

    Args:
        figure: which.
        family: pairs that are looked at together.
        margin: within which a difference does not matter; None: equivalence is never said.

    Returns:
        One finding per pair, in the same order.
    """
    family = [_settled(seen) for seen in family]
    found = [_described(figure, seen) for seen in family]
    open_ = [place for place, each in enumerate(found) if not each.why_not]
    if not open_:
        return found
    verdict = _amounts if figure.scale == "amount" else _scores
    chosen = [family[place] for place in open_]
    for place, each in zip(open_, verdict(figure, chosen, [found[place] for place in open_], margin), strict=True):
        found[place] = each
    return found


def _settled(seen: Observed) -> Observed:
    """The mean of three thirds differs from that of four in the last digit, which is no difference."""
    after = [old if isclose(new, old, rel_tol=_SAME) else new for new, old in zip(seen.after, seen.before, strict=True)]
    return replace(seen, after=after)


_SAME = 1e-12


def _described(figure: Metric, seen: Observed) -> Finding:
    """Means and difference, and whatever forbids a verdict."""
    n = len(seen.after)
    if not n:
        return Finding("not compared", 0, seen.why_not or "not measured")
    after, before = fmean(seen.after), fmean(seen.before)
    differing = sum(new != old for new, old in zip(seen.after, seen.before, strict=True))
    difference = None if figure.scale == "amount" else after - before
    if figure.scale == "amount" and min(seen.before) > 0 and min(seen.after) > 0:
        difference = ratios.factor(seen.after, seen.before, times=figure.path == JUDGED_TIME)
    why = seen.why_not or _unfit(figure, seen)
    return Finding("not compared", n, why, after, before, difference, differing=differing)


def _unfit(figure: Metric, seen: Observed) -> str:
    if len(seen.after) < 2:
        return "one question is too few"
    if seen.clusters is not None and (clusters := len(set(seen.clusters))) < FEWEST:
        return f"{counted(clusters, 'cluster is', 'clusters are')} too few, needed are {FEWEST}"
    if figure.scale == "amount":
        if not fsum(seen.after) and not fsum(seen.before):
            return "nothing on either side"
        if min(seen.before) <= 0 or min(seen.after) <= 0:
            return "nothing on one side, so there is no ratio"
    return ""


def _scores(
    figure: Metric, family: Sequence[Observed], described: Sequence[Finding], margin: Margin | None
) -> list[Finding]:
    differences = [[new - old for new, old in zip(seen.after, seen.before, strict=True)] for seen in family]
    pairs = [Paired(each, seen.clusters) for each, seen in zip(differences, family, strict=True)]
    width = margin.width if margin else None
    judged = verdicts(pairs, margin=width, alpha=ALPHA, higher_is_better=figure.higher_is_better, scores=True)
    adjusted = holm([each.p for each in judged])
    within = [each.equivalence_p for each in judged if each.equivalence_p is not None]
    within_adjusted: Sequence[float | None] = holm(within) if margin else [None] * len(judged)
    return [
        replace(
            finding,
            outcome=verdict.outcome,
            interval=verdict.interval if verdict.interval.low < verdict.interval.high else None,
            p=verdict.p,
            p_holm=p,
            test=verdict.test,
            detectable=verdict.detectable,
            margin=width,
            within=_narrow(
                lambda level, pair=pair: estimate(pair.differences, pair.clusters).interval(level),  # type: ignore[misc]
                verdict.equivalence_alpha,
            ),
            equivalence_p=verdict.equivalence_p,
            equivalence_p_holm=p_within,
        )
        for finding, verdict, pair, p, p_within in zip(described, judged, pairs, adjusted, within_adjusted, strict=True)
    ]


def _amounts(
    figure: Metric, family: Sequence[Observed], described: Sequence[Finding], margin: Margin | None
) -> list[Finding]:
    found = [_factor(figure, seen) for seen in family]
    p_values = [each.test.p for each in found]
    adjusted, levels = holm(p_values), holm_levels(p_values, ALPHA)
    outside = [each.outside(margin.width) for each in found] if margin else []
    outside_adjusted, outside_levels = holm(outside), holm_levels(outside, ALPHA)
    findings = []
    for place, (finding, factor) in enumerate(zip(described, found, strict=True)):
        outcome: Outcome = "no difference shown"
        if margin and outside[place] <= outside_levels[place]:
            outcome = "equivalent"
        elif factor.test.p <= levels[place]:
            outcome = "better" if (factor.value > 1) == figure.higher_is_better else "worse"
        findings.append(
            replace(
                finding,
                outcome=outcome,
                difference=factor.value,
                interval=factor.interval(1 - levels[place]),
                p=factor.test.p,
                p_holm=adjusted[place],
                test=factor.test.method,
                detectable=factor.detectable(levels[place]) if finding.differing else None,
                margin=margin.width if margin else None,
                within=_narrow(factor.interval, outside_levels[place] if margin else None),
                equivalence_p=outside[place] if margin else None,
                equivalence_p_holm=outside_adjusted[place] if margin else None,
            )
        )
    return findings


def _factor(figure: Metric, seen: Observed) -> ratios.Factor:
    kind = ratios.of_times if figure.path == JUDGED_TIME else ratios.of_totals
    return kind(seen.after, seen.before, seen.clusters)


def _narrow(interval: Callable[[float], Interval | None], alpha: float | None) -> Interval | None:
    """What the claim of equivalence stands on."""
    return None if alpha is None else interval(1 - 2 * alpha)
