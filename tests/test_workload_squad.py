import gzip
import json
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench import workload
from workbench.errors import BadInput
from workbench.records import Gold
from workbench.workload.draft import Imported


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


def answer(text: str, start: Any) -> dict[str, Any]:
    return {"text": text, "answer_start": start}


def squad(path: Path, articles: list[Any], version: str = "1.1") -> Path:
    path.write_text(json.dumps({"version": version, "data": articles}))
    return path


def article(title: str, *paragraphs: tuple[str, list[dict[str, Any]]]) -> dict[str, Any]:
    return {"title": title, "paragraphs": [{"context": context, "qas": qas} for context, qas in paragraphs]}


def test_squad_1_1_as_published(tmp_path: Path, real_data: Path) -> None:
    imported = workload.import_from("squad", real_data / "squad" / "dev-v1.1.json.gz")
    made = imported.workload
    assert (len(made.tenants), len(made.documents), len(made.questions), len(made.gold)) == (13, 856, 4557, 4557)
    texts = {document.id: document.text for document in made.documents}
    tenant_of = {document.id: document.tenant for document in made.documents}
    for question in made.questions:
        gold = made.gold[question.id]
        (evidence,) = gold.evidence
        assert tenant_of[evidence.document] == question.tenant
        # Answers that overlap are one place: each lies in one, and each place holds one.
        places = [texts[evidence.document][start:end] for start, end in evidence.spans]
        assert all(any(answer in place for place in places) for answer in gold.answers)
        assert all(any(answer in place for answer in gold.answers) for place in places)
        assert all(end <= start for (_, end), (start, _) in pairwise(sorted(evidence.spans)))
    fit(imported, tmp_path)


def test_squad_1_1_keeps_every_answer_of_the_file(real_data: Path) -> None:
    made = workload.import_from("squad", real_data / "squad" / "dev-v1.1.json.gz").workload
    content = json.loads(gzip.decompress((real_data / "squad" / "dev-v1.1.json.gz").read_bytes()))
    for published in content["data"]:
        for paragraph in published["paragraphs"]:
            for asked in paragraph["qas"]:
                assert set(made.gold[asked["id"]].answers) == {answer["text"] for answer in asked["answers"]}


def test_squad_2_0_as_published(tmp_path: Path, real_data: Path) -> None:
    imported = workload.import_from("squad", real_data / "squad" / "dev-v2.0.json.gz")
    made = imported.workload
    assert (len(made.tenants), len(made.documents), len(made.questions)) == (9, 293, 2793)
    declined = [gold for gold in made.gold.values() if not gold.answerable]
    assert len(declined) == 1475
    assert {(gold.answers, gold.evidence, gold.kind) for gold in declined} == {((), (), "unanswerable")}
    fit(imported, tmp_path)


def test_squad_limit_is_spread_over_the_articles(real_data: Path) -> None:
    made = workload.import_from("squad", real_data / "squad" / "dev-v2.0.json.gz", limit=50).workload
    asked = Counter(question.tenant for question in made.questions)
    assert sorted(asked.values()) == [5, 5, 5, 5, 6, 6, 6, 6, 6]
    assert len(made.documents) == 293
    assert set(made.gold) == {question.id for question in made.questions}


def test_limit_takes_the_first_of_each_tenant(tmp_path: Path) -> None:
    context = "A lion and a bear."
    counts = {"one": 1, "two": 2, "five": 5}
    source = squad(
        tmp_path / "x.json",
        [
            article(name, (context, [{"id": f"{name}{n}", "question": "Who?", "answers": []} for n in range(many)]))
            for name, many in counts.items()
        ],
    )
    made = workload.import_from("squad", source, limit=6).workload
    # Rounds: one0 two0 five0 | two1 five1 | five2
    assert sorted(question.id for question in made.questions) == ["five0", "five1", "five2", "one0", "two0", "two1"]


