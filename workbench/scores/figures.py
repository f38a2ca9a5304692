"""The records of one run and the gold come in, its accuracy question by question goes out: what comparisons pair.

Three outcomes stay three: a wrong answer scores 0, a failed one scores 0 wherever an answer would have been scored, and
a question without gold is in no figure and counted.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from workbench.records import Answer, Call, Gold
from workbench.scores import answers, retrieval
from workbench.scores.judgement import Judgement
from workbench.scores.rounds import by_question


@dataclass(frozen=True, slots=True)
class RunRecords:
    """What a store reads of one run: one workload, one backend, one track."""

    answers: tuple[Answer, ...]
    """The latest of each question and round."""
    calls: tuple[Call, ...] = ()
    """All of the run, whatever attempt they belong to, without the judge's."""
    judgements: Mapping[str, Judgement] = field(default_factory=dict)
    """By attempt."""
    judge_calls: tuple[Call, ...] = ()
    """Made to judge the answers: shown apart, in no figure of the backend."""


@dataclass(frozen=True, slots=True)
class Figures:
    """A run by question."""

    values: dict[str, dict[str, float]]
    """Dotted path, such as `answers.f1`, `retrieval.recall@5` or `judge.faithfulness` -> question -> value, the mean
    over its rounds. A figure that was not measured has an empty dict or no entry."""
    unscored: frozenset[str]
    """Questions without gold answers."""
    without_evidence: frozenset[str]
    """Questions without gold evidence: their retrieval is not scored."""
    unjudged: frozenset[str]
    """Questions answered, but interrupted before they were judged: in no figure of answers."""


def figures(run: RunRecords, gold: Mapping[str, Gold]) -> Figures:
    """Score a run question by question.

    Args:
        run: its records.
        gold: by question id.
    """
    ready = [each for each in run.answers if each.failure or each.attempt in run.judgements]
    waiting = [each for each in run.answers if not each.failure and each.attempt not in run.judgements]
    texts = answers.score(ready, {attempt: each.marks for attempt, each in run.judgements.items()}, gold)
    found = retrieval.score(run.answers, gold)
    values = {f"retrieval.{name}": {key: each[name] for key, each in found.items()} for name in retrieval.MEASURES}
    values |= {
        "answers.exact_match": texts.exact_match,
        "answers.f1": texts.f1,
        "answers.contains": texts.contains,
        "answers.refusal_accuracy": texts.refusal,
        "answers.wrongly_declined": texts.wrongly_declined,
        "answers.semantic_similarity": _judged(run, gold, "answers", "semantic_similarity", _similarity),
    }
    for metric in _names(run, _ragas):
        values[f"ragas.{metric}"] = _judged(run, gold, "evidence", metric, _ragas)
    for metric in _names(run, _judge):
        # A question without a reply has nothing that could be faithful or not.
        when_failed = None if metric == "faithfulness" else 0.0
        values[f"judge.{metric}"] = _judged(run, gold, "answers", metric, _judge, when_failed)
    asked = {each.question for each in run.answers}
    return Figures(
        values,
        unscored=frozenset(question for question in asked if not answers.scorable(gold.get(question))),
        without_evidence=frozenset(asked - found.keys()),
        unjudged=frozenset(each.question for each in waiting),
    )


def _similarity(judgement: Judgement) -> Mapping[str, float]:
    return {} if judgement.similarity is None else {"semantic_similarity": judgement.similarity}


def _ragas(judgement: Judgement) -> Mapping[str, float]:
    return judgement.ragas


def _judge(judgement: Judgement) -> Mapping[str, float]:
    return judgement.judge


def _names(run: RunRecords, read: Callable[[Judgement], Mapping[str, float]]) -> list[str]:
    return sorted({name for judgement in run.judgements.values() for name in read(judgement)})


def _judged(
    run: RunRecords,
    gold: Mapping[str, Gold],
    needs: str,
    metric: str,
    read: Callable[[Judgement], Mapping[str, float]],
    when_failed: float | None = 0.0,
) -> dict[str, float]:
    """A figure of the judgements by question; empty when no answer has it, since it was then not asked for."""
    asked = [
        each
        for each in run.answers
        if (right := gold.get(each.question)) and right.answerable and getattr(right, needs)
    ]
    judged = (run.judgements.get(each.attempt) for each in asked)
    known = [None if judgement is None else read(judgement).get(metric) for judgement in judged]
    if all(value is None for value in known):
        return {}
    pairs = zip(asked, known, strict=True)
    return by_question((each.question, when_failed if each.failure else value) for each, value in pairs)
