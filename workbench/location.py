"""A name in, its place out: of what is delivered with the workbench, or of what lies beside an experiment."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def shipped(name: str) -> Path:
    """Where it is: beside the package in a clone, in the package where a wheel was installed.

    Args:
        name: as in a clone, such as `benchmarks/showcase`.
    """
    places = (_PACKAGE / "shipped" / name, _PACKAGE / name)
    return next((place for place in places if place.exists()), _PACKAGE.parent / name)


def found(name: str | Path) -> Path:
    """A file or folder as it was named, from here; where there is none, what is delivered under that name."""
    path = Path(name).expanduser()
    if path.exists() or path.is_absolute() or not {*path.parts[:1]} & {"datasets", "benchmarks"}:
        return path
    there = shipped(path.as_posix())
    return there if there.exists() else path


def beside(folder: Path, name: str) -> Path | None:
    """A file that lies in an experiment's folder or beside it; None: it does not."""
    return next((path for place in (folder, folder.parent) if (path := place / name).is_file()), None)
