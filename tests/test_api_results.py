"""Results of the front door on an experiment made by hand: frames, plain texts, tables, and what they refuse."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from conftest import type_
from saved_experiments import Asked, Done, saved

import workbench as wb

SHOWCASE = Path(__file__).parents[1] / "benchmarks" / "showcase"
QUESTIONS = [Asked(f"q{number:02}", kind="fact" if number % 2 else "list") for number in range(12)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`plain` is right everywhere; `haystack` misses q03, declines q05 wrongly, and fails on q07."""
    place = tmp_path_factory.mktemp("api") / "experiment"
    right = {one.id: Done(tokens=100) for one in QUESTIONS}
    wrong = {
        **{one.id: Done(tokens=200) for one in QUESTIONS},
        "q03": Done(f1=0.0, contains=0.0, found=False, tokens=200, text="a guess"),
        "q05": Done(f1=0.0, contains=0.0, declined=True, tokens=200),
        "q07": Done(f1=0.0, contains=0.0, failure="backend"),
    }
    made = saved(place, QUESTIONS, {("plain", "parity"): [right], ("haystack", "parity"): [wrong]})
    made.update(machine={"processor": "p", "cores": 2, "memory_gib": 4, "python": "3.11"}, prices="none")
    return place


@pytest.fixture(scope="module")
def experiment(folder: Path) -> wb.Experiment:
    return wb.open(folder)


def test_the_leaderboard_has_a_row_for_each_backend_with_intervals_and_n(experiment: wb.Experiment) -> None:
    table = experiment.df.set_index("backend")
    assert list(table.index) == ["plain", "haystack"]
    assert table.loc["plain", "right"] == 1.0 and table.loc["plain", "right_n"] == 12
    assert table.loc["haystack", "right"] == 9 / 12 and table.loc["haystack", "failed"] == 1
    assert table.loc["haystack", "right_low"] < 9 / 12 < table.loc["haystack", "right_high"]
    assert table.loc["haystack", "input_tokens"] / table.loc["plain", "input_tokens"] == pytest.approx(2, rel=0.1)


def test_every_answer_is_a_row(experiment: wb.Experiment) -> None:
    answers = experiment.answers
    assert len(answers) == 24
    missed = answers[(answers.backend == "haystack") & (answers.question == "q03")].iloc[0]
    assert (missed.cause, missed.answer, missed.gold) == ("not retrieved", "a guess", "nine")
    assert (answers.cause == "").sum() == 21


def test_failures_tell_causes_and_can_be_narrowed(experiment: wb.Experiment) -> None:
    found = wb.failures(experiment)
    assert repr(found).startswith("3 of 24 answers went wrong: ")
    assert dict(zip(found.df.question, found.df.cause, strict=True)) == {
        "q03": "not retrieved",
        "q05": "declined wrongly",
        "q07": "failed",
    }
    assert list(found.causes.failing) == [0, 3]
    assert list(wb.failures(experiment, cause="failed").df.question) == ["q07"]
    assert wb.failures(experiment, backend="plain").df.empty
    with pytest.raises(wb.BadInput, match="dspy: was not run"):
        wb.failures(experiment, backend="dspy")


def test_one_question_is_explained_over_all_backends(experiment: wb.Experiment) -> None:
    found = wb.explain(experiment, "q03")
    assert dict(zip(found.df.backend, found.df.cause, strict=True)) == {"plain": "", "haystack": "not retrieved"}
    assert found.passages.groupby("backend", sort=False).gold.any().to_dict() == {"plain": True, "haystack": False}
    assert "1 of 2 backends and tracks went wrong" in repr(found)
    with pytest.raises(wb.BadInput, match="no such question"):
        wb.explain(experiment, "q99")


def test_a_comparison_is_its_sentences_and_its_findings(folder: Path) -> None:
    found = wb.compare(folder, margins=["F1=0.02"], by="kind")
    assert repr(found) == "\n".join(found.sentences) and "haystack (parity) against plain" in repr(found)
    whole = found.df[(found.df.group == "") & (found.df.figure == "tokens")].iloc[0]
    assert (whole.outcome, whole.n) == ("worse", 11)  # of q07, which failed, nobody knows what it would have taken
    assert set(found.df.group) == {"", "fact", "list"}
    with pytest.raises(wb.BadInput, match="tenant or kind"):
        wb.compare(folder, by="colour")


