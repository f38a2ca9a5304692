"""The path of a file in, its text out, or what hinders: PDF, Word and HTML are read in a process of their own.

A file may be made to exhaust its reader, and the library for PDF is machine code. So the process has a limit of time
for each file and one of memory; when it dies, the next file gets a new one. It is given neither keys nor addresses.

Started as a module it is that process: a JSON line with the path in, a JSON line with the result out.
"""

import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from threading import Timer
from types import TracebackType
from typing import Any

from workbench.records import Mark
from workbench.workload.extracted import Extracted, Note, Unreadable

MODULES = {
    ".pdf": "pdf",
    ".docx": "word",
    ".docm": "word",
    ".html": "webpage",
    ".htm": "webpage",
    ".xhtml": "webpage",
}
"""What can be read, by suffix, and the module of this package whose function `extract` does."""

SECONDS = 120.0
"""For one file; a manual of 400 pages takes about ten."""
MOST_BYTES = 200_000_000
"""Of a file on disk."""
MOST_MEMORY = 2_000_000_000
"""Bytes of address space of the process, where the system knows such a limit."""
NO_ACCESS = "files that cannot be read, skipped"


class Extraction:
    """The process that reads, started with the first file. Use as a context manager."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, path: Path) -> Extracted:
        """Have a file read that has one of the suffixes of `MODULES`.

        Raises:
            Unreadable: it is too large, takes too long, or its reader refuses it or dies of it.
        """
        if not os.access(path, os.R_OK):
            raise Unreadable(NO_ACCESS)
        if path.stat().st_size > MOST_BYTES:
            raise Unreadable(f"files of more than {MOST_BYTES // 1_000_000} MB, skipped (split them)")
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = _started()
        late: list[bool] = []
        said = _asked(self._process, path, self._seconds, late)
        if not said.endswith(b"\n"):
            self.close()
            if late:
                raise Unreadable(f"files that take longer than {self._seconds:g} s, skipped (split or print them anew)")
            raise Unreadable("files at which the reader died, skipped (open and save them again)")
        result = json.loads(said)
        if "unreadable" in result:
            raise Unreadable(result["unreadable"])
        marks = tuple(Mark(**mark) for mark in result["marks"])
        return Extracted(result["text"], result["title"], marks, tuple(Note(**note) for note in result["notes"]))

    def close(self) -> None:
        """End the process; a second call does nothing."""
        if self._process is None:
            return
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait()
        self._process = None

    def __enter__(self) -> "Extraction":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _started() -> subprocess.Popen[bytes]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "SYSTEMROOT", "TMPDIR")}
    kept |= {name: value for name, value in os.environ.items() if name.startswith("PYTHON")}
    # -P: no module is taken from the folder where the import was started, which may be a stranger's.
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "workbench.workload.extraction"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=kept | {"PYTHONUTF8": "1"},
    )


def _asked(process: subprocess.Popen[bytes], path: Path, seconds: float, late: list[bool]) -> bytes:
    """What the process says of a file; without a line feed at its end the process is gone, `late` says if so killed."""

    def end() -> None:
        late.append(True)
        process.kill()

    assert process.stdin and process.stdout
    timer = Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        process.stdin.write(json.dumps(str(path)).encode() + b"\n")
        process.stdin.flush()
        return process.stdout.readline()
    except BrokenPipeError:
        return b""
    finally:
        timer.cancel()


# ---- inside the process ----------------------------------------------------------------------------------------------


def result(path: Path) -> dict[str, Any]:
    """Read a file here and now; what the process answers with, `unreadable` alone where it cannot be read."""
    try:
        return asdict(import_module(f"workbench.workload.{MODULES[path.suffix.lower()]}").extract(path))
    except Unreadable as error:
        return {"unreadable": str(error)}
    except OSError:
        return {"unreadable": NO_ACCESS}
    except MemoryError:
        return {
            "unreadable": f"files that need more than {MOST_MEMORY // 1_000_000} MB of memory, skipped (split them)"
        }
    except ImportError as error:
        return {"unreadable": f"files whose library is not installed, skipped (install {error.name})"}
    except Exception as error:
        # Foreign libraries raise whatever they like at a file that is broken on purpose.
        return {"unreadable": f"files that cannot be read, skipped ({type(error).__name__}; open and save them again)"}


def _limit(seconds: float) -> None:
    """Bound memory once and for all, and the time of the next file: should the parent be gone, nobody else ends it."""
    try:
        import resource
    except ImportError:  # Windows has no such limits; the parent's clock holds there too
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime + seconds) + 1
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    memory = MOST_MEMORY if hard == resource.RLIM_INFINITY else min(MOST_MEMORY, hard)
    with suppress(ValueError, OSError):  # macOS knows the limit and may refuse to set it
        resource.setrlimit(resource.RLIMIT_AS, (memory, hard))


def _serve() -> None:
    # What a library prints must not come between the lines.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    for line in sys.stdin.buffer:
        _limit(2 * SECONDS)
        answers.write(json.dumps(result(Path(json.loads(line)))).encode() + b"\n")
        answers.flush()


if __name__ == "__main__":
    _serve()
