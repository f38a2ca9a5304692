"""`workbench ask-draft …`: a workload in, drafted questions out for review; or the reviewed ones in, a workload out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.errors import BadInput, Interrupted
from workbench.nouns import counted

if TYPE_CHECKING:
    from workbench.scores.bill import Bill


def ask_draft(
    workload: Annotated[Path, typer.Argument(help="a workload's folder")],
    out: Annotated[Path, typer.Option(help="the CSV file to review; with --review the new workload's folder")],
    upstream: Annotated[str, typer.Option(help="an OpenAI-compatible server; passages are sent there")] = "",
    model: Annotated[str, typer.Option(help="the model that drafts")] = "",
    per_tenant: Annotated[int, typer.Option(help="passages of each tenant to ask about, a call each")] = 20,
    seed: Annotated[int, typer.Option(help="of the choice of passages")] = 0,
    review: Annotated[Path | None, typer.Option(help="take this reviewed file", metavar="FILE")] = None,
    keep_drafted: Annotated[
        bool, typer.Option("--keep-drafted", help="with --review: take rows without a verdict too, marked as drafted")
    ] = False,
) -> None:
    """Draft questions with gold from the workload's own documents, for a person to review.

    In the file write a verdict in each row: ok, edit (after changing it) or no. Then --review makes a new workload of
    the old one and the reviewed questions. The same command goes on where it ended.
    """
    if review is not None:
        if upstream or model:
            raise BadInput("--review: takes a reviewed file and calls no model; leave out --upstream and --model")
        _review(workload, review, out, keep_drafted)
        return
    if keep_drafted:
        raise BadInput("--keep-drafted: needs --review FILE")
    _draft(workload, out, upstream, model, per_tenant, seed)


def _draft(folder: Path, out: Path, upstream: str, model: str, per_tenant: int, seed: int) -> None:
    from workbench import workload as workloads
    from workbench.drafting.session import Wanted, draft
    from workbench.gateway import key
    from workbench.records import Recipe
    from workbench.runs import options
    from workbench.terminal import Bar, say

    if not upstream:
        raise BadInput(
            "no embedded model can draft questions: name a server by --upstream URL and its model by --model NAME, "
            "or write questions.jsonl and gold.jsonl by hand"
        )
    options.check(options.Options(out=out, upstream=upstream, recipe=Recipe(model=model or "local/extractive")))
    wanted = Wanted(out, upstream, model, key.from_environment(), per_tenant, seed)
    loaded = workloads.load(folder)
    try:
        with Bar() as bar:
            outcome = draft(loaded, wanted, bar)
    except KeyboardInterrupt as error:
        raise Interrupted("interrupted; the same command goes on from here") from error
    rejected = sum(outcome.rejected.values())
    say(
        f"{out}: {counted(outcome.rows, 'draft')} to review, {outcome.added} of them new; "
        f"{counted(outcome.passages, 'passage')} chosen, "
        f"{rejected} gave no draft",
        *(f"  {count} {reason}" for reason, count in outcome.rejected.items()),
        f"calls now: {_told(outcome.now)}",
        *([f"calls for this file in all: {_told(outcome.whole)}"] if outcome.whole.calls > outcome.now.calls else []),
        f"what was sent and said is kept in {wanted.calls}",
        f"next: write ok, edit or no into the column verdict, then "
        f"workbench ask-draft {folder} --review {out} --out NEW_FOLDER",
    )


def _review(folder: Path, review: Path, out: Path, keep_drafted: bool) -> None:
    from workbench import workload as workloads
    from workbench.drafting import merging, sheet
    from workbench.terminal import say

    rows = sheet.read(review)
    merged = merging.merge(workloads.load(folder), rows, str(review), keep_drafted)
    workloads.save(merged.workload, out)
    say(
        f"{out}: {counted(len(merged.workload.questions), 'question')}, "
        f"{counted(len(merged.workload.documents), 'document')}; "
        f"{counted(len(rows), 'row')} of {review}",
        *(f"  {count} {what}" for what, count in merged.counts.items()),
        f"next: workbench check {out}",
    )


def _told(bill: "Bill") -> str:
    if bill.spent_usd is None:
        usd = f"USD unknown: {bill.unpriced} of the calls have no list price, or were cut short"
    else:
        usd = f"{bill.spent_usd.normalize():f} USD"
    return f"{bill.calls}, {bill.input_tokens} input and {bill.output_tokens} output tokens, {usd}"
