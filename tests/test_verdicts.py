"""What a comparison claims, against numbers worked out by hand or by scipy."""

from collections.abc import Mapping
from math import log
from pathlib import Path
from typing import Any

import pytest
from saved_experiments import Asked, Done, saved
from scipy import stats as reference

from workbench.errors import BadInput
from workbench.verdicts import ratios
from workbench.verdicts.findings import Observed, judge
from workbench.verdicts.margins import Margin, read
from workbench.verdicts.metrics import metric
from workbench.verdicts.report import compare

F1, TOKENS, CPU, FAILED = metric("answers.f1"), metric("tokens.input"), metric("cpu_ms"), metric("failed")


def asked(count: int, **changes: Any) -> list[Asked]:
    return [Asked(f"q{number:03}", **changes) for number in range(count)]


def findings(report: Mapping[str, Any], after: str, before: str) -> dict[str, dict[str, Any]]:
    return next(
        pair["findings"]
        for family in report["families"]
        for pair in family["pairs"]
        if (pair["after"], pair["before"]) == (after, before)
    )


def sentence(report: Mapping[str, Any], after: str, before: str) -> str:
    return next(
        pair["sentence"]
        for family in report["families"]
        for pair in family["pairs"]
        if (pair["after"], pair["before"]) == (after, before)
    )


# ---- one figure, one family ------------------------------------------------------------------------------------------


def test_a_planted_gain_is_better_and_its_mirror_worse() -> None:
    low, high = [0.0] * 40, [0.0] * 20 + [1.0] * 20
    better, worse = judge(F1, [Observed(high, low)])[0], judge(F1, [Observed(low, high)])[0]
    assert (better.outcome, worse.outcome) == ("better", "worse")
    assert better.difference == 0.5
    assert better.differing == 20
    assert better.p == pytest.approx(2 * 0.5**20)  # 20 gains of 20 discordant pairs, either way round
    assert judge(FAILED, [Observed(high, low)])[0].outcome == "worse"  # more failures are no gain


def test_equivalent_is_said_within_a_margin_alone() -> None:
    after = [0.5 + (0.01 if place % 2 else -0.01) for place in range(150)]
    without = judge(F1, [Observed(after, [0.5] * 150)])[0]
    within = judge(F1, [Observed(after, [0.5] * 150)], Margin(0.02, False))[0]
    assert (without.outcome, within.outcome) == ("no difference shown", "equivalent")
    assert within.within is not None and -0.02 < within.within.low < within.within.high < 0.02
    # Of 100 questions none was lost, as happens with 13 % where one in fifty is.
    fewer = judge(F1, [Observed(after[:100], [0.5] * 100)], Margin(0.02, False))[0]
    assert fewer.outcome == "no difference shown"
    wide = [0.5 + (0.4 if place % 2 else -0.4) for place in range(100)]
    assert judge(F1, [Observed(wide, [0.5] * 100)], Margin(0.02, False))[0].outcome == "no difference shown"


def test_pairs_of_a_family_are_corrected_for_together() -> None:
    one = Observed([1.0] * 6 + [0.0] * 30, [0.0] * 36)  # p = 2 / 2^6 = 0.03125
    none = Observed([0.0] * 36, [0.0] * 36)
    assert judge(F1, [one])[0].outcome == "better"
    alone, *_ = found = judge(F1, [one, none, none])
    assert alone.outcome == "no difference shown"
    assert alone.p == pytest.approx(0.03125)
    assert alone.p_holm == pytest.approx(3 * 0.03125)
    assert found[1].p_holm == 1.0


def test_what_could_have_been_seen_shrinks_with_more_questions() -> None:
    def detectable(count: int) -> float:
        after = [0.5 + (0.3 if place % 2 else -0.3) for place in range(count)]
        found = judge(F1, [Observed(after, [0.5] * count)])[0].detectable
        assert found is not None
        return found

    # Differences of -/+ 0.3: (z.975 + z.8) x 0.3 / sqrt(n), 2.8016 x 0.3 / 20 for 400.
    assert detectable(400) == pytest.approx(0.0420, abs=0.0003)
    assert detectable(100) > 1.9 * detectable(400)


