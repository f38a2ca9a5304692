"""The words of drafting as frozen dataclasses: a passage to ask about, a drafted question, a row as it was reviewed."""

import hashlib
from dataclasses import dataclass
from typing import Literal

from workbench.records import Passage

Kind = Literal["single_fact", "table_lookup", "negation", "number"]

KINDS: tuple[Kind, ...] = ("table_lookup", "negation", "number", "single_fact")
"""Those first that the fewest passages are fit for."""

Verdict = Literal["ok", "edit", "no", ""]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A passage that a question is to be drafted of."""

    key: str
    """Names the passage at the gateway; of its text and place, so that a changed document is another passage."""
    passage: Passage
    kind: Kind
    title: str = ""
    """Of its document; sent along."""
    confidential: bool = False
    """Its document is marked CONFIDENTIAL or RESTRICTED."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question that a model drafted."""

    id: str
    """The passage's key and a digest of what was drafted; becomes the question's id."""
    tenant: str
    document: str
    question: str
    answer: str
    quote: str
    """Words of the passage from which the answer follows."""
    derived: bool
    """The answer follows from the quote without standing in it: a yes, a sum."""
    passage: str
    kind: str
    model: str


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One row of a review file as it came back."""

    row: int
    """As a spreadsheet numbers it: the heads are row 1."""
    candidate: Candidate
    verdict: Verdict

    @property
    def untouched(self) -> bool:
        """Whether question, answer, quote and `derived` are those that were drafted; white space counts not."""
        one = self.candidate
        return one.id == identify(one.id.rpartition("-")[0], one.question, one.answer, one.quote, one.derived)


def printed(text: str) -> str:
    """The text as a cell of a table can hold it: what is not printable is a space, so every place stays the same."""
    return "".join(each if each.isprintable() else " " for each in text)


def canonical(text: str) -> str:
    """The printable words with one space between them: equal for a text and for what a spreadsheet gave back of it."""
    return " ".join(printed(text).split())


def key_of(passage: Passage) -> str:
    """The name of a passage."""
    place = (passage.tenant, passage.document, f"{passage.start}-{passage.end}", passage.text)
    return f"draft-{_digest(*place)[:12]}"


def identify(key: str, question: str, answer: str, quote: str, derived: bool) -> str:
    """The id of what was drafted of the passage of this key; texts in their canonical form."""
    return f"{key}-{_digest(question, answer, quote, str(derived))[:8]}"


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()
