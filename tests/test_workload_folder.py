import json
import os
from pathlib import Path
from typing import Any

import pytest

from workbench import workload
from workbench.records import Evidence, Gold
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
        "files of other kinds, not read (.pdf)": 1,
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
