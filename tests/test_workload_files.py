import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench import workload
from workbench.errors import BadInput, Infrastructure
from workbench.records import Asked, Document, Evidence, Gold, Mark, Place, Planted, Question, Tenant, User
from workbench.workload.identity import workload_of

TENANTS = [{"id": "acme", "name": "Acme"}, {"id": "zeta", "name": "Zeta"}]
DOCUMENTS = [
    {"id": "acme/a", "tenant": "acme", "text": "Leave is 30 days.", "title": "Leave"},
    {"id": "zeta/z", "tenant": "zeta", "text": "Leave is 26 days."},
]
QUESTIONS = [
    {"id": "q1", "tenant": "acme", "text": "How long is leave?"},
    {"id": "q2", "tenant": "zeta", "text": "How long is leave?"},
    {"id": "q3", "tenant": "zeta", "text": "Who is the boss?"},
]
GOLD = [
    {"question": "q1", "answers": ["30 days"], "evidence": [{"document": "acme/a", "spans": [[9, 16]]}]},
    {"question": "q3", "answerable": False, "kind": "unanswerable"},
]
HEADER = 'name = "small"\nschema = 1\nsource = "Made up."\n'

Rows = list[dict[str, Any]]


def lines(rows: Rows) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "small"
    made.mkdir()
    (made / "workload.toml").write_text(HEADER)
    for name, rows in {"tenants": TENANTS, "documents": DOCUMENTS, "questions": QUESTIONS, "gold": GOLD}.items():
        (made / f"{name}.jsonl").write_bytes(lines(rows))
    return made


def refusal(folder: Path) -> str:
    with pytest.raises(BadInput) as caught:
        workload.load(folder)
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith(".")
    return message


def test_load_gives_the_records_by_id(folder: Path) -> None:
    loaded = workload.load(folder)
    assert (loaded.name, loaded.source) == ("small", "Made up.")
    assert loaded.tenants == (Tenant("acme", "Acme"), Tenant("zeta", "Zeta"))
    assert loaded.documents[0] == Document("acme/a", "acme", "Leave is 30 days.", "Leave")
    assert loaded.questions[1] == Question("q2", "zeta", "How long is leave?")
    assert loaded.gold == {
        "q1": Gold("q1", ("30 days",), (Evidence("acme/a", ((9, 16),)),)),
        "q3": Gold("q3", answerable=False, kind="unanswerable"),
    }


def test_other_files_are_not_read(folder: Path) -> None:
    before = workload.load(folder)
    (folder / "notes.jsonl").write_bytes(b"\xff not ours")
    assert workload.load(folder) == before


# ---- users, planted values and the log, which need not be there ------------------------------------------------------


USERS = [{"id": "u", "tenant": "acme", "clearance": "RESTRICTED", "roles": ["hr"], "personal_data": True}]
PLANTED = [
    {
        "id": "p",
        "tenant": "acme",
        "kind": "leave",
        "value": "30 days",
        "places": [{"document": "acme/a", "start": 9, "end": 16}],
        "person": "wren",
    }
]
LOG = [
    {"id": "l2", "at": "2026-10-01T09:00:00Z", "user": "u", "text": "leave?", "question": "q1", "deferrable": True},
    {"id": "l1", "at": "2026-10-01T10:00:00Z", "user": "u", "text": "How long is leave?", "question": "q1"},
]


@pytest.fixture
def whole(folder: Path) -> Path:
    for name, rows in {"users": USERS, "planted": PLANTED, "log": LOG}.items():
        (folder / f"{name}.jsonl").write_bytes(lines(rows))
    return folder


def test_what_need_not_be_there_is_read_where_it_is(whole: Path) -> None:
    loaded = workload.load(whole)
    assert loaded.users == (User("u", "acme", ("hr",), "RESTRICTED", True),)
    assert loaded.planted == (Planted("p", "acme", "leave", "30 days", (Place("acme/a", 9, 16),), "wren"),)
    assert loaded.log == (
        Asked("l2", "2026-10-01T09:00:00Z", "u", "leave?", "q1", True),
        Asked("l1", "2026-10-01T10:00:00Z", "u", "How long is leave?", "q1"),
    )


