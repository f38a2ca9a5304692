"""`workbench leakage`: saved experiments in; where planted values went, and what a privacy policy costs, out."""

from pathlib import Path
from typing import Annotated

import typer

REFUSED = 1
"""A control failed: there is no figure to show."""


def leakage(
    folders: Annotated[list[Path], typer.Argument(help="an experiment, or one for each --privacy", metavar="DIR...")],
    by: Annotated[str, typer.Option(help="tenant, kind or classification: a table by that too")] = "",
    json: Annotated[Path | None, typer.Option(help="write every figure here", metavar="FILE")] = None,
) -> None:
    """Say where planted values went, which backend leaks more, and what a privacy policy costs. Calls no model."""
    from workbench.terminal import check_json, errors, show, write_json
    from workbench.verdicts import leak_table as table
    from workbench.verdicts import leaks

    table.choose_group(by)
    check_json(json)
    found = leaks.report(folders)
    if json is not None:
        write_json(json, found)
    show(*table.lines(found, by))
    if refused := leaks.refusals(found):
        errors.print(f"error: {refused[0]}", markup=False)
        raise typer.Exit(REFUSED)
