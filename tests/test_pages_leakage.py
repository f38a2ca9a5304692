"""The page Leakage in Streamlit's own test runner: every control, the address, and ways on from nothing."""

import json
from pathlib import Path

import pytest
from attack_rows import attacked
from leakage_world import SOUND, policies, saved
from saved_experiments import Asked, Done
from saved_experiments import saved as answered
from shown_pages import app, choose, press, words

STUDY = Path(__file__).parents[1] / "benchmarks" / "results" / "isolation.json"


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """Three policies, and the study beside them."""
    policies(tmp_path)
    (tmp_path / "isolation.json").write_bytes(STUDY.read_bytes())
    return tmp_path


def test_it_shows_channels_policies_study_and_limits(world: Path) -> None:
    made = app("leakage", str(world), experiment="off")
    assert [each.value for each in made.header] == [
        "What leaks, and how",
        "What a privacy policy costs",
        "Are tenants kept apart",
        "What this does not show",
    ]
    assert [each.value for each in made.subheader] == [
        "Where planted values went, no policy, parity",
        "Sent, by kind of value, no policy, parity",
        "Who leaks more, no policy, parity",
        "What a policy costs\\: sent against right answers, parity",
        "Queries that got another tenant's passage (share), tenants of equal sizes",
        "Is a deleted document gone?",
    ]
    assert list(made.session_state["shown"]["leakage"]) == [
        "leakage-channels-off",
        "leakage-by-kinds",
        "leakage-pairs-off",
        "leakage-policies",
        "isolation-leak-per-query-equal",
        "isolation-erasure",
        "leakage-limits",
    ]


def test_each_control_moves_its_own(world: Path) -> None:
    made = app("leakage", str(world), experiment="off")
    assert "Told, by kind of value, no policy" in words(choose(made, "channel", "Told"))
    assert "Told, by classification, no policy" in words(choose(made, "group", "classification"))
    assert "told against right answers" in words(choose(made, "leak", "Told"))
    assert "told against F1" in words(choose(made, "accuracy", "F1"))
    assert "too few of their own passages" in words(choose(made, "isolation", "Too few passages"))
    assert "tenants of Zipf sizes" in words(choose(made, "sizes", "Zipf's law"))
    assert "Where planted values went, policy redact" in words(press(made, "policy", "redact"))


def test_the_address_holds_every_choice(world: Path) -> None:
    address = {
        "experiment": "off",
        "policy": "reject",
        "channel": "Retrieved",
        "group": "tenant",
        "leak": "Crossed",
        "accuracy": "F1",
        "isolation": "Recall",
        "sizes": "Zipf's law",
    }
    told = words(app("leakage", str(world), **address))
    assert "Retrieved, by tenant, policy reject, parity" in told
    assert "crossed against F1" in told
    assert "Of a private exact search's k best, found (share), tenants of Zipf sizes" in told


def test_the_policy_is_that_of_the_experiment_until_another_is_chosen(world: Path) -> None:
    made = app("leakage", str(world), experiment="redact")
    assert made.button_group(key="policy").value == "redact"
    made = choose(press(made, "policy", "reject"), "experiment", "off")
    assert made.button_group(key="policy").value == "off"


def test_without_planted_values_the_study_is_still_shown(tmp_path: Path) -> None:
    answered(tmp_path / "one", [Asked("q1")], {("plain", "parity"): [{"q1": Done()}]})
    (tmp_path / "isolation.json").write_bytes(STUDY.read_bytes())
    made = app("leakage", str(tmp_path / "one"))
    assert "nothing was counted" in made.warning[0].value
    assert made.code[0].value == "workbench run datasets/enterprise"
    assert [each.value for each in made.header] == ["Are tenants kept apart"]


def test_refused_controls_give_their_sentence_and_a_command(tmp_path: Path) -> None:
    saved(tmp_path / "one", {"plain": SOUND}, keep_text=False)
    made = app("leakage", str(tmp_path / "one"))
    assert "--no-text keeps nothing" in made.warning[0].value
    assert made.code[0].value == "workbench check WORKLOAD"
    assert "Where planted values went" not in words(made)


def test_of_policies_without_a_count_nothing_is_shown(tmp_path: Path) -> None:
    for privacy in ("off", "redact"):
        saved(tmp_path / privacy, {"plain": SOUND}, privacy=privacy, keep_text=False)
    made = app("leakage", str(tmp_path), experiment="off")
    assert "Nothing was counted under any policy." in words(made)
    assert not made.dataframe and not made.get("plotly_chart")


def test_one_policy_without_a_study_gives_two_commands(tmp_path: Path) -> None:
    saved(tmp_path / "one", {"plain": SOUND})
    made = app("leakage", str(tmp_path / "one"))
    assert [each.value for each in made.code] == [
        "workbench run WORKLOAD --track parity --privacy redact --out FOLDER",
        "workbench isolation WORKLOAD --json isolation.json",
    ]


def test_others_that_differ_in_more_are_left_out(tmp_path: Path) -> None:
    saved(tmp_path / "one", {"plain": SOUND})
    saved(tmp_path / "two", {"plain": SOUND}, privacy="redact", k=3)
    made = app("leakage", str(tmp_path), experiment="one")
    assert made.button_group(key="policy").options == ["off"]


def test_attacks_are_shown_where_they_were_tried(tmp_path: Path) -> None:
    saved(tmp_path / "one", {"plain": SOUND})
    (tmp_path / "attack.json").write_text(json.dumps(attacked()))
    made = app("leakage", str(tmp_path / "one"))
    assert "Attacks\\: another tenant's private values, parity" in words(made)
    assert "Attacks\\: the same, encoded, parity" in words(choose(made, "attack", "the same, encoded"))
    for words_of_another in ("{", '{"about": {"trials": 1}, "rows": [{}]}'):
        (tmp_path / "attack.json").write_text(words_of_another)
        made.run()
        assert not made.exception and "attack.json\\: cannot be read" in made.warning[-1].value


def test_a_broken_study_is_named(tmp_path: Path) -> None:
    saved(tmp_path / "one", {"plain": SOUND})
    (tmp_path / "isolation.json").write_text(json.dumps({"about": {}, "rows": [{}], "answers": []}))
    assert "isolation.json\\: cannot be read" in app("leakage", str(tmp_path / "one")).warning[-1].value
    (tmp_path / "isolation.json").write_text(json.dumps({"about": {}}))
    made = app("leakage", str(tmp_path / "one"))
    assert (
        "isolation.json" in made.warning[-1].value and "is no report of the isolation study" in made.warning[-1].value
    )
    assert made.header[-1].value == "What this does not show"
