"""What the terminal shows: progress of a run with the time left, and tables that fit 100 columns."""

import os
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import TimeRemainingColumn as Remaining

from workbench.errors import BadInput

WIDTH = 100


class _Patient(Console):
    """Goes on in silence when its reader, such as head, has had enough: the exit code is what the command found."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.file.fileno())


console = _Patient(width=None if sys.stdout.isatty() else WIDTH, highlight=False, soft_wrap=False)
errors = _Patient(stderr=True, highlight=False, soft_wrap=True)

_STEP_SECONDS = 10.0


class Bar:
    """A progress bar on a terminal; in a log, a line for each stage and every ten seconds. Use as a context manager."""

    def __init__(self) -> None:
        self._live = errors.is_terminal
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            Remaining(),
            console=errors,
            refresh_per_second=4,
            disable=not self._live,
        )
        self._task: TaskID | None = None
        self._label, self._total, self._done, self._began, self._said = "", 0, 0, 0.0, 0.0

    def stage(self, label: str, total: int) -> None:
        """A stage begins."""
        self._finish()
        self._label, self._total, self._done, self._began = label, total, 0, time.monotonic()
        self._said = self._began
        if self._live:
            self._task = self._progress.add_task(f"{label:34}", total=total)

    def advance(self, steps: int = 1) -> None:
        """Steps are done."""
        self._done += steps
        if self._task is not None:
            self._progress.advance(self._task, steps)
        elif time.monotonic() - self._said >= _STEP_SECONDS and self._done < self._total:
            self._said = time.monotonic()
            left = (self._said - self._began) / self._done * (self._total - self._done)
            errors.print(f"  {self._label}: {self._done} of {self._total}, about {left:.0f} s left")

    def note(self, sentence: str) -> None:
        """A sentence between the stages."""
        errors.print(f"note: {sentence}", markup=False)

    def __enter__(self) -> "Bar":
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is None:
            self._finish()
        self._progress.stop()

    def _finish(self) -> None:
        if self._label and not self._live:
            errors.print(f"  {self._label}: {self._done} of {self._total}, {time.monotonic() - self._began:.1f} s")
        self._label, self._task = "", None


def say(*sentences: str) -> None:
    """Print sentences as they are: a path that was broken over two lines could not be copied."""
    for sentence in sentences:
        console.print(sentence, markup=False, soft_wrap=True)


def show(*lines: Any) -> None:
    """Print tables and lines with markup, wrapped to the width."""
    for line in lines:
        console.print(line)


def check_json(path: Path | None) -> None:
    """Refuse, before anything runs, a file that could not be written after it.

    Raises:
        BadInput: the file cannot be written.
    """
    if path is None:
        return
    place = next((parent for parent in path.absolute().parents if parent.exists()), path)
    if path.is_dir() or not place.is_dir() or not os.access(place, os.W_OK):
        raise BadInput(f"--json {path}: cannot be written there; name a file in a folder of yours")


def write_json(path: Path, content: object) -> None:
    """Write plain values as JSON.

    Raises:
        BadInput: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n")
    except OSError as error:
        raise BadInput(f"--json {path}: cannot be written ({error.strerror})") from error