def test_squad_answer_start_is_checked_against_the_text(tmp_path: Path) -> None:
    #          0123456789012345678901234567890
    context = "The cat saw a cat, then the cat."
    qas = [
        {"id": "right", "question": "1?", "answers": [answer("cat", 14), answer("cat", 14)]},
        {"id": "near", "question": "2?", "answers": [answer("cat", 26)]},
        {"id": "between", "question": "3?", "answers": [answer("cat", 9)]},  # 5 from both; the earlier counts
        {"id": "far", "question": "4?", "answers": [answer("cat", 999)]},
        {"id": "text", "question": "5?", "answers": [answer("cat", "14")]},
        {"id": "two", "question": "6?", "answers": [answer("The cat", 0), answer("cat", 4)]},
        {"id": "nowhere", "question": "7?", "answers": [answer("dog", 4)]},
        {"id": "half", "question": "8?", "answers": [answer("dog", 4), answer("saw", 8)]},
        {"id": "negative", "question": "9?", "answers": [answer("cat.", -4)]},
    ]
    imported = workload.import_from("squad", squad(tmp_path / "x.json", [article("Cats", (context, qas))]))
    spans = {name: gold.evidence[0].spans for name, gold in imported.workload.gold.items()}
    assert spans == {
        "right": ((14, 17),),
        "near": ((28, 31),),
        "between": ((4, 7),),
        "far": ((28, 31),),
        "text": ((4, 7),),
        "two": ((0, 7),),
        "nowhere": (),
        "half": ((8, 11),),
        "negative": ((28, 32),),
    }
    assert imported.workload.gold["nowhere"].answers == ("dog",)
    assert imported.workload.gold["two"].answers == ("The cat", "cat")
    assert count(imported, "answers not found in their paragraph") == 2
    assert count(imported, "answers not where the file says") == 5
    fit(imported, tmp_path)


def test_squad_carriage_returns_stay_and_offsets_hold(tmp_path: Path) -> None:
    context = "One line.\r\nAnother line with\ra stray return and gold."
    qas = [{"id": "q", "question": "What?", "answers": [answer("gold", context.index("gold"))]}]
    imported = workload.import_from("squad", squad(tmp_path / "x.json", [article("Lines", (context, qas))]))
    (document,) = imported.workload.documents
    ((start, end),) = imported.workload.gold["q"].evidence[0].spans
    assert document.text == context
    assert document.text[start:end] == "gold"
    assert count(imported, "documents with carriage returns") == 1


def test_squad_titles_become_ids_that_are_file_names(tmp_path: Path) -> None:
    titles = ["Same", "Same", "Émile_&_Söhne", "東京", "Токио", "", "a" * 100, "../../etc"]
    articles = [article(title, (f"Text {n}.", [])) for n, title in enumerate(titles)]
    imported = workload.import_from("squad", squad(tmp_path / "x.json", articles))
    names = {tenant.id: tenant.name for tenant in imported.workload.tenants}
    assert len(names) == len(titles)
    assert {"same", "same-2", "emile-sohne", "untitled", "a" * 63, "etc"} <= names.keys()
    assert names["emile-sohne"] == "Émile & Söhne"
    assert imported.workload.questions == ()
    assert any("a run needs some" in note for note in imported.notes)
    fit(imported, tmp_path)


