"""Documents and their planted values come in, how much else a redacting policy hides goes out, in characters."""

from collections.abc import Iterable

from workbench.privacy import find
from workbench.privacy.redact import HIDDEN, together
from workbench.records import Document, Planted


def count(planted: Iterable[Planted], documents: Iterable[Document]) -> dict[str, int]:
    """What `--privacy redact` hides though no planted value stands there.

    Documents are looked through one by one; a prompt, in which the words around a passage are others, may differ.

    Args:
        planted: of the workload.
        documents: all of them.

    Returns:
        `hidden`: characters; `characters`: all that are no planted value's.
    """
    places: dict[str, list[tuple[int, int]]] = {}
    for one in planted:
        for place in one.places:
            places.setdefault(place.document, []).append((place.start, place.end))
    hidden = characters = 0
    for document in documents:
        free = bytearray(b"\1") * len(document.text)
        for start, end in places.get(document.id, ()):
            free[start:end] = bytes(end - start)
        characters += free.count(1)
        hidden += sum(free.count(1, start, end) for start, end, _ in together(find.spans(document.text, HIDDEN)))
    return {"hidden": hidden, "characters": characters}
