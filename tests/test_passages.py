"""Passages: every property that retrieval and the gold spans stand on, and the rule by which a window ends."""

import gzip
import json
import os
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from workbench.errors import BadInput
from workbench.models.minilm import count_tokens
from workbench.records import Document
from workbench.workload.passages import cut, too_long

REAL_DATA = Path(os.environ.get("WORKBENCH_REAL_DATA", Path(__file__).parents[1] / "../shared/data"))


def document(text: str, name: str = "d") -> Document:
    return Document(id=name, tenant="t", text=text, title="a title that is not part of the text")


def texts_of(text: str, tokens: int | None, overlap: int = 0) -> list[str]:
    return [passage.text for passage in cut([document(text)], tokens, overlap)]


# ---- by hand: every one of these words is one token ------------------------------------------------------------------

LETTERS = " ".join("abcdefghij")


def test_windows_and_overlap_by_hand() -> None:
    assert texts_of(LETTERS, 4, 0) == ["a b c d", "e f g h", "i j"]
    assert texts_of(LETTERS, 4, 1) == ["a b c d", "d e f g", "g h i j"]
    assert texts_of(LETTERS, 4, 3) == ["a b c d", "b c d e", "c d e f", "d e f g", "e f g h", "f g h i", "g h i j"]
    assert texts_of(LETTERS, 10, 9) == [LETTERS]


def test_a_passage_says_where_it_lies() -> None:
    first, second = cut([document("  a b\n c ", "doc")], 2, 0)
    assert (first.id, first.start, first.end, first.text) == ("doc#2-5", 2, 5, "a b")
    assert (second.id, second.start, second.end, second.text) == ("doc#7-8", 7, 8, "c")
    assert (first.tenant, first.document) == ("t", "doc")


def test_a_window_ends_at_the_last_sentence_end_of_its_last_quarter() -> None:
    # The full stop is a token of its own. Of 8 tokens the last quarter begins after the sixth.
    assert texts_of("a b c d e. f g h i j k", 8) == ["a b c d e.", "f g h i j k"]
    assert texts_of("a b c d. e f g h i j k", 8) == ["a b c d. e f g", "h i j k"], "an end before the last quarter"
    assert texts_of("a b c d e. f. g h i j k", 9) == ["a b c d e. f.", "g h i j k"], "the last of two"
    assert texts_of('a b c d "e?" f g h i', 9) == ['a b c d "e?"', "f g h i"], "with the quotation mark"
    assert texts_of("a b c d 3.5 e f g h", 8) == ["a b c d 3.5 e", "f g h"], "no sentence ends in 3.5"
    assert texts_of("天地人大小上。中下左右", 8) == ["天地人大小上。", "中下左右"]


def test_a_paragraph_end_goes_before_a_later_sentence_end() -> None:
    assert texts_of("a b c d e f\n \nh. i j k l m", 9, 0) == ["a b c d e f\n \nh.", "i j k l m"], "not in the quarter"
    assert texts_of("a b c d e f\n \nh. i j k l m", 8, 0) == ["a b c d e f", "h. i j k l m"]
    assert texts_of("a b c d e f\nh. i j k l m", 8, 0) == ["a b c d e f\nh.", "i j k l m"], "a line is no paragraph"


def test_a_word_is_cut_only_where_it_is_longer_than_a_passage() -> None:
    # "embedding" is em ##bed ##ding.
    assert texts_of("a embedding b", 3) == ["a", "embedding", "b"]
    pieces = texts_of("embedding", 2)
    assert "".join(pieces) == "embedding"
    assert len(pieces) > 1
    assert all(count_tokens(piece) <= 2 for piece in pieces)


def test_a_character_of_several_tokens_stays_whole() -> None:
    assert count_tokens("한") == 3
    assert texts_of("한글 a", 2, 1) == ["한", "글", "a"]


def test_without_tokens_a_document_is_one_passage_as_it_is() -> None:
    (passage,) = cut([document(" one.\n\ntwo ", "x")], None, 40)
    assert (passage.id, passage.text) == ("x#0-11", " one.\n\ntwo ")


def test_blank_documents_have_no_passage() -> None:
    assert cut([document(""), document(" \n\t\u3000")], 5, 0) == []
    assert cut([document(""), document(" \n\t\u3000")], None, 0) == []


