"""A run with repeated attempts, failures and two rounds as it lies in its files, its figures worked out by hand."""

from array import array
from collections.abc import Iterator
from decimal import Decimal
from math import isnan

import pytest

from workbench.records import INGESTION, Answer, Call, Evidence, Failure, Gold, Hit
from workbench.scores import reading
from workbench.scores.answers import Marks
from workbench.scores.columns import Cpu, Rows, numbers
from workbench.scores.figures import figures
from workbench.scores.judgement import Judgement
from workbench.scores.parity import Parity
from workbench.scores.reading import RunRecords, read
from workbench.scores.summary import summary

GOLD = {
    "a": Gold("a", ("nine",), (Evidence("d1"),)),
    "b": Gold("b", ("ten",), (Evidence("d2"),)),
    "n": Gold("n", answerable=False),
}


def answered(question: str, turn: int, attempt: str, *documents: str, failed: str = "", **times: float) -> Answer:
    hits = tuple(Hit(f"{name}#0-50", name, 0, 50, 1.0) for name in documents)
    failure = Failure(failed, "it broke") if failed else None
    return Answer(question, "t", turn, attempt, failure, hits, **times)  # type: ignore[arg-type]


def called(question: str, attempt: str, tokens: int, usd: str, *, seconds: float = 0, **changes: object) -> Call:
    given: dict[str, object] = {"output_tokens": 10, "spent_seconds": seconds} | changes
    given |= {"input_tokens": tokens, "usd": Decimal(usd), "spent_usd": Decimal(usd), "seconds": seconds}
    return Call("c", question, "t", attempt, given.pop("kind", "chat"), "m", 200, **given)  # type: ignore[arg-type]


def run() -> RunRecords:
    """As files are: each line is there once, and nobody may ask for it twice."""
    return RunRecords(iter(ANSWERS), iter(CALLS), iter(JUDGEMENTS), iter(()))


ANSWERS = [
    answered("a", 1, "a1", "d1", failed="deadline", cpu_seconds=0.9),
    answered("b", 1, "b1", "x", "d2", wall_seconds=0.100, cpu_seconds=0.006),
    answered("a", 1, "a2", "d1", wall_seconds=0.050, cpu_seconds=0.004),  # instead of a1
    answered("b", 2, "b2", "d2", wall_seconds=7, cpu_seconds=0.7),
    answered("a", 2, "a3", failed="server"),
    answered("b", 2, "b3", failed="backend"),  # instead of b2
    answered("n", 1, "n1", "x", wall_seconds=0.030, cpu_seconds=0.002),
]
CALLS = [
    called("", INGESTION, 9000, "0.5", kind="embeddings"),
    called("a", "a1", 70, "0.1", seconds=5),
    called("b", "b1", 300, "0.03", seconds=0.04),
    called("a", "a2", 20, "0.002", seconds=0.01, spent_seconds=0.002, kind="embeddings", output_tokens=0),
    called("b", "b2", 1000, "1", seconds=9),
    called("a", "a2", 100, "0.01", seconds=0.02),
    called("n", "n1", 50, "0.02", seconds=0.01),
    called("b", "b3", 400, "0.2", seconds=3),
]
JUDGEMENTS = [
    Judgement("b1", Marks(0.0, 0.5, 0.0, False), {"EMAIL": 1}, {}, ragas={"id_context_recall": 1.0}),
    Judgement("a2", Marks(0.0, 0.0, 0.0, True), {"EMAIL": 4}, {}, failures={"judge": "503"}, judge={"x": 1.0}),
    Judgement("a2", Marks(1.0, 1.0, 1.0, False), {}, {}, similarity=0.9),  # instead of the line before
    Judgement("b2", Marks(1.0, 1.0, 1.0, False), {"EMAIL": 9}, {}, similarity=1.0),
    Judgement("n1", Marks(1.0, 1.0, 1.0, True), {}, {}),
]


@pytest.mark.parametrize("at_once", [1, 2, 500])
def test_what_was_repeated_counts_once_and_in_its_first_place(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "AT_ONCE", at_once)
    columns = read(run(), GOLD)
    rows = list(zip(columns.rows.names(), columns.rows.rounds, columns.failures, strict=True))
    assert rows == [("a", 1, ""), ("b", 1, ""), ("b", 2, "backend"), ("a", 2, "server"), ("n", 1, "")]
    found = figures(columns, GOLD).values
    # Of two rounds the second failed: 0. Found at rank 1 by a, at rank 2 by b.
    assert found["retrieval.recall@5"] == {"a": 0.5, "b": 0.5}
    assert found["retrieval.mrr@10"] == {"a": 0.5, "b": 0.25}
    assert found["answers.f1"] == {"a": 0.5, "b": 0.25, "n": 1}
    assert found["answers.wrongly_declined"] == {"a": 0, "b": 0}
    assert found["answers.semantic_similarity"] == {"a": 0.45, "b": 0}
    assert found["ragas.id_context_recall"] == {"a": 0, "b": 0.5}
    assert found["judge.x"] == {}, "the only judgement that had it was replaced"


