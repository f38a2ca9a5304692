"""One framework's own vector store on given vectors, by name: passages in, texts of hits out, filtered or not.

What a framework refuses it refuses here too: its exception comes through, and is the result.
"""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import ClassVar, Protocol

from workbench import backends
from workbench.errors import Infrastructure
from workbench.isolation.corpus import Vectors
from workbench.isolation.tenants import Item


class Store(Protocol):
    """A store of one tenant or of all. Where a method hands something back, it is the framework's own."""

    about: ClassVar[str]
    """The objects of the framework that are searched."""
    filtering: ClassVar[str]
    """What the framework does with a filter, read in the installed source."""
    saving: ClassVar[str]
    """How the framework saves."""

    def __init__(self, dimensions: int) -> None: ...

    def add(self, items: Sequence[Item]) -> None:
        """Put passages in; the tenant is in their metadata."""
        ...

    def search(self, vector: Vectors, k: int, tenant: str | None) -> list[str]:
        """Texts of the hits, best first; with a tenant, the framework's own filter is given it."""
        ...

    def delete(self, document: str, ids: Sequence[str]) -> None:
        """The framework's own way of deleting a document whose passages have these ids."""
        ...

    def save(self, folder: Path) -> None:
        """The framework's own way of saving, into an existing folder."""
        ...

    def close(self) -> None:
        """End threads and loops."""
        ...


def load(name: str, *, private: bool = False) -> type[Store]:
    """A framework's store class.

    Args:
        name: a backend's.
        private: the one that holds a single tenant, where the framework has a better one for that.

    Raises:
        Infrastructure: the framework is not installed; says how to get it.
    """
    try:
        module = import_module(f"{__name__}.{name}")
    except ImportError as error:
        raise Infrastructure(f"{name} cannot be imported: pip install {backends.requirement(name)}") from error
    found: type[Store] = getattr(module, "Private", module.Shared) if private else module.Shared
    return found
