from math import log

import pytest

from workbench.backends.bm25 import BM25, TOKEN, fuse, tokens

# Lengths 2, 1, 3 and 2: 2 on average. `red` stands in three of four, `fox` in one.
TEXTS = ["red red", "Red.", "red fox, blue", "blue sky"]


def test_scores_are_those_worked_out_by_hand() -> None:
    # k1 1.5, b 0.75: a passage of mean length is damped by 1.5, one of 1 by 0.9375, one of 3 by 2.0625.
    red, fox = log(1 + 1.5 / 3.5), log(1 + 3.5 / 1.5)
    wanted = [
        (2, red * 2.5 / (1 + 2.0625) + fox * 2.5 / (1 + 2.0625)),
        (0, red * 2 * 2.5 / (2 + 1.5)),
        (1, red * 2.5 / (1 + 0.9375)),
    ]
    assert BM25(TEXTS).best("a red FOX", 10) == [(row, pytest.approx(score)) for row, score in wanted]


def test_a_word_asked_twice_counts_once_and_depth_is_the_most() -> None:
    index = BM25(TEXTS)
    assert index.best("red red fox", 10) == index.best("fox red", 10)
    assert [row for row, _ in index.best("red fox", 2)] == [2, 0]


def test_equal_texts_keep_their_order() -> None:
    assert [row for row, _ in BM25(["x y", "y", "x y", "x y"]).best("x", 10)] == [0, 2, 3]


def test_nothing_is_found_where_no_word_is_shared() -> None:
    for texts in ([], [""], [" ", "?!"], TEXTS):
        assert BM25(texts).best("wolf", 10) == []
        assert BM25(texts).best("", 10) == []


def test_tokens_are_words_in_lower_case_and_single_characters_where_none_are_divided() -> None:
    assert tokens("Ticket INV-2041, straße_1!") == ["ticket", "inv", "2041", "straße_1"]
    assert tokens("東京のcafe\u0301") == ["東", "京", "の", "café"]
    assert "(?" not in TOKEN  # a framework takes it as it is, without flags


def test_ranks_are_joined_as_worked_out_by_hand() -> None:
    joined = fuse([["a", "b", "c"], ["c", "d"]], 3)
    assert joined == [
        ("c", pytest.approx(1 / 63 + 1 / 61)),
        ("a", pytest.approx(1 / 61)),
        ("b", pytest.approx(1 / 62)),  # d has as much: of equals the first list's comes first
    ]
    assert [item for item, _ in fuse([["a", "b", "c"], ["c", "d"]], 9)] == ["c", "a", "b", "d"]
    assert fuse([[], []], 3) == []
