"""Starts a backend's worker process and talks to it: an operation in, its result, its failure or a deadline out."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from workbench.errors import Infrastructure
from workbench.gateway.process import QUIET
from workbench.records import Failure

_LINE_LIMIT = 256 * 1024 * 1024

ENVIRONMENT = {
    **QUIET,
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "HAYSTACK_PIPELINE_SNAPSHOT_SAVE_ENABLED": "false",
    "RAGAS_DO_NOT_TRACK": "true",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_MODE": "PRODUCTION",  # else it reads .env files of the working directory
    "LANGSMITH_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "RAY_USAGE_STATS_ENABLED": "0",
    "ANONYMIZED_TELEMETRY": "False",
    "OTEL_SDK_DISABLED": "true",
    "TOKENIZERS_PARALLELISM": "false",
    "MALLOC_ARENA_MAX": "2",
}
"""What keeps libraries from phoning home, and one question on one core."""

_HOMES = ("HOME", "TMPDIR", "DSPY_CACHEDIR")
"""Where a framework may leave files, all of which go with the process."""


class Failed(Exception):
    """The operation failed in the worker, or the worker did."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class WorkerProcess:
    """One backend's process. Operations may overlap; each waits for its own result."""

    def __init__(
        self,
        name: str,
        module: str = "workbench.runs.worker",
        examine: Callable[[str, Path, bytes], None] | None = None,
    ) -> None:
        """Start it.

        Args:
            name: of the backend.
            module: what the process runs; serves operations as `workbench.runs.worker` does.
            examine: given the name, the process's temporary home and its standard error, before both go.
        """
        self.name, self._examine = name, examine
        self.about: dict[str, Any] = {}
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._next = 1
        self._errors = tempfile.TemporaryFile()
        self._home = tempfile.TemporaryDirectory(prefix=f"workbench-{name}-")
        ours, theirs = socket.socketpair()
        try:
            self._process = subprocess.Popen(
                [interpreter(name), "-m", module, str(theirs.fileno()), name],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                start_new_session=True,  # Ctrl-C is for the runner
                env={**without_keys(), **ENVIRONMENT, **dict.fromkeys(_HOMES, self._home.name)},
            )
        except OSError as error:
            raise Infrastructure(f"worker {name} cannot be started with {interpreter(name)}: {error}") from error
        finally:
            theirs.close()
        self._wire = ours

    async def ready(self, seconds: float = 300.0) -> dict[str, Any]:
        """Wait until the framework is imported.

        Returns:
            Versions, native k and its note.

        Raises:
            Infrastructure: the framework is missing or its import failed; says what to install.
        """
        self._waiting[0] = asyncio.get_running_loop().create_future()
        reader, self._writer = await asyncio.open_connection(sock=self._wire, limit=_LINE_LIMIT)
        self._listener = asyncio.create_task(self._listen(reader))
        try:
            self.about = await asyncio.wait_for(self._waiting[0], seconds)
        except Failed as failed:
            raise Infrastructure(f"backend {self.name}: {failed.failure.message}") from failed
        except TimeoutError as error:
            raise Infrastructure(f"backend {self.name}: not ready after {seconds:.0f} s") from error
        return self.about

    async def call(self, op: str, seconds: float, **given: Any) -> Any:
        """Have the worker do something.

        Raises:
            Failed: with the failure's kind; `worker_hung` after `seconds`, `worker_died` when the process is gone.
        """
        number, self._next = self._next, self._next + 1
        waiting: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if self._listener.done():
            raise Failed(self._death())
        self._waiting[number] = waiting
        try:
            self._writer.write(orjson.dumps({"id": number, "op": op, **given}) + b"\n")
            async with asyncio.timeout(seconds):
                await self._writer.drain()
                return await waiting
        except TimeoutError as error:
            raise Failed(Failure("worker_hung", f"no answer from {self.name} in {seconds:.0f} s")) from error
        except OSError as error:
            raise Failed(self._death()) from error
        finally:
            self._waiting.pop(number, None)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    async def close(self, *, kill: bool = False) -> None:
        """End the process: by closing its socket, or at once."""
        if kill:
            self._process.kill()
        if hasattr(self, "_writer"):
            self._writer.close()
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()
            self._listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listener
        else:
            self._wire.close()
        await asyncio.to_thread(self._reap)
        if self._examine:
            self._errors.seek(0)
            await asyncio.to_thread(self._examine, self.name, Path(self._home.name), self._errors.read())
        self._errors.close()
        self._home.cleanup()

    def _reap(self) -> None:
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            while line := await reader.readline():
                said = orjson.loads(line)
                waiting = self._waiting.pop(said["id"], None)
                if waiting is None or waiting.done():
                    continue  # its deadline has passed
                if "failure" in said:
                    waiting.set_exception(Failed(Failure(**said["failure"])))
                else:
                    waiting.set_result(said["result"])
        except (OSError, ValueError):
            pass
        finally:
            death = Failed(self._death())
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(death)

    def _death(self) -> Failure:
        try:
            code: int | None = self._process.wait(1)  # the socket ends a moment before the process
        except subprocess.TimeoutExpired:
            code = None
        self._errors.seek(0)
        words = self._errors.read().decode("utf-8", "replace").strip().rpartition("\n")[2][:200]
        reason = f"exit code {code}" if code is not None else "socket closed"
        return Failure("worker_died", f"worker {self.name} died ({reason}){': ' + words if words else ''}")


def interpreter(backend: str) -> str:
    """The Python that runs a backend: this one, or the one that WORKBENCH_PYTHON_<BACKEND> names."""
    return os.environ.get(f"WORKBENCH_PYTHON_{backend.upper()}", sys.executable)


def without_keys() -> dict[str, str]:
    """The environment less what a framework's client would pick up by itself: keys, addresses, proxies, tracing."""
    unwanted = (
        "_KEY",
        "_TOKEN",
        "_SECRET",
        "PASSWORD",
        "_API_BASE",
        "_BASE_URL",
        "_PROXY",
        "LANGSMITH_",
        "LANGCHAIN_",
        "OPENAI_",
        "AZURE_OPENAI_",
    )
    return {name: value for name, value in os.environ.items() if not any(part in name.upper() for part in unwanted)}