def test_rounding_of_other_rounds_is_no_difference() -> None:
    """A tenth, the mean over one round, and over three: 0.30000000000000004 / 3."""
    once, thrice = 0.1, (0.1 + 0.1 + 0.1) / 3
    assert once != thrice
    found = judge(F1, [Observed([thrice] * 40, [once] * 40)])[0]
    assert (found.differing, found.difference, found.p) == (0, 0.0, 1.0)
    assert found.detectable is not None and found.detectable > 0.01


def test_amounts_are_compared_by_ratio() -> None:
    before = [100.0 + place for place in range(50)]
    cheaper = judge(TOKENS, [Observed([0.69 * each for each in before], before)], Margin(0.05, True))[0]
    assert cheaper.outcome == "better"
    assert cheaper.difference == pytest.approx(0.69)
    close = [each * (1.01 if place % 2 else 0.99) for place, each in enumerate(before)]
    found = judge(TOKENS, [Observed(close, before)], Margin(0.05, True))[0]
    assert found.outcome == "equivalent"
    assert found.within is not None and 0.95 < found.within.low < 1 < found.within.high < 1.05


def test_a_margin_of_five_per_cent_does_not_cover_eight() -> None:
    before = [100.0 + place for place in range(50)]
    more = [1.08 * each + (2 if place % 2 else -2) for place, each in enumerate(before)]
    assert judge(TOKENS, [Observed(more, before)], Margin(0.05, True))[0].outcome == "worse"
    assert judge(TOKENS, [Observed(more, before)], Margin(0.15, True))[0].outcome == "equivalent"


def test_the_ratio_of_totals_agrees_with_one_sample_t_tests() -> None:
    before = [50.0 + 3 * place for place in range(30)]
    after = [each * (1.3 if place % 3 else 0.9) for place, each in enumerate(before)]
    found = ratios.of_totals(after, before)
    assert found.value == pytest.approx(sum(after) / sum(before))
    sides = [
        reference.ttest_1samp([new - factor * old for new, old in zip(after, before, strict=True)], 0, alternative=side)
        for factor, side in ((0.8, "greater"), (1.2, "less"))
    ]
    assert found.outside(0.2) == pytest.approx(max(side.pvalue for side in sides), abs=1e-12)


def test_cpu_is_the_geometric_mean_of_paired_ratios() -> None:
    before = [2.0] * 30
    after = [2.0 * (1.5 if place % 2 else 1.4) for place in range(30)]
    found = judge(CPU, [Observed(after, before)])[0]
    assert found.difference == pytest.approx((1.5 * 1.4) ** 0.5)
    assert found.outcome == "worse"
    sides = reference.ttest_1samp([log(each / 2.0) for each in after], log(1.5), alternative="less")
    assert ratios.of_times(after, before).outside(0.5) == pytest.approx(sides.pvalue, abs=1e-12)


def test_no_verdict_where_there_is_nothing_to_judge() -> None:
    free = judge(metric("usd"), [Observed([0.0] * 5, [0.0] * 5)])[0]
    one_sided = judge(metric("usd"), [Observed([0.1] * 5, [0.0] * 5)])[0]
    single, missing = judge(F1, [Observed([1.0], [0.0]), Observed([], [], why_not="unpriced")])
    few = judge(F1, [Observed([1.0] * 40, [0.0] * 40, ["a", "b"] * 20)])[0]
    for found in (free, one_sided, single, missing, few):
        assert found.outcome == "not compared"
        assert found.p is None and found.interval is None
    assert (free.why_not, one_sided.why_not) == (
        "nothing on either side",
        "nothing on one side, so there is no ratio",
    )
    assert (single.why_not, missing.why_not) == ("one question is too few", "unpriced")
    assert few.why_not == "2 clusters are too few, needed are 20"


