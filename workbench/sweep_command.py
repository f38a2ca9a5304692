"""`workbench sweep`: a grid on a shell in, the candidates and what was confirmed of the picked one out."""

from typing import Annotated

import typer

from workbench import asking_command as shared
from workbench.errors import Infrastructure, Interrupted


def sweep(
    workload: shared.WORKLOAD,
    grid: Annotated[
        list[str],
        typer.Option(
            help="values of chunk_tokens, overlap_tokens, k, retrieval, prompt (a file), model, embedding_model or "
            "reranker (none: without)",
            metavar="FIELD=VALUE,VALUE",
        ),
    ],
    backend: Annotated[str, typer.Option(help="whose recipe is varied")] = "plain",
    metric: Annotated[str, typer.Option(help="f1, right, exact_match, recall@5, recall@10, ndcg@10 or mrr@10")] = "f1",
    baseline: Annotated[str, typer.Option(help="values of the candidate to beat, such as k=5,chunk_tokens=200")] = "",
    margin: Annotated[
        float, typer.Option(help="of the metric, given up for a lower cost where none is shown worse")
    ] = 0.02,
    questions: Annotated[
        int | None, typer.Option(help="take only so many, half to pick and half to confirm on")
    ] = None,
    tenants: shared.TENANTS = "all",
    out: shared.OUT = None,
    json: shared.JSON = None,
    upstream: shared.UPSTREAM = "",
    model: shared.MODEL = "local/extractive",
    embedding_model: shared.EMBEDDING_MODEL = "local/minilm",
    reranker: shared.RERANKER = "",
    price_as: shared.PRICE_AS = "",
    workers: shared.WORKERS = 1,
    seed: Annotated[int, typer.Option(help="of the questions' order and of sampling")] = 0,
    deadline: shared.DEADLINE = 120.0,
    dry_run: shared.DRY_RUN = False,
    budget_usd: shared.BUDGET_USD = None,
) -> None:
    """Find the best recipe of a grid, and show it on questions it was not picked on. The same command goes on."""
    from workbench.runs.budget import Reached
    from workbench.sweeping import forecast, table
    from workbench.sweeping import grid as grids
    from workbench.sweeping import sweep as sweeping
    from workbench.terminal import Bar, check_json, errors, show, write_json

    values = grids.read(grids.parse(grid))
    asked = sweeping.wanted(
        backend,
        values,
        questions=questions,
        out=out,
        upstream=upstream,
        model=model,
        embedding_model=embedding_model,
        reranker=reranker,
        price_as=price_as,
        workers=workers,
        seed=seed,
        deadline=deadline,
        budget_usd=budget_usd,
    )
    check_json(json)
    loaded = shared.load(workload, tenants)
    to_beat = grids.settings(baseline) if baseline else None
    plan = sweeping.plan(loaded, values, asked, metric_name=metric, baseline=to_beat, margin=margin)
    if dry_run:
        expected = forecast.forecast(plan)
        if json is not None:
            write_json(json, expected.to_dict())
        show(*forecast.lines(expected, plan))
        return
    try:
        with Bar() as bar:
            found = sweeping.run(plan, bar)
    except KeyboardInterrupt as error:
        raise Interrupted("interrupted; the same command goes on from here") from error
    if json is not None:
        write_json(json, found.to_dict())
    show(*table.lines(found))
    if found.stopped:
        raise Reached(found.stopped)
    if found.failed:
        errors.print(f"{found.failed} answers failed; the same command tries again those that infrastructure failed")
        raise typer.Exit(Infrastructure.exit_code)
