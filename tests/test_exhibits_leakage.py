"""Exhibits of leakage and of policies: every value is worked out from what four questions found, sent and said."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from leakage_world import SOUND, policies, saved

from workbench.exhibits import leak_limits, leakage
from workbench.exhibits import policies as policy
from workbench.exhibits.leak_counts import can_cross, tracks
from workbench.exhibits.leak_counts import policies as policies_of
from workbench.verdicts import leaks


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return leaks.report(policies(tmp_path_factory.mktemp("policies")))


def changed(found: dict[str, Any], tenants: int = 2, **leaked: Any) -> dict[str, Any]:
    """A report with other numbers of tenants, and other figures of each run."""
    made = deepcopy(found)
    for one in made["experiments"]:
        one["workload"]["tenants"] = tenants
        for row in one["rows"]:
            row["leakage"].update(deepcopy(leaked))
    return made


# ---- channels ----


def test_channels_name_who_leaks_and_bound_what_did_not_happen(found: dict[str, Any]) -> None:
    told = leakage.channels(found, "off", "parity")
    # Wilson's interval of 3 in 4 is 0.301 to 0.954, of 1 in 4 0.046 to 0.699; of none in 4 the bound is 1 - .05 ** .25.
    assert told.says == (
        "Of the documents with planted private values, 3 of 4 [30, 95 %] (both backends) had one sent to a model, and "
        "0 of 4, at most 52.8 % (plain) to 1 of 4 [5, 70 %] (haystack) had one told to somebody who may not know it; "
        "0 of 4, at most 52.8 % (both backends) had one reach another tenant."
    )
    plain, haystack = told.table
    assert (plain["Told"], haystack["Told"]) == ("0 of 4, at most 52.8 %", "1 of 4 [5, 70 %]")
    assert haystack["Above clearance"] == "1 of 4 [5, 70 %]", "the clerk was told of a restricted card"
    assert plain["Left in files"] == "0 of 4, at most 52.8 %"
    assert "policy off" in told.source and "4 planted values in 4 documents" in told.source


def test_no_share_is_a_bare_zero(found: dict[str, Any]) -> None:
    for chosen in ("off", "redact", "reject"):
        for row in leakage.channels(found, chosen, "parity").table:
            assert all("at most" in text for name, text in row.items() if text.startswith("0 of")), row


def test_backends_that_are_alike_are_drawn_once(found: dict[str, Any]) -> None:
    assert [line.name for line in leakage.channels(found, "off", "parity").figure.data] == ["plain", "haystack"]
    (line,) = leakage.channels(found, "redact", "parity").figure.data
    assert line.name == "both backends"
    # Retrieved: card, phone, iban; sent: phone and iban.
    assert list(line.x)[:2] == [75, 50]
    zero = list(line.x).index(0)
    assert round(line.error_x.array[zero], 1) == 52.7, "the line of nothing ends at its bound"


def test_what_was_left_in_files_is_of_values_and_has_no_interval(found: dict[str, Any]) -> None:
    sinks = {"elsewhere": 0, "crossing": 0, "cache": 2, "stderr": 0, "log": 0, "spelt": 1, "files": 1, "unread": 0}
    told = leakage.channels(changed(found, sinks=sinks), "off", "parity")
    assert told.table[0]["Left in files"] == "2 of 4"
    # Ids spell one of them, so that of three a log could tell: 1 - .05 ** (1 / 3).
    assert told.table[0]["In our logs"] == "0 of 3, at most 63.2 %"
    assert any(note.startswith("Both backends: 2 planted values were left in files") for note in told.notes)


def test_with_one_tenant_nothing_is_said_to_have_stayed_apart(found: dict[str, Any]) -> None:
    alone = changed(found, tenants=1)
    told = leakage.channels(alone, "off", "parity")
    assert told.says.endswith("; with one tenant there was no other to reach.")
    assert "Crossed" not in told.table[0] and not can_cross(alone)
    assert "cross" not in policy.leaks(alone) and "cross" in policy.leaks(found)
    assert {row["What"] for row in leakage.differences(alone, "off", "parity").table} == {"leak sent", "leak told"}
    whats = [row["What"] for row in leak_limits.limits(alone, "off", "parity").table]
    assert "Leaks between tenants" in whats


def test_refused_controls_are_told_and_nothing_is_shown(tmp_path: Path) -> None:
    saved(tmp_path, {"plain": SOUND}, keep_text=False)
    blind = leaks.report([tmp_path])
    for told in (
        leakage.channels(blind, "off", "parity"),
        leakage.by_group(blind, "off", "parity", "kinds", "prompt"),
    ):
        assert told.says.startswith("leakage is not counted: --no-text keeps nothing")
        assert (list(told.table), told.figure) == ([], None)
    why = {row["What"]: row["Why"] for row in leak_limits.limits(blind, "off", "parity").table}
    assert why["An error of the search"].startswith("its controls did not pass")


# ---- groups and pairs ----


def test_groups_stand_in_the_order_of_their_leaks(found: dict[str, Any]) -> None:
    told = leakage.by_group(found, "off", "parity", "kinds", "answer")
    assert told.says.startswith("Most from card: 0 of 1, at most 95 % (plain) to 1 of 1 [21, 100 %] (haystack); least")
    first = told.table[1]
    assert (first["Kind of value"], first["Backend"], first["Documents"], first["Of"]) == ("card", "haystack", 1, 1)
    tenants = leakage.by_group(found, "off", "parity", "tenants", "prompt")
    assert [row["Tenant"] for row in tenants.table] == ["b", "b", "a", "a"], "all of b's one, two of a's three"


def test_a_group_in_which_nothing_happened_is_bounded(found: dict[str, Any]) -> None:
    told = leakage.by_group(found, "reject", "parity", "classifications", "answer")
    assert told.says.startswith("In no group did it happen; of INTERNAL, 0 of 2, at most 77.7 %")


def test_pairs_say_when_none_is_shown_to_differ(found: dict[str, Any]) -> None:
    assert leakage.differences(found, "redact", "parity").says == "All backends did the same on every question."
    told = leakage.differences(found, "off", "parity")
    assert told.says == "No two backends are shown to differ in what they leak."
    assert {(row["What"], row["p after Holm"], row["n"]) for row in told.table} >= {("leak told", "1", 4)}


def test_the_largest_difference_that_is_shown_is_told(found: dict[str, Any]) -> None:
    sure = deepcopy(found)
    (pair,) = sure["families"][0]["pairs"]
    pair["findings"]["leakage.answer"].update(
        outcome="worse", difference=0.25, interval={"low": 0.05, "high": 0.6}, p_holm=0.00004
    )
    told = leakage.differences(sure, "off", "parity")
    assert (
        told.says == "1 of 1 pairs differ; the largest is haystack / plain in leak told: +25 points [+5, +60], n = 4."
    )
    assert "4e-05" in {row["p after Holm"] for row in told.table}, "never a bare zero"


def test_one_backend_alone_is_compared_with_nobody(tmp_path: Path) -> None:
    saved(tmp_path, {"plain": SOUND})
    assert "it takes two backends" in leakage.differences(leaks.report([tmp_path]), "off", "parity").says


# ---- policies ----


def test_policies_trade_leaks_for_right_answers(found: dict[str, Any]) -> None:
    told = policy.costs(found, "parity")
    assert told.says.startswith("Questions with a value sent: no policy 3 of 4 ")
    assert "to 4 of 4 " in told.says and "right answers 75 to 100 %" in told.says
    assert told.says.endswith(", 3 of 4 not sent at all.")
    rows = {(row["Backend"], row["Policy"]): row for row in told.table}
    assert rows["plain", "reject"]["Not sent by the policy"] == "3 of 4"
    assert rows["plain", "off"]["Right answers (%)"] == 100.0
    assert "policy off, redact, reject, parity" in told.source and "Sent, against off" in told.table[0]
    plain, haystack = told.figure.data
    assert (plain.name, list(plain.text)) == ("plain", ["off", "redact", "reject"])
    # Sent, and right: worked out in test_leaks.
    assert (list(haystack.x), list(haystack.y)) == ([100, 50, 25], [75, 50, 25])
    assert list(plain.x) == [75, 50, 25]


def test_what_redaction_hides_beyond_planted_values_is_told(found: dict[str, Any]) -> None:
    counted = changed(found, redaction={"hidden": 30, "characters": 2000, "unrestored": 0})
    told = policy.costs(counted, "parity")
    assert [row["Hidden though not planted"] for row in told.table[:3]] == ["-", "30 of 2,000 characters", "-"]
    older = policy.costs(found, "parity")
    assert older.table[1]["Hidden though not planted"] == "not counted"
    assert [any("not counted by the version" in note for note in each.notes) for each in (told, older)] == [False, True]


def test_a_loss_that_is_shown_is_named_with_its_interval(found: dict[str, Any]) -> None:
    lossy = deepcopy(found)
    for family in lossy["costs"]:
        for pair in family["pairs"]:
            finding = pair["findings"]["answers.contains"]
            worse = family["policy"] == "reject" and pair["after"].startswith("plain")
            finding.update(
                difference=-0.5 if worse else 0.0,
                interval={"low": -0.8, "high": -0.1},
                outcome="worse" if worse else "no difference shown",
            )
    says = policy.costs(lossy, "parity").says
    assert "right answers 50 % (no loss shown, 0 points [-80, -10])" in says
    assert "(worse in 1 of 2 backends, -50 points [-80, -10])" in says


def test_backends_alike_under_every_policy_share_a_line(tmp_path: Path) -> None:
    for name in ("off", "redact"):
        saved(tmp_path / name, {"plain": SOUND, "haystack": SOUND}, privacy=name)
    both = leaks.report([tmp_path / "off", tmp_path / "redact"])
    assert [line.name for line in policy.costs(both, "parity").figure.data] == ["both backends"]
    assert tracks(both) == ["parity"]
    assert (policies_of(both, "parity"), policies_of(both, "native")) == (["off", "redact"], [])


# ---- what it does not show ----


def test_limits_name_the_reader_and_the_controls(found: dict[str, Any]) -> None:
    why = {row["What"]: row["Why"] for row in leak_limits.limits(found, "off", "parity").table}
    assert why["Another model than local/extractive"].startswith("it quotes the passages")
    # Six documents, four places.
    assert "in 6 documents" in why["An error of the search"] and "4 of 4" in why["An error of the search"]
    assert "Leaks between tenants" not in why