def test_clusters_are_the_observations() -> None:
    # Of 40 clusters of 10 equal answers, 20 gain: by question p would be 2^-199, by cluster it is 2^-19.
    after = [float(place < 200) for place in range(400)]
    labels = [place // 10 for place in range(400)]
    assert judge(F1, [Observed(after, [0.0] * 400, labels)])[0].p == pytest.approx(2.0**-19)


# ---- margins ---------------------------------------------------------------------------------------------------------


def test_margins_go_by_the_tables_names_or_by_path() -> None:
    found = read(["f1=0.02", "USD=5%", "judge.faithfulness=.1"], ["judge.faithfulness"])
    assert found == {
        "answers.f1": Margin(0.02, False),
        "usd": Margin(0.05, True),
        "judge.faithfulness": Margin(0.1, False),
    }


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("F1", "give NAME=VALUE"),
        ("F2=0.1", "there are F1, contains, recall@5"),
        ("F1=two", "'two' is no number"),
        ("F1=0", "lies in 0 to 1"),
        ("F1=nan", "lies in 0 to 1"),
        ("F1=2%", "lies in 0 to 1"),
        ("USD=0.05", "give per cent"),
        ("CPU=-5%", "give per cent"),
        ("wall_ms=5%", "described and never judged"),
    ],
)
def test_a_margin_that_is_none_is_refused(given: str, said: str) -> None:
    with pytest.raises(BadInput, match="--margin") as refused:
        read([given], ["wall_ms"])
    assert said in str(refused.value)


# ---- whole reports ---------------------------------------------------------------------------------------------------


def test_same_quality_cheaper_and_slower_in_one_sentence(tmp_path: Path) -> None:
    questions = asked(150)

    def done(place: int, **changes: Any) -> Done:
        return Done(f1=0.5 + 0.01 * (-1) ** place, **changes)

    plain = {one.id: Done(f1=0.5, wall_ms=20 + place % 7) for place, one in enumerate(questions)}
    other = {
        one.id: done(place, usd="0.00069", wall_ms=60 + place % 7, cpu_ms=3 + 0.01 * (place % 3))
        for place, one in enumerate(questions)
    }
    made = saved(tmp_path, questions, {("plain", "native"): [plain], ("haystack", "native"): [other]})
    report = compare([made.folder], margins=["F1=0.02"])
    said = sentence(report, "haystack (native)", "plain (native)")
    assert said.startswith("haystack (native) against plain: same quality (F1 +.000 [")
    assert "within ±.02)" in said
    assert "31 % cheaper" in said
    assert "CPU ×1.50" in said  # 3.01 of 2
    assert said.endswith("p95 +40 ms")
    (row, control) = report["rows"]
    assert {row["backend"], control["backend"]} == {"plain", "haystack"}
    assert report["families"][0]["correction"] == "no correction: one pair"


def test_only_what_was_shown_is_said(tmp_path: Path) -> None:
    questions = asked(30)
    plain = {one.id: Done(f1=float(place % 2)) for place, one in enumerate(questions)}
    other = {one.id: Done(f1=float(place % 3 == 0)) for place, one in enumerate(questions)}
    made = saved(tmp_path, questions, {("plain", "native"): [plain], ("dspy", "native"): [other]})
    said = sentence(compare([made.folder]), "dspy (native)", "plain (native)")
    assert "no difference in quality shown (F1 -.167 [" in said
    assert "would have been seen)" in said
    assert "input tokens" not in said  # cost is told once: in USD
    assert said.endswith("same cost")


def test_a_difference_on_parity_is_a_bug_of_the_workbench(tmp_path: Path) -> None:
    questions = asked(10)
    plain = {one.id: Done() for one in questions}
    off = {**plain, "q003": Done(f1=0.0, contains=0.0)}
    broken = {**plain, "q004": Done(failure="backend")}  # a failure is the framework's, and shown as one
    runs = {("plain", "parity"): [plain], ("haystack", "parity"): [off], ("dspy", "parity"): [broken]}
    report = compare([saved(tmp_path, questions, runs).folder])
    assert len(report["bugs"]) == 1
    assert report["bugs"][0].startswith("haystack (parity) against plain differs in F1 on 1 question, contains on 1")
    assert "bug of this workbench" in report["bugs"][0]


