"""A backend and a fault in; while it is planted, its worker has that fault: to see a gate catch it before it must.

The fault goes in by the worker's interpreter, WORKBENCH_PYTHON_<BACKEND>, so that no installed file is touched.
"""

import os
import shlex
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from workbench.errors import BadInput

_WORKER = """import runpy, sys
from dataclasses import replace
from workbench import backends
from workbench.backends import contract
{change}
sys.argv = sys.argv[2:]
runpy.run_module("workbench.runs.worker", run_name="__main__")
"""
_ANSWER = """
made = backends.load({backend!r})
right = made.answer
def answer(self, question):
    reply = right(self, question)
    return replace(reply, {fault})
made.answer = answer
"""
FAULTS: Mapping[str, str] = {
    "loses its first passage": "sources=reply.sources[1:], used=max(0, reply.used - 1)",
    "loses its last word": 'text=reply.text.rpartition(" ")[0]',
}
"""By name: what of a reply is replaced."""


@contextmanager
def planted(backend: str, fault: str) -> Iterator[None]:
    """Runs that begin within are answered by a backend with this fault.

    Args:
        backend: whose worker has it.
        fault: one of `FAULTS`.

    Raises:
        BadInput: an unknown backend or fault.
    """
    from workbench.backends import NAMES

    if backend not in NAMES or fault not in FAULTS:
        raise BadInput(f"{backend} {fault}: choose a backend of {', '.join(NAMES)} that {' or '.join(FAULTS)}")
    variable = f"WORKBENCH_PYTHON_{backend.upper()}"
    before = os.environ.get(variable)
    with tempfile.TemporaryDirectory(prefix="workbench-drill-") as scratch:
        change = _ANSWER.format(backend=backend, fault=FAULTS[fault])
        os.environ[variable] = str(interpreter(Path(scratch), change, before or sys.executable))
        try:
            yield
        finally:
            if before is None:
                del os.environ[variable]
            else:
                os.environ[variable] = before


def interpreter(folder: Path, change: str, python: str = sys.executable) -> Path:
    """Write an interpreter that runs a worker with a change made first.

    Args:
        folder: to write it to.
        change: Python that may use `backends`, `contract` and `replace`.
        python: that runs it.
    """
    script, path = folder / "worker.py", folder / "interpreter"
    script.write_text(_WORKER.format(change=change), encoding="utf-8")
    path.write_text(f'#!/bin/sh\nexec {shlex.quote(python)} {shlex.quote(str(script))} "$@"\n', encoding="utf-8")
    path.chmod(0o700)
    return path