def test_documents_keep_their_order() -> None:
    cut_documents = cut((document("a b c", name) for name in "zay"), 2, 0)
    assert [(passage.document, passage.start) for passage in cut_documents] == [
        ("z", 0), ("z", 4), ("a", 0), ("a", 4), ("y", 0), ("y", 4),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tokens", "overlap", "said"), [(0, 0, "0 tokens"), (-3, 0, "-3"), (5, 5, "overlap of 5"), (None, -1, "-1")]
)
def test_a_window_that_cannot_be_is_refused(tokens: int | None, overlap: int, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        cut([], tokens, overlap)


def test_too_long_counts_what_the_model_does_not_read() -> None:
    # 256 places, two of them taken by [CLS] and [SEP]; "cat" is one token.
    documents = [document(" ".join(["cat"] * n), str(n)) for n in (253, 254, 255, 1000)]
    assert too_long(cut(documents, None, 0)) == 2
    assert too_long(cut(documents, 200, 40)) == 0


# ---- whatever the text is --------------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    [
        *"a the of retrieval embeddings antidisestablishmentarianism 3.5 e.g. U.S. Dr. end. end! (end.)".split(),
        *"[SEP] [PAD] ## ##ing https://a.org/b?c=d 北京大学。 naïve 한글 नमस्ते 😀 👨\u200d👩\u200d👧 x\u00adx".split(),
        *["e\u0301\u0302", "\u0301", "\x00", "\u200b", "\ufeff", "\x1c", "\ud800"],
        *["x" * 99, "x" * 101, "ab" * 60, "12345678901234567890"],
    ]
)
GAPS = st.sampled_from([" ", " ", " ", "\n", "\n\n", "\n \n", "", "\u3000", "\r\n\r\n", " \x1c "])
TEXTS = st.one_of(st.text(), st.lists(st.tuples(WORDS, GAPS)).map(lambda pairs: "".join(map("".join, pairs))))
WINDOWS = st.integers(1, 30).flatmap(lambda tokens: st.tuples(st.just(tokens), st.integers(0, tokens - 1)))


@given(TEXTS, WINDOWS)
@example("\x00", (3, 0))
@example("embedding" + " " * 20_000, (2, 1))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_properties(text: str, window: tuple[int, int]) -> None:
    tokens, overlap = window
    passages = cut([document(text)], tokens, overlap)
    covered: set[int] = set()
    for passage in passages:
        assert 0 <= passage.start < passage.end <= len(text)
        assert passage.text == text[passage.start : passage.end] == passage.text.strip()
        assert passage.id == f"d#{passage.start}-{passage.end}"
        read = [character for character in passage.text if count_tokens(character)]
        assert count_tokens(passage.text) <= (max(tokens, 3) if len(read) == 1 else tokens), "3: a Korean syllable"
        covered.update(range(passage.start, passage.end))
    assert all(at in covered for at, character in enumerate(text) if not character.isspace())
    assert [p.start for p in passages] == sorted({p.start for p in passages}), "starts rise"
    assert [p.end for p in passages] == sorted({p.end for p in passages}), "ends rise"
    for one, next_one in zip(passages, passages[1:], strict=False):
        assert count_tokens(text[next_one.start : one.end]) <= overlap
    assert passages == cut([document(text)], tokens, overlap), "the same again"


def test_real_paragraphs() -> None:
    path = REAL_DATA / "squad" / "dev-v1.1.json.gz"
    if not path.exists():
        pytest.skip(f"{path} is not there: name the folder of real data in WORKBENCH_REAL_DATA")
    articles = json.loads(gzip.decompress(path.read_bytes()))["data"]
    documents = [
        document("\n\n".join(paragraph["context"] for paragraph in article["paragraphs"]), str(number))
        for number, article in enumerate(articles[:2])
    ]
    passages = cut(documents, 200, 40)
    lengths = [count_tokens(passage.text) for passage in passages]
    assert max(lengths) <= 200
    assert sum(length < 150 for length in lengths) <= len(documents), "only the last of a document is short"
    ended = sum(passage.text.endswith((".", '."', ".)", "?", "!")) for passage in passages)
    assert ended > len(passages) / 2, "most end with a sentence"
