"""The reference is built of what every public name says of itself, and asks the network for nothing."""

import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import workbench

ROOT = Path(__file__).parents[1]
NAMES = [name for name in workbench.__all__ if name != "__version__"]
FUNCTIONS = [name for name in NAMES if inspect.isfunction(getattr(workbench, name))]
CLASSES = [name for name in NAMES if inspect.isclass(getattr(workbench, name))]


def section(text: str, head: str) -> str:
    """What stands under a head of a docstring; empty: it has none."""
    found = re.search(rf"^{head}:\n((?:    .*\n|\n)*)", f"{text}\n", re.M)
    return found[1] if found else ""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_says_what_it_takes_gives_and_refuses(name: str) -> None:
    made = getattr(workbench, name)
    said, told = inspect.signature(made), inspect.getdoc(made) or ""
    arguments = section(told, "Args")
    for parameter in said.parameters.values():
        stars = {parameter.VAR_POSITIONAL: r"\*?", parameter.VAR_KEYWORD: r"\*{0,2}"}.get(parameter.kind, "")
        assert re.search(rf"^    {stars}{parameter.name}\b.*:", arguments, re.M), f"{name}: {parameter.name}"
    # What is a class of its own is told there.
    assert said.return_annotation in ("None", *CLASSES) or section(told, "Returns"), name
    assert section(told, "Raises"), name


def members(made: type) -> Iterator[tuple[str, Any]]:
    """Public methods and properties of our own classes."""
    for base in made.__mro__:
        if base.__module__.startswith("workbench"):
            for name, member in vars(base).items():
                documented = inspect.isfunction(member) or isinstance(member, property | classmethod)
                if documented and not name.startswith("_"):
                    yield f"{base.__name__}.{name}", member


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_and_its_public_members_say_what_they_are(name: str) -> None:
    made = getattr(workbench, name)
    assert len(made.__doc__ or "") > 20
    assert [where for where, member in members(made) if not inspect.getdoc(member)] == []


def test_the_reference_holds_every_public_name_and_asks_for_nothing(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-W", "error", ROOT / "workbench" / "docs" / "reference.py", tmp_path], check=True, cwd=ROOT
    )
    pages = {path.relative_to(tmp_path).as_posix(): path.read_text() for path in tmp_path.rglob("*.html")}
    assert {"index.html", "workbench.html", "workbench/backends/contract.html"} < pages.keys()
    for name in NAMES:
        assert f'id="{name}"' in pages["workbench.html"], name
    # A link is followed by who clicks it; these are fetched by the browser.
    fetched = re.compile(
        r"""<(?:script|img|iframe|source)\b[^>]*\bsrc=["']?([^"'> ]+)|<link\b[^>]*\bhref=["']?([^"'> ]+)"""
        r"""|@import\s+["']?([^"';]+)|url\(["']?((?!data:)[^"')]+)|\bfetch\(["']([^"']+)""",
        re.I,
    )
    asked = {next(filter(None, found)) for text in pages.values() for found in fetched.findall(text)}
    assert [address for address in asked if re.match(r"(?:[a-z]+:)?//", address)] == []
