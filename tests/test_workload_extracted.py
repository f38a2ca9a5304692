import pytest

from workbench.records import Mark
from workbench.workload import extracted
from workbench.workload.extracted import Pieces, Unreadable


def test_text_and_marks() -> None:
    pieces = Pieces()
    pieces.page(1)
    pieces.add("  Before.\n")
    pieces.heading("A  heading")
    pieces.add("- one", tight=True)
    pieces.add("- two", tight=True)
    pieces.page(2)
    pieces.page(3)
    pieces.add("After.")
    pieces.table([["a", "b\nc"], ["", " "], ["1", ""]])
    found = pieces.done()
    assert found.text == "Before.\n\nA  heading\n\n- one\n- two\n\nAfter.\n\n| a | b c |\n| 1 |  |\n"
    assert found.marks == (Mark(0, 1), Mark(9, 1, "A heading"), Mark(34, 3, "A heading"))
    assert found.text[34:].startswith("After.")
    assert found.title == "A heading"
    assert pieces.done(" A\ntitle ").title == "A title"


def test_empty_pieces_leave_nothing() -> None:
    pieces = Pieces()
    pieces.heading(" ")
    pieces.add("\n")
    pieces.table([["", ""]])
    assert pieces.empty
    assert pieces.done().text == ""
    assert pieces.done().marks == ()


def test_controls_and_half_characters_go() -> None:
    pieces = Pieces()
    pieces.add("a\x00\x0bb\xadc\ufffe\td\ud800")
    assert pieces.done().text == "abc\td\ufffd\n"


def test_text_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extracted, "MOST_CHARACTERS", 10)
    pieces = Pieces()
    pieces.add("a" * 8)
    with pytest.raises(Unreadable, match="characters of text"):
        pieces.add("b")
