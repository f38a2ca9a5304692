"""`workbench isolation`: a workload in, what each framework lets through between tenants, layout by layout, out."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.errors import BadInput, Infrastructure, Interrupted


def isolation(
    workload: Annotated[Path, typer.Argument(help="a workload's folder")],
    out: Annotated[Path | None, typer.Option(help="the study's folder; continued where it is there")] = None,
    tenants: Annotated[str, typer.Option(help="how many, with commas")] = "2,10,50,200,1000",
    sizes: Annotated[str, typer.Option(help="equal, zipf or both with a comma")] = "equal,zipf",
    backends: Annotated[str, typer.Option(help="all, or names with commas")] = "all",
    passages: Annotated[int, typer.Option(help="passages of an average tenant")] = 20,
    trials: Annotated[int, typer.Option(help="questions of a cell at most")] = 3000,
    seconds: Annotated[float, typer.Option(help="after so long a shared index is asked no more")] = 60.0,
    seed: Annotated[int, typer.Option(help="of tenants, their passages and their questions")] = 0,
    json: Annotated[Path | None, typer.Option(help="write every figure here", metavar="FILE")] = None,
) -> None:
    """Measure leaks, starvation, recall, erasure and memory of three layouts. The same command goes on."""
    from workbench import workload as workloads
    from workbench.isolation import study, table
    from workbench.records import Recipe
    from workbench.runs.options import choose_backends
    from workbench.terminal import Bar, check_json, show, write_json

    check_json(json)
    try:
        counts = tuple(int(one) for one in tenants.split(","))
    except ValueError as error:
        raise BadInput(f"--tenants {tenants}: give numbers with commas, such as 2,10,50") from error
    chosen = study.Options(
        out=out or Path(),
        backends=choose_backends(backends),
        tenants=counts,
        sizes=study.choose_sizes(sizes),
        passages=passages,
        trials=trials,
        seconds=seconds,
        recipe=Recipe(model="local/echo", seed=seed),
    )
    study.check(chosen)
    loaded = workloads.load(workload)
    if out is None:
        chosen = study.placed(chosen, Path("runs", f"isolation-{loaded.name}-{loaded.hash[:8]}"))
    try:
        with Bar() as bar:
            report = study.run(loaded, chosen, bar)
    except KeyboardInterrupt as error:
        raise Interrupted("interrupted; the same command goes on from here") from error
    if json is not None:
        write_json(json, report)
    show(*table.lines(report))
    if report["about"]["failed"]:
        raise typer.Exit(Infrastructure.exit_code)
