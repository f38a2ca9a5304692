"""The review file: what a spreadsheet can make of it, and that all of it is read again."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.drafting.candidate import Candidate, canonical, identify
from workbench.drafting.sheet import COLUMNS, Sheet, cell, read, text
from workbench.errors import BadInput

KEY = "draft-0123456789ab"


def candidate(number: int = 1, **changed: str) -> Candidate:
    held = {
        "question": f"How late may invoice {number} be paid, “skonto” apart?",
        "answer": f"{number} Tage; Übertrag",
        "quote": f'it is due, as agreed, within "{number} Tage; Übertrag"',
        **changed,
    }
    id = identify(f"{KEY}{number}", held["question"], held["answer"], held["quote"], False)
    return Candidate(
        id=id, tenant="acme", document=f"acme/{number}", derived=False, passage="A, b; c | e", kind="number",
        model="gpt-4o", **held,
    )  # fmt: skip


def written(path: Path, *candidates: Candidate) -> bytes:
    sheet = Sheet(path)
    for one in candidates:
        sheet.add(one)
    sheet.close()
    return path.read_bytes()


def resaved(
    raw: bytes, delimiter: str = ",", quoting: int = csv.QUOTE_MINIMAL, end: str = "\r\n", quote: str = '"'
) -> str:
    """The file as another program writes it."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=end, quotechar=quote).writerows(
        csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""))
    )
    return out.getvalue()


def test_a_file_begins_with_a_mark_and_heads_and_holds_a_row_a_draft(tmp_path: Path) -> None:
    raw = written(tmp_path / "d.csv", candidate(1), candidate(2))
    assert raw.startswith(b"\xef\xbb\xbf" + ",".join(f'"{name}"' for name in COLUMNS).encode() + b"\r\n")
    assert raw.count(b"\r\n") == raw.count(b"\n") == 3
    assert [row.candidate for row in read(tmp_path / "d.csv")] == [
        candidate(1, **{}), candidate(2)
    ]  # fmt: skip
    assert [(row.row, row.verdict, row.untouched) for row in read(tmp_path / "d.csv")] == [(2, "", True), (3, "", True)]


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_it_is_read_however_a_spreadsheet_saved_it(tmp_path: Path, delimiter: str, quoting: int, end: str) -> None:
    raw = written(tmp_path / "d.csv", candidate(1), candidate(2))
    (tmp_path / "e.csv").write_text(resaved(raw, delimiter, quoting, end), encoding="utf-8", newline="")
    assert read(tmp_path / "e.csv") == read(tmp_path / "d.csv")


@pytest.mark.parametrize(
    "encode",
    [
        lambda whole: whole.encode("utf-8-sig"),
        lambda whole: whole.encode("utf-16"),
        lambda whole: whole.encode("cp1252"),
        lambda whole: b"sep=;\r\n" + whole.encode(),
        lambda whole: whole.encode().removesuffix(b"\r\n"),
        lambda whole: whole.encode() + b";;;;;;;;;;;\r\n\r\n",
    ],
)
def test_it_is_read_in_other_encodings_and_with_blank_rows(tmp_path: Path, encode: object) -> None:
    raw = written(tmp_path / "d.csv", candidate(1), candidate(2))
    (tmp_path / "e.csv").write_bytes(encode(resaved(raw, ";")))  # type: ignore[operator]
    assert [row.candidate for row in read(tmp_path / "e.csv")] == [candidate(1), candidate(2)]


def test_single_quotes_around_every_cell_are_no_part_of_it(tmp_path: Path) -> None:
    raw = written(tmp_path / "d.csv", candidate(1))
    (tmp_path / "e.csv").write_text(resaved(raw, ";", csv.QUOTE_ALL, quote="'"))
    assert read(tmp_path / "e.csv") == read(tmp_path / "d.csv")


