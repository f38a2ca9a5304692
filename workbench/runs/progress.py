"""What a run says while it works; the command line draws it, a notebook may draw it otherwise."""

from typing import Protocol


class Progress(Protocol):
    """Takes stages with a number of steps, and sentences in between."""

    def stage(self, label: str, total: int) -> None:
        """A stage begins; the one before is over."""

    def advance(self, steps: int = 1) -> None:
        """Steps of the stage are done."""

    def note(self, sentence: str) -> None:
        """Something that the user should know."""


class Silent:
    """Says nothing."""

    def stage(self, label: str, total: int) -> None:
        """Nothing."""

    def advance(self, steps: int = 1) -> None:
        """Nothing."""

    def note(self, sentence: str) -> None:
        """Nothing."""
