"""Tokens and money of a few answers, worked out by hand."""

from datetime import date
from decimal import Decimal

import pytest

from workbench.prices import Price
from workbench.records import Answer, Call, Failure
from workbench.scores import usage
from workbench.scores.reading import RunRecords, read
from workbench.scores.usage import Usage

ANSWERS = [
    Answer("a", "t", 0, "a2"),
    Answer("b", "t", 0, "b1"),
    Answer("failed", "t", 0, "f1", failure=Failure("server", "500")),
]


def call(attempt: str, kind: str = "chat", question: str = "a", **changes: object) -> Call:
    given: dict[str, object] = {"model": "gpt-4", "status": 200, "usd": Decimal("0.01"), "spent_usd": Decimal("0.01")}
    return Call("c", question, "t", attempt, kind, **given | changes)  # type: ignore[arg-type]


CALLS = [
    call("a2", input_tokens=100, output_tokens=10, flags=("no_context",), retries=2, counted_by="upstream"),
    call("a2", "embeddings", input_tokens=20, usd=Decimal("0.002"), spent_usd=Decimal(0), truncated=1),
    call("b1", question="b", input_tokens=300, output_tokens=30, flags=("no_context", "guess")),
    call("a1", input_tokens=1000, output_tokens=1, status=503, error="upstream"),  # repeated attempt
    call("f1", question="failed", input_tokens=50, output_tokens=5),
    call("", "embeddings", question="", input_tokens=9000, truncated=3),  # ingestion
]


def score(answers: list[Answer], calls: list[Call], price_as: Price | None = None) -> Usage:
    return usage.score(read(RunRecords(answers, calls), {}, price_as))


def test_five_calls_by_hand() -> None:
    found = score(ANSWERS, CALLS)
    assert found.answered == 2
    assert found.tokens is not None and found.tokens.to_dict() == {"input": 210, "output": 20}
    assert found.chat is not None and found.chat.to_dict() == {"input": 200, "output": 20}
    assert found.embeddings is not None and found.embeddings.to_dict() == {"input": 10, "output": 0}
    # (0.01 + 0.002 + 0.01) / 2 * 1000, and without the embedding that our cache answered
    assert (found.usd_per_1000, found.spent_usd_per_1000) == (Decimal(11), Decimal(10))
    assert (found.counted.calls, found.counted.usd) == (3, Decimal("0.022"))
    assert (found.not_scored.calls, found.not_scored.input_tokens) == (2, 1050)
    assert (found.unattributed.calls, found.unattributed.input_tokens) == (1, 9000)
    assert (found.retries, found.failed_calls, found.truncated) == (2, 1, 4)
    assert found.flags == {"guess": 1, "no_context": 2}
    assert found.counted_by == ("upstream",)


def test_every_call_is_in_one_place() -> None:
    found = score(ANSWERS, CALLS)
    assert found.counted.calls + found.not_scored.calls + found.unattributed.calls == len(CALLS)


def test_an_unpriced_call_makes_the_total_unknown_and_is_counted() -> None:
    found = score(ANSWERS, [*CALLS, call("b1", question="b", usd=None, spent_usd=None)])
    assert (found.usd_per_1000, found.spent_usd_per_1000) == (None, None)
    assert (found.counted.usd, found.counted.unpriced) == (None, 1)
    assert found.not_scored.usd == Decimal("0.02") and "usd" not in found.intervals
    assert found.tokens is not None


def test_a_local_model_is_priced_as_another_and_says_so() -> None:
    price = Price("m", "p", Decimal(30), Decimal(30), Decimal(60), source="list 1", at=date(2026, 11, 1))
    calls = [
        call("a2", model="local/extractive", input_tokens=800, output_tokens=400, usd=Decimal(0), spent_usd=Decimal(0)),
        call("a2", "embeddings", model="local/minilm", input_tokens=999, usd=Decimal(0), spent_usd=Decimal(0)),
        call("b1", question="b", model="gpt-4", usd=Decimal("0.001"), spent_usd=Decimal("0.001")),
    ]
    found = score(ANSWERS, calls, price)
    # 800 * 30 + 400 * 60 millionths = 0.048; embeddings stay free; the paid call keeps its own price
    assert found.counted.usd == Decimal("0.049")
    assert found.priced_as == "m (list 1, 2026-11-01)"
    assert score(ANSWERS, calls).counted.usd == Decimal("0.001")
    assert score(ANSWERS, calls).priced_as == ""


def test_nothing_answered_has_no_mean() -> None:
    found = score(ANSWERS[2:], CALLS)
    assert (found.tokens, found.usd_per_1000, found.answered) == (None, None, 0)
    assert found.not_scored.calls == 5


def test_intervals_are_of_the_means() -> None:
    found = score(ANSWERS, CALLS)
    # inputs 120 and 300: mean 210, deviation 127.3, t(1) 12.706 -> 210 +- 1143.6
    interval = found.intervals["tokens.input"]
    assert (interval.low, interval.high) == pytest.approx((210 - 1143.56, 210 + 1143.56), abs=0.1)


def test_money_is_text_in_json() -> None:
    assert score(ANSWERS, CALLS).counted.to_dict()["usd"] == "0.022"
