"""Times of a few answers, worked out by hand."""

import numpy as np
import pytest

from workbench.records import Answer, Call, Failure
from workbench.scores import latency
from workbench.scores.latency import Latency, split
from workbench.scores.reading import RunRecords, read


def score(answers: list[Answer], calls: list[Call], control: list[Answer] | None = None) -> Latency:
    beside = None if control is None else read(RunRecords(control), {}).cpu_alone()
    return latency.score(read(RunRecords(answers, calls), {}), beside)


def call(attempt: str, kind: str = "chat", **changes: object) -> Call:
    given = {"question": attempt, "tenant": "t", "model": "local/extractive", "status": 200}
    return Call(f"{attempt}-{kind}", attempt=attempt, kind=kind, **given | changes)  # type: ignore[arg-type]


def answer(name: str, wall: float, **changes: object) -> Answer:
    return Answer(name, "t", 0, name, wall_seconds=wall, **changes)  # type: ignore[arg-type]


def test_charged_wall_puts_back_what_our_caches_saved() -> None:
    # Took 30 ms with an embedding from our cache (1 ms instead of 11), 20 ms of model and 5 ms of search.
    calls = [
        call("a", "embeddings", seconds=0.011, spent_seconds=0.001),
        call("a", "chat", seconds=0.020, spent_seconds=0.020),
    ]
    parts = split(answer("a", 0.030, retrieval_seconds=0.005), calls)
    # wall 30 - 21 + 31 = 40; framework 40 - 11 - 20 - 5 = 4
    assert parts.wall == pytest.approx(0.040)
    assert (parts.embedding, parts.model, parts.retrieval) == pytest.approx((0.011, 0.020, 0.005))
    assert parts.framework == pytest.approx(0.004)


def test_the_framework_never_takes_less_than_nothing() -> None:
    parts = split(answer("a", 0.010, retrieval_seconds=0.020), [call("a", seconds=0.005, spent_seconds=0.012)])
    assert (parts.wall, parts.framework) == pytest.approx((0.005, 0.0))


def test_search_that_was_not_timed_is_the_frameworks() -> None:
    parts = split(answer("a", 0.010), [call("a", seconds=0.004, spent_seconds=0.004)])
    assert parts.retrieval is None and parts.framework == pytest.approx(0.006)
    assert score([answer("a", 0.010)], []).parts_ms["retrieval"] is None


def test_percentiles_by_hand_without_the_failed_and_without_other_attempts() -> None:
    answers = [answer(name, wall) for name, wall in zip("abcde", (0.010, 0.020, 0.030, 0.040, 0.100), strict=True)]
    answers.append(answer("failed", 9.0, failure=Failure("deadline", "late")))
    calls = [
        call("a", seconds=0.002, spent_seconds=0.001),  # a: 11 ms
        call("a-old", question="a", seconds=5.0),
        call("", seconds=5.0),  # ingestion
        call("failed", seconds=5.0),
    ]
    found = score(answers, calls)
    # sorted 11 20 30 40 100: p50 rank 2; p95 rank 3.8; p99 rank 3.96
    assert found.wall_ms == pytest.approx({"p50": 30, "p95": 40 + 0.8 * 60, "p99": 40 + 0.96 * 60})
    assert found.wall_ms["p95"] == pytest.approx(float(np.percentile([11, 20, 30, 40, 100], 95)))
    assert found.parts_ms["model"] == 0 and found.parts_ms["framework"] == pytest.approx(30)
    assert found.comparable


def test_cpu_beyond_the_control_is_paired_by_question_and_round() -> None:
    def timed(question: str, round: int, cpu_ms: float, **changes: object) -> Answer:
        return Answer(question, "t", round, f"{question}{round}", cpu_seconds=cpu_ms / 1000, **changes)  # type: ignore[arg-type]

    ours = [timed("a", 0, 9), timed("a", 1, 11), timed("b", 0, 5), timed("c", 0, 30), timed("d", 0, 99)]
    theirs = [timed("a", 0, 2), timed("a", 1, 2), timed("b", 0, 4), timed("c", 0, 10)]
    # a: mean of 7 and 9; b: 1; c: 20; d has no pair. The median of 8, 1, 20 is 8, and not 9 - 3.
    found = score(ours, [], control=theirs)
    assert found.framework_cpu_ms == pytest.approx(8)
    assert found.cpu_ms == pytest.approx(11)
    assert score(ours, []).framework_cpu_ms is None
    assert score(ours, [], control=[]).framework_cpu_ms is None
    assert score(ours, [], control=ours).framework_cpu_ms == 0
    broken = [timed("a", 0, 50, failure=Failure("server", "500"))]
    assert score(broken, [], control=theirs).framework_cpu_ms is None


def test_several_at_once_are_not_comparable_and_have_no_cpu_of_their_own() -> None:
    alone = [answer("a", 0.01, cpu_seconds=0.001), answer("b", 0.01, cpu_seconds=0.001)]
    crowded = [answer("a", 0.01, cpu_seconds=0.005, in_flight=16), answer("b", 0.01, cpu_seconds=0.005, in_flight=2)]
    found = score(crowded, [], control=alone)
    assert not found.comparable and found.cpu_ms is None and found.framework_cpu_ms is None
    assert found.wall_ms["p50"] == pytest.approx(10)


def test_streamed_calls_tell_first_token_and_rate() -> None:
    answers = [answer(name, 1.0) for name in "abc"]
    calls = [
        # 21 tokens, the first after 0.1 s, the other 20 in 0.4 s: 50 a second
        call("a", output_tokens=21, spent_seconds=0.5, first_token_seconds=0.1),
        # 10 more in 1 s: 10 a second
        call("b", output_tokens=11, spent_seconds=1.3, first_token_seconds=0.3),
        call("c", output_tokens=11, spent_seconds=1.0),
    ]
    found = score(answers, calls)
    assert found.first_token_ms == pytest.approx(200)
    assert found.output_tokens_per_second == pytest.approx(30)
    quiet = score(answers, calls[2:])
    assert quiet.first_token_ms is None and quiet.output_tokens_per_second is None


def test_intervals_are_in_milliseconds_and_stand_only_on_enough_answers() -> None:
    found = score([answer(f"q{i:02}", i / 1000) for i in range(1, 21)], [])
    median = found.intervals["wall_ms.p50"]
    assert (median.low, median.high, median.n) == (pytest.approx(6), pytest.approx(15), 20)  # ranks 6 and 15 of 20
    assert "wall_ms.p99" not in found.intervals and "framework_cpu_ms" not in found.intervals


def test_nothing_answered_is_none_and_not_zero() -> None:
    found = score([answer("a", 1.0, failure=Failure("connection", "refused"))], [])
    assert set(found.wall_ms.values()) == {None} and set(found.parts_ms.values()) == {None} and found.intervals == {}