def test_on_native_a_difference_is_none(tmp_path: Path) -> None:
    questions = asked(10)
    runs = {
        ("plain", "native"): [{one.id: Done() for one in questions}],
        ("haystack", "native"): [{one.id: Done(f1=0.0) for one in questions}],
    }
    report = compare([saved(tmp_path, questions, runs).folder])
    assert report["bugs"] == []
    assert findings(report, "haystack (native)", "plain (native)")["answers.f1"]["outcome"] == "worse"


def test_all_pairs_or_all_against_one(tmp_path: Path) -> None:
    done = {one.id: Done() for one in asked(5)}
    names = ("plain", "haystack", "dspy")
    runs = {(name, track): [done] for name in names for track in ("parity", "native")}
    made = saved(tmp_path, asked(5), runs)
    every = compare([made.folder])
    assert [(family["title"], len(family["pairs"])) for family in every["families"]] == [
        ("parity", 3),
        ("native", 3),
        ("native against parity", 3),
    ]
    assert every["families"][0]["correction"] == "Holm over 3 pairs"
    chosen = compare([made.folder], against="dspy")
    told = [(pair["after"], pair["before"]) for pair in chosen["families"][0]["pairs"]]
    assert told == [("plain (parity)", "dspy (parity)"), ("haystack (parity)", "dspy (parity)")]
    with pytest.raises(BadInput, match="--against langchain: was not run; there are plain, haystack, dspy"):
        compare([made.folder], against="langchain")


def test_times_of_several_at_once_are_not_compared(tmp_path: Path) -> None:
    questions = asked(30)
    runs = {
        ("plain", "native"): [{one.id: Done(in_flight=4) for one in questions}],
        ("haystack", "native"): [{one.id: Done(in_flight=4, cpu_ms=9, wall_ms=90) for one in questions}],
    }
    report = compare([saved(tmp_path, questions, runs).folder])
    cpu = findings(report, "haystack (native)", "plain (native)")["cpu_ms"]
    assert (cpu["outcome"], cpu["why_not"]) == ("not compared", "several questions were in flight at once")
    wall = report["families"][0]["pairs"][0]["wall_ms"]
    assert wall["why_not"] == "not comparable: several questions were in flight at once"
    assert wall["median"] is None
    assert "ms" not in report["families"][0]["pairs"][0]["sentence"]


def test_wall_time_is_described(tmp_path: Path) -> None:
    questions = asked(100)
    runs = {
        ("plain", "native"): [{one.id: Done(wall_ms=10 + place) for place, one in enumerate(questions)}],
        ("haystack", "native"): [{one.id: Done(wall_ms=15 + place) for place, one in enumerate(questions)}],
    }
    wall = compare([saved(tmp_path, questions, runs).folder])["families"][0]["pairs"][0]["wall_ms"]
    assert wall["median"] == pytest.approx(5.0)
    assert wall["median_interval"]["low"] == pytest.approx(5.0)
    assert wall["p95"] == pytest.approx(5.0)
    assert wall["p95_interval"]["low"] == pytest.approx(5.0)
    few = {key: [dict(list(rounds[0].items())[:30])] for key, rounds in runs.items()}
    wall = compare([saved(tmp_path / "few", questions, few).folder])["families"][0]["pairs"][0]["wall_ms"]
    assert wall["p95"] is None  # of 30 answers no interval of a p95 can be told
    again = {key: rounds * 3 for key, rounds in few.items()}
    wall = compare([saved(tmp_path / "again", questions, again).folder])["families"][0]["pairs"][0]["wall_ms"]
    assert wall["p95"] is None, "asked three times, 30 questions are no 90"
    assert wall["median"] == pytest.approx(5.0)


def test_a_slow_end_is_told_by_the_p95(tmp_path: Path) -> None:
    questions = asked(200)
    runs = {
        ("plain", "native"): [{one.id: Done(wall_ms=20) for one in questions}],
        ("haystack", "native"): [{one.id: Done(wall_ms=20 + 100 * (n % 5 == 0)) for n, one in enumerate(questions)}],
    }
    pair = compare([saved(tmp_path, questions, runs).folder])["families"][0]["pairs"][0]
    # A fifth of the answers is slow: of 200 drawn, far more than 5 % always are.
    assert pair["wall_ms"]["median"] == pytest.approx(0.0)
    assert pair["wall_ms"]["p95_interval"]["low"] == pytest.approx(100.0)
    assert pair["wall_ms"]["p95_interval"]["high"] == pytest.approx(100.0)
    assert pair["sentence"].endswith("p95 +100 ms")


