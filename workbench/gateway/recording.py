"""A recording on disk: a header line, then one line for each kept call. Checked, begun and read here, never changed.

    {"workbench_recording": 1, "id": …, "workbench": …, "started": …}
    {"address": …, "owner": [cell, tenant, question, round, ordinal], "figures": {…}, "price": [class, source],
     "answer": {…}}

`figures` are fields of `records.Call`, those that are empty left out; `seconds` is what the call is charged with. A
line without `answer` has that of the first line of its address. An answer is {"body": …}, {"events": …, "pace": …} of a
stream with the seconds of each event, {"vector": base64 of float32}, or {"results": …} of a ranking. What was sent is
not kept, only its address.
"""

import base64
import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import orjson

from workbench import __version__
from workbench.errors import BadInput
from workbench.lines import Lines
from workbench.records import CallKind

SCHEMA = 1

PATIENCE_SECONDS = 6.0
"""How long a gateway whose runner was killed may hold its recording: it ends itself within five."""

_MAGIC = b'{"workbench_recording":'


@dataclass(frozen=True, slots=True)
class State:
    """A recording as it is now."""

    id: str
    """Made with the file, and the same while it grows."""
    sha256: str
    """Of its whole lines."""
    size: int
    """Bytes of its whole lines."""
    calls: int


def examine(path: Path) -> State:
    """Read a recording through and make sure that it can be replayed.

    Raises:
        BadInput: it is not there, is something else, is broken, or was written by a newer workbench.
    """
    digest, size, calls, name = hashlib.sha256(), 0, -1, ""
    answered: set[bytes] = set()
    for number, line in _whole_lines(path, "--replay"):
        if number == 1:
            name = _header(path, line)
        else:
            item = _item(path, number, line)
            place = bytes.fromhex(item["address"])
            if "answer" not in item and place not in answered:
                raise _changed(path, number)
            answered.add(place)
        digest.update(line)
        size, calls = size + len(line), calls + 1
    if not name:
        raise BadInput(f"--replay {path}: holds nothing; give a file that `workbench run … --record FILE` wrote")
    return State(name, digest.hexdigest(), size, calls)


def begins_with(path: Path, sha256: str, size: int) -> bool:
    """Whether a file's first `size` bytes have this digest: what has only grown since does."""
    digest, left = hashlib.sha256(), size
    with path.open("rb") as file:
        while left and (part := file.read(min(left, 1 << 20))):
            digest.update(part)
            left -= len(part)
    return not left and digest.hexdigest() == sha256


def known(path: Path) -> str:
    """The id of a recording that is to be gone on with; empty where there is none yet.

    Raises:
        BadInput: the file is something else, or of a newer workbench.
    """
    if path.is_dir():
        raise BadInput(f"--record {path}: is a folder; give a file")
    try:
        with path.open("rb") as file:
            first = file.readline()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise BadInput(f"--record {path}: {error.strerror}; give a file that can be written") from error
    if first.endswith(b"\n"):
        return _header(path, first)
    if not (first.startswith(_MAGIC) or _MAGIC.startswith(first)):
        raise BadInput(f"--record {path}: is no recording, and is left as it is; choose another file")
    return ""  # the writer died in the header


def begin(path: Path) -> str:
    """Make sure that a recording can be written: its header is there, and nobody else is at it.

    Returns:
        Its id.

    Raises:
        BadInput: another process writes there, the file is something else, or it cannot be written.
    """
    known(path)
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with Lock(path):
                return known(path) or _write_header(path)
        except BlockingIOError as error:
            if time.monotonic() > until:
                raise BadInput(f"--record {path}: {error.strerror}") from error
            time.sleep(0.1)
        except OSError as error:
            raise BadInput(f"--record {path}: {error.strerror}; give a file that can be written") from error


class Lock:
    """Holds a recording for writing until closed or dead. Use as a context manager, or keep it.

    Raises:
        BlockingIOError: another holds it.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._file)
            reason = "another workbench is writing there; wait for it or choose another file"
            raise BlockingIOError(error.errno, reason, str(path)) from error
        except OSError:
            os.close(self._file)
            raise

    def close(self) -> None:
        """Let go."""
        os.close(self._file)

    def __enter__(self) -> "Lock":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def items(path: Path, size: int | None = None) -> Iterator[tuple[int, dict[str, Any]]]:
    """Kept calls with the offset of each line, in order, without the header. A torn last line is passed over.

    Args:
        path: a recording.
        size: bytes to read; None: all.

    Raises:
        BadInput: a line is broken; names file and line.
    """
    offset = 0
    for number, line in _whole_lines(path, "recording"):
        if size is not None and offset >= size:
            return
        if number > 1:
            yield offset, _item(path, number, line)
        offset += len(line)


def _whole_lines(path: Path, option: str) -> Iterator[tuple[int, bytes]]:
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    return
                yield number, line
    except OSError as error:
        raise BadInput(
            f"{option} {path}: {error.strerror}; give a file that `workbench run … --record` wrote"
        ) from error


def _header(path: Path, line: bytes) -> str:
    try:
        content = orjson.loads(line)
        schema, name = content["workbench_recording"], content["id"]
    except (ValueError, KeyError, TypeError):
        schema, name = None, ""
    if not isinstance(schema, int) or not isinstance(name, str) or not name:
        raise BadInput(f"{path}:1: this is no recording; give a file that `workbench run … --record FILE` wrote")
    if schema > SCHEMA:
        raise BadInput(f"{path}: schema {schema} is newer than {SCHEMA}, which this workbench reads; update it")
    return name


def _item(path: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        item = orjson.loads(line)
        whole = len(bytes.fromhex(item["address"])) == 32 and len(item["owner"]) == 5 and _can_be(item["figures"])
        whole = whole and ("answer" not in item or _can_answer(item["figures"]["kind"], item["answer"]))
    except (ArithmeticError, AttributeError, ValueError, KeyError, IndexError, TypeError):
        whole = False
    if not whole:
        raise _changed(path, number)
    return item  # type: ignore[no-any-return]


def _can_be(figures: dict[str, Any]) -> bool:
    """Whether a call can be charged with these."""
    numbers = [figures.get("seconds", 0), figures.get("input_tokens", 0), figures.get("output_tokens", 0)]
    numbers.append(Decimal(figures.get("usd", "0")))
    named = figures["kind"] in get_args(CallKind) and isinstance(figures["model"], str)
    return named and all(0 <= number < float("inf") for number in numbers)


def _can_answer(kind: str, answer: dict[str, Any]) -> bool:
    """Whether a backend can be given this."""
    if kind == "embeddings":
        return len(base64.b64decode(answer["vector"], validate=True)) % 4 == 0
    if kind == "rerank":
        return all(isinstance(each["index"], int) for each in answer["results"])
    if "events" in answer:
        return len(answer["events"]) == len(answer["pace"])
    return isinstance(answer["body"]["choices"][0]["message"], dict)


def _changed(path: Path, number: int) -> BadInput:
    return BadInput(f"{path}:{number}: no kept call; the file was changed after it was written, record again")


def _write_header(path: Path) -> str:
    name = os.urandom(16).hex()
    content = {
        "workbench_recording": SCHEMA,
        "id": name,
        "workbench": __version__,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    file = Lines(path)
    file.append(orjson.dumps(content))
    file.close()
    return name
