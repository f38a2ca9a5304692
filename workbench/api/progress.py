"""Where a run is started from in; how its progress is told there out: a line in a notebook, a bar in a terminal."""

from __future__ import annotations

import contextlib
import sys
import time
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.runs.progress import Progress

_STEP_SECONDS = 0.5
_CELLS = 24


def chosen(progress: bool | Progress) -> AbstractContextManager[Progress]:
    """How to tell.

    Args:
        progress: True: as fits the place, which in a log is a line for each stage and every ten seconds; False: not at
            all; or what takes stages, steps and notes itself.
    """
    from workbench.runs.progress import Silent

    if not isinstance(progress, bool):
        return contextlib.nullcontext(progress)
    if not progress:
        return contextlib.nullcontext(Silent())
    if _in_notebook():
        return Line()
    from workbench.terminal import Bar

    return Bar()


class Line:
    """One line below the cell, drawn anew at most twice a second; what is saved with the notebook is its last state.

    Use as a context manager.
    """

    def __init__(self) -> None:
        self._label, self._total, self._done, self._began, self._drawn = "", 0, 0, 0.0, 0.0
        self._started, self._notes = time.monotonic(), list[str]()
        self._place: Any = None

    def stage(self, label: str, total: int) -> None:
        """A stage begins."""
        self._label, self._total, self._done, self._began = label, total, 0, time.monotonic()
        self._draw(self._now())

    def advance(self, steps: int = 1) -> None:
        """Steps are done."""
        self._done += steps
        if time.monotonic() - self._drawn >= _STEP_SECONDS:
            self._draw(self._now())

    def note(self, sentence: str) -> None:
        """A sentence that stays."""
        self._notes.append(f"note: {sentence}")
        self._draw(self._now())

    def __enter__(self) -> Line:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._place is not None or self._notes:
            ended = "stopped" if error else "done"
            self._draw(f"{ended} after {time.monotonic() - self._started:,.0f} s")

    def _now(self) -> str:
        if not self._total:
            return self._label
        filled = round(_CELLS * min(1.0, self._done / self._total))
        spent = time.monotonic() - self._began
        left = f", about {spent / self._done * (self._total - self._done):,.0f} s left" if self._done else ""
        return f"{self._label:34} {'█' * filled}{'·' * (_CELLS - filled)} {self._done:,} of {self._total:,}{left}"

    def _draw(self, line: str) -> None:
        from IPython.display import display

        self._drawn = time.monotonic()
        content = {"text/plain": "\n".join([*self._notes, line])}
        if self._place is None:
            self._place = display(content, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._place.update(content, raw=True)


def _in_notebook() -> bool:
    shell = sys.modules.get("IPython")
    return shell is not None and hasattr(shell.get_ipython(), "kernel")
