"""What an importer met and could not simply take: how often, and a few examples of where."""

from dataclasses import dataclass

from workbench.workload.ids import shown

EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Met:
    """One sort of thing that was met."""

    what: str
    """What it was and what became of it, such as `empty documents, left out`."""
    count: int = 0
    """How often; 0 for a remark that counts nothing."""
    examples: tuple[str, ...] = ()
    """Up to five ids or places."""

    def __str__(self) -> str:
        """A plain line for the terminal."""
        if not self.count:
            return self.what
        examples = [shown(example) for example in self.examples]
        if examples and self.count > len(examples):
            examples.append("…")
        return f"{self.what}: {self.count}" + (f" ({', '.join(examples)})" if examples else "")


class Tally:
    """Counts by sort, in the order of the first of each."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._examples: dict[str, list[str]] = {}

    def add(self, what: str, example: str = "") -> None:
        """Count one more of a sort."""
        self._counts[what] = self._counts.get(what, 0) + 1
        examples = self._examples.setdefault(what, [])
        if example and len(examples) < EXAMPLES:
            examples.append(example)

    def remark(self, sentence: str) -> None:
        """Note something that is not counted."""
        self._counts.setdefault(sentence, 0)

    def met(self) -> tuple[Met, ...]:
        """Everything that was noted."""
        return tuple(Met(what, count, tuple(self._examples.get(what, ()))) for what, count in self._counts.items())
