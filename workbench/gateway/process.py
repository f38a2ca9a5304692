"""Starts a gateway in a process of its own and ends it again: settings in, address out."""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
from types import TracebackType
from typing import Any

import orjson

from workbench.errors import Infrastructure
from workbench.gateway.settings import Settings

QUIET = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "DO_NOT_TRACK": "1",
    "ORT_DISABLE_TELEMETRY": "1",  # onnxruntime reports from its import on, in Linux builds since 1.29
    "OMP_NUM_THREADS": "1",
    "PYTHONUTF8": "1",
}


class GatewayProcess:
    """A running gateway. Use as a context manager; it also ends by itself when this process does."""

    def __init__(self, settings: Settings) -> None:
        self._errors = tempfile.TemporaryFile()
        # A session of its own: Ctrl-C is for the runner, which then ends the gateway in good order.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "workbench.gateway"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
            env={**os.environ, **QUIET},
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise Infrastructure("the gateway's process has no pipes")
        try:
            self._process.stdin.write(settings.to_json() + b"\n")
            self._process.stdin.flush()
            said = self._process.stdout.readline()
            self.port: int = orjson.loads(said)["port"]
        except (OSError, ValueError, KeyError) as error:
            reason = self._last_words()
            raise Infrastructure(f"the gateway did not start: {reason or error}") from error

    @property
    def url(self) -> str:
        """The base_url for OpenAI clients."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process runs and listens: one that was killed is seen to have ended a moment after its port."""
        if self._process.poll() is not None:
            return False
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=10).close()
        except ConnectionRefusedError:
            return False
        except OSError:
            return True  # busy
        return True

    def recording(self, token: str, attempt: str = "") -> dict[str, Any]:
        """How a replay stands; empty where nothing is replayed.

        Args:
            token: any bearer of this gateway.
            attempt: whose misses are wanted.

        Raises:
            Infrastructure: the gateway does not answer.
        """
        headers = {"authorization": f"Bearer {token}", "x-workbench-attempt": attempt}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", "/v1/recording", headers=headers)
            status: dict[str, Any] = orjson.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Infrastructure("the gateway's process ended; run the same command again to go on") from error
        finally:
            connection.close()
        return status

    def close(self) -> None:
        """End the gateway; a second call does nothing."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()

    def __enter__(self) -> "GatewayProcess":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _last_words(self) -> str:
        self._process.kill()
        self._process.wait()
        self._errors.seek(0)
        words = self._errors.read().decode("utf-8", "replace").strip()
        self.close()
        return words.rpartition("\n")[2]
