"""The records of one run come in one by one, its columns go out: the only place that reads records for scores.

A line that replaces an earlier one writes over its numbers, in the place of the first: no record outlives its turn.
"""

from array import array
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b
from itertools import islice
from math import nan
from sys import intern
from typing import Any, TypeVar

from workbench.prices import Price
from workbench.records import Answer, Call, Gold
from workbench.scores import latency, retrieval
from workbench.scores.bill import added, bill, priced
from workbench.scores.columns import Columns, numbers
from workbench.scores.judgement import Judgement
from workbench.scores.leakage import COUNTS, EVENTS, LeakRecords, Tally

Counts = TypeVar("Counts", bound=Mapping[str, Any])

AT_ONCE = 500
"""Answers whose passages are held at a time: ir-measures takes long to start."""


@dataclass(frozen=True, slots=True)
class RunRecords:
    """What a store reads of one run: one workload, one backend, one track. Each is read once, in the order written."""

    answers: Iterable[Answer]
    """Of one question and round the last counts."""
    calls: Iterable[Call] = ()
    """All of the run, whatever attempt they belong to, without the judge's."""
    judgements: Iterable[Judgement] = ()
    """Of one attempt the last counts."""
    judge_calls: Iterable[Call] = ()
    """Made to judge the answers: shown apart, in no figure of the backend."""
    leakage: LeakRecords | None = None
    """None: the workload has no planted values, or nothing was ever looked for."""


def read(run: RunRecords, gold: Mapping[str, Gold], price_as: Price | None = None) -> Columns:
    """Read a run.

    Args:
        run: its records.
        gold: by question id.
        price_as: price the chat tokens of local models like this model; embeddings stay as they are.

    Raises:
        ValueError: a local call's usage is impossible for the price.
    """
    columns = Columns(price_as)
    rows = _answers(columns, run.answers, gold)
    _calls(columns, run.calls, rows)
    _judgements(columns, run.judgements, rows)
    columns.judge_bill = bill(run.judge_calls)
    if run.leakage is not None:
        _leaks(columns, run.leakage, rows)
    return columns


def _answers(columns: Columns, answers: Iterable[Answer], gold: Mapping[str, Gold]) -> dict[str, int]:
    """The row of each attempt that counts."""
    attempts: list[str] = []
    columns.retrieval = {name: numbers() for name in retrieval.MEASURES}
    for some in _batches(answers):
        for answer, measures in zip(some, retrieval.score(some, gold), strict=True):
            row = columns.rows.add(answer.question, answer.round)
            _put(attempts, row, answer.attempt)
            _put(columns.failures, row, intern(answer.failure.kind) if answer.failure else "")
            _put(columns.in_flight, row, answer.in_flight)
            _put(columns.wall_seconds, row, answer.wall_seconds)
            _put(columns.cpu_seconds, row, answer.cpu_seconds)
            _put(columns.retrieval_seconds, row, _number(answer.retrieval_seconds))
            _put(columns.passages, row, _digest("\0".join(hit.passage for hit in answer.hits)))
            for name, column in columns.retrieval.items():
                _put(column, row, measures.get(name, nan))
    return {attempt: row for row, attempt in enumerate(attempts)}


