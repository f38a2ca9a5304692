"""Which experiments the app offers, what it says of those that cannot be opened, and who may see it."""

import json
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest
import streamlit as st
from saved_experiments import Asked, Done, saved
from streamlit.testing.v1 import AppTest

from workbench.exhibits.exhibit import Exhibit
from workbench.pages import opened, show
from workbench.runs.store import SCHEMA

QUESTIONS = [Asked("q1"), Asked("q2")]
RUNS = {("plain", "parity"): [{"q1": Done(), "q2": Done(f1=0.0, contains=0.0)}]}


def app(*arguments: str | Path, url: str = "", page: str = "") -> AppTest:
    """The app as a visitor of this address finds it."""

    def script(words: list[str], page: str) -> None:
        from workbench.pages import opened, script, sign_in

        if not page:
            script.main(words)
        elif sign_in.passed(words):
            opened.offer(words)
            one = opened.current()
            if one is not None:
                import streamlit as st

                st.text(f"{one.name}|{one.title}|{len(opened.report(one)['backends'])}|{opened.texts_shown(one)}")

    test = AppTest.from_function(script, args=([str(each) for each in arguments], page), default_timeout=60)
    if url:
        test.query_params["experiment"] = url
    return test.run()


def said(test: AppTest) -> str:
    assert not test.exception
    return " ".join(each.value for kind in (test.warning, test.info, test.error) for each in kind)


def test_a_folder_that_is_one_and_one_that_holds_several_newest_first(tmp_path: Path) -> None:
    for place, time in (("a", 1), ("b", 3), ("c", 2)):
        saved(tmp_path / "runs" / place, QUESTIONS, RUNS)
        path = tmp_path / "runs" / place / "experiment.json"
        __import__("os").utime(path, (time, time))
    saved(tmp_path / "other" / "a", QUESTIONS, RUNS)
    (tmp_path / "runs" / "notes").mkdir()
    assert opened.find([tmp_path / "runs", tmp_path / "other" / "a"]) == {
        "b": tmp_path / "runs" / "b",
        "c": tmp_path / "runs" / "c",
        "a": tmp_path / "runs" / "a",
        "a-2": tmp_path / "other" / "a",
    }


def test_without_folders_the_shipped_ones_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved(tmp_path / "runs" / "mine", QUESTIONS, RUNS)
    monkeypatch.chdir(tmp_path)
    assert list(opened.find([])) == ["showcase", "showcase-redact", "showcase-reject", "mine"]


def test_the_address_names_an_experiment_and_never_a_path(tmp_path: Path) -> None:
    for name in ("one", "two"):
        saved(tmp_path / name, QUESTIONS, RUNS)
    (tmp_path / "two" / "texts" / "questions.jsonl").unlink()
    both = (tmp_path / "one", tmp_path / "two")
    assert app(*both, page="x").text[0].value == "one|w, 2026-11-01|1|True"
    assert app(*both, url="two", page="x").text[0].value == "two|w, 2026-11-01|1|False"
    assert app(*both, "--hide-texts", page="x").text[0].value == "one|w, 2026-11-01|1|False"
    secret = tmp_path / "secret"
    saved(secret, QUESTIONS, RUNS)
    for path in (str(secret), "../secret", "secret"):
        test = app(*both, url=path, page="x")
        assert test.selectbox[0].options == ["one", "two"] and test.text[0].value.startswith("one|")


def empty(folder: Path) -> None:
    (folder / "experiment.json").unlink()


def broken(folder: Path) -> None:
    (folder / "experiment.json").write_text('{"schema": 1, "work')


def foreign(folder: Path) -> None:
    (folder / "experiment.json").write_text('{"schema": 1, "name": "of something else"}')


def future(folder: Path) -> None:
    path = folder / "experiment.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "schema": SCHEMA + 1}))


