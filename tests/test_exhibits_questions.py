"""From a bar to the questions behind it: counts, choices and one question side by side."""

from pathlib import Path

from saved_experiments import Asked, Done, saved

from workbench.exhibits import questions
from workbench.verdicts.failures import Case, failing

WRONG = Done(f1=0.0, contains=0.0, text="ten")


def cases(folder: Path) -> list[Case]:
    asked = [Asked("a", kind="few_words"), Asked("b"), Asked("c", answerable=False, kind="none")]
    runs = {
        ("plain", "native"): [{"a": WRONG, "b": Done(failure="deadline"), "c": WRONG}],
        ("dspy", "native"): [{"a": WRONG, "b": Done(), "c": Done(declined=True)}],
    }
    experiment = saved(folder, asked, runs)
    return [case for name in ("plain", "dspy") for case in failing(experiment, experiment.run(name, "native"))]


def test_bars_count_causes_and_carry_whose_they_are(tmp_path: Path) -> None:
    exhibit = questions.causes(cases(tmp_path), {"plain": 3, "dspy": 3}, "native", "here")
    assert exhibit.says == '4 of 6 answers are wrong; the commonest cause is "retrieved but not answered", 2 times.'
    assert [(row["Backend"], row["Failing"]) for row in exhibit.table] == [("plain", 3), ("dspy", 1)]
    bars = {bar.name: bar for bar in exhibit.figure.data}
    assert list(bars) == ["failed", "retrieved but not answered", "answered what should be declined"]
    assert [list(each) for each in bars["failed"].customdata] == [["plain", "failed"], ["dspy", "failed"]]
    assert list(bars["failed"].x) == [1, 0]


def test_where_nothing_went_wrong_there_is_no_bar() -> None:
    exhibit = questions.causes([], {"plain": 3}, "native", "here")
    assert exhibit.figure is None
    assert exhibit.says == "None of 3 answers is known to be wrong."


def test_a_choice_narrows_the_list(tmp_path: Path) -> None:
    found = cases(tmp_path)
    assert [case.question for case in questions.chosen(found, backend="plain")] == ["a", "b", "c"]
    assert [case.backend for case in questions.chosen(found, kind="few_words")] == ["plain", "dspy"]
    assert [case.question for case in questions.chosen(found, "plain", "", "failed")] == ["b"]
    assert questions.listing(found)[0] == {
        "Question": "a",
        "Asked": "What of a?",
        "Backend": "plain",
        "Tenant": "t",
        "Kind": "few words",
        "Cause": "retrieved but not answered",
    }


def test_one_question_stands_side_by_side(tmp_path: Path) -> None:
    exhibit = questions.side_by_side(questions.chosen(cases(tmp_path), kind="few_words"), "here")
    assert exhibit.says == "2 of 2 backends went wrong here (t, few words)."
    plain = exhibit.table[0]
    assert (plain["Answer"], plain["Verdict"], plain["F1"]) == ("ten", "retrieved but not answered", 0.0)
    assert (plain["Evidence in the prompt"], plain["Input tokens"], plain["ms"], plain["USD"]) == (
        "1 of 1",
        100,
        20.0,
        "0.001",
    )


def test_a_failed_one_says_how(tmp_path: Path) -> None:
    (failed,) = questions.chosen(cases(tmp_path), cause="failed")
    assert questions.side_by_side([failed], "here").table[0]["Verdict"] == "failed: deadline"
    assert questions.passages(failed) == []


def test_passages_tell_which_hold_evidence(tmp_path: Path) -> None:
    first, second = questions.passages(cases(tmp_path)[0])
    assert (first["Holds evidence"], first["In the prompt"], first["Text"]) == ("yes", "yes", "[b]Passage[/b] of a")
    assert (second["Holds evidence"], second["In the prompt"], second["Text"]) == ("no", "no", "(text not shown)")


def test_no_word_is_left_where_texts_are_hidden(tmp_path: Path) -> None:
    found = questions.without_texts(cases(tmp_path))
    told = repr([questions.listing(found), questions.passages(found[0]), questions.side_by_side(found[:1], "here")])
    assert not any(word in told for word in ("What of", "ten", "Passage"))
    assert questions.wanted(found[0]) == "(text not shown)"


def test_what_is_wanted_is_said(tmp_path: Path) -> None:
    first, _, declined = cases(tmp_path)[:3]
    assert questions.wanted(first) == "nine"
    assert questions.wanted(declined).startswith("to decline")
