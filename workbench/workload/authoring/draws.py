"""Names in, numbers and choices out that look drawn by lot and are the same everywhere and for ever.

Python's own generator may choose otherwise in another version; what is built must not change with it.
"""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")


def unit(*names: object) -> float:
    """A number in [0, 1) that depends on the names and on nothing else."""
    said = "\0".join(str(name) for name in names).encode()
    return int.from_bytes(hashlib.sha256(said).digest()[:6], "big") / 2**48


def below(limit: int, *names: object) -> int:
    """A whole number in [0, limit)."""
    return int(unit(*names) * limit)


def choice(items: Sequence[Item], *names: object) -> Item:
    """One of the items, each as likely as any other."""
    return items[below(len(items), *names)]


def shuffled(items: Sequence[Item], *names: object) -> list[Item]:
    """The items in an order that the names decide."""
    places = sorted(range(len(items)), key=lambda place: unit(*names, place))
    return [items[place] for place in places]
