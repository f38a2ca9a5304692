"""Words of a command line such as `F1=0.02` or `USD=5%` come in, margins by figure go out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workbench.errors import BadInput
from workbench.verdicts.metrics import MAIN, TIMES, Metric, metric

JUDGED_TIME = "cpu_ms"
"""The one time that is judged: wall time on a shared machine spreads too far."""


@dataclass(frozen=True, slots=True)
class Margin:
    """How much of a difference does not matter."""

    width: float
    """Of a score in its own unit, of an amount as a share: 0.05 is 5 %."""
    relative: bool

    def __str__(self) -> str:
        return f"{100 * self.width:g} %" if self.relative else f"{self.width:g}".replace("0.", ".", 1)


def read(texts: Iterable[str], measured: Sequence[str]) -> dict[str, Margin]:
    """Margins by dotted path.

    Args:
        texts: `NAME=VALUE`, the name as in the table or a dotted path.
        measured: dotted paths that the runs have.

    Raises:
        BadInput: no such figure, or a value that is no margin of it.
    """
    found: dict[str, Margin] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise BadInput(f"--margin {text}: give NAME=VALUE, such as F1=0.02 or USD=5%")
        known = _named(name.strip(), measured, text)
        found[known.path] = _margin(known, value.strip(), text)
    return found


def _named(name: str, measured: Sequence[str], text: str) -> Metric:
    for known in MAIN:
        if name.lower() in (known.name.lower(), known.path.lower()):
            return known
    if name in TIMES:
        raise BadInput(f"--margin {text}: {name} is described and never judged; CPU is the time that is")
    if name in measured:
        return metric(name)
    names = ", ".join(known.name for known in MAIN)
    others = sorted({*measured} - {known.path for known in MAIN} - TIMES)
    raise BadInput(f"--margin {text}: no figure {name!r}; there are {names}, {', '.join(others)}")


def _margin(known: Metric, value: str, text: str) -> Margin:
    share = value.endswith("%")
    try:
        width = float(value.removesuffix("%"))
    except ValueError:
        raise BadInput(f"--margin {text}: {value!r} is no number") from None
    if known.scale == "amount":
        if not share or not 0 < width < 100:
            raise BadInput(
                f"--margin {text}: {known.name} is compared by ratio; give per cent, such as {known.name}=5%"
            )
        return Margin(width / 100, True)
    if share or not 0 < width < 1:
        raise BadInput(f"--margin {text}: {known.name} lies in 0 to 1; give a difference such as {known.name}=0.02")
    return Margin(width, False)