def test_squad_takes_the_world_as_it_is(tmp_path: Path) -> None:
    long = "x" * 300
    qas: list[Any] = [
        {"id": "q", "question": " First? ", "answers": [answer("world", 6)]},
        {"id": "q", "question": "Second of one id?", "answers": [answer("world", 6)]},
        {"question": "No id?", "answers": [answer("", 0)]},
        {"id": 7, "question": "A number?", "answers": []},
        {"id": "none", "question": "", "answers": []},
        {"id": long, "question": "Long id?", "answers": [answer("Hello", 0)]},
        {"id": "bad\nid", "question": "Bad id?", "answers": [answer("Hello", 0)]},
        "not an object",
    ]
    articles: list[Any] = [article("A", ("Hello world", qas), ("  ", qas[:2])), article("Empty", ("", [])), None]
    imported = workload.import_from("squad", squad(tmp_path / "x.json", articles))
    made = imported.workload
    assert [tenant.id for tenant in made.tenants] == ["a"]
    assert [document.id for document in made.documents] == ["a/0000"]
    assert {question.text for question in made.questions} == {
        "First?",
        "Second of one id?",
        "No id?",
        "A number?",
        "Long id?",
        "Bad id?",
    }
    assert {"q", "7"} < {question.id for question in made.questions}
    assert count(imported, "empty documents") == 2
    assert count(imported, "tenants without documents") == 1
    assert count(imported, "questions of a paragraph that was left out") == 2
    assert count(imported, "questions without an id of their own") == 2
    assert count(imported, "question ids that cannot be ids here") == 2
    assert count(imported, "questions without usable gold") == 1
    assert gold_by_text(imported)["A number?"] is None
    assert gold_by_text(imported)["No id?"] is not None  # its answer is empty, its paragraph is known all the same
    assert all("\n" not in note for note in imported.notes)
    fit(imported, tmp_path)


def test_squad_2_unanswerable_by_flag_or_by_an_empty_list(tmp_path: Path) -> None:
    qas = [
        {"id": "flag", "question": "1?", "is_impossible": True, "answers": []},
        {"id": "kept", "question": "2?", "is_impossible": True, "answers": [answer("Hello", 0)]},
        {"id": "list", "question": "3?", "answers": []},
        {"id": "false", "question": "4?", "is_impossible": False, "answers": [answer("Hello", 0)]},
    ]
    articles = [article("A", ("Hello world", qas))]
    gold = workload.import_from("squad", squad(tmp_path / "2.json", articles, "v2.0")).workload.gold
    assert {name for name, one in gold.items() if not one.answerable} == {"flag", "kept", "list"}
    assert gold["kept"].answers == ()
    gold = workload.import_from("squad", squad(tmp_path / "1.json", articles, "1.1")).workload.gold
    assert "list" not in gold


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "line 1, column 1: is not JSON"),
        (b"[]", 'has no list "data"'),
        (b'{"data": {}}', 'has no list "data"'),
        (b'{"data": []}', "holds no document that can be used"),
        (b'{"data": [{"title": "x", "paragraphs": [{"context": " "}]}]}', "empty documents, left out: 1"),
        (b"[" * 200_000, "nested too deeply"),
        (b"\x1f\x8b\x08\x00broken", "broken gzip"),
        (gzip.compress(b'{"data": []}' * 1000, mtime=0)[:-20], "broken gzip"),
    ],
)
def test_squad_refuses_what_is_no_squad_file(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        workload.import_from("squad", path)
    assert said in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_squad_in_other_encodings_is_read_and_counted(tmp_path: Path, encoding: str) -> None:
    content = {"version": "1.1", "data": [article("Café", ("Café crème.", []))]}
    (tmp_path / "x.json").write_bytes(json.dumps(content, ensure_ascii=False).encode(encoding))
    imported = workload.import_from("squad", tmp_path / "x.json")
    assert [document.text for document in imported.workload.documents] == ["Café crème."]
    assert len(imported.notes) == 2  # the encoding, and that there is no question


FIELDS = "title paragraphs context qas id question answers text answer_start is_impossible".split()

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=5),
    max_leaves=25,
)


@settings(max_examples=30, deadline=None)
@given(articles=st.lists(json_values, max_size=4), version=st.sampled_from(["1.1", "v2.0"]))
def test_squad_never_fails_but_with_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, articles: list[Any], version: str
) -> None:
    folder = tmp_path_factory.mktemp("any")
    articles = [article("A", ("Hello", [])), *articles]
    (folder / "x.json").write_text(json.dumps({"version": version, "data": articles}))
    fit(workload.import_from("squad", folder / "x.json"), folder)
