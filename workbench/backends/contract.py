"""What a backend must do. One class per framework; it is done when tests/test_backends.py passes unchanged."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Protocol

from workbench.records import Document, Endpoint, Passage, Question, Recipe, Reply, Track

REFUSAL = "I don't have enough information to answer."

SHARED_PROMPT = (
    "Answer the question using only the context below. Answer as briefly as possible, in the words of the context. "
    f'If the context does not contain the answer, say "{REFUSAL}"\n'
    "\n"
    "Context:\n"
    "{context}\n"
    "\n"
    "Question: {question}\n"
    "Answer:"
)
"""The parity prompt: one user message. `{context}` is the first k passages joined by `PASSAGE_SEPARATOR`."""

PASSAGE_SEPARATOR = "\n\n"


def prompt_of(recipe: Recipe) -> str:
    """The parity prompt: the recipe's own, or the one that all backends share."""
    return recipe.prompt or SHARED_PROMPT


class Backend(Protocol):
    """One framework's RAG pipeline on its own FAISS integration, with an index per tenant.

    One that is listed in `workbench.backends.BY_WORDS` retrieves by words too, with its own component: set to the
    formulas of `workbench.backends.bm25` on parity, so that passages are equal, and as it comes on the native track.

    Calls for different questions may come from several threads at once once everything is ingested; ingesting,
    forgetting, saving and loading come one at a time.
    """

    name: ClassVar[str]
    """The name on the command line, such as `haystack`."""
    native_k: ClassVar[int | None]
    """Passages the framework puts into its prompt by default; None: it has no default, the recipe's k is used."""
    native_note: ClassVar[str]
    """Where the native splitter, prompt and defaults come from, in one sentence shown in the output."""

    def __init__(self, recipe: Recipe, track: Track, endpoint: Endpoint) -> None: ...

    def split(self, documents: Sequence[Document]) -> list[Passage]:
        """Native track: cut documents with the framework's own splitter and its defaults.

        Passages carry the characters [start, end) of the document that they were cut from, so that gold spans apply.
        """
        ...

    def ingest(self, tenant: str, passages: Sequence[Passage]) -> None:
        """Embed the passages through the gateway and build the tenant's index, replacing one that is there.

        With `retrieval` bm25 nothing is embedded, and the index is one of words; with hybrid the tenant has both.
        """
        ...

    def answer(self, question: Question) -> Reply:
        """Retrieve from the index of the question's tenant alone, build the prompt, ask the model.

        Raises:
            KeyError: the tenant has not been ingested.
            Exception: whatever the framework raises; the worker tells its kind apart.
        """
        ...

    def forget(self, tenant: str, document: str) -> int:
        """Remove every passage of a document from the tenant's index and whatever else holds it.

        Returns:
            Passages removed; 0 when the tenant has no such document.
        """
        ...

    def save(self, folder: Path) -> None:
        """Write all tenants' indexes below an existing folder. Never by pickle."""
        ...

    def load(self, folder: Path) -> None:
        """Read what `save` wrote, replacing what is held, without embedding again.

        Raises:
            BadInput: a file is missing or broken; names it.
        """
        ...

    def close(self) -> None:
        """Close clients and loops. Safe to call twice."""
        ...
