"""One run as columns of numbers: a row for each question and round. Scores and comparisons read these, not records.

Half a million answers are a few arrays here, and would be gigabytes as records.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from math import isnan, nan

from workbench.prices import Price
from workbench.scores.bill import Bill, Bills
from workbench.scores.leakage import Tally
from workbench.scores.rounds import by_question


class Rows:
    """Which row a question has in a round. Rows are numbered in the order in which each was first answered."""

    def __init__(self) -> None:
        self.rounds = array("i")
        """By row."""
        self._places: dict[str, int] = {}
        self._question = array("i")
        self._row: dict[int, array[int]] = {}

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.rounds)

    @property
    def questions(self) -> tuple[str, ...]:
        """In the order in which each was first answered."""
        return tuple(self._places)

    def names(self) -> Iterator[str]:
        """The question of each row."""
        questions = self.questions
        return (questions[place] for place in self._question)

    def add(self, question: str, turn: int) -> int:
        """The row of a question in a round, a new one where it has none yet."""
        place = self._places.setdefault(question, len(self._places))
        rows = self._row.setdefault(turn, array("i"))
        rows.extend([-1] * (place + 1 - len(rows)))
        if rows[place] < 0:
            rows[place] = len(self)
            self.rounds.append(turn)
            self._question.append(place)
        return rows[place]

    def find(self, question: str, turn: int) -> int | None:
        """The row of a question in a round; None: it was not answered there."""
        place, rows = self._places.get(question), self._row.get(turn, ())
        return rows[place] if place is not None and place < len(rows) and rows[place] >= 0 else None


@dataclass(frozen=True, slots=True)
class Cpu:
    """CPU seconds by row; NaN where the answer failed or others were in flight, so that it cannot be told apart."""

    rows: Rows
    seconds: "array[float]"

    def of(self, question: str, turn: int) -> float:
        """NaN where there is none."""
        row = self.rows.find(question, turn)
        return nan if row is None else self.seconds[row]


def numbers() -> "array[float]":
    """An empty column of numbers; NaN: not measured."""
    return array("d")


def digests() -> "array[int]":
    """An empty column of 64 bits."""
    return array("Q")


@dataclass(slots=True)
class Columns:
    """What scores need to know of one run. Every column has a value for each of `rows`."""

    price: Price | None = None
    """What the chat tokens of local models are priced as."""
    rows: Rows = field(default_factory=Rows)
    failures: list[str] = field(default_factory=list)
    """Kind of the failure; empty: answered."""
    in_flight: "array[int]" = field(default_factory=lambda: array("i"))
    wall_seconds: "array[float]" = field(default_factory=numbers)
    """As it really took."""
    cpu_seconds: "array[float]" = field(default_factory=numbers)
    retrieval_seconds: "array[float]" = field(default_factory=numbers)
    retrieval: "dict[str, array[float]]" = field(default_factory=dict)
    """Measure -> 0..1; NaN: the question has no evidence."""
    passages: "array[int]" = field(default_factory=digests)
    """A digest of the ranking."""

    # Of the calls of the row's own attempt; nothing of a failed one.
    charged_seconds: "array[float]" = field(default_factory=numbers)
    spent_seconds: "array[float]" = field(default_factory=numbers)
    embedding_seconds: "array[float]" = field(default_factory=numbers)
    rerank_seconds: "array[float]" = field(default_factory=numbers)
    """Charged."""
    input_tokens: "array[int]" = field(default_factory=lambda: array("q"))
    output_tokens: "array[int]" = field(default_factory=lambda: array("q"))
    usd: list[Decimal | None] = field(default_factory=list)
    """Charged; None where a call has no price."""
    prompts: "array[int]" = field(default_factory=digests)
    """A digest of the prompt; 0: there was none, or more than one."""

    # Of the judgement of the row's own attempt.
    judged: bytearray = field(default_factory=bytearray)
    marks: "dict[str, array[float]]" = field(default_factory=dict)
    """`exact_match`, `f1`, `contains` and `declined`."""
    metrics: "dict[str, array[float]]" = field(default_factory=dict)
    """`answers.semantic_similarity`, `ragas.*` and `judge.*`, each that any judgement has."""
    pii_prompt: list[Mapping[str, int] | None] = field(default_factory=list)
    pii_answer: list[Mapping[str, int] | None] = field(default_factory=list)
    missed: list[Mapping[str, str]] = field(default_factory=list)
    """Metric -> why it has no figure, though it should."""

    # Of planted values around the row's own attempt; empty where the workload has none.
    leakage: "dict[str, array[float]]" = field(default_factory=dict)
    """Of `leakage.EVENTS` and `leakage.COUNTS`; NaN: nothing was looked for."""

    # Of the whole run.
    leaked: Tally | None = None
    first_token_seconds: "array[float]" = field(default_factory=numbers)
    """Of every streamed chat call that counts."""
    tokens_per_second: "array[float]" = field(default_factory=numbers)
    bills: Bills = field(default_factory=Bills)
    judge_bill: Bill = field(default_factory=Bill)

    def answered(self) -> list[int]:
        """The rows that did not fail."""
        return [row for row, failure in enumerate(self.failures) if not failure]

    def failed(self) -> dict[str, str]:
        """Question -> kind of its failure, of the last round that failed."""
        return {name: failure for name, failure in zip(self.rows.names(), self.failures, strict=True) if failure}

    def cpu_alone(self) -> Cpu:
        """The CPU of what was answered alone."""
        alone = zip(self.cpu_seconds, self.failures, self.in_flight, strict=True)
        return Cpu(self.rows, array("d", (nan if failed or many > 1 else cpu for cpu, failed, many in alone)))

    def by_question(self, values: Iterable[float]) -> dict[str, float]:
        """Mean over the rounds of each question, in the order of first appearance; NaN is passed over."""
        named = zip(self.rows.names(), values, strict=True)
        return by_question((name, None if isnan(value) else value) for name, value in named)
