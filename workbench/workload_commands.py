"""`workbench import`, `build` and `check`: files in, a workload, or what is wrong with one, out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.nouns import counted

if TYPE_CHECKING:
    from workbench.records import Workload


def import_(
    kind: Annotated[str, typer.Argument(help="squad, beir, jsonl or folder", metavar="KIND")],
    source: Annotated[Path, typer.Argument(help="the file or folder to read")],
    out: Annotated[Path, typer.Option(help="the workload's new folder, which it is named after")],
    limit: Annotated[int | None, typer.Option(help="questions at most, spread evenly over the tenants")] = None,
) -> None:
    """Make a workload of SQuAD JSON, a BEIR folder, our own JSONL, or a folder of texts, PDF, Word and HTML."""
    from dataclasses import replace

    from workbench import workload
    from workbench.terminal import say
    from workbench.workload import ids

    imported = workload.import_from(kind, source, limit)
    # Whoever typed --out looks for that name in the tables, and not for the source's.
    made = replace(imported.workload, name=ids.safe(out.resolve().name))
    workload.save(made, out)
    say(
        f"{out}: {_size(made)}",
        *(f"  {note}" for note in imported.notes),
        f"next: workbench check {out}" if made.questions else "next: add questions, and import again",
    )


def build(
    source: Annotated[Path, typer.Argument(help="folder with dataset.toml and a sub-folder for each tenant")],
    out: Annotated[Path, typer.Option(help="the workload's folder; its own files are replaced")],
    check: Annotated[
        bool, typer.Option("--check", help="write nothing; say whether --out is what would be built")
    ] = False,
) -> None:
    """Make a workload of written texts: places of quotes, planted values, users and question log are derived."""
    from workbench.terminal import say
    from workbench.workload.authoring import build as builder

    made = builder.build(source)
    if not check:
        builder.write(made, out)
    elif differ := builder.differing(made, out):
        say(f"{out}: {', '.join(differ)} are not what {source} gives; build again without --check")
        raise typer.Exit(1)
    say(
        f"{out}: {_size(made)}, "
        f"{counted(len(made.planted), 'planted value')}, {counted(len(made.users), 'user')}, "
        f"{counted(len(made.log), 'line')} of log",
        f"  hash {made.hash}",
        f"next: workbench check {out}",
    )


def check(
    workload: Annotated[Path, typer.Argument(help="a workload's folder")],
    json: Annotated[Path | None, typer.Option(help="write the findings here", metavar="FILE")] = None,
) -> None:
    """Prove a workload sound: gold against its passages, planted values, users and log. Exit code 1 on an error."""
    from dataclasses import asdict

    from workbench.soundness import files
    from workbench.terminal import check_json, say, write_json
    from workbench.workload.foreign import plain

    check_json(json)
    made, found = files.check(workload)
    errors = [one for one in found if one.level == "error"]
    if json is not None:
        told = {
            # A folder's name may hold half characters, which no JSON can.
            "workload": plain(str(workload)),
            "hash": made.hash if made else "",
            "findings": [{name: plain(value) for name, value in asdict(one).items()} for one in found],
        }
        write_json(json, told)
    for kind in dict.fromkeys(one.kind for one in found):
        alike = [one for one in found if one.kind == kind]
        say(f"{alike[0].level}: {kind}, {len(alike)}", *(f"  {one.where} {one.said}" for one in alike[:MOST_SHOWN]))
        if len(alike) > MOST_SHOWN:
            say(f"  and {len(alike) - MOST_SHOWN} more; --json FILE has them all")
    if made is not None:
        say(
            f"{workload}: {counted(len(made.documents), 'document')}, {counted(len(made.questions), 'question')}, "
            f"{counted(len(made.planted), 'planted value')}, {counted(len(made.log), 'line')} of log; "
            f"{counted(len(errors), 'error')}, {counted(len(found) - len(errors), 'warning')}"
        )
    if errors:
        raise typer.Exit(1)
    if made is not None and made.questions:
        say(f"next: workbench run {workload}")


MOST_SHOWN = 5
"""Findings of one kind that are printed."""


def _size(made: "Workload") -> str:
    parts = ((made.tenants, "tenant"), (made.documents, "document"), (made.questions, "question"))
    return ", ".join(counted(len(rows), noun) for rows, noun in parts)