def test_the_leaderboard_has_the_best_first(tmp_path: Path) -> None:
    questions = asked(4)
    scores = {"plain": 0.25, "haystack": 0.75, "dspy": 0.5}
    runs = {(name, "native"): [{one.id: Done(f1=f1) for one in questions}] for name, f1 in scores.items()}
    report = compare([saved(tmp_path, questions, runs).folder])
    assert [row["backend"] for row in report["rows"]] == ["haystack", "dspy", "plain"]
    assert report["rows"][0]["figures"]["answers.f1"]["value"] == 0.75
    told = {(pair["after"], pair["before"]): pair["told"] for pair in report["families"][0]["pairs"]}
    # With the control, and of the two best.
    assert told == {
        ("haystack (native)", "plain (native)"): True,
        ("dspy (native)", "plain (native)"): True,
        ("dspy (native)", "haystack (native)"): True,
    }


def test_an_equivalence_shows_the_interval_that_it_stands_on(tmp_path: Path) -> None:
    questions = asked(200)
    runs = {
        ("plain", "native"): [{one.id: Done(f1=0.5) for one in questions}],
        ("dspy", "native"): [{one.id: Done(f1=0.5 + 0.1 * (-1) ** n) for n, one in enumerate(questions)}],
    }
    report = compare([saved(tmp_path, questions, runs).folder], margins=["F1=0.0135"])
    found = findings(report, "dspy (native)", "plain (native)")["answers.f1"]
    # Standard error 0.00709: 90 % reach -/+ 0.0117, 95 % reach -/+ 0.0140.
    assert found["outcome"] == "equivalent"
    assert found["within"]["high"] == pytest.approx(0.0117, abs=0.0001)
    assert found["interval"]["high"] == pytest.approx(0.0140, abs=0.0001)
    said = sentence(report, "dspy (native)", "plain (native)")
    assert f"[{found['within']['low']:+.3f},{found['within']['high']:+.3f}]".replace("0.", ".") in said


def test_cpu_is_paired_by_question_and_round(tmp_path: Path) -> None:
    questions = asked(30)
    plain = [{one.id: Done(cpu_ms=2) for one in questions}, {one.id: Done(cpu_ms=8) for one in questions}]
    other = [{one.id: Done(cpu_ms=4) for one in questions}, {one.id: Done(cpu_ms=4) for one in questions}]
    report = compare([saved(tmp_path, questions, {("plain", "native"): plain, ("dspy", "native"): other}).folder])
    # Round 1 is twice, round 2 half: by round they cancel; the means 4 and 5 would say 0.8.
    assert findings(report, "dspy (native)", "plain (native)")["cpu_ms"]["difference"] == pytest.approx(1.0)


# ---- groups and clusters ---------------------------------------------------------------------------------------------


def test_groups_too_small_for_a_verdict_get_none(tmp_path: Path) -> None:
    questions = [Asked(f"q{place:03}", kind="rare" if place < 19 else "common") for place in range(60)]
    runs = {
        ("plain", "native"): [{one.id: Done(f1=0.0) for one in questions}],
        ("dspy", "native"): [{one.id: Done(f1=1.0) for one in questions}],
    }
    groups = compare([saved(tmp_path, questions, runs).folder], by="kind")["families"][0]["groups"]
    common, rare = groups
    assert (common["group"], common["n"], rare["group"], rare["n"]) == ("common", 41, "rare", 19)
    assert common["pairs"][0]["findings"]["answers.f1"]["outcome"] == "better"
    small = rare["pairs"][0]["findings"]["answers.f1"]
    assert (small["outcome"], small["why_not"], small["difference"]) == (
        "not compared",
        "19 questions are too few",
        1.0,
    )
    assert "cpu_ms" not in common["pairs"][0]["findings"]


