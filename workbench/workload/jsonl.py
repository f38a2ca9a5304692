"""JSONL in our own form, whole or in pieces, in; a workload out. What `load` would refuse is mended or left out.

A folder that `load` takes is taken as it is, users, planted values and log included; of one that must be mended they
are left out, because they rest on places in texts.

Of documents.jsonl, questions.jsonl, tenants.jsonl, gold.jsonl and workload.toml only the first is needed. A question's
line may carry its gold itself: `answers`, `documents` or `evidence`, `answerable`, `kind`.
"""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.errors import BadInput
from workbench.nouns import counted
from workbench.records import Document, Question, Tenant
from workbench.workload import files, foreign, spans
from workbench.workload.draft import Draft, Imported, spread
from workbench.workload.foreign import plain
from workbench.workload.identity import workload_of
from workbench.workload.tally import Tally

Row = dict[str, Any]
Piece = tuple[Document, list[spans.Span], int]

DEFAULT = "default"
"""The tenant of documents and questions that name none."""

GOLD_FIELDS = ("answers", "documents", "evidence", "answerable", "kind")


def read(source: Path, *, limit: int | None = None) -> Imported:
    """Import files in our own form.

    Args:
        source: a folder with documents.jsonl and, as far as they exist, tenants.jsonl, questions.jsonl, gold.jsonl and
            workload.toml; or one .jsonl file, which is taken as documents. A line's text is kept as it is.
        limit: at most as many questions, spread evenly over the tenants; all documents are kept.

    Raises:
        BadInput: there is no documents.jsonl, or none of its lines can be used.
    """
    folder = source if source.is_dir() else None
    if folder and (sound := _sound(folder, limit)):
        return sound
    draft = Draft(source)
    documents = folder / "documents.jsonl" if folder else source
    if not documents.is_file():
        raise BadInput(f"{documents} is not there; name a folder with documents.jsonl, or a .jsonl file of documents.")
    name, said = _header(folder, draft.tally) if folder else (source.stem, "")
    for table in files.OPTIONAL:
        if folder and (folder / table).exists():
            draft.tally.add("files that rest on a sound workload, left out", table)
    for _, row in _rows(folder, "tenants.jsonl", draft.tally):
        if key := plain(row.get("id")).strip():
            _tenant(draft, key, plain(row.get("name")))
    _take_documents(draft, documents)
    for number, row in _rows(folder, "questions.jsonl", draft.tally):
        ask(draft, row, plain(row.get("id")).strip(), number)
    for _, row in _rows(folder, "gold.jsonl", draft.tally):
        key = plain(row.get("question")).strip()
        if key in draft.questions:
            judge(draft, draft.questions[key], row)
        else:
            draft.tally.add("gold of an unknown question, left out", key)
    said = said or f"Imported from {source.resolve().name}; licence not stated."
    return draft.finish(
        name, said, limit, 'put questions.jsonl beside, {"id", "tenant", "text"} a line, and import again'
    )


def _sound(folder: Path, limit: int | None) -> Imported | None:
    """The workload of a folder that needs no mending, with at most so many questions."""
    try:
        whole = files.load(folder)
    except BadInput:
        return None
    kept = spread(whole.questions, limit)
    if len(kept) == len(whole.questions):
        return Imported(whole, ())
    tally = Tally()
    tally.remark(f"{len(kept)} of {counted(len(whole.questions), 'question')} kept, spread evenly over the tenants.")
    names = {question.id for question in kept}
    gold = [
        replace(one, near=tuple(other for other in one.near if other in names))
        for one in whole.gold.values()
        if one.question in names
    ]
    made = workload_of(
        name=whole.name,
        source=whole.source,
        tenants=whole.tenants,
        documents=whole.documents,
        questions=kept,
        gold=gold,
        users=whole.users,
        planted=whole.planted,
        log=[line for line in whole.log if line.question in names],
    )
    return Imported(made, tally.met())


