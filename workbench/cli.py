"""`workbench …`: words of a shell in, one call of the library each, results printed, errors as a sentence and a code.

0 done; 1 regression or a check that failed; 2 usage or bad data; 3 infrastructure or some questions failed; 130
interrupted, resumable.
"""

import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

from workbench import asking_command as shared
from workbench.app_command import app as show_app
from workbench.attack_command import attack
from workbench.compare_command import compare, failures
from workbench.draft_command import ask_draft
from workbench.errors import INTERRUPTED, Infrastructure, Interrupted, WorkbenchError
from workbench.gate_command import accept, gate
from workbench.isolation_command import isolation
from workbench.lab_command import lab
from workbench.leakage_command import leakage
from workbench.nouns import counted
from workbench.plan_command import plan
from workbench.sweep_command import sweep
from workbench.workload_commands import build, check, import_

app = typer.Typer(
    help="Measure RAG frameworks, models and optimisations on your own tenants.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def main() -> None:
    """Run the command line and leave with its exit code."""
    from workbench.terminal import errors

    try:
        app()
    except WorkbenchError as error:
        errors.print(f"error: {error}", markup=False)
        sys.exit(error.exit_code)
    except SystemExit as left:
        if left.code == Interrupted.exit_code:  # typer ends on Ctrl-C without a word
            errors.print(f"error: {INTERRUPTED}")
        if isinstance(left.__context__, BrokenPipeError):  # typer's own words, such as --help's
            sys.exit(0)
        raise
    except Exception:  # a fault of the workbench itself; Python's own code, 1, would be read as a regression
        traceback.print_exc()
        sys.exit(Infrastructure.exit_code)


@app.command()
def run(
    workload: shared.WORKLOAD,
    backends: shared.BACKENDS = "all",
    track: shared.TRACK = "parity",
    questions: Annotated[int | None, typer.Option(help="ask only so many, spread evenly over the tenants")] = None,
    tenants: shared.TENANTS = "all",
    k: shared.K = 5,
    chunk: Annotated[str, typer.Option(help="tokens of a passage, or none for whole documents")] = "200",
    retrieval: shared.RETRIEVAL = "dense",
    out: shared.OUT = None,
    json: shared.JSON = None,
    upstream: shared.UPSTREAM = "",
    model: shared.MODEL = "local/extractive",
    embedding_model: shared.EMBEDDING_MODEL = "local/minilm",
    reranker: shared.RERANKER = "",
    judge: Annotated[str, typer.Option(help="a model that judges the answers at the end")] = "",
    price_as: shared.PRICE_AS = "",
    rounds: Annotated[int, typer.Option(help="ask everything so often")] = 1,
    workers: shared.WORKERS = 1,
    seed: Annotated[int, typer.Option(help="of the questions' order and of sampling")] = 0,
    deadline: shared.DEADLINE = 120.0,
    text: Annotated[bool, typer.Option("--text/--no-text", help="keep prompts, passages and answers")] = True,
    record: shared.RECORD = None,
    replay: shared.REPLAY = None,
    real_time: Annotated[bool, typer.Option("--real-time", help="wait as long as the replayed calls took")] = False,
    privacy: shared.PRIVACY = "off",
    dry_run: shared.DRY_RUN = False,
    budget_usd: shared.BUDGET_USD = None,
) -> None:
    """Ask every backend the workload's questions and compare the answers. The same command goes on where it ended."""
    from workbench.runs import endings, runner, wishes
    from workbench.runs import options as choices
    from workbench.terminal import check_json

    asked = wishes.options(
        backends,
        track,
        questions=questions,
        k=k,
        chunk_tokens=choices.choose_chunk(chunk),
        retrieval=retrieval,
        out=out,
        upstream=upstream,
        model=model,
        embedding_model=embedding_model,
        reranker=reranker,
        judge=judge,
        price_as=price_as,
        rounds=rounds,
        workers=workers,
        seed=seed,
        deadline=deadline,
        text=text,
        record=record,
        replay=replay,
        real_time=real_time,
        privacy=privacy,
        budget_usd=budget_usd,
    )
    check_json(json)

    def report(placed: choices.Options, outcome: runner.Outcome) -> str:
        _report(placed.out, json)
        return endings.failed(outcome)

    shared.ask(shared.load(workload, tenants), asked, json, report, dry_run=dry_run)


@app.command()
def show(
    folder: Annotated[Path, typer.Argument(help="an experiment's folder", metavar="DIR")],
    json: Annotated[Path | None, typer.Option(help="write the figures here", metavar="FILE")] = None,
) -> None:
    """Show a saved experiment. Calls no model."""
    _report(folder, json)


@app.command()
def purge(folder: Annotated[Path, typer.Argument(help="an experiment's folder", metavar="DIR")]) -> None:
    """Remove an experiment's prompts, passages, questions and answers; keep its figures."""
    from workbench.runs.store import Experiment
    from workbench.terminal import say

    experiment = Experiment.open(folder)
    with experiment.lock():
        removed = experiment.purge()
    say(f"{folder}: {counted(removed, 'file')} of texts removed; `workbench show {folder}` still has the figures")


@app.command()
def doctor() -> None:
    """Say what is installed, which backend is ready, and how to get what is missing."""
    from workbench import doctor
    from workbench.terminal import show

    report = doctor.examine()
    show(doctor.table(report))
    if not report.ready:
        raise typer.Exit(Infrastructure.exit_code)


for command in (sweep, compare, failures, leakage, gate, accept, plan, isolation, attack, build, check, lab):
    app.command()(command)
app.command("import")(import_)
app.command("app")(show_app)
app.command("ask-draft")(ask_draft)


def _report(folder: Path, json: Path | None) -> None:
    from workbench import comparison, tables
    from workbench.runs.store import Experiment
    from workbench.terminal import show, write_json

    report = comparison.report(Experiment.open(folder))
    if json is not None:
        write_json(json, report)
    show(*tables.lines(report))


if __name__ == "__main__":
    main()
