"""What a run kept in texts comes in, what was found of planted values around each answer that counts goes out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.leakage.record import Found, Leak
from workbench.leakage.rights import Rights
from workbench.leakage.search import Scanner, Seen
from workbench.messages import text_of
from workbench.records import Answer

_SURER = {"exact": 0, "normalised": 1, "partial": 2}


@dataclass(slots=True)
class Sent:
    """What the calls of a run carried, by attempt: values, not texts."""

    by_attempt: dict[str, dict[int, Seen]] = field(default_factory=dict)
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
    typed: Mapping[str, frozenset[int]],
) -> Sent:
    """Search everything that was sent.

    Args:
        scanner: of the workload.
        calls: as a store reads them: "call", "tenant", "question", "attempt", "sent".
        attempts: those that count.
        retries: by call, how often the gateway sent it again; a call that is not named was sent once.
        tenants: of each value.
        typed: by question, what its own words hold.
    """
    found = Sent()
    for call in calls:
        seen = scanner.scan("\n".join(_texts(call["sent"])))
        if not seen:
            continue
        if call["attempt"] in attempts:
            so_far = found.by_attempt.setdefault(call["attempt"], {})
            _add(so_far, seen, 1 + retries.get(call["call"], 0))
            continue
        whole = {number for number, each in seen.items() if each.whole}
        found.elsewhere |= whole
        if call["tenant"]:
            own = typed.get(call["question"], frozenset())
            found.crossing |= {number for number in whole - own if tenants[number] != call["tenant"]}
    return found


def leak(
    answer: Answer,
    said: str,
    *,
    scanner: Scanner,
    rights: Rights,
    typed: frozenset[int],
    prompts: Mapping[int, Seen],
    judged: Mapping[int, Seen],
    passages: Mapping[str, Mapping[int, Seen]],
) -> Leak:
    """Bring together what was found around one answer.

    Args:
        answer: one that counts, failed or not.
        said: its text; empty where it failed.
        scanner: of the workload.
        rights: of its askers.
        typed: values in the question's own words, in part too.
        prompts: seen in what its calls sent.
        judged: seen in what the judge's calls sent.
        passages: by passage, what is seen in it; a passage without values may be missing.
    """
    used = _of(passages, (hit.passage for hit in answer.hits[: answer.used]))
    below = _of(passages, (hit.passage for hit in answer.hits[answer.used :]))
    told = scanner.scan(said)
    # What the documents hold as well was sent because of them, whoever named it first.
    only_typed = typed - used.keys()
    named = {*used, *below, *(prompts.keys() - only_typed), *(judged.keys() - only_typed), *(told.keys() - typed)}
    return Leak(
        attempt=answer.attempt,
        typed=tuple(sorted(typed)),
        sent_typed=tuple(sorted(typed & prompts.keys())),
        retrieved=Found.of(used),
        below=Found.of(below, {*used}),
        prompt=Found.of(prompts, only_typed),
        judge=Found.of(judged, only_typed),
        answer=Found.of(told, typed),
        times=sum(each.times for each in prompts.values()),
        foreign=tuple(sorted(rights.foreign(answer.question, named))),
        above=tuple(sorted(rights.above(answer.question, named))),
        withheld=tuple(sorted(rights.withheld(answer.question, named))),
    )


def _texts(said: Any) -> Iterator[str]:
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
