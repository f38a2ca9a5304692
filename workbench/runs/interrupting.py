"""Work that takes minutes in, its result out; a Ctrl-C is answered at once, though it takes seconds to end."""

import asyncio
import contextlib
import signal
import threading
from collections.abc import Coroutine, Iterator
from types import FrameType
from typing import Any, TypeVar

from workbench.runs.progress import Progress

Result = TypeVar("Result")

STOPPING = "stopping: what is done is kept; ending the processes takes some seconds"


def run(work: Coroutine[Any, Any, Result], progress: Progress) -> Result:
    """Run it as `asyncio.run` does.

    Args:
        work: cancelled at the first Ctrl-C, and left where it stands at the second.
        progress: told of the first.

    Raises:
        KeyboardInterrupt: the work has ended because of it.
    """

    async def told() -> Result:
        with _told(progress):
            return await work

    return asyncio.run(told())


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
