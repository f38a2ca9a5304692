"""One line of a workload's file in, one record out, or the sentence that says what is wrong with it."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn, get_args

from workbench.records import (
    Asked,
    Document,
    Evidence,
    Form,
    Gold,
    Mark,
    Place,
    Planted,
    Question,
    Tenant,
    User,
)
from workbench.workload import fields, ids
from workbench.workload.fields import Row, Wrong


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


def tenant(values: Row) -> Tenant:
    """A line of tenants.jsonl."""
    fields.only(values, ("id", "name"))
    id = fields.identifier(values, "id")
    if not ids.TENANT_ID.fullmatch(id):
        said = "use 1 to 63 of a-z, 0-9 and -, beginning with a letter or digit"
        raise Wrong("id", f"is {ids.shown(id)}, which cannot be a tenant's id; {said}")
    return Tenant(id=id, name=fields.identifier(values, "name"))


def document(values: Row, tenants: Mapping[str, Tenant]) -> Document:
    """A line of documents.jsonl."""
    optional = ("title", "kind", "source", "classification", "language", "date", "hostile", "marks")
    fields.only(values, ("id", "tenant", "text"), optional)
    hostile = fields.label(values, "hostile")
    return Document(
        id=fields.identifier(values, "id"),
        tenant=fields.known(values, "tenant", tenants, "tenants.jsonl"),
        text=fields.string(values, "text", "") if hostile else fields.string(values, "text"),
        title=fields.string(values, "title", ""),
        kind=fields.label(values, "kind"),
        source=fields.string(values, "source", ""),
        classification=fields.classification(values) if values.get("classification", "") != "" else "",
        language=fields.language(values),
        date=fields.date(values),
        hostile=hostile,
        marks=_marks(values, len(values["text"])),
    )


def user(values: Row, tenants: Mapping[str, Tenant]) -> User:
    """A line of users.jsonl."""
    fields.only(values, ("id", "tenant", "clearance"), ("roles", "personal_data"))
    return User(
        id=fields.identifier(values, "id"),
        tenant=fields.known(values, "tenant", tenants, "tenants.jsonl"),
        roles=tuple(fields.identifier({"roles": role}, "roles") for role in fields.items(values, "roles")),
        clearance=fields.classification(values, "clearance"),
        personal_data=fields.truth(values, "personal_data", False),
    )


def question(values: Row, tenants: Mapping[str, Tenant], users: Mapping[str, User]) -> Question:
    """A line of questions.jsonl."""
    fields.only(values, ("id", "tenant", "text"), ("user", "language"))
    id, tenant = fields.identifier(values, "id"), fields.known(values, "tenant", tenants, "tenants.jsonl")
    text, language = fields.string(values, "text"), fields.language(values)
    user = fields.known(values, "user", users, "users.jsonl") if values.get("user", "") != "" else ""
    if user and users[user].tenant != tenant:
        said = f"is {ids.shown(user)} of tenant {users[user].tenant}, but the question is one of tenant {tenant}"
        raise Wrong("user", f"{said}; name a user of the question's own tenant")
    return Question(id=id, tenant=tenant, text=text, user=user, language=language)


def gold(values: Row, questions: Mapping[str, Question], documents: Mapping[str, Document]) -> Gold:
    """A line of gold.jsonl."""
    optional = (
        "answers",
        "evidence",
        "answerable",
        "kind",
        "parts",
        "support",
        "withheld",
        "family",
        "near",
        "drafted",
    )
    fields.only(values, ("question",), optional)
    asked = questions[fields.known(values, "question", questions, "questions.jsonl")]
    answers = fields.texts(values, "answers")
    parts = tuple(fields.texts({"parts": part}, "parts") for part in fields.items(values, "parts"))
    evidence = tuple(_evidence(piece, documents, asked.tenant) for piece in fields.items(values, "evidence"))
    near = tuple(fields.known({"near": x}, "near", questions, "questions.jsonl") for x in fields.items(values, "near"))
    withheld = tuple(_evidence(piece, documents, "", "withheld") for piece in fields.items(values, "withheld"))
    answerable = fields.truth(values, "answerable", True)
    if not answerable and (answers or evidence or parts):
        name = "answers" if answers else "evidence" if evidence else "parts"
        raise Wrong(name, 'is not empty though "answerable" is false; empty it, or say "answerable": true')
    if answerable and withheld:
        raise Wrong("withheld", 'is not empty though the question may be answered; use "evidence"')
    if answerable and not answers and not evidence:
        said = "is empty and so is the evidence; add one of them, or remove the line to leave the question unscored"
        raise Wrong("answers", said)
    if len(set(evidence)) < len(evidence):
        raise Wrong("evidence", "names the same place twice; keep one")
    if parts and not answers:
        raise Wrong("parts", "is there without an answer; put the whole sentence that holds the parts into answers")
    if not all(parts):
        raise Wrong("parts", "holds an empty list; give each part one wording or more")
    return Gold(
        question=asked.id,
        answers=answers,
        evidence=evidence,
        answerable=answerable,
        kind=fields.label(values, "kind"),
        parts=parts,
        support=fields.texts(values, "support"),
        withheld=withheld,
        family=fields.label(values, "family"),
        near=near,
        drafted=fields.truth(values, "drafted", False),
    )


def planted(values: Row, tenants: Mapping[str, Tenant], documents: Mapping[str, Document]) -> Planted:
    """A line of planted.jsonl."""
    fields.only(values, ("id", "tenant", "kind", "value", "places"), ("person",))
    tenant, value = fields.known(values, "tenant", tenants, "tenants.jsonl"), fields.string(values, "value")
    places = tuple(_place(place, tenant, value, documents) for place in fields.items(values, "places"))
    if not places:
        raise Wrong("places", "is empty; say where the value stands, or remove the line")
    return Planted(
        id=fields.identifier(values, "id"),
        tenant=tenant,
        kind=fields.identifier(values, "kind"),
        value=value,
        places=places,
        person=fields.label(values, "person"),
    )


def asked(values: Row, users: Mapping[str, User], questions: Mapping[str, Question]) -> Asked:
    """A line of log.jsonl."""
    fields.only(values, ("id", "at", "user", "text", "question"), ("deferrable",))
    user = users[fields.known(values, "user", users, "users.jsonl")]
    question = questions[fields.known(values, "question", questions, "questions.jsonl")]
    if user.tenant != question.tenant:
        said = f"is {ids.shown(user.id)} of tenant {user.tenant}, but the question is one of tenant {question.tenant}"
        raise Wrong("user", f"{said}; name a user of the question's own tenant")
    at = fields.string(values, "at")
    if not fields.real(at, "%Y-%m-%dT%H:%M:%SZ", 20):
        raise Wrong("at", f"is {ids.shown(at)}, not a time; write it in UTC as 2026-10-01T08:15:30Z")
    return Asked(
        id=fields.identifier(values, "id"),
        at=at,
        user=user.id,
        text=fields.string(values, "text"),
        question=question.id,
        deferrable=fields.truth(values, "deferrable", False),
    )


# ---- fields that several files have ----------------------------------------------------------------------------------


def _evidence(piece: object, documents: Mapping[str, Document], tenant: str, field: str = "evidence") -> Evidence:
    """One piece of evidence; with a tenant, its documents must be that tenant's."""
    if not isinstance(piece, dict):
        raise Wrong(field, f'holds {ids.shown(piece)}, not an object; write {{"document": …, "spans": […]}}')
    fields.only(piece, ("document",), ("spans", "grade", "also"))
    named = documents[fields.known(piece, "document", documents, "documents.jsonl")]
    if tenant and named.tenant != tenant:
        said = f"is {ids.shown(named.id)} of tenant {named.tenant}, but the question is one of tenant {tenant}"
        raise Wrong("document", f"{said}; name a document of the question's own tenant")
    also = tuple(_evidence(other, documents, tenant, "also") for other in fields.items(piece, "also"))
    if any(other.also for other in also):
        raise Wrong("also", "holds an also of its own; put all alternatives into one list")
    spans = tuple(_span(span, named) for span in fields.items(piece, "spans"))
    return Evidence(named.id, spans, fields.whole(piece, "grade", 1, 1), also)


