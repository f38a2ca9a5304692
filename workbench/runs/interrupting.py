"""Work that takes minutes in, its result out; a Ctrl-C is answered at once, though it takes seconds to end."""

import asyncio
import contextlib
import contextvars
import signal
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from types import FrameType
from typing import Any, TypeVar

from workbench.runs.progress import Progress

Result = TypeVar("Result")

STOPPING = "stopping: what is done is kept; ending the processes takes some seconds"


def run(work: Coroutine[Any, Any, Result], progress: Progress) -> Result:
    """Run it as `asyncio.run` does, also where a loop runs already, as in a notebook: then on a thread beside it.

    Args:
        work: cancelled at the first Ctrl-C, and left where it stands at the second.
        progress: told of the first.

    Raises:
        KeyboardInterrupt: the work has ended because of it.
    """

    async def told() -> Result:
        with _told(progress):
            return await work

    return _Beside(told()).result(progress) if _loop_runs() else asyncio.run(told())


def _loop_runs() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


@contextlib.contextmanager
def _heard() -> Iterator[None]:
    """A loop of `asyncio.run` would keep Ctrl-C to itself until it runs on, which it does not while it waits here."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class _Beside:
    """Work for a thread with a loop of its own: the caller's loop waits, and is neither patched nor entered again."""

    def __init__(self, work: Coroutine[Any, Any, Any]) -> None:
        self._work, self._done = work, Future[Any]()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None
        self._unwanted = False

    def result(self, progress: Progress) -> Any:
        """Do it and wait for it; Ctrl-C comes to the main thread, which is here."""
        # In the caller's context, or a notebook would show the thread's progress under another cell.
        context = contextvars.copy_context()
        thread = threading.Thread(target=context.run, args=(self._go,), name="workbench", daemon=True)
        with _heard():  # before it starts: of a Ctrl-C that comes sooner nobody would hear
            try:
                thread.start()
                return self._done.result()
            except KeyboardInterrupt:
                if not self._done.done():
                    progress.note(STOPPING)
                    self._cancel()
                    with contextlib.suppress(asyncio.CancelledError, Exception):
                        self._done.result()
                raise

    def _go(self) -> None:
        try:
            self._done.set_result(asyncio.run(self._known()))
        except BaseException as error:
            self._done.set_exception(error)

    async def _known(self) -> Any:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        if self._unwanted:
            self._end()
        return await self._work

    def _cancel(self) -> None:
        self._unwanted = True
        if self._loop is not None and self._task is not None:
            self._loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        # Once: another would cut short what the work does at its end.
        if self._task is not None:
            self._task.cancel()
            self._task = None


@contextlib.contextmanager
def _told(progress: Progress) -> Iterator[None]:
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield  # nobody's Ctrl-C comes here
        return
    loop = asyncio.get_running_loop()

    def interrupted(number: int, frame: FrameType | None) -> None:
        # Not from here: whatever was interrupted may be in the middle of a line itself.
        loop.call_soon_threadsafe(progress.note, STOPPING)
        before(number, frame)

    signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
