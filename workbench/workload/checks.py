"""One line of a workload's file in, one record out, or the sentence that says what is wrong with it."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from workbench.records import Document, Evidence, Gold, Question, Tenant
from workbench.workload import ids

Row = dict[str, Any]


class Wrong(Exception):
    """What is wrong with a line, and with which field of it; the reader adds the file and the line."""

    def __init__(self, field: str, said: str) -> None:
        super().__init__(said)
        self.field = field


def row(line: bytes) -> Row:
    """Read one line as one JSON object.

    Raises:
        Wrong: it is not UTF-8, not JSON, not an object, or names a field twice.
    """
    try:
        value = json.loads(line.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        raise Wrong("", f"byte 0x{byte:02x} at position {error.start + 1} is not UTF-8; save as UTF-8") from None
    except json.JSONDecodeError as error:
        said = f"is not JSON ({error.msg}, column {error.colno}); write one object a line"
        raise Wrong("", said) from None
    except (ValueError, RecursionError):
        raise Wrong("", "is JSON nested too deeply or with too long a number; write the fields only") from None
    if not isinstance(value, dict):
        raise Wrong("", f"is {ids.shown(value)}, not an object; write {{…}}")
    return value


def _once(pairs: list[tuple[str, Any]]) -> Row:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Wrong(twice, "stands twice in one object; keep one")
    return made


def _no_constant(name: str) -> NoReturn:
    raise Wrong("", f"holds {name}, which is not JSON; write a number or leave the field out")


def only(values: Row, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> None:
    """Refuse a field that is missing or that nobody knows."""
    for name in required:
        if name not in values:
            raise Wrong(name, "is missing; add it")
    for name in values:
        if name not in required and name not in optional:
            known = ", ".join((*required, *optional))
            raise Wrong(name, f"is not a field of this file; known are {known}; remove or rename it")


def string(values: Row, name: str, default: str | None = None) -> str:
    """A string that UTF-8 can hold; without a default it may not be blank."""
    value = values.get(name, default)
    if not isinstance(value, str):
        raise Wrong(name, f"is {ids.shown(value)}, not a string; put it in quotes")
    if default is None and not value.strip():
        raise Wrong(name, f"is {ids.shown(value)}, which is empty; give it a text or remove the line")
    try:
        value.encode()
    except UnicodeEncodeError:
        said = "with half a character (a lone surrogate); write the whole character"
        raise Wrong(name, f"is {ids.shown(value)}, {said}") from None
    return value


def identifier(values: Row, name: str) -> str:
    """A string that may be an id or a label: one line, not blank, not long."""
    value = values.get(name)
    if not isinstance(value, str):
        raise Wrong(name, f"is {ids.shown(value)}, not a string; put it in quotes")
    if said := ids.fault(value):
        raise Wrong(name, f"is {ids.shown(value)}, which {said}")
    return value


def tenant(values: Row) -> Tenant:
    """A line of tenants.jsonl."""
    only(values, ("id", "name"))
    id = identifier(values, "id")
    if not ids.TENANT_ID.fullmatch(id):
        said = "use 1 to 63 of a-z, 0-9 and -, beginning with a letter or digit"
        raise Wrong("id", f"is {ids.shown(id)}, which cannot be a tenant's id; {said}")
    return Tenant(id=id, name=identifier(values, "name"))


def document(values: Row, tenants: Mapping[str, Tenant]) -> Document:
    """A line of documents.jsonl."""
    only(values, ("id", "tenant", "text"), ("title",))
    return Document(
        id=identifier(values, "id"),
        tenant=_known(values, "tenant", tenants, "tenants.jsonl"),
        text=string(values, "text"),
        title=string(values, "title", ""),
    )


def question(values: Row, tenants: Mapping[str, Tenant]) -> Question:
    """A line of questions.jsonl."""
    only(values, ("id", "tenant", "text"))
    id, tenant = identifier(values, "id"), _known(values, "tenant", tenants, "tenants.jsonl")
    return Question(id=id, tenant=tenant, text=string(values, "text"))


def gold(values: Row, questions: Mapping[str, Question], documents: Mapping[str, Document]) -> Gold:
    """A line of gold.jsonl."""
    only(values, ("question",), ("answers", "evidence", "answerable", "kind"))
    asked = questions[_known(values, "question", questions, "questions.jsonl")]
    answers = tuple(string({"answers": answer}, "answers") for answer in _list(values, "answers"))
    evidence = tuple(_evidence(piece, asked, documents) for piece in _list(values, "evidence"))
    answerable = values.get("answerable", True)
    if not isinstance(answerable, bool):
        raise Wrong("answerable", f"is {ids.shown(answerable)}, not true or false; write one of them")
    if not answerable and (answers or evidence):
        name = "answers" if answers else "evidence"
        raise Wrong(name, 'is not empty though "answerable" is false; empty it, or say "answerable": true')
    if answerable and not answers and not evidence:
        said = "is empty and so is the evidence; add one of them, or remove the line to leave the question unscored"
        raise Wrong("answers", said)
    if len(set(evidence)) < len(evidence):
        raise Wrong("evidence", "names the same place twice; keep one")
    kind = identifier(values, "kind") if values.get("kind", "") != "" else ""
    return Gold(asked.id, answers, evidence, answerable, kind)


def _evidence(piece: object, asked: Question, documents: Mapping[str, Document]) -> Evidence:
    if not isinstance(piece, dict):
        raise Wrong("evidence", f'holds {ids.shown(piece)}, not an object; write {{"document": …, "spans": […]}}')
    only(piece, ("document",), ("spans", "grade"))
    named = documents[_known(piece, "document", documents, "documents.jsonl")]
    if named.tenant != asked.tenant:
        said = f"is {ids.shown(named.id)} of tenant {named.tenant}, but the question is one of tenant {asked.tenant}"
        raise Wrong("document", f"{said}; name a document of the question's own tenant")
    grade = piece.get("grade", 1)
    if type(grade) is not int or grade < 1:
        raise Wrong("grade", f"is {ids.shown(grade)}, not a whole number of 1 or more; leave it out for 1")
    return Evidence(named.id, tuple(_span(span, named) for span in _list(piece, "spans")), grade)


def _span(span: object, named: Document) -> tuple[int, int]:
    whole = isinstance(span, list) and len(span) == 2 and all(type(place) is int for place in span)
    if not whole:
        raise Wrong("spans", f"holds {ids.shown(span)}, not two whole numbers; write [start, end]")
    assert isinstance(span, list)
    start, end = span
    if not 0 <= start < end <= len(named.text):
        reach = f"document {ids.shown(named.id)} has {len(named.text)} characters"
        raise Wrong("spans", f"holds [{start}, {end}], but {reach}; write 0 <= start < end <= length")
    return start, end


def _list(values: Row, name: str) -> list[Any]:
    value = values.get(name, [])
    if not isinstance(value, list):
        raise Wrong(name, f"is {ids.shown(value)}, not a list; put it in brackets")
    return value


def _known(values: Row, name: str, known: Mapping[str, object], file: str) -> str:
    value = values.get(name)
    if not isinstance(value, str):
        raise Wrong(name, f"is {ids.shown(value)}, not a string; put it in quotes")
    if value not in known:
        raise Wrong(name, f"is {ids.shown(value)}, which {file} does not hold; add it there or mend the name")
    return value
