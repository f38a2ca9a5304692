from pathlib import Path

import pytest
from written_pdf import PICTURE, pdf, stroke, words

from workbench.records import Mark
from workbench.workload import pdf as reader
from workbench.workload.extracted import Extracted, Note, Unreadable

TEXT_LAYER = "pages of PDFs without a text layer, left out (run OCR first)"


def read(folder: Path, content: bytes) -> Extracted:
    path = folder / "a.pdf"
    path.write_bytes(content)
    return reader.extract(path)


def block(x: float, y: float, *texts: str) -> bytes:
    """Lines 14 points apart."""
    return b"".join(words(x, y - 14 * number, text) for number, text in enumerate(texts))


def test_pages_paragraphs_and_outline(tmp_path: Path) -> None:
    first = (
        words(72, 760, "Travel policy", 20)
        + block(72, 720, "Trips are approved by the manager before they are", "booked. Trains go first.")
        + block(72, 660, "Flights need a reason.")
    )
    second = words(72, 760, "2 Expenses") + block(72, 720, "A hotel may cost 140 euros.", "Not more.")
    outline = [("Travel policy", 1, 790), ("Expenses", 2, 780)]
    found = read(tmp_path, pdf([first, second], outline, {"Title": "Rules of 2026"}))
    assert found.text == (
        "Travel policy\n\n"
        "Trips are approved by the manager before they are booked. Trains go first.\n\n"
        "Flights need a reason.\n\n"
        "2 Expenses\n\n"
        "A hotel may cost 140 euros. Not more.\n"
    )
    assert found.title == "Rules of 2026"
    assert found.marks == (
        Mark(0, 1, "Travel policy"),
        Mark(found.text.index("2 Expenses"), 2, "Expenses"),
    )
    assert found.notes == ()


def test_section_begins_within_a_page_and_goes_on_to_the_next(tmp_path: Path) -> None:
    first = block(72, 760, "Before.") + block(72, 700, "Safety", "Wear a helmet.")
    found = read(tmp_path, pdf([first, block(72, 760, "And gloves.")], [("Safety", 1, 715)]))
    assert found.text == "Before.\n\nSafety\n\nWear a helmet.\n\nAnd gloves.\n"
    assert found.marks == (Mark(0, 1, ""), Mark(9, 1, "Safety"), Mark(33, 2, "Safety"))
    assert found.title == "Safety"


def test_heading_over_two_lines_and_one_that_is_worded_otherwise(tmp_path: Path) -> None:
    page = block(72, 760, "Of the care of", "machines", "Oil them.") + block(72, 600, "Annex", "Rest.")
    found = read(tmp_path, pdf([page], [("Of the care of machines", 1, 770), ("Appendix A", 1, 612)]))
    assert found.text == "Of the care of machines\n\nOil them.\n\nAnnex\n\nRest.\n"
    assert found.marks == (Mark(0, 1, "Of the care of machines"), Mark(36, 1, "Appendix A"))


@pytest.mark.parametrize("title", ["Microsoft Word - policy.doc", "policy_v3_final.docx", "untitled", ""])
def test_a_file_name_is_no_title(tmp_path: Path, title: str) -> None:
    page = block(72, 760, "Care", "Oil them.")
    assert read(tmp_path, pdf([page], [("Care", 1, 770)], {"Title": title})).title == "Care"


def test_ruled_table_with_a_joined_cell(tmp_path: Path) -> None:
    drawn = block(72, 760, "Prices:")
    drawn += b"".join(stroke(72, y, 372, y) for y in (720, 700, 680, 660))
    drawn += b"".join(stroke(x, 660, x, 720) for x in (72, 372)) + stroke(222, 680, 222, 720)
    drawn += (
        words(76, 705, "Item") + words(226, 705, "Euro") + words(76, 685, "Gloves (pair)") + words(226, 685, "12.50")
    )
    drawn += words(76, 665, "All prices are without value added tax.") + block(72, 620, "After.")
    found = read(tmp_path, pdf([drawn]))
    assert found.text == (
        "Prices:\n\n| Item | Euro |\n| Gloves (pair) | 12.50 |\n| All prices are without value added tax. |\n\nAfter.\n"
    )


