"""A workload in, passages to draft questions of out: even over tenants and documents, the same for the same seed."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice, zip_longest

from workbench.drafting.candidate import KINDS, Chosen, Kind, canonical, key_of
from workbench.records import Document, Passage, Workload
from workbench.workload.authoring.draws import shuffled
from workbench.workload.passages import cut

TOKENS = 200
"""Of a passage, the default of a run; without overlap, so that no two passages say the same."""

FEWEST_CHARACTERS = 25
"""White space not counted; a heading alone is nothing to ask about."""

MOST_CHARACTERS = 8_000
"""A cell of a spreadsheet holds four times as many; what is longer is no prose."""

_GUARDED = ("CONFIDENTIAL", "RESTRICTED")

_DENIES = re.compile(
    r"\b(?:not|no|never|none|nobody|neither|nor|without|except|unless|cannot|excluded|forbidden|prohibited|"
    r"nicht|kein\w*|nie|niemals|niemand|ohne|außer|verboten|"
    r"ne|pas|jamais|aucune?|sauf|sans|interdite?|"
    r"nunca|ningun[oa]?|ningún|sin|salvo|excepto|prohibid[oa])\b|n't\b",
    re.IGNORECASE,
)
_ROW = re.compile(r"^.*(?:\|.*\||\t|\S {2,}\S.* {2,}\S).*$", re.MULTILINE)

_FITS: dict[Kind, Callable[[str], bool]] = {
    "single_fact": lambda text: True,
    "table_lookup": lambda text: len(_ROW.findall(text)) > 2,
    "negation": lambda text: _DENIES.search(text) is not None,
    "number": lambda text: any(each.isdigit() for each in text),
}


def choose(workload: Workload, per_tenant: int, seed: int) -> list[Chosen]:
    """Choose passages to ask about.

    Every document of a tenant has its turn before one has a second, and short, middling and long documents take turns;
    so do the tenants, so that a part of the list is as even as the whole. More passages contain the fewer.

    Args:
        workload: hostile documents are passed over, and so are passages that are too short or too long to ask about
            or that say what another of the tenant says.
        per_tenant: at most as many of each.
        seed: another seed, another choice.
    """
    by_tenant: dict[str, list[Document]] = {tenant.id: [] for tenant in workload.tenants}
    for document in workload.documents:
        if not document.hostile:
            by_tenant[document.tenant].append(document)
    columns = [list(_chosen(documents, per_tenant, seed)) for documents in by_tenant.values()]
    return [one for turn in zip_longest(*columns) for one in turn if one is not None]


def _chosen(documents: Sequence[Document], most: int, seed: int) -> Iterator[Chosen]:
    """The passages of one tenant, each with its kind."""
    held = {document.id: document for document in documents}
    asked = dict.fromkeys(KINDS, 0)
    for passage in islice(_different(_passages(documents, seed)), most):
        document = held[passage.document]
        # Of the kinds that the passage is fit for, the one that was asked for least; a single fact always fits.
        kind = min((kind for kind in KINDS if _FITS[kind](passage.text)), key=lambda kind: asked[kind])
        asked[kind] += 1
        yield Chosen(key_of(passage), passage, kind, document.title, document.classification in _GUARDED)


def _different(passages: Iterator[Passage]) -> Iterator[Passage]:
    seen: set[str] = set()
    for passage in passages:
        said = canonical(passage.text).casefold()
        if said not in seen:
            seen.add(said)
            yield passage


def _passages(documents: Sequence[Document], seed: int) -> Iterator[Passage]:
    """A passage of every document, then a second of each that has one, and so on. Cuts no document before its turn."""
    waiting: list[list[Passage]] = []
    for document in _short_and_long(documents, seed):
        if found := _fit(document, seed):
            yield found[0]
            waiting.append(found[1:])
    for turn in zip_longest(*waiting):
        yield from (passage for passage in turn if passage is not None)


def _fit(document: Document, seed: int) -> list[Passage]:
    """Its passages that can be asked about, in the order of the seed."""
    passages = [
        passage
        for passage in cut([document], TOKENS, 0)
        if len(passage.text) <= MOST_CHARACTERS and len("".join(passage.text.split())) >= FEWEST_CHARACTERS
    ]
    return shuffled(passages, seed, document.id)


def _short_and_long(documents: Sequence[Document], seed: int) -> Iterator[Document]:
    """The long, the middling and the short third in turn, each in the order of the seed."""
    by_length = sorted(documents, key=lambda one: (-len(one.text), one.id))
    third = -(-len(by_length) // 3) or 1
    parts = [shuffled(by_length[start : start + third], seed, start) for start in range(0, len(by_length), third)]
    for turn in zip_longest(*parts):
        yield from (document for document in turn if document is not None)
