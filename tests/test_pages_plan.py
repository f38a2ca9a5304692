"""The page Plan in Streamlit's own test runner: every control, addresses, files, and tokens of a saved run."""

from pathlib import Path

import pytest
from saved_experiments import Asked, Done, saved
from streamlit.testing.v1 import AppTest

from workbench.planning import Scenario, files


def script(words: tuple[str, ...]) -> None:
    from workbench.pages import opened, plan, show

    opened.offer(words)
    show.begin("Plan")
    plan.page()


def app(*words: str, **address: str | list[str]) -> AppTest:
    made = AppTest.from_function(script, args=(words,), default_timeout=60)
    for key, value in address.items():
        made.query_params[key] = value
    return good(made.run())


def good(made: AppTest) -> AppTest:
    assert not made.exception, made.exception
    return made


def cost(made: AppTest) -> str:
    return str(made.metric[0].value)


def words(made: AppTest) -> str:
    parts = (*made.markdown, *made.caption, *made.header, *made.warning, *made.info, *made.error)
    return "\n".join(each.value for each in parts).replace("\\", "")


def world(folder: Path) -> str:
    questions = [Asked(f"q{place}") for place in range(4)]
    runs = {("plain", "parity"): [{one.id: Done(tokens=300 + place) for place, one in enumerate(questions)}]}
    saved(folder / "one", questions, runs)
    return str(folder / "one")


# ---- the question that the page must answer ----


def test_users_and_cache_are_the_first_controls_and_the_answer_stands_beside() -> None:
    made = app()
    assert (made.number_input[0].label, made.slider[0].label) == (
        "People who use it each day", "Answers served from a cache (%)",
    )  # fmt: skip
    # 9 million questions of 800 x 4 + 400 x 20 USD per million, and 6,500.
    assert cost(made) == "107,300 USD"
    good(made.number_input(key="users").set_value(250_000).run())
    good(made.slider(key="cache").set_value(20.0).run())
    # 22.5 million of them, four fifths paid, and 6,500.
    assert cost(made) == "208,100 USD"
    told = words(made)
    for part in ("0.83 USD", "293,900 USD below", "50,400 USD", "19.5 % of 258,500 USD", "none assumed"):
        assert part in told


def test_an_address_is_a_scenario() -> None:
    assert cost(app(users="250000", cache="20")) == "208,100 USD"
    # 864,000 + 6,500 at GPT-4's price, which nobody can buy any more.
    made = app(users="250000", cache="20", scenario="reference")
    assert cost(made) == "870,500 USD"
    assert any("retired" in each.value for each in made.warning)


# ---- controls ----


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        # By hand, on 9 million questions: 28,800 of input and 72,000 of output at 4 / 20 USD, 6,500 for the rest.
        ("queries", 6.0, "208,100 USD"),
        ("prompt", 50.0, "92,900 USD"),
        ("answer", 50.0, "71,300 USD"),
        ("batch", 50.0, "82,100 USD"),
        ("prefix", 50.0, "107,300 USD"),
        # Half of it at 0.1 / 0.5 USD, which is a fortieth.
        ("route", 50.0, "58,160 USD"),
    ],
)
def test_each_lever_changes_the_answer(key: str, value: float, told: str) -> None:
    made = app()
    control = made.number_input(key=key) if key == "queries" else made.slider(key=key)
    assert cost(good(control.set_value(value).run())) == told


def test_wrong_answers_are_counted_beside_the_cache() -> None:
    made = app(cache="30", wrong="3.8")
    assert "102,600 a month" in words(made)


def test_each_lever_has_its_evidence_and_where_its_value_is_from() -> None:
    made = app(scenario="optimised")
    told = words(made)
    assert "Questions sent to the cheap model: assumption: the reference document's 20 to 40 %, 20 % to 40 %" in told
    assert "The document claims 20-40 %. Published: RouteLLM" in told
    good(made.slider(key="route").set_value(50.0).run())
    assert "Questions sent to the cheap model: set by hand. The document" in words(made)


