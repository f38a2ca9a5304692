"""Runs an embedded model beside the event loop, so that one question's reading does not hold up another's bytes."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from workbench.errors import Infrastructure
from workbench.gateway.denied import Denied

Result = TypeVar("Result")


class Threads:
    """A small pool; more threads than cores would only wait for the interpreter."""

    def __init__(self, size: int = 2) -> None:
        self._pool = ThreadPoolExecutor(size, thread_name_prefix="model")

    async def run(self, work: Callable[[], Result]) -> Result:
        """Do the work in a thread.

        Raises:
            Denied: a model's weights are not installed.
        """
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        except Infrastructure as error:
            raise Denied(503, "model_not_installed", str(error)) from error

    def close(self) -> None:
        """Take no more work."""
        self._pool.shutdown(wait=False, cancel_futures=True)
