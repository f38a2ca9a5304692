"""Answers and their calls come in, percentiles of wall time, its parts and the framework's own CPU go out.

Wall time is charged: what our caches saved is put back, so that who comes first pays nothing extra. Failed questions
are left out. Percentiles are over answers, all rounds together, and interpolate linearly between order statistics.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workbench.records import Answer, Call
from workbench.scores.rounds import by_question
from workbench.stats import Interval, quantile, quantile_interval

PERCENTILES = {"p50": 0.50, "p95": 0.95, "p99": 0.99}


@dataclass(frozen=True, slots=True)
class Parts:
    """One answer's charged wall time in seconds, and what it went into."""

    wall: float
    embedding: float
    """Charged time of its embeddings calls."""
    model: float
    """Charged time of its chat calls."""
    retrieval: float | None
    """Search in the framework's vector store; None: not timed apart, it is then part of `framework`."""
    framework: float
    """The rest: what the framework adds around calls and search."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Times of a run in milliseconds; None where nothing was measured."""

    wall_ms: dict[str, float | None]
    """p50, p95 and p99 of the charged wall time."""
    parts_ms: dict[str, float | None]
    """Median of embedding, retrieval, model and framework, each over all answers: they need not add up."""
    cpu_ms: float | None
    """Median CPU of the worker process per answer; None with several at once, whose CPU cannot be told apart."""
    framework_cpu_ms: float | None
    """Median over questions of CPU beyond the control on the same question and round; None without a control."""
    first_token_ms: float | None
    """Median time to the first token of streamed chat calls."""
    output_tokens_per_second: float | None
    """Median rate of streamed chat calls after their first token."""
    comparable: bool
    """False when more than one question was in flight at once."""
    intervals: dict[str, Interval]
    """95 %, by dotted path: `wall_ms.p50`, `parts_ms.model`, `framework_cpu_ms`, …"""


def score(answers: Sequence[Answer], calls: Iterable[Call], control: Sequence[Answer] | None = None) -> Latency:
    """Times of one run.

    Args:
        answers: the latest of each question and round.
        calls: of the run; those of other attempts are passed over.
        control: the answers of `plain` on the same track; None: there is none to compare with.
    """
    answered = [answer for answer in answers if not answer.failure]
    counted = counted_calls(answered, calls)
    parts = [split(answer, counted[answer.attempt]) for answer in answered]
    streamed = [
        call
        for each in counted.values()
        for call in each
        if call.kind == "chat" and call.first_token_seconds is not None
    ]
    series = {
        "embedding": [each.embedding for each in parts],
        "retrieval": [each.retrieval for each in parts if each.retrieval is not None],
        "model": [each.model for each in parts],
        "framework": [each.framework for each in parts],
    }
    walls = [each.wall for each in parts]
    beyond = cpu_beyond(answers, control)
    figures = {f"wall_ms.{name}": (walls, share) for name, share in PERCENTILES.items()}
    figures |= {f"parts_ms.{name}": (seconds, 0.5) for name, seconds in series.items()}
    figures["framework_cpu_ms"] = (list(beyond.values()), 0.5)
    rates = [rate for call in streamed if (rate := _tokens_per_second(call)) is not None]
    return Latency(
        wall_ms={name: _ms(walls, share) for name, share in PERCENTILES.items()},
        parts_ms={name: _ms(seconds, 0.5) for name, seconds in series.items()},
        cpu_ms=_ms([answer.cpu_seconds for answer in answered if answer.in_flight == 1], 0.5),
        framework_cpu_ms=_ms(list(beyond.values()), 0.5),
        first_token_ms=_ms([call.first_token_seconds or 0.0 for call in streamed], 0.5),
        output_tokens_per_second=quantile(rates, 0.5) if rates else None,
        comparable=all(answer.in_flight <= 1 for answer in answers),
        intervals={
            path: Interval(found.low * 1000, found.high * 1000, found.n, found.method)
            for path, (seconds, share) in figures.items()
            if (found := quantile_interval(seconds, share))
        },
    )


def counted_calls(answers: Iterable[Answer], calls: Iterable[Call]) -> dict[str, list[Call]]:
    """The calls of each answer's own attempt, by attempt; calls of other attempts and of no question are left out."""
    counted: dict[str, list[Call]] = {answer.attempt: [] for answer in answers}
    for call in calls:
        if call.attempt and call.attempt in counted:
            counted[call.attempt].append(call)
    return counted


def split(answer: Answer, calls: Sequence[Call]) -> Parts:
    """Take one answer's wall time apart.

    Charged wall = wall as it was - what its calls really took + what they are charged with.

    Args:
        answer: one that did not fail.
        calls: of its own attempt.
    """
    charged = sum(call.seconds for call in calls)
    wall = max(0.0, answer.wall_seconds - sum(call.spent_seconds for call in calls)) + charged
    embedding = sum(call.seconds for call in calls if call.kind == "embeddings")
    rest = wall - charged - (answer.retrieval_seconds or 0.0)
    return Parts(wall, embedding, charged - embedding, answer.retrieval_seconds, max(0.0, rest))


def cpu_beyond(answers: Sequence[Answer], control: Sequence[Answer] | None) -> dict[str, float]:
    """CPU seconds beyond the control, by question: the mean over rounds that both answered, one question at a time."""
    base = {(each.question, each.round): each for each in control or () if _alone(each)}
    return by_question(
        (each.question, each.cpu_seconds - base[each.question, each.round].cpu_seconds)
        for each in answers
        if _alone(each) and (each.question, each.round) in base
    )


def _alone(answer: Answer) -> bool:
    return answer.failure is None and answer.in_flight <= 1


def _ms(seconds: Sequence[float], share: float) -> float | None:
    return quantile(seconds, share) * 1000 if seconds else None


def _tokens_per_second(call: Call) -> float | None:
    # The first token came with the first content; what follows was made in the time after it. Both are real time, which
    # the gateway spent with the call, or would have: a replay that does not wait spends less than it charges.
    after = max(call.spent_seconds, call.seconds) - (call.first_token_seconds or 0.0)
    return (call.output_tokens - 1) / after if call.output_tokens > 1 and after > 0 else None