def test_the_hash_knows_users_and_planted_values_and_not_the_log(whole: Path) -> None:
    before = workload.load(whole).hash
    (whole / "log.jsonl").write_bytes(lines(LOG[:1]))
    assert workload.load(whole).hash == before
    (whole / "planted.jsonl").unlink()
    assert workload.load(whole).hash != before


def test_everything_that_a_record_can_hold_survives_the_disk(whole: Path, tmp_path: Path) -> None:
    place = Evidence("acme/a", ((9, 16),), 2, (Evidence("acme/b", ((0, 3),)),))
    known = workload.load(whole)
    marks = (Mark(0, 1), Mark(4, 2, "Days"))
    full = Document("acme/b", "acme", "30 d", "T", "memo", "HR", "PUBLIC", "de", "2026-02-28", "", marks)
    empty = Document("acme/c", "acme", "", hostile="empty")
    rich = workload_of(
        name="rich",
        tenants=known.tenants,
        documents=[*known.documents, full, empty],
        questions=[*known.questions, Question("q4", "acme", "Wie lange?", "u", "de")],
        gold=[
            *known.gold.values(),
            Gold(
                "q4",
                ("30 days",),
                (place,),
                parts=(("30 days", "30 d"),),
                support=("30",),
                family="leave",
                near=("q1",),
                drafted=True,
            ),
            Gold("q2", answerable=False, withheld=(Evidence("acme/a"),)),
        ],
        users=known.users,
        planted=known.planted,
        log=known.log,
    )
    workload.save(rich, tmp_path / "again")
    assert workload.load(tmp_path / "again") == rich


@pytest.mark.parametrize(
    ("file", "row", "said"),
    [
        ("users", {**USERS[0], "tenant": "nobody"}, '"tenant": is "nobody"'),
        ("users", {**USERS[0], "clearance": "SECRET"}, '"clearance": is "SECRET"; write one of PUBLIC'),
        ("users", {**USERS[0], "personal_data": "yes"}, '"personal_data": is "yes", not true or false'),
        ("planted", {**PLANTED[0], "places": []}, '"places": is empty'),
        ("planted", {**PLANTED[0], "places": [{"document": "zeta/z", "start": 0, "end": 3}]}, "of tenant zeta"),
        ("planted", {**PLANTED[0], "value": "31 days"}, "where something else does"),
        (
            "planted",
            {**PLANTED[0], "places": [{"document": "acme/a", "start": 0, "end": 99}]},
            '"places": holds [0, 99]',
        ),
        ("log", {**LOG[0], "user": "nobody"}, '"user": is "nobody"'),
        ("log", {**LOG[0], "question": "q2"}, "the question is one of tenant zeta"),
        ("log", {**LOG[0], "at": "2026-10-01 09:00"}, "not a time; write it in UTC"),
    ],
)
def test_a_wrong_line_of_those_files_is_told(whole: Path, file: str, row: dict[str, Any], said: str) -> None:
    (whole / f"{file}.jsonl").write_bytes(lines([row]))
    message = refusal(whole)
    assert f"{file}.jsonl, line 1" in message
    assert said in message