def test_the_budget_can_be_set_and_taken_away() -> None:
    made = app()
    good(made.number_input(key="budget").set_value(100_000.0).run())
    assert "7,300 USD over" in words(made)
    good(made.number_input(key="budget").set_value(0.0).run())
    assert "no budget" in words(made)


def test_another_scenario_brings_its_levers_and_keeps_the_demand() -> None:
    made = app(users="250000", cache="55")
    good(made.selectbox(key="scenario").select("optimised").run())
    assert (made.slider(key="cache").value, made.number_input(key="users").value) == (20.0, 250_000)
    assert made.slider(key="route").value == 30.0
    good(made.selectbox(key="scenario").select("today").run())
    assert (made.slider(key="cache").value, cost(made)) == (0.0, "258,500 USD")


def test_months_and_rollout_reach_the_figures() -> None:
    made = app(show="Months", scenario="reference")
    good(made.number_input(key="months").set_value(4).run())
    good(made.selectbox(key="rollout").select("10-25-50-100").run())
    assert "4 months cost 825,200 USD together" in words(made)


def test_any_other_input_can_be_chosen_and_a_wrong_value_gets_a_sentence() -> None:
    made = app()
    good(made.multiselect(key="more").set_value(["tokens.output"]).run())
    field = made.text_input(key="tokens.output")
    assert field.value == "400"
    assert cost(good(field.set_value("200").run())) == "71,300 USD"
    good(made.text_input(key="tokens.output").set_value("many").run())
    assert [each.value.replace("\\", "") for each in made.error] == ["tokens.output=many: give 0 to 10000000"]
    assert cost(app(more=["tokens.output"], **{"tokens.output": "200"})) == "71,300 USD"


def test_a_model_without_a_price_is_said_in_words() -> None:
    made = app(more=["prices.model"], **{"prices.model": "nobody-knows-it"})
    assert cost(made) == "unpriced"
    assert "nobody-knows-it is unpriced" in words(made)


# ---- sections ----


@pytest.mark.parametrize(
    ("section", "titles"),
    [
        ("Scenarios", ["Scenarios side by side"]),
        ("Levers", ["What each lever takes off"]),
        ("Months", ["Cost month by month", "Rollout"]),
        ("Risk", ["What moves the cost most"]),
        ("Load", ["Machines by hour of a weekday"]),
        ("Tenants", ["What each tenant owes"]),
        ("Document check", ["Document check"]),
    ],
)
def test_each_section_shows_its_own_and_nothing_else(section: str, titles: list[str]) -> None:
    assert [each.value for each in app(show=section, scenario="optimised").header] == titles


def test_all_sections_stand_on_one_page_to_print() -> None:
    made = app(show="All, to print", scenario="optimised")
    assert len(made.header) == 8
    assert [each for each in made.session_state["shown"]["Plan"]][0] == "answer"
    assert len(made.session_state["shown"]["Plan"]) == 9


def test_scenarios_side_by_side_share_the_demand() -> None:
    told = words(app(users="250000", cache="20"))
    # GPT-4: 1,080,000 + 6,500.
    assert "to 1,086,500 USD (Reference (GPT-4))" in told


# ---- files ----


def test_a_file_brings_its_own_scenario() -> None:
    text = Scenario.load("reference").set("users=1000", "cache.hit_rate=50%", "control.budget=3000").to_toml()
    made = app()
    good(made.file_uploader(key="upload").upload("mine.toml", text.encode(), "application/toml").run())
    assert made.selectbox(key="scenario").value == "own"
    assert (made.number_input(key="users").value, made.slider(key="cache").value) == (1000, 50.0)
    # 4,320 at half, and 6,500.
    assert cost(made) == "8,660 USD"
    assert "5,660 USD over" in words(made)


def load(made: AppTest, *settings: str) -> AppTest:
    text = Scenario.load("reference").set(*settings).to_toml()
    return good(made.file_uploader(key="upload").upload("mine.toml", text.encode(), "application/toml").run())


