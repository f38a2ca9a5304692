"""A text comes in, the personal data and secrets in it go out: each with its place, its kind and how it was told.

Nothing is downloaded and nothing is sent. Every pattern takes time in proportion to the text, whatever the text is.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain

from workbench.privacy import companies, dates, model, names, normalise, numbers, papers, phones, places, web
from workbench.privacy.normalise import View
from workbench.privacy.span import ALL, COUNTED, NAMES, VALUES, Span, apart

LIMITS = (
    "Personal data is counted by patterns, check digits and the words beside them: names, organisations, postal "
    "addresses and dates are not counted, values in a disguise that is not known are not found, and numbers that "
    "merely look like a phone's are."
)
"""What a figure of `kinds` does not tell; shown beside every one of them."""

_LONGEST = 20_000
_OVERLAP = 2_000
_LONG_LINE = 200

_FAMILIES = (
    (("EMAIL", "URL", "URL_CREDENTIALS", "IP_ADDRESS"), web.find),
    (
        ("CREDIT_CARD", "US_SSN", "US_ITIN", "IBAN", "CRYPTO_WALLET", "UK_NHS", "MEDICAL_LICENSE"),
        numbers.find,
    ),
    (("PHONE",), phones.find),
    (("US_PASSPORT", "PASSPORT", "US_DRIVER_LICENSE", "MEDICAL_RECORD", "US_BANK_ACCOUNT"), papers.find),
    (("SECRET",), papers.secrets),
    (("DATE", "DATE_OF_BIRTH"), dates.find),
    (("ADDRESS",), places.find),
)
_CERTAIN = {"PHONE": 0.8, "CREDIT_CARD": 1.0, "ADDRESS": 2.0, "DATE": 2.0, "US_BANK_ACCOUNT": 2.0}
"""How sure a find must be where the text had to be put together first: two columns of a table are no number."""


def spans(text: str, wanted: Sequence[str] = ALL, trained: str | None = None) -> list[Span]:
    """What there is, in the order of the text, without overlaps.

    Args:
        text: any.
        wanted: kinds to look for, see `span.ALL`; fewer take less time.
        trained: a spaCy model that finds persons, organisations and places beside the rules, such as
            `model.installed()`; None: the rules alone.

    Raises:
        BadInput: the model is not there.
    """
    found: list[Span] = []
    for start, first, last, piece in _pieces(text):
        for span in _in_piece(piece, tuple(wanted), trained):
            # What lies in an overlap is seen twice, and whole only in the piece whose edge is farther away.
            if first <= span.start < last:
                found.append(Span(start + span.start, start + span.end, span.kind, span.score, span.how))
    return [span for span in apart(found) if span.kind in wanted]


def kinds(text: str, wanted: Sequence[str] = COUNTED) -> dict[str, int]:
    """How often each kind of personal data is seen in a text; a kind that is not seen has no entry.

    Args:
        text: any.
        wanted: kinds to look for; fewer take less time.
    """
    seen: Counter[str] = Counter()
    for paragraph in _paragraphs(text):
        seen.update(dict(_in_paragraph(paragraph, tuple(wanted))))
    return dict(sorted(seen.items()))


def _paragraphs(text: str) -> Iterator[str]:
    """Cut where no value can run on: at blank lines and around long lines, which are not wrapped but whole.

    Prompts repeat passages; paragraphs are what repeats, so that each is looked at once.
    """
    wrapped: list[str] = []
    for line in text.splitlines():
        if line.strip() and len(line) < _LONG_LINE:
            wrapped.append(line)
            continue
        if wrapped:
            yield "\n".join(wrapped)
            wrapped = []
        if line.strip():
            yield line
    if wrapped:
        yield "\n".join(wrapped)


@lru_cache(maxsize=16_384)
def _in_paragraph(text: str, wanted: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    return tuple(Counter(span.kind for span in spans(text, wanted)).items())


def _pieces(text: str) -> Iterator[tuple[int, int, int, str]]:
    """Stretches that overlap, cut at white space where there is some: place, what starts in it from and to, itself."""
    start, first = 0, 0
    while len(text) - start > _LONGEST:
        space = text.rfind(" ", start + _LONGEST // 2, start + _LONGEST)
        end = space if space > 0 else start + _LONGEST
        last = end - start - _OVERLAP // 2
        yield start, first, last, text[start:end]
        start, first = end - _OVERLAP, _OVERLAP // 2
    yield start, first, len(text) - start, text[start:]


def _in_piece(text: str, wanted: tuple[str, ...], trained: str | None) -> Iterator[Span]:
    view = normalise.fold(text)
    yield from _mapped(view, _looked(view.text, wanted))
    if any(kind in NAMES for kind in wanted):
        rules = chain(names.find(view.text), companies.find(view.text))
        yield from _mapped(view, model.find(view.text, trained, rules) if trained else rules)
    if not any(kind in VALUES for kind in wanted):
        return
    if written_out := normalise.decoded(view):
        yield from _mapped(written_out, filter(_certain, _looked(written_out.text, wanted)))
    if (mended := normalise.joined(view)) is not None:
        whole, breaks = mended
        crossing = (span for span in _looked(whole.text, wanted) if any(span.start < at < span.end for at in breaks))
        yield from _mapped(whole, filter(_certain, crossing))


def _looked(text: str, wanted: tuple[str, ...]) -> Iterator[Span]:
    for kinds_of_family, look in _FAMILIES:
        if any(kind in wanted for kind in kinds_of_family):
            yield from look(text)


def _certain(span: Span) -> bool:
    return span.score >= _CERTAIN.get(span.kind, 0)


def _mapped(view: View, found: Iterator[Span]) -> Iterator[Span]:
    for span in found:
        start, end = view.place(span.start, span.end)
        yield Span(start, end, span.kind, span.score, span.how)