def test_what_is_said_of_a_wrong_place_quotes_neither_the_value_nor_the_text(whole: Path) -> None:
    (whole / "planted.jsonl").write_bytes(lines([{**PLANTED[0], "value": "4929-1234"}]))
    message = refusal(whole)
    assert "4929-1234" not in message
    assert "30 days" not in message


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"date": "2026-02-30"}, '"date": is "2026-02-30", not a day of the calendar'),
        ({"language": "english"}, '"language": is "english"; write two letters'),
        ({"language": None}, '"language": is None; write two letters'),
        ({"language": 0}, '"language": is 0; write two letters'),
        ({"date": "２０２６-02-03"}, "not a day of the calendar"),
        ({"marks": [{"start": 0, "page": 10**30}]}, "not a whole number of 1 or more"),
        ({"classification": "public"}, '"classification": is "public"'),
        ({"marks": [{"start": 5}, {"start": 2}]}, '"marks": holds the start 2'),
        ({"marks": [{"start": 0, "page": 0}]}, '"page": is 0, not a whole number of 1 or more'),
        ({"marks": [7]}, '"marks": holds 7, not an object'),
    ],
)
def test_a_wrong_field_of_a_document_is_told(folder: Path, document: dict[str, Any], said: str) -> None:
    (folder / "documents.jsonl").write_bytes(lines([{**DOCUMENTS[0], **document}, DOCUMENTS[1]]))
    assert said in refusal(folder)


@pytest.mark.parametrize(
    ("gold", "said"),
    [
        ({"parts": [["30 days"]], "answers": []}, "is there without an answer"),
        ({"parts": [[]]}, "holds an empty list"),
        ({"near": ["q9"]}, '"near": is "q9", which questions.jsonl does not hold'),
        ({"withheld": [{"document": "zeta/z"}]}, "though the question may be answered"),
        ({"evidence": [{"document": "acme/a", "grade": 10**30}]}, '"grade": is 1000'),
    ],
)
def test_wrong_gold_is_told(folder: Path, gold: dict[str, Any], said: str) -> None:
    (folder / "gold.jsonl").write_bytes(lines([{**GOLD[0], **gold}]))
    assert said in refusal(folder)


# ---- the hash --------------------------------------------------------------------------------------------------------


def test_hash_is_that_of_the_form_written_down_here(folder: Path) -> None:
    by_hand = "\n".join(
        [
            "workbench workload 1",
            'Tenant {"id":"acme","name":"Acme"}',
            'Tenant {"id":"zeta","name":"Zeta"}',
            'Document {"id":"acme/a","tenant":"acme","text":"Leave is 30 days.","title":"Leave"}',
            'Document {"id":"zeta/z","tenant":"zeta","text":"Leave is 26 days."}',
            'Question {"id":"q1","tenant":"acme","text":"How long is leave?"}',
            'Question {"id":"q2","tenant":"zeta","text":"How long is leave?"}',
            'Question {"id":"q3","tenant":"zeta","text":"Who is the boss?"}',
            'Gold {"answerable":true,"answers":["30 days"],"evidence":[{"document":"acme/a","spans":[[9,16]]}],'
            '"kind":"","question":"q1"}',
            'Gold {"answerable":false,"answers":[],"evidence":[],"kind":"unanswerable","question":"q3"}',
            "",
        ]
    )
    assert workload.load(folder).hash == hashlib.sha256(by_hand.encode()).hexdigest()


def test_order_line_ends_blank_lines_and_name_do_not_change_the_hash(folder: Path) -> None:
    before = workload.load(folder)
    (folder / "documents.jsonl").write_bytes(b"\r\n".join(reversed(lines(DOCUMENTS).splitlines())))
    (folder / "questions.jsonl").write_bytes(b"\n" + lines(QUESTIONS[::-1]) + b"\n\n")
    (folder / "gold.jsonl").write_bytes(lines(GOLD[::-1]))
    (folder / "workload.toml").write_text('name = "other"\nschema = 1\n')
    after = workload.load(folder)
    assert after.hash == before.hash
    assert after.questions == before.questions


