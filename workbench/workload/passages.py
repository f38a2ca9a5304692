"""Documents in, passages out: windows of the embedder's tokens, each a piece of its document where it lies."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate

from workbench.errors import BadInput
from workbench.models.minilm import MAX_CONTENT_TOKENS, count_tokens, encode
from workbench.records import Document, Passage

_PARAGRAPH_END = re.compile(r"\n[^\S\n]*\n\s*")
# The white space tells the end of a sentence from the point in "3.5"; "Dr. " is taken for an end, which costs a passage
# a few words and nothing else. Chinese and Japanese put no white space behind theirs.
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]]*\s+|[。！？][”’」』）]*\s*")


def cut(documents: Iterable[Document], tokens: int | None, overlap: int) -> list[Passage]:
    """Cut documents into overlapping windows of tokens of local/minilm.

    A window takes as many whole words as `tokens` allows. If paragraphs end in the last quarter of it, it stops at the
    last of these ends; if only sentences do, at the last of those. The next one begins so many words earlier as
    `overlap` allows, and always reaches further than the one before. White space around a passage is left out.

    A passage is never longer than `tokens`: a word that is longer by itself is cut between characters. The one
    exception is a single character that is several tokens (Korean syllables are up to three). More than 100 characters
    without a gap are one unknown token to the model, and so they stay together.

    Args:
        documents: in any order; a title is not part of the text.
        tokens: the most that a passage holds, at least 1; None: a document is one passage, just as it is.
        overlap: tokens that a passage may share with the one before, less than `tokens`; without `tokens` it means
            nothing.

    Returns:
        Passages in the order of the documents and of their places; none for a document of nothing but white space.
        Together they hold every character of a document that is not white space.

    Raises:
        BadInput: `tokens` or `overlap` is out of range.
    """
    if tokens is not None and tokens < 1:
        raise BadInput(f"a passage of {tokens} tokens is none: take 1 or more, or `none` for whole documents")
    if overlap < 0:
        raise BadInput(f"an overlap of {overlap} tokens leaves text out: take 0 or more")
    if tokens is not None and overlap >= tokens:
        raise BadInput(f"an overlap of {overlap} tokens never gets past a passage of {tokens}: take less")
    passages: list[Passage] = []
    for document in documents:
        if not document.text.strip():
            continue
        spans = [(0, len(document.text))] if tokens is None else _windows(document.text, tokens, overlap)
        passages.extend(_passage(document, start, end) for start, end in spans)
    return passages


def too_long(passages: Iterable[Passage]) -> int:
    """How many passages hold more tokens than local/minilm reads, so that their ends are not in their vectors."""
    return sum(count_tokens(passage.text) > MAX_CONTENT_TOKENS for passage in passages)


def _passage(document: Document, start: int, end: int) -> Passage:
    return Passage(
        id=f"{document.id}#{start}-{end}",
        tenant=document.tenant,
        document=document.id,
        start=start,
        end=end,
        text=document.text[start:end],
    )


def _windows(text: str, tokens: int, overlap: int) -> Iterator[tuple[int, int]]:
    starts, lengths = _words(text, tokens)
    places = [*starts, len(text)]
    # before[i]: tokens before word i, so that words a to b, b excluded, hold before[b] - before[a].
    before = [0, *accumulate(lengths)]
    paragraphs, sentences = (_words_after(text, pattern, starts) for pattern in (_PARAGRAPH_END, _SENTENCE_END))
    first = last = 0
    while last < len(starts):
        full = bisect_right(before, before[first] + tokens) - 1
        if full < len(starts):
            # No end may lie before the last window's: a window that brings nothing new would repeat for ever.
            earliest = max(bisect_left(before, before[first] + 0.75 * tokens), last + 1)
            last = _latest(paragraphs, earliest, full) or _latest(sentences, earliest, full) or full
        else:
            last = full
        yield _stripped(text, places[first], places[last])
        if last < len(starts):
            room = min(overlap, tokens - lengths[last])
            first = max(bisect_left(before, before[last] - room), first + 1)


def _latest(ends: list[int], earliest: int, latest: int) -> int | None:
    """The greatest of the sorted ends that lies in [earliest, latest]."""
    place = bisect_right(ends, latest) - 1
    return ends[place] if place >= 0 and ends[place] >= earliest else None


def _words_after(text: str, pattern: re.Pattern[str], starts: list[int]) -> list[int]:
    """Indices of the words that begin where a match ends."""
    return [bisect_left(starts, match.end()) for match in pattern.finditer(text)]


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def _words(text: str, limit: int) -> tuple[list[int], list[int]]:
    """First characters and lengths in tokens of the words; what lies between two words belongs to the one before.

    So the words tile the text, and characters that the tokenizer drops (control characters, lone accents) are in a
    passage too. A window of whole words has the tokens that its words have, so the text is tokenized only once.
    """
    encoding = encode(text)
    starts: list[int] = []
    lengths: list[int] = []
    previous = None
    for word, (start, _) in zip(encoding.word_ids, encoding.offsets, strict=True):
        # Words that come of one character cannot be parted.
        if word == previous or (starts and start == starts[-1]):
            lengths[-1] += 1
        else:
            starts.append(start)
            lengths.append(1)
        previous = word
    if not starts:
        return [0], [0]
    starts[0] = 0
    if max(lengths) <= limit:
        return starts, lengths
    return _with_long_words_cut(text, starts, lengths, limit)


def _with_long_words_cut(text: str, starts: list[int], lengths: list[int], limit: int) -> tuple[list[int], list[int]]:
    short_starts: list[int] = []
    short_lengths: list[int] = []
    for start, end, length in zip(starts, [*starts[1:], len(text)], lengths, strict=True):
        _, end = _stripped(text, start, end)
        while length > limit:
            # The tokens of a piece are not those that the word had there ("ding" is not "##ding"), so it is counted.
            size = 1
            while start + size < end and count_tokens(text[start : start + size + 1]) <= limit:
                size += 1
            short_starts.append(start)
            # It fills a window: beside its neighbour it would be read as one word again, of who knows how many tokens.
            short_lengths.append(limit)
            start += size
            length = count_tokens(text[start:end])
        if start < end:
            short_starts.append(start)
            short_lengths.append(length)
    return short_starts, short_lengths
