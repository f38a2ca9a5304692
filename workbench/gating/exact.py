"""A cell now and in the baseline comes in, one check for everything that repeats exactly goes out.

What repeats exactly has no noise: any change is a real one. A figure is worse where its mean is, on the questions
asked, by more than is allowed; and where one question became worse, if it is one that must never happen.
"""

from collections.abc import Iterator, Mapping

from workbench import nouns
from workbench.gating import leaks
from workbench.gating.change import Change, change, counted, same_on, short, told
from workbench.gating.outcome import Check
from workbench.gating.snapshot import ANSWER, PASSAGES, Cell
from workbench.verdicts.margins import Margin

NEVER = (leaks.PREFIX, "failed")
"""Figures of which an improvement elsewhere makes up for nothing."""

SAMPLED = ("answers.", "judge.")
"""Figures that stand for more questions than were asked: quality, judged by statistics even where it repeats."""

_DIGESTED = {PASSAGES: "retrieved other passages", ANSWER: "answered in other words"}


def is_exact(path: str, now: Cell, base: Cell) -> bool:
    """Whether a figure is compared exactly."""
    if path == leaks.CROSS and not any(base.values[path].values()):
        return True  # no model's mood takes a value from one tenant to another
    return not path.startswith(SAMPLED) and all(repeats(path, cell) for cell in (now, base))


def repeats(path: str, cell: Cell) -> bool:
    """Whether a figure of a cell would come out the same again. A backend that fails does so where its answers do."""
    return (ANSWER if path == "failed" else path) in cell.deterministic


def checks(now: Cell, base: Cell, margins: Mapping[str, Margin]) -> Iterator[Check]:
    """Compare what repeats exactly.

    Args:
        now: the cell of the experiment.
        base: of the baseline.
        margins: by path, how much worse a mean may be; what is not named may not be worse at all.
    """
    for path in sorted(now.values.keys() & base.values.keys()):
        if is_exact(path, now, base):
            found = change(path, now.values[path], base.values[path])
            if found is not None:
                yield _check(now.name, path, found, margins.get(path))
    yield from leaks.sinks(now, base)
    for path, now_digests, base_digests in (
        (PASSAGES, now.passages, base.passages),
        (ANSWER, now.answers, base.answers),
    ):
        if all(path in cell.deterministic for cell in (now, base)) and now_digests and base_digests:
            yield _digests(now.name, path, now_digests, base_digests)


def _check(cell: str, path: str, found: Change, margin: Margin | None) -> Check:
    allowed = 0.0 if margin is None else margin.width * (abs(found.before) if margin.relative else 1)
    never = path.startswith(NEVER) and bool(found.worse) and margin is None
    lost = never or found.gain < -allowed - 1e-9 * abs(found.before)
    sentence = told(found)
    if counts := counted(found):
        sentence += f", {counts}"
    else:
        sentence = same_on(found.n)
    if lost and found.gain >= 0:
        sentence += "; each of these counts by itself"
    elif not lost and found.gain < 0:
        sentence += f"; within the margin of {margin}" if margin else ""
    if found.worse and (leaked := leaks.sentence(cell, found)):
        sentence = f"{leaked} ({sentence})"
    return Check(
        cell, path, "regression" if lost else "pass", sentence, short(found), found.worse, found.better, found.figures
    )


def _digests(cell: str, path: str, now: Mapping[str, str], base: Mapping[str, str]) -> Check:
    both = sorted(now.keys() & base.keys())
    others = tuple(name for name in both if now[name] != base[name])
    if not others:
        return Check(cell, path, "pass", same_on(len(both)), figures={"n": len(both)})
    sentence = (
        f"{len(others)} of {nouns.counted(len(both), 'question')} {_DIGESTED[path]}: no "
        "verdict by itself, the scores tell"
    )
    return Check(cell, path, "pass", sentence, f"{len(others)} other", others, figures={"n": len(both)})
