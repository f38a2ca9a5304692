"""A snapshot comes in, a baseline file goes out, and back; the same snapshot is always the same bytes.

    {"workbench_baseline":1,
    "digest":…, "measured_digest":…,
    "about":{…},
    "questions":[…],
    "cells":{
    "haystack-parity":{…},
    …
    },
    "measured":{
    "about":{…},
    "haystack-parity":{…},
    …
    }}

A line for each cell, so that version control shows which one changed. Columns are in the order of `questions`, null
where there is no value. Everything outside `measured` (CPU times, machine, date) comes out the same again when the same
deterministic experiment is run again.
"""

import hashlib
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from math import isfinite
from pathlib import Path
from typing import Any

import orjson

from workbench.errors import BadInput
from workbench.gating.snapshot import Cell, Snapshot
from workbench.records import TRACKS

SCHEMA = 1


class Broken(BadInput):
    """A baseline that was changed, or cut short, after it was written."""


_MAGIC = b'{"workbench_baseline":'


def encode(snapshot: Snapshot) -> bytes:
    """The file's bytes."""
    questions = sorted({name for cell in snapshot.cells.values() for name in cell.questions})
    about = {name: getattr(snapshot, name) for name in ("workload", "workload_id", "workbench", "prices")}
    cells = {name: _cell(cell, questions) for name, cell in sorted(snapshot.cells.items())}
    measured: dict[str, Any] = {"about": {"started": snapshot.started, "machine": snapshot.machine}}
    for name, cell in sorted(snapshot.cells.items()):
        measured[name] = {str(turn): _column(by, questions) for turn, by in sorted(cell.cpu_ms.items())}
    digest, measured_digest = _digests(about, questions, cells, measured)
    return b",\n".join(
        (
            _MAGIC + b"%d" % SCHEMA,
            b'"digest":' + _dump(digest),
            b'"measured_digest":' + _dump(measured_digest),
            b'"about":' + _dump(about),
            b'"questions":' + _dump(questions),
            b'"cells":' + _lines(cells),
            b'"measured":' + _lines(measured) + b"}\n",
        )
    )


def write(path: Path, snapshot: Snapshot) -> None:
    """Write a baseline, all of it or nothing.

    Raises:
        BadInput: the file cannot be written there.
    """
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch.write_bytes(encode(snapshot))
        scratch.replace(path)
    except OSError as error:
        with suppress(OSError):
            scratch.unlink()
        raise BadInput(f"--baseline {path}: cannot be written ({error.strerror}); name a file of yours") from error


def replaces(path: Path) -> bool:
    """Whether there is a baseline already, whatever state it is in; it may be replaced by another.

    Raises:
        BadInput: something else is there, or nobody may look.
    """
    try:
        with path.open("rb") as file:
            if file.read(len(_MAGIC)) == _MAGIC:
                return True
    except (FileNotFoundError, NotADirectoryError):
        return False
    except IsADirectoryError:
        pass
    except OSError as error:
        raise BadInput(f"--baseline {path}: cannot be read ({error.strerror}); choose another file") from error
    raise BadInput(f"--baseline {path}: is no baseline, and is left as it is; choose another file")


def read(path: Path) -> Snapshot:
    """Read a baseline.

    Raises:
        Broken: changed since it was written.
        BadInput: not there, something else, or of a newer workbench.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise BadInput(f"--baseline {path}: no such file; `workbench accept DIR --baseline {path}` makes it") from error
    except OSError as error:
        raise BadInput(f"--baseline {path}: cannot be read ({error.strerror})") from error
    if not content.startswith(_MAGIC):
        raise BadInput(f"--baseline {path}: is no baseline; give a file that `workbench accept` wrote")
    try:
        plain = orjson.loads(content)
        schema = int(plain["workbench_baseline"])
        if schema <= SCHEMA:
            return _snapshot(plain, schema)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Broken(
            f"--baseline {path}: is broken ({_why(error)}); restore it, or accept an experiment anew"
        ) from error
    raise BadInput(f"--baseline {path}: schema {schema} is newer than {SCHEMA}, which this workbench reads; update it")


def _why(error: Exception) -> str:
    return f"field {error} is missing" if isinstance(error, KeyError) else str(error)


def _snapshot(plain: Mapping[str, Any], schema: int) -> Snapshot:
    if schema != SCHEMA:
        raise ValueError(f"there is no schema {schema}")
    about, questions, cells = plain["about"], plain["questions"], plain["cells"]
    measured, times = plain["measured"], plain["measured"]["about"]
    if (plain["digest"], plain["measured_digest"]) != _digests(about, questions, cells, measured):
        raise ValueError("its digest does not fit: it was changed after it was written")
    return Snapshot(
        workload=about["workload"],
        workload_id=about["workload_id"],
        workbench=about["workbench"],
        prices=about["prices"],
        cells={name: _read_cell(name, cell, measured[name], questions) for name, cell in cells.items()},
        started=times["started"],
        machine=times["machine"],
    )


def _cell(cell: Cell, questions: Sequence[str]) -> dict[str, Any]:
    return {
        "backend": cell.backend,
        "track": cell.track,
        "settings": cell.settings,
        "versions": cell.versions,
        "deterministic": sorted(cell.deterministic),
        "values": {path: _column(by, questions) for path, by in cell.values.items()},
        "passages": _column(cell.passages, questions),
        "answers": _column(cell.answers, questions),
        "failures": cell.failures,
        **({"sinks": cell.sinks} if cell.sinks else {}),
    }


def _read_cell(name: str, plain: Mapping[str, Any], times: Mapping[str, Any], questions: Sequence[str]) -> Cell:
    if plain["track"] not in TRACKS or name != f"{plain['backend']}-{plain['track']}":
        raise ValueError(f"cell {name} is not one of {plain['backend']} on {plain['track']}")
    cell = Cell(
        backend=plain["backend"],
        track=plain["track"],
        settings=plain["settings"],
        versions=plain["versions"],
        values={path: _numbers(path, column, questions) for path, column in plain["values"].items()},
        deterministic=frozenset(plain["deterministic"]),
        passages=_of(plain["passages"], questions),
        answers=_of(plain["answers"], questions),
        failures=plain["failures"],
        sinks={where: int(count) for where, count in plain.get("sinks", {}).items()},
        cpu_ms={int(turn): _numbers("cpu_ms", column, questions) for turn, column in times.items()},
    )
    if "failed" not in cell.values:
        raise KeyError("failed")
    return cell


def _column(by: Mapping[str, Any], questions: Sequence[str]) -> list[Any]:
    return [by.get(name) for name in questions]


def _of(column: Sequence[Any], questions: Sequence[str]) -> dict[str, Any]:
    return {name: value for name, value in zip(questions, column, strict=True) if value is not None}


def _numbers(path: str, column: Sequence[Any], questions: Sequence[str]) -> dict[str, float]:
    found = _of(column, questions)
    if not all(isinstance(value, int | float) and isfinite(value) for value in found.values()):
        raise ValueError(f"{path} holds something that is no number")
    return {name: float(value) for name, value in found.items()}


def _digests(about: Any, questions: Any, cells: Any, measured: Any) -> tuple[str, str]:
    kept = hashlib.sha256(_dump([about, questions, cells])).hexdigest()
    return kept[:32], hashlib.sha256(_dump(measured)).hexdigest()[:32]


def _lines(items: Mapping[str, Any]) -> bytes:
    return b"{\n" + b",\n".join(_dump(name) + b":" + _dump(item) for name, item in items.items()) + b"\n}"


def _dump(plain: Any) -> bytes:
    return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)
