"""Where an experiment keeps what was counted of planted values: written line by line, and read back. No value in it.

    DIR/planted.jsonl           a line per value: tenant, kind, classification, its documents as numbers
    DIR/runs/<cell>/leakage.jsonl    what was found around each answer that counts, values as numbers
    DIR/runs/<cell>/sinks.jsonl      values that were left where none should be, a line for each time looked

An id may spell a name: values and documents are numbers here. These are figures, and stay when the texts are purged.
"""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from workbench import lines
from workbench.leaks.record import Leak
from workbench.lines import Lines


@dataclass(frozen=True, slots=True)
class Value:
    """A planted value as figures know it."""

    tenant: str
    kind: str
    classification: str
    """Of the most open document that it stands in."""
    documents: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sinks:
    """Whole values where none should be, by number."""

    elsewhere: tuple[int, ...] = ()
    """In calls that belong to no answer that counts."""
    crossing: tuple[int, ...] = ()
    """Of them, another tenant's than the call's."""
    cache: tuple[int, ...] = ()
    """In files that the backend's worker left in its home."""
    stderr: tuple[int, ...] = ()
    log: tuple[int, ...] = ()
    """In the experiment's files outside its texts, without those that ids of the workload spell."""
    spelt: int = 0
    """Values that ids of the workload spell: of them a log tells nothing."""
    files: int = 0
    """Files of the worker's home that were looked through."""
    unread: int = 0
    """Files that were too large, or could not be read."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def write_planted(folder: Path, values: Iterable[Value]) -> None:
    """Write the values down, in the order that numbers them."""
    path = folder / "planted.jsonl"
    path.unlink(missing_ok=True)
    with contextlib.closing(Lines(path)) as file:
        for value in values:
            file.append(orjson.dumps(value))


def planted(folder: Path) -> list[Value]:
    """Read them back; empty where none were written."""
    return [
        Value(item["tenant"], item["kind"], item["classification"], tuple(item["documents"]))
        for item in lines.read(folder / "planted.jsonl")
    ]


def leaks(run: Path) -> Iterator[Leak]:
    """What was found around each attempt, in the order written; of one attempt the first counts."""
    return map(Leak.from_dict, lines.read(run / "leakage.jsonl"))


def counted(run: Path) -> set[str]:
    """The attempts around which was looked."""
    return {item["attempt"] for item in lines.read(run / "leakage.jsonl")}


def leak_lines(run: Path) -> Lines:
    """The file to add to; the caller closes it."""
    return Lines(run / "leakage.jsonl")


def add_sinks(run: Path, found: Sinks) -> None:
    """Add what was left since."""
    with contextlib.closing(Lines(run / "sinks.jsonl")) as file:
        file.append(orjson.dumps(found))


def sinks(run: Path) -> Sinks:
    """All that was ever left."""
    found: dict[str, set[int]] = {name: set() for name in ("elsewhere", "crossing", "cache", "stderr", "log")}
    spelt = files = unread = 0
    for item in lines.read(run / "sinks.jsonl"):
        for name, numbers in found.items():
            numbers.update(item[name])
        spelt, files, unread = max(spelt, item["spelt"]), files + item["files"], unread + item["unread"]
    elsewhere, crossing, cache, stderr, log = (tuple(sorted(numbers)) for numbers in found.values())
    return Sinks(elsewhere, crossing, cache, stderr, log, spelt, files, unread)
