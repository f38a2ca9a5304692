"""Places where nothing of a document should be left come in, the planted values found there go out.

A framework's own files and words, and the files of an experiment outside its texts.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from workbench.leaks.search import Scanner
from workbench.records import Workload

LARGEST = 64 * 1024 * 1024
"""Bytes of a file that is read."""


@dataclass(slots=True)
class Left:
    """What a worker left behind."""

    cache: set[int] = field(default_factory=set)
    """Values in files below its temporary home."""
    stderr: set[int] = field(default_factory=set)
    files: int = 0
    """Looked at."""
    unread: int = 0
    """Too large, or not to be read."""


def examine(scanner: Scanner, home: Path, words: bytes) -> Left:
    """Search a worker's temporary home and what it wrote to standard error, before both go."""
    left = Left(stderr=_whole(scanner, words.decode("utf-8", "replace")))
    for path in sorted(home.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        try:
            content = path.read_bytes() if path.stat().st_size <= LARGEST else None
        except OSError:
            content = None
        left.files += content is not None
        left.unread += content is None
        left.cache |= _whole(scanner, (content or b"").decode("utf-8", "replace"))
    return left


def in_records(scanner: Scanner, paths: Iterable[Path]) -> set[int]:
    """Values in files of JSON, one object or one on each line; numbers are not looked at: they are measurements."""
    found: set[int] = set()
    for path in paths:
        content = path.read_bytes() if path.is_file() else b""
        for line in content.splitlines() if path.suffix == ".jsonl" else [content]:
            try:
                item = orjson.loads(line)
            except ValueError:
                item = line.decode("utf-8", "replace")
            found |= _whole(scanner, "\n".join(_strings(item)))
    return found


def spelt(scanner: Scanner, workload: Workload) -> set[int]:
    """Values that ids of the workload spell, such as the name in `minutes-with-quill`.

    Every log that names a document or a question holds them, whatever a framework does.
    """
    ids = [one.id for one in workload.tenants]
    for records in (workload.documents, workload.questions, workload.users):
        ids += [one.id for one in records]
    return {number for name in ids for number in _whole(scanner, name)}


def _whole(scanner: Scanner, text: str) -> set[int]:
    return {number for number, seen in scanner.scan(text).items() if seen.whole}


def _strings(item: Any) -> Iterator[str]:
    if isinstance(item, str):
        yield item
    elif isinstance(item, dict):
        for name, value in item.items():
            yield name
            yield from _strings(value)
    elif isinstance(item, list):
        for value in item:
            yield from _strings(value)