def _calls(columns: Columns, calls: Iterable[Call], rows: Mapping[str, int]) -> None:
    count = len(columns.rows)
    for column in (
        columns.charged_seconds, columns.spent_seconds, columns.embedding_seconds, columns.rerank_seconds
    ):  # fmt: skip
        column.extend([0.0] * count)
    for tokens in (columns.input_tokens, columns.output_tokens, columns.prompts):
        tokens.extend([0] * count)
    columns.usd = [Decimal(0)] * count
    chats = bytearray(count)
    for call in calls:
        charged = priced(call, columns.price) if columns.price else call
        row = rows.get(call.attempt) if call.attempt else None
        counts = row is not None and not columns.failures[row]
        columns.bills.add(charged, counts=counts)
        if row is None or not counts:
            continue
        columns.charged_seconds[row] += call.seconds
        columns.spent_seconds[row] += call.spent_seconds
        columns.input_tokens[row] += call.input_tokens
        columns.output_tokens[row] += call.output_tokens
        columns.usd[row] = added(columns.usd[row], charged.usd)
        if call.kind == "embeddings":
            columns.embedding_seconds[row] += call.seconds
        elif call.kind == "rerank":
            columns.rerank_seconds[row] += call.seconds
        else:
            columns.prompts[row] = 0 if chats[row] else _digest(call.prompt_sha256)
            chats[row] = 1
            _streamed(columns, call)


def _streamed(columns: Columns, call: Call) -> None:
    if call.first_token_seconds is not None:
        columns.first_token_seconds.append(call.first_token_seconds)
        rate = latency.tokens_per_second(call)
        if rate is not None:
            columns.tokens_per_second.append(rate)


def _judgements(columns: Columns, judgements: Iterable[Judgement], rows: Mapping[str, int]) -> None:
    count, shared = len(columns.rows), _Shared()
    columns.judged = bytearray(count)
    columns.marks = {name: _blank(count) for name in ("exact_match", "f1", "contains", "declined")}
    columns.metrics = {"answers.semantic_similarity": _blank(count)}
    columns.pii_prompt, columns.pii_answer = [None] * count, [None] * count
    columns.missed = [{}] * count
    for judgement in judgements:
        metrics = _metrics(judgement)
        for path in metrics.keys() - columns.metrics.keys():
            columns.metrics[path] = _blank(count)
        row = rows.get(judgement.attempt)
        if row is None:
            continue
        columns.judged[row] = 1
        for name, column in columns.marks.items():
            column[row] = _number(getattr(judgement.marks, name))
        for path, column in columns.metrics.items():
            column[row] = _number(metrics.get(path))
        columns.pii_prompt[row] = shared.one(judgement.pii_prompt)
        columns.pii_answer[row] = shared.one(judgement.pii_answer)
        columns.missed[row] = shared.one(judgement.failures) or {}


def _leaks(columns: Columns, found: LeakRecords, rows: Mapping[str, int]) -> None:
    tally = columns.leaked = Tally(found.about, found.values, found.sinks)
    columns.leakage = {name: _blank(len(columns.rows)) for name in (*EVENTS, *COUNTS)}
    questions, seen = list(columns.rows.names()), bytearray(len(columns.rows))
    for leak in found.leaks:
        row = rows.get(leak.attempt)
        if row is not None and not seen[row]:
            seen[row] = 1
            for name, value in tally.add(questions[row], leak).items():
                columns.leakage[name][row] = value


def _metrics(judgement: Judgement) -> dict[str, float | None]:
    return {
        "answers.semantic_similarity": judgement.similarity,
        **{f"ragas.{name}": value for name, value in judgement.ragas.items()},
        **{f"judge.{name}": value for name, value in judgement.judge.items()},
    }


class _Shared:
    """Keeps one of many equal mappings: most answers hold the same personal data, which is none."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Any] = {}

    def one(self, found: Counts | None) -> Counts | None:
        if found is None:
            return None
        kept: Counts = self._known.setdefault(tuple(found.items()), found)
        return kept


def _batches(answers: Iterable[Answer]) -> Iterator[Sequence[Answer]]:
    left = iter(answers)
    while some := list(islice(left, AT_ONCE)):
        yield some


def _put(column: Any, row: int, value: Any) -> None:
    if row == len(column):
        column.append(value)
    else:
        column[row] = value


def _number(value: float | None) -> float:
    return nan if value is None else value


def _blank(count: int) -> "array[float]":
    return array("d", [nan]) * count


def _digest(words: str) -> int:
    return int.from_bytes(blake2b(words.encode(), digest_size=8).digest())
