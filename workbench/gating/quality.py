"""Changes in quality of all cells come in, one check each goes out: pass, regression or inconclusive.

All figures of all cells are one family. That any of them is worse is tested at 5 % after Holm's correction, so that the
gate as a whole raises one false alarm in twenty unchanged runs at most. That one is not worse by more than its margin
is tested at 5 % each: the gate passes only where all are, so that correcting would only make it harder to pass.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, log2
from statistics import stdev

from workbench.gating.change import Change, counted, same_on, score, short, told
from workbench.gating.outcome import Check, Outcome
from workbench.stats import MarginTest, holm_levels, large, noninferiority, permutation_test, smallest_p
from workbench.stats.power import questions_for_mean, questions_for_share
from workbench.verdicts.margins import Margin

MARGIN = Margin(0.02, relative=False)
AMOUNT_MARGIN = Margin(0.05, relative=True)
"""Of tokens and cost where they do not repeat exactly."""

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Sampled:
    """One figure of one cell."""

    cell: str
    change: Change
    repeats: bool
    """It has no noise: a mean that is not lower on these questions is not worse on them."""


def checks(sampled: Sequence[Sampled], margins: Mapping[str, Margin]) -> list[Check]:
    """Judge figures together, in the order given."""
    family = [each for each in sampled if _can_be_shown(each.change)]
    tests = [permutation_test(each.change.gains, alternative="less").p for each in family]
    shown = {
        (each.cell, each.change.metric.path): (p, level)
        for each, p, level in zip(family, tests, holm_levels(tests, ALPHA), strict=True)
    }
    return [
        _check(each, *shown.get((each.cell, each.change.metric.path), (1.0, ALPHA)), margins=margins)
        for each in sampled
    ]


def _can_be_shown(found: Change) -> bool:
    """Whether enough questions changed that a test could call it worse; where none could, none need be corrected for.

    Source: Tarone, Biometrics 46 (1990): with so many signs to flip, the smallest p there can be is 2^-differing.
    """
    return smallest_p(len(found.worse) + len(found.better), "less") <= ALPHA


def _check(each: Sampled, p: float, level: float, margins: Mapping[str, Margin]) -> Check:
    found = each.change
    margin = margins.get(found.metric.path) or (AMOUNT_MARGIN if found.metric.scale == "amount" else MARGIN)
    width = margin.width * (abs(found.before) if margin.relative else 1)
    scores = found.metric.scale == "score"
    within = noninferiority(found.gains, width, scores=scores) if found.n > 1 and width > 0 else None
    outcome, sentence, figures = _verdict(each, p, level, within, margin)
    if outcome == "inconclusive":
        lost = -found.gain > width
        needed = _needed_for_worse(found, level) if lost else _needed_for_within(found, width)
        figures["questions_needed"] = needed
        seen = f"a loss beyond the margin of {margin}" if lost else f"no loss beyond the margin of {margin}"
        doubt = "too few questions to rule out chance" if lost else "too few questions to rule one out"
        sentence += f": {seen}, but of {doubt}" + (f"; about {needed:,} such questions would do" if needed else "")
    figures |= {"margin": margin.width, "p_margin": within.p if within else None, "p_worse": p, "level": level}
    return Check(
        each.cell,
        found.metric.path,
        outcome,
        sentence,
        short(found),
        found.worse,
        found.better,
        {**found.figures, **figures},
    )


def _verdict(
    each: Sampled, p: float, level: float, within: MarginTest | None, margin: Margin
) -> tuple[Outcome, str, dict[str, float | None]]:
    found = each.change
    if not found.worse and not found.better:
        return "pass", same_on(found.n), {}
    about = f"{told(found)}, {counted(found)}"
    # What has no noise and is not lower on these questions is not worse on them.
    if not found.worse or (each.repeats and found.gain >= 0):
        return "pass", about, {}
    about += _interval(found, within)
    if within is not None and within.shown:
        return "pass", f"{about}: within the margin of {margin}", {}
    if p <= level and found.gain < 0:
        return "regression", f"{about}: worse (p {p:.2g}, judged at {level:.2g})", {}
    return "inconclusive", about, {}


def _interval(found: Change, within: MarginTest | None) -> str:
    """Of the difference, in the figure's own direction."""
    if within is None or within.interval.low >= within.interval.high:
        return ""
    ends = (within.interval.low, within.interval.high)
    if not found.metric.higher_is_better:
        ends = (-ends[1], -ends[0])
    if found.metric.scale == "amount":
        low, high = (f"{100 * end / found.before:+.1f} %" for end in ends)
    else:
        low, high = (score(end, "+") for end in ends)
    return f" [90 %: {low} to {high}]"


_MOST_TOLD = 100_000
"""Nobody asks more questions, and the exact sum of millions would take minutes."""
_SURE = 6.18
"""(1.645 + 0.842)^2: one-sided 5 % and a power of 80 %. Times variance / width^2 it is about the number needed."""


def _needed_for_worse(found: Change, level: float) -> int | None:
    """Questions with which a loss such as was seen is shown to be one in 80 of 100 cases."""
    differing = (len(found.worse) + len(found.better)) / found.n
    needed = max(found.n + 1, ceil(log2(1 / level) / differing))  # each that differs halves the smallest p there is
    spread = stdev(found.gains) if found.n > 1 else 0.0
    if _SURE * max(differing, spread * spread) > _MOST_TOLD * found.gain * found.gain:
        return None
    if all(gain in (-1, 0, 1) for gain in found.gains):
        needed = max(needed, questions_for_share(-found.gain, differing, alpha=level, sides=1).n)
    elif spread:
        needed = max(needed, questions_for_mean(-found.gain, spread, alpha=level, sides=1).n)
    return _rounded(needed)


def _needed_for_within(found: Change, width: float) -> int | None:
    """Questions with which a true difference of zero is shown to be within the margin in 80 of 100 cases."""
    scores = found.metric.scale == "score"
    if found.n < 2 or not width > 0:
        return None
    needed, spread, seen = found.n + 1, stdev(found.gains), large(found.gains)
    differing = max((seen.gained + seen.lost) / found.n, width) if scores else 0.0
    if _SURE * max(differing, spread * spread) > _MOST_TOLD * width * width:
        return None
    if scores:
        needed = max(needed, questions_for_share(width, differing, sides=1).n)
    if spread and not all(gain in (-1, 0, 1) for gain in found.gains):
        needed = max(needed, questions_for_mean(width, spread, sides=1).n)
    # More than these were asked where the true difference is not zero.
    return _rounded(needed)


def _rounded(needed: int) -> int:
    """Not more digits than the guess is good for."""
    return needed if needed < 1000 else ceil(needed / 100) * 100
