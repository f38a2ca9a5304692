"""Each verdict of the gate is reached, and told apart from the others."""

from dataclasses import replace
from math import comb
from pathlib import Path
from typing import Any

import pytest
from gate_world import GOLD, accepted, gated, names, save
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.errors import BadInput
from workbench.gating import baseline, exact, grid, quality
from workbench.gating.change import change
from workbench.gating.judging import judge
from workbench.gating.outcome import Check, Result
from workbench.gating.taking import take
from workbench.records import Recipe
from workbench.runs.store import Experiment
from workbench.verdicts.margins import Margin

REMOTE = Recipe(model="gpt")


def compared(tmp_path: Path, before: dict[str, Any], after: dict[str, Any], **how: Any) -> Result:
    return gated(accepted(tmp_path, **before), save(tmp_path / "now", **{"seed": 1} | after), **how)


def of(result: Result, name: str, cell: str = "haystack-parity") -> Check:
    (found,) = [check for check in result.checks if (check.cell, check.name) == (cell, name)]
    return found


def wrong(*numbers: int, where: str = "haystack") -> Any:
    return lambda backend, number: "ten" if backend == where and number in numbers else GOLD


def verdict(result: Result) -> tuple[str, int]:
    return result.outcome, result.exit_code


# ---- pass ----


def test_an_unchanged_run_passes_with_other_times(tmp_path: Path) -> None:
    result = compared(tmp_path, {}, {})
    assert verdict(result) == ("pass", 0)
    assert grid.headline(result) == "pass: nothing has changed but times"
    assert {check.name for check in result.checks if check.cell == "haystack-parity"} >= {
        "answer", "answers.f1", "passages", "retrieval.recall@5", "tokens.input", "tokens.output", "usd", "failed",
        "CPU",
    }  # fmt: skip
    assert not any("wall" in check.name for check in result.checks)


def test_a_change_for_the_better_is_told_and_passes(tmp_path: Path) -> None:
    result = compared(tmp_path, {"text": wrong(1, 2, 3)}, {"text": wrong(3), "tokens": lambda backend, number: 90})
    assert verdict(result) == ("pass", 0)
    assert of(result, "answers.f1").better == ("q001", "q002") and not of(result, "answers.f1").worse
    assert of(result, "tokens.input").sentence.startswith("tokens 100.0 -> 90.0 (-10.0 %), 40 better of 40")
    assert of(result, "answer").worse == ("q001", "q002"), "other words have no direction"
    assert "none is worse" in grid.headline(result)


