"""A text and an answer in, the places [start, end) where the answer stands out. Counted in characters."""

from collections.abc import Iterable, Iterator

Span = tuple[int, int]


def nearest(text: str, answer: str, start: int) -> Span | None:
    """The place of the answer at `start`, else the occurrence nearest to it, the earlier of two; None: nowhere."""
    if start >= 0 and text.startswith(answer, start):
        return start, start + len(answer)
    places = list(_places(text, answer))
    if not places:
        return None
    best = min(places, key=lambda place: (abs(place - start), place))
    return best, best + len(answer)


def whole_words(text: str, answer: str) -> tuple[Span, ...]:
    """Every occurrence that is not part of a longer word or number."""
    spans = ((place, place + len(answer)) for place in _places(text, answer))
    return tuple(span for span in spans if _stands_alone(text, span))


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same characters in order, each once: of answers such as "24 months" and "24 months from delivery" one place.

    Places that only touch stay apart.
    """
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


def _places(text: str, answer: str) -> Iterator[int]:
    if not answer:
        return
    place = text.find(answer)
    while place >= 0:
        yield place
        place = text.find(answer, place + 1)


def _stands_alone(text: str, span: Span) -> bool:
    start, end = span
    joined_before = start > 0 and text[start - 1].isalnum() and text[start].isalnum()
    joined_after = end < len(text) and text[end - 1].isalnum() and text[end].isalnum()
    return not joined_before and not joined_after
