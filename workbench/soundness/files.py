"""A dataset's folder in, every defect out: first whether it can be read at all, then whether it is what it says."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from workbench import workload as workloads
from workbench.errors import BadInput
from workbench.records import Workload
from workbench.soundness import documents, gold, log, planted
from workbench.soundness.finding import Finding
from workbench.workload.authoring.build import CHECKSUMS
from workbench.workload.files import OPTIONAL, REQUIRED


def check(folder: Path) -> tuple[Workload | None, list[Finding]]:
    """Prove a workload sound, or tell why it is not.

    Args:
        folder: of a workload.

    Returns:
        The workload, None where it cannot be read, and what was found, errors first.

    Raises:
        BadInput: there is no such folder, or it is no workload's.
    """
    if not (folder / "workload.toml").exists():
        workloads.load(folder)  # says what the folder is instead
    found = list(_checksums(folder))
    try:
        workload = workloads.load(folder)
    except BadInput as error:
        return None, [*found, Finding("not-readable", str(folder), str(error))]
    for part in (documents, gold, planted, log):
        found.extend(part.check(workload))
    return workload, sorted(found, key=lambda one: (one.level, one.kind, one.where))


def _checksums(folder: Path) -> Iterator[Finding]:
    """The files that SHA256SUMS names must be the ones it was made of, and the workload's must all be among them."""
    path = folder / CHECKSUMS
    if not path.exists():
        return
    try:
        lines = path.read_text(errors="replace").splitlines()
    except OSError as error:
        yield Finding("checksum-of-nothing", CHECKSUMS, f"cannot be read ({error.strerror}); build the dataset again.")
        return
    named = set()
    for number, line in enumerate(lines, 1):
        digest, _, name = line.partition("  ")
        named.add(name)
        if not name or "/" in name or not (folder / name).is_file():
            said = f"line {number} names no file of this folder; build the dataset again."
            yield Finding("checksum-of-nothing", CHECKSUMS, said)
        elif _digest(folder / name) != digest:
            yield Finding("file-changed", name, f"is not the file that {CHECKSUMS} was made of; build it again.")
    for name in (*REQUIRED, *OPTIONAL):
        if name not in named and (folder / name).exists():
            yield Finding("file-without-checksum", name, f"is not named by {CHECKSUMS}; build the dataset again.")


def _digest(path: Path) -> str:
    """SHA-256 of a file, empty where it cannot be read, which `load` tells in its own words."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
