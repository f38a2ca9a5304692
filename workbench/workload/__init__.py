"""Folders and foreign files in, a checked `Workload` out, and back to a folder."""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import BadInput

if TYPE_CHECKING:
    from workbench.records import Workload
    from workbench.workload.draft import Imported

KINDS = ("squad", "beir", "jsonl", "folder")
"""What can be imported; each kind is a module of this package with a function `read`."""


def load(path: str | Path) -> "Workload":
    """Read a workload's folder and check every line of it; see `workbench.workload.files.load`."""
    from workbench.workload import files

    return files.load(path)


def save(workload: "Workload", folder: str | Path) -> None:
    """Write a workload's folder whole or not at all; see `workbench.workload.files.save`."""
    from workbench.workload import files

    files.save(workload, folder)


def import_from(kind: str, source: str | Path, limit: int | None = None) -> "Imported":
    """Make a workload of foreign files.

    Args:
        kind: one of `KINDS`.
        source: a file (squad, jsonl) or folder (beir, jsonl, folder).
        limit: at most as many questions, 1 or more, spread evenly over the tenants; all documents are kept.

    Returns:
        The workload, which `save` takes, and `notes`: plain lines on what was met on the way.

    Raises:
        BadInput: the kind is unknown, the limit below 1, the source of another kind, or nothing in it can be used.
    """
    if kind not in KINDS:
        raise BadInput(f'"{kind}" cannot be imported; choose one of {", ".join(KINDS)}.')
    if limit is not None and limit < 1:
        raise BadInput(f"--limit is {limit}; give 1 or more.")
    try:
        imported: Imported = import_module(f"{__name__}.{kind}").read(Path(source), limit=limit)
    except OSError as error:
        raise BadInput(f"{source} cannot be read ({error.strerror}); name a readable one.") from None
    return imported
