"""What a sweep found comes in, sentences go out: the verdict, what was done once, what stopping saved."""

from collections.abc import Iterable

from workbench.nouns import counted
from workbench.stats import Interval
from workbench.sweeping.bench import Shared
from workbench.sweeping.result import Confirmed, Result
from workbench.verdicts.wording import short, signed


def verdict(found: Result) -> str:
    """What came out, in one sentence."""
    if not found.picked:
        return found.stopped or "nothing was picked yet: the same command goes on"
    told = _picked(found)
    confirmed = found.confirmed
    if confirmed is None:
        return f"{told}; it is not confirmed yet: the same command goes on"
    return f"{told}; {_confirmed(found, confirmed)}"


def _picked(found: Result) -> str:
    stayed = [row for row in found.rows if row.standing != "worse"]
    worse = len(found.rows) - len(stayed)
    if len(stayed) == 1:
        return f"{found.picked} is best: the other {worse} were shown worse"
    if worse:
        rest = f"the other {len(stayed)} cannot be told apart"
        apart = f"{worse} of {counted(len(found.rows), 'candidate')} shown worse, {rest}"
    else:
        apart = f"none of {len(found.rows)} candidates can be told from the best"
    near = sum(row.standing in ("picked", "as good") for row in stayed)
    if near == 1:
        return f"{apart}; {found.picked} is measured best, and no other within {short(found.margin)} of it"
    return f"{apart}; {found.picked} is the cheapest of the {near} measured within {short(found.margin)} of the best"


def _confirmed(found: Result, held: Confirmed) -> str:
    level = f"{found.metric} {short(held.score, 3)}{_within(held.interval)} on {held.n} held-out questions"
    if held.verdict is None:
        return f"that is the baseline, which stays: {level}"
    ruled = held.verdict
    size = f"{signed(ruled.difference, 3)}{_signed(ruled.interval)}"
    if ruled.outcome == "better":
        return f"confirmed: {level}, better than the baseline ({found.baseline}) by {size}"
    if ruled.outcome == "worse":
        return f"not confirmed: {level}, worse than the baseline ({found.baseline}) by {size}; keep the baseline"
    seen = "" if ruled.detectable is None else f"; {short(ruled.detectable)} would have been seen"
    return f"{level}, no difference to the baseline ({found.baseline}) shown: {size}{seen}"


def besides(found: Result) -> Iterable[str]:
    """What else a reader must know: optimism, what was saved, what was done once, the rule."""
    held = found.confirmed
    if held is not None:
        moved = "" if held.baseline_shift is None else f" (the baseline moved by {signed(held.baseline_shift, 3)})"
        yield (
            f"optimism: picked on {found.row(found.picked).asked} questions with {found.metric} "
            f"{short(held.score + held.optimism, 3)}, {short(held.score, 3)} where it was not picked on: "
            f"{signed(held.optimism, 3)}{moved}"
        )
    saved = found.without_stopping - found.asked
    if found.left:
        yield (
            f"stopped early: {counted(len(found.left), 'candidate')}, which saved {counted(saved, 'question')} of "
            f"{found.without_stopping:,} ({100 * saved / found.without_stopping:.0f} %)"
        )
    if found.shared:
        yield found.shared
    yield (
        f"rule: after {', '.join(map(str, found.looks))} questions whoever is shown worse than the leader leaves, "
        f"paired, one-sided at {found.level:.2g} = 0.05 / ({len(found.looks)} looks x {len(found.rows) - 1} rivals), "
        "so that the best is lost with a chance of 5 % at the most"
    )
    if found.failed:
        yield f"{counted(found.failed, 'answer')} failed: wrong in the scores, unless infrastructure failed them"
    if found.stopped:
        yield found.stopped


def shared(done: Shared, candidates: int) -> str:
    """What the candidates had in common; empty where nothing had to be done."""
    if not done.chunkings:
        return ""
    return (
        f"embedded {counted(done.chunkings, 'chunking')} once each ({done.passages:,} passages) for "
        f"{counted(candidates, 'candidate')}, which would have embedded {done.indexed:,} on their own"
    )


def share(value: float) -> str:
    """0 to 1 in two digits, without the leading zero."""
    return f"{value:.2f}".replace("0.", ".", 1)


def _within(interval: Interval | None) -> str:
    return f" [{share(interval.low)},{share(interval.high)}]" if interval else ""


def _signed(interval: Interval) -> str:
    return f" [{signed(interval.low)},{signed(interval.high)}]"
