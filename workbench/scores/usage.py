"""Answers and calls come in, tokens and money per question go out, with what was spent beside them and not scored.

Charged figures are as if nothing of ours had been cached; spent figures are what really went out. Money is `Decimal`. A
call without a price makes the total unpriced (None) and is counted: it is never taken for free.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from workbench.prices import LOCAL, Price
from workbench.records import INGESTION, Answer, Call
from workbench.scores.latency import counted_calls
from workbench.scores.rounds import by_question
from workbench.stats import Interval, mean_interval


@dataclass(frozen=True, slots=True)
class Tokens:
    """Mean tokens per answered question."""

    input: float
    output: float

    def to_dict(self) -> dict[str, float]:
        """Plain values for JSON."""
        return {"input": self.input, "output": self.output}


@dataclass(frozen=True, slots=True)
class Bill:
    """What a set of calls came to."""

    calls: int
    input_tokens: int
    output_tokens: int
    usd: Decimal | None
    """Charged; None when a call has no price."""
    spent_usd: Decimal | None
    unpriced: int
    """Calls without a price."""

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON; money as text, so that no digit is lost."""
        return {
            "calls": self.calls,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "usd": _text(self.usd),
            "spent_usd": _text(self.spent_usd),
            "unpriced": self.unpriced,
        }


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens and money of a run. Means are over answered questions and count the calls of their own attempts."""

    answered: int
    """Answers that did not fail: what the means are over."""
    tokens: Tokens | None
    """Chat and embeddings together; None when nothing was answered."""
    chat: Tokens | None
    embeddings: Tokens | None
    usd_per_1000: Decimal | None
    """Charged; None when nothing was answered or a call has no price."""
    spent_usd_per_1000: Decimal | None
    priced_as: str
    """The model whose list price local chat tokens were given, with its source; empty: none, they are free."""
    counted: Bill
    """All calls behind the means."""
    not_scored: Bill
    """Calls of failed questions and of attempts that were repeated: spent, not scored."""
    ingestion: Bill
    """Calls made while indexing."""
    unattributed: Bill
    """Calls of no question that a framework sent without their headers."""
    retries: int
    """At the gateway, over all calls."""
    failed_calls: int
    """Calls that the backend was given an error for."""
    truncated: int
    """Texts longer than the embedder reads, over all calls."""
    flags: dict[str, int]
    """What the embedded reader wanted known, by how many counted calls."""
    counted_by: tuple[str, ...]
    """Who counted the tokens: `upstream`, or tokenizers by name."""
    intervals: dict[str, Interval]
    """95 %, by dotted path: `tokens.input`, `tokens.output`, `usd`."""


def score(answers: Sequence[Answer], calls: Sequence[Call], price_as: Price | None = None) -> Usage:
    """Tokens and money of one run.

    Args:
        answers: the latest of each question and round.
        calls: all of the run, without the judge's.
        price_as: give the chat tokens of local models this model's price; embeddings stay as they are.

    Raises:
        ValueError: a local call's usage is impossible for the price.
    """
    if price_as:
        calls = [priced(call, price_as) for call in calls]
    answered = [answer for answer in answers if not answer.failure]
    per_answer = list(counted_calls(answered, calls).values())
    counted = [call for each in per_answer for call in each]
    attempts = {answer.attempt for answer in answered}
    whole = bill(counted)
    figures = {
        "tokens.input": [float(sum(call.input_tokens for call in each)) for each in per_answer],
        "tokens.output": [float(sum(call.output_tokens for call in each)) for each in per_answer],
    }
    if whole.usd is not None:
        figures["usd"] = [float(1000 * sum(call.usd or 0 for call in each)) for each in per_answer]
    return Usage(
        answered=len(answered),
        tokens=_tokens(counted, len(answered)),
        chat=_tokens([call for call in counted if call.kind == "chat"], len(answered)),
        embeddings=_tokens([call for call in counted if call.kind == "embeddings"], len(answered)),
        usd_per_1000=_per_1000(whole.usd, len(answered)),
        spent_usd_per_1000=_per_1000(whole.spent_usd, len(answered)),
        priced_as=f"{price_as.model} ({price_as.source}, {price_as.at})" if price_as else "",
        counted=whole,
        not_scored=bill(call for call in calls if call.question and call.attempt not in attempts),
        ingestion=bill(call for call in calls if call.attempt == INGESTION),
        unattributed=bill(call for call in calls if not call.question and call.attempt != INGESTION),
        retries=sum(call.retries for call in calls),
        failed_calls=sum(call.status >= 400 or bool(call.error) for call in calls),
        truncated=sum(call.truncated for call in calls),
        flags=_tally(flag for call in counted for flag in call.flags),
        counted_by=tuple(sorted({call.counted_by for call in counted if call.counted_by})),
        intervals={path: found for path, values in figures.items() if (found := _interval(answered, values))},
    )


def _interval(answered: Sequence[Answer], values: Sequence[float]) -> Interval | None:
    """Over questions: another round of one is no new one."""
    names = (answer.question for answer in answered)
    return mean_interval(list(by_question(zip(names, values, strict=True)).values()))


def bill(calls: Iterable[Call]) -> Bill:
    """Add calls up."""
    listed = list(calls)
    return Bill(
        calls=len(listed),
        input_tokens=sum(call.input_tokens for call in listed),
        output_tokens=sum(call.output_tokens for call in listed),
        usd=_sum(call.usd for call in listed),
        spent_usd=_sum(call.spent_usd for call in listed),
        unpriced=sum(call.usd is None or call.spent_usd is None for call in listed),
    )


def priced(call: Call, price: Price) -> Call:
    """A local model's chat call, its tokens priced as another model's; any other call as it is."""
    if call.kind != "chat" or not call.model.startswith(LOCAL):
        return call
    usd = price.cost(call.input_tokens, call.output_tokens, call.cached_tokens)
    return replace(call, usd=usd, spent_usd=usd)


def _tokens(calls: Sequence[Call], answered: int) -> Tokens | None:
    if not answered:
        return None
    given, made = sum(call.input_tokens for call in calls), sum(call.output_tokens for call in calls)
    return Tokens(given / answered, made / answered)


def _per_1000(usd: Decimal | None, answered: int) -> Decimal | None:
    return None if usd is None or not answered else usd * 1000 / answered


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    total = Decimal(0)
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total


def _tally(names: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return dict(sorted(counts.items()))


def _text(usd: Decimal | None) -> str | None:
    return None if usd is None else f"{usd:f}"
