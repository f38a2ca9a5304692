"""Plain values come in, a file of JSON goes out that is there whole or as it was before, and back."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from workbench.errors import BadInput


def read(path: Path) -> dict[str, Any]:
    """Read an object.

    Raises:
        BadInput: there is none.
    """
    try:
        content = orjson.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise BadInput(f"{path}: cannot be read ({error})") from error
    if not isinstance(content, dict):
        raise BadInput(f"{path}: holds no JSON object")
    return content


def write(path: Path, content: dict[str, Any]) -> None:
    """Write an object."""
    _replace(path, orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n")


def write_lines(path: Path, items: Iterable[dict[str, Any]]) -> None:
    """Write an object on each line."""
    _replace(path, b"".join(orjson.dumps(item) + b"\n" for item in items))


def _replace(path: Path, content: bytes) -> None:
    """All or nothing, also when the process or the machine dies meanwhile."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
