"""`workbench compare` and `failures`: saved experiments in, what was shown of them, and what went wrong, out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.backends import rank
from workbench.errors import BadInput
from workbench.records import TRACKS

if TYPE_CHECKING:
    from workbench.runs.store import Experiment, Run


def compare(
    folders: Annotated[list[Path], typer.Argument(help="experiments' folders", metavar="DIR...")],
    margin: Annotated[
        list[str] | None,
        typer.Option(help="a difference that does not matter, such as F1=0.02 or USD=5%", metavar="NAME=VALUE"),
    ] = None,
    against: Annotated[str, typer.Option(help="compare all with this backend", metavar="NAME")] = "",
    by: Annotated[str, typer.Option(help="tenant or kind: judge groups of questions too")] = "",
    cluster: Annotated[
        str, typer.Option(help="none, document or tenant: questions that err together are taken together")
    ] = "none",
    json: Annotated[Path | None, typer.Option(help="write every figure here", metavar="FILE")] = None,
) -> None:
    """Say which backend is better, worse or equivalent, and what could not be told. Calls no model."""
    from workbench.terminal import check_json, show, write_json

    check_json(json)
    if by not in ("", "tenant", "kind"):
        raise BadInput(f"--by {by}: give tenant or kind")
    if cluster not in ("none", "document", "tenant"):
        raise BadInput(f"--cluster {cluster}: give none, document or tenant")
    from workbench.verdicts import table
    from workbench.verdicts.report import compare as judge

    report = judge(
        folders,
        margins=margin or (),
        against=against,
        by=by,  # type: ignore[arg-type]
        clustered=cluster,  # type: ignore[arg-type]
    )
    if json is not None:
        write_json(json, report)
    show(*table.lines(report))


def failures(
    folder: Annotated[Path, typer.Argument(help="an experiment's folder", metavar="DIR")],
    backend: Annotated[str, typer.Option(help="whose failing questions to list", metavar="NAME")] = "",
    track: Annotated[str, typer.Option(help="parity or native; without it, both")] = "",
    kind: Annotated[str, typer.Option(help="only questions of this kind")] = "",
    cause: Annotated[str, typer.Option(help="only this cause, such as 'not retrieved'")] = "",
    limit: Annotated[int, typer.Option(help="questions listed of each track", min=0)] = 20,
    question: Annotated[str, typer.Option(help="show this question over all backends", metavar="ID")] = "",
    json: Annotated[Path | None, typer.Option(help="write all of them here", metavar="FILE")] = None,
) -> None:
    """List failing questions with gold, answer, retrieved passages and the likely cause. Calls no model."""
    from workbench.runs.store import Experiment
    from workbench.terminal import check_json, show, write_json
    from workbench.verdicts import failure_table as table
    from workbench.verdicts.failures import failing

    check_json(json)
    experiment = Experiment.open(folder)
    runs = _runs(experiment, backend, track, question)
    _known(experiment, kind, cause, question)
    found = {run: failing(experiment, run, (question,) if question else ()) for run in runs}
    chosen = {
        run: [case for case in cases if kind in ("", case.kind) and cause in ("", case.cause)]
        for run, cases in found.items()
    }
    if json is not None:
        write_json(
            json, {"folder": str(folder), "cases": [case.to_dict() for some in chosen.values() for case in some]}
        )
    together = [case for cases in chosen.values() for case in cases]
    show(*table.texts_note(together, str(folder)))
    if question:
        if not together:
            raise BadInput(f"--question {question}: none of these backends was asked it yet")
        show(*table.body(together, side_by_side=True))
        return
    for run, cases in chosen.items():
        show(*table.head(cases, len({name for _, name in run.answers()}), _whose(run)), *table.body(cases[:limit]))
        if len(cases) > limit:
            show(f"\n[dim]{len(cases) - limit} more: --limit {len(cases)}, or --json FILE[/dim]")
    show("\n[dim]* holds evidence. tokens: in+out. ms: as if nothing had been cached.[/dim]")


def _whose(run: "Run") -> str:
    identity = run.identity()
    return f"{identity.backend} ({identity.track})"


def _runs(experiment: "Experiment", backend: str, track: str, question: str) -> "list[Run]":
    runs = {run: run.identity() for run in experiment.runs()}
    names = list(dict.fromkeys(identity.backend for identity in runs.values()))
    there = ", ".join(names) or "none yet"
    if not backend and not question:
        raise BadInput(f"--backend: name one of {there}, or give --question ID")
    if backend and backend not in names:
        raise BadInput(f"--backend {backend}: was not run; there are {there}")
    if track and track not in TRACKS:
        raise BadInput(f"--track {track}: unknown track; choose parity or native")
    chosen = [
        run
        for run, one in runs.items()
        if (not backend or one.backend == backend) and (not track or one.track == track)
    ]
    if not chosen:
        raise BadInput(f"--track {track}: {backend or 'no backend'} was not run on it")
    return sorted(chosen, key=lambda run: (TRACKS.index(runs[run].track), rank(runs[run].backend)))


def _known(experiment: "Experiment", kind: str, cause: str, question: str) -> None:
    from workbench.verdicts.failures import CAUSES

    gold = experiment.gold()
    if question and question not in gold:
        raise BadInput(f"--question {question}: the workload has no such question")
    kinds = sorted({known.kind for known in gold.values() if known and known.kind})
    if kind and kind not in kinds:
        raise BadInput(f"--kind {kind}: no question is of it; there are {', '.join(kinds) or 'none'}")
    if cause and cause not in CAUSES:
        raise BadInput(f"--cause {cause}: unknown; there are {', '.join(CAUSES)}")
