import io
import zipfile
from pathlib import Path

import docx
import pytest
from docx.document import Document
from docx.enum.text import WD_BREAK
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from workbench.records import Mark
from workbench.workload import word
from workbench.workload.extracted import Extracted, Unreadable

W = nsdecls("w")


def read(folder: Path, content: Document | bytes) -> Extracted:
    path = folder / "a.docx"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        content.save(str(path))
    return word.extract(path)


def with_part(name: str, part: bytes) -> bytes:
    """A Word file of which one part is another."""
    made = docx.Document()
    made.add_paragraph("Text.")
    before, after = io.BytesIO(), io.BytesIO()
    made.save(before)
    with zipfile.ZipFile(before) as old, zipfile.ZipFile(after, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.namelist():
            new.writestr(item, part if item == name else old.read(item))
    return after.getvalue()


def body(inner: str, head: str = "") -> bytes:
    """A main part."""
    return f"<?xml version='1.0'?>{head}<w:document {W}><w:body>{inner}</w:body></w:document>".encode()


def test_document(tmp_path: Path) -> None:
    made = docx.Document()
    made.core_properties.title = "Handbook 2026"
    made.add_heading("Leave", 0)
    made.add_heading("Days", 1)
    made.add_paragraph("Everybody has 30 days\ta year.\nAsk first.")
    made.add_paragraph("one", style="List Bullet")
    made.add_paragraph("two", style="List Number")
    table = made.add_table(2, 2)
    for cell, text in zip(table._cells, ("Year", "Days", "2025", "28\nor 29"), strict=True):
        cell.text = text
    made.add_heading("Carrying over", 2)
    made.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    made.add_paragraph("Until March.")
    found = read(tmp_path, made)
    assert found.text == (
        "Leave\n\nDays\n\nEverybody has 30 days\ta year.\nAsk first.\n\n- one\n- two\n\n"
        "| Year | Days |\n| 2025 | 28 or 29 |\n\nCarrying over\n\nUntil March.\n"
    )
    assert found.title == "Handbook 2026"
    assert found.marks == (
        Mark(0, None, "Leave"),
        Mark(7, None, "Days"),
        Mark(found.text.index("Carrying"), None, "Carrying over"),
    )


@pytest.mark.parametrize(("level", "expected"), [(0, "Named"), (1, "Before")])
def test_title_is_that_of_the_style_before_the_first_heading(tmp_path: Path, level: int, expected: str) -> None:
    made = docx.Document()
    made.core_properties.title = ""
    made.add_heading("Before", 1)
    made.add_heading("Named", level)
    assert read(tmp_path, made).title == expected


def test_style_of_ones_own_that_is_based_on_a_heading(tmp_path: Path) -> None:
    made = docx.Document()
    style = made.styles.add_style("Kapitel", 1)
    style.base_style = made.styles["Heading 2"]
    made.add_paragraph("Kapitel eins", style="Kapitel")
    assert read(tmp_path, made).marks == (Mark(0, None, "Kapitel eins"),)


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("<w:p><w:ins><w:r><w:t>new</w:t></w:r></w:ins></w:p>", "new\n"),
        ("<w:p><w:r><w:t>a</w:t></w:r><w:del><w:r><w:delText>SECRET</w:delText></w:r></w:del></w:p>", "a\n"),
        ("<w:p><w:moveFrom><w:r><w:t>SECRET</w:t></w:r></w:moveFrom><w:r><w:t>a</w:t></w:r></w:p>", "a\n"),
        ("<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>SECRET</w:t></w:r><w:r><w:t>a</w:t></w:r></w:p>", "a\n"),
        ("<w:p><w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t>seen</w:t></w:r></w:p>", "seen\n"),
        ("<w:sdt><w:sdtContent><w:p><w:r><w:t>control</w:t></w:r></w:p></w:sdtContent></w:sdt>", "control\n"),
        ("<w:p><w:hyperlink><w:r><w:t>link</w:t></w:r></w:hyperlink></w:p>", "link\n"),
        ("<w:p><w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:t>7</w:t></w:r></w:p>", "7\n"),
        (
            "<w:p><w:pPr><w:outlineLvl w:val='0'/></w:pPr><w:r><w:t>co</w:t><w:softHyphen/><w:t>op</w:t></w:r></w:p>",
            "coop\n",
        ),
        (
            "<w:p><w:r><w:t>a</w:t><w:pict><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent></w:pict>"
            "</w:r><w:r><w:t>b</w:t></w:r></w:p>",
            "ab\n\nbox\n",
        ),
        (
            "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc><w:tc><w:tbl><w:tr><w:tc><w:p><w:r><w:t>b</w:t>"
            "</w:r></w:p></w:tc></w:tr></w:tbl></w:tc></w:tr></w:tbl>",
            "| a | b |\n",
        ),
        ("<w:tbl><w:tr><w:tc><w:p><w:r><w:t>frame</w:t></w:r></w:p></w:tc></w:tr></w:tbl>", "frame\n"),
    ],
)
def test_what_word_writes(tmp_path: Path, inner: str, expected: str) -> None:
    assert read(tmp_path, with_part("word/document.xml", body(inner))).text == expected


