import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from workbench import workload
from workbench.records import Evidence
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


def beir(folder: Path, corpus: list[Any], queries: list[Any], **qrels: str) -> Path:
    folder.mkdir()
    jsonl(folder / "corpus.jsonl", corpus)
    jsonl(folder / "queries.jsonl", queries)
    (folder / "qrels").mkdir()
    for split, rows in qrels.items():
        (folder / "qrels" / f"{split}.tsv").write_bytes(rows.encode())
    return folder


HEADER = "query-id\tcorpus-id\tscore\n"


def test_beir_made_of_real_paragraphs_is_read_back(tmp_path: Path, real_data: Path) -> None:
    content = json.loads(gzip.decompress((real_data / "squad" / "dev-v1.1.json.gz").read_bytes()))
    corpus, queries, rows = [], [], HEADER
    for article in content["data"]:
        for number, paragraph in enumerate(article["paragraphs"]):
            document = f"{article['title']}-{number}"
            metadata = {"tenant": article["title"]}
            corpus.append(
                {"_id": document, "title": article["title"], "text": paragraph["context"], "metadata": metadata}
            )
            for asked in paragraph["qas"][:1]:
                queries.append({"_id": asked["id"], "text": asked["question"], "metadata": metadata})
                rows += f"{asked['id']}\t{document}\t1\n"
    made = workload.import_from("beir", beir(tmp_path / "made", corpus, queries, test=rows)).workload
    assert (len(made.tenants), len(made.documents), len(made.questions), len(made.gold)) == (13, 856, 856, 856)
    texts = {document.id: document.text for document in made.documents}
    assert texts["Nikola_Tesla-0"] == next(
        f"Nikola_Tesla {article['paragraphs'][0]['context']}"
        for article in content["data"]
        if article["title"] == "Nikola_Tesla"
    )
    for row in rows.splitlines()[1:]:
        query, document, _ = row.split("\t")
        assert made.gold[query].evidence == (Evidence(document),)
        assert made.gold[query].answers == ()


def test_beir_with_everything_that_occurs_in_the_world(tmp_path: Path) -> None:
    corpus = [
        {"_id": "d1", "title": "Title", "text": "Text one."},
        {"_id": "d2", "text": "Text two."},
        {"_id": "d3", "title": "Only a title", "text": ""},
        {"_id": "d4", "title": "", "text": "  "},
        {"_id": 5, "title": None, "text": "Text\rfive."},
        {"_id": "d1", "title": "Again", "text": "Another text."},
        {"title": "No id", "text": "x"},
    ]
    queries = [
        {"_id": "q1", "text": "one?"},
        {"_id": "q2", "text": "two?"},
        {"_id": "q3", "text": "only irrelevant?"},
        {"_id": "q4", "text": "only the empty one?"},
        {"_id": "q5", "text": "not judged?"},
        {"_id": "q6", "text": " "},
        {"_id": "q1", "text": "again?"},
        {"text": "no id?"},
    ]
    rows = (
        "\ufeffquery-id\tcorpus-id\tscore\r\n"
        "q1\td1\t1\r\nq1\td3\t2\r\nq1\td1\t1\r\n\r\n"
        "q2\t5\t1.0\textra\nq2\tnobody\t1\nq2\td2\n"
        "q3\td1\t0\nq3\td2\t-1\nq4\td4\t1\nq6\td1\t1\nq7\td1\t1\nq1\td2\tmuch\n"
    )
    source = beir(tmp_path / "odd", corpus, queries, test=rows, dev=HEADER + "q5\td1\t1\n")
    imported = workload.import_from("beir", source)
    made = imported.workload
    assert {document.id: document.text for document in made.documents} == {
        "d1": "Title Text one.",
        "d2": "Text two.",
        "d3": "Only a title",
        "5": "Text\rfive.",
    }
    assert [tenant.id for tenant in made.tenants] == ["all"]
    assert [question.id for question in made.questions] == ["q1", "q2", "q3", "q4"]
    assert {name: [piece.document for piece in gold.evidence] for name, gold in made.gold.items()} == {
        "q1": ["d1", "d3"],
        "q2": ["5"],
    }
    met = {what: count(imported, what) for what in EXPECTED}
    assert met == EXPECTED
    assert any("test.tsv" in note and "dev.tsv" in note for note in imported.notes)
    fit(imported, tmp_path)


EXPECTED = {
    "empty documents, left out": 1,
    "documents whose id was there already": 1,
    "documents without _id": 1,
    "documents with carriage returns": 1,
    "queries without _id": 1,
    "queries without a row in the qrels": 1,
    "queries of the qrels that are not asked": 2,  # q6, which is empty, and q7, which nobody wrote
    "questions without text": 1,
    "questions whose id was there already": 1,
    "questions without usable gold": 2,
    "gold that names an empty document": 1,
    "gold that names an unknown document": 1,
    "qrels rows with extra columns": 1,
    "qrels rows with too few columns": 1,
    "qrels rows whose score is not a number": 1,
    "qrels rows of one pair": 1,
    "byte order marks": 1,
    "blank lines": 1,
}


