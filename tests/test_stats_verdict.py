"""Verdicts: each of the four, by itself and in a family."""

import random

import pytest
import scipy.stats

from workbench import stats


def ones(gained: int, lost: int, n: int = 400) -> list[float]:
    return [1.0] * gained + [-1.0] * lost + [0.0] * (n - gained - lost)


def test_four_verdicts_of_the_same_discordance() -> None:
    # Exact McNemar of 32 discordant pairs: 6 against 26 has p = .0005, 10 against 22 has .0501, 16 against 16 has 1.
    for gained, lost, margin, outcome in (
        (26, 6, None, "better"),
        (6, 26, None, "worse"),
        (22, 10, None, "no difference shown"),
        (16, 16, 0.03, "equivalent"),
        (16, 16, 0.02, "no difference shown"),
        (6, 26, 0.02, "worse"),
    ):
        found = stats.verdict(ones(gained, lost), margin=margin)
        assert found.outcome == outcome, (gained, lost, margin, found)
        assert found.p == pytest.approx(scipy.stats.binomtest(gained, 32).pvalue, abs=1e-12)
        assert found.difference == (gained - lost) / 400
        assert found.n == 400 and found.interval.low < found.difference < found.interval.high


def test_a_difference_that_is_real_and_within_the_margin_is_equivalent() -> None:
    found = stats.verdict(ones(26, 6), margin=0.15)
    assert found.outcome == "equivalent" and found.p < 0.001
    assert found.equivalence_p is not None and found.equivalence_p < 0.001
    assert stats.verdict(ones(26, 6), margin=0.06).outcome == "better"


def test_what_could_have_been_seen_is_said() -> None:
    found = stats.verdict(ones(16, 16))
    expected = stats.detectable_share(0.08, 400)
    assert expected is not None and found.detectable == expected.effect
    graded = [0.3, -0.2, 0.1, 0.0, 0.05, -0.3, 0.2, 0.1] * 10
    assert stats.verdict(graded).detectable == pytest.approx(
        stats.detectable_mean(scipy.stats.tstd(graded), 80).effect, rel=1e-9
    )
    assert stats.verdict(ones(2, 1, 4)).detectable is None


def test_times_are_better_when_lower() -> None:
    chance = random.Random(3)
    faster = [chance.gauss(-0.2, 0.1) for _ in range(40)]
    assert stats.verdict(faster, higher_is_better=False).outcome == "better"
    assert stats.verdict(faster).outcome == "worse"
    assert stats.verdict(faster).difference < 0


def test_all_equal_differences_are_not_dressed_up() -> None:
    """Twelve tokens more on each of 30 questions: the interval is a point, and p that of 30 equal signs."""
    found = stats.verdict([12.0] * 30, higher_is_better=False)
    assert (found.outcome, found.interval.low, found.interval.high) == ("worse", 12.0, 12.0)
    assert found.p == 2 / 2**30
    same = stats.verdict([0.0] * 400, margin=0.02)
    assert same.outcome == "equivalent" and same.p == 1
    assert same.interval.high == pytest.approx(stats.wilson(0, 400).high)
    assert stats.verdict([0.0] * 50, margin=0.02).outcome == "no difference shown"


def test_what_could_never_be_shown_is_not_said_to_have_been_seen() -> None:
    """With three pairs the smallest p is 2 / 2^3; two equal differences are no certainty."""
    assert stats.verdict([0.1, 0.2, 0.3]).detectable is None
    assert stats.verdict([0.1, 0.2, 0.3, 0.1, 0.2, 0.3]).detectable is not None  # 2 / 2^6
    same = stats.verdict([0.1, 0.1], margin=0.2)
    assert (same.outcome, same.detectable, same.equivalence_p) == ("no difference shown", None, 1 / 4)
    still = stats.verdict([0.0] * 40, clusters=range(40), margin=0.02, scores=True)
    assert (still.outcome, still.detectable) == ("no difference shown", None)


def test_clusters_take_away_what_was_one_document() -> None:
    """Twenty documents of which three carry all the gain, ten questions each."""
    values = [1.0 if document < 3 else 0.0 for document in range(20) for _ in range(10)]
    documents = [document for document in range(20) for _ in range(10)]
    assert stats.verdict(values).outcome == "better"
    found = stats.verdict(values, clusters=documents)
    # Three of three signs: 2 of 2^3.
    assert (found.outcome, found.p) == ("no difference shown", 0.25)
    assert "20 clusters" in found.interval.method and "clusters" in found.test
    with pytest.raises(stats.TooFewClusters):
        stats.verdict(values[:190], clusters=documents[:190])


def test_a_family_is_judged_by_holm() -> None:
    # 19 of 26: p = .029, enough alone. In a family the level is .05 / 3 for the least p, then .05 / 2, then .05.
    assert scipy.stats.binomtest(19, 26).pvalue == pytest.approx(0.0290, abs=1e-4)
    assert stats.verdict(ones(19, 7)).outcome == "better"
    family = [stats.Paired(ones(gained, lost)) for gained, lost in ((7, 19), (3, 25), (26, 6))]
    found = stats.verdicts(family)
    assert [each.alpha for each in found] == pytest.approx([0.05, 0.05 / 3, 0.05 / 2])
    assert [each.outcome for each in found] == ["worse", "worse", "better"]


def test_holm_stops_at_the_first_that_fails() -> None:
    family = [stats.Paired(ones(19, 7), None), stats.Paired(ones(26, 6), None), stats.Paired(ones(16, 16), None)]
    found = stats.verdicts(family, margin=0.03)
    assert [each.outcome for each in found] == ["no difference shown", "better", "no difference shown"]
    assert [each.alpha for each in found] == pytest.approx([0.025, 0.05 / 3, 0.025])
    # The interval is as wide as its level: 97.5 % and 98.3 %.
    assert [each.interval.confidence for each in found] == pytest.approx([0.975, 1 - 0.05 / 3, 0.975])
    assert all(each.equivalence_alpha is not None for each in found)


def test_order_changes_nothing() -> None:
    chance = random.Random(9)
    values, clusters = [chance.gauss(0.05, 0.3) for _ in range(120)], [place % 30 for place in range(120)]
    order = list(range(120))
    chance.shuffle(order)
    first = stats.verdict(values, clusters=clusters, margin=0.1)
    again = stats.verdict([values[i] for i in order], clusters=[clusters[i] for i in order], margin=0.1)
    assert first == again
    assert stats.verdict(values) == stats.verdict(values[::-1])


def test_one_pair_is_no_comparison() -> None:
    with pytest.raises(ValueError, match="two or more"):
        stats.verdict([1.0])
    with pytest.raises(ValueError, match="value 0 is nan"):
        stats.verdict([float("nan"), 1.0])
