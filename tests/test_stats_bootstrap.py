"""The bootstrap, against scipy's own on the same draws, and over clusters against one written out."""

import random

import numpy as np
import pytest
import scipy.stats

from workbench import stats
from workbench.stats import bootstrap


def skewed(n: int, seed: int = 1) -> list[float]:
    chance = random.Random(seed)
    return [chance.expovariate(1) for _ in range(n)]


@pytest.mark.parametrize(("n", "confidence", "draws"), [(2, 0.95, 999), (30, 0.95, 2_000), (200, 0.9, 10_000)])
def test_bca_is_scipys_on_the_same_draws(n: int, confidence: float, draws: int) -> None:
    values = skewed(n)
    found = stats.bootstrap_interval(values, confidence, draws=draws, seed=3)
    expected = scipy.stats.bootstrap(
        (sorted(values),),
        np.mean,
        confidence_level=confidence,
        method="BCa",
        n_resamples=draws,
        rng=np.random.default_rng(3),
    ).confidence_interval
    assert found is not None
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-9)
    assert (found.n, found.confidence) == (n, confidence)


def test_bca_of_shares_is_scipys() -> None:
    values = [1.0] * 3 + [0.0] * 57
    expected = scipy.stats.bootstrap(
        (sorted(values),), np.mean, method="BCa", n_resamples=4_000, rng=np.random.default_rng(0)
    ).confidence_interval
    found = stats.bootstrap_interval(values, draws=4_000)
    assert found is not None and (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_drawing_in_parts_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    values = skewed(37)
    whole = stats.bootstrap_interval(values, draws=1_000)
    monkeypatch.setattr(bootstrap, "_AT_ONCE", 37 * 7)
    assert stats.bootstrap_interval(values, draws=1_000) == whole


def test_order_and_names_of_clusters_change_nothing() -> None:
    values, clusters = skewed(90), [i // 3 for i in range(90)]
    whole = stats.bootstrap_interval(values, clusters=clusters, draws=500)
    order = list(range(90))
    random.Random(2).shuffle(order)
    again = stats.bootstrap_interval(
        [values[i] for i in order], clusters=[f"tenant {99 - clusters[i]}" for i in order], draws=500
    )
    assert again == whole
    assert stats.bootstrap_interval(values[::-1], draws=500) == stats.bootstrap_interval(values, draws=500)


def test_over_clusters_against_one_written_out() -> None:
    """Draw whole clusters, concatenate, take the mean; BCa by Efron's formulas, jackknifed over clusters."""
    chance = random.Random(4)
    groups = [[chance.gauss(place % 5, 1) for _ in range(1 + place % 4)] for place in range(24)]
    groups.sort(key=lambda group: (sum(group), len(group)))
    places = np.random.default_rng(0).integers(0, 24, (800, 24))
    drawn = np.array([np.concatenate([groups[i] for i in row]).mean() for row in places])
    mean = np.concatenate(groups).mean()
    without = np.array([np.concatenate(groups[:i] + groups[i + 1 :]).mean() for i in range(24)])
    pull = without.mean() - without
    acceleration = (pull**3).sum() / (6 * (pull**2).sum() ** 1.5)
    normal = scipy.stats.norm
    bias = normal.ppf((drawn < mean).mean())
    ends = [
        normal.cdf(bias + (bias + normal.ppf(at)) / (1 - acceleration * (bias + normal.ppf(at))))
        for at in (0.025, 0.975)
    ]
    found = stats.bootstrap_interval(
        [value for group in groups for value in group],
        clusters=[place for place, group in enumerate(groups) for _ in group],
        draws=800,
    )
    assert found is not None
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(drawn, ends)), abs=1e-9)
    assert found.n == sum(map(len, groups)) and "24 clusters" in found.method


def test_clusters_widen_what_errs_together() -> None:
    """40 documents, ten questions each with one score per document: not 400 observations but 40."""
    values = [value for value in skewed(40) for _ in range(10)]
    clusters = [place for place in range(40) for _ in range(10)]
    alone, together = stats.bootstrap_interval(values), stats.bootstrap_interval(values, clusters=clusters)
    assert alone is not None and together is not None
    assert (together.high - together.low) / (alone.high - alone.low) == pytest.approx(10**0.5, rel=0.1)


def test_clusters_drawn_by_kind_are_those_drawn_one_by_one() -> None:
    chance = np.random.default_rng(4)
    events = chance.binomial(6, chance.beta(0.3, 0.7, 80)).tolist()
    values = [float(turn < some) for some in events for turn in range(6)]
    one_by_one = stats.bootstrap_interval(values, clusters=[number // 6 for number in range(480)])
    found = stats.share_of_clusters_interval(events, [6] * 80)
    assert found is not None and one_by_one is not None
    assert (found.low, found.high) == pytest.approx((one_by_one.low, one_by_one.high), abs=0.005)
    assert (found.n, found.method) == (480, "BCa bootstrap of 10000 over 80 clusters")
    assert stats.share_of_clusters_interval(events[::-1], [6] * 80) == found


def test_half_a_million_clusters_of_two_kinds_are_drawn_as_two() -> None:
    found = stats.share_of_clusters_interval([1] * 500 + [0] * 499_500, [1] * 500_000)
    independent = stats.wilson(500, 500_000)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((independent.low, independent.high), rel=0.02)


def test_a_share_of_clusters_refuses_what_is_none() -> None:
    assert stats.share_of_clusters_interval([3] * 30, [3] * 30) is None
    assert stats.share_of_clusters_interval([1, 2] * 15, [2, 4] * 15) is None
    with pytest.raises(stats.TooFewClusters, match="19 clusters"):
        stats.share_of_clusters_interval([1] * 19, [2] * 19)
    for events, sizes in (([2, 0], [1, 1]), ([0, 0], [1, 0]), ([-1, 0], [1, 1])):
        with pytest.raises(ValueError, match="more events than trials"):
            stats.share_of_clusters_interval(events, sizes)
    with pytest.raises(ValueError):
        stats.share_of_clusters_interval([1] * 30, [1] * 29)


def test_no_interval_of_a_point() -> None:
    assert stats.bootstrap_interval([1.0]) is None
    assert stats.bootstrap_interval([0.1] * 7) is None
    with pytest.raises(ValueError, match="value 1 is nan"):
        stats.bootstrap_interval([1.0, float("nan")])


def test_ratio_of_totals_is_scipys() -> None:
    over, under = skewed(60, 8), [1 + value for value in skewed(60, 9)]
    pairs = np.array(sorted(zip(over, under, strict=True)))
    expected = scipy.stats.bootstrap(
        (np.arange(60),),
        lambda places: pairs[places.astype(int), 0].sum() / pairs[places.astype(int), 1].sum(),
        vectorized=False,
        method="BCa",
        n_resamples=1_000,
        rng=np.random.default_rng(0),
    ).confidence_interval
    found = stats.totals_ratio_interval(over, under, draws=1_000)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_ratio_of_totals_refuses_what_is_not_paired() -> None:
    assert stats.totals_ratio_interval([1.0], [2.0]) is None
    # 31 % cheaper on every single question: nothing varies.
    assert stats.totals_ratio_interval([0.69, 1.38, 6.9], [1.0, 2.0, 10.0]) is None
    with pytest.raises(ValueError, match="2 amounts over the line, 1 under"):
        stats.totals_ratio_interval([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="above zero"):
        stats.totals_ratio_interval([1.0, 2.0], [1.0, 0.0])
