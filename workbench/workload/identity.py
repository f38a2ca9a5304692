"""Records in any order in, a `Workload` in its canonical order and with its hash out."""

import hashlib
from collections.abc import Iterable

import orjson

from workbench.records import Document, Gold, Question, Tenant, Workload


def workload_of(
    *,
    name: str,
    tenants: Iterable[Tenant],
    documents: Iterable[Document],
    questions: Iterable[Question],
    gold: Iterable[Gold] = (),
    source: str = "",
) -> Workload:
    """Put records into a workload. They are taken to be right; `load` is what checks them.

    Records are sorted by id, because a seeded choice of questions and ties in a search depend on the order: so equal
    hashes really mean equal runs, however the lines of a file were shuffled.
    """
    ordered_tenants = tuple(sorted(tenants, key=lambda record: record.id))
    ordered_documents = tuple(sorted(documents, key=lambda record: record.id))
    ordered_questions = tuple(sorted(questions, key=lambda record: record.id))
    ordered_gold = tuple(sorted(gold, key=lambda record: record.question))
    return Workload(
        name=name,
        hash=_hash(ordered_tenants, ordered_documents, ordered_questions, ordered_gold),
        tenants=ordered_tenants,
        documents=ordered_documents,
        questions=ordered_questions,
        gold={record.question: record for record in ordered_gold},
        source=source,
    )


def row(record: Tenant | Document | Question | Gold) -> dict[str, object]:
    """The fields of a record as a line of its file holds them, and as they are hashed.

    Written out, and a field that is usually empty only where it is not: a field that the records gain one day must not
    change the hash of a workload that has nothing in it.
    """
    match record:
        case Tenant():
            return {"id": record.id, "name": record.name}
        case Question():
            return {"id": record.id, "tenant": record.tenant, "text": record.text}
        case Document():
            title = {"title": record.title} if record.title else {}
            return {"id": record.id, "tenant": record.tenant, **title, "text": record.text}
        case Gold():
            evidence = [
                {
                    "document": piece.document,
                    "spans": piece.spans,
                    **({"grade": piece.grade} if piece.grade > 1 else {}),
                }
                for piece in record.evidence
            ]
            said = {"question": record.question, "answers": record.answers, "evidence": evidence}
            return {**said, "answerable": record.answerable, "kind": record.kind}


def _hash(*tables: tuple[Tenant | Document | Question | Gold, ...]) -> str:
    """SHA-256 over a line of canonical JSON a record; name and source do not belong to what is asked."""
    digest = hashlib.sha256(b"workbench workload 1\n")
    for table in tables:
        for record in table:
            line = orjson.dumps(row(record), option=orjson.OPT_SORT_KEYS)
            digest.update(type(record).__name__.encode() + b" " + line + b"\n")
    return digest.hexdigest()