@pytest.mark.parametrize("failing", [0, 2])
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_an_experiment_passes_its_own_baseline(tmp_path_factory: Any, failing: int, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("own")
    count = data.draw(st.integers(1, 12))
    said = data.draw(st.lists(st.sampled_from([GOLD, "ten", "I do not know", ""]), min_size=count, max_size=count))
    model = data.draw(st.sampled_from(["local/extractive", "remote"]))
    file = accepted(
        folder,
        questions=names(count),
        rounds=data.draw(st.integers(1, 3)),
        backends=data.draw(st.sampled_from([("plain",), ("haystack",), ("plain", "haystack", "dspy")])),
        text=lambda backend, number: said[number],
        failure=lambda backend, number: "backend" if number < failing else None,
        noise=data.draw(st.sampled_from([0.0, 0.5])),
        in_flight=data.draw(st.sampled_from([1, 4])),
        recipe=Recipe(model=model),
        upstream="https://x/v1" if model == "remote" else "",
    )
    result = gated(file, folder / "accepted", policy="fail")
    assert verdict(result) == ("pass", 0), grid.headline(result)
    assert not any(check.changed for check in result.checks if check.name != "CPU")


# ---- worse answers ----


def test_a_worse_prompt_is_a_regression(tmp_path: Path) -> None:
    result = compared(tmp_path, {}, {"text": wrong(*range(12))})
    assert verdict(result) == ("regression", 1)
    found = of(result, "answers.f1")
    # 28 of 40 are right; of 12 that changed all became worse: p = 2^-12
    assert found.sentence.startswith("F1 1.000 -> .700 (-.300), 12 worse of 40 questions [90 %:")
    assert found.figures["p_worse"] == pytest.approx(2**-12)
    assert found.worse == tuple(names(12))
    assert "haystack-parity answers.f1" in grid.headline(result)
    assert of(result, "CPU").outcome == "pass" and of(result, "answers.f1", "plain-parity").outcome == "pass"


def test_of_several_figures_one_needs_more_than_alone(tmp_path: Path) -> None:
    """Five questions of 40 lost: p = 1/32 is below 5 %, and not below a third of it."""
    result = compared(tmp_path, {}, {"text": wrong(*range(5))})
    judged = [of(result, f"answers.{name}") for name in ("f1", "contains", "exact_match")]
    assert {check.outcome for check in judged} == {"inconclusive"}
    assert [check.figures["p_worse"] for check in judged] == [pytest.approx(1 / 32)] * 3
    assert [check.figures["level"] for check in judged] == [pytest.approx(0.05 / 3)] * 3
    # Questions that changed on too few others are no part of the family: those of plain did not change at all.
    assert verdict(result) == ("inconclusive", 3)


def test_where_nothing_is_shown_it_says_how_many_questions_would(tmp_path: Path) -> None:
    changed = {"text": wrong(1)}
    margin = ["F1=0.03"]
    found = of(compared(tmp_path, {}, changed, margin=margin), "answers.f1")
    assert found.outcome == "inconclusive"
    within = found.figures["questions_needed"]
    said = "no loss beyond the margin of .03, but of too few questions to rule one out; about"
    assert f"{said} {within:,} such questions would do" in found.sentence
    result = gated(tmp_path / "baseline.json", tmp_path / "now")
    worse = of(result, "answers.f1").figures["questions_needed"]
    said = "a loss beyond the margin of .02, but of too few questions to rule out chance; about"
    assert f"{said} {worse:,} such questions would do" in of(result, "answers.f1").sentence

    # That 3 of 100 are lost, or the 2.5 that were seen, is told from chance by McNemar's exact test in 80 % at 5 %
    # one-sided. Worked out by summing over the table, at what is said and at half of it.
    def power(n: int, lost: float, gained: float = 0.0) -> float:
        total = 0.0
        for k in range(0, 200):
            of_k = comb(n, k) * (gained + lost) ** k * (1 - gained - lost) ** (n - k)
            tail = [sum(comb(k, j) for j in range(i + 1)) / 2**k for i in range(k + 1)]
            p = gained / (gained + lost)
            total += of_k * sum(comb(k, i) * p**i * (1 - p) ** (k - i) for i in range(k + 1) if tail[i] <= 0.05)
        return total

    assert power(within, 0.03) >= 0.8 > power(within // 2, 0.03)
    assert power(worse, 0.025) >= 0.8 > power(worse // 2, 0.025)
    assert [
        gated(tmp_path / "baseline.json", tmp_path / "now", policy=policy).exit_code
        for policy in ("default", "pass", "fail")
    ] == [3, 0, 3]


def test_a_loss_within_the_margin_passes(tmp_path: Path) -> None:
    result = compared(tmp_path, {}, {"text": wrong(1)}, margin=["F1=0.2", "contains=0.2", "answers.exact_match=0.2"])
    assert verdict(result) == ("pass", 0)
    assert of(result, "answers.f1").sentence.endswith("within the margin of .2")


def test_few_questions_that_all_lost_as_much_are_no_verdict(tmp_path: Path) -> None:
    """F1 of two words where one was wanted is 2/3: nothing varies. 2^-3 is not below 5 %, and 2^-5 is."""
    three = {"questions": names(3)}
    result = compared(tmp_path, three, three | {"text": lambda backend, number: f"{GOLD} ten"})
    found = of(result, "answers.f1")
    assert (found.outcome, found.figures["after"]) == ("inconclusive", pytest.approx(2 / 3))
    assert "a loss beyond the margin of .02, but of too few questions to rule out chance" in found.sentence
    assert found.figures["questions_needed"] == 5


def test_a_margin_that_nobody_can_reach_is_told_without_a_number(tmp_path: Path) -> None:
    before = {name: 1.0 for name in names(40)}
    for lost, margin in ((0.004, 0.00002), (0.00001, 1e-6), (0.004, 1e-9)):
        found = change("answers.f1", before | {"q001": 1 - lost, "q002": 1 + lost / 1.001}, before)
        assert found
        (check,) = quality.checks([quality.Sampled("a", found, False)], {"answers.f1": Margin(margin, relative=False)})
        assert (check.outcome, check.figures["questions_needed"]) == ("inconclusive", None)
        assert check.sentence.endswith("too few questions to rule one out") is (margin > 1e-9)
        assert "would do" not in check.sentence


def test_what_was_not_seen_in_few_questions_is_not_within_a_narrow_margin(tmp_path: Path) -> None:
    """One answer of 40 in a word more: that none of 40 was lost does not show that fewer than 2 in 100 are."""
    wordy = {"text": lambda backend, number: f"{GOLD} ten" if (backend, number) == ("haystack", 1) else GOLD}
    found = of(compared(tmp_path, {}, wordy), "answers.f1")
    assert (found.outcome, found.worse) == ("inconclusive", ("q001",))
    # Tango's score of no loss among n: z = sqrt(.02 n / .98) reaches 1.645 at n = 133, and a power of 80 % later.
    assert 133 <= found.figures["questions_needed"] < 1000
    result = gated(tmp_path / "baseline.json", tmp_path / "now", margin=["F1=0.1", "answers.exact_match=0.1"])
    assert of(result, "answers.f1").outcome == "pass"


def test_what_has_no_noise_passes_when_it_gains_as_much_as_it_loses(tmp_path: Path) -> None:
    before, after = {"text": wrong(1)}, {"text": wrong(2)}
    assert verdict(compared(tmp_path / "local", before, after)) == ("pass", 0)
    live = {"recipe": REMOTE, "upstream": "https://x/v1"}
    assert verdict(compared(tmp_path / "remote", before | live, after | live)) == ("inconclusive", 3)


def test_questions_that_the_framework_fails_now_are_a_regression(tmp_path: Path) -> None:
    result = compared(tmp_path, {}, {"failure": lambda backend, number: "backend" if number == 7 else None})
    assert verdict(result) == ("regression", 1)
    assert of(result, "failed").worse == ("q007",) and "1 worse of 40" in of(result, "failed").sentence


def test_a_backend_that_fails_everything_is_worse_and_not_another_experiment(tmp_path: Path) -> None:
    result = compared(tmp_path, {}, {"failure": lambda backend, number: "backend" if backend == "haystack" else None})
    assert verdict(result) == ("regression", 1)
    assert of(result, "failed").outcome == of(result, "answers.f1").outcome == "regression"


def test_a_figure_whose_questions_all_failed_is_worse_and_not_another_experiment(tmp_path: Path) -> None:
    """Similarity is scored of answerable questions alone: where these fail and others do not, it is gone."""
    file, failing = accepted(tmp_path), {"failure": lambda backend, number: "backend" if number < 39 else None}
    now = take(Experiment.open(save(tmp_path / "now", **failing)))
    cell = now.snapshot.cells["haystack-parity"]
    values = {path: by for path, by in cell.values.items() if path != "answers.f1"}
    base = baseline.read(file)
    asked = base.cells["haystack-parity"]
    few = asked.values | {"answers.f1": {name: 1.0 for name in names(39)}}

    def outcome(before: dict[str, dict[str, float]]) -> str:
        cells = {"haystack-parity": replace(asked, values=before)}
        snapshot = replace(now.snapshot, cells={"haystack-parity": replace(cell, values=values)})
        return judge(
            replace(now, snapshot=snapshot), replace(base, cells=cells), folder=tmp_path, baseline=file
        ).outcome

    assert outcome(few) == "regression"
    assert outcome(asked.values) == "mismatch", "one that was answered has it no more"


# ---- what repeats exactly ----


def found_at(place: int, *numbers: int) -> Any:
    ranks = [("right", "other"), ("other", "right"), ("other", "none")]
    return lambda backend, number: ranks[place] if backend == "haystack" and number in numbers else ranks[0]


def test_one_question_that_retrieves_worse_is_a_regression(tmp_path: Path) -> None:
    result = compared(tmp_path, {}, {"hits": found_at(2, 5)})
    assert verdict(result) == ("regression", 1)
    found = of(result, "retrieval.recall@5")
    assert found.sentence == "recall@5 1.000 -> .975 (-.025), 1 worse of 40 questions" and found.worse == ("q005",)
    assert of(result, "passages").sentence.startswith("1 of 40 questions retrieved other passages")


def test_gains_make_up_for_losses_in_retrieval(tmp_path: Path) -> None:
    result = compared(tmp_path, {"hits": found_at(2, 1, 2)}, {"hits": found_at(2, 3)})
    assert verdict(result) == ("pass", 0)
    assert of(result, "retrieval.recall@5").sentence.endswith("2 better, 1 worse of 40 questions")
    assert of(result, "retrieval.recall@5").word == "+2 -1"


def test_a_rank_lost_is_no_recall_lost(tmp_path: Path) -> None:
    result = compared(tmp_path, {}, {"hits": found_at(1, 5)})
    assert [of(result, f"retrieval.{name}").outcome for name in ("recall@5", "mrr@10")] == ["pass", "regression"]
    allowed = ["retrieval.mrr@10=0.02", "nDCG@10=0.02"]
    result = gated(tmp_path / "baseline.json", tmp_path / "now", margin=allowed)
    assert verdict(result) == ("pass", 0) and "within the margin of .02" in of(result, "retrieval.mrr@10").sentence


def test_a_token_more_is_a_regression_unless_allowed(tmp_path: Path) -> None:
    result = compared(tmp_path, {}, {"tokens": lambda backend, number: 101})
    assert verdict(result) == ("regression", 1)
    assert of(result, "tokens.input").sentence == "tokens 100.0 -> 101.0 (+1.0 %), 40 worse of 40 questions"
    assert verdict(gated(tmp_path / "baseline.json", tmp_path / "now", margin=["tokens=2%"])) == ("pass", 0)


def test_a_leak_is_not_made_up_for(tmp_path: Path) -> None:
    """And a figure that no code here knows is gated as soon as both have it."""
    cell = take(Experiment.open(save(tmp_path / "x"))).snapshot.cells["haystack-parity"]

    def with_leak(*leaking: str) -> Any:
        values = {name: float(name in leaking) for name in cell.questions}
        return replace(
            cell,
            values=cell.values | {"leakage.answers": values},
            deterministic=cell.deterministic | {"leakage.answers"},
        )

    def outcome(now: Any, base: Any) -> str:
        return {check.name: check.outcome for check in exact.checks(now, base, {})}["leakage.answers"]

    assert outcome(with_leak("q001"), with_leak("q002", "q003")) == "regression"
    assert outcome(with_leak("q002"), with_leak("q002", "q003")) == "pass"


def test_a_model_that_does_not_repeat_itself_is_judged_by_statistics(tmp_path: Path) -> None:
    live = {"recipe": REMOTE, "upstream": "https://x/v1"}
    more = {"tokens": lambda backend, number: 101 + number % 2, "text": lambda backend, number: f"{GOLD} {number}"}
    result = compared(tmp_path, live | {"text": lambda backend, number: f"{GOLD} {number + 50}"}, live | more)
    assert verdict(result) == ("pass", 0)
    assert "within the margin" in of(result, "tokens.input").sentence
    assert {check.name for check in result.checks} & {"answer", "passages"} == {"passages"}


def test_a_replay_repeats_itself_and_is_what_was_recorded(tmp_path: Path) -> None:
    recorded = {"recipe": REMOTE, "upstream": "https://x/v1", "recorded": "r1"}
    result = compared(tmp_path, recorded, {"recipe": REMOTE, "recording": "r1"})
    assert verdict(result) == ("pass", 0)
    assert {check.name for check in result.checks} >= {"answer", "passages"}
    again = save(tmp_path / "again", recipe=REMOTE, recording="r2")
    result = gated(tmp_path / "baseline.json", again)
    assert verdict(result) == ("mismatch", 2) and "recording r1 in the baseline, here r2" in grid.headline(result)
    replayed = accepted(tmp_path / "replay", recipe=REMOTE, recording="r1")
    more = save(tmp_path / "more", recipe=REMOTE, recording="r1", tokens=lambda backend, number: 101)
    assert of(gated(replayed, more), "tokens.input").outcome == "regression"


# ---- infrastructure ----


def test_an_outdated_recording_is_neither_worse_nor_broken(tmp_path: Path) -> None:
    missing = {"failure": lambda backend, number: "recording_outdated" if number < 30 else None}
    replayed = {"recipe": REMOTE, "recording": "r1"}
    result = compared(tmp_path, replayed, replayed | missing)
    assert verdict(result) == ("outdated", 3)
    assert of(result, "answered").sentence.startswith("recording outdated: 30 of 40 questions need calls")
    assert len(result.checks) == 2, "a cell that broke down is not judged"
    assert of(result, "answered").sentence.endswith("record again with --record into the same file, and replay that")
    nothing = save(tmp_path / "all", **replayed, failure=lambda backend, number: "recording_outdated")
    assert not any("kept no texts" in note for note in gated(tmp_path / "baseline.json", nothing).notes)


def test_a_dead_upstream_is_infrastructure(tmp_path: Path) -> None:
    broken = {
        "failure": lambda backend, number: "connection" if number > 5 else None,
        "skip": lambda backend, number: number > 9 + (backend == "plain"),
    }
    result = compared(tmp_path, {}, broken)
    assert verdict(result) == ("infrastructure", 3)
    found = of(result, "answered")
    assert found.sentence == (
        "4 of 10 questions failed (connection 4), 1 question was not asked as often as of other backends: "
        "run the same command again"
    )


def test_a_backend_that_died_does_not_hide_what_another_lost(tmp_path: Path) -> None:
    result = compared(
        tmp_path,
        {"backends": ("plain", "haystack", "dspy")},
        {
            "backends": ("plain", "haystack", "dspy"),
            "text": wrong(*range(12)),
            "failure": lambda backend, number: "worker_died" if backend == "dspy" and number == 3 else None,
        },
    )
    assert verdict(result) == ("regression", 1)
    assert of(result, "answered", "dspy-parity").outcome == "infrastructure"
    assert "(beside it: 1 broken down)" in grid.headline(result)


def test_an_experiment_that_ended_before_its_first_answer_is_no_other_experiment(tmp_path: Path) -> None:
    result = compared(tmp_path, {}, {"skip": lambda backend, number: True})
    assert verdict(result) == ("infrastructure", 3)
    assert "no question was asked yet: run the same command again" in grid.headline(result)


def test_an_experiment_that_was_not_judged_is_not_finished(tmp_path: Path) -> None:
    result = compared(tmp_path, {}, {"judged": False})
    assert verdict(result) == ("infrastructure", 3)
    assert of(result, "answered").sentence == "40 answers are not judged yet: run the same command again"


# ---- not comparable ----


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"workload": "w2"}, "workload made is not the one that the baseline was accepted on"),
        ({"recipe": Recipe(k=3)}, "k 5 in the baseline, here 3: run with --k 5, or accept anew"),
        ({"recipe": Recipe(chunk_tokens=None)}, "chunk_tokens 200 in the baseline, here none: run with --chunk 200"),
        ({"recipe": REMOTE, "upstream": "https://x/v1"}, "run with --model local/extractive, or accept anew; upstream"),
        ({"judge": "local/extractive"}, "judge none in the baseline, here local/extractive: run without --judge"),
        ({"questions": names(30)}, "10 of the baseline's 40 questions were not asked: run with --questions 40"),
    ],
)
def test_another_experiment_is_not_compared(tmp_path: Path, changed: dict[str, Any], told: str) -> None:
    result = compared(tmp_path, {}, changed)
    assert verdict(result) == ("mismatch", 2)
    assert told in result.of("mismatch")[0].sentence
    assert {check.outcome for check in result.checks} == {"mismatch"}


