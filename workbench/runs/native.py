"""How each framework cuts documents and asks out of the box, as figures: documents in, lengths of its pieces out.

No framework is imported: an estimate must not take ten seconds. What they really did is written into experiment.json
beside the estimate.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from workbench.records import Document


@dataclass(frozen=True, slots=True)
class Native:
    """One framework's defaults. What the backend itself says of them is its `native_note`."""

    unit: Literal["words", "tokens", "characters"]
    """What it measures a piece in; a word is what lies between two blanks, a token one of local/minilm."""
    size: float
    """Of a piece that is not the last of its document, as measured: a splitter that keeps paragraphs or sentences whole
    fills less than it may."""
    overlap: float
    k: int
    prompt_tokens: int
    """Of everything but passages and question, counted in recorded prompts."""
    only_first: bool = False
    """It cuts the rest of a document off."""
    most_calls: int = 1
    """Chat calls that one question may take."""


NATIVE: Mapping[str, Native] = {
    # DocumentSplitter(): 200 words, no overlap; the retriever's top_k.
    "haystack": Native("words", 200, 0, 10, 15),
    # SentenceSplitter(): 1,024 tokens of cl100k_base, which counts 1.02 where local/minilm counts 1; 200 overlap.
    "llamaindex": Native("tokens", 1000, 200, 2, 141),
    # The tutorial's 6,000 characters. 251 tokens, and 4 for each passage of several lines. A reply in which ChatAdapter
    # does not find its fields is asked for again by JSONAdapter.
    "dspy": Native("characters", 6000, 0, 5, 271, only_first=True, most_calls=2),
    # The tutorial's 1,000 characters and 200 overlap at the most: pieces end at paragraphs, or at words.
    "langchain": Native("characters", 900, 100, 4, 79),
    # Paragraphs of 120 tokens of four characters, of lines of 40.
    "semantic_kernel": Native("characters", 456, 0, 5, 59),
}
"""By backend; the control has no defaults. Counted on 2026-11-22 in datasets/starter, in merrow-bank of
datasets/enterprise and in SQuAD's dev-v1.1: pieces came out as these figures say to within 9 %, their tokens to within
3 %."""


def pieces(native: Native, documents: Iterable[Document], tokens: Mapping[str, int]) -> dict[str, list[float]]:
    """Tokens of each piece that a framework makes of documents, by document; none of one without text.

    Args:
        native: of `NATIVE`.
        documents: of one tenant.
        tokens: of each document, by id.
    """
    found = {}
    for document in documents:
        if document.text.strip():
            whole = _length(native, document, tokens)
            lengths = _lengths(whole, native.size, native.overlap)
            kept = lengths[:1] if native.only_first else lengths
            found[document.id] = [length * tokens[document.id] / whole for length in kept]
    return found


def _length(native: Native, document: Document, tokens: Mapping[str, int]) -> float:
    if native.unit == "words":
        return document.text.count(" ") + 1
    return float(len(document.text) if native.unit == "characters" else tokens[document.id]) or 1.0


def _lengths(whole: float, size: float, overlap: float) -> list[float]:
    """Windows of a size over a length, the last one holding what is left."""
    if whole <= size:
        return [whole]
    count = math.ceil((whole - overlap) / (size - overlap))
    return [size] * (count - 1) + [whole - (count - 1) * (size - overlap)]
