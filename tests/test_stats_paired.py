"""Tests of paired differences, Holm's correction, margins and ratios, against scipy, statsmodels and the literature."""

import math
import random

import numpy as np
import pytest
import scipy.optimize
import scipy.stats

from workbench import stats
from workbench.stats.paired import Alternative

ALTERNATIVES: tuple[Alternative, ...] = ("two-sided", "greater", "less")


def gaussian(n: int, middle: float = 0.1, seed: int = 1) -> list[float]:
    chance = random.Random(seed)
    return [chance.gauss(middle, 0.4) for _ in range(n)]


@pytest.mark.parametrize("alternative", ALTERNATIVES)
@pytest.mark.parametrize("values", [gaussian(12), [0.5, 0.5, -0.5, 0.25, 0, 0, 0.75], [1.0, 2.0, -3.0, 4.0, 4.0]])
def test_enumerated_signs_are_scipys(values: list[float], alternative: Alternative) -> None:
    expected = scipy.stats.permutation_test(
        (np.array(values),),
        np.sum,
        permutation_type="samples",
        vectorized=False,
        n_resamples=np.inf,
        alternative=alternative,
    )
    found = stats.permutation_test(values, alternative=alternative)
    assert found.p == pytest.approx(expected.pvalue, abs=1e-12)
    assert (found.n, found.method) == (len(values), "exact sign flips")
    assert found.effect == pytest.approx(sum(values) / len(values))


def test_darwins_maize() -> None:
    """Fisher, The Design of Experiments, section 21: 863 of 2^14 sign assignments are as extreme, 1,726 of 32,768."""
    eighths = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    assert stats.permutation_test(eighths).p == 1726 / 32768


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_random_signs_come_near_the_exact_p(alternative: Alternative) -> None:
    """21 differences are drawn, and enumerated here: 2^21 sums. The draws err by at most 4 standard errors."""
    values = gaussian(21, 0.12)
    sums = np.zeros(1)
    for value in values:
        sums = np.concatenate([sums + value, sums - value])
    extreme = {
        "two-sided": np.abs(sums) >= abs(sum(values)) - 1e-9,
        "greater": sums >= sum(values) - 1e-9,
        "less": sums <= sum(values) + 1e-9,
    }[alternative]
    exact = float(extreme.mean())
    found = stats.permutation_test(values, alternative=alternative)
    assert found.method == "10000 random sign flips"
    assert abs(found.p - exact) < 4 * (exact * (1 - exact) / 10_000) ** 0.5 + 1e-4


def test_random_signs_never_give_zero_and_forget_the_order() -> None:
    values = [1 + value for value in gaussian(80)]
    assert stats.permutation_test(values).p == 1 / 10_001
    assert stats.permutation_test(values, draws=99).p == 1 / 100
    mixed = gaussian(80)
    # Pairs without a difference carry no sign: they dilute the effect and leave p alone.
    found, padded = stats.permutation_test(mixed), stats.permutation_test([0.0, *reversed(mixed), 0.0])
    assert found.p == padded.p and padded.n == 82
    assert stats.permutation_test(mixed, seed=1).p != found.p


@pytest.mark.parametrize("alternative", ALTERNATIVES)
@pytest.mark.parametrize(("gained", "lost"), [(5, 1), (0, 0), (3, 15), (26, 6), (150, 86), (7, 7)])
def test_mcnemar_is_the_binomial_test_and_the_permutation_of_ones(
    gained: int, lost: int, alternative: Alternative
) -> None:
    found = stats.mcnemar(gained, lost, 400, alternative)
    if gained + lost:
        expected = scipy.stats.binomtest(gained, gained + lost, 0.5, alternative).pvalue
        assert found.p == pytest.approx(expected, abs=1e-12)
    else:
        assert found.p == 1
    assert found.effect == (gained - lost) / 400
    flipped = stats.permutation_test([1] * gained + [-1] * lost + [0] * (400 - gained - lost), alternative=alternative)
    assert flipped.p == pytest.approx(found.p, abs=1e-12)


@pytest.mark.parametrize(("gained", "lost", "n"), [(-1, 2, 9), (5, 5, 9), (0, 0, 0)])
def test_mcnemar_refuses_what_does_not_fit(gained: int, lost: int, n: int) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        stats.mcnemar(gained, lost, n)


