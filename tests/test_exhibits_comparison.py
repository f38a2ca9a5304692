"""Exhibits of the comparison: values worked out by hand on small experiments."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from saved_experiments import Asked, Done, saved

from workbench.comparison import report
from workbench.exhibits import cards, changes, comparison, finding, latency, measures, numbers, tradeoff
from workbench.exhibits.measures import MEASURES
from workbench.verdicts.report import compare

WRONG = Done(f1=0.0, contains=0.0)


def read(folder: Path, questions: Sequence[Asked], runs: Any, **settings: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    experiment = saved(folder, questions, runs, **settings)
    return report(experiment), compare([folder])


def asked(count: int) -> list[Asked]:
    return [Asked(f"q{place:02}", kind="fact" if place % 2 else "sum") for place in range(count)]


def right(count: int, of: int, **figures: Any) -> dict[str, Done]:
    """The first so many are right."""
    return {
        f"q{place:02}": Done(**figures) if place < count else Done(f1=0.0, contains=0.0, **figures)
        for place in range(of)
    }


def world(
    folder: Path, rights: Mapping[str, int], of: int, track: str = "native", **figures: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    return read(folder, asked(of), {(name, track): [right(count, of, **figures)] for name, count in rights.items()})


# ---- the finding ----


def test_backends_that_score_the_same_are_said_to(tmp_path: Path) -> None:
    found = finding.finding(*world(tmp_path, {"plain": 5, "haystack": 5}, 10, "parity"))
    # Wilson's interval of 5 in 10 is 0.237 to 0.763.
    start = (
        "On the same passages and prompt both score the same in everything on all 10 questions: 50 % right [24, 76 %]"
    )
    assert found.sentence.startswith(f"{start}, every difference 0 points [-")
    assert not found.doubts


def test_a_difference_that_is_shown_names_the_better_one(tmp_path: Path) -> None:
    found = finding.finding(*world(tmp_path, {"plain": 5, "haystack": 20}, 20))
    assert found.sentence.startswith("On their own defaults haystack is right more often than plain: +75 points [+")
    swapped = finding.finding(*world(tmp_path / "other", {"plain": 20, "haystack": 5}, 20))
    assert "plain is right more often than haystack: +75 points [+" in swapped.sentence


def test_of_several_pairs_those_that_differ_are_counted(tmp_path: Path) -> None:
    found = finding.finding(*world(tmp_path, {"plain": 0, "haystack": 20, "dspy": 20}, 20))
    assert found.sentence.endswith("n = 20; of 3 pairs, 2 differ.")


def test_a_difference_that_is_not_shown_is_told_with_its_interval(tmp_path: Path) -> None:
    found = finding.finding(*world(tmp_path, {"plain": 10, "haystack": 11}, 20))
    start = "On their own defaults no difference in right answers is shown between the two: the largest"
    assert found.sentence.startswith(f"{start}, haystack over plain, is +5 points [-")
    assert found.sentence.endswith(", n = 20.")


def test_one_backend_alone_shows_no_difference(tmp_path: Path) -> None:
    figures, verdicts = world(tmp_path, {"plain": 5}, 10)
    found = finding.finding(figures, verdicts)
    assert found.sentence == (
        "On their own defaults only plain was run: 50 % right [24, 76 %], n = 10, and one alone shows no difference."
    )
    whats = [row["What"] for row in changes.changes(figures, verdicts).table]
    assert whats[:2] == ["A second backend", "The parity track"]


def test_without_gold_answers_nothing_is_claimed(tmp_path: Path) -> None:
    questions = [Asked("q00", answers=()), Asked("q01", answers=())]
    done = {"q00": Done(), "q01": Done()}
    figures, verdicts = read(tmp_path, questions, {("plain", "native"): [done], ("dspy", "native"): [done]})
    assert "no answer is scored, for want of gold answers" in finding.finding(figures, verdicts).sentence
    assert cards.cards(figures, verdicts, "native")[0].value == "not scored"
    assert comparison.leaderboard(figures, verdicts, "native").figure is None


def test_failures_are_told_beside_it(tmp_path: Path) -> None:
    done = right(10, 10)
    runs = {("plain", "native"): [done], ("dspy", "native"): [{**done, "q00": Done(failure="rate_limit")}]}
    found = finding.finding(*read(tmp_path, asked(10), runs))
    assert "dspy (native) failed on 1 of 10 questions, which are scored as wrong: rate limit 1." in found.besides


def test_an_unfinished_run_is_doubted(tmp_path: Path) -> None:
    runs = {("plain", "native"): [right(10, 10)], ("dspy", "native"): [right(4, 4)], ("haystack", "native"): [{}]}
    doubts = " ".join(finding.finding(*read(tmp_path, asked(10), runs)).doubts)
    assert "Unfinished (native): haystack answered nothing yet" in doubts
    assert "Unfinished (native): the backends were asked different questions" in doubts


def test_broken_parity_is_doubted(tmp_path: Path) -> None:
    found = finding.finding(*world(tmp_path, {"plain": 5, "haystack": 6}, 10, "parity"))
    assert any("on parity quality must not differ" in doubt for doubt in found.doubts)


def test_failed_leakage_controls_are_doubted_and_not_counted(tmp_path: Path) -> None:
    figures, verdicts = world(tmp_path, {"plain": 5}, 10)
    figures["backends"]["plain"]["native"]["leakage"] = {"refused": "leakage is not counted: chance"}
    assert finding.finding(figures, verdicts).doubts == ["Leakage is not counted: chance."]
    leaks = cards.cards(figures, verdicts, "native")[3]
    assert (leaks.value, leaks.detail) == ("not counted", "its controls failed")


def test_what_was_compared_names_all_it_stands_on(tmp_path: Path) -> None:
    figures, verdicts = world(tmp_path, {"plain": 5, "haystack": 5}, 10)
    told = {row["What"]: row["Which"] for row in finding.stands_on(figures).table}
    assert told["Questions"] == "10 of 10, seed 0"
    assert told["Run"] == "2026-11-01"
    assert told["Models"].startswith("local/extractive answers, local/minilm embeds")
    assert finding.told(figures, finding.finding(figures, verdicts)).source.startswith(
        "w, 2026-11-01, n = 10 questions"
    )


# ---- the four figures ----


def test_the_four_figures_range_over_all_backends(tmp_path: Path) -> None:
    runs = {
        ("plain", "native"): [right(5, 10, wall_ms=20.0, usd="0.001")],
        ("haystack", "native"): [right(10, 10, wall_ms=40.0, usd="0.003")],
    }
    found = cards.cards(*read(tmp_path, asked(10), runs), "native")
    assert [card.value for card in found] == ["50 to 100 %", "20 to 40 ms", "1.00 to 3.00 USD", "not measured"]
    # Wilson's interval of 10 in 10 is 0.722 to 1.
    assert found[0].detail == "best: haystack [72, 100 %], n = 10"
    assert found[1].detail == "fastest: plain [too few for an interval], n = 10"
    # Every question cost the same.
    assert found[2].detail == "cheapest: plain [no interval], n = 10"


def test_a_local_model_is_free_and_an_unknown_price_is_no_zero(tmp_path: Path) -> None:
    assert cards.cards(*world(tmp_path, {"plain": 5}, 10, usd="0"), "native")[2].value == "free, local"
    assert cards.cards(*world(tmp_path / "other", {"plain": 5}, 10, usd=None), "native")[2].value == "unpriced"


def test_leaks_are_told_with_their_bound(tmp_path: Path) -> None:
    figures, verdicts = world(tmp_path, {"plain": 5}, 10)
    none, many = {"events": 0, "n": 60, "high": 0.0487}, {"events": 27, "n": 60, "low": 0.331, "high": 0.575}
    figures["backends"]["plain"]["native"]["leakage"] = {"questions": {"answer": none, "prompt": many}}
    leaks = cards.cards(figures, verdicts, "native")[3]
    # 1 - 0.05^(1/60) = 0.04870: rounded up.
    assert leaks.value == "0 of 60, at most 4.9 %"
    assert leaks.detail == "plain; values were sent to the model in 27 of 60 [33, 57 %] questions"
    assert cards.by_backend(figures, verdicts, "native").table[0]["Leaks"] == "0 of 60, at most 4.9 %"


# ---- what would change it ----


def test_how_many_questions_would_decide(tmp_path: Path) -> None:
    table = changes.changes(*world(tmp_path, {"plain": 10, "haystack": 11}, 20)).table
    # Connor: ((1.960 sqrt(.05) + 0.842 sqrt(.05 - .0025)) / .05)^2 = 155, told in two digits.
    decides = next(row for row in table if row["What"].startswith("About"))
    assert decides["What"] == "About 160 questions (native)"
    assert "the largest difference seen (+5 points)" in decides["Why"]
    assert decides["How to find out"].startswith("w has 20 questions")
    assert {"A real model", "Speed, asked again"} <= {row["What"] for row in table}


def test_a_paid_model_is_not_called_weak(tmp_path: Path) -> None:
    figures, verdicts = read(tmp_path, asked(4), {("plain", "native"): [right(2, 4)]}, model="gpt-4o-mini")
    assert "A real model" not in {row["What"] for row in changes.changes(figures, verdicts).table}


# ---- leaderboard, cost, latency, groups ----


def test_the_leaderboard_is_best_first_with_verdicts(tmp_path: Path) -> None:
    exhibit = comparison.leaderboard(*world(tmp_path, {"plain": 5, "haystack": 20, "dspy": 6}, 20), "native")
    assert [row["Backend"] for row in exhibit.table] == ["haystack", "dspy", "plain"]
    verdict = {row["Backend"]: row["Against the control"] for row in exhibit.table}
    assert verdict == {"haystack": "better", "dspy": "no difference shown", "plain": "is the control"}
    # Wilson's interval of 20 in 20 is 0.839 to 1.
    assert exhibit.says == "haystack has the highest: 100 % [84, 100 %], n = 20; against the control haystack better."
    (x,), (up,), (down,) = (
        exhibit.figure.data[0].x,
        exhibit.figure.data[0].error_x.array,
        exhibit.figure.data[0].error_x.arrayminus,
    )
    assert (x, up, round(down, 1)) == (100, 0, 16.1)


def test_another_score_can_be_chosen(tmp_path: Path) -> None:
    done = {"q00": Done(f1=0.25), "q01": Done(f1=0.75)}
    exhibit = comparison.leaderboard(*read(tmp_path, asked(2), {("plain", "native"): [done]}), "native", MEASURES[1])
    assert exhibit.table[0]["F1 (%)"] == 50.0
    assert exhibit.says.startswith("Only plain was run: 50 %")


@pytest.mark.parametrize(
    ("spots", "best"),
    [
        ({"a": (1.0, 0.5), "b": (2.0, 0.6), "c": (3.0, 0.55)}, ["a", "b"]),
        ({"a": (1.0, 0.5), "b": (1.0, 0.4)}, ["a"]),
        ({"a": (1.0, 0.5), "b": (2.0, 0.5)}, ["a"]),
        ({"a": (1.0, 0.5), "b": (1.0, 0.5)}, ["a", "b"]),
        ({}, []),
    ],
)
def test_the_frontier_holds_whom_none_surpasses(spots: dict[str, tuple[float, float]], best: list[str]) -> None:
    assert tradeoff.frontier(spots) == best


def test_accuracy_is_set_against_what_costs_something(tmp_path: Path) -> None:
    runs = {
        ("plain", "native"): [right(5, 10, usd="0", tokens=100)],
        ("haystack", "native"): [right(5, 10, usd="0", tokens=300)],
    }
    figures, verdicts = read(tmp_path, asked(10), runs)
    assert "usd" not in tradeoff.cost_axes(figures, "native")
    exhibit = tradeoff.tradeoff(figures, verdicts, "native", "tokens")
    assert [row["On the frontier"] for row in exhibit.table] == ["yes", "no"]
    assert exhibit.says == "plain is not beaten; for the other another scores as high for no more."
    assert exhibit.notes[0].startswith("Every answer cost 0 USD")


def test_an_unpriced_backend_is_left_out_and_named(tmp_path: Path) -> None:
    runs = {("plain", "native"): [right(5, 10)], ("haystack", "native"): [right(5, 10, usd=None)]}
    exhibit = tradeoff.tradeoff(*read(tmp_path, asked(10), runs), "native", "usd")
    assert [row["Backend"] for row in exhibit.table] == ["plain"]
    assert any(note.endswith("haystack.") for note in exhibit.notes)


def test_the_same_score_at_the_same_cost(tmp_path: Path) -> None:
    exhibit = tradeoff.tradeoff(*world(tmp_path, {"plain": 5, "haystack": 5}, 10), "native", "usd")
    assert exhibit.says == "Both score the same at the same cost."


def test_time_is_taken_apart(tmp_path: Path) -> None:
    runs = {("plain", "native"): [right(5, 10, wall_ms=20.0)], ("dspy", "native"): [right(5, 10, wall_ms=50.0)]}
    exhibit = latency.latency(read(tmp_path, asked(10), runs)[0], "native")
    # The calls of these runs took no time, and no search was timed apart: all is the framework's.
    assert exhibit.says == (
        "A median answer takes 20 ms [20.0, 20.0] (n = 10) with plain and 50 ms [50.0, 50.0] (n = 10) with dspy, "
        "the largest part of it in the framework (50 ms)."
    )
    assert [list(bar.x) for bar in exhibit.figure.data if bar.name == "framework"] == [pytest.approx([20, 50])]
    assert any("does not tell its search apart" in note for note in exhibit.notes)


def test_times_of_several_at_once_are_not_compared(tmp_path: Path) -> None:
    exhibit = latency.latency(world(tmp_path, {"plain": 5}, 10, in_flight=2)[0], "native")
    assert any("must not be compared" in note for note in exhibit.notes)
    assert exhibit.says.startswith("Not to be compared: ")


def test_groups_come_hardest_first(tmp_path: Path) -> None:
    questions = [Asked("a", kind="few_words"), Asked("b", kind="few_words"), Asked("c", kind="sum"), Asked("d")]
    done = {"a": WRONG, "b": Done(), "c": WRONG, "d": Done()}
    exhibit = comparison.grouped(read(tmp_path, questions, {("plain", "native"): [done]})[0], "native", "kinds")
    assert [(row["Kind"], row["Right answers (%)"], row["n"]) for row in exhibit.table] == [
        ("sum", 0.0, 1),
        ("few words", 50.0, 2),
        ("fact", 100.0, 1),
    ]
    assert exhibit.says.startswith('"sum" is hardest, with 0 % (n = 1), and "fact" easiest, with 100 %')


def test_groups_that_are_equally_hard_are_counted(tmp_path: Path) -> None:
    questions = [Asked("a", kind="few_words"), Asked("b", kind="sum"), Asked("c")]
    done = {"a": WRONG, "b": WRONG, "c": Done()}
    exhibit = comparison.grouped(read(tmp_path, questions, {("plain", "native"): [done]})[0], "native", "kinds")
    assert exhibit.says.startswith('2 of 3 are hardest, each with 0 %, and "fact" easiest, with 100 %')


def test_who_shares_the_first_place_is_named(tmp_path: Path) -> None:
    figures, verdicts = world(tmp_path, {"plain": 5, "haystack": 8, "dspy": 8}, 10)
    assert comparison.leaderboard(figures, verdicts, "native").says.startswith(
        "haystack and dspy have the highest: 80 %"
    )
    assert cards.cards(figures, verdicts, "native")[0].detail.startswith("best: haystack, dspy [")


def test_backends_that_are_alike_in_all_groups_are_drawn_once(tmp_path: Path) -> None:
    figures = world(tmp_path, {"plain": 5, "haystack": 5}, 10)[0]
    assert [trace.name for trace in comparison.grouped(figures, "native", "tenants").figure.data] == ["both backends"]
    apart = world(tmp_path / "other", {"plain": 5, "haystack": 6}, 10)[0]
    assert [trace.name for trace in comparison.grouped(apart, "native", "tenants").figure.data] == ["plain", "haystack"]


def test_a_track_that_was_not_run_is_not_there(tmp_path: Path) -> None:
    figures, _ = world(tmp_path, {"plain": 5}, 10)
    assert measures.tracks(figures) == ["native"]
    assert not measures.runs(figures, "parity")


def test_numbers_read_as_words() -> None:
    assert numbers.points(-0.001) == "0 points"
    assert numbers.spread([0.2, 0.2], numbers.percent) == "20 %"
    assert numbers.spread([0.15, 0.234], numbers.percent) == "15 to 23 %"
    assert numbers.within(None) == "[no interval]"
    assert numbers.usd(0.0023) == "0.0023 USD"
    assert numbers.milliseconds(8.44) == "8.4 ms"
    assert (numbers.listed(["a"]), numbers.listed(["a", "b", "c"])) == ("a", "a, b and c")


@pytest.mark.parametrize(
    ("events", "n", "low", "high", "told"),
    [
        (1, 59, 0.003, 0.0899, "1 of 59 [0.3, 9.0 %]"),
        (1, 10_000, 0.00002, 0.0006, "1 of 10000 [0.0, 0.1 %]"),
        (1, 60, 0.0, 0.0648, "1 of 60 [0, 6 %]"),
        (27, 60, 0.331, 0.575, "27 of 60 [33, 57 %]"),
    ],
)
def test_what_happened_is_not_told_as_nothing(events: int, n: int, low: float, high: float, told: str) -> None:
    assert numbers.events({"events": events, "n": n, "low": low, "high": high}) == told


def test_leaks_that_differ_are_told_beside_the_finding(tmp_path: Path) -> None:
    figures, verdicts = world(tmp_path, {"plain": 5, "haystack": 5}, 10)
    (pair,) = measures.pairs(verdicts, "native")
    pair["findings"]["leakage.prompt"] = {
        "outcome": "worse", "difference": 0.4, "interval": {"low": 0.2, "high": 0.6}, "n": 10,
    }  # fmt: skip
    assert (
        "How often a planted value was in what was sent to a model (native): 1 of 1 pairs differ, most haystack over "
        "plain, by +40 points [+20, +60], n = 10."
    ) in finding.finding(figures, verdicts).besides
