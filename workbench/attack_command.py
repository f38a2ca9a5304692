"""`workbench attack`: a workload in, how often attacks on it succeed, backend by backend, out."""

from typing import Annotated

import typer

from workbench import asking_command as shared
from workbench.errors import BadInput
from workbench.nouns import counted

REFUSED = 1
"""A control failed: there is no figure to show."""


def attack(
    workload: shared.WORKLOAD,
    backends: shared.BACKENDS = "all",
    track: shared.TRACK = "parity",
    trials: Annotated[int, typer.Option(help="attacks of each family and tenant at most")] = 12,
    tenants: shared.TENANTS = "all",
    k: shared.K = 5,
    out: shared.OUT = None,
    json: shared.JSON = None,
    upstream: shared.UPSTREAM = "",
    model: shared.MODEL = "local/extractive",
    embedding_model: shared.EMBEDDING_MODEL = "local/minilm",
    price_as: shared.PRICE_AS = "",
    workers: shared.WORKERS = 1,
    seed: Annotated[int, typer.Option(help="of the values asked for, of the order and of sampling")] = 0,
    deadline: shared.DEADLINE = 120.0,
    record: shared.RECORD = None,
    replay: shared.REPLAY = None,
    privacy: shared.PRIVACY = "off",
    dry_run: shared.DRY_RUN = False,
    budget_usd: shared.BUDGET_USD = None,
) -> None:
    """Attack every backend and count what succeeds beside what a clean twin brings. The same command goes on."""
    from workbench.attack import report, table
    from workbench.attack.derive import derive
    from workbench.runs import options as choices
    from workbench.runs import wishes
    from workbench.terminal import check_json, errors, show, write_json

    if trials < 1:
        raise BadInput(f"--trials {trials}: give 1 or more")
    asked = wishes.options(
        backends,
        track,
        k=k,
        out=out,
        upstream=upstream,
        model=model,
        embedding_model=embedding_model,
        price_as=price_as,
        workers=workers,
        seed=seed,
        deadline=deadline,
        record=record,
        replay=replay,
        privacy=privacy,
        budget_usd=budget_usd,
    )
    check_json(json)
    suite = derive(shared.load(workload, tenants), trials, seed)

    def tell(placed: choices.Options, _: object) -> str:
        found = report.make(suite, placed, trials)
        if json is not None:
            write_json(json, found)
        show(*table.lines(found))
        if refused := found["about"]["refused"]:
            errors.print(f"error: {refused}", markup=False)
            raise typer.Exit(REFUSED)
        unanswered = found["about"]["unanswered"]
        return f"{counted(unanswered, 'pair has', 'pairs have')} no answer to one or both" if unanswered else ""

    shared.ask(suite.workload, asked, json, tell, dry_run=dry_run)
