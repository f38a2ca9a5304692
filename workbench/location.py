"""The name of something that is delivered with the workbench in, its place in a clone or in an installed wheel out."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def shipped(name: str) -> Path:
    """Where it is: beside the package in a clone, in the package where a wheel was installed.

    Args:
        name: as in a clone, such as `benchmarks/showcase`.
    """
    installed = _PACKAGE / "shipped" / name
    return installed if installed.exists() else _PACKAGE.parent / name
