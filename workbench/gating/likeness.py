"""An experiment and a baseline come in, what forbids comparing them goes out, and what is merely worth telling."""

from collections.abc import Iterator
from typing import Any

from workbench.gating import leaks
from workbench.gating.outcome import Check
from workbench.gating.snapshot import Cell, Snapshot
from workbench.gating.taking import Taken
from workbench.nouns import counted

LIKENESS = "comparable"
"""The name of the check that a cell can be compared."""

ANSWERED = "answered"
"""The name of the check that nothing broke down."""

_OPTIONS = {
    "model": "--model",
    "embedding_model": "--embedding-model",
    "chunk_tokens": "--chunk",
    "k": "--k",
    "retrieval": "--retrieval",
    "reranker": "--reranker",
    "seed": "--seed",
    "upstream": "--upstream",
    "recording": "--replay",
    "judge": "--judge",
    "price_as": "--price-as",
    "privacy": "--privacy",
}


def checks(now: Taken, base: Snapshot) -> list[Check]:
    """One check for each cell of the baseline that cannot be compared, and one of all where nothing can."""
    if now.snapshot.workload_id != base.workload_id:
        sentence = (
            f"workload {now.snapshot.workload} is not the one that the baseline was accepted on ({base.workload}), or "
            "has changed since: give the same one, or accept anew"
        )
        return [Check("", LIKENESS, "mismatch", sentence, "other")]
    found = []
    for name, cell in base.cells.items():
        check = _check(name, cell, now, base)
        if check is not None:
            found.append(check)
    return found


def notes(now: Snapshot, base: Snapshot) -> Iterator[str]:
    """What differs and may explain a change."""
    versions: dict[str, set[str]] = {}
    for name in sorted(now.cells.keys() & base.cells.keys()):
        before, after = base.cells[name].versions, now.cells[name].versions
        for package in sorted(before.keys() | after.keys()):
            if before.get(package) != after.get(package):
                change = f"{package} {before.get(package, 'none')} -> {after.get(package, 'none')}"
                versions.setdefault(change, set()).add(name)
    yield from versions
    for what, was, is_now in (
        ("workbench", base.workbench, now.workbench),
        ("prices", base.prices, now.prices),
        ("processor", base.machine.get("processor"), now.machine.get("processor")),
    ):
        if was != is_now:
            yield f"{what} {was or 'not known'} -> {is_now or 'not known'}"
    for name in sorted(now.cells.keys() - base.cells.keys()):
        yield f"{name} is not in the baseline: not gated; accept anew to gate it"
    yield from _cell_notes(now, base)


def _cell_notes(now: Snapshot, base: Snapshot) -> Iterator[str]:
    more: dict[str, list[str]] = {}
    for name in sorted(now.cells.keys() & base.cells.keys()):
        cell, before = now.cells[name], base.cells[name]
        extra = len(cell.questions - before.questions)
        if extra:
            more.setdefault(
                f"{counted(extra, 'question is', 'questions are')} not in the baseline: not gated; "
                "accept anew to gate them",
                [],
            )
        for path in sorted(cell.values.keys() - before.values.keys()):
            more.setdefault(f"{path} is not in the baseline: not gated; accept anew to gate it", []).append(name)
        if cell.sinks and not before.sinks:
            what = "planted values left in files and logs"
            more.setdefault(f"{what} are not in the baseline: not gated; accept anew to gate them", []).append(name)
        answered = not all(cell.values["failed"].values())
        if answered and bool(cell.answers) != bool(before.answers):
            side = "the baseline" if cell.answers else "this run"
            more.setdefault(f"{side} kept no texts: the answers' words are not compared, their scores are", [])
    yield from more


def _check(name: str, cell: Cell, now: Taken, base: Snapshot) -> Check | None:
    fault = now.faults.get(name)
    if fault is not None:
        word = "outdated" if fault.kind == "outdated" else "broken"
        return Check(name, ANSWERED, fault.kind, fault.sentence, word, fault.questions)
    if name not in now.snapshot.cells:
        sentence = "is in the baseline and was not run: run it too (--backends, --track), or accept anew without it"
        return Check(name, LIKENESS, "mismatch", sentence, "missing")
    mine = now.snapshot.cells[name]
    told = [_setting(key, cell.settings.get(key), mine.settings.get(key)) for key in _different(cell, mine)]
    if told:
        return Check(name, LIKENESS, "mismatch", "; ".join(told), "other")
    unasked = cell.questions - mine.questions
    if unasked:
        asked = f"--questions {len(cell.questions)}"
        sentence = (
            f"{len(unasked)} of the baseline's {counted(len(cell.questions), 'question')} were not asked: "
            f"run with {asked}, or the same command again where it was interrupted"
        )
        return Check(name, LIKENESS, "mismatch", sentence, "other", tuple(sorted(unasked)))
    answered = {question for question, share in mine.values["failed"].items() if share < 1}
    # Where every question that has the figure failed, there is nothing to measure, and that is a regression.
    gone = sorted(path for path, by in cell.values.items() if path not in mine.values and answered & by.keys())
    if gone:
        why = now.refused if now.refused and all(path.startswith(leaks.PREFIX) for path in gone) else ""
        remedy = why or "run with its options, or accept anew"
        sentence = f"{', '.join(gone)} was measured in the baseline and not here: {remedy}"
        return Check(name, LIKENESS, "mismatch", sentence, "other")
    return None


def _different(before: Cell, after: Cell) -> list[str]:
    names = list(dict.fromkeys((*before.settings, *after.settings)))
    return [name for name in names if before.settings.get(name) != after.settings.get(name)]


def _setting(name: str, before: Any, after: Any) -> str:
    option = _OPTIONS.get(name)
    was = "none" if before in (None, "") else before
    remedy = f"run with {option} {was}" if option and name != "recording" else "run as it was"
    if name == "recording":
        remedy = "replay the same one" if before else "run without --replay"
    elif option and before in ("", None) and name != "chunk_tokens":
        remedy = f"run without {option}"
    is_now = "none" if after in (None, "") else after
    return f"{name} {was} in the baseline, here {is_now}: {remedy}, or accept anew"
