"""`workbench attack`: a workload in, how often attacks on it succeed, backend by backend, out."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.errors import BadInput, Infrastructure, Interrupted
from workbench.nouns import counted


def attack(
    workload: Annotated[Path, typer.Argument(help="a workload's folder")],
    out: Annotated[Path | None, typer.Option(help="the suite's folder; continued where it is there")] = None,
    backends: Annotated[str, typer.Option(help="all, or names with commas")] = "all",
    track: Annotated[str, typer.Option(help="parity, native or both")] = "parity",
    trials: Annotated[int, typer.Option(help="attacks of each family and tenant at most")] = 12,
    k: Annotated[int, typer.Option(help="passages in the prompt, 1 to 10")] = 5,
    json: Annotated[Path | None, typer.Option(help="write every figure here", metavar="FILE")] = None,
    upstream: Annotated[str, typer.Option(help="an OpenAI-compatible server; without it nothing leaves")] = "",
    model: Annotated[str, typer.Option(help="the model that answers")] = "local/extractive",
    embedding_model: Annotated[str, typer.Option(help="the model that embeds")] = "local/minilm",
    workers: Annotated[int, typer.Option(help="questions at once")] = 1,
    seed: Annotated[int, typer.Option(help="of the values asked for, of the order and of sampling")] = 0,
    deadline: Annotated[float, typer.Option(help="seconds that a question may take")] = 120.0,
    record: Annotated[Path | None, typer.Option(help="add every model call to this file", metavar="FILE")] = None,
    replay: Annotated[Path | None, typer.Option(help="answer from this recording", metavar="FILE")] = None,
    privacy: Annotated[str, typer.Option(help="personal data in prompts: off, redact or reject")] = "off",
    budget_usd: Annotated[str | None, typer.Option(help="stop before it has cost more", metavar="USD")] = None,
) -> None:
    """Attack every backend and count what succeeds beside what a clean twin brings. The same command goes on."""
    from workbench import workload as workloads
    from workbench.attack import report, table
    from workbench.attack.derive import derive
    from workbench.gateway import key
    from workbench.records import Recipe
    from workbench.runs import options as choices
    from workbench.runs import recordings, runner
    from workbench.runs.budget import Reached
    from workbench.terminal import Bar, check_json, errors, show, write_json

    if trials < 1:
        raise BadInput(f"--trials {trials}: give 1 or more")
    chosen = choices.Options(
        out=out or Path(),
        backends=choices.choose_backends(backends),
        tracks=choices.choose_tracks(track),
        recipe=Recipe(model=model, embedding_model=embedding_model, k=k, seed=seed),
        in_flight=workers,
        upstream=upstream,
        upstream_key=key.from_environment(),
        deadline_seconds=deadline,
        record=record,
        replay=replay,
        privacy=privacy,
        budget_usd=choices.choose_budget(budget_usd) if budget_usd is not None else None,
    )
    choices.check(chosen)
    check_json(json)
    suite = derive(workloads.load(workload), trials, seed)
    name = f"{suite.workload.name}-{choices.fingerprint(suite.workload.hash, chosen)}"
    chosen = choices.placed(chosen, out or Path("runs", name))
    try:
        with Bar() as bar:
            outcome = runner.run(suite.workload, chosen, bar)
    except KeyboardInterrupt as error:
        raise Interrupted("interrupted; the same command goes on from here") from error
    if outcome.stopped and not outcome.answered:
        raise Reached(outcome.stopped)
    found = report.make(suite, chosen, trials)
    if json is not None:
        write_json(json, found)
    show(*table.lines(found))
    if outcome.stopped:
        raise Reached(outcome.stopped)
    if outcome.outdated:
        raise recordings.Outdated(outcome.outdated)
    if unanswered := found["about"]["unanswered"]:
        errors.print(
            f"{counted(unanswered, 'pair has', 'pairs have')} no answer to one or both; the same "
            "command tries again those that infrastructure "
            "failed",
            markup=False,
        )
        raise typer.Exit(Infrastructure.exit_code)
