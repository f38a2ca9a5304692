"""What goes into prompts: documents in, tokens of the passages that a cell is expected to retrieve out."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from workbench.models import minilm
from workbench.records import Document, Question, Recipe, Track
from workbench.runs.native import NATIVE, pieces
from workbench.workload.passages import cut

LENGTH_BIAS = 0.4
"""How far the mean length of retrieved passages lies from the mean of all towards the mean weighted by length: long
passages answer more questions, but not so many more as they are longer. Measured on 2026-11-22 over 48 cells (six
backends, both tracks, on datasets/starter, datasets/enterprise, its merrow-bank alone, and SQuAD's dev-v1.1): with 0.4
the input tokens of every cell were told to within 14 %, of all together to within 4 %; with 0 one would be 28 %
short."""

Count = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Passages:
    """One cell's passages of one tenant."""

    lengths: tuple[float, ...]
    """Tokens of each."""
    texts: tuple[str | None, ...]
    """Those of which the text is known, so that it is told whether another cell has it embedded; else None."""

    def context(self, k: int) -> float:
        """Tokens of the k passages that are expected in a prompt."""
        used, whole = min(k, len(self.lengths)), sum(self.lengths)
        if not whole:
            return 0.0
        mean, weighted = whole / len(self.lengths), sum(length**2 for length in self.lengths) / whole
        return min(whole, used * (mean + LENGTH_BIAS * (weighted - mean)))

    def longest_context(self, k: int) -> float:
        """Tokens of the k longest."""
        return sum(sorted(self.lengths)[-k:])


class Corpus:
    """The documents of one tenant, counted once for all cells."""

    def __init__(self, documents: Iterable[Document], recipe: Recipe, count: Count) -> None:
        """Take one tenant's documents.

        Args:
            documents: of one tenant.
            recipe: its chunking is that of the parity track and of the control.
            count: tokens of a text, as the model that answers counts them.
        """
        self._documents, self._recipe, self._count = list(documents), recipe, count

    def passages(self, backend: str, track: Track) -> Passages:
        """What a cell indexes of this tenant."""
        if track == "parity" or backend not in NATIVE:
            return self._shared
        found = pieces(NATIVE[backend], self._documents, self._tokens)
        lengths, texts = [], []
        for document in self._documents:
            its = found.get(document.id, [])
            whole = len(its) == 1 and its[0] > self._tokens[document.id] - 0.5
            # LlamaIndex's own client embeds a text with blanks for its line ends.
            text = document.text.replace("\n", " ") if backend == "llamaindex" else document.text
            lengths += its
            texts += [text if whole else None for _ in its]
        return Passages(tuple(lengths), tuple(texts))

    @cached_property
    def _shared(self) -> Passages:
        texts = [one.text for one in cut(self._documents, self._recipe.chunk_tokens, self._recipe.chunk_overlap)]
        return Passages(tuple(float(self._count(text)) for text in texts), tuple(texts))

    @cached_property
    def _tokens(self) -> dict[str, int]:
        return {document.id: self._count(document.text) for document in self._documents}


def counter(model: str) -> Count:
    """How a model's tokens are counted before it is asked: its own way where it is embedded, else as local/minilm."""
    return _words if model in ("local/echo", "local/silence") else minilm.count_tokens


def by_tenant(questions: Sequence[Question]) -> dict[str, list[Question]]:
    """Questions by tenant, in the order in which the tenants come first."""
    found: dict[str, list[Question]] = {}
    for question in questions:
        found.setdefault(question.tenant, []).append(question)
    return found


def _words(text: str) -> int:
    return text.count(" ") + 1 if text else 0