def test_a_missing_backend_is_not_passed_over(tmp_path: Path) -> None:
    result = compared(tmp_path, {}, {"backends": ("plain",)})
    assert verdict(result) == ("mismatch", 2)
    assert "is in the baseline and was not run" in of(result, "comparable").sentence
    assert of(result, "answers.f1", "plain-parity").outcome == "pass"


def test_what_is_new_is_told_and_not_gated(tmp_path: Path) -> None:
    result = compared(
        tmp_path, {"questions": names(30)}, {"backends": ("plain", "haystack", "dspy"), "versions": {"faiss": "2"}}
    )
    assert verdict(result) == ("pass", 0)
    assert "dspy-parity is not in the baseline: not gated; accept anew to gate it" in result.notes
    assert "10 questions are not in the baseline: not gated; accept anew to gate them" in result.notes
    assert "faiss none -> 2" in result.notes and "haystack 1 -> none" in result.notes


def test_without_texts_the_scores_are_compared(tmp_path: Path) -> None:
    result = compared(tmp_path, {}, {"keep_text": False, "text": wrong(*range(12))})
    assert "this run kept no texts: the answers' words are not compared, their scores are" in result.notes
    assert of(result, "answers.f1").outcome == "regression"
    assert "answer" not in {check.name for check in result.checks}


@pytest.mark.parametrize(
    ("margin", "told"),
    [("F1", "give NAME=VALUE"), ("nothing=0.1", "no figure 'nothing'"), ("wall_ms=5%", "never judged")],
)
def test_a_margin_of_nothing_is_refused(tmp_path: Path, margin: str, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        compared(tmp_path, {}, {}, margin=[margin])


def test_an_experiment_without_a_run_is_refused(tmp_path: Path) -> None:
    file = accepted(tmp_path)
    with pytest.raises(BadInput, match="no backend has begun"):
        gated(file, save(tmp_path / "now", backends=()))