def truncated(folder: Path) -> None:
    path = folder / "runs" / "plain-parity" / "answers.jsonl"
    path.write_bytes(path.read_bytes()[9:])


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (empty, "no experiment.json there"),
        (broken, "experiment.json"),
        (foreign, "'workload' is missing"),
        (future, f"schema {SCHEMA + 1} is newer"),
        (truncated, "answers.jsonl:1"),
    ],
)
def test_what_cannot_be_opened_gets_a_sentence_and_a_way_on(tmp_path: Path, harm: Any, sentence: str) -> None:
    saved(tmp_path / "bad", QUESTIONS, RUNS)
    saved(tmp_path / "good", QUESTIONS, RUNS)
    harm(tmp_path / "bad")
    both = (tmp_path / "bad", tmp_path / "good")
    test = app(*both)
    assert sentence in said(test).replace("\\", "")
    assert any("Choose another experiment" in each.value for each in test.markdown)
    assert not said(app(*both, url="good"))


def test_one_that_is_being_written_is_shown_and_named_so(tmp_path: Path) -> None:
    experiment = saved(tmp_path / "one", QUESTIONS, RUNS)
    experiment.update(estimate={"cells": {}})
    test = app(tmp_path / "one", page="x")
    assert "so far" in said(test) and test.text[0].value.startswith("one|")
    with (tmp_path / "one" / "runs" / "plain-parity" / "answers.jsonl").open("ab") as file:
        file.write(b'{"question": "q3", "rou')  # a line on its way
    assert test.run().text[0].value.startswith("one|")
    experiment.update(actual={"seconds": 1.0})
    assert not said(test.run())


def test_a_report_is_read_once_until_a_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []
    monkeypatch.setattr(opened.comparison, "report", lambda one: read.append(one.folder) or {"backends": {}})
    saved(tmp_path / "one", QUESTIONS, RUNS)
    test = app(tmp_path / "one", page="x").run()
    assert len(read) == 1
    (tmp_path / "one" / "questions.jsonl").touch()
    test.run()
    assert len(read) == 2


def exhibit(name: str, says: str) -> Exhibit:
    return Exhibit(name, "Title", says, [{"a": 1}], "here", go.Figure(go.Bar(y=[1])), ("note",))


def test_words_of_an_experiment_are_shown_as_they_are() -> None:
    assert show.plain("USD $5 to $6 :red[x] ![a](http://b) <b>") == (
        r"USD \$5 to \$6 \:red\[x\] !\[a\](http\://b) &lt;b&gt;"
    )


def test_a_table_that_is_taken_away_starts_no_formula() -> None:
    def script() -> None:
        from workbench.pages import show

        words = ('=HYPERLINK("http://x.example")', " +1+cmd|x", "-", "-13 points [-29, -2]: better", "a\nb", "'tis")
        show.table([{"Answer": each, "n": -1} for each in words], "t")

    frame = AppTest.from_function(script, default_timeout=60).run().dataframe[0].value
    assert list(frame["Answer"]) == [
        '\'=HYPERLINK("http://x.example")', "' +1+cmd|x", "-", "-13 points [-29, -2]: better", "a\nb", "'tis",
    ]  # fmt: skip
    assert set(frame["n"]) == {-1}


def test_the_report_holds_what_was_shown_and_forgets_another_experiment() -> None:
    def script(steps: list[str]) -> None:
        import streamlit as st
        from test_app_shell import exhibit

        from workbench.pages import show

        show.begin("Compare")
        show.show(exhibit("one", "says one"))
        show.show(exhibit("one", "says two"), key="again")
        show.begin("Plan")
        if "forget" in steps:
            show.forget()
        st.text({page: [one.says for one in there] for page, there in show.shown().items()})

    test = AppTest.from_function(script, args=([],), default_timeout=60).run()
    assert test.text[0].value == "{'Compare': ['says one', 'says two']}"
    assert [each.value for each in test.header] == ["Title", "Title"]
    assert AppTest.from_function(script, args=(["forget"],), default_timeout=60).run().text[0].value == "{}"


# ---- signing in ----


class User(dict[str, Any]):
    """What `st.user` is once a provider has spoken."""


