"""`workbench gate` and `workbench accept`: a saved experiment and a baseline's file in, the verdict for CI out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.errors import BadInput
from workbench.nouns import counted

if TYPE_CHECKING:
    from workbench.gating.taking import Taken

ROUNDS = 4
"""Of a baseline: with fewer, its own chance ups and downs are a large part of what the gate sees."""

_DIR = typer.Argument(help="an experiment's folder", metavar="DIR")
_BASELINE = typer.Option(help="the baseline's file", metavar="FILE")


def gate(
    folder: Annotated[Path, _DIR],
    baseline: Annotated[Path, _BASELINE],
    margin: Annotated[
        list[str] | None,
        typer.Option(help="how much worse may be, such as F1=0.02, tokens=5% or CPU=15%", metavar="NAME=VALUE"),
    ] = None,
    inconclusive: Annotated[
        str, typer.Option(help="pass: exit 0; fail: exit 3; default: exit 3 unless only a speed is in doubt")
    ] = "default",
    junit: Annotated[Path | None, typer.Option(help="write JUnit XML here", metavar="FILE")] = None,
    markdown: Annotated[Path | None, typer.Option(help="write Markdown here, to comment with", metavar="FILE")] = None,
    json: Annotated[Path | None, typer.Option(help="write every check here", metavar="FILE")] = None,
) -> None:
    """Compare a saved experiment with an accepted baseline. Exit: 0 pass, 1 worse, 2 not comparable, 3 no verdict."""
    from workbench.gating import baseline as files
    from workbench.gating import junit as xml
    from workbench.gating import markdown as text
    from workbench.gating import report
    from workbench.gating.judging import judge
    from workbench.gating.outcome import POLICIES
    from workbench.gating.taking import take
    from workbench.runs.store import Experiment
    from workbench.terminal import show, write_json

    policy = next((known for known in POLICIES if known == inconclusive), None)
    if policy is None:
        raise BadInput(f"--inconclusive {inconclusive}: choose {', '.join(POLICIES)}")
    base = files.read(baseline)
    result = judge(
        take(Experiment.open(folder)), base, folder=folder, baseline=baseline, margin=margin or (), policy=policy
    )
    if junit is not None:
        _write("--junit", junit, xml.render(result))
    if markdown is not None:
        _write("--markdown", markdown, text.render(result).encode())
    if json is not None:
        write_json(json, report.plain(result))
    show(*report.lines(result))
    if result.exit_code:
        raise typer.Exit(result.exit_code)


def accept(
    folder: Annotated[Path, _DIR],
    baseline: Annotated[Path, _BASELINE],
    partial: Annotated[bool, typer.Option("--partial", help="also of an experiment that is not complete")] = False,
) -> None:
    """Make a saved experiment the baseline of the gate, and say what that changes. Holds no text."""
    from workbench.gating import baseline as files
    from workbench.gating import speed
    from workbench.gating.taking import take
    from workbench.runs.store import Experiment
    from workbench.terminal import say

    now = take(Experiment.open(folder))
    if not now.snapshot.cells:
        raise BadInput(f"{folder}: no backend has answered yet; run the same command again")
    if now.faults and not partial:
        name, fault = next(iter(now.faults.items()))
        more = f" (and {counted(len(now.faults) - 1, 'more backend')})" if len(now.faults) > 1 else ""
        raise BadInput(f"{folder}: {name}: {fault.sentence}{more}; --partial accepts it as it is")
    for name, fault in now.faults.items():
        say(f"note: {name}: {fault.sentence}")
    if now.refused:
        say(f"note: {now.refused}")
    say(*_changes(folder, baseline, now))
    files.write(baseline, now.snapshot)
    questions = max(len(cell.questions) for cell in now.snapshot.cells.values())
    rounds = min(len(cell.cpu_ms) for cell in now.snapshot.cells.values())
    say(
        f"{baseline}: {counted(len(now.snapshot.cells), 'backend')}, "
        f"{counted(questions, 'question')}, {counted(max(rounds, 1), 'round')} accepted"
    )
    if unseen := speed.ungated(now.snapshot, now.snapshot.cells):
        say(f"note: {unseen}")
    elif rounds < ROUNDS:
        say(f"note: the more rounds a baseline has, the surer is the gate of its speed: run it with --rounds {ROUNDS}")


def _changes(folder: Path, baseline: Path, now: "Taken") -> list[str]:
    """What the new baseline has that the old one had not, in sentences."""
    from workbench.gating import baseline as files
    from workbench.gating import grid
    from workbench.gating.judging import judge

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


def _write(option: str, path: Path, content: bytes) -> None:
    """In place: a file that CI provides, such as a step's summary, is to stay the same file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise BadInput(f"{option} {path}: cannot be written ({error.strerror})") from error
