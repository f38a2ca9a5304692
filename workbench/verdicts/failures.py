"""A saved run comes in, its failing questions go out, each with the likely cause and all that there is to see of it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

from workbench.comparison import price_as_of
from workbench.records import Answer, Call, Evidence, Gold, Hit
from workbench.runs.store import Experiment, Run
from workbench.scores.answers import Marks, scorable
from workbench.scores.bill import added, priced
from workbench.scores.latency import counted_calls, split
from workbench.scores.retrieval import holds

FAILED, NOT_RETRIEVED, PARTLY = "failed", "not retrieved", "partly retrieved"
NOT_ANSWERED, DECLINED = "retrieved but not answered", "declined wrongly"
ANSWERED, UNKNOWN = "answered what should be declined", "wrong, and no gold evidence tells why"
CAUSES = (FAILED, NOT_RETRIEVED, PARTLY, NOT_ANSWERED, DECLINED, ANSWERED, UNKNOWN)

GOOD_F1 = 0.5
"""A short gold answer of one fact, told in other words, passes from here on."""
SHOWN_CHARACTERS = 160


@dataclass(frozen=True, slots=True)
class Shown:
    """One retrieved passage."""

    passage: str
    document: str
    score: float
    used: bool
    """It went into the prompt."""
    holds_evidence: bool
    text: str | None
    """Its beginning; None: not kept."""


@dataclass(frozen=True, slots=True)
class Case:
    """One question as one run answered it."""

    backend: str
    track: str
    question: str
    tenant: str
    kind: str
    cause: str
    """One of `CAUSES`; empty: nothing is wrong with it."""
    failure: str
    """Kind of the failure, where it failed."""
    rounds: int
    """In how many rounds it went wrong."""
    answerable: bool | None
    """None: there is no gold."""
    marks: dict[str, Any] | None
    evidence: int
    """Pieces that retrieval should find."""
    evidence_used: int
    """Pieces that a passage in the prompt holds."""
    input_tokens: int | None
    output_tokens: int | None
    wall_ms: float | None
    """Charged."""
    usd: Decimal | None
    """Charged; None: unpriced, or there was no call."""
    text: str | None = None
    """The question's; None: not kept, as below."""
    gold: tuple[str, ...] | None = None
    answer: str | None = None
    """What was said, or what a failed one said instead."""
    passages: tuple[Shown, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; money is text, so that it stays exact."""
        return asdict(self) | {"usd": None if self.usd is None else f"{self.usd:f}"}


def failing(experiment: Experiment, run: Run, questions: Collection[str] = ()) -> list[Case]:
    """The failing questions of a run, in the order of their ids; of several rounds, the last that went wrong.

    Args:
        experiment: whose.
        run: of it.
        questions: give these, whether they fail or not; empty: all that fail.
    """
    identity, gold, tenants = run.identity(), experiment.gold(), experiment.tenants()
    marks = {item["attempt"]: Marks.from_dict(item["marks"]) for item in run.judged()}
    chosen: dict[str, tuple[Answer, str, int]] = {}
    for answer in run.answers().values():
        if questions and answer.question not in questions:
            continue
        cause = cause_of(answer, marks.get(answer.attempt), gold.get(answer.question))
        _, before, count = chosen.get(answer.question, (answer, "", 0))
        if cause or (questions and not before):
            chosen[answer.question] = (answer, cause, count + bool(cause))
    price = price_as_of(experiment.about())
    made = (priced(call, price) if price else call for call in run.calls())
    calls = counted_calls([answer for answer, _, _ in chosen.values()], made)
    cases = [
        _case(
            (identity.backend, identity.track),
            answer,
            (cause, rounds),
            gold.get(name),
            tenants.get(name, ""),
            marks.get(answer.attempt),
            calls[answer.attempt],
        )
        for name, (answer, cause, rounds) in sorted(chosen.items())
    ]
    return _with_texts(cases, {name: answer.attempt for name, (answer, _, _) in chosen.items()}, experiment, run)


def cause_of(answer: Answer, marks: Marks | None, gold: Gold | None) -> str:
    """Why an answer is not right, as far as stored figures tell; empty where it is right, or cannot be scored.

    Right is what holds every needed fact, or agrees with a gold answer of one fact in half of the words (F1).
    """
    if answer.failure:
        return FAILED
    if gold is None or marks is None:
        return ""
    if not gold.answerable:
        return "" if marks.declined else ANSWERED
    if not _wrong(marks, gold):
        return ""
    wanted = _units(gold)
    if not wanted:
        return DECLINED if marks.declined else UNKNOWN
    found = _found(answer, wanted)
    if not found:
        return NOT_RETRIEVED
    if found < len(wanted):
        return PARTLY
    return DECLINED if marks.declined else NOT_ANSWERED


def _wrong(marks: Marks, gold: Gold) -> bool:
    if not scorable(gold) or marks.contains is None or marks.f1 is None:
        return marks.declined
    # A share of parts is an incomplete answer, however many words agree.
    return marks.contains < 1 and (marks.f1 < GOOD_F1 or marks.contains > 0)


def _units(gold: Gold | None) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys(gold.evidence)) if gold else ()


def _found(answer: Answer, wanted: Iterable[Evidence]) -> int:
    return sum(any(holds(hit, unit) for hit in answer.hits[: answer.used]) for unit in wanted)


def _case(
    whose: tuple[str, str],
    answer: Answer,
    wrong: tuple[str, int],
    gold: Gold | None,
    tenant: str,
    marks: Marks | None,
    calls: list[Call],
) -> Case:
    wanted, failed = _units(gold), answer.failure
    return Case(
        backend=whose[0],
        track=whose[1],
        question=answer.question,
        tenant=tenant,
        kind=gold.kind if gold else "",
        cause=wrong[0],
        failure=failed.kind if failed else "",
        rounds=wrong[1],
        answerable=gold.answerable if gold else None,
        marks=marks.to_dict() if marks else None,
        evidence=len(wanted),
        evidence_used=_found(answer, wanted),
        input_tokens=sum(call.input_tokens for call in calls) if calls else None,
        output_tokens=sum(call.output_tokens for call in calls) if calls else None,
        wall_ms=None if failed else 1000 * split(answer, calls).wall,
        usd=_usd(calls),
        passages=tuple(
            _shown(hit, place < answer.used, any(holds(hit, unit) for unit in wanted))
            for place, hit in enumerate(answer.hits)
        ),
    )


def _usd(calls: Iterable[Call]) -> Decimal | None:
    total: Decimal | None = None
    for place, call in enumerate(calls):
        total = added(total if place else Decimal(0), call.usd)
    return total


def _shown(hit: Hit, used: bool, held: bool) -> Shown:
    return Shown(hit.passage, hit.document, hit.score, used, held, None)


def _with_texts(cases: list[Case], attempts: Mapping[str, str], experiment: Experiment, run: Run) -> list[Case]:
    """Texts are read last and only those of the cases: a run may hold far more."""
    names, wanted = {case.question for case in cases}, set(attempts.values())
    asked = {item["question"]: item for item in experiment.question_texts() if item["question"] in names}
    said = {
        item["attempt"]: item.get("failure") or item["text"] for item in run.answer_texts() if item["attempt"] in wanted
    }
    seen = {shown.passage for case in cases for shown in case.passages}
    passages = {name: text[:SHOWN_CHARACTERS] for name, text in run.passage_texts().items() if name in seen}
    return [
        replace(
            case,
            text=asked[case.question]["text"] if case.question in asked else None,
            gold=_wanted(asked[case.question]) if case.question in asked else None,
            answer=said.get(attempts[case.question]),
            passages=tuple(replace(shown, text=passages.get(shown.passage)) for shown in case.passages),
        )
        for case in cases
    ]


def _wanted(item: Mapping[str, Any]) -> tuple[str, ...]:
    """Gold answers, or the parts that a complete one holds."""
    parts = item.get("parts") or ()
    return tuple(" / ".join(part) for part in parts) if parts else tuple(item["answers"])
