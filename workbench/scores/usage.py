"""The columns of a run come in, tokens and money per question go out, with what was spent beside and not scored.

Charged and spent, priced and unpriced are as in `bill`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from math import nan

from workbench.scores.bill import Bill
from workbench.scores.columns import Columns
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
class Usage:
    """Tokens and money of a run. Means are over answered questions and count the calls of their own attempts."""

    answered: int
    """Answers that did not fail: what the means are over."""
    tokens: Tokens | None
    """Of all calls together; None when nothing was answered."""
    chat: Tokens | None
    embeddings: Tokens | None
    rerank: Tokens | None
    """None also where no call was one."""
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


def score(run: Columns) -> Usage:
    """Tokens and money of one run, priced as its columns were read."""
    answered, bills, price = run.answered(), run.bills, run.price
    figures = {"tokens.input": run.input_tokens, "tokens.output": run.output_tokens}
    intervals = {path: _interval(run, values) for path, values in figures.items()}
    if bills.counted.usd is not None:
        intervals["usd"] = _interval(run, [1000 * (usd or 0) for usd in run.usd])
    return Usage(
        answered=len(answered),
        tokens=_tokens(bills.counted, len(answered)),
        chat=_tokens(bills.chat, len(answered)),
        embeddings=_tokens(bills.embeddings, len(answered)),
        rerank=_tokens(bills.rerank, len(answered)) if bills.rerank.calls else None,
        usd_per_1000=_per_1000(bills.counted.usd, len(answered)),
        spent_usd_per_1000=_per_1000(bills.counted.spent_usd, len(answered)),
        priced_as=f"{price.model} ({price.source}, {price.at})" if price else "",
        counted=bills.counted,
        not_scored=bills.not_scored,
        ingestion=bills.ingestion,
        unattributed=bills.unattributed,
        retries=bills.retries,
        failed_calls=bills.failed_calls,
        truncated=bills.truncated,
        flags=dict(sorted(bills.flags.items())),
        counted_by=tuple(sorted(bills.counted_by)),
        intervals={path: found for path, found in intervals.items() if found},
    )


def _interval(run: Columns, values: Iterable[Decimal | int]) -> Interval | None:
    """Over questions: another round of one is no new one."""
    answered = zip(values, run.failures, strict=True)
    by_question = run.by_question(nan if failed else float(value) for value, failed in answered)
    return mean_interval(list(by_question.values()))


def _tokens(whole: Bill, answered: int) -> Tokens | None:
    return Tokens(whole.input_tokens / answered, whole.output_tokens / answered) if answered else None


def _per_1000(usd: Decimal | None, answered: int) -> Decimal | None:
    return None if usd is None or not answered else usd * 1000 / answered
