"""Scores of candidates on the same questions come in; who is shown worse, who is picked, what is confirmed goes out.

Pure. After each look the candidates that were shown worse than the leader leave; nobody leaves for being behind. The
chance that the truly best ever leaves is at most `ALPHA`: to lose it, one of the other m - 1 candidates must be shown
better at one of r looks, and each of these tests has the level ALPHA / (r (m - 1)), whoever happens to lead (Bonferroni
over looks and rivals). The final figures come from questions that no look has seen.

Source: looks at doubling numbers as in successive halving (Karnin, Koren & Somekh, ICML 2013; Jamieson & Talwalkar,
AISTATS 2016), with a paired test in place of dropping half, as in racing (Maron & Moore, NIPS 1994; Birattari et al.,
GECCO 2002); Bonferroni alpha spending over looks: Jennison & Turnbull, Group Sequential Methods (1999).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import fmean

from workbench.stats import Interval, Tested, detectable_mean, estimate, large, permutation_test, verdict
from workbench.stats.verdict import Verdict

ALPHA = 0.05
FIRST = 16
"""Questions before the first look."""

SPREAD = 0.4
"""Standard deviation of the difference of two candidates' scores on one question, where it is not known yet: assumed.
In a sweep of twelve over merrow-bank of datasets/enterprise (2026-11-23) the 66 pairs had 0.04 to 0.28 in F1 and right
answers, and 0.28 to 0.56 in recall@5."""

_DRAWS = 10_000

Scores = Mapping[str, float]
"""By question, 0 to 1, higher is better."""


def looks(questions: int, first: int = FIRST) -> list[int]:
    """After how many questions is looked: 16, 32, 64 and so on, and at the end.

    A last step of less than half of the one before is joined to it: it would spend a look on little news.

    Args:
        questions: to pick on.
        first: look.
    """
    found = [min(first, questions)]
    while found[-1] < questions:
        found.append(min(2 * found[-1], questions))
    if len(found) > 2 and found[-1] - found[-2] < (found[-2] - found[-3]) / 2:
        del found[-2]
    return found


@dataclass(frozen=True, slots=True)
class Rule:
    """When a candidate leaves."""

    candidates: int
    looks: int
    alpha: float = ALPHA

    @property
    def level(self) -> float:
        """Of one test, one-sided."""
        return self.alpha / (self.looks * max(1, self.candidates - 1))

    def detectable(self, questions: int, spread: float = SPREAD) -> float:
        """True difference to the leader that this many questions show with a power of 80 %."""
        return detectable_mean(spread, questions, alpha=self.level, sides=1).effect


@dataclass(frozen=True, slots=True)
class Behind:
    """One candidate against the leader of a look."""

    worse: bool
    difference: float
    """Mean of candidate less leader."""
    interval: Interval | None
    """Two-sided, its ends each at the rule's level; None below two pairs."""
    n: int


def against(candidate: Scores, leader: Scores, rule: Rule) -> Behind:
    """Whether a candidate is shown worse than the leader.

    Shown is what three methods show: the paired interval lies wholly below zero, the sign-flip test says so too, and
    so do the large differences alone, since a few gains of a whole point may not have been seen yet.

    Args:
        candidate: its scores.
        leader: those of the leader; questions that both have are compared.
        rule: says at which level.
    """
    differences = [value - leader[name] for name, value in candidate.items() if name in leader]
    if len(differences) < 2:
        return Behind(False, fmean(differences) if differences else 0.0, None, len(differences))
    found = estimate(differences).interval(1 - 2 * rule.level)
    mean = fmean(differences)
    worse = (
        found.high < 0
        and large(differences).p_below(0.0) <= rule.level
        and _flips(differences, rule.level).p <= rule.level
    )
    return Behind(worse, mean, found, len(differences))


def _flips(differences: Sequence[float], level: float) -> Tested:
    # Of drawn signs the smallest p is 1 / (draws + 1): with many candidates that must still pass the level.
    return permutation_test(differences, alternative="less", draws=max(_DRAWS, ceil(10 / level)))


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen after so many questions."""

    leader: str
    behind: Mapping[str, Behind]
    """Of every other candidate that was there."""

    @property
    def left(self) -> list[str]:
        """Names that leave."""
        return [name for name, found in self.behind.items() if found.worse]


def look(scores: Mapping[str, Scores], rule: Rule) -> Look:
    """Compare candidates with the one that leads.

    Args:
        scores: by candidate, of those that are there; the first of two that lead alike is the leader.
        rule: of the sweep.
    """
    leader = max(scores, key=lambda name: fmean(scores[name].values()) if scores[name] else -1.0)
    return Look(
        leader,
        {name: against(its, scores[leader], rule) for name, its in scores.items() if name != leader},
    )


@dataclass(frozen=True, slots=True)
class Price:
    """What a candidate's answer takes, to choose between candidates that are as good."""

    usd: float | None
    """Per question; None: unpriced."""
    tokens: float
    p50_ms: float


def pick(means: Mapping[str, float], prices: Mapping[str, Price], margin: float) -> str:
    """The cheapest of those not shown worse, unless its measured score is further behind than is given up for cost.

    USD decide where all have a price and any is paid, else tokens; of those as cheap the fastest, of those as fast the
    best. As cheap is within 2 %, as fast within 10 %: less is no saving, and times spread by more.

    Args:
        means: score by candidate not shown worse, on the questions picked on.
        prices: of the same.
        margin: of the score, 0 or more: what is not shown to differ may still lie this far behind, and no more.
    """
    best = max(means.values())
    near = [name for name, mean in means.items() if mean >= best - margin - 1e-12]
    paid = {name: prices[name].usd for name in near}
    by_usd = None not in paid.values() and any(paid.values())
    near = _lowest({name: (paid[name] or 0.0) if by_usd else prices[name].tokens for name in near}, 1.02)
    near = _lowest({name: prices[name].p50_ms for name in near}, 1.10)
    return max(near, key=lambda name: means[name])


def _lowest(amounts: Mapping[str, float], within: float) -> list[str]:
    least = min(amounts.values())
    return [name for name, amount in amounts.items() if amount <= within * least]


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The picked candidate on questions that it was not picked on."""

    verdict: Verdict | None
    """Of picked less baseline; None where they are one and the same."""
    optimism: float
    """Mean on the questions picked on less mean on those held out."""
    baseline_shift: float | None
    """The same of the baseline, that is how much easier the one half is; None where they are one."""


def confirm(picked: tuple[Scores, Scores], baseline: tuple[Scores, Scores] | None) -> Confirmation:
    """Compare on held-out questions; at most 2.5 % is the chance to call "better" what is not.

    Args:
        picked: scores on the questions picked on, and on those held out.
        baseline: the same; None: it is the picked one.
    """
    optimism = fmean(picked[0].values()) - fmean(picked[1].values())
    if baseline is None:
        return Confirmation(None, optimism, None)
    common = [name for name in picked[1] if name in baseline[1]]
    differences = [picked[1][name] - baseline[1][name] for name in common]
    shared = [name for name in baseline[0] if name in picked[0]]
    shift = fmean(baseline[0][name] for name in shared) - fmean(baseline[1][name] for name in common)
    return Confirmation(verdict(differences), optimism, shift)
