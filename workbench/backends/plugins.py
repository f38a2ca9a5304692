"""Entry points of installed distributions in, backends that others have written out; nothing here names one of them.

A distribution declares them in its pyproject.toml, under `[project.entry-points."workbench.backends"]`.
"""

import re
from importlib import metadata
from typing import Any

from workbench.errors import BadInput, Infrastructure

GROUP = "workbench.backends"
"""The group of entry points: a backend's name = "module:Class"."""

NAME = re.compile(r"[a-z][a-z0-9_]*")
"""A backend's name is part of folder names and of environment variables."""


def names() -> tuple[str, ...]:
    """Names of all backends that installed distributions offer, sorted. Reads their metadata and imports none."""
    return tuple(sorted(_found()))


def load(name: str) -> Any:
    """Import the class behind a name, and with it its framework.

    Raises:
        BadInput: the entry point's name and the class's are two.
        Infrastructure: it cannot be imported; says what to install.
    """
    entry = _found()[name]
    try:
        found = entry.load()
    except (ImportError, AttributeError) as error:
        raise Infrastructure(
            f"{name} cannot be imported from {entry.value} ({error}): pip install {distribution(name)}"
        ) from error
    if getattr(found, "name", None) != name:
        raise BadInput(f"{entry.value}: its `name` must be {name!r}, as its entry point is called; change one of them")
    return found


def distribution(name: str) -> str:
    """The distribution that offers a backend; its name where it is not installed."""
    entry = _found().get(name)
    return entry.dist.name if entry and entry.dist else name


def made_of(name: str, known: frozenset[str]) -> tuple[str, ...]:
    """What a backend is made of: the framework, other requirements, the distribution itself; nothing where it is gone.

    Args:
        name: of the backend.
        known: requirements that frameworks share, such as `openai`: what is not among them is the framework.
    """
    entry = _found().get(name)
    if entry is None or entry.dist is None:
        return ()
    stated = [line for line in entry.dist.requires or () if "extra ==" not in line]
    needs = [match[0] for line in stated if (match := re.match(r"[\w.-]+", line))]
    kept = sorted((need for need in needs if need != "rag-workbench"), key=lambda need: need in known)
    return (*kept, entry.dist.name)


def _found() -> dict[str, metadata.EntryPoint]:
    return {entry.name: entry for entry in metadata.entry_points(group=GROUP) if NAME.fullmatch(entry.name)}
