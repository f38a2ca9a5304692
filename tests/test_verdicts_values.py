"""A run by question: every value worked out by hand from what was written down."""

from dataclasses import replace
from math import isnan
from pathlib import Path

import pytest
from saved_experiments import Asked, Done, saved

from workbench.records import Recipe
from workbench.runs.store import Identity
from workbench.verdicts.metrics import deterministic, metric
from workbench.verdicts.values import Key, paired, values

QUESTIONS = [Asked("q1"), Asked("q2", kind="sum", document="d2"), Asked("q3", kind="none", answerable=False)]


def test_every_figure_of_a_run_is_there_by_question(tmp_path: Path) -> None:
    runs = {
        ("plain", "parity"): [
            {
                "q1": Done(f1=0.5, contains=0.0, wall_ms=10, cpu_ms=2, tokens=100, usd="0.002"),
                "q2": Done(failure="deadline"),
                "q3": Done(declined=True),
            }
        ],
        ("haystack", "parity"): [
            {"q1": Done(cpu_ms=7, found=False), "q2": Done(cpu_ms=9), "q3": Done(f1=0, contains=0)}
        ],
    }
    found = values(saved(tmp_path, QUESTIONS, runs))
    plain, haystack = found[Key("plain", "parity")], found[Key("haystack", "parity")]
    assert plain.questions == ("q1", "q2", "q3")
    assert plain.kinds == ("fact", "sum", "none")
    assert plain.documents == ("d1", "d2", "")
    assert plain.tenants == ("t", "t", "t")
    assert plain.failures == {"q2": "deadline"}
    assert plain.of("answers.f1") == {"q1": 0.5, "q2": 0.0, "q3": 1.0}  # failed: wrong
    assert plain.of("answers.refusal_accuracy") == {"q3": 1.0}
    assert haystack.of("answers.refusal_accuracy") == {"q3": 0.0}
    assert plain.of("retrieval.recall@5") == {"q1": 1.0, "q2": 0.0}
    assert haystack.of("retrieval.recall@5") == {"q1": 0.0, "q2": 1.0}
    assert plain.of("failed") == {"q1": 0.0, "q2": 1.0, "q3": 0.0}
    assert plain.of("tokens.input") == {"q1": 100.0, "q3": 100.0}  # a failed one has no tokens of its own
    assert plain.of("tokens.output") == {"q1": 5.0, "q3": 5.0}
    assert plain.of("usd") == {"q1": 0.002, "q3": 0.001}
    assert plain.of("wall_ms") == pytest.approx({"q1": 10.0, "q3": 20.0})
    assert haystack.of("cpu_ms") == pytest.approx({"q1": 7.0, "q2": 9.0, "q3": 2.0})
    assert haystack.of("framework_cpu_ms") == pytest.approx({"q1": 5.0, "q3": 0.0})  # the control failed on q2
    assert plain.of("not.measured") == {}


def test_rounds_are_averaged_and_times_kept_by_round(tmp_path: Path) -> None:
    rounds = [
        {"q1": Done(f1=1.0, cpu_ms=2, tokens=100), "q2": Done(cpu_ms=3)},
        {"q1": Done(f1=0.0, cpu_ms=6, tokens=200), "q2": Done(failure="server")},
    ]
    cell = values(saved(tmp_path, QUESTIONS[:2], {("plain", "parity"): rounds}))[Key("plain", "parity")]
    assert cell.rounds == (1, 2)
    assert cell.of("answers.f1") == {"q1": 0.5, "q2": 0.5}
    assert cell.of("failed") == {"q1": 0.0, "q2": 0.5}
    assert cell.of("tokens.input")["q1"] == 150
    assert cell.of("cpu_ms") == pytest.approx({"q1": 4.0, "q2": 3.0})
    assert list(cell.by_round["cpu_ms"][1]) == pytest.approx([2.0, 3.0])
    assert cell.by_round["cpu_ms"][2][0] == pytest.approx(6.0)
    assert isnan(cell.by_round["cpu_ms"][2][1])


def test_what_cannot_be_told_is_not_a_number(tmp_path: Path) -> None:
    runs = {("plain", "parity"): [{"q1": Done(usd=None, in_flight=4), "q2": Done()}]}
    cell = values(saved(tmp_path, QUESTIONS[:2], runs))[Key("plain", "parity")]
    assert cell.of("usd") == {"q2": 0.001}  # unpriced is not free
    assert "q1" not in cell.of("cpu_ms")
    assert not cell.comparable
    assert cell.of("wall_ms") == pytest.approx({"q1": 20.0, "q2": 20.0})


def test_pairs_are_the_questions_that_both_have(tmp_path: Path) -> None:
    runs = {
        ("plain", "parity"): [{"q1": Done(f1=0.25), "q2": Done(f1=0.5)}],
        ("dspy", "parity"): [{"q2": Done(f1=0.75), "q3": Done()}],
    }
    found = values(saved(tmp_path, QUESTIONS, runs))
    plain, dspy = found[Key("plain", "parity")], found[Key("dspy", "parity")]
    assert paired(dspy, plain, "answers.f1") == (["q2"], [0.75], [0.5])
    assert paired(dspy, plain, "answers.f1", lambda name: name != "q2") == ([], [], [])


def test_only_embedded_models_and_recordings_repeat_themselves() -> None:
    local = Identity("h", "plain", "parity", Recipe(), "", {}, None, "", True)
    remote = replace(local, recipe=Recipe(model="gpt-4o"), upstream="https://api.example.com/v1")
    everywhere = replace(remote, recipe=Recipe(model="gpt-4o", embedding_model="text-embedding-3-small"))
    assert deterministic("answers.f1", local)
    assert not deterministic("answers.f1", remote)
    assert deterministic("retrieval.recall@5", remote)
    assert not deterministic("retrieval.recall@5", everywhere)
    assert deterministic("answers.f1", replace(everywhere, recording="r"))
    assert not deterministic("cpu_ms", replace(local, recording="r"))
    assert not deterministic("judge.faithfulness", local, "gpt-4o")


@pytest.mark.parametrize(
    ("path", "better", "scale"),
    [
        ("answers.f1", True, "score"),
        ("answers.wrongly_declined", False, "score"),
        ("judge.faithfulness", True, "score"),
        ("leakage.cross_tenant", False, "score"),
        ("tokens.output", False, "amount"),
        ("cpu_ms", False, "amount"),
        ("failed", False, "score"),
    ],
)
def test_which_direction_is_better(path: str, better: bool, scale: str) -> None:
    assert (metric(path).higher_is_better, metric(path).scale) == (better, scale)
