"""Texts and a question in, the rows that share its words out, best first; and ranked lists joined into one.

What the control searches by words with, and what every backend's own component is set to on the parity track, so that
passages are equal there. On the native track a framework keeps its own tokens, variant and parameters.

    BM25(q, d) = sum over the distinct tokens t of q of
                 ln(1 + (N - n_t + 0.5) / (n_t + 0.5)) * f_t (k1 + 1) / (f_t + k1 (1 - b + b |d| / mean |d|))
    RRF(d)     = sum over the lists that hold d of 1 / (60 + rank of d, from 1)

Each list is of `RETRIEVAL_DEPTH` passages, that by words the first: of passages with the same sum its own come first.

Source: Robertson & Zaragoza, Foundations and Trends in Information Retrieval 3 (2009), with the idf of Lucene, which is
never negative; Cormack, Clarke & Büttcher, SIGIR 2009.
"""

import re
import unicodedata
from collections.abc import Hashable, Sequence
from typing import TypeVar

import numpy as np

K1, B = 1.5, 0.75

RRF_K = 60

_UNSPACED = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
"""Kana and Chinese characters, which are written without blanks."""

TOKEN = rf"[^\W{_UNSPACED}]+|[{_UNSPACED}]"
"""A run of letters, digits and underscores, of a text in lower case and NFC; each unspaced character is one. No stop
words, no stemming: `INV-2041` is found by `inv` and `2041`."""

Item = TypeVar("Item", bound=Hashable)


def tokens(text: str) -> list[str]:
    """Tokens of a text, in order, repeated as they are."""
    return re.findall(TOKEN, unicodedata.normalize("NFC", text.lower()))


class BM25:
    """An index of texts by their tokens. Never changed once made: what is forgotten is left out of a new one."""

    def __init__(self, texts: Sequence[str]) -> None:
        found = [tokens(text) for text in texts]
        lengths = np.array([len(each) for each in found], dtype=np.int64)
        self._size = size = len(found)
        self._numbers: dict[str, int] = {}
        numbers = np.array(
            [self._numbers.setdefault(token, len(self._numbers)) for each in found for token in each], dtype=np.int64
        )
        # A posting for each token and row that holds it, sorted by token: those of token t lie from starts[t] on.
        pairs, often = np.unique(numbers * size + np.repeat(np.arange(size), lengths), return_counts=True)
        token, self._rows = np.divmod(pairs, max(1, size))
        self._starts = np.searchsorted(token, np.arange(len(self._numbers) + 1))
        holding = np.diff(self._starts)
        idf = np.log(1 + (size - holding + 0.5) / (holding + 0.5))
        damping = K1 * (1 - B + B * lengths / max(1.0, lengths.mean() if size else 0.0))
        self._weights = idf[token] * (often * (1 + K1) / (often + damping[self._rows]))

    def best(self, question: str, depth: int) -> list[tuple[int, float]]:
        """Rows that share a token with a question, best first, equal ones in their order.

        Args:
            question: any text.
            depth: rows at the most.

        Returns:
            (row, score); fewer than `depth` where no more rows share a token.
        """
        scores = np.zeros(self._size)
        for token in dict.fromkeys(tokens(question)):
            number = self._numbers.get(token)
            if number is not None:
                postings = slice(self._starts[number], self._starts[number + 1])
                scores[self._rows[postings]] += self._weights[postings]
        rows = np.argsort(-scores, kind="stable")[:depth]
        return [(int(row), float(scores[row])) for row in rows if scores[row] > 0]


def fuse(lists: Sequence[Sequence[Item]], depth: int) -> list[tuple[Item, float]]:
    """Join ranked lists by reciprocal rank fusion.

    Args:
        lists: each best first, without repetition.
        depth: items at the most.

    Returns:
        (item, score), best first; of equal ones the first in the first list that holds it.
    """
    scores: dict[Item, float] = {}
    for ranked in lists:
        for rank, item in enumerate(ranked, start=1):
            scores[item] = scores.get(item, 0.0) + 1 / (RRF_K + rank)
    return sorted(scores.items(), key=lambda each: -each[1])[:depth]
