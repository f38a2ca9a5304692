"""Records in any order in, a `Workload` in its canonical order and with its hash out."""

import hashlib
from collections.abc import Iterable
from dataclasses import fields

import orjson

from workbench.records import (
    Asked,
    Document,
    Evidence,
    Gold,
    Mark,
    Place,
    Planted,
    Question,
    Tenant,
    User,
    Workload,
)

Record = Tenant | Document | Question | Gold | User | Planted | Asked | Evidence | Place | Mark


def workload_of(
    *,
    name: str,
    tenants: Iterable[Tenant],
    documents: Iterable[Document],
    questions: Iterable[Question],
    gold: Iterable[Gold] = (),
    source: str = "",
    users: Iterable[User] = (),
    planted: Iterable[Planted] = (),
    log: Iterable[Asked] = (),
) -> Workload:
    """Put records into a workload. They are taken to be right; `load` is what checks them.

    Records are sorted by id, because a seeded choice of questions and ties in a search depend on the order: so equal
    hashes really mean equal runs, however the lines of a file were shuffled. The log is sorted by time.
    """
    ordered_tenants = tuple(sorted(tenants, key=lambda record: record.id))
    ordered_documents = tuple(sorted(documents, key=lambda record: record.id))
    ordered_questions = tuple(sorted(questions, key=lambda record: record.id))
    ordered_gold = tuple(sorted(gold, key=lambda record: record.question))
    ordered_users = tuple(sorted(users, key=lambda record: record.id))
    ordered_planted = tuple(sorted(planted, key=lambda record: record.id))
    hashed = (ordered_tenants, ordered_documents, ordered_questions, ordered_gold, ordered_users, ordered_planted)
    return Workload(
        name=name,
        hash=_hash(*hashed),
        tenants=ordered_tenants,
        documents=ordered_documents,
        questions=ordered_questions,
        gold={record.question: record for record in ordered_gold},
        source=source,
        users=ordered_users,
        planted=ordered_planted,
        log=tuple(sorted(log, key=lambda record: (record.at, record.id))),
    )


def row(record: Record) -> dict[str, object]:
    """The fields of a record as a line of its file holds them, and as they are hashed.

    A field that is usually empty is written only where it is not: a field that the records gain one day must not change
    the hash of a workload that has nothing in it.
    """
    always = _ALWAYS.get(type(record), ())
    return {
        field.name: _plain(value)
        for field in fields(record)
        if (value := getattr(record, field.name)) != field.default or field.name in always
    }


_ALWAYS = {Gold: ("answers", "evidence", "answerable", "kind"), Evidence: ("spans",), User: ("clearance",)}
"""Fields that are written even where they hold their default."""


def _plain(value: object) -> object:
    """A record, or a tuple of them, as its row."""
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return row(value) if isinstance(value, Record) else value


def _hash(*tables: tuple[Record, ...]) -> str:
    """SHA-256 over a line of canonical JSON a record; name and source do not belong to what is asked."""
    digest = hashlib.sha256(b"workbench workload 1\n")
    for table in tables:
        for record in table:
            line = orjson.dumps(row(record), option=orjson.OPT_SORT_KEYS)
            digest.update(type(record).__name__.encode() + b" " + line + b"\n")
    return digest.hexdigest()
