"""Public names in, their reference as HTML out, made of the docstrings by pdoc.

Run by `make docs` as a file, with the folder for the pages. No page asks the network for anything.
"""

import sys
from pathlib import Path

import pdoc

import workbench

MODULES = (
    "workbench",
    "workbench.records",
    "workbench.backends.contract",
    "workbench.backends.attribution",
    "workbench.backends.saved",
    "workbench.stats",
)
"""The front door, its vocabulary, what a backend needs, and the statistics."""


def build(folder: Path) -> None:
    """Write the reference.

    Args:
        folder: for HTML; made where it is missing.
    """
    # pdoc looks at what a module holds, and the front door holds a name only once it was used.
    for name in workbench.__all__:
        setattr(workbench, name, getattr(workbench, name))
    pdoc.render.configure(docformat="google", show_source=False, footer_text=f"workbench {workbench.__version__}")
    pdoc.pdoc(*MODULES, output_directory=folder)


if __name__ == "__main__":
    build(Path(sys.argv[1]))