def _place(place: object, tenant: str, value: str, documents: Mapping[str, Document]) -> Place:
    if not isinstance(place, dict):
        raise Wrong("places", f'holds {ids.shown(place)}, not an object; write {{"document", "start", "end"}}')
    fields.only(place, ("document", "start", "end"), ("form",))
    named = documents[fields.known(place, "document", documents, "documents.jsonl")]
    if named.tenant != tenant:
        said = f"is {ids.shown(named.id)} of tenant {named.tenant}, but the value is one of tenant {tenant}"
        raise Wrong("document", f"{said}; name a document of the value's own tenant")
    start, end = _span([place["start"], place["end"]], named, "places")
    form = place.get("form", "plain")
    if form not in get_args(Form):
        raise Wrong("form", f"is {ids.shown(form)}; write one of {', '.join(get_args(Form))}")
    if form == "plain" and named.text[start:end] != value:
        # Neither is quoted: one is private, and what stands there may be.
        said = f"says that the value stands at [{start}, {end}] of {named.id}, where something else does"
        raise Wrong("places", f"{said}; mend the place")
    return Place(named.id, start, end, form)


def _marks(values: Row, length: int) -> tuple[Mark, ...]:
    marks: list[Mark] = []
    for item in fields.items(values, "marks"):
        if not isinstance(item, dict):
            raise Wrong("marks", f'holds {ids.shown(item)}, not an object; write {{"start": …, "page": …}}')
        fields.only(item, ("start",), ("page", "section"))
        start = item["start"]
        page = fields.whole(item, "page", 1) if item.get("page") is not None else None
        if type(start) is not int or not 0 <= start <= length or (marks and start < marks[-1].start):
            raise Wrong("marks", f"holds the start {ids.shown(start)}; write places in the text, in their order")
        marks.append(Mark(start, page, fields.string(item, "section", "")))
    return tuple(marks)


def _span(span: object, named: Document, field: str = "spans") -> tuple[int, int]:
    whole = isinstance(span, list) and len(span) == 2 and all(type(place) is int for place in span)
    if not whole:
        raise Wrong(field, f"holds {ids.shown(span)}, not two whole numbers; write [start, end]")
    assert isinstance(span, list)
    start, end = span
    if not 0 <= start < end <= len(named.text):
        reach = f"document {ids.shown(named.id)} has {len(named.text)} characters"
        raise Wrong(field, f"holds [{start}, {end}], but {reach}; write 0 <= start < end <= length")
    return start, end
