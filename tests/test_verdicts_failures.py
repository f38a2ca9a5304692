"""Why a question went wrong, told from what was stored."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from saved_experiments import Asked, Done, saved

from workbench.records import Answer, Evidence, Failure, Gold, Hit
from workbench.runs.store import Experiment
from workbench.scores.answers import Marks
from workbench.verdicts import failure_table
from workbench.verdicts.failures import Case, cause_of, failing

ONE = Gold("q", ("nine",), (Evidence("d1", ((0, 10),)),))
TWO = Gold("q", ("nine",), (Evidence("d1", ((0, 10),)), Evidence("d2", ((0, 10),))))
BLIND = Gold("q", ("nine",))
NONE = Gold("q", answerable=False)
WRONG, RIGHT = Marks(0.0, 0.0, 0.0, False), Marks(1.0, 1.0, 1.0, False)
REFUSED = Marks(0.0, 0.0, 0.0, True)


def answer(*documents: str, used: int = 2) -> Answer:
    return Answer(
        "q", "t", 1, "1-a", hits=tuple(Hit(f"{name}#0-50", name, 0, 50, 1.0) for name in documents), used=used
    )


@pytest.mark.parametrize(
    ("given", "marks", "gold", "cause"),
    [
        (Answer("q", "t", 1, "1-a", Failure("deadline", "60 s")), None, ONE, "failed"),
        (answer("x"), WRONG, ONE, "not retrieved"),
        (answer("x"), REFUSED, ONE, "not retrieved"),  # declining was right with what it was given
        (answer("x", "y", "d1"), WRONG, ONE, "not retrieved"),  # third, and two went into the prompt
        (answer("x", "d1"), WRONG, TWO, "partly retrieved"),
        (answer("x", "d1"), WRONG, ONE, "retrieved but not answered"),
        (answer("x", "d1"), REFUSED, ONE, "declined wrongly"),
        (answer("x"), WRONG, NONE, "answered what should be declined"),
        (answer("x"), Marks(1.0, 1.0, 1.0, True), NONE, ""),
        (answer("x"), WRONG, BLIND, "wrong, and no gold evidence tells why"),
        (answer("x"), REFUSED, BLIND, "declined wrongly"),
        (answer("d1"), RIGHT, ONE, ""),
        (answer("d1"), Marks(0.0, 0.1, 1.0, False), ONE, ""),  # long-winded, and the fact is there
        (answer("d1"), Marks(0.0, 0.5, 0.0, False), ONE, ""),  # half of the words: told in other words
        (answer("d1"), Marks(0.0, 0.49, 0.0, False), ONE, "retrieved but not answered"),
        (answer("d1"), Marks(0.0, 0.8, 0.5, False), ONE, "retrieved but not answered"),  # one of two parts
        (answer("x"), WRONG, None, ""),  # no gold: not scored
        (answer("x"), None, ONE, ""),  # not judged yet
    ],
)
def test_the_likely_cause(given: Answer, marks: Marks | None, gold: Gold | None, cause: str) -> None:
    assert cause_of(given, marks, gold) == cause


def world(folder: Path, **settings: Any) -> Experiment:
    questions = [Asked("a", kind="fact"), Asked("b", kind="sum"), Asked("c", answerable=False, kind="none"), Asked("d")]
    done = {
        "a": Done(f1=0.0, contains=0.0, text="ten", tokens=321, wall_ms=12),
        "b": Done(failure="deadline"),
        "c": Done(f1=0.0, contains=0.0, text="[red]nine"),
        "d": Done(text="nine"),
    }
    return saved(folder, questions, {("plain", "parity"): [done], ("dspy", "parity"): [done]}, **settings)


def cases(experiment: Experiment, *questions: str) -> list[Case]:
    return failing(experiment, experiment.run("plain", "parity"), questions)


def test_failing_questions_come_with_all_there_is_to_see(tmp_path: Path) -> None:
    wrong, failed, answered = cases(world(tmp_path))
    assert (wrong.question, wrong.cause, wrong.kind) == ("a", "retrieved but not answered", "fact")
    assert (wrong.text, wrong.gold, wrong.answer) == ("What of a?", ("nine",), "ten")
    assert (wrong.input_tokens, wrong.output_tokens) == (321, 5)
    assert wrong.wall_ms == pytest.approx(12)
    assert (wrong.usd, wrong.to_dict()["usd"]) == (Decimal("0.001"), "0.001")
    assert (wrong.evidence, wrong.evidence_used) == (1, 1)
    first, second = wrong.passages
    assert (first.passage, first.used, first.holds_evidence) == ("d1#0-50", True, True)
    assert first.text == "[b]Passage[/b] of a"
    assert (second.used, second.holds_evidence, second.text) == (False, False, None)
    assert (failed.cause, failed.failure, failed.wall_ms, failed.answer) == ("failed", "deadline", None, "it broke")
    assert (answered.cause, answered.answerable) == ("answered what should be declined", False)


def test_a_call_without_a_price_makes_the_question_unpriced(tmp_path: Path) -> None:
    done = {"a": Done(f1=0, contains=0, usd=None)}
    (case,) = cases(saved(tmp_path, [Asked("a")], {("plain", "parity"): [done]}))
    assert case.usd is None and case.to_dict()["usd"] is None


def test_a_question_is_shown_though_it_is_right(tmp_path: Path) -> None:
    (case,) = cases(world(tmp_path), "d")
    assert (case.question, case.cause, case.answer) == ("d", "", "nine")


def test_of_several_rounds_the_last_that_went_wrong_counts(tmp_path: Path) -> None:
    rounds = [{"a": Done(f1=0, contains=0, text=text)} for text in ("first", "second")] + [{"a": Done(text="third")}]
    experiment = saved(tmp_path, [Asked("a")], {("plain", "parity"): rounds})
    (case,) = cases(experiment)
    assert (case.answer, case.rounds) == ("second", 2)
    (case,) = cases(experiment, "a")
    assert case.answer == "second"


def text_of(lines: Any) -> str:
    return "\n".join(str(line) for line in lines)


def test_after_a_purge_the_rest_is_shown(tmp_path: Path) -> None:
    experiment = world(tmp_path)
    experiment.purge()
    found = cases(experiment)
    assert [case.cause for case in found] == [
        "retrieved but not answered",
        "failed",
        "answered what should be declined",
    ]
    assert found[0].text is None and found[0].answer is None and found[0].passages[0].text is None
    assert "questions and gold answers, answers, passages are not in" in text_of(failure_table.texts_note(found, "DIR"))
    assert "gold    (text gone)" in text_of(failure_table.body(found))


def test_without_texts_kept_the_questions_alone_are_there(tmp_path: Path) -> None:
    found = cases(world(tmp_path, keep_text=False))
    assert found[0].text == "What of a?"
    assert "texts of answers, passages are not in" in text_of(failure_table.texts_note(found, "DIR"))


def test_nothing_is_said_to_be_gone_where_all_is_there(tmp_path: Path) -> None:
    found = [case for case in cases(world(tmp_path)) if case.cause == "failed"]
    assert text_of(failure_table.texts_note(found, "DIR")) == ""


def test_what_documents_and_models_say_cannot_steer_the_terminal(tmp_path: Path) -> None:
    done = {"a": Done(f1=0, contains=0, text="\x1b[2Jgone\n[red]alarm[/red]")}
    found = cases(saved(tmp_path, [Asked("a")], {("plain", "parity"): [done]}))
    shown = text_of(failure_table.body(found))
    assert "\x1b" not in shown
    assert r"\[red]alarm\[/red]" in shown
    assert r"\[b]Passage\[/b] of a" in shown
