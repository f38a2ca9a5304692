"""Intervals of shares, means and quantiles, against scipy's own and against numbers from the literature."""

import math
import random
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import scipy.stats

from workbench import stats


@pytest.mark.parametrize(("events", "n"), [(0, 10), (1, 10), (5, 10), (10, 10), (12, 92), (3, 650), (649, 650)])
@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_wilson_is_scipys(events: int, n: int, confidence: float) -> None:
    found = stats.wilson(events, n, confidence)
    expected = scipy.stats.binomtest(events, n).proportion_ci(confidence, method="wilson")
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert 0 <= found.low <= events / n <= found.high <= 1
    assert (found.n, found.confidence) == (n, confidence)


def test_wilson_of_a_published_case() -> None:
    # 12 of 92 phone numbers found: [.076, .214]
    found = stats.wilson(12, 92)
    assert (round(found.low, 3), round(found.high, 3)) == (0.076, 0.214)


@pytest.mark.parametrize(("events", "n"), [(0, 0), (-1, 5), (6, 5)])
def test_wilson_refuses_a_share_of_nothing(events: int, n: int) -> None:
    with pytest.raises(ValueError):
        stats.wilson(events, n)


@pytest.mark.parametrize(("n", "percent"), [(30, 9.5), (100, 3.0), (300, 0.99), (1000, 0.30), (3000, 0.10)])
def test_no_event_bound(n: int, percent: float) -> None:
    assert stats.no_event_bound(n) * 100 == pytest.approx(percent, abs=0.05)
    one_sided = scipy.stats.binomtest(0, n, alternative="less").proportion_ci(0.95, method="exact")
    assert stats.no_event_bound(n) == pytest.approx(one_sided.high, abs=1e-9)


def test_no_event_bound_needs_a_trial() -> None:
    with pytest.raises(ValueError):
        stats.no_event_bound(0)


def test_mean_interval_is_scipys() -> None:
    values = [0.0, 0.2, 0.25, 0.9, 1.0]
    found = stats.mean_interval(values)
    expected = scipy.stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


@pytest.mark.parametrize("values", [[], [0.3], [0.3, 0.3, 0.3]])
def test_mean_interval_is_none_where_it_would_be_a_point(values: list[float]) -> None:
    assert stats.mean_interval(values) is None


def test_share_interval_chooses_by_the_values() -> None:
    assert stats.share_interval([]) is None
    zeros_and_ones = stats.share_interval([1.0, 0.0, 1.0])
    assert zeros_and_ones == stats.wilson(2, 3)
    graded = stats.share_interval([0.1, 0.5, 0.6])
    assert graded is not None and graded.method == "Student t"
    # Five times 0.5 has no spread, and is no proof: 2.5 of 5 by Wilson.
    still = stats.share_interval([0.5] * 5)
    assert still == stats.wilson(2.5, 5) and still.high - still.low > 0.5
    # Student's interval of these passes 1; a share cannot.
    high = stats.share_interval([1.0, 1.0, 0.9, 0.2])
    assert high is not None and high.high == 1.0 and high.low > 0
    with pytest.raises(ValueError):
        stats.share_interval([0.5, 1.2])


def test_quantile_interpolates_like_numpy() -> None:
    # By hand, between the order statistics: rank 0.95 * 4 = 3.8 -> 4 + 0.8 * (10 - 4)
    assert stats.quantile([10, 1, 2, 3, 4], 0.95) == pytest.approx(8.8)
    assert stats.quantile([5.0], 0.99) == 5.0
    with pytest.raises(ValueError):
        stats.quantile([], 0.5)


@pytest.mark.parametrize(("n", "low", "high"), [(6, 1, 6), (10, 2, 9), (20, 6, 15), (100, 40, 61)])
def test_quantile_interval_of_the_median_by_published_ranks(n: int, low: int, high: int) -> None:
    """Ranks of the sign-test interval, as in Conover, Practical Nonparametric Statistics, and scipy's quantile_test."""
    values = list(range(1, n + 1))
    random.Random(0).shuffle(values)
    found = stats.quantile_interval(values, 0.5)
    assert found is not None and (found.low, found.high) == (low, high)


@pytest.mark.parametrize(("n", "share"), [(50, 0.5), (200, 0.95), (650, 0.99), (33, 0.25)])
def test_quantile_interval_is_scipys(n: int, share: float) -> None:
    values = sorted(random.Random(n).random() for _ in range(n))
    found = stats.quantile_interval(values, share)
    test = scipy.stats.quantile_test(values, p=share, q=values[0]).confidence_interval(0.95)
    assert found is not None
    assert (found.low, found.high) == (test.low, test.high)


def test_quantile_interval_is_none_when_too_few() -> None:
    # 0.5^4 on each side is more than 2.5 %: no pair of ranks among five holds the median with 95 %.
    assert stats.quantile_interval([1, 2, 3, 4, 5], 0.5) is None
    assert stats.quantile_interval([1.0] * 50, 0.99) is None
    assert stats.quantile_interval([1.0], 0.5) is None


