"""`workbench plan …`: a scenario's name or file and settings in, its bill, levers, risk and capacity out."""

from pathlib import Path
from typing import Annotated

import typer


def plan(
    scenario: Annotated[
        str | None,
        typer.Argument(help="reference, today, optimised, or a file", metavar="SCENARIO", show_default=False),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="change an input, such as demand.daily_users=250000", metavar="NAME=VALUE"),
    ] = None,
    from_run: Annotated[
        Path | None, typer.Option(help="take tokens, times and model from an experiment's folder", metavar="DIR")
    ] = None,
    backend: Annotated[str, typer.Option(help="of that experiment", metavar="NAME")] = "",
    track: Annotated[str, typer.Option(help="parity or native")] = "parity",
    date: Annotated[str, typer.Option(help="first month; prices are those in force then", metavar="YYYY-MM")] = "",
    months: Annotated[int, typer.Option(help="months to plan, 1 to 120")] = 1,
    draws: Annotated[int, typer.Option(help="of the simulation, 100 to 1000000")] = 10_000,
    seed: Annotated[int, typer.Option(help="of the simulation")] = 0,
    json: Annotated[Path | None, typer.Option(help="write every figure here", metavar="FILE")] = None,
    csv: Annotated[
        Path | None,
        typer.Option(help="write tables here: .csv, .xlsx, or .focus.csv for FOCUS columns", metavar="FILE"),
    ] = None,
    save: Annotated[Path | None, typer.Option(help="write the scenario here, prices included", metavar="FILE")] = None,
    reprice: Annotated[bool, typer.Option("--reprice", help="look list prices up again")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="show what the reference document claims beside what is known")
    ] = False,
    inputs: Annotated[bool, typer.Option("--inputs", help="list every input with unit, default and meaning")] = False,
) -> None:
    """Say what a month costs, what each lever takes off, how sure that is and when it breaks the budget."""
    from workbench.planning import report
    from workbench.terminal import show, write_json

    if inputs:
        if json is not None:
            write_json(json, report.catalogue())
        show(*report.inputs())
        return
    from workbench.planning import export
    from workbench.planning.origins import origin
    from workbench.planning.plan import plan as reckon

    if csv is not None:
        export.check(csv)
    chosen = origin(scenario, settings or (), from_run=from_run, backend=backend, track=track, date=date)
    if reprice:
        chosen = chosen.repriced()
    made = reckon(chosen, months_ahead=months, draws=draws, seed=seed)
    if save is not None:
        chosen.save(save)
    if json is not None:
        write_json(json, made.to_dict())
    if csv is not None:
        export.write(csv, made)
    show(*report.lines(made, check=check))
