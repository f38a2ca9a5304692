"""A backend's process for the study: operations as JSON lines on a private socket in, results out.

Started as `python -m workbench.isolation.worker DESCRIPTOR BACKEND`. Each operation runs in a fork of this process: the
framework is imported once, every cell starts with the same memory, and what a cell breaks ends with it.
"""

import os
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

import orjson

from workbench import backends
from workbench.isolation import stores
from workbench.runs.worker import serve


class Worker:
    """Imports one framework, and forks for every operation."""

    def __init__(self, name: str) -> None:
        self._name = name
        # What a framework leaves in temporary files is looked for where the rest is.
        os.environ["TMPDIR"] = os.environ["HOME"]
        backends.load(name)
        stores.load(name)

    def describe(self) -> dict[str, Any]:
        """Versions, for the rows."""
        return {"versions": backends.versions(self._name)}

    def search(self, **given: Any) -> Any:
        """`searching.search_all`."""
        from workbench.isolation.searching import search_all

        return forked(lambda: search_all(self._name, **given))

    def answers(self, **given: Any) -> Any:
        """`asking.ask_all`."""
        from workbench.isolation.asking import ask_all

        return forked(lambda: ask_all(self._name, **given))

    def forget(self, **given: Any) -> Any:
        """`erasure.forget`."""
        from workbench.isolation.erasure import forget

        return forked(lambda: forget(self._name, **given))

    def delete(self, **given: Any) -> Any:
        """`erasure.delete`."""
        from workbench.isolation.erasure import delete

        return forked(lambda: delete(self._name, **given))

    def load(self, **given: Any) -> Any:
        """`loading.load_all`."""
        from workbench.isolation.loading import load_all

        return forked(lambda: load_all(self._name, **given))


def forked(work: Callable[[], Any]) -> Any:
    """Do something in a fork of this process.

    Raises:
        RuntimeError: it raised there, or the fork died.
    """
    result_in, result_out = os.pipe()
    alive_in, alive_out = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(alive_out)
        threading.Thread(target=_end_with_parent, args=(alive_in,), daemon=True).start()
        _send(result_out, work)
    os.close(result_out)
    os.close(alive_in)
    try:
        with os.fdopen(result_in, "rb") as pipe:
            said = pipe.read()
    finally:
        os.close(alive_out)
        _, status = os.waitpid(child, 0)
    if not said:
        raise RuntimeError(f"its process ended with status {status} and said nothing")
    outcome = orjson.loads(said)
    if "raised" in outcome:
        raise RuntimeError(outcome["raised"])
    return outcome["result"]


def _send(descriptor: int, work: Callable[[], Any]) -> None:
    try:
        outcome = {"result": work()}
    except BaseException as error:
        outcome = {"raised": f"{type(error).__name__}: {error}"}
    try:
        content = orjson.dumps(outcome, option=orjson.OPT_SERIALIZE_NUMPY)
        while content:
            content = content[os.write(descriptor, content) :]
    finally:
        os._exit(0)


def _end_with_parent(descriptor: int) -> None:
    os.read(descriptor, 1)  # nothing is ever written: it returns when the parent's end is closed
    os._exit(1)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])), lambda: Worker(sys.argv[2]))
    os._exit(0)
