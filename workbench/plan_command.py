"""`workbench plan …`: a scenario's name or file and settings in, its bill, levers, risk and capacity out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.errors import BadInput
from workbench.records import TRACKS, Track

if TYPE_CHECKING:
    from workbench.planning.scenario import Scenario


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
    from workbench.planning.plan import plan as reckon

    if csv is not None:
        export.check(csv)
    chosen = _scenario(scenario, list(settings or ()), from_run, backend, track, date)
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


def _scenario(
    name: str | None, settings: list[str], from_run: Path | None, backend: str, track: str, date: str
) -> "Scenario":
    from workbench.planning.scenario import Scenario
    from workbench.planning.values import month

    start = month("--date", date) if date else None
    if from_run is None:
        if backend:
            raise BadInput(f"--backend {backend}: needs --from-run DIR")
        base = Scenario.load(name or "reference")
    else:
        if not backend:
            raise BadInput(f"--from-run {from_run}: name the run by --backend NAME")
        base = Scenario.load(name or "today")
    if start:
        base = base.starting(start)
    if from_run is not None:
        base = Scenario.from_experiment(from_run, backend, _track(track), base=base, model=_named_model(settings))
    return base.set(*settings) if settings else base


def _track(named: str) -> Track:
    for track in TRACKS:
        if named == track:
            return track
    raise BadInput(f"--track {named}: unknown track; choose parity or native")


def _named_model(settings: list[str]) -> str:
    """A model that the settings name: it prices the run's tokens."""
    from workbench.planning import names

    named = ""
    for text in settings:
        key, _, value = text.partition("=")
        if key.strip() and names.find(key).names == ("prices.model",):
            named = value.strip()
    return named
