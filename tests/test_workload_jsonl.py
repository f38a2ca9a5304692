import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


FIELDS = "id tenant text title question answers documents evidence document spans answerable kind".split()

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=5),
    max_leaves=25,
)


def test_jsonl_of_a_saved_workload_is_the_same_workload(tmp_path: Path) -> None:
    starter = Path(__file__).parents[1] / "datasets" / "starter"
    imported = workload.import_from("jsonl", starter)
    assert imported.workload == workload.load(starter)
    assert imported.notes == ()


def test_jsonl_of_a_sound_folder_keeps_users_planted_values_and_log(tmp_path: Path) -> None:
    enterprise = Path(__file__).parents[1] / "datasets" / "enterprise"
    whole = workload.load(enterprise)
    assert workload.import_from("jsonl", enterprise).workload == whole
    imported = workload.import_from("jsonl", enterprise, limit=40)
    made = imported.workload
    assert imported.notes == ("40 of 756 questions kept, spread evenly over the tenants.",)
    assert {tenant.id: sum(one.tenant == tenant.id for one in made.questions) for tenant in made.tenants} == {
        tenant.id: 10 for tenant in whole.tenants
    }
    assert made.planted == whole.planted
    assert {line.question for line in made.log} == {line.question for line in whole.log} & set(made.gold)
    workload.save(made, tmp_path / "again")
    assert workload.load(tmp_path / "again") == made


def test_jsonl_of_a_folder_to_be_mended_leaves_out_what_rests_on_places(tmp_path: Path) -> None:
    jsonl(tmp_path / "documents.jsonl", [{"id": "a", "tenant": "acme", "text": "Leave is 30 days."}])
    jsonl(tmp_path / "planted.jsonl", [{"id": "p"}])
    imported = workload.import_from("jsonl", tmp_path)
    assert imported.workload.planted == ()
    assert any("files that rest on a sound workload, left out: 1" in note for note in imported.notes)


def test_jsonl_needs_documents_only(tmp_path: Path) -> None:
    jsonl(
        tmp_path / "documents.jsonl", [{"id": "a", "tenant": "Acme GmbH", "text": "Leave is 30 days."}, {"text": "x"}]
    )
    for source in (tmp_path, tmp_path / "documents.jsonl"):
        imported = workload.import_from("jsonl", source)
        made = imported.workload
        assert {(tenant.id, tenant.name) for tenant in made.tenants} == {
            ("acme-gmbh", "Acme GmbH"),
            ("default", "default"),
        }
        assert {document.id for document in made.documents} == {"a", "default/0002"}
        assert any("questions.jsonl" in note for note in imported.notes)
    fit(imported, tmp_path)


def test_jsonl_mends_or_leaves_out(tmp_path: Path) -> None:
    (tmp_path / "workload.toml").write_text('name = "mine"\nsource = "My files, CC0."\n')
    jsonl(
        tmp_path / "documents.jsonl",
        [
            {"id": "a", "tenant": "acme", "text": "Leave is 30 days, not 130 days.", "metadata": {"x": 1}},
            {"id": "a", "tenant": "acme", "text": "Twice."},
            {"id": "b", "tenant": "acme", "text": ""},
            {"id": "z", "tenant": "zeta", "text": "Half \ud800 a character."},
        ],
    )
    jsonl(
        tmp_path / "questions.jsonl",
        [
            {"id": "q1", "tenant": "acme", "text": "How long?", "answers": "30 days", "documents": "a"},
            {"id": "q2", "tenant": "acme", "text": "How long?"},
            {"id": "q3", "tenant": "nobody", "text": "Who?"},
            {"tenant": "zeta", "text": "No id?", "answerable": False},
            {"id": "q4", "tenant": "acme", "text": "No gold?"},
            {"id": "q5", "tenant": "acme", "text": "Bad gold?"},
        ],
    )
    jsonl(
        tmp_path / "gold.jsonl",
        [
            {"question": "q2", "answers": ["30 days"], "evidence": [{"document": "a", "spans": [[9, 16], [0, 999]]}]},
            {"question": "q1", "answers": ["twice"]},
            {"question": "q9", "answers": ["unknown"]},
            {"question": "q5", "evidence": ["a", {"document": "b"}, {"document": "z"}, {"document": "y"}]},
        ],
    )
    imported = workload.import_from("jsonl", tmp_path)
    made = imported.workload
    assert (made.name, made.source) == ("mine", "My files, CC0.")
    assert made.documents[1].text == "Half \ufffd a character."
    assert made.gold == {
        "q1": Gold("q1", ("30 days",), (Evidence("a", ((9, 16),)),)),  # and not where it is part of 130 days
        "q2": Gold("q2", ("30 days",), (Evidence("a", ((9, 16),)),)),
        "zeta/q0004": Gold("zeta/q0004", answerable=False),
    }
    assert {question.id for question in made.questions} == {"q1", "q2", "zeta/q0004", "q4", "q5"}
    for what in (
        'fields of documents that are not ours, left out: 1 ("metadata")',
        "documents whose id was there already, left out: 1",
        "empty documents, left out: 1",
        "questions of an unknown tenant, left out: 1",
        "questions without an id, given one: 1",
        "spans outside their document, left out: 1",
        "further gold of one question, left out: 1",
        "gold of an unknown question, left out: 1",
        "evidence that is not an object, left out: 1",
        "gold that names an empty document, left out: 1",
        "gold that names another tenant's document, left out: 1",
        "gold that names an unknown document, left out: 1",
        "questions without usable gold, kept and not scored: 1",
    ):
        assert any(note.startswith(what) for note in imported.notes), what
    assert "There is no tenants.jsonl." in imported.notes
    fit(imported, tmp_path)


@settings(max_examples=30, deadline=None)
@given(
    documents=st.lists(json_values, max_size=4),
    questions=st.lists(json_values, max_size=4),
    gold=st.lists(json_values, max_size=4),
)
def test_jsonl_never_fails_but_with_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, documents: list[Any], questions: list[Any], gold: list[Any]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    jsonl(folder / "documents.jsonl", [{"id": "d", "text": "Hello"}, *documents])
    jsonl(folder / "questions.jsonl", [{"id": "q", "text": "Hello?"}, *questions])
    jsonl(folder / "gold.jsonl", [{"question": "q", **one} for one in gold if isinstance(one, dict)])
    fit(workload.import_from("jsonl", folder), folder)