def test_fewer_than_twenty_clusters_are_refused(tmp_path: Path) -> None:
    questions = [Asked(f"q{place:03}", tenant=f"t{place % 4}", document=f"d{place % 25}") for place in range(50)]
    done = {one.id: Done(f1=float(place < 10)) for place, one in enumerate(questions)}
    none = {one.id: Done(f1=0.0) for one in questions}
    made = saved(tmp_path, questions, {("plain", "native"): [none], ("dspy", "native"): [done]})
    with pytest.raises(BadInput, match="--cluster tenant: 4 are too few for an interval, needed are 20"):
        compare([made.folder], clustered="tenant")
    found = findings(compare([made.folder], clustered="document"), "dspy (native)", "plain (native)")["answers.f1"]
    assert "over 25 clusters" in found["test"]


# ---- several folders -------------------------------------------------------------------------------------------------


def test_folders_of_one_workload_are_paired_and_told_apart(tmp_path: Path) -> None:
    questions = asked(30)
    before = saved(tmp_path / "a", questions, {("plain", "parity"): [{one.id: Done(f1=0.0) for one in questions}]})
    after = saved(
        tmp_path / "b",
        questions,
        {("plain", "parity"): [{one.id: Done(cpu_ms=9, wall_ms=90) for one in questions}]},
        model="local/other",
        seed=7,
    )
    report = compare([before.folder, after.folder])
    assert report["notes"] == ["B differs from A: model local/other (was local/extractive), seed 7 (was 0)"]
    (family,) = report["families"]
    assert family["title"] == "B against A"
    found = findings(report, "plain (parity, B)", "plain (parity, A)")
    assert found["answers.f1"]["outcome"] == "better"
    assert found["cpu_ms"]["outcome"] == "not compared"
    assert found["cpu_ms"]["difference"] == pytest.approx(4.5)
    assert family["pairs"][0]["wall_ms"]["why_not"] == "not comparable: asked at different times"
    assert report["bugs"] == []  # another model is no bug


def test_of_two_workloads_only_common_questions_count(tmp_path: Path) -> None:
    first, second = [Asked("q1"), Asked("q2"), Asked("q3")], [Asked("q1"), Asked("q2", answers=("ten",)), Asked("q4")]
    a = saved(tmp_path / "a", first, {("plain", "parity"): [{one.id: Done() for one in first}]})
    b = saved(
        tmp_path / "b", second, {("plain", "parity"): [{one.id: Done() for one in second}]}, hash="g", documents=9
    )
    report = compare([a.folder, b.folder])
    assert report["notes"][0] == (
        "different workloads (A h and B g): compared on the 1 question with the same id and gold"
    )
    assert report["notes"][1].startswith("documents searched: A 3 and B 9")
    assert [row["questions"] for row in report["rows"]] == [1, 1]
    other = saved(tmp_path / "c", [Asked("z")], {("plain", "parity"): [{"z": Done()}]}, hash="i")
    with pytest.raises(BadInput, match="no question in common"):
        compare([a.folder, other.folder])


def test_after_a_purge_gold_is_matched_by_evidence(tmp_path: Path) -> None:
    questions = asked(3)
    runs = {("plain", "parity"): [{one.id: Done() for one in questions}]}
    a, b = saved(tmp_path / "a", questions, runs), saved(tmp_path / "b", questions, runs, hash="g")
    b.purge()
    assert "evidence alone" in compare([a.folder, b.folder])["notes"][0]


def test_folders_that_cannot_be_compared_are_refused(tmp_path: Path) -> None:
    made = saved(tmp_path / "a", asked(2), {("plain", "parity"): [{"q000": Done()}]})
    empty = saved(tmp_path / "b", asked(2), {("plain", "parity"): [{}]})
    with pytest.raises(BadInput, match="named twice"):
        compare([made.folder, made.folder])
    with pytest.raises(BadInput, match="no backend has answered yet"):
        compare([empty.folder])
    with pytest.raises(BadInput, match="no such folder"):
        compare([tmp_path / "none"])