@pytest.mark.parametrize(
    ("words", "make"),
    [
        (("show",), lambda folder: wb.open(folder)),
        (("compare", "--margin", "F1=0.1"), lambda folder: wb.compare(folder, margins=["F1=0.1"])),
        (("failures", "--backend", "haystack"), lambda folder: wb.failures(folder, backend="haystack")),
        (("failures", "--question", "q03"), lambda folder: wb.explain(folder, "q03")),
    ],
)
def test_printed_it_is_what_the_command_line_says(
    words: tuple[str, ...],
    make,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code, said, _ = type_(capsys, monkeypatch, words[0], str(folder), *words[1:])
    assert code == 0
    assert str(make(folder)).splitlines() == said.rstrip("\n").splitlines()


def test_a_gate_takes_what_was_accepted(folder: Path, tmp_path: Path) -> None:
    baseline = tmp_path / "base.json"
    accepted = wb.accept(folder, baseline)
    assert list(accepted.df.cell) == ["haystack-parity", "plain-parity"] and "2 backends" in repr(accepted)
    passed = wb.gate(folder, baseline)
    assert (passed.outcome, passed.exit_code) == ("pass", 0) and set(passed.df.outcome) == {"pass"}
    worse = {one.id: Done(f1=0.0, contains=0.0, text="no") for one in QUESTIONS}
    saved(tmp_path / "worse", QUESTIONS, {("plain", "parity"): [worse], ("haystack", "parity"): [worse]})
    failed = wb.gate(tmp_path / "worse", baseline)
    assert (failed.outcome, failed.exit_code) == ("regression", 1)
    assert b"<testsuite" in failed.junit() and "F1" in failed.markdown()


def test_a_plan_from_a_run(experiment: wb.Experiment) -> None:
    scenario = wb.scenario(experiment, backend="plain", model="gpt-4o-mini", users=250_000)
    assert scenario.number("demand.daily_users") == 250_000
    other = scenario.set("routing.share=0", **{"demand.queries_per_user": 2})
    assert isinstance(other, wb.Scenario) and other.number("demand.queries_per_user") == 2
    plan = wb.simulate(other, months=3, draws=200)
    assert plan.p10 < plan.p50 < plan.p90 and len(plan.df) == 3
    # 250,000 users, 2 questions on 30 days
    assert plan.bill.queries == Decimal(15_000_000)
    assert plan.figure("tornado").df.columns[0] == wb.figure(plan, "tornado").df.columns[0]
    with pytest.raises(wb.BadInput, match="name a run of it"):
        wb.scenario(experiment)
    with pytest.raises(wb.BadInput, match="choose from answer"):
        wb.figure(plan, "answers")


def test_figures_and_report(experiment: wb.Experiment, tmp_path: Path) -> None:
    there = wb.figures(experiment)
    assert {"finding", "leaderboard", "latency", "causes"} <= set(there) and "leakage" not in there
    assert there["leaderboard"].df["Backend"].tolist() == ["plain", "haystack"]
    written = wb.report(experiment, tmp_path / "deep" / "report.md").read_text()
    for name in there:
        assert f"### {there[name].title}" in written
    with pytest.raises(wb.BadInput, match="cannot be a .pdf file"):
        wb.report(experiment, tmp_path / "report.pdf")
    with pytest.raises(wb.BadInput, match="choose from finding"):
        wb.figure(experiment, "pie")


def test_what_a_notebook_keeps_is_small_and_without_script_or_style(experiment: wb.Experiment, tmp_path: Path) -> None:
    results = [experiment, wb.compare(experiment), wb.failures(experiment), wb.explain(experiment, "q03")]
    results += [wb.scenario("today"), wb.simulate("today", draws=200), wb.accept(experiment, tmp_path / "base.json")]
    for result in results:
        bundle = result._repr_mimebundle_()
        assert set(bundle) == {"text/html", "text/plain"}
        assert "<table>" in bundle["text/html"] or "<ul>" in bundle["text/html"] or "<p>" in bundle["text/html"]
        assert "<script" not in bundle["text/html"] and "<style" not in bundle["text/html"]
        assert sum(map(len, bundle.values())) < 20_000
        assert max(map(len, str(result).splitlines())) <= 100


def test_texts_cannot_write_into_a_notebook(tmp_path: Path) -> None:
    evil = Done(f1=0.0, contains=0.0, text="<img src=x onerror=alert(1)>")
    saved(tmp_path / "e", [Asked("q1")], {("plain", "parity"): [{"q1": evil}]})
    assert "<img" not in wb.explain(tmp_path / "e", "q1")._repr_html_()


def test_a_figure_is_drawn_in_jupyter_and_is_a_table_where_no_script_runs(
    experiment: wb.Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[dict] = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, raw: shown.append(bundle))
    exhibit = wb.figure(experiment, "leaderboard")
    exhibit._ipython_display_()
    words, drawn = shown
    assert exhibit.says in words["text/html"] and "<table>" not in words["text/html"]
    assert {trace["name"] for trace in drawn["application/vnd.plotly.v1+json"]["data"]} == {"plain", "haystack"}
    assert "<td" in drawn["text/html"] and "haystack" in drawn["text/plain"]
    assert len(json.dumps(shown)) < 30_000


def test_leakage_says_of_which_policy_and_track_each_sentence_is() -> None:
    both = wb.leakage(SHOWCASE / "off", SHOWCASE / "redact")
    assert [line.partition(": ")[0] for line in repr(both).split("\n")] == [
        "no policy, parity",
        "policy redact, parity",
        "no policy, native",
    ]