@pytest.mark.parametrize(
    ("file", "rows"),
    [
        ("tenants", [{**TENANTS[0], "name": "Acme Ltd"}, TENANTS[1]]),
        ("documents", [{**DOCUMENTS[0], "text": "Leave is 30 days!"}, DOCUMENTS[1]]),
        ("documents", [{**DOCUMENTS[0], "title": "Holidays"}, DOCUMENTS[1]]),
        ("questions", [*QUESTIONS[:2], {**QUESTIONS[2], "text": "Who is in charge?"}]),
        ("gold", GOLD[:1]),
        ("gold", [{**GOLD[0], "answers": ["30"]}, GOLD[1]]),
    ],
)
def test_every_record_changes_the_hash(folder: Path, file: str, rows: Rows) -> None:
    before = workload.load(folder).hash
    (folder / f"{file}.jsonl").write_bytes(lines(rows))
    assert workload.load(folder).hash != before


# ---- what is refused -------------------------------------------------------------------------------------------------


def test_a_folder_that_is_not_there_or_is_a_file(tmp_path: Path) -> None:
    assert "is not there" in refusal(tmp_path / "none")
    (tmp_path / "file").write_text("")
    assert "is not a folder" in refusal(tmp_path / "file")
    assert "is not there" in refusal(tmp_path / ("x" * 5000))


def test_a_folder_that_is_no_workload_says_what_to_do(folder: Path) -> None:
    (folder / "workload.toml").unlink()
    assert f"`workbench import folder {folder} --out NEW`" in refusal(folder)
    (folder / "experiment.json").write_text("{}")
    assert "is an experiment's folder; name its workload" in refusal(folder)


@pytest.mark.parametrize("name", ["tenants.jsonl", "documents.jsonl", "questions.jsonl", "gold.jsonl"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert refusal(folder).startswith(f"{folder / name} is not there")
    (folder / name).mkdir()
    assert refusal(folder).startswith(f"{folder / name} cannot be read")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'name = "x"\nschema = 2\n', 'field "schema": has the newer value 2'),
        (b'name = "x"\nschema = 99\nnobody = "knows"\n', 'field "schema": has the newer value 99'),
        (b'name = "x"\nschema = 0\n', 'field "schema": is 0'),
        (b'name = "x"\nschema = true\n', 'field "schema": is True'),
        (b'name = "x"\n', 'field "schema": is missing'),
        (b"schema = 1\n", 'field "name": is missing'),
        (b'name = " "\nschema = 1\n', 'field "name": is " ", which is empty'),
        (b"name = 7\nschema = 1\n", 'field "name": is 7, not a string'),
        (b'name = "x"\nschema = 1\nother = 3\n', 'field "other": is not a field of this file'),
        (b'\n\nname = "x\n', "at line 3"),
        (b'name = "\xe9"\nschema = 1\n', "not TOML in UTF-8"),
        (b'\xef\xbb\xbfname = "x"\nschema = 1\n', "byte order mark"),
    ],
)
def test_a_bad_header(folder: Path, content: bytes, said: str) -> None:
    (folder / "workload.toml").write_bytes(content)
    message = refusal(folder)
    assert message.startswith(str(folder / "workload.toml"))
    assert said in message


BAD_TENANT_IDS = ["a\n", "-rf", "A", "a b", "a_b", "..", "a/b", "%2e%2e", "а", "ａ", "a\u200b", "a" * 64, "", " a", "é"]


@pytest.mark.parametrize("id", BAD_TENANT_IDS)
def test_a_tenant_id_that_is_no_file_name(folder: Path, id: str) -> None:
    (folder / "tenants.jsonl").write_bytes(lines([*TENANTS, {"id": id, "name": "x"}]))
    assert refusal(folder).startswith(f'{folder / "tenants.jsonl"}, line 3, field "id": is "')


