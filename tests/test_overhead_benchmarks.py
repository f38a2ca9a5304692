"""benchmarks/overhead.py and native_tokens.py: figures of small experiments and prompts, worked out by hand."""

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from saved_experiments import Asked, Done, saved

from workbench.models.minilm import count_tokens

QUESTIONS = [Asked(f"q{number:02}") for number in range(20)]


@pytest.fixture
def benchmark_of(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A benchmark as a module; benchmarks/ is no package."""
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "benchmarks")
    known, path = set(sys.modules), list(sys.path)
    yield importlib.import_module
    sys.path[:] = path
    for name in set(sys.modules) - known:
        if "benchmarks" in (getattr(sys.modules[name], "__file__", None) or ""):
            del sys.modules[name]


def world(folder: Path, **failing: str) -> Any:
    """The control needs 2 ms; the other 3 ms for questions of even and 5 ms of odd number, in both of two rounds."""
    plain = {one.id: Done(cpu_ms=2.0, wall_ms=20.0) for one in QUESTIONS}
    other = {
        one.id: Done(cpu_ms=3.0 + 2 * (number % 2), wall_ms=30.0, failure=failing.get(one.id, ""))
        for number, one in enumerate(QUESTIONS)
    }
    slow = {**other, **{one.id: Done(cpu_ms=other[one.id].cpu_ms, wall_ms=60.0) for one in QUESTIONS[:3]}}
    return saved(folder, QUESTIONS, {("plain", "parity"): [plain, plain], ("haystack", "parity"): [other, slow]})


def test_overhead_is_paired_and_its_interval_is_over_questions(tmp_path: Path, benchmark_of: Any) -> None:
    rows, _ = benchmark_of("overhead").measured(world(tmp_path), 2)
    row = rows["haystack"]
    assert (row["questions"], row["pairs"], row["control_cpu_ms"]) == (20, 40, pytest.approx(2))
    assert row["extra_cpu_ms"] == pytest.approx(2)
    # Ten of 1 and ten of 3: deviation sqrt(20 / 19); t of 19 degrees is 2.0930 in any table.
    half = 2.0930 * (20 / 19) ** 0.5 / 20**0.5
    interval = row["extra_cpu_ms_interval"]
    assert (interval["low"], interval["high"]) == (pytest.approx(2 - half, abs=1e-4), pytest.approx(2 + half, abs=1e-4))
    assert row["cpu_ratio"] == pytest.approx((3 / 2 * 5 / 2) ** 0.5)
    assert row["extra_cpu_ms_by_round"] == {1: pytest.approx(2), 2: pytest.approx(2)}
    # Of 40 differences 37 are 10 ms and three are 40 ms: the 95th percentile lies at place 37.05 of 0 to 39.
    assert row["extra_wall_ms"] == {"p50": pytest.approx(10), "p95": pytest.approx(40)}


def test_a_question_that_failed_in_one_round_is_left_out_and_told(tmp_path: Path, benchmark_of: Any) -> None:
    overhead = benchmark_of("overhead")
    plain = {one.id: Done() for one in QUESTIONS}
    broken = {**plain, "q07": Done(failure="backend")}
    more = [*QUESTIONS, Asked("q20")]
    done: list[dict[str, Done]] = [{**plain, "q20": Done()}, {**broken, "q20": Done()}]
    experiment = saved(tmp_path, more, {("plain", "parity"): [done[0]] * 2, ("haystack", "parity"): done})
    rows, parity = overhead.measured(experiment, 2)
    assert (rows["haystack"]["questions"], rows["haystack"]["pairs"], rows["haystack"]["failed"]) == (20, 40, 1)
    found = overhead.short(rows, parity, 21, 2)
    assert any(line == "haystack: 1 failed, 40 pairs of 42" for line in found)


def tokens(module: ModuleType, prompts: list[str], question: str, used: list[str]) -> Any:
    return module._asked([(text, count_tokens(text), count_tokens(text)) for text in prompts], question, used)


def test_what_is_neither_question_nor_passage_is_counted(benchmark_of: Any) -> None:
    module = benchmark_of("native_tokens")
    # "Read", ":", "Ask" and ":"; white space is no token.
    prompt = "Read: Aldwick  Harbour\n   was opened.\nAsk: Who opened it?"
    found = tokens(module, [prompt], "Who opened it?", ["Aldwick Harbour was opened."])
    assert (found.own_tokens, found.calls, found.passages_missing, found.counted_otherwise) == (4, 1, 0, 0)


def test_an_escaped_passage_is_found_and_its_escapes_are_the_frameworks(benchmark_of: Any) -> None:
    module = benchmark_of("native_tokens")
    # "&" has become "&", "amp" and ";".
    found = tokens(module, ["Salt &amp; Sons. Who?"], "Who?", ["Salt & Sons."])
    assert (found.own_tokens, found.passages_missing) == (2, 0)


def test_a_second_call_pays_its_instructions_again_and_a_lost_passage_is_told(benchmark_of: Any) -> None:
    module = benchmark_of("native_tokens")
    found = tokens(module, ["Read: One. Who?", "Again: One. Who?"], "Who?", ["One.", "Two."])
    assert (found.own_tokens, found.calls, found.passages_missing) == (4, 2, 1)
    assert found.input_tokens == 12
