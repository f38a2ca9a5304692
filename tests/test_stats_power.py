"""Power and numbers of questions, against scipy's distributions, statsmodels' figures and published tables."""

import pytest
import scipy.stats

from workbench import stats
from workbench.stats.power import Sides


@pytest.mark.parametrize(
    ("effect", "n", "alpha", "sides"),
    [(0.5, 34, 0.05, 2), (0.2, 400, 0.05 / 15, 2), (0.1, 50, 0.05, 1), (0, 20, 0.01, 2)],
)
def test_mean_power_is_the_noncentral_t(effect: float, n: int, alpha: float, sides: Sides) -> None:
    critical = scipy.stats.t.ppf(1 - alpha / sides, n - 1)
    shifted = scipy.stats.nct(n - 1, effect * n**0.5)
    expected = shifted.sf(critical) + (shifted.cdf(-critical) if sides == 2 else 0)
    assert stats.mean_power(3 * effect, 3.0, n, alpha=alpha, sides=sides) == pytest.approx(expected, abs=1e-9)


def test_numbers_of_pairs_as_statsmodels_and_gpower_have_them() -> None:
    # statsmodels 0.15 TTestPower().solve_power: 33.367 and 198.151 pairs; G*Power's manual has 34 for d = .5.
    assert stats.questions_for_mean(0.5, 1.0).n == 34
    found = stats.questions_for_mean(-0.2, 1.0)
    assert found.n == 199 and found.power >= 0.8 > stats.mean_power(0.2, 1.0, 198)
    assert (found.method, found.alpha, found.sides) == ("paired t", 0.05, 2)


def test_detectable_mean_is_seen_with_the_power_asked_for() -> None:
    found = stats.detectable_mean(0.25, 400, power=0.9, alpha=0.01)
    assert stats.mean_power(found.effect, 0.25, 400, alpha=0.01) == pytest.approx(0.9, abs=1e-9)
    # Rough check by the normal: (2.576 + 1.282) x .25 / 20
    assert found.effect == pytest.approx(0.0482, rel=0.01)
    # Two pairs: t(1) has its 97.5 % at 12.7, where no effect of a few spreads is seen.
    few = stats.detectable_mean(1.0, 2).effect
    assert scipy.stats.nct(1, few * 2**0.5).sf(scipy.stats.t.ppf(0.975, 1)) == pytest.approx(0.8, abs=1e-9)


def by_summing(gained: float, lost: float, n: int, alpha: float, sides: int) -> float:
    """Every table there can be, with its trinomial probability, tested one by one."""
    power = 0.0
    for b in range(n + 1):
        for c in range(n + 1 - b):
            alternative = "two-sided" if sides == 2 else "greater"
            p = scipy.stats.binomtest(b, b + c, 0.5, alternative).pvalue if b + c else 1.0
            if p <= alpha:
                power += scipy.stats.multinomial.pmf([b, c, n - b - c], n, [gained, lost, 1 - gained - lost])
    return power


@pytest.mark.parametrize(
    ("gained", "lost", "n", "alpha"), [(0.3, 0.1, 25, 0.05), (0.5, 0.5, 14, 0.2), (0.4, 0.0, 20, 0.01)]
)
@pytest.mark.parametrize("sides", [1, 2])
def test_share_power_is_the_sum_over_all_tables(gained: float, lost: float, n: int, alpha: float, sides: Sides) -> None:
    expected = by_summing(gained, lost, n, alpha, sides)
    assert stats.share_power(gained, lost, n, alpha=alpha, sides=sides) == pytest.approx(expected, abs=1e-9)


def test_a_drop_of_five_points_with_400_questions_and_8_per_cent_discordant() -> None:
    """1.5 % gained, 6.5 % lost. Simulated 40,000 times beside: two-sided 5 % finds it in 94.3 %, one-sided in 97.4 %.

    Fifteen pairs corrected by Holm begin at 5 % / 15, where it is 72 %.
    """
    chance = scipy.stats.multinomial(400, [0.015, 0.065, 0.92], seed=1)
    tables = chance.rvs(40_000)
    p = 2 * scipy.stats.binom.cdf(tables[:, :2].min(axis=1), tables[:, 0] + tables[:, 1], 0.5)
    for alpha in (0.05, 0.05 / 15):
        assert stats.share_power(0.015, 0.065, 400, alpha=alpha) == pytest.approx((p <= alpha).mean(), abs=0.008)
    assert stats.share_power(0.015, 0.065, 400) >= 0.94
    assert stats.share_power(0.015, 0.065, 400, sides=1) >= 0.97
    assert stats.share_power(0.015, 0.065, 400, alpha=0.05 / 15) < 0.75


def test_connors_formula_by_hand() -> None:
    # (1.959964 sqrt(.08) + 1.281552 sqrt(.08 - .0025))^2 / .0025 = (.554361 + .356769)^2 / .0025 = 332.06
    assert stats.connor(0.05, 0.08, power=0.9) == 333
    # One-sided 1.644854: (.465235 + .356769)^2 / .0025 = 270.28
    assert stats.connor(-0.05, 0.08, power=0.9, sides=1) == 271


def test_the_exact_test_needs_a_little_more_than_connor() -> None:
    found = stats.questions_for_share(0.05, 0.08, power=0.9)
    assert 333 <= found.n <= 333 * 1.1
    assert found.power == stats.share_power(0.065, 0.015, found.n) >= 0.9
    assert stats.share_power(0.065, 0.015, found.n - 1) < 0.9
    assert stats.questions_for_share(-0.05, 0.08, power=0.9).n == found.n


def test_detectable_share() -> None:
    found = stats.detectable_share(0.08, 400)
    assert found is not None
    lost = (0.08 - found.effect) / 2
    assert stats.share_power(lost + found.effect, lost, 400) == pytest.approx(0.8, abs=1e-6)
    # No pair differed. An effect d then makes d of them differ, one way: six of them are needed to be shown at 5 %.
    none = stats.detectable_share(0.0, 100)
    assert none is not None
    assert scipy.stats.binom.sf(5, 100, none.effect) == pytest.approx(0.8, abs=1e-6)
    # Five pairs are never enough: 2 x (1/2)^5 > 5 %.
    assert stats.detectable_share(0.5, 5) is None
    assert stats.detectable_share(0.5, 6) is not None


def test_what_cannot_be_planned_is_refused() -> None:
    for call in (
        lambda: stats.mean_power(0.1, 0.0, 10),
        lambda: stats.detectable_mean(0.1, 1),
        lambda: stats.questions_for_mean(0.0, 1.0),
        lambda: stats.questions_for_share(0.1, 0.05),
        lambda: stats.connor(0.0, 0.05),
        lambda: stats.share_power(0.6, 0.6, 10),
        lambda: stats.questions_for_mean(1e-9, 1.0),
    ):
        with pytest.raises(ValueError):
            call()