BAD_LINES: list[tuple[str, int, bytes, str]] = [
    # file, line that it becomes, the line, what must be said
    ("documents", 3, b'{"id": "x", "tenant": "acme", "text": "caf\xe9"}', "byte 0xe9 at position 43 is not UTF-8"),
    ("documents", 3, b"{'id': 1}", "is not JSON"),
    ("documents", 3, b'{"id": "x"} {"id": "y"}', "is not JSON"),
    ("documents", 3, b'["x"]', "not an object"),
    ("documents", 3, b"[" * 100_000, "nested too deeply"),
    ("documents", 3, b'{"id": ' + b"9" * 5000 + b"}", "too long a number"),
    ("documents", 3, b'{"id": NaN}', "NaN"),
    ("documents", 3, b'{"id": "x", "id": "y", "tenant": "acme", "text": "t"}', 'field "id": stands twice'),
    ("documents", 3, b'{"tenant": "acme", "text": "t"}', 'field "id": is missing'),
    ("documents", 3, b'{"id": "x", "text": "t"}', 'field "tenant": is missing'),
    ("documents", 3, b'{"id": "x", "tenant": "acme"}', 'field "text": is missing'),
    ("documents", 3, b'{"id": "x", "tenant": "acme", "text": "t", "metadata": {}}', 'field "metadata": is not a field'),
    ("documents", 3, b'{"id": 7, "tenant": "acme", "text": "t"}', 'field "id": is 7, not a string'),
    ("documents", 3, b'{"id": "", "tenant": "acme", "text": "t"}', 'field "id": is "", which is empty'),
    ("documents", 3, b'{"id": "x ", "tenant": "acme", "text": "t"}', "begins or ends with a blank"),
    ("documents", 3, b'{"id": "x\\ny", "tenant": "acme", "text": "t"}', 'is "x\\ny", which holds a control character'),
    ("documents", 3, b'{"id": "x\\ud800", "tenant": "acme", "text": "t"}', "half a character"),
    ("documents", 3, b'{"id": "' + b"x" * 201 + b'", "tenant": "acme", "text": "t"}', "has 201 characters"),
    ("documents", 3, b'{"id": "acme/a", "tenant": "zeta", "text": "t"}', 'is "acme/a", as on line 1 already'),
    ("documents", 3, b'{"id": "x", "tenant": "nobody", "text": "t"}', 'is "nobody", which tenants.jsonl does not hold'),
    ("documents", 3, b'{"id": "x", "tenant": ["acme"], "text": "t"}', "field \"tenant\": is ['acme'], not a string"),
    ("documents", 3, b'{"id": "x", "tenant": "acme", "text": " \\n\\t"}', 'field "text": is'),
    ("documents", 3, b'{"id": "x", "tenant": "acme", "text": null}', 'field "text": is None'),
    ("documents", 3, b'{"id": "x", "tenant": "acme", "text": "\\udc00"}', "half a character"),
    ("documents", 3, b'{"id": "x", "tenant": "acme", "text": "t", "title": 3}', 'field "title": is 3'),
    ("tenants", 3, b'{"id": "acme", "name": "again"}', 'is "acme", as on line 1 already'),
    ("tenants", 3, b'{"id": "void", "name": "No documents"}', '"void" has no document'),
    ("tenants", 3, b'{"id": "void", "name": "a\\u001b[31m"}', "control character"),
    ("questions", 4, b'{"id": "q1", "tenant": "acme", "text": "again"}', 'is "q1", as on line 1 already'),
    ("questions", 4, b'{"id": "q9", "tenant": "nobody", "text": "t"}', 'is "nobody", which tenants.jsonl'),
    ("questions", 4, b'{"id": "q9", "tenant": "acme", "text": ""}', 'field "text": is "", which is empty'),
    ("questions", 4, b'{"id": "q9", "tenant": "acme", "text": "t", "answers": []}', 'field "answers": is not a field'),
    ("gold", 3, b'{"question": "q9", "answers": ["x"]}', 'is "q9", which questions.jsonl does not hold'),
    ("gold", 3, b'{"answers": ["x"]}', 'field "question": is missing'),
    ("gold", 3, b'{"question": "q1", "answers": ["x"]}', 'field "question": is "q1", as on line 1 already'),
    ("gold", 3, b'{"question": "q2", "answers": "x"}', 'field "answers": is "x", not a list'),
    ("gold", 3, b'{"question": "q2", "answers": [26]}', 'field "answers": is 26, not a string'),
    ("gold", 3, b'{"question": "q2", "answers": [""]}', 'field "answers": is "", which is empty'),
    ("gold", 3, b'{"question": "q2"}', 'field "answers": is empty and so is the evidence'),
    ("gold", 3, b'{"question": "q2", "answers": ["x"], "answerable": "no"}', 'field "answerable": is "no"'),
    ("gold", 3, b'{"question": "q2", "answers": ["x"], "answerable": false}', '"answerable" is false'),
    ("gold", 3, b'{"question": "q2", "answers": ["x"], "kind": 3}', 'field "kind": is 3'),
    ("gold", 3, b'{"question": "q2", "evidence": ["zeta/z"]}', "not an object"),
    ("gold", 3, b'{"question": "q2", "evidence": [{"spans": []}]}', 'field "document": is missing'),
    ("gold", 3, b'{"question": "q2", "evidence": [{"document": "zeta/y"}]}', "which documents.jsonl does not hold"),
    ("gold", 3, b'{"question": "q2", "evidence": [{"document": "acme/a"}]}', "of tenant acme, but the question"),
    (
        "gold",
        3,
        b'{"question": "q2", "evidence": [{"document": "zeta/z"}, {"document": "zeta/z"}]}',
        "same place twice",
    ),
    *(
        ("gold", 3, b'{"question": "q2", "evidence": [{"document": "zeta/z", "spans": [%s]}]}' % span, said)
        for span, said in [
            (b"[0, 18]", "has 17 characters"),
            (b"[-1, 3]", "holds [-1, 3]"),
            (b"[5, 5]", "holds [5, 5]"),
            (b"[7, 5]", "holds [7, 5]"),
            (b"[1]", "not two whole numbers"),
            (b"[0, true]", "not two whole numbers"),
            (b"[0, 1.5]", "not two whole numbers"),
            (b'"0-3"', "not two whole numbers"),
        ]
    ),
]


