"""Counts of personal data per text come in, shares and means over a run go out. Finding is the work of `privacy`."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from workbench.stats import Interval, wilson


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of personal data over all texts."""

    mean: float
    """Occurrences per text."""
    share: float
    """Texts that hold at least one, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Personal data in the prompts, or in the answers, of a run."""

    texts: int
    """Texts looked at; what follows is over them."""
    mean: float
    share: float
    interval: Interval
    """Of the share."""
    kinds: dict[str, Kind]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        kinds = {name: asdict(kind) for name, kind in self.kinds.items()}
        return {"texts": self.texts, "mean": self.mean, "share": self.share, "kinds": kinds}


def score(counts: Iterable[Mapping[str, int] | None]) -> Seen | None:
    """Bring the counts of single texts together.

    Args:
        counts: one per text, kind -> occurrences; None: the text was not looked at, it is left out.

    Returns:
        None when no text was looked at: not looking is not the same as finding nothing.
    """
    looked = [each for each in counts if each is not None]
    if not looked:
        return None
    names = sorted({name for each in looked for name, count in each.items() if count})
    touched = sum(any(each.values()) for each in looked)
    return Seen(
        texts=len(looked),
        mean=sum(sum(each.values()) for each in looked) / len(looked),
        share=touched / len(looked),
        interval=wilson(touched, len(looked)),
        kinds={
            name: Kind(
                sum(each.get(name, 0) for each in looked) / len(looked),
                sum(bool(each.get(name)) for each in looked) / len(looked),
            )
            for name in names
        },
    )
