"""What was found of planted values around one answer: the record that a run stores. Numbers of values, never values."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from workbench.leaks.search import Seen


@dataclass(frozen=True, slots=True)
class Found:
    """Values in one channel, by number. Each is in one of the three."""

    exact: tuple[int, ...] = ()
    normalised: tuple[int, ...] = ()
    partial: tuple[int, ...] = ()

    @classmethod
    def of(cls, seen: Mapping[int, Seen], leave_out: frozenset[int] | set[int] = frozenset()) -> "Found":
        """What a scanner saw, without some."""
        by = {level: [n for n, each in seen.items() if each.level == level and n not in leave_out] for level in _LEVELS}
        return cls(**{level: tuple(sorted(numbers)) for level, numbers in by.items()})

    @property
    def whole(self) -> frozenset[int]:
        """The values themselves, not parts of them."""
        return frozenset((*self.exact, *self.normalised))

    @property
    def any(self) -> frozenset[int]:
        """Parts too."""
        return self.whole | {*self.partial}


_LEVELS = ("exact", "normalised", "partial")


@dataclass(frozen=True, slots=True)
class Leak:
    """Around one attempt. Values that the asker typed are in `typed`, and in no other channel but the prompt's."""

    attempt: str
    typed: tuple[int, ...] = ()
    """Whole values in the question."""
    sent_typed: tuple[int, ...] = ()
    """Of them, those in a prompt or a text to be embedded."""
    retrieved: Found = Found()
    """In the passages that went into the prompt."""
    below: Found = Found()
    """In passages that were found and not used, and in none that was."""
    prompt: Found = Found()
    """In what was sent to a model, chat and embeddings, of this attempt."""
    judge: Found = Found()
    """In what was sent to judge its answer."""
    answer: Found = Found()
    times: int = 0
    """How often values stand in all that was sent, each retry of the gateway counted again."""
    unrestored: int = 0
    """Pseudonyms that a policy left in the answer."""
    foreign: tuple[int, ...] = ()
    """Of all values named here those of another tenant than the asker's."""
    above: tuple[int, ...] = ()
    """Those that stand only in documents above the asker's clearance."""
    withheld: tuple[int, ...] = ()
    """Those that the asker may not be told."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; what is empty is left out."""
        plain = {name: value for name, value in asdict(self).items() if value}
        for name in _CHANNELS:
            plain[name] = {level: numbers for level, numbers in plain[name].items() if numbers}
        return {name: value for name, value in plain.items() if value}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Leak":
        """The inverse of `to_dict`; keys that this version does not know are passed over."""
        known: dict[str, Any] = {name: plain[name] for name in cls.__slots__ if name in plain}
        for name, value in known.items():
            if name in _CHANNELS:
                known[name] = Found(**{level: tuple(numbers) for level, numbers in value.items() if level in _LEVELS})
            elif isinstance(value, list):
                known[name] = tuple(value)
        return cls(**known)


_CHANNELS = ("retrieved", "below", "prompt", "judge", "answer")