def test_text_box_is_not_taken_twice(tmp_path: Path) -> None:
    made = docx.Document()
    box = "<w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent>"
    space = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    both = f"<mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
    both = f"<mc:AlternateContent {space}>{both}</mc:AlternateContent>"
    made.add_paragraph("a")._p.append(parse_xml(f"<w:r {W}>{both}</w:r>"))
    assert read(tmp_path, made).text == "a\n\nbox\n"


def test_footnote_follows_its_paragraph(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    note = "<w:footnote w:id='2'><w:p><w:r><w:t>See the law.</w:t></w:r></w:p></w:footnote>"
    inner = (
        "<w:p><w:r><w:t>Rule.</w:t><w:footnoteReference w:id='2'/></w:r></w:p><w:p><w:r><w:t>Next.</w:t></w:r></w:p>"
    )
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("word/document.xml", body(inner))
        package.writestr("word/footnotes.xml", f"<w:footnotes {W}>{note}</w:footnotes>")
        package.writestr(
            "word/_rels/document.xml.rels",
            f'<Relationships xmlns="{relations}">'
            f'<Relationship Id="r1" Type="{relation}/footnotes" Target="footnotes.xml"/></Relationships>',
        )
    assert word.extract(path).text == "Rule.\n\nSee the law.\n\nNext.\n"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 no zip",
        with_part("word/document.xml", body("<w:p><w:r>"))[:2000],
        with_part("word/document.xml", b"<w:document"),
        with_part("word/document.xml", b"<html/>"),
    ],
)
def test_broken(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Unreadable, match="broken Word files"):
        read(tmp_path, content)


def test_zip_with_a_wrong_sum_is_broken(tmp_path: Path) -> None:
    content = bytearray(with_part("word/document.xml", body("<w:p><w:r><w:t>a</w:t></w:r></w:p>")))
    at = content.index(b"word/document.xml") + len("word/document.xml") + 5
    content[at] ^= 0xFF
    with pytest.raises(Unreadable, match="broken Word files"):
        read(tmp_path, bytes(content))


def test_password_and_old_word(tmp_path: Path) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)
    with pytest.raises(Unreadable, match="with a password"):
        read(tmp_path, ole + "EncryptedPackage".encode("utf-16-le") + bytes(100))
    with pytest.raises(Unreadable, match="old Word files"):
        read(tmp_path, ole + "WordDocument".encode("utf-16-le"))


@pytest.mark.parametrize("limit", [10_000, 1_000_000])
def test_zip_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    monkeypatch.setattr(word, "MOST_UNPACKED", limit)
    content = with_part("word/document.xml", body(f"<w:p><w:r><w:t>{'a' * 2_000_000}</w:t></w:r></w:p>"))
    assert len(content) < 100_000
    with pytest.raises(Unreadable, match="unpack to more than"):
        read(tmp_path, content)


@pytest.mark.parametrize(
    "declared",
    [
        '<!ENTITY x SYSTEM "file://{secret}">',
        '<!ENTITY a "aaaaaaaaaa"><!ENTITY x "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">',
        '<!ENTITY % y SYSTEM "http://127.0.0.1:9/x.dtd"> %y; <!ENTITY x "">',
    ],
)
def test_entities_are_refused(tmp_path: Path, declared: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text("SECRET")
    head = f"<!DOCTYPE w:document [{declared.format(secret=secret)}]>"
    with pytest.raises(Unreadable, match="document type or entities"):
        read(tmp_path, with_part("word/document.xml", body("<w:p><w:r><w:t>&x;</w:t></w:r></w:p>", head)))


def test_without_text(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="Word files without text"):
        read(tmp_path, docx.Document())
