"""Failing questions in; how many of them retrieval, reading or declining went wrong in, out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.stats import Interval, wilson
from workbench.verdicts.failures import ANSWERED, DECLINED, FAILED, NOT_ANSWERED, NOT_RETRIEVED, PARTLY, UNKNOWN, Case

_SIDES: Mapping[str, tuple[str, ...]] = {
    "retrieval": (NOT_RETRIEVED, PARTLY),
    "reading": (NOT_ANSWERED, DECLINED),
    "declining": (ANSWERED,),
    "failed": (FAILED,),
    "unknown": (UNKNOWN,),
}
_TOLD = {
    "retrieval": "not all of its evidence was in the prompt",
    "reading": "all of it was in the prompt and was misread or declined",
    "declining": "it should have been declined",
    "failed": "no answer came",
    "unknown": "there is no gold evidence to tell by",
}


@dataclass(frozen=True, slots=True)
class Side:
    """One sort of cure, and how many of the failing questions call for it."""

    name: str
    """retrieval (chunking, k, search), reading (prompt, model), declining, failed or unknown."""
    failing: int
    share: Interval
    """Of all failing questions, with its 95 % interval."""
    of: int
    """Failing questions, whatever went wrong."""


def sides(cases: Sequence[Case]) -> list[Side]:
    """Sort the failing questions of one run by what would cure them; sides without any are left out.

    Args:
        cases: of `workbench.verdicts.failures.failing` that have a cause.

    Source: the intervals are Wilson's (JASA 22, 1927).
    """
    counts = {name: sum(case.cause in causes for case in cases) for name, causes in _SIDES.items()}
    return [Side(name, count, wilson(count, len(cases)), len(cases)) for name, count in counts.items() if count]


def sentence(cases: Sequence[Case], asked: int) -> str:
    """What went wrong and on which side, in one sentence.

    Args:
        cases: the failing questions of one run.
        asked: questions of the run.
    """
    found = sorted(sides(cases), key=lambda side: -side.failing)
    told = [
        f"of {side.failing} ({100 * side.failing / side.of:.0f} % [{100 * side.share.low:.0f}, "
        f"{100 * side.share.high:.0f}]) {_TOLD[side.name]}"
        for side in found
    ]
    return f"{len(cases)} of {asked} questions went wrong" + (f": {'; '.join(told)}" if told else "")