def ask(draft: Draft, row: Row, key: str, number: int) -> None:
    """Take a line of questions.jsonl, with the gold that it may carry; one without an id is named after its line."""
    name = plain(row.get("tenant")).strip() or DEFAULT
    if name not in draft.tenants:
        draft.tally.add("questions of an unknown tenant, left out", key or name)
        return
    if not key:
        key = f"{draft.tenants[name].id}/q{number:04}"
        draft.tally.add("questions without an id, given one", key)
    question = draft.question(key, draft.tenants[name], plain(row.get("text")))
    if question and any(field in row for field in GOLD_FIELDS):
        judge(draft, question, row)
    _others(draft.tally, row, "questions", ("id", "tenant", "text", *GOLD_FIELDS))


def judge(draft: Draft, question: Question, row: Row) -> None:
    """Take the gold fields of a line. A document named without spans gets those where the answers stand."""
    answers = [plain(answer) for answer in listed(row.get("answers")) if plain(answer).strip()]
    pieces = [*_named(draft, question, row, answers), *_spanned(draft, question, row)]
    answerable = row.get("answerable") is not False
    draft.judge(question, answers=answers, evidence=pieces, answerable=answerable, kind=plain(row.get("kind")))


def _named(draft: Draft, question: Question, row: Row, answers: Iterable[str]) -> Iterator[Piece]:
    for name in listed(row.get("documents")):
        if document := draft.find(plain(name).strip(), question):
            places = [span for answer in answers for span in spans.whole_words(document.text, answer)]
            if answers and not places:
                draft.tally.add("answers not found in the document named, which counts as a whole", question.id)
            yield document, places, 1


def _spanned(draft: Draft, question: Question, row: Row) -> Iterator[Piece]:
    for piece in listed(row.get("evidence")):
        if not isinstance(piece, dict):
            draft.tally.add("evidence that is not an object, left out", question.id)
        elif document := draft.find(plain(piece.get("document")).strip(), question):
            wanted = listed(piece.get("spans"))
            places = [(span[0], span[1]) for span in wanted if _is_span(span, len(document.text))]
            if len(places) < len(wanted):
                draft.tally.add("spans outside their document, left out", question.id)
            grade = piece.get("grade")
            yield document, places, grade if type(grade) is int and grade > 0 else 1


def _is_span(span: object, length: int) -> bool:
    if not isinstance(span, list) or len(span) != 2 or not all(type(place) is int for place in span):
        return False
    return bool(0 <= span[0] < span[1] <= length)


def _take_documents(draft: Draft, path: Path) -> None:
    for number, row in foreign.objects(path, draft.tally):
        name, key = plain(row.get("tenant")).strip(), plain(row.get("id")).strip()
        if not name:
            draft.tally.add(f"documents without a tenant, put under {DEFAULT}", key or f"{path.name}:{number}")
        tenant = _tenant(draft, name or DEFAULT)
        if not key:
            key = f"{tenant.id}/{number:04}"
            draft.tally.add("documents without an id, given one", key)
        draft.document(key, tenant, plain(row.get("text")), " ".join(plain(row.get("title")).split()))
        _others(draft.tally, row, "documents", ("id", "tenant", "text", "title"))


def _tenant(draft: Draft, key: str, name: str = "") -> Tenant:
    new = key not in draft.tenants
    tenant = draft.tenant(key, name=name)
    if new and tenant.id != key:
        draft.tally.add("tenant ids that cannot be ids here, changed", key)
    return tenant


def _header(folder: Path, tally: Tally) -> tuple[str, str]:
    try:
        values = tomllib.loads((folder / "workload.toml").read_text("utf-8-sig"))
    except FileNotFoundError:
        values = {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError):
        tally.add("workload.toml that cannot be read, left out")
        values = {}
    return plain(values.get("name")) or folder.resolve().name, plain(values.get("source"))


def _rows(folder: Path | None, name: str, tally: Tally) -> Iterator[tuple[int, Row]]:
    if folder and (folder / name).is_file():
        yield from foreign.objects(folder / name, tally)
    elif folder:
        tally.remark(f"There is no {name}.")


def _others(tally: Tally, row: Row, table: str, known: tuple[str, ...]) -> None:
    for name in row:
        if name not in known:
            tally.add(f"fields of {table} that are not ours, left out", name)


def listed(value: object) -> list[Any]:
    """A field that may hold one value, several or none."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]