def test_an_input_that_nobody_touched_follows_the_scenario(tmp_path: Path) -> None:
    made = app(world(tmp_path))
    good(made.multiselect(key="more").set_value(["tokens.output", "demand.days"]).run())
    load(made, "tokens.output=900")
    # 9 million questions of 800 x 30 + 900 x 60 USD per million, and 6,500.
    assert (made.text_input(key="tokens.output").value, cost(made)) == ("900", "708,500 USD")
    good(made.text_input(key="tokens.output").set_value("400").run())
    assert cost(load(made, "tokens.output=800")) == "438,500 USD"
    # What a run measured stands where it was not set by hand, and comes back when it is taken away.
    other = app(world(tmp_path / "other"), more=["tokens.output"])
    assert other.text_input(key="tokens.output").value == "400"
    good(other.selectbox(key="measured").select("plain-parity").run())
    assert other.text_input(key="tokens.output").value != "400"
    assert "tokens measured in" in words(other)
    good(other.selectbox(key="measured").select("as in the scenario").run())
    assert (other.text_input(key="tokens.output").value, cost(other)) == ("400", "107,300 USD")


def test_a_part_of_a_user_in_a_file_stays() -> None:
    made = load(app(), "users=1000.5")
    # 90,045 questions of 0.048 USD, and 6,500.
    assert (made.number_input(key="users").value, cost(made)) == (1000.5, "10,822 USD")


def test_the_address_is_no_scenario_where_a_file_is(tmp_path: Path) -> None:
    assert "The address of this page holds the scenario too" in words(app())
    assert "and not the file: to share it, save it" in words(load(app()))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"users = [", "the file: not TOML"),
        (b"users = " + b"9" * 5000, "the file: not TOML"),
        (b"[demand]\ndaily_userz = 5", "the file: demand.daily_userz: no such input"),
        (b"schema = 99", "the file: schema 99 is newer than 1"),
        (b"\xff\xfe\x00", "the file: not UTF-8"),
    ],
)
def test_a_wrong_file_gets_one_sentence_and_changes_nothing(content: bytes, sentence: str) -> None:
    made = app()
    good(made.file_uploader(key="upload").upload("mine.toml", content, "application/toml").run())
    assert len(made.error) == 1
    assert made.error[0].value.replace("\\", "").startswith(sentence)
    assert (made.selectbox(key="scenario").value, cost(made)) == ("today", "107,300 USD")


def test_what_is_saved_is_what_is_on_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    import streamlit

    made = []
    monkeypatch.setattr(streamlit, "download_button", lambda label, data, *rest, **more: made.append(data))
    app(users="250000", cache="20")
    read = files.parse(made[-1]())
    assert (read.number("demand.daily_users"), float(read.number("response_cache.hit_rate"))) == (250_000, 0.2)


def test_without_its_file_the_own_scenario_says_how_to_load_one() -> None:
    assert "Load your file" in words(app(scenario="own"))


# ---- measured ----


def test_a_plan_can_start_from_a_runs_tokens(tmp_path: Path) -> None:
    made = app(world(tmp_path))
    picker = made.selectbox(key="measured")
    assert picker.options == ["as in the scenario", "plain-parity"]
    good(picker.select("plain-parity").run())
    told = words(made)
    assert "n = 4" in told
    assert "tokens measured in" in told and cost(made) != "107,300 USD"


def test_without_an_experiment_there_is_still_a_plan(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert cost(app(str(tmp_path / "empty"))) == "107,300 USD"


def test_the_name_of_a_workload_is_no_markup_in_a_help(tmp_path: Path) -> None:
    folder = world(tmp_path)
    from workbench.runs.store import Experiment

    one = Experiment.open(Path(folder))
    one.update(workload={**one.about()["workload"], "name": "![a](http://b.example/c)"})
    assert r"of !\[a\](http\://b.example/c), 2026" in app(folder).selectbox(key="measured").proto.help
