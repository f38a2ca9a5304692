"""The columns of a run come in, percentiles of wall time, its parts and the framework's own CPU go out.

Wall time is charged: what our caches saved is put back, so that who comes first pays nothing extra. Failed questions
are left out. Percentiles are over answers, all rounds together, and interpolate linearly between order statistics.
"""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isnan

from workbench.records import Answer, Call
from workbench.scores.columns import Columns, Cpu, numbers
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
    """Search in the framework's vector store, and the charged time of its rerank calls; None: not timed apart, it is
    then part of `framework`."""
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


def score(run: Columns, control: Cpu | None = None) -> Latency:
    """Times of one run.

    Args:
        run: its columns.
        control: the CPU of `plain` on the same track; None: there is none to compare with.
    """
    answered = run.answered()
    walls = numbers()
    series = {"embedding": numbers(), "retrieval": numbers(), "model": numbers(), "framework": numbers()}
    for each in (parts(run, row) for row in answered):
        walls.append(each.wall)
        series["embedding"].append(each.embedding)
        series["model"].append(each.model)
        series["framework"].append(each.framework)
        if each.retrieval is not None:
            series["retrieval"].append(each.retrieval)
    beyond = list(cpu_beyond(run, control).values())
    figures = {f"wall_ms.{name}": (walls, share) for name, share in PERCENTILES.items()}
    figures |= {f"parts_ms.{name}": (seconds, 0.5) for name, seconds in series.items()}
    figures["framework_cpu_ms"] = (array("d", beyond), 0.5)
    rates = run.tokens_per_second
    return Latency(
        wall_ms={name: _ms(walls, share) for name, share in PERCENTILES.items()},
        parts_ms={name: _ms(seconds, 0.5) for name, seconds in series.items()},
        cpu_ms=_ms([run.cpu_seconds[row] for row in answered if run.in_flight[row] == 1], 0.5),
        framework_cpu_ms=_ms(beyond, 0.5),
        first_token_ms=_ms(run.first_token_seconds, 0.5),
        output_tokens_per_second=quantile(rates, 0.5) if rates else None,
        comparable=all(many <= 1 for many in run.in_flight),
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

    Args:
        answer: one that did not fail.
        calls: of its own attempt.
    """
    return _parts(
        answer.wall_seconds,
        answer.retrieval_seconds,
        charged=sum(call.seconds for call in calls),
        spent=sum(call.spent_seconds for call in calls),
        embedding=sum(call.seconds for call in calls if call.kind == "embeddings"),
        ranking=sum(call.seconds for call in calls if call.kind == "rerank"),
    )


def parts(run: Columns, row: int) -> Parts:
    """Take the wall time of one row that did not fail apart."""
    searched = run.retrieval_seconds[row]
    return _parts(
        run.wall_seconds[row],
        None if isnan(searched) else searched,
        charged=run.charged_seconds[row],
        spent=run.spent_seconds[row],
        embedding=run.embedding_seconds[row],
        ranking=run.rerank_seconds[row],
    )


def _parts(
    took: float, searched: float | None, *, charged: float, spent: float, embedding: float, ranking: float
) -> Parts:
    """Charged wall = wall as it was - what its calls really took + what they are charged with."""
    wall = max(0.0, took - spent) + charged
    rest = wall - charged - (searched or 0.0)
    found = None if searched is None else searched + ranking
    return Parts(wall, embedding, charged - embedding - ranking, found, max(0.0, rest))


def cpu_beyond(run: Columns, control: Cpu | None) -> dict[str, float]:
    """CPU seconds beyond the control, by question: the mean over rounds that both answered, one question at a time."""
    if control is None:
        return {}
    own = zip(run.rows.names(), run.rows.rounds, run.cpu_alone().seconds, strict=True)
    return run.by_question(cpu - control.of(name, turn) for name, turn, cpu in own)


def _ms(seconds: Sequence[float], share: float) -> float | None:
    return quantile(seconds, share) * 1000 if seconds else None


def tokens_per_second(call: Call) -> float | None:
    """Of a streamed call, after its first token; None: a single token has no rate."""
    # The first token came with the first content; what follows was made in the time after it. Both are real time, which
    # the gateway spent with the call, or would have: a replay that does not wait spends less than it charges.
    after = max(call.spent_seconds, call.seconds) - (call.first_token_seconds or 0.0)
    return (call.output_tokens - 1) / after if call.output_tokens > 1 and after > 0 else None
