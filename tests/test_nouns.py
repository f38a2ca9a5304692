"""Numbers and nouns in, what a sentence says of one and of several out."""

import pytest

from workbench.nouns import counted


@pytest.mark.parametrize(
    ("number", "words", "told"),
    [
        (1, ("tenant",), "1 tenant"),
        (0, ("tenant",), "0 tenants"),
        (2_000, ("tenant",), "2,000 tenants"),
        (1, ("question has", "questions have"), "1 question has"),
        (2, ("question has", "questions have"), "2 questions have"),
    ],
)
def test_one_is_told_apart_from_several(number: int, words: tuple[str, ...], told: str) -> None:
    assert counted(number, *words) == told
