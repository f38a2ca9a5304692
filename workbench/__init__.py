"""The RAG workbench: measures frameworks, models and optimisations on your own tenants.

Importing this loads nothing heavy; each name brings its module when it is first used.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES: dict[str, str] = {}
"""Public name -> module that defines it."""

__all__ = ["__version__"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'workbench' has no attribute {name!r}")
