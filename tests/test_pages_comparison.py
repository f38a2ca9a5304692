"""The pages Overview and Compare in Streamlit's own test runner: every control, and what is hidden stays hidden."""

from pathlib import Path
from typing import Any

import pytest
from saved_experiments import Asked, Done, saved
from shown_pages import app, choose, press, words

WRONG = Done(f1=0.0, contains=0.0, text="wrongly said")


def world(folder: Path, **settings: Any) -> Path:
    questions = [Asked(f"q{place:02}", kind="fact" if place % 2 else "few_words") for place in range(10)]
    half = {one.id: Done(tokens=300) if place < 5 else WRONG for place, one in enumerate(questions)}
    most = {one.id: Done() if place < 9 else Done(failure="deadline") for place, one in enumerate(questions)}
    runs = {
        ("plain", "parity"): [half],
        ("dspy", "parity"): [half],
        ("plain", "native"): [half],
        ("dspy", "native"): [most],
    }
    saved(folder / "one", questions, runs, **settings)
    return folder / "one"


# ---- Overview ----


def test_the_overview_tells_finding_figures_and_what_it_stands_on(tmp_path: Path) -> None:
    made = app("overview", str(world(tmp_path)))
    told = words(made)
    assert "both score the same in everything on all 10 questions" in told
    assert [each.value for each in made.metric] == ["50 %", "20 ms", "1.00 USD", "not measured"]
    assert "Your tenants' own documents and questions" in told
    assert "What was compared on what" in told
    assert len(made.get("page_link")) == 3 + 4  # in the guide and at the end


def test_the_figures_follow_the_track(tmp_path: Path) -> None:
    made = press(app("overview", str(world(tmp_path))), "track", "native")
    assert made.metric[0].value == "50 to 90 %"


def test_the_first_visit_is_guided_until_it_is_dismissed(tmp_path: Path) -> None:
    made = app("overview", str(world(tmp_path)))
    assert "New here?" in words(made)
    made.button(key="guide-hide").click().run()
    assert not made.exception
    assert "New here?" not in words(made)


@pytest.mark.parametrize("name", ["overview", "compare"])
def test_an_empty_folder_gives_a_sentence_and_a_way_on(tmp_path: Path, name: str) -> None:
    made = app(name, str(tmp_path))
    assert "no experiment.json there" in made.warning[0].value
    assert not made.metric


# ---- Compare ----


def compare(folder: Path, part: str, *options: str) -> Any:
    return app("compare", str(folder), *options, part=part)


def test_compare_shows_every_exhibit(tmp_path: Path) -> None:
    made = compare(world(tmp_path), "All, to print")
    titles = [each.value for each in made.subheader]
    assert titles[:5] == [
        "Right answers, parity",
        "Right answers against USD, parity",
        "Where the time goes, parity",
        "Right answers by kind of question, parity",
        "Questions that went wrong, parity",
    ]


def test_one_part_is_open_and_an_address_of_questions_opens_theirs(tmp_path: Path) -> None:
    folder = str(world(tmp_path))
    assert [each.value for each in app("compare", folder).subheader] == ["Right answers, parity"]
    led = app("compare", folder, track="native", cause="failed")
    assert "1 of 6 wrong answers" in words(led)
    assert led.subheader[0].value == "Questions that went wrong, native"


def test_each_control_of_the_exhibits_moves_its_own(tmp_path: Path) -> None:
    made = compare(world(tmp_path), "All, to print")
    assert "F1, parity" in words(choose(made, "score", "F1"))
    assert "Right answers against input tokens, parity" in words(choose(made, "cost", "tokens"))
    assert "Right answers by tenant, parity" in words(choose(made, "by", "tenant"))
    assert "Evidence in the first 5 passages by tenant, parity" in words(choose(made, "group-score", "recall@5"))
    assert "F1, native" in words(press(made, "track", "native"))


def test_from_a_cause_to_the_question_with_all_answers(tmp_path: Path) -> None:
    made = press(compare(world(tmp_path), "Questions"), "track", "native")
    assert "6 of 6 wrong answers" in words(made)
    choose(made, "backend", "dspy")
    assert "1 of 6 wrong answers" in words(made)
    choose(made, "cause", "failed")
    assert "Question q09" in words(made)
    answers = next(frame.value for frame in made.dataframe if "Verdict" in frame.value.columns)
    assert list(answers["Backend"]) == ["plain", "dspy"]
    assert list(answers["Answer"]) == ["wrongly said", "it broke"]
    assert list(answers["USD"]) == ["0.001", "0.001"]


def test_a_kind_and_a_question_can_be_chosen(tmp_path: Path) -> None:
    made = press(compare(world(tmp_path), "Questions"), "track", "native")
    choose(made, "kind", "few_words")
    assert "2 of 6 wrong answers" in words(made)
    choose(made, "question", "q08")
    assert "Question q08" in words(made)
    assert "What of q08?" in words(made)


def test_a_choice_that_the_other_track_lacks_is_dropped(tmp_path: Path) -> None:
    made = press(compare(world(tmp_path), "Questions"), "track", "native")
    choose(made, "cause", "failed")
    press(made, "track", "parity")
    assert made.selectbox(key="cause").value == "all"


def test_a_choice_of_nothing_says_so(tmp_path: Path) -> None:
    made = press(compare(world(tmp_path), "Questions"), "track", "native")
    choose(made, "backend", "plain")
    choose(made, "cause", "failed")
    assert "0 of 6 wrong answers" in words(made)
    assert "Question" not in [each.value.split()[0] for each in made.subheader[1:]]


@pytest.mark.parametrize("how", ["hidden", "purged"])
def test_texts_are_shown_only_where_they_may_be(tmp_path: Path, how: str) -> None:
    folder = world(tmp_path)
    if how == "purged":
        from workbench.runs.store import Experiment

        Experiment.open(folder).purge()
    made = compare(folder, "Questions", *(["--hide-texts"] if how == "hidden" else []))
    told = words(made) + "".join(frame.value.to_string() for frame in made.dataframe)
    assert "(text not shown)" in told
    assert not any(word in told for word in ("What of", "wrongly said", "Passage[/b]", "nine"))
    assert all("What of" not in option for box in made.selectbox for option in box.options)


def test_one_backend_alone_is_shown_without_a_frontier(tmp_path: Path) -> None:
    saved(tmp_path, [Asked("a"), Asked("b")], {("plain", "native"): [{"a": Done(), "b": WRONG}]})
    assert "there is nothing to choose" in words(compare(tmp_path, "Cost"))
    assert "one alone shows no difference" in words(app("overview", str(tmp_path)))


def test_a_track_without_an_answer_gives_a_sentence(tmp_path: Path) -> None:
    runs = {("plain", "parity"): [{}], ("plain", "native"): [{"a": Done()}]}
    saved(tmp_path, [Asked("a")], runs)
    assert "On this track no question was answered yet" in words(app("compare", str(tmp_path)))
    told = words(app("overview", str(tmp_path)))
    assert "On the same passages and prompt no question was answered yet; on their own defaults only plain" in told
    assert "Unfinished (parity)" in told
