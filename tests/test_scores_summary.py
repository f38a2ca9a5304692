"""One run of five questions, every figure of its summary worked out by hand."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from workbench.backends.contract import REFUSAL
from workbench.prices import Price
from workbench.privacy.find import LIMITS
from workbench.records import Answer, Call, Evidence, Failure, Gold, Hit
from workbench.scores import figures as by_question
from workbench.scores import summary as summarising
from workbench.scores.answers import mark
from workbench.scores.figures import Figures
from workbench.scores.judgement import Judgement
from workbench.scores.reading import RunRecords, read
from workbench.stats import wilson

GOLD = {
    "right": Gold("right", ("Rollo",), (Evidence("d1", ((0, 10),)),)),
    "half": Gold("half", ("10th century",), (Evidence("d2"),)),
    "failed": Gold("failed", ("Duke",), (Evidence("d3"),)),
    "none": Gold("none", answerable=False),
    "open": Gold("open"),
}
REPLIES = {"right": "Rollo", "half": "the 9th century", "none": REFUSAL, "open": "whatever"}


def summary(
    records: RunRecords,
    gold: Mapping[str, Gold],
    control: Sequence[Answer] | None = None,
    price_as: Price | None = None,
) -> dict[str, Any]:
    beside = None if control is None else read(RunRecords(control), {}).cpu_alone()
    return summarising.summary(read(records, gold, price_as), gold, control=beside)


def figures(records: RunRecords, gold: Mapping[str, Gold]) -> Figures:
    return by_question.figures(read(records, gold), gold)


def hits(*documents: str) -> tuple[Hit, ...]:
    return tuple(Hit(f"{name}#0-50", name, 0, 50, 1.0) for name in documents)


def run() -> RunRecords:
    def answered(question: str, wall: float, *documents: str) -> Answer:
        return Answer(
            question, "t", 0, f"{question}-1", hits=hits(*documents), used=1, wall_seconds=wall, cpu_seconds=wall / 10
        )

    def called(question: str, attempt: str, **changes: Any) -> Call:
        given = {"kind": "chat", "model": "local/extractive", "status": 200, "input_tokens": 100, "output_tokens": 10}
        return Call(f"c{question}", question, "t", attempt, **given | changes)

    failed = Answer("failed", "t", 0, "failed-2", failure=Failure("deadline", "60 s"), wall_seconds=60)
    judgements = [
        Judgement(
            "right-1",
            mark(REPLIES["right"], GOLD["right"]),
            {"EMAIL": 2},
            {},
            similarity=1.0,
            ragas={"id_context_precision": 1.0, "id_context_recall": 1.0},
            judge={"faithfulness": 1.0, "answer_accuracy": 1.0},
        ),
        Judgement(
            "half-1",
            mark(REPLIES["half"], GOLD["half"]),
            {},
            {},
            similarity=0.5,
            ragas={"id_context_precision": 0.5, "id_context_recall": 1.0},
            failures={"faithfulness": "the gateway answered 503", "answer_accuracy": "the gateway answered 503"},
        ),
        Judgement("none-1", mark(REPLIES["none"], GOLD["none"]), {}, {}),
        Judgement("open-1", mark(REPLIES["open"], None), {}, {"PHONE": 1}),
    ]
    return RunRecords(
        answers=(
            answered("right", 0.010, "d1", "x"),
            answered("half", 0.020, "x", "d2"),
            failed,
            answered("none", 0.030, "x"),
            answered("open", 0.040, "x"),
        ),
        calls=(
            called("right", "right-1", usd=Decimal("0.001"), spent_usd=Decimal("0.001"), model="m"),
            called("half", "half-1", input_tokens=300),
            called("none", "none-1"),
            called("open", "open-1"),
            called("failed", "failed-1", usd=Decimal("0.5"), spent_usd=Decimal("0.5"), model="m"),
            called("", "", kind="embeddings", model="local/minilm"),
        ),
        judgements=judgements,
        judge_calls=(called("right", "right-1", model="judge", usd=Decimal("0.25"), spent_usd=Decimal("0.25")),),
    )


def test_the_whole_summary_by_hand() -> None:
    found = summary(run(), GOLD)
    assert (found["questions"], found["failed"], found["unscored"], found["rounds"]) == (5, 1, 1, 1)
    assert found["failures"] == {"deadline": 1}
    # three questions have evidence: rank 1, rank 2, failed
    assert found["retrieval"] == pytest.approx(
        {"recall@5": 2 / 3, "recall@10": 2 / 3, "mrr@10": (1 + 1 / 2) / 3, "ndcg@10": (1 + 0.63092975) / 3}
    )
    # scored: right 1, half (F1 1/2), failed 0, none 1
    assert found["answers"] == pytest.approx(
        {
            "exact_match": 2 / 4,
            "f1": 2.5 / 4,
            "contains": 2 / 4,
            "refusal_accuracy": 1,
            "wrongly_declined": 0,
            "semantic_similarity": (1 + 0.5 + 0) / 3,
        }
    )
    assert found["ragas"] == pytest.approx({"id_context_precision": 1.5 / 3, "id_context_recall": 2 / 3})
    # The judge failed on one: the figure is of what it judged, and the failed question has no reply to be faithful.
    assert (found["judge"]["faithfulness"], found["judge"]["answer_accuracy"]) == (1, 0.5)
    assert found["judge"]["bill"]["usd"] == "0.25"
    assert found["wall_ms"] == pytest.approx({"p50": 25, "p95": 38.5, "p99": 39.7})
    assert found["parts_ms"] == pytest.approx({"embedding": 0, "retrieval": None, "model": 0, "framework": 25})
    assert found["framework_cpu_ms"] is None and found["comparable"]
    assert found["tokens"] == {"input": 150, "output": 10}
    assert found["usd"] == pytest.approx(0.25)  # 0.001 over four answered questions, times 1,000
    assert found["usage"]["not_scored"]["usd"] == "0.5"
    assert found["usage"]["unattributed"]["calls"] == 1
    assert found["pii"]["prompt"] == {
        "texts": 4,
        "mean": 0.5,
        "share": 0.25,
        "kinds": {"EMAIL": {"mean": 0.5, "share": 0.25}},
    }
    assert found["pii"]["answer"]["kinds"] == {"PHONE": {"mean": 0.25, "share": 0.25}}
    assert set(found) >= {"intervals", "notes"}
    json.dumps(found, allow_nan=False)


def test_intervals_name_their_path_and_n() -> None:
    intervals = summary(run(), GOLD)["intervals"]
    exact = wilson(2, 4)
    assert intervals["answers.exact_match"] == {
        "low": exact.low,
        "high": exact.high,
        "n": 4,
        "method": "Wilson score",
        "confidence": 0.95,
    }
    assert intervals["retrieval.recall@5"]["n"] == 3
    assert intervals["pii.prompt.share"]["n"] == 4
    assert intervals["tokens.input"]["low"] < 150 < intervals["tokens.input"]["high"]
    assert "wall_ms.p99" not in intervals, "four answers tell nothing of a p99"


def test_notes_say_what_makes_figures_mean_less() -> None:
    notes = " ".join(summary(run(), GOLD)["notes"])
    for part in (
        "1 of 5 questions failed (deadline 1)",
        "1 question has no gold answer",
        "2 questions have no gold evidence",
        "1 call was spent and not scored (0.5 USD)",
        "1 call names no question",
        "faithfulness could not be had for 1 answer: the gateway answered 503",
        "retrieval was not timed apart in 4 answers",
        LIMITS,
    ):
        assert part in notes
    for part in ("comparable", "no price", "priced as", "not judged"):
        assert part not in notes


def test_notes_on_crowding_missing_prices_other_prices_and_interruption() -> None:
    records = run()
    crowded = replace(
        records,
        answers=tuple(replace(each, in_flight=16) for each in records.answers),
        calls=tuple(replace(each, usd=None) if each.attempt == "half-1" else each for each in records.calls),
        judgements=[each for each in records.judgements if each.attempt != "half-1"],
    )
    found = summary(crowded, GOLD)
    notes = " ".join(found["notes"])
    assert "latency not comparable: up to 16 questions at once" in notes and not found["comparable"]
    assert "1 call has no price" in notes and found["usd"] is None
    assert "1 question is answered and not judged yet" in notes
    # The unjudged answer is in no figure of answers, and in those of retrieval: right 1, failed 0, none 1.
    assert found["answers"]["exact_match"] == pytest.approx(2 / 3)
    assert found["retrieval"]["recall@5"] == pytest.approx(2 / 3)

    price = Price("m", "p", Decimal(1), Decimal(1), Decimal(1), source="list 1", at=date(2026, 11, 1))
    priced = summary(records, GOLD, price_as=price)
    assert any("priced as m (list 1, 2026-11-01)" in note for note in priced["notes"])
    # local: 310 + 110 + 110 millionths; and 0.001 of the paid call; over four
    assert priced["usd"] == pytest.approx(1000 * (0.00053 + 0.001) / 4)


def test_the_control_gives_the_frameworks_cpu() -> None:
    control = [replace(each, cpu_seconds=each.cpu_seconds - 0.0005) for each in run().answers]
    assert summary(run(), GOLD, control=control)["framework_cpu_ms"] == pytest.approx(0.5)


def test_two_rounds_are_the_same_questions() -> None:
    records = run()
    second = tuple(replace(each, round=1, attempt=f"{each.attempt}b") for each in records.answers)
    again = [replace(each, attempt=f"{each.attempt}b") for each in records.judgements]
    both = RunRecords((*records.answers, *second), records.calls, [*records.judgements, *again])
    once, twice = summary(records, GOLD), summary(both, GOLD)
    for key in ("questions", "failed", "unscored", "answers", "retrieval", "ragas"):
        assert twice[key] == once[key], key
    assert twice["rounds"] == 2
    assert twice["intervals"]["answers.f1"] == once["intervals"]["answers.f1"], "a round is no new evidence"


def test_an_empty_run_has_no_figures_and_no_crash() -> None:
    found = summary(RunRecords(()), {})
    assert found["questions"] == found["failed"] == 0
    assert (
        set(found["answers"].values()) == set(found["retrieval"].values()) == set(found["wall_ms"].values()) == {None}
    )
    assert found["tokens"] == {"input": None, "output": None} and found["usd"] is None
    assert found["pii"] == {"prompt": None, "answer": None} and found["intervals"] == {}
    json.dumps(found, allow_nan=False)


def test_figures_by_question_are_what_comparisons_pair() -> None:
    found = figures(run(), GOLD)
    assert found.values["answers.f1"] == pytest.approx({"right": 1, "half": 0.5, "failed": 0, "none": 1})
    assert found.values["retrieval.mrr@10"] == {"right": 1, "half": 0.5, "failed": 0}
    assert found.values["judge.faithfulness"] == {"right": 1}
    assert (found.unscored, found.without_evidence, found.unjudged) == ({"open"}, {"none", "open"}, frozenset())


def test_an_unanswerable_question_is_in_no_figure_that_needs_an_answer() -> None:
    """Even where its gold names evidence, and even when it failed."""
    records = run()
    lost = Answer("none", "t", 0, "none-2", failure=Failure("server", "500"))
    answers = tuple(lost if each.question == "none" else each for each in records.answers)
    gold = GOLD | {"none": replace(GOLD["none"], evidence=(Evidence("d9"),))}
    found = figures(replace(records, answers=answers), gold).values
    assert set(found["ragas.id_context_recall"]) == {"right", "half", "failed"}
    assert set(found["answers.semantic_similarity"]) == {"right", "half", "failed"}
    assert found["answers.refusal_accuracy"] == {"none": 0} and found["retrieval.recall@5"]["none"] == 0


def test_figures_that_were_not_asked_for_are_absent_and_not_zero() -> None:
    records = run()
    plain = [Judgement(each.attempt, each.marks) for each in records.judgements]
    found = summary(replace(records, judgements=plain, judge_calls=()), GOLD)
    assert found["answers"]["semantic_similarity"] is None
    assert found["ragas"] == {} and found["judge"] == {}
    assert found["pii"] == {"prompt": None, "answer": None} and LIMITS not in found["notes"]


def test_a_judgement_survives_a_round_trip() -> None:
    for judgement in run().judgements:
        plain: Mapping[str, Any] = json.loads(json.dumps(judgement.to_dict()))
        assert Judgement.from_dict(plain) == judgement
        assert Judgement.from_dict({**plain, "of a later version": 1}) == judgement
    with pytest.raises(KeyError):
        Judgement.from_dict({"attempt": "a"})


def test_drafts_that_nobody_reviewed_are_told() -> None:
    gold = {"a": Gold("a", ("x",), drafted=True), "b": Gold("b", ("y",))}
    run = RunRecords((Answer("a", "t", 1, "1"), Answer("b", "t", 1, "2")))
    made = summary(run, gold)
    assert made["drafted"] == 1
    assert [note[:52] for note in made["notes"] if "drafted" in note] == [
        "1 of 2 questions were drafted by a model and not rev"
    ]
