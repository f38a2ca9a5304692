"""Offers backends as installed distributions do, without installing them: the example, or any entry points."""

import os
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from workbench.backends import plugins

NAME = "pydantic_ai"
FOLDER = Path(__file__).parents[1] / "workbench" / "docs" / "examples" / NAME


@contextmanager
def offered(folder: Path) -> Iterator[None]:
    """The example, in this process and in those that it starts. The folder is empty."""
    project = tomllib.loads((FOLDER / "pyproject.toml").read_text())["project"]
    with pytest.MonkeyPatch.context() as patch:
        distribution(folder, project["name"], project["entry-points"][plugins.GROUP], project["dependencies"])
        found = [str(folder), str(FOLDER)]
        patch.setattr(sys, "path", [*found, *sys.path])
        patch.setenv("PYTHONPATH", os.pathsep.join([*found, *filter(None, [os.environ.get("PYTHONPATH")])]))
        yield


def distribution(folder: Path, name: str, entries: Mapping[str, str], needs: Sequence[str] = ()) -> None:
    """What pip would write about version 0.1.0 of a distribution."""
    about = folder / f"{name.replace('-', '_')}-0.1.0.dist-info"
    about.mkdir(parents=True)
    required = "".join(f"Requires-Dist: {need}\n" for need in needs)
    about.joinpath("METADATA").write_text(f"Name: {name}\nVersion: 0.1.0\n{required}")
    points = "".join(f"{backend} = {where}\n" for backend, where in entries.items())
    about.joinpath("entry_points.txt").write_text(f"[{plugins.GROUP}]\n{points}")