@pytest.mark.parametrize(("file", "number", "line", "said"), BAD_LINES)
def test_a_bad_line_is_told_with_its_place(folder: Path, file: str, number: int, line: bytes, said: str) -> None:
    path = folder / f"{file}.jsonl"
    path.write_bytes(path.read_bytes() + line + b"\n")
    message = refusal(folder)
    assert message.startswith(f"{path}, line {number}")
    assert said in message
    assert len(message) < len(str(path)) + 300


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"])
def test_a_byte_order_mark(folder: Path, mark: bytes) -> None:
    path = folder / "questions.jsonl"
    path.write_bytes(mark + path.read_bytes())
    assert refusal(folder).startswith(f"{path}, line 1: begins with a byte order mark")


def test_the_first_problem_is_told_and_the_others_counted(folder: Path) -> None:
    path = folder / "questions.jsonl"
    path.write_bytes(b'{"id": ""}\n' * 3)
    assert refusal(folder).endswith("(2 more bad lines in this file; mend this one first).")
    path.write_bytes(b"no\n" * 500)
    message = refusal(folder)
    assert message.startswith(f"{path}, line 1: is not JSON")
    assert message.endswith("(at least 19 more bad lines in this file; mend this one first).")


def test_no_documents_is_refused_and_no_questions_is_not(folder: Path) -> None:
    (folder / "gold.jsonl").write_bytes(b"")
    (folder / "questions.jsonl").write_bytes(b"")
    assert workload.load(folder).questions == ()
    (folder / "documents.jsonl").write_bytes(b"")
    assert "holds no document" in refusal(folder)


def test_a_line_ends_at_a_line_feed_only(folder: Path) -> None:
    text = "one\u2028two\x85three"
    rows = [*DOCUMENTS, {"id": "acme/b", "tenant": "acme", "text": text}]
    (folder / "documents.jsonl").write_bytes(lines(rows))
    assert text in {document.text for document in workload.load(folder).documents}