def test_the_shift_of_a_quantile_is_scipys_paired_percentile_bootstrap() -> None:
    random = np.random.default_rng(3)
    after, before = random.exponential(2, 40), random.exponential(1, 40)

    def shift(new: Any, old: Any, axis: int = -1) -> Any:
        return np.quantile(new, 0.9, axis=axis) - np.quantile(old, 0.9, axis=axis)

    told = scipy.stats.bootstrap(
        (after, before), shift, paired=True, n_resamples=50, batch=50, method="percentile", rng=np.random.default_rng(0)
    ).confidence_interval
    rows = [[value] for value in after], [[value] for value in before]
    found = stats.quantile_shift_interval(*rows, 0.9, draws=50)
    assert found is not None
    assert (found.low, found.high) == (pytest.approx(told.low, abs=1e-12), pytest.approx(told.high, abs=1e-12))
    assert stats.quantile_shift_interval([[1.0]], [[2.0]], 0.9) is None
    with pytest.raises(ValueError, match="must be paired"):
        stats.quantile_shift_interval([[1.0], [2.0]], [[1.0]], 0.9)


def test_intervals_cover_what_they_promise() -> None:
    """Of 400 samples, about 95 % of the intervals hold the truth; 91 % would be chance of 1 in 1,000."""
    chance = random.Random(3)
    hits = {"median": 0, "share": 0}
    for _ in range(400):
        sample = [chance.expovariate(1) for _ in range(60)]
        median = stats.quantile_interval(sample, 0.5)
        assert median is not None
        hits["median"] += median.low <= math.log(2) <= median.high
        share = stats.wilson(sum(chance.random() < 0.2 for _ in range(60)), 60)
        hits["share"] += share.low <= 0.2 <= share.high
    assert all(count / 400 > 0.915 for count in hits.values()), hits


def test_mean_over_clusters_by_hand() -> None:
    """Ten clusters of one value and ten of three, each left out once."""
    # Sums 1 and 3, sizes 1 and 3, mean 40 / 40 = 1: whatever varies inside, between clusters nothing does.
    values = [1.0] * 10 + [0.0, 0.0, 3.0] * 10
    clusters = [f"a{i}" for i in range(10)] + [f"b{i // 3}" for i in range(30)]
    assert stats.mean_interval(values, clusters=clusters) is None
    # One single value becomes 5: the mean is 44 / 40. Without a 1 it is 43 / 39, without the 5 39 / 39, without a
    # three 41 / 37.
    values[0] = 5.0
    found = stats.mean(values, clusters)
    squares = 9 * (43 / 39 - 1.1) ** 2 + (1 - 1.1) ** 2 + 10 * (41 / 37 - 1.1) ** 2
    assert found.value == pytest.approx(1.1)
    assert found.error == pytest.approx((19 / 20 * squares) ** 0.5, rel=1e-12)
    assert (found.degrees, found.n) == (19, 40)
    assert "20 clusters" in found.method


def test_mean_over_equal_clusters_is_the_t_interval_of_their_means() -> None:
    chance = random.Random(8)
    values, clusters = [chance.gauss(i // 4, 1) for i in range(100)], [i // 4 for i in range(100)]
    means = [sum(values[i : i + 4]) / 4 for i in range(0, 100, 4)]
    expected = scipy.stats.ttest_1samp(means, 0).confidence_interval()
    found = stats.mean_interval(values, clusters=clusters)
    assert found is not None and (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_clusters_of_one_are_no_clusters() -> None:
    values = [random.Random(5).gauss(0, 1) for _ in range(1)] + [0.1 * i for i in range(30)]
    alone, each = stats.mean_interval(values), stats.mean_interval(values, clusters=range(31))
    assert alone is not None and each is not None
    assert (each.low, each.high) == pytest.approx((alone.low, alone.high), abs=1e-12)


def test_fewer_than_twenty_clusters_are_refused() -> None:
    values = [float(i % 7) for i in range(190)]
    clusters = [i % 19 for i in range(190)]
    with pytest.raises(stats.TooFewClusters, match="19 clusters .* 20"):
        stats.mean_interval(values, clusters=clusters)
    with pytest.raises(stats.TooFewClusters):
        stats.bootstrap_interval(values, clusters=clusters)
    with pytest.raises(ValueError, match="190 values, but 3"):
        stats.mean_interval(values, clusters=[1, 2, 3])


def test_one_sided_p_values_of_a_mean_are_scipys() -> None:
    values = [0.0, 0.2, 0.25, 0.9, 1.0, -0.3]
    found = stats.mean(values)
    above = scipy.stats.ttest_1samp(values, 0.1, alternative="greater").pvalue
    assert found.p_above(0.1) == pytest.approx(above, abs=1e-12)
    assert found.p_below(0.1) == pytest.approx(1 - above, abs=1e-12)
    still = stats.mean([2.0, 2.0])
    alike = (still.p_above(1), still.p_above(2), still.p_below(3), still.p_below(2))
    assert alike == (1 / 4, 1, 1 / 4, 1), "as the signs of two"
    with pytest.raises(ValueError, match="no spread"):
        stats.mean([1.0])


def test_nothing_heavy_is_loaded_before_it_is_needed() -> None:
    code = "import sys, workbench.stats as s; s.wilson(3, 9); print(*({'numpy', 'scipy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == ""
    code = "import sys, workbench.stats as s; s.verdict([.1, .2, -.1]); print('scipy.stats' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert found.strip() == "False"
