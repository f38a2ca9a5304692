"""`workbench gate` and `workbench accept`: a saved experiment and a baseline's file in, the verdict for CI out."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.errors import BadInput

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
    from workbench.gating.outcome import choose_policy
    from workbench.gating.taking import take
    from workbench.runs.store import Experiment
    from workbench.terminal import show, write_json

    policy = choose_policy(inconclusive)
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
    from workbench.gating.accepting import accept as write
    from workbench.runs.store import Experiment
    from workbench.terminal import say

    say(*write(Experiment.open(folder), baseline, partial=partial).sentences)


def _write(option: str, path: Path, content: bytes) -> None:
    """In place: a file that CI provides, such as a step's summary, is to stay the same file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise BadInput(f"{option} {path}: cannot be written ({error.strerror})") from error