# ---- saving ----------------------------------------------------------------------------------------------------------


def test_save_then_load_gives_the_same(folder: Path, tmp_path: Path) -> None:
    loaded = workload.load(folder)
    workload.save(loaded, tmp_path / "new" / "copy")
    assert workload.load(tmp_path / "new" / "copy") == loaded
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["copy"]


def test_save_takes_an_empty_folder_and_no_other(folder: Path, tmp_path: Path) -> None:
    loaded = workload.load(folder)
    (tmp_path / "empty").mkdir()
    workload.save(loaded, tmp_path / "empty")
    assert workload.load(tmp_path / "empty") == loaded
    before = (tmp_path / "empty" / "gold.jsonl").stat().st_mtime_ns
    with pytest.raises(BadInput, match="choose another --out"):
        workload.save(loaded, tmp_path / "empty")
    assert (tmp_path / "empty" / "gold.jsonl").stat().st_mtime_ns == before
    (tmp_path / "file").write_text("mine")
    for taken in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(BadInput, match="choose another --out"):
            workload.save(loaded, taken)
    assert (tmp_path / "file").read_text() == "mine"


def test_what_is_saved_is_for_its_owner_alone_unless_the_folder_was_open_before(folder: Path, tmp_path: Path) -> None:
    made = workload.load(folder)
    workload.save(made, tmp_path / "mine")
    assert (tmp_path / "mine").stat().st_mode & 0o777 == 0o700
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours").chmod(0o750)
    workload.save(made, tmp_path / "ours")
    assert (tmp_path / "ours").stat().st_mode & 0o777 == 0o750


def test_save_leaves_nothing_of_a_workload_that_load_would_refuse(tmp_path: Path) -> None:
    bad = workload_of(
        name="bad",
        tenants=[Tenant("acme", "Acme")],
        documents=[Document("d", "acme", "text")],
        questions=[Question("q", "nobody", "why?")],
    )
    with pytest.raises(BadInput, match=r'out/questions.jsonl, line 1, field "tenant": is "nobody"'):
        workload.save(bad, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_save_says_when_the_disk_is_full(folder: Path) -> None:
    # A name longer than a file system takes is the one failing disk that every machine has.
    with pytest.raises(Infrastructure, match="could not be written"):
        workload.save(workload.load(folder), folder.parent / ("x" * 300))


labels = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=30)
ids = labels.filter(lambda label: label == label.strip() != "")
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80).filter(
    lambda text: text.strip() != ""
)


@settings(max_examples=25, deadline=None)
@given(
    name=ids, source=st.text(st.characters(exclude_categories=["Cs"])), bodies=st.dictionaries(ids, texts, min_size=1)
)
def test_any_text_survives_the_disk(
    tmp_path_factory: pytest.TempPathFactory, name: str, source: str, bodies: dict[str, str]
) -> None:
    made = workload_of(
        name=name,
        tenants=[Tenant("t", name)],
        documents=[Document(id, "t", text, title=text) for id, text in bodies.items()],
        questions=[Question(id, "t", text) for id, text in bodies.items()],
        gold=[Gold(id, (text,), (Evidence(id, ((0, len(text)),)),), kind=name) for id, text in bodies.items()],
        source=source,
    )
    out = tmp_path_factory.mktemp("any") / "out"
    workload.save(made, out)
    assert workload.load(out) == made


@pytest.fixture
def damage(folder: Path) -> Callable[[int], None]:
    path = folder / "documents.jsonl"
    whole = path.read_bytes()

    def cut(length: int) -> None:
        path.write_bytes(whole[:length])

    return cut


def test_a_file_cut_anywhere_is_refused_in_one_sentence(folder: Path, damage: Callable[[int], None]) -> None:
    whole = len(lines(DOCUMENTS))
    for length in range(whole - 1):  # without its last line feed alone it is still whole
        damage(length)
        refusal(folder)
