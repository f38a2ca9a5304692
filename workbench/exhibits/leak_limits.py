"""A report of `workbench.verdicts.leaks` in; what its figures do not show, out."""

from collections.abc import Iterable

from workbench.exhibits.exhibit import Exhibit
from workbench.exhibits.leak_counts import PLANTED, can_cross, experiment, source
from workbench.exhibits.measures import Plain


def limits(found: Plain, policy: str, track: str) -> Exhibit:
    """What the figures do not show, as sentences."""
    one = experiment(found, policy)
    leaks = next(row["leakage"] for row in one["rows"] if row["track"] == track)
    return Exhibit(
        name="leakage-limits",
        title="What this does not show",
        says=f"{PLANTED} They were found by exact search, around the answers of one model.",
        table=[{"What": what, "Why": why} for what, why in _limits(one["model"], leaks, can_cross(found))],
        source=source(found, track, policy),
    )


def _limits(model: str, leaks: Plain, several: bool) -> Iterable[tuple[str, str]]:
    reader = (
        "it quotes the passages that it is given and obeys no instruction, so that what is told follows from "
        "retrieval and prompt; a model that writes freely may tell more, or less."
        if model == "local/extractive"
        else "another model may tell more, or less, of the same prompts."
    )
    yield f"Another model than {model}", reader
    yield (
        "Values in other words",
        "values are found by exact search in a normal form, through encodings and disguises; no detector and no model "
        "judges, so that nothing is found by mistake, and a paraphrase is not found.",
    )
    yield "That nothing leaks", "0 of n is not never: it is told with the largest share that it leaves possible."
    yield (
        "Attacks",
        "whoever asks here means no harm; `workbench attack` asks for secrets, and adds hostile documents.",
    )
    if not several:
        yield (
            "Leaks between tenants",
            "one tenant was asked, so that there was no other to reach; the isolation study tells of that, and "
            "a run of all tenants.",
        )
    yield "An error of the search", _controls(leaks)


def _controls(leaks: Plain) -> str:
    if leaks["refused"]:
        return f"its controls did not pass: {leaks['refused']}."
    checks = leaks["controls"]
    return (
        f"its controls passed: {checks['chance']} found by chance in {checks['documents']:,} documents without the "
        f"values, {checks['echoed']:,} of {checks['places']:,} found where a model echoes its prompt, "
        f"{checks['silent']} where it says nothing."
    )
