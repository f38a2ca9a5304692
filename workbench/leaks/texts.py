"""What a run kept in texts comes in, what was found of planted values around each answer that counts goes out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.leaks.record import Found, Leak
from workbench.leaks.rights import Rights
from workbench.leaks.search import Scanner, Seen
from workbench.messages import text_of
from workbench.privacy.redact import unrestored
from workbench.records import Answer

_SURER = {"exact": 0, "normalised": 1, "partial": 2}


@dataclass(frozen=True, slots=True)
class Typed:
    """What an asker typed."""

    text: str
    values: frozenset[int]
    """In part too."""


NOTHING = Typed("", frozenset())


@dataclass(slots=True)
class Sent:
    """What the calls of a run carried, by attempt: values, not texts."""

    by_attempt: dict[str, dict[int, Seen]] = field(default_factory=dict)
    besides: dict[str, dict[int, Seen]] = field(default_factory=dict)
    """The same without the asker's own words, where they stand as they were typed."""
    elsewhere: set[int] = field(default_factory=set)
    """Whole values in calls of no attempt that counts: a backend's first, those that failed, those without a name."""
    crossing: set[int] = field(default_factory=set)
    """Of them, another tenant's than the call's."""


def sent(
    scanner: Scanner,
    calls: Iterable[Mapping[str, Any]],
    attempts: frozenset[str] | set[str],
    *,
    retries: Mapping[str, int],
    tenants: Sequence[str],
    typed: Mapping[str, Typed],
) -> Sent:
    """Search everything that was sent.

    Args:
        scanner: of the workload.
        calls: as a store reads them: "call", "tenant", "question", "attempt", "sent".
        attempts: those that count.
        retries: by call, how often the gateway sent it again; a call that is not named was sent once.
        tenants: of each value.
        typed: by question.
    """
    found = Sent()
    for call in calls:
        text = "\n".join(said_in(call["sent"]))
        seen = scanner.scan(text)
        if not seen:
            continue
        own = typed.get(call["question"], NOTHING)
        if call["attempt"] in attempts:
            _add(found.by_attempt.setdefault(call["attempt"], {}), seen, 1 + retries.get(call["call"], 0))
            rest = scanner.scan(text.replace(own.text, " ")) if own.values else seen
            _add(found.besides.setdefault(call["attempt"], {}), rest, 1)
            continue
        whole = {number for number, each in seen.items() if each.whole}
        found.elsewhere |= whole
        if call["tenant"]:
            found.crossing |= {number for number in whole - own.values if tenants[number] != call["tenant"]}
    return found


def leak(
    answer: Answer,
    said: str,
    *,
    scanner: Scanner,
    rights: Rights,
    typed: frozenset[int],
    prompts: Sent,
    judged: Sent,
    passages: Mapping[str, Mapping[int, Seen]],
) -> Leak:
    """Bring together what was found around one answer.

    Args:
        answer: one that counts, failed or not.
        said: its text; empty where it failed.
        scanner: of the workload.
        rights: of its askers.
        typed: values in the question's own words, in part too.
        prompts: what the run's calls sent.
        judged: what the judge's calls sent.
        passages: by passage, what is seen in it; a passage without values may be missing.
    """
    used = _of(passages, (hit.passage for hit in answer.hits[: answer.used]))
    below = _of(passages, (hit.passage for hit in answer.hits[answer.used :]))
    told = scanner.scan(said)
    everything, besides = (each.get(answer.attempt, {}) for each in (prompts.by_attempt, prompts.besides))
    to_judge = judged.besides.get(answer.attempt, {})
    # A model may have put the asker's words in its own: only what the documents hold too was sent because of them.
    only_typed = typed - used.keys()
    named = {*used, *below, *(besides.keys() - only_typed), *(to_judge.keys() - only_typed), *(told.keys() - typed)}
    return Leak(
        attempt=answer.attempt,
        typed=tuple(sorted(typed)),
        sent_typed=tuple(sorted(typed & everything.keys())),
        retrieved=Found.of(used),
        below=Found.of(below, {*used}),
        prompt=Found.of(besides, only_typed),
        judge=Found.of(to_judge, only_typed),
        answer=Found.of(told, typed),
        times=sum(each.times for each in everything.values()),
        unrestored=unrestored(said),
        foreign=tuple(sorted(rights.foreign(answer.question, named))),
        above=tuple(sorted(rights.above(answer.question, named))),
        withheld=tuple(sorted(rights.withheld(answer.question, named))),
    )


def said_in(said: Any) -> Iterator[str]:
    """The texts of what a call sent: of each message of a chat, or those to be embedded."""
    for each in said or ():
        yield text_of(each) if isinstance(each, dict) else str(each)


def _add(into: dict[int, Seen], seen: Mapping[int, Seen], often: int) -> None:
    for number, each in seen.items():
        before = into.get(number, each)
        times = each.times * often + (into[number].times if number in into else 0)
        into[number] = Seen(min(before.level, each.level, key=_SURER.__getitem__), times)


def _of(passages: Mapping[str, Mapping[int, Seen]], names: Iterable[str]) -> dict[int, Seen]:
    found: dict[int, Seen] = {}
    for name in names:
        _add(found, passages.get(name, {}), 1)
    return found