def test_beir_tenants_of_documents_and_queries(tmp_path: Path) -> None:
    def document(id: str, tenant: str | None) -> dict[str, Any]:
        return {"_id": id, "text": f"Text {id}", "metadata": {"tenant": tenant} if tenant else {}}

    corpus = [document("a1", "ACME Ltd"), document("a2", "ACME Ltd"), document("z1", "Zeta"), document("n1", None)]
    queries = [
        {"_id": "own", "text": "?", "metadata": {"tenant": "Zeta"}},
        {"_id": "taken", "text": "?"},
        {"_id": "split", "text": "?"},
        {"_id": "cross", "text": "?", "metadata": {"tenant": "Zeta"}},
        {"_id": "stranger", "text": "?", "metadata": {"tenant": "Nobody"}},
        {"_id": "lost", "text": "?", "metadata": None},
    ]
    pairs = "own\tz1 taken\ta1 taken\ta2 split\tz1 split\ta1 split\ta2 cross\tz1 cross\ta1 stranger\ta1 lost\tnone"
    rows = HEADER + "".join(f"{pair}\t1\n" for pair in pairs.split(" "))
    imported = workload.import_from("beir", beir(tmp_path / "x", corpus, queries, test=rows))
    made = imported.workload
    assert {tenant.id: tenant.name for tenant in made.tenants} == {"acme-ltd": "ACME Ltd", "zeta": "Zeta", "all": "all"}
    assert {question.id: question.tenant for question in made.questions} == {
        "own": "zeta",
        "taken": "acme-ltd",
        "split": "acme-ltd",
        "cross": "zeta",
    }
    assert {name: {piece.document for piece in gold.evidence} for name, gold in made.gold.items()} == {
        "own": {"z1"},
        "taken": {"a1", "a2"},
        "split": {"a1", "a2"},
        "cross": {"z1"},
    }
    assert count(imported, "gold that names another tenant's document") == 2
    assert count(imported, "queries of a tenant without documents") == 1
    assert count(imported, "queries whose tenant nothing tells") == 1
    assert count(imported, "documents without a tenant among others") == 1
    fit(imported, tmp_path)


@pytest.mark.parametrize(
    ("rows", "evidence"),
    [
        ("q\td\t1\n", ["d"]),  # no header
        ("score\tnote\tcorpus-id\tquery-id\n1\tx\td\tq\n", ["d"]),
        ("query-id\tcorpus-id\nq\td\n", ["d"]),  # no score: every row is relevant
        ("qid\tdid\trel\nq\td\t1\n", ["d"]),
    ],
)
def test_beir_columns(tmp_path: Path, rows: str, evidence: list[str]) -> None:
    source = beir(tmp_path / "x", [{"_id": "d", "text": "t"}], [{"_id": "q", "text": "?"}], test=rows)
    made = workload.import_from("beir", source).workload
    assert [piece.document for piece in made.gold["q"].evidence] == evidence


def test_beir_splits(tmp_path: Path) -> None:
    corpus, queries = [{"_id": "d", "text": "t"}], [{"_id": "q1", "text": "?"}, {"_id": "q2", "text": "?"}]
    train, dev = HEADER + "q1\td\t1\n", HEADER + "q2\td\t1\n"
    both = workload.import_from("beir", beir(tmp_path / "both", corpus, queries, train=train, dev=dev))
    assert sorted(both.workload.gold) == ["q1", "q2"]
    assert any("judged by all of: dev.tsv, train.tsv" in note for note in both.notes)
    none = workload.import_from("beir", beir(tmp_path / "none", corpus, queries))
    assert (len(none.workload.questions), none.workload.gold) == (2, {})
    assert any("none is scored" in note for note in none.notes)


def test_beir_lines_are_not_torn_by_returns_and_separators(tmp_path: Path) -> None:
    source = beir(tmp_path / "x", [], [{"_id": "q", "text": "?"}], test=HEADER + "q\td\t1\n")
    (source / "corpus.jsonl").write_bytes(
        '{"_id": "d", "text": "one\u2028two\x85three"}\r\n{"_id": "e", "text": "raw\rreturn"}\nnot json\n'.encode()
    )
    imported = workload.import_from("beir", source)
    assert [document.text for document in imported.workload.documents] == ["one\u2028two\x85three", "raw\rreturn"]
    assert count(imported, "lines that are not JSON") == 1
