"""A saved experiment in, made the gate's baseline; what that changes against the one before out, in sentences."""

from dataclasses import dataclass
from pathlib import Path

from workbench.errors import BadInput
from workbench.gating import baseline as files
from workbench.gating import grid, speed
from workbench.gating.judging import judge
from workbench.gating.snapshot import Snapshot
from workbench.gating.taking import Taken, take
from workbench.nouns import counted
from workbench.runs.store import Experiment

ROUNDS = 4
"""Of a baseline: with fewer, its own chance ups and downs are a large part of what the gate sees."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A baseline that was written."""

    baseline: Path
    snapshot: Snapshot
    sentences: tuple[str, ...]
    """What was accepted, what that changes, and what falls short of it."""


def accept(experiment: Experiment, baseline: Path, *, partial: bool = False) -> Accepted:
    """Write an experiment down as what later ones are compared with. Holds no text.

    Args:
        experiment: saved.
        baseline: the file.
        partial: also where the experiment is not complete.

    Raises:
        BadInput: nothing was answered yet, it is not complete, or the file cannot be written.
    """
    folder, now = experiment.folder, take(experiment)
    if not now.snapshot.cells:
        raise BadInput(f"{folder}: no backend has answered yet; run the same command again")
    if now.faults and not partial:
        name, fault = next(iter(now.faults.items()))
        more = f" (and {counted(len(now.faults) - 1, 'more backend')})" if len(now.faults) > 1 else ""
        raise BadInput(f"{folder}: {name}: {fault.sentence}{more}; --partial accepts it as it is")
    before = [*(f"note: {name}: {fault.sentence}" for name, fault in now.faults.items())]
    if now.refused:
        before.append(f"note: {now.refused}")
    before += _changes(folder, baseline, now)
    files.write(baseline, now.snapshot)
    return Accepted(baseline, now.snapshot, (*before, *_said(baseline, now.snapshot)))


def _said(baseline: Path, snapshot: Snapshot) -> list[str]:
    questions = max(len(cell.questions) for cell in snapshot.cells.values())
    rounds = min(len(cell.cpu_ms) for cell in snapshot.cells.values())
    said = [
        f"{baseline}: {counted(len(snapshot.cells), 'backend')}, "
        f"{counted(questions, 'question')}, {counted(max(rounds, 1), 'round')} accepted"
    ]
    if unseen := speed.ungated(snapshot, snapshot.cells):
        said.append(f"note: {unseen}")
    elif rounds < ROUNDS:
        said.append(
            f"note: the more rounds a baseline has, the surer is the gate of its speed: run it with --rounds {ROUNDS}"
        )
    return said


def _changes(folder: Path, baseline: Path, now: Taken) -> list[str]:
    """What the new baseline has that the old one had not."""
    if not files.replaces(baseline):
        return []
    try:
        base = files.read(baseline)
    except files.Broken as error:
        return [f"note: what was there before cannot be compared: {error}"]
    result = judge(now, base, folder=folder, baseline=baseline)
    found = [f"- {name}: {check.sentence}" for _, name, check in grid.sentences(result)]
    gone = sorted(base.cells.keys() - now.snapshot.cells.keys())
    return [
        f"changed against what was accepted before: {len(found) or 'nothing'}",
        *found,
        *(f"- {note}" for note in result.notes),
        *(f"- {name} is no longer gated" for name in gone),
    ]