def test_columns_follow_one_another(tmp_path: Path) -> None:
    left = block(60, 760, "Left begins here and", "goes on down the", "column to its end.")
    right = block(320, 760, "Right is read after", "the left one is.")
    assert read(tmp_path, pdf([left + right])).text == (
        "Left begins here and goes on down the column to its end.\n\nRight is read after the left one is.\n"
    )


def test_word_parted_at_the_end_of_a_line(tmp_path: Path) -> None:
    assert read(tmp_path, pdf([block(72, 760, "The holiday is an entitle-", "ment.")])).text == (
        "The holiday is an entitlement.\n"
    )


def test_list_keeps_its_lines(tmp_path: Path) -> None:
    page = block(72, 760, "Bring these three things with you when you come:", "1. the badge", "2. the laptop")
    assert read(tmp_path, pdf([page])).text == (
        "Bring these three things with you when you come:\n1. the badge\n2. the laptop\n"
    )


def test_turned_page(tmp_path: Path) -> None:
    # Shown upright when the page is turned by 90 degrees: the lines run up the sheet.
    drawn = b"".join(
        f"BT /F1 12 Tf 0 1 -1 0 {x} 72 Tm ({text}) Tj ET\n".encode()
        for x, text in ((100, "A wide table was put on"), (114, "a sheet of its own."), (180, "End."))
    )
    assert read(tmp_path, pdf([drawn], turned=90)).text == "A wide table was put on a sheet of its own.\n\nEnd.\n"


def test_letters_beyond_ascii(tmp_path: Path) -> None:
    assert read(tmp_path, pdf([words(72, 760, "Größe: 5 µm, § 7")])).text == "Größe: 5 µm, § 7\n"


def test_scan(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="no text layer, skipped .run OCR first"):
        read(tmp_path, pdf([PICTURE, PICTURE]))


def test_one_page_is_a_picture(tmp_path: Path) -> None:
    found = read(tmp_path, pdf([words(72, 760, "One."), PICTURE, words(72, 760, "Three."), b""]))
    assert found.text == "One.\n\nThree.\n"
    assert found.marks == (Mark(0, 1), Mark(6, 3))
    assert found.notes == (Note(TEXT_LAYER, "page 2"),)


def test_password(tmp_path: Path) -> None:
    # Neither of the two check values fits the empty password.
    locked = f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{'ab' * 32}> /U <{'cd' * 32}> >> /ID [<00> <00>]"
    with pytest.raises(Unreadable, match="with a password"):
        read(tmp_path, pdf([words(72, 760, "Secret.")], trailer=locked))


@pytest.mark.parametrize("content", [b"", b"%PDF", b"no PDF at all", pdf([words(72, 760, "x")])[:200]])
def test_broken(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Unreadable, match="broken PDFs"):
        read(tmp_path, content)


def test_lost_table_of_places_is_made_anew(tmp_path: Path) -> None:
    content = pdf([words(72, 760, "Still here.")])
    shifted = content.replace(b"1 0 obj", b"      1 0 obj", 1).replace(b"startxref\n", b"startxref\n9")
    assert read(tmp_path, shifted).text == "Still here.\n"


def test_outline_that_leads_round(tmp_path: Path) -> None:
    content = pdf([words(72, 760, "One"), words(72, 760, "Two")], [("One", 1, 770), ("Two", 2, 770)])
    round = content.replace(b"/Next 11 0 R", b"/Next 10 0 R")
    assert round != content
    assert [mark.section for mark in read(tmp_path, round).marks] == ["One", "One"]


def test_too_many_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MOST_PAGES", 2)
    with pytest.raises(Unreadable, match="more than 2 pages"):
        read(tmp_path, pdf([words(72, 760, "x")] * 3))