def test_nobody_sees_a_page_before_signing_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved(tmp_path / "one", QUESTIONS, RUNS)
    asked: list[str | None] = []
    monkeypatch.setattr(st, "login", asked.append)
    section = {"client_id": "a", "client_secret": "b", "server_metadata_url": "https://id.example/x"}
    for auth, button, provider in (
        ({"redirect_uri": "r", "cookie_secret": "c", **section}, "Sign in", None),
        (
            {"redirect_uri": "r", "cookie_secret": "c", "work": section, "half": {"client_id": "a"}},
            "Sign in with work",
            "work",
        ),
    ):
        monkeypatch.setattr(st, "secrets", {"auth": auth})
        test = app(tmp_path / "one", "--sign-in")
        assert [each.label for each in test.button] == [button]
        assert not test.selectbox and not said(test) and "one" not in str(test.main)
        test.button[0].click().run()
        assert asked.pop() == provider


def test_who_has_signed_in_sees_the_pages_and_can_leave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved(tmp_path / "one", QUESTIONS, RUNS)
    left: list[bool] = []
    monkeypatch.setattr(st, "user", User(is_logged_in=True, name="Ada"))
    monkeypatch.setattr(st, "logout", lambda: left.append(True))
    test = app(tmp_path / "one", "--sign-in", page="x")
    assert test.text[0].value.startswith("one|") and "Signed in as Ada" in test.sidebar.caption[0].value
    test.sidebar.button[0].click().run()
    assert left == [True]


def test_sign_in_without_secrets_shows_nothing(tmp_path: Path) -> None:
    saved(tmp_path / "one", QUESTIONS, RUNS)
    test = app(tmp_path / "one", "--sign-in")
    assert "Nobody can sign in" in said(test) and not test.selectbox and not test.button


def test_who_begins_with_the_report_gets_the_overview_and_may_leave_it_out(tmp_path: Path) -> None:
    def script(folder: str) -> None:
        from workbench.pages import opened, report, show

        opened.offer([folder])
        show.begin("Report")
        report.page()

    saved(tmp_path / "one", QUESTIONS, RUNS)
    test = AppTest.from_function(script, args=(str(tmp_path / "one"),), default_timeout=60).run()
    assert not test.exception and [each.value for each in test.header] == ["Overview"]
    assert [each.proto.label for each in test.get("download_button")] == ["Web page", "Excel", "Markdown"]
    test.button_group(key="parts").set_value([]).run()
    assert "Choose a part" in said(test) and not test.get("download_button")


def test_a_word_that_is_no_option_opens_nothing(tmp_path: Path) -> None:
    saved(tmp_path / "one", QUESTIONS, RUNS)
    for word in ("--hide-text", "--signin"):
        test = app(tmp_path / "one", word)
        assert said(test).replace("\\", "").startswith(f"{word}: no such option") and not test.selectbox


@pytest.mark.parametrize("name", ["tenants", "documents", "questions"])
def test_files_that_lack_something_get_a_sentence(tmp_path: Path, name: str) -> None:
    experiment = saved(tmp_path / "one", QUESTIONS, RUNS)
    workload = dict(experiment.about()["workload"])
    del workload[name]
    experiment.update(workload=workload)
    test = app(tmp_path / "one")
    assert f"KeyError: '{name}'" in said(test).replace("\\", "")
    assert any("Choose another experiment" in each.value for each in test.markdown)


def test_texts_that_were_purged_leave_the_report_too(tmp_path: Path) -> None:
    def script(folder: str) -> None:
        import streamlit as st

        from workbench.pages import compare, opened, report, show

        opened.offer([folder])
        on = st.session_state.get("on", "Compare")
        show.begin(on)
        (compare if on == "Compare" else report).page()

    experiment = saved(tmp_path / "one", QUESTIONS, RUNS)
    test = AppTest.from_function(script, args=(str(tmp_path / "one"),), default_timeout=60)
    test.query_params["part"] = "Questions"
    test.run()
    test.session_state["on"] = "Report"
    assert "What of q2?" in " ".join(each.value for each in test.run().markdown)
    experiment.purge()
    assert "What of q2?" not in " ".join(each.value for each in test.run().markdown)
    assert not test.exception and [each.value for each in test.header] == ["Overview"]


def test_who_signed_in_is_named_in_plain_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved(tmp_path / "one", QUESTIONS, RUNS)
    monkeypatch.setattr(st, "user", User(is_logged_in=True, name="![a](http://b.example/c)"))
    test = app(tmp_path / "one", "--sign-in", page="x")
    assert test.sidebar.caption[0].value == r"Signed in as !\[a\](http\://b.example/c)"
