"""What `workbench run` and `workbench attack` share: options of a shell, and a workload asked with them, or forecast.

A name in capitals is an option that both take; each command gives its own default.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.errors import Infrastructure, Interrupted

if TYPE_CHECKING:
    from workbench.records import Workload
    from workbench.runs.options import Options
    from workbench.runs.runner import Outcome

WORKLOAD = Annotated[Path, typer.Argument(help="a workload's folder")]
BACKENDS = Annotated[str, typer.Option(help="all, or names with commas")]
TRACK = Annotated[str, typer.Option(help="parity, native or both")]
TENANTS = Annotated[str, typer.Option(help="all, or ids with commas; the others' documents are left out")]
K = Annotated[int, typer.Option(help="passages in the prompt, 1 to 10")]
RETRIEVAL = Annotated[str, typer.Option(help="dense, bm25 or hybrid: passages by embeddings, by words, or by both")]
OUT = Annotated[Path | None, typer.Option(help="the experiment's folder; continued where it is there")]
JSON = Annotated[Path | None, typer.Option(help="write the figures here", metavar="FILE")]
UPSTREAM = Annotated[str, typer.Option(help="an OpenAI-compatible server; without it nothing leaves")]
MODEL = Annotated[str, typer.Option(help="the model that answers")]
EMBEDDING_MODEL = Annotated[str, typer.Option(help="the model that embeds")]
RERANKER = Annotated[
    str, typer.Option(help="a model of the upstream's that orders the passages found; plain alone has one")
]
PRICE_AS = Annotated[str, typer.Option(help="price the tokens of local models as this model's")]
WORKERS = Annotated[int, typer.Option(help="questions at once; above 1 latencies are not comparable")]
DEADLINE = Annotated[float, typer.Option(help="seconds that a question may take")]
RECORD = Annotated[
    Path | None, typer.Option(help="add every model call to this file; it holds the answers' texts", metavar="FILE")
]
REPLAY = Annotated[
    Path | None, typer.Option(help="answer from this recording: no network, no key, no cost", metavar="FILE")
]
PRIVACY = Annotated[
    str, typer.Option(help="personal data in prompts: off, redact (pseudonyms, back in the answer) or reject")
]
DRY_RUN = Annotated[bool, typer.Option("--dry-run", help="say calls, tokens, USD and time; send and write nothing")]
BUDGET_USD = Annotated[
    str | None, typer.Option(help="stop before the experiment has cost more, with everything saved", metavar="USD")
]


def load(folder: Path, tenants: str) -> "Workload":
    """A workload, or some tenants of it.

    Raises:
        BadInput: it has a fault, or a name is no tenant's id.
    """
    from workbench import workload as workloads
    from workbench.workload import subset

    loaded = workloads.load(folder)
    return loaded if tenants == "all" else subset.of_tenants(loaded, [name.strip() for name in tenants.split(",")])


def ask(
    workload: "Workload",
    options: "Options",
    json: Path | None,
    report: Callable[["Options", "Outcome"], str],
    *,
    dry_run: bool,
) -> None:
    """Ask a workload's questions and show what came of it, or only say what that would take.

    Args:
        workload: loaded and checked.
        options: checked; without a folder they are given one that the same command finds again.
        json: where a forecast is written to.
        report: shows what the folder holds; what failed comes out, as the beginning of a sentence; empty: nothing did.
        dry_run: send and write nothing.

    Raises:
        Interrupted: by the user.
        Infrastructure: upstream, key, gateway, worker, disk, or an outdated recording.
        Reached: the budget.
        typer.Exit: some questions failed.
    """
    from workbench.runs import endings, wishes
    from workbench.terminal import Bar, errors

    options = wishes.placed(workload, options)
    if dry_run:
        _forecast(workload, options, json)
        return
    try:
        with Bar() as bar:
            outcome = endings.carry_out(workload, options, bar)
    except KeyboardInterrupt as error:
        raise Interrupted("interrupted; the same command goes on from here") from error
    failed = report(options, outcome)
    endings.refuse(outcome)
    if failed:
        errors.print(f"{failed}; {endings.another_try(outcome, 'the same command')}", markup=False)
        raise typer.Exit(Infrastructure.exit_code)


def _forecast(workload: "Workload", options: "Options", json: Path | None) -> None:
    from workbench.runs import dry_run
    from workbench.terminal import say, show, write_json

    forecast = dry_run.forecast(workload, options)
    if json is not None:
        write_json(json, forecast.to_dict())
    show(*dry_run.lines(forecast, workload))
    say("", f"next: {dry_run.next_command(forecast, ['workbench', *sys.argv[1:]])}")
