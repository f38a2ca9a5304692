import gzip
import json
import os
import socket
from pathlib import Path
from typing import Any

import docx
import pytest
from written_pdf import PICTURE, pdf, words

from workbench import workload
from workbench.errors import BadInput
from workbench.records import Evidence, Gold, Mark
from workbench.soundness import files as soundness
from workbench.workload import extraction
from workbench.workload.draft import Imported


def jsonl(path: Path, rows: list[Any]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def count(imported: Imported, what: str) -> int:
    """How often something was met whose description begins so; 0: never."""
    return sum(met.count for met in imported.met if met.what.startswith(what))


def fit(imported: Imported, folder: Path) -> None:
    """What is imported can be saved and loaded again."""
    workload.save(imported.workload, folder / "written")
    assert workload.load(folder / "written") == imported.workload


def gold_by_text(imported: Imported) -> dict[str, Gold | None]:
    made = imported.workload
    return {question.text: made.gold.get(question.id) for question in made.questions}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    made = tmp_path / "files"
    for name, content in {
        "Human Resources/leave.md": b"# Leave\n\n30 days a year.\n",
        "Human Resources/old/leave 2020.TXT": b"\xef\xbb\xbf28 days.\r\nNo more.\r",
        "plant/table.txt": "Größe: 5 µm, 3 €".encode("cp1252"),
        "plant/windows.txt": "Fünf".encode("utf-16"),
        "plant/empty.md": b" \n",
        "plant/manual.pdf": b"%PDF",
        "plant/old.DOC": b"\xd0\xcf\x11\xe0",
        "plant/plan.png": b"\x89PNG",
        "plant/~$open.docx": b"lock",
        "plant/.secret.md": b"hidden",
        ".git/config.txt": b"hidden",
        "readme.md": b"At the top.",
    }.items():
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_bytes(content)
    return made


def test_folder_of_files(files: Path, tmp_path: Path) -> None:
    imported = workload.import_from("folder", files)
    made = imported.workload
    assert {tenant.id: tenant.name for tenant in made.tenants} == {
        "human-resources": "Human Resources",
        "plant": "plant",
        "default": "default",
    }
    assert {document.id: (document.tenant, document.text) for document in made.documents} == {
        "Human Resources/leave.md": ("human-resources", "# Leave\n\n30 days a year.\n"),
        "Human Resources/old/leave 2020.TXT": ("human-resources", "28 days.\nNo more.\n"),
        "plant/table.txt": ("plant", "Größe: 5 µm, 3 €"),
        "plant/windows.txt": ("plant", "Fünf"),
        "readme.md": ("default", "At the top."),
    }
    for what, often in {
        "broken PDFs, skipped": 1,
        "files of other kinds, not read (.png)": 1,
        "old Word files, not read (save them as .docx)": 1,
        "locks that Word leaves": 1,
        "hidden files and folders": 2,
        "empty documents": 1,
        "texts that are not UTF-8": 1,
        "texts in UTF-16": 1,
        "byte order marks": 1,
        "files with carriage returns": 1,
    }.items():
        assert count(imported, what) == often, what
    assert any("questions.jsonl" in note for note in imported.notes)
    fit(imported, tmp_path)


def test_folder_with_questions(files: Path, tmp_path: Path) -> None:
    jsonl(
        files / "questions.jsonl",
        [
            {"tenant": "Human Resources", "text": "How long?", "answers": ["30 days"], "documents": ["leave.md"]},
            {"tenant": "human-resources", "text": "And then?", "documents": ["Human Resources/old/leave 2020.TXT"]},
            {"tenant": "plant", "text": "How big?", "answers": ["6 µm"], "documents": ["table.txt"]},
            {"tenant": "plant", "text": "Why?"},
            {"text": "Top?", "answers": ["top"], "documents": ["readme.md"]},
            {"tenant": "nobody", "text": "Lost?"},
        ],
    )
    imported = workload.import_from("folder", files)
    gold = gold_by_text(imported)
    assert gold.keys() == {"How long?", "And then?", "How big?", "Why?", "Top?"}
    assert gold["How long?"] and gold["How long?"].evidence == (Evidence("Human Resources/leave.md", ((9, 16),)),)
    assert gold["And then?"] and gold["And then?"].evidence == (Evidence("Human Resources/old/leave 2020.TXT"),)
    assert gold["How big?"] and gold["How big?"].evidence == (Evidence("plant/table.txt"),)
    assert gold["Top?"] and gold["Top?"].evidence == (Evidence("readme.md", ((7, 10),)),)
    assert gold["Why?"] is None
    assert count(imported, "answers not found in the document named") == 1
    assert count(imported, "questions of an unknown tenant") == 1
    fit(imported, tmp_path)


def test_accepted_wordings_that_overlap_are_one_place(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    text = "It lasts 24 months from delivery; 24 months."
    (docs / "terms.md").write_text(text)
    wordings = ["24 months", "months from delivery", "24 months from delivery", "delivery"]
    jsonl(docs / "questions.jsonl", [{"text": "How long?", "answers": wordings, "documents": ["terms.md"]}])
    imported = workload.import_from("folder", docs)
    gold = gold_by_text(imported)["How long?"]
    assert gold and gold.answers == tuple(wordings)
    assert gold.evidence == (Evidence("terms.md", ((9, 32), (34, 43))),)
    workload.save(imported.workload, tmp_path / "mine")
    assert not [one for one in soundness.check(tmp_path / "mine")[1] if one.level == "error"]


def test_folder_links_do_not_lead_out_or_round(files: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.md").write_text("secret")
    (files / "plant" / "out.md").symlink_to(tmp_path / "outside.md")
    (files / "plant" / "in.md").symlink_to(files / "readme.md")
    (files / "plant" / "up").symlink_to(files)
    (files / "plant" / "self.md").symlink_to(files / "plant" / "self.md")
    os.mkfifo(files / "plant" / "pipe.md")
    imported = workload.import_from("folder", files)
    texts = [document.text for document in imported.workload.documents]
    assert "secret" not in texts
    assert texts.count("At the top.") == 2
    assert count(imported, "links that leave the folder") == 1
    assert count(imported, "linked folders") == 1
    assert count(imported, "what is no regular file") == 2
    fit(imported, tmp_path)


def test_folder_names_that_are_no_ids(tmp_path: Path) -> None:
    made = tmp_path / "files"
    made.mkdir()
    for name in (b"a\nb.md", b"\xff\xfe.md", "д.md".encode(), b"default.md"):
        (Path(os.fsdecode(bytes(made) + b"/" + name))).write_text("text")
    (made / "default").mkdir()
    (made / "default" / "x.md").write_text("text")
    imported = workload.import_from("folder", made)
    assert {"д.md", "default.md", "default/x.md"} < {document.id for document in imported.workload.documents}
    assert len(imported.workload.documents) == 5
    assert count(imported, "document ids that cannot be ids here") == 2
    for note in imported.notes:
        note.encode()
        assert note.isprintable()
    fit(imported, tmp_path)


def test_folder_of_pdf_word_and_html(tmp_path: Path) -> None:
    made = tmp_path / "files"
    (made / "hr").mkdir(parents=True)
    pages = [words(72, 760, "Leave") + words(72, 700, "30 days a year."), words(72, 760, "Ask first.")]
    (made / "hr" / "leave.PDF").write_bytes(pdf(pages, [("Leave", 1, 770)]))
    (made / "hr" / "half.pdf").write_bytes(pdf([words(72, 760, "Read."), PICTURE]))
    (made / "hr" / "scan.pdf").write_bytes(pdf([PICTURE]))
    (made / "hr" / "broken.docx").write_bytes(b"PK")
    document = docx.Document()
    document.core_properties.title = "Travel"
    document.add_heading("Trains", 1)
    document.save(str(made / "hr" / "travel.docx"))
    (made / "page.html").write_text("<title>Canteen</title><h1>Hours</h1><p>11 to 14")
    (made / "notes.md").write_text("Before.\n\n# First\n\n```\n# no heading\n```\n\n## Second ##\n")
    imported = workload.import_from("folder", made)
    by_id = {document.id: document for document in imported.workload.documents}
    assert {id: (document.source, document.title) for id, document in by_id.items()} == {
        "hr/half.pdf": ("hr/half.pdf", ""),
        "hr/leave.PDF": ("hr/leave.PDF", "Leave"),
        "hr/travel.docx": ("hr/travel.docx", "Travel"),
        "notes.md": ("notes.md", "First"),
        "page.html": ("page.html", "Canteen"),
    }
    assert by_id["hr/leave.PDF"].text == "Leave\n\n30 days a year.\n\nAsk first.\n"
    assert by_id["hr/leave.PDF"].marks == (Mark(0, 1, "Leave"), Mark(24, 2, "Leave"))
    assert by_id["hr/travel.docx"].marks == (Mark(0, None, "Trains"),)
    assert by_id["page.html"].marks == (Mark(0, None, "Hours"),)
    assert by_id["notes.md"].marks == (Mark(9, None, "First"), Mark(40, None, "Second"))
    assert {met.what: met.examples for met in imported.met if met.count} == {
        "broken Word files, skipped (open and save them again)": ("hr/broken.docx",),
        "pages of PDFs without a text layer, left out (run OCR first)": ("hr/half.pdf, page 2",),
        "PDFs with no text layer, skipped (run OCR first)": ("hr/scan.pdf",),
    }
    fit(imported, tmp_path)


def test_folder_reaches_no_network(tmp_path: Path) -> None:
    made = tmp_path / "files"
    made.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        (made / "a.html").write_text(
            f"""<!DOCTYPE html SYSTEM "{address}/x.dtd"><base href="{address}/"><link rel=stylesheet href=a.css>
            <script src=a.js></script><img src=a.png><iframe src=b.html></iframe><p>text"""
        )
        (made / "b.xhtml").write_text(
            f"""<?xml version="1.0"?><!DOCTYPE html [<!ENTITY x SYSTEM "{address}/x">]>
            <html><body><p>a&x;</p></body></html>"""
        )
        workload.import_from("folder", made)
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()


def test_folder_with_files_that_are_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extraction, "MOST_BYTES", 1_000_000)
    made = tmp_path / "files"
    made.mkdir()
    (made / "large.txt").write_bytes(b"a" * 1_000_001)
    (made / "large.pdf").write_bytes(b"a" * 1_000_001)
    (made / "bomb.md").write_bytes(gzip.compress(b" " * 3_000_000))
    (made / "zipped.txt").write_bytes(gzip.compress(b"kept"))
    imported = workload.import_from("folder", made)
    assert [document.text for document in imported.workload.documents] == ["kept"]
    assert [met.examples for met in imported.met if met.what == "files of more than 1 MB, skipped (split them)"] == [
        ("bomb.md", "large.pdf", "large.txt")
    ]


def test_folder_where_nothing_can_be_read_says_what_was_met(tmp_path: Path) -> None:
    (tmp_path / "scan.pdf").write_bytes(pdf([PICTURE]))
    with pytest.raises(BadInput, match="no text layer, skipped .run OCR first.: 1"):
        workload.import_from("folder", tmp_path)