def test_columns_may_be_moved_added_and_renamed_in_case(tmp_path: Path) -> None:
    rows = list(csv.reader(io.StringIO(written(tmp_path / "d.csv", candidate(1)).decode("utf-8-sig"), newline="")))
    with (tmp_path / "e.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["Mine", *(each.upper() for each in rows[0][::-1])], ["!", *rows[1][::-1]]])
    (row,) = read(tmp_path / "e.csv")
    assert row.candidate == candidate(1)


def test_what_a_spreadsheet_changed_is_noticed(tmp_path: Path) -> None:
    raw = written(tmp_path / "d.csv", candidate(1)).decode("utf-8-sig")
    changes = (
        ('apart?"', 'apart"'),
        ('","","A, b', '","yes","A, b'),
        ("1 Tage", "1 Tag"),
        ("“", "?"),
        ("How late", "How  late"),
        ("as agreed", "as Agreed"),
    )
    for old, new in changes:
        assert old in raw
        (tmp_path / "e.csv").write_text(raw.replace(old, new), encoding="utf-8", newline="")
        assert read(tmp_path / "e.csv")[0].untouched is (new == "How  late")


@pytest.mark.parametrize(
    ("said", "verdict"),
    [("ok", "ok"), (" OK ", "ok"), ("Yes", "ok"), ("X", "ok"), ("1", "ok"), ("EDIT", "edit"), ("No", "no"), (" ", "")],
)
def test_verdicts(tmp_path: Path, said: str, verdict: str) -> None:
    raw = written(tmp_path / "d.csv", candidate(1))
    (tmp_path / "d.csv").write_bytes(raw.removesuffix(b'"",""\r\n') + f'"{said}",""\r\n'.encode())
    assert [row.verdict for row in read(tmp_path / "d.csv")] == [verdict]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda raw: raw.removesuffix(b'"",""\r\n') + b'"maybe",""\r\n', 'row 3: the verdict is "maybe"; write ok'),
        (lambda raw: raw + raw.splitlines(keepends=True)[1], "row 4: has the id of row 2"),
        (lambda raw: raw.replace(b'"verdict"', b'"opinion"'), "has no column verdict"),
        (lambda raw: raw + b'"","acme","","","","","","","","","ok",""\r\n', "row 4: the id is empty"),
        (lambda raw: raw.removesuffix(b"\r\n") + b',"more"\r\n', "row 3: has more cells"),
        (lambda raw: b"PK\x03\x04" + raw, "is a workbook; save it as CSV"),
        (lambda raw: b"", "has no column id, tenant"),
    ],
)
def test_a_file_that_is_wrong_is_told_with_its_row(tmp_path: Path, change: object, said: str) -> None:
    raw = written(tmp_path / "d.csv", candidate(1), candidate(2))
    (tmp_path / "d.csv").write_bytes(change(raw))  # type: ignore[operator]
    with pytest.raises(BadInput) as told:
        read(tmp_path / "d.csv")
    assert said in str(told.value)


@pytest.mark.parametrize(
    ("held", "shown"),
    [
        ("=1+1", "'=1+1"), ("  +49 30", "'+49 30"), ("-5 %", "'-5 %"), ("@SUM(A1)", "'@SUM(A1)"), ("'=1", "''=1"),
        ("＝1", "'＝1"), ("|calc", "'|calc"), ("\t=1", "'=1"), ("\u00a0=1", "'=1"),
        ("0042", "'0042"), ("2026-03-01", "'2026-03-01"), ("1/2", "'1/2"), ("3 March 2026", "'3 March 2026"),
        ("Mai 5", "'Mai 5"), ("12:30 pm", "'12:30 pm"), ("1E5", "'1E5"), ("5 €", "'5 €"), ("TRUE", "'TRUE"),
        ("31 days", "31 days"), ("Sentence = words", "Sentence = words"), ("a\nb", "a b"), ("PO-2291", "PO-2291"),
        ("'tis so", "'tis so"), ("", ""),
    ],
)  # fmt: skip
def test_no_cell_starts_a_formula_or_becomes_a_number(held: str, shown: str) -> None:
    assert cell(held) == shown
    assert text(shown) == canonical(held)


@given(st.text())
def test_every_text_is_read_as_it_was_written_but_for_its_white_space(held: str) -> None:
    assert text(cell(held)) == canonical(held)
    assert not cell(held).lstrip(" \"'").startswith(("=", "+", "-", "@")) or cell(held).startswith("'")


def test_an_apostrophe_that_a_spreadsheet_took_off_changes_nothing(tmp_path: Path) -> None:
    one = candidate(1, answer="2026-03-01", quote="due on 2026-03-01")
    raw = written(tmp_path / "d.csv", one)
    assert b'"\'2026-03-01"' in raw
    (tmp_path / "d.csv").write_bytes(raw.replace(b"\"'2026", b'"2026'))
    (row,) = read(tmp_path / "d.csv")
    assert row.candidate == one and row.untouched


def test_rows_are_added_in_the_form_that_is_there(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    kept = resaved(written(path, candidate(1)), ";").removesuffix("\r\n")
    path.write_text(kept, encoding="utf-8", newline="")
    raw = written(path, candidate(2))
    assert raw.startswith(kept.encode() + b"\n")
    assert [row.candidate for row in read(path)] == [candidate(1), candidate(2)]


def test_half_a_row_that_a_power_cut_left_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_bytes(written(path, candidate(1), candidate(2))[:-60])
    sheet = Sheet(path)
    assert [row.candidate for row in sheet.rows] == [candidate(1)]
    sheet.add(candidate(2))
    sheet.close()
    assert [row.candidate for row in read(path)] == [candidate(1), candidate(2)]


def test_a_file_that_is_not_utf8_any_more_gets_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    raw = resaved(written(path, candidate(1)), ";").encode("cp1252")
    path.write_bytes(raw)
    with pytest.raises(BadInput, match="is not UTF-8 any more"):
        Sheet(path)
    assert path.read_bytes() == raw


def test_nothing_is_written_before_the_first_row(tmp_path: Path) -> None:
    Sheet(tmp_path / "d.csv").close()
    assert not (tmp_path / "d.csv").exists()