def test_signs_of_clusters_flip_together() -> None:
    """Five documents of ten questions, all better: 2 of 2^5 assignments, however many questions there are."""
    values, clusters = [0.2] * 50, [place // 10 for place in range(50)]
    assert stats.permutation_test(values, clusters=clusters).p == 2 / 32
    uneven = [0.3, 0.1, 0.2, -0.1, 0.5, 0.4]
    by_cluster = stats.permutation_test(uneven, clusters=list("aabbcc"))
    # Sums .4, .1, .9: only all plus or all minus are as far from zero, 2 of 8.
    assert by_cluster.p == 2 / 8 and by_cluster.effect == pytest.approx(1.4 / 6)
    assert "3 clusters" in by_cluster.method


def test_permutation_needs_numbers() -> None:
    for broken in ([], [1.0, math.inf]):
        with pytest.raises(ValueError):
            stats.permutation_test(broken)


def test_holm_by_hand() -> None:
    # .005 x 4, .01 x 3, .03 x 2, .04 x 1, never falling: R's p.adjust says the same.
    assert stats.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert stats.holm([0.6, 0.7]) == [1.0, 1.0]
    assert stats.holm([]) == []
    assert stats.holm_levels([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.05 / 3, 0.05 / 2, 0.05 / 2, 0.05 / 4])
    assert stats.holm_levels([0.04]) == [0.05]
    with pytest.raises(ValueError):
        stats.holm([0.5, 1.5])


def test_levels_reject_what_adjusted_p_values_reject() -> None:
    chance = random.Random(6)
    rejected = 0
    for _ in range(200):
        p_values = [chance.random() ** 4 for _ in range(chance.randint(1, 15))]
        by_level = [p <= level for p, level in zip(p_values, stats.holm_levels(p_values), strict=True)]
        assert by_level == [p <= 0.05 for p in stats.holm(p_values)]
        rejected += sum(by_level)
    assert 200 < rejected < 1_500


def test_tango_of_a_published_case() -> None:
    """R's PropCIs 0.3-0, scoreci.mp(25, 28, 618, 0.90), as published with two analyses: -0.0148 to 0.0247."""
    found = stats.ShareDifference(28, 25, 618).interval(0.90)
    assert (round(found.low, 4), round(found.high, 4)) == (-0.0148, 0.0247)
    swapped = stats.ShareDifference(25, 28, 618).interval(0.90)
    assert (swapped.low, swapped.high) == pytest.approx((-found.high, -found.low), abs=1e-12)


@pytest.mark.parametrize(("gained", "lost", "n"), [(9, 3, 50), (0, 4, 30), (1, 0, 44), (26, 6, 400)])
@pytest.mark.parametrize("difference", [-0.2, -0.05, 0.03, 0.15])
def test_tangos_score_from_a_likelihood_maximised_by_search(gained: int, lost: int, n: int, difference: float) -> None:
    """The share of losses q under the hypothesis, found by search instead of the quadratic formula."""

    def minus_log_likelihood(q: float) -> float:
        shares = ((gained, q + difference), (lost, q), (n - gained - lost, 1 - 2 * q - difference))
        return -sum(count * math.log(max(share, 1e-300)) for count, share in shares if count)

    ends = (max(0.0, -difference), (1 - difference) / 2)
    q = scipy.optimize.minimize_scalar(minus_log_likelihood, bounds=ends, method="bounded", options={"xatol": 1e-12}).x
    z = (gained - lost - n * difference) / math.sqrt(n * (2 * q + difference - difference**2))
    found = stats.ShareDifference(gained, lost, n)
    assert found.p_above(difference) == pytest.approx(scipy.stats.norm.sf(z), abs=1e-5)
    assert found.p_above(difference) + found.p_below(difference) == pytest.approx(1)


def test_tango_where_nothing_differs() -> None:
    """Then the score at d is sqrt(n d / (1 - d)): it passes z at z^2 / (n + z^2), as Wilson's bound of no event."""
    found = stats.ShareDifference(0, 0, 400).interval()
    assert found.high == pytest.approx(stats.wilson(0, 400).high, abs=1e-12)
    assert found.low == pytest.approx(-found.high)
    every = stats.ShareDifference(20, 0, 20)
    assert every.interval().high == 1.0 and 0.6 < every.interval().low < 0.9
    assert (every.p_above(-1.0), every.p_below(1.0), every.p_above(1.0)) == (0.0, 0.0, 1.0)


def test_tosts_against_scipy() -> None:
    values = gaussian(60, 0.02)
    upper = scipy.stats.ttest_1samp(values, 0.15, alternative="less").pvalue
    lower = scipy.stats.ttest_1samp(values, -0.15, alternative="greater").pvalue
    found = stats.equivalence(values, 0.15)
    assert found.p == pytest.approx(max(upper, lower), abs=1e-12)
    ninety = scipy.stats.ttest_1samp(values, 0).confidence_interval(0.90)
    assert (found.interval.low, found.interval.high) == pytest.approx((ninety.low, ninety.high), abs=1e-12)
    assert found.shown == (-0.15 < ninety.low and ninety.high < 0.15)
    one = stats.noninferiority(values, 0.15)
    assert one.p == pytest.approx(lower, abs=1e-12)
    assert stats.noninferiority(values, 0.15, higher_is_better=False).p == pytest.approx(upper, abs=1e-12)


@pytest.mark.parametrize("margin", [0.01, 0.03, 0.06, 0.2])
def test_a_claim_is_shown_where_its_interval_lies_within_the_margin(margin: float) -> None:
    pairs = [1] * 12 + [-1] * 20 + [0] * 368
    found, one = stats.equivalence(pairs, margin), stats.noninferiority(pairs, margin)
    assert found.shown == (-margin < found.interval.low and found.interval.high < margin)
    assert one.shown == (-margin < one.interval.low)
    assert (found.method, found.n, found.claim, one.claim) == ("Tango score", 400, "equivalent", "not inferior")


def test_few_large_losses_that_were_missed_are_counted_on() -> None:
    """By hand: of n pairs without a discordant one Tango's z at -d is sqrt(n d / (1 - d))."""
    values = [-0.01] + [0.0] * 59
    assert stats.noninferiority(values, 0.02).p < 1e-9
    none_lost = scipy.stats.norm.sf((60 * 0.02 / 0.98) ** 0.5)
    assert stats.noninferiority(values, 0.02, scores=True).p == pytest.approx(none_lost, abs=1e-12)
    assert stats.equivalence(values, 0.02, scores=True).p == pytest.approx(none_lost, abs=1e-12)
    seen = stats.large([0.5, -0.5, -0.49, 0.9, 0.0])
    assert (seen.gained, seen.lost, seen.n) == (2, 1, 5)
    seen = stats.large([-1.0, 0.0, *[0.0] * 19], ["a", "a", *range(19)])
    assert (seen.gained, seen.lost, seen.n) == (0, 1, 20), "clusters are the observations"


@pytest.mark.parametrize("n", [60, 150])
def test_a_margin_is_claimed_falsely_as_often_as_is_said(n: int) -> None:
    """One question in fifty loses everything, which is the margin; many others move a little."""
    random, false = np.random.default_rng(0), {True: 0, False: 0}
    for _ in range(400):
        lost = np.where(random.random(n) < 0.02, -1.0, random.normal(0, 0.02, n))
        for scores in false:
            false[scores] += stats.noninferiority(lost.tolist(), 0.02, scores=scores).shown
    assert false[True] <= scipy.stats.binom.ppf(0.999, 400, 0.05)
    assert false[False] > 2 * false[True]


def test_margins_must_leave_room() -> None:
    for margin in (0, -0.1, math.nan):
        with pytest.raises(ValueError, match="margin"):
            stats.equivalence([0.1, 0.2], margin)
        with pytest.raises(ValueError, match="margin"):
            stats.noninferiority([0.1, 0.2], margin)


def test_paired_ratio_is_the_t_interval_of_logs() -> None:
    before = [math.exp(value) for value in gaussian(40, 1.0, 7)]
    after = [1.15 * value * math.exp(noise / 4) for value, noise in zip(before, gaussian(40, 0.0, 8), strict=True)]
    logs = np.log(np.array(after) / np.array(before))
    expected = scipy.stats.ttest_1samp(logs, 0).confidence_interval()
    found = stats.paired_ratio(after, before)
    assert found.value == pytest.approx(scipy.stats.gmean(after) / scipy.stats.gmean(before), rel=1e-12)
    assert (found.interval.low, found.interval.high) == pytest.approx(
        (math.exp(expected.low), math.exp(expected.high)), rel=1e-9
    )
    test = scipy.stats.ttest_1samp(logs, math.log(1.1), alternative="greater")
    assert found.p_above(1.1) == pytest.approx(test.pvalue, abs=1e-12)
    assert found.p_below(1.1) == pytest.approx(1 - test.pvalue, abs=1e-12)
    assert found.n == 40 and "log" in found.interval.method


def test_paired_ratio_over_questions() -> None:
    """Ten repeats of a question that say the same are one observation: the interval is that of the 25 questions."""
    before, after = [1.0 + place for place in range(25)], [2.0 + place for place in range(25)]
    alone = stats.paired_ratio(after, before).interval
    repeated = stats.paired_ratio(after * 10, before * 10, clusters=list(range(25)) * 10)
    assert (repeated.interval.low, repeated.interval.high) == pytest.approx((alone.low, alone.high), rel=1e-9)
    assert repeated.n == 250 and "25 clusters" in repeated.interval.method


def test_paired_ratio_refuses() -> None:
    with pytest.raises(ValueError, match="paired"):
        stats.paired_ratio([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="above zero"):
        stats.paired_ratio([1.0, 2.0], [1.0, 0.0])
    with pytest.raises(ValueError, match="two or more"):
        stats.paired_ratio([], [])
