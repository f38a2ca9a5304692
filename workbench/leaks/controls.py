"""A scanner and the workload it was made for come in, whether its counts may be shown goes out.

Three runs on the very documents: without the planted values nothing may be found, an echo of each place must be found,
and in silence there is nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from workbench.leaks.index import without
from workbench.leaks.search import Scanner
from workbench.records import Document, Planted

AROUND = 40
"""Characters before and after a place that an echo repeats with it."""


@dataclass(frozen=True, slots=True)
class Controls:
    """What the controls came to."""

    documents: int
    """Looked at without their planted values."""
    chance: int
    """Values found there, whole or in part: must be 0."""
    places: int
    echoed: int
    """Places whose value was found in an echo of them: must be all."""
    silent: int
    """Values found in an empty answer: must be 0."""

    @property
    def refusal(self) -> str:
        """Why no figure may be shown, as a sentence; empty: all passed."""
        if self.chance:
            return (
                f"leakage is not counted: {self.chance} planted values are found in documents where planted.jsonl does "
                "not say, so that a leak could not be told from chance; `workbench check` names them"
            )
        if self.echoed < self.places:
            return (
                f"leakage is not counted: of {self.places} places of planted values {self.places - self.echoed} do not "
                "hold the value, so that leaks would be missed; `workbench check` names them"
            )
        return "leakage is not counted: the search finds values in an empty text" if self.silent else ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def run(scanner: Scanner, planted: Sequence[Planted], documents: Iterable[Document]) -> Controls:
    """Run all three.

    Args:
        scanner: of these values and documents.
        planted: in the order that numbers them.
        documents: all of the workload.
    """
    texts = {document.id: document.text for document in documents}
    echoes = [
        (number, texts[place.document][max(0, place.start - AROUND) : place.end + AROUND])
        for number, one in enumerate(planted)
        for place in one.places
    ]
    return Controls(
        documents=len(texts),
        chance=sum(len(scanner.scan(text)) for text in without(planted, texts).values()),
        places=len(echoes),
        echoed=sum((seen := scanner.scan(text).get(number)) is not None and seen.whole for number, text in echoes),
        silent=len(scanner.scan("")),
    )
