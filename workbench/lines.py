"""Append-only files of JSON lines: a line is safe when `append` returns, and reading forgives a torn end.

A file that nobody adds to any more can be packed; it is read as if it were not.
"""

import errno
import gzip
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from workbench.errors import BadInput


class Lines:
    """An append-only file with one writer, unreadable for other users of the machine.

    A line survives `kill -9` of the writer. A line that a full disk cut short is taken back, and one that death cut
    short is dropped before the next one, so that no line is glued to half a record. The file appears with its first
    line.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._file = path, -1

    def append(self, line: bytes) -> None:
        """Add one line, given without its end.

        Raises:
            OSError: the disk is full or gone; the file is as it was.
            BadInput: the file is packed.
        """
        if self._file < 0:
            if _packed(self._path).exists():
                raise BadInput(f"{_packed(self._path)}: is packed, to be read only; choose another folder to write to")
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._drop_torn_line()
        line += b"\n"
        written = os.write(self._file, line)
        if written != len(line):
            os.ftruncate(self._file, os.fstat(self._file).st_size - written)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _drop_torn_line(self) -> None:
        size = keep = os.fstat(self._file).st_size
        while keep:
            step = min(keep, 65536)
            end = os.pread(self._file, step, keep - step).rfind(b"\n")
            if end >= 0:
                keep += end + 1 - step
                break
            keep -= step
        if keep != size:
            os.ftruncate(self._file, keep)


def pack(path: Path) -> None:
    """Compress a finished file in its place; the same lines always give the same bytes."""
    # What only its owner may read stays so.
    made = os.open(_packed(path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, path.stat().st_mode & 0o777)
    with open(made, "wb") as file, gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
        packed.write(path.read_bytes())
    path.unlink()


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Objects of a file, in order; nothing where the file is missing. A torn last line is passed over.

    Raises:
        BadInput: a whole line is broken; names file and line.
    """
    file: BinaryIO | gzip.GzipFile
    try:
        file = path.open("rb")
    except FileNotFoundError:
        try:
            file = gzip.open(_packed(path))
        except FileNotFoundError:
            return
    with file:
        number = 0
        try:
            for line in file:
                number += 1
                if not line.endswith(b"\n"):
                    return
                yield orjson.loads(line)
        except ValueError as error:
            raise BadInput(f"{path}:{number}: not JSON ({error}); the file was changed after it was written") from error
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise BadInput(f"{_packed(path)}: cannot be unpacked ({error}); get the file anew") from error


def _packed(path: Path) -> Path:
    return path.with_name(f"{path.name}.gz")