def test_the_summary_of_what_counts_with_the_rest_beside_it() -> None:
    columns = read(run(), GOLD)
    rows = Rows()
    for question, turn in (("a", 1), ("b", 1), ("b", 2)):
        rows.add(question, turn)
    made = summary(columns, GOLD, control=Cpu(rows, array("d", [0.001, 0.002, 0.0])))
    assert (made["questions"], made["rounds"], made["failures"]) == (3, 2, {"backend": 1, "server": 1})
    # Charged: 58 (50 - 22 + 30), 100 and 30 ms; the model had 20, 40 and 10 of them.
    assert (made["wall_ms"]["p50"], made["parts_ms"]["model"]) == pytest.approx((58, 20))
    # Beyond the control: 3 and 4 ms; the second round of b failed, and n was not asked of it.
    assert (made["cpu_ms"], made["framework_cpu_ms"]) == pytest.approx((4, 3.5))
    assert made["tokens"] == pytest.approx({"input": 470 / 3, "output": 10})
    assert made["usd"] == pytest.approx(1000 * 0.062 / 3)
    used = made["usage"]
    assert (used["counted"]["calls"], used["counted"]["usd"]) == (4, "0.062")
    beside = used["not_scored"]
    assert (beside["calls"], beside["usd"], beside["input_tokens"]) == (3, "1.3", 1470)
    assert (used["ingestion"]["calls"], used["unattributed"]["calls"]) == (1, 0)
    # Three prompts: the one of b holds an address.
    assert (made["pii"]["prompt"]["texts"], made["pii"]["prompt"]["mean"]) == (3, pytest.approx(1 / 3))
    assert not any("503" in note for note in made["notes"])


def test_a_question_that_was_never_answered_has_no_row() -> None:
    rows = Rows()
    assert [rows.add("a", 1), rows.add("b", 3), rows.add("a", 1), rows.add("a", 3)] == [0, 1, 0, 2]
    assert [rows.find(*key) for key in (("b", 3), ("b", 1), ("a", 2), ("c", 1))] == [1, None, None, None]
    assert isnan(Cpu(rows, numbers()).of("c", 1))


def asked(*told: tuple[str, int, str, str], twice: bool = False) -> RunRecords:
    """(question, round, passage, prompt); no prompt: it failed."""

    def calls() -> Iterator[Call]:
        for question, turn, _, prompt in told:
            call = called(question, f"{turn}{question}", 1, "0", prompt_sha256=prompt)
            yield from [call] * (1 + twice)

    answers = [
        answered(question, turn, f"{turn}{question}", passage, failed="" if prompt else "server")
        for question, turn, passage, prompt in told
    ]
    return RunRecords(answers, calls())


def test_parity_is_of_questions_that_all_have_answered_in_the_same_round() -> None:
    first = (("a", 1, "d", "p"), ("b", 1, "d", "p"), ("c", 1, "d", "p"), ("a", 2, "d", "p"), ("f", 1, "d", ""))
    second = (("b", 1, "other", "p"), ("a", 1, "d", "p"), ("a", 2, "d", "q"), ("c", 1, "d", ""), ("f", 1, "d", "p"))
    parity = Parity()
    assert parity.to_dict() == {"backends": 0, "questions": 0, "equal_prompts": 0, "equal_passages": 0}
    parity.add(read(asked(*first), {}))
    parity.add(read(asked(*second), {}))
    # Both answered a and b in round 1, a in round 2: b found another passage, a was asked in other words then.
    assert parity.to_dict() == {"backends": 2, "questions": 3, "equal_prompts": 2, "equal_passages": 2}


def test_a_backend_that_asks_the_model_twice_is_not_asked_alike() -> None:
    parity = Parity()
    parity.add(read(asked(("a", 1, "d", "p")), {}))
    parity.add(read(asked(("a", 1, "d", "p"), twice=True), {}))
    assert parity.to_dict() == {"backends": 2, "questions": 1, "equal_prompts": 0, "equal_passages": 1}
