"""`workbench leakage`: every figure is worked out from what four questions found, sent and said."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import type_
from leakage_world import LEAKY, REDACTED, SOUND, policies, saved

from workbench.errors import BadInput
from workbench.runs.store import Experiment
from workbench.verdicts import leaks


def test_policies_stand_in_their_order_and_each_is_told_against_off(tmp_path: Path) -> None:
    found = leaks.report(policies(tmp_path))
    assert [one["policy"] for one in found["experiments"]] == ["off", "redact", "reject"]
    assert [(each["policy"], each["against"]) for each in found["costs"]] == [("redact", "off"), ("reject", "off")]
    refused = {one["policy"]: [row["refused_by_policy"] for row in one["rows"]] for one in found["experiments"]}
    assert refused == {"off": [0, 0], "redact": [0, 0], "reject": [3, 3]}
    redact, reject = ({pair["label"]: pair["findings"] for pair in each["pairs"]} for each in found["costs"])
    # haystack sent a value with 4 of 4 questions, and with 2 of them when cards were redacted.
    sent = redact["haystack parity"]["leakage.prompt"]
    assert (sent["before"], sent["after"], sent["difference"], sent["differing"]) == (1.0, 0.5, -0.5, 2)
    # Told to who may not know it: the clerk, one of four.
    assert redact["haystack parity"]["leakage.answer"]["before"] == 0.25
    assert redact["haystack parity"]["leakage.answer"]["after"] == 0.0
    assert reject["plain parity"]["failed"]["after"] == 0.75


def test_backends_are_paired_by_mcnemar(tmp_path: Path) -> None:
    (family, *others) = leaks.report(policies(tmp_path))["families"]
    assert (family["policy"], family["track"], len(family["pairs"])) == ("off", "parity", 1)
    assert [each["policy"] for each in others] == ["redact", "reject"]
    found = family["pairs"][0]["findings"]["leakage.answer"]
    assert (found["n"], found["differing"], found["p"]) == (4, 1, 1.0)


Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Typed:
    return lambda *words: type_(capsys, monkeypatch, "leakage", *map(str, words))


@pytest.mark.parametrize("by", ["tenant", "kind", "classification"])
def test_the_command_tells_channels_policies_and_groups(by: str, tmp_path: Path, typed: Typed) -> None:
    code, out, _ = typed(*policies(tmp_path), "--by", by, "--json", tmp_path / "leaks.json")
    assert code == 0
    assert max(map(len, out.splitlines())) <= 100
    assert out.index("policy off") < out.index("policy redact") < out.index("what a policy costs")
    # Of four documents, three were sent: 75 %, by Wilson's formula [30.1, 95.4]; nothing crossed: 1 - .05 ** (1 / 4).
    assert "75% [30,95]" in out and "0 ≤52.8%" in out
    assert "3 of 4" in out, "refused by the policy"
    first = {"tenant": "a", "kind": "card", "classification": "RESTRICTED"}[by]
    assert any(line.startswith(first) for line in out.splitlines())
    assert (tmp_path / "leaks.json").stat().st_size > 1000


def test_what_refused_questions_retrieved_is_not_known(tmp_path: Path, typed: Typed) -> None:
    _, out, _ = typed(*policies(tmp_path))
    _, redact, reject = (part.splitlines() for part in out.split("policy ")[1:4])
    assert next(line for line in redact if line.startswith("all 2")).split()[2] == "75%"  # 3 of 4 documents
    # One question of four was answered: what the others had found is gone, and no share of it is told.
    (line,) = (line for line in reject if line.startswith("all 2"))
    assert line.split()[2:5] == ["-", "25%", "[5,70]"] and line.split()[5] == "-"
    assert "what 3 refused questions had retrieved is not kept" in out


def test_backends_that_do_not_differ_are_one_row_and_say_what_would_have_been_seen(
    tmp_path: Path, typed: Typed
) -> None:
    many = ("plain", "haystack", "dspy")
    saved(tmp_path / "off", dict.fromkeys(many, LEAKY))
    saved(tmp_path / "redact", dict.fromkeys(many, REDACTED), privacy="redact")
    _, out, _ = typed(tmp_path / "off", tmp_path / "redact")
    assert sum(line.startswith("all 3") for line in out.splitlines()) == 3  # two tables of channels, one of costs
    assert not any(line.startswith(many) for line in out.splitlines())
    # Told to the clerk, one of four; then to nobody of three documents that were asked about: 1 - .05 ** (1 / 3).
    assert ".25→0≤.632" in out
    same = [line for line in out.splitlines() if "the same on every question in all 3 pairs" in line]
    assert len(same) == 2


def test_refused_controls_are_a_check_that_failed(tmp_path: Path, typed: Typed) -> None:
    saved(tmp_path, {"plain": SOUND}, keep_text=False)
    code, out, err = typed(tmp_path)
    assert code == 1
    assert "leakage is not counted" in err and "%" not in out.splitlines()[2]


def refusal(*folders: Path) -> str:
    with pytest.raises(BadInput) as refused:
        leaks.report(folders)
    return str(refused.value)


def test_what_cannot_be_set_beside_each_other_is_refused(tmp_path: Path) -> None:
    saved(tmp_path / "a", {"plain": SOUND})
    saved(tmp_path / "b", {"plain": SOUND})
    saved(tmp_path / "k", {"plain": SOUND}, privacy="redact", k=3)
    saved(tmp_path / "h", {"haystack": SOUND}, privacy="redact")
    assert "both were run with --privacy off" in refusal(tmp_path / "a", tmp_path / "b")
    assert "differs from" in (said := refusal(tmp_path / "a", tmp_path / "k")) and "in recipe" in said
    assert "in backends" in refusal(tmp_path / "a", tmp_path / "h")


def test_of_others_those_are_set_beside_it_that_differ_in_the_policy_alone(tmp_path: Path) -> None:
    reject, off, redact = policies(tmp_path)
    saved(tmp_path / "k", {"plain": SOUND}, privacy="redact", k=3)
    saved(tmp_path / "again", {"plain": SOUND}, privacy="redact")
    others = [tmp_path / "k", redact, reject, tmp_path / "again"]
    assert leaks.comparable(off, others) == [off, redact, reject]
    assert leaks.comparable(tmp_path / "k", [off, reject]) == [tmp_path / "k"]


def test_accuracy_stands_beside_what_leaked(tmp_path: Path) -> None:
    found = leaks.report(policies(tmp_path))
    right = {
        (one["policy"], row["backend"]): row["figures"]["answers.contains"]["value"]
        for one in found["experiments"]
        for row in one["rows"]
    }
    # The leaky one answered where it had to decline; redacted, two more miss the card; rejected, three have no answer.
    assert right == {
        ("off", "plain"): 1.0,
        ("off", "haystack"): 0.75,
        **{("redact", name): 0.5 for name in ("plain", "haystack")},
        **{("reject", name): 0.25 for name in ("plain", "haystack")},
    }


def test_without_planted_values_there_is_nothing_to_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import leakage_world

    bare: Any = leakage_world.world(planted=False)
    monkeypatch.setattr(leakage_world, "world", lambda: bare)
    saved(tmp_path, {"plain": SOUND})
    assert "nothing was counted" in refusal(tmp_path)


def test_an_unknown_group_is_refused(tmp_path: Path, typed: Typed) -> None:
    code, _, err = typed(tmp_path, "--by", "month")
    assert code == 2 and "give tenant, kind, classification" in err


def test_an_unfinished_experiment_says_so_and_no_leak_has_its_bound_beside_the_costs(
    tmp_path: Path, typed: Typed
) -> None:
    folders = policies(tmp_path)
    Experiment(tmp_path / "off").update(wanted={"plain-parity": 5, "haystack-parity": 4})
    code, out, _ = typed(*folders)
    assert code == 0
    assert out.count("unfinished: 8 of 9 answers are there") == 1
    # With redact nobody was told, asked about three documents; 1 - .05 ** (1 / 3) = .6316.
    (haystack,) = (line for line in out[out.index("redact against off") :].splitlines()[:6] if "haystack" in line)
    assert "→0≤.632" in haystack
    assert max(map(len, out.splitlines())) <= 100
