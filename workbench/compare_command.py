"""`workbench compare` and `failures`: saved experiments in, what was shown of them, and what went wrong, out."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.errors import BadInput


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
    from workbench.verdicts import table
    from workbench.verdicts.report import choose_by, choose_clusters
    from workbench.verdicts.report import compare as judge

    report = judge(
        folders,
        margins=margin or (),
        against=against,
        by=choose_by(by),
        clustered=choose_clusters(cluster),
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
    from workbench.runs.store import Experiment, Run
    from workbench.terminal import check_json, show, write_json
    from workbench.verdicts import failure_table as table
    from workbench.verdicts.choosing import Choice, asked, backends, chosen

    check_json(json)
    experiment = Experiment.open(folder)
    if not backend and not question:
        there = ", ".join(backends(experiment)) or "none yet"
        raise BadInput(f"--backend: name one of {there}, or give --question ID")
    found = chosen(experiment, Choice(backend, track, kind, cause, question))
    together = [case for cases in found.values() for case in cases]
    if json is not None:
        write_json(json, {"folder": str(folder), "cases": [case.to_dict() for case in together]})
    if question:
        show(*table.texts_note(together, str(folder)))
        if not together:
            raise BadInput(f"--question {question}: none of these backends was asked it yet")
        show(*table.body(together, side_by_side=True), table.FOOT)
        return
    named: dict[Run, table.Cell] = {run: (one.backend, one.track) for run in found if (one := run.identity())}
    cells = {named[run]: cases for run, cases in found.items()}
    show(*table.lines(cells, {named[run]: asked(run) for run in found}, str(folder), limit))
