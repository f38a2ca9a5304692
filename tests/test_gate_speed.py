"""Speed is the ratio of interleaved CPU times, confirmed by every round; a slow machine is no slow backend."""

from pathlib import Path
from typing import Any

import pytest
from gate_world import accepted, gated, names, save

from workbench.gating import grid, speed
from workbench.gating.outcome import Check, Result
from workbench.verdicts.margins import Margin

ALL = ("plain", "haystack", "llamaindex", "dspy")


def compared(tmp_path: Path, after: dict[str, Any], before: dict[str, Any] | None = None, **how: Any) -> Result:
    file = accepted(tmp_path, **{"backends": ALL} | (before or {}))
    return gated(file, save(tmp_path / "now", **{"seed": 1, "backends": ALL} | after), **how)


def cpu(result: Result, backend: str = "haystack") -> Check:
    (found,) = [check for check in result.checks if (check.cell, check.name) == (f"{backend}-parity", "CPU")]
    return found


def slow(factor: float, *rounds: int, backend: str = "haystack") -> Any:
    return lambda name, turn: factor if name == backend and turn in rounds else 1.0


def test_a_slow_backend_is_a_regression_of_speed_and_of_nothing_else(tmp_path: Path) -> None:
    result = compared(tmp_path, {"cpu": slow(1.15, 1, 2)})
    assert (result.outcome, result.exit_code) == ("regression", 1)
    assert [check.cell for check in result.of("regression")] == ["haystack-parity"]
    assert cpu(result).figures["ratio"] == pytest.approx(1.15, abs=0.05)
    assert grid.headline(result).startswith("regression, slower: haystack-parity: CPU +1")


def test_slow_in_one_round_only_is_not_confirmed(tmp_path: Path) -> None:
    result = compared(tmp_path, {"cpu": slow(1.4, 2)})
    assert (result.outcome, result.exit_code) == ("pass", 0)
    assert cpu(result).figures["ratio"] > 1.1 and cpu(result).sentence.endswith("not confirmed")


def test_one_round_can_pass_and_cannot_condemn(tmp_path: Path) -> None:
    result = compared(tmp_path, {"rounds": 1, "cpu": slow(1.3, 1)})
    assert (result.outcome, cpu(result).outcome) == ("inconclusive", "inconclusive")
    assert "run with --rounds 2" in cpu(result).sentence
    codes = [
        gated(tmp_path / "baseline.json", tmp_path / "now", policy=each).exit_code
        for each in ("default", "pass", "fail")
    ]
    assert codes == [0, 0, 3], "a suspicion of slowness alone does not stop anybody unless asked to"
    assert grid.headline(result).startswith("passed, though inconclusive: haystack-parity")
    assert cpu(result, "dspy").outcome == "pass"


def test_a_slow_machine_is_no_slow_backend(tmp_path: Path) -> None:
    result = compared(tmp_path, {"cpu": lambda backend, turn: 2.5})
    assert result.outcome == "pass"


def test_wall_time_is_never_looked_at(tmp_path: Path) -> None:
    result = compared(tmp_path, {"wall": 5.0})
    assert (result.outcome, result.exit_code) == ("pass", 0)


def test_the_tolerance_can_be_moved(tmp_path: Path) -> None:
    compared(tmp_path, {"cpu": slow(1.3, 1, 2)})
    outcomes = [
        cpu(gated(tmp_path / "baseline.json", tmp_path / "now", margin=[f"CPU={percent}%"])).outcome
        for percent in (20, 45)
    ]
    assert outcomes == ["regression", "pass"]


def test_a_faster_backend_passes(tmp_path: Path) -> None:
    result = compared(tmp_path, {"cpu": slow(0.5, 1, 2)})
    assert result.outcome == "pass" and cpu(result).word == f"{cpu(result).figures['ratio']:.2f}x"
    assert not any("control" in note for note in result.notes)


def test_where_all_become_faster_it_may_be_the_control_that_became_slower(tmp_path: Path) -> None:
    result = compared(tmp_path, {"cpu": slow(1.5, 1, 2, backend="plain")})
    assert result.outcome == "pass"
    assert "perhaps it is the control that has become slower" in " ".join(result.notes)


def test_times_of_several_at_once_are_not_compared(tmp_path: Path) -> None:
    result = compared(tmp_path, {"in_flight": 8})
    assert cpu(result).outcome == "inconclusive" and "--workers" in cpu(result).sentence
    assert result.exit_code == 0


def test_without_the_control_there_is_no_speed(tmp_path: Path) -> None:
    result = compared(tmp_path, {"backends": ("haystack",)}, {"backends": ("haystack",)})
    assert result.outcome == "pass" and "CPU" not in {check.name for check in result.checks}
    assert any(note.startswith("speed of haystack-parity is not gated") for note in result.notes)


def test_a_baseline_of_several_at_once_is_told_to_gate_no_speed(tmp_path: Path) -> None:
    result = compared(tmp_path, {}, {"in_flight": 8})
    (told,) = [note for note in result.notes if "not gated" in note]
    assert told.startswith("speed of dspy-parity, haystack-parity, llamaindex-parity is not gated")
    assert not any("not gated" in note for note in compared(tmp_path / "other", {}).notes)


def test_the_ratio_is_that_of_multiples_question_by_question() -> None:
    """By hand: multiples of 10 and 20 become 12 and 22: sqrt(1.2 x 1.1)."""
    base = {1: {"a": 10.0, "b": 20.0}, 2: {"a": 10.0, "b": 20.0}}
    found = speed.slowing({1: {"a": 12.0, "b": 22.0}}, base)
    assert found is not None and found.ratio.value == pytest.approx((1.2 * 1.1) ** 0.5)
    found = speed.slowing({1: {"a": 12.0, "b": 24.0}, 2: {"a": 9.0, "b": 18.0}}, base)
    assert found is not None
    assert [each.value for each in found.rounds.values()] == pytest.approx([1.2, 0.9])
    assert found.ratio.value == pytest.approx((1.2 * 0.9) ** 0.5) and not found.rose
    assert speed.slowing({1: {"a": 12.0}}, base) is None


def test_the_tolerance_is_ten_per_cent() -> None:
    assert speed.TOLERANCE == Margin(0.09, relative=True)


def test_a_baseline_of_one_question_gates_no_speed(tmp_path: Path) -> None:
    result = compared(tmp_path, {"questions": names(1)}, {"questions": names(1)})
    assert result.outcome == "pass" and "CPU" not in {check.name for check in result.checks}
