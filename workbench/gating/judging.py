"""An experiment, a baseline and what is allowed come in, the result of the gate goes out."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from workbench.gating import exact, leaks, likeness, quality, speed
from workbench.gating.change import change
from workbench.gating.outcome import Check, Policy, Result
from workbench.gating.snapshot import Snapshot
from workbench.gating.taking import Taken
from workbench.verdicts import margins


def judge(
    now: Taken,
    base: Snapshot,
    *,
    folder: Path,
    baseline: Path,
    margin: Iterable[str] = (),
    policy: Policy = "default",
) -> Result:
    """Compare an experiment with a baseline. A cell that cannot be compared, or broke down, is not judged.

    Args:
        now: the experiment.
        base: the baseline.
        folder: the experiment's, to be told.
        baseline: the baseline's file, to be told.
        margin: `NAME=VALUE`, how much worse a figure may be: a score by so much, an amount and CPU by so many per cent.
        policy: what an inconclusive result means for the exit code.

    Raises:
        BadInput: a margin of no figure.
    """
    measured = sorted({path for cell in base.cells.values() for path in cell.values})
    allowed = margins.read(margin, measured)
    unlike = likeness.checks(now, base)
    sound = _sound(now, base, unlike)
    fast = list(speed.checks(now.snapshot, base, sound, allowed))
    checks = [
        *unlike,
        *leaks.refused(now.refused, by_choice=now.uncounted_by_choice),
        *(check for name in sound for check in exact.checks(now.snapshot.cells[name], base.cells[name], allowed)),
        *quality.checks(list(_sampled(now.snapshot, base, sound)), allowed),
        *fast,
    ]
    order = {name: place for place, name in enumerate(("", *base.cells))}
    checks.sort(key=lambda check: order[check.cell])
    told = (speed.common_shift(fast), speed.ungated(base, sound))
    return Result(
        tuple(checks),
        (*(likeness.notes(now.snapshot, base) if sound else ()), *filter(None, told)),
        str(folder),
        str(baseline),
        base.workload,
        now.snapshot.started,
        policy,
    )


def _sound(now: Taken, base: Snapshot, unlike: Sequence[Check]) -> list[str]:
    apart = {check.cell for check in unlike}
    return [] if "" in apart else [name for name in base.cells if name in now.snapshot.cells and name not in apart]


def _sampled(now: Snapshot, base: Snapshot, sound: Iterable[str]) -> Iterator[quality.Sampled]:
    for name in sound:
        mine, before = now.cells[name], base.cells[name]
        for path in sorted(mine.values.keys() & before.values.keys()):
            if not exact.is_exact(path, mine, before):
                found = change(path, mine.values[path], before.values[path])
                if found is not None:
                    yield quality.Sampled(name, found, exact.repeats(path, mine) and exact.repeats(path, before))
