"""Runs the notebooks from nothing and writes their outputs, or checks without writing that they run.

Each notebook is made of its `.py` twin and executed by this interpreter in an empty folder of its own, so that it
stands alone and no path of this machine gets into its outputs. It fails where a cell fails or writes to standard error.
`--check` also fails where a committed notebook is not what its twin says.
`--from DIR` runs them in a folder that is there, such as `notebooks`, as JupyterLab does. Printed: seconds of each.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

import jupytext
import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from workbench.kernels import OwnKernel

FOLDER = Path(__file__).parents[1] / "notebooks"
AIM_SECONDS = 240
"""Of all together on two cores."""


def made(twin: Path) -> nbformat.NotebookNode:
    """The notebook of a `.py` twin, without outputs; ids of cells are their places, so that they stay."""
    notebook = jupytext.read(twin)
    notebook.nbformat_minor = 5
    for place, cell in enumerate(notebook.cells):
        cell.id = f"cell-{place:02}"
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


def cells(notebook: nbformat.NotebookNode) -> list[tuple[object, ...]]:
    """What twins must have alike."""
    return [(cell.cell_type, cell.source, tuple(cell.metadata.get("tags", ()))) for cell in notebook.cells]


def run(notebook: nbformat.NotebookNode, folder: Path) -> str:
    """Execute it in a folder; what went wrong, empty: nothing."""
    with tempfile.TemporaryDirectory(prefix="workbench-kernel-") as sockets:
        kernels = AsyncKernelManager(
            kernel_name="python3", kernel_spec_manager=OwnKernel(), transport="ipc", ip=f"{sockets}/kernel"
        )
        client = NotebookClient(
            notebook,
            km=kernels,
            timeout=None,
            startup_timeout=300,
            record_timing=False,
            resources={"metadata": {"path": str(folder)}},
        )
        try:
            client.execute(cleanup_kc=True)
        except CellExecutionError as error:
            return str(error)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    noise = "".join(output.text for output in outputs if output.get("name") == "stderr")
    return f"standard error: {noise[:500]}" if noise else ""


def tried(twin: Path, check: bool, folder: Path | None) -> tuple[str, float]:
    """What is wrong with one notebook, and how long it ran."""
    began, path, notebook = time.perf_counter(), twin.with_suffix(".ipynb"), made(twin)
    if check and (not path.exists() or cells(nbformat.read(path, as_version=4)) != cells(notebook)):
        return f"{path.name} is not what {twin.name} says: `make notebooks` writes it anew", 0.0
    with nullcontext(folder) if folder else tempfile.TemporaryDirectory(prefix="workbench-notebook-") as place:
        wrong = run(notebook, Path(place))
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    notebook.metadata["language_info"] = {"name": "python"}
    if not (check or wrong):
        nbformat.write(notebook, path)
    return wrong, time.perf_counter() - began


def main() -> int:
    """0 where all run; 1 where one does not."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("names", nargs="*", help="beginnings of names, such as 03; none: all")
    options.add_argument("--check", action="store_true", help="write nothing; two at once")
    options.add_argument("--from", dest="folder", type=Path, help="run in this folder")
    given = options.parse_args()
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # else the kernel's debugger writes to standard error
    twins = [
        twin for twin in sorted(FOLDER.glob("*.py")) if not given.names or twin.name.startswith(tuple(given.names))
    ]
    began, failed = time.perf_counter(), 0
    with ThreadPoolExecutor(2 if given.check else 1) as pool:
        for twin, (wrong, seconds) in zip(
            twins, pool.map(lambda each: tried(each, given.check, given.folder), twins), strict=True
        ):
            failed += bool(wrong)
            print(f"{twin.stem:28} {seconds:6.1f} s  {wrong or 'runs'}", flush=True)
    seconds, used = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime
    print(f"{len(twins)} notebooks, {seconds:.0f} s together, aim {AIM_SECONDS} s; {cpu:.0f} s of CPU")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
