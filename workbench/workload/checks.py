"""One line of a workload's file in, one record out, or the sentence that says what is wrong with it."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NoReturn, get_args

from workbench.records import (
    CLASSIFICATIONS,
    Asked,
    Classification,
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
    optional = ("title", "kind", "source", "classification", "language", "date", "hostile", "marks")
    only(values, ("id", "tenant", "text"), optional)
    hostile = _label(values, "hostile")
    return Document(
        id=identifier(values, "id"),
        tenant=_known(values, "tenant", tenants, "tenants.jsonl"),
        text=string(values, "text", "") if hostile else string(values, "text"),
        title=string(values, "title", ""),
        kind=_label(values, "kind"),
        source=string(values, "source", ""),
        classification=_classification(values) if values.get("classification", "") != "" else "",
        language=_language(values),
        date=_date(values),
        hostile=hostile,
        marks=_marks(values, len(values["text"])),
    )


def user(values: Row, tenants: Mapping[str, Tenant]) -> User:
    """A line of users.jsonl."""
    only(values, ("id", "tenant", "clearance"), ("roles", "personal_data"))
    return User(
        id=identifier(values, "id"),
        tenant=_known(values, "tenant", tenants, "tenants.jsonl"),
        roles=tuple(identifier({"roles": role}, "roles") for role in _list(values, "roles")),
        clearance=_classification(values, "clearance"),
        personal_data=_truth(values, "personal_data", False),
    )


def question(values: Row, tenants: Mapping[str, Tenant], users: Mapping[str, User]) -> Question:
    """A line of questions.jsonl."""
    only(values, ("id", "tenant", "text"), ("user", "language"))
    id, tenant = identifier(values, "id"), _known(values, "tenant", tenants, "tenants.jsonl")
    user = _known(values, "user", users, "users.jsonl") if values.get("user", "") != "" else ""
    if user and users[user].tenant != tenant:
        said = f"is {ids.shown(user)} of tenant {users[user].tenant}, but the question is one of tenant {tenant}"
        raise Wrong("user", f"{said}; name a user of the question's own tenant")
    return Question(id=id, tenant=tenant, text=string(values, "text"), user=user, language=_language(values))


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
    only(values, ("question",), optional)
    asked = questions[_known(values, "question", questions, "questions.jsonl")]
    answers = _texts(values, "answers")
    parts = tuple(_texts({"parts": part}, "parts") for part in _list(values, "parts"))
    evidence = tuple(_evidence(piece, documents, asked.tenant) for piece in _list(values, "evidence"))
    withheld = tuple(_evidence(piece, documents, "", "withheld") for piece in _list(values, "withheld"))
    answerable = _truth(values, "answerable", True)
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
        kind=_label(values, "kind"),
        parts=parts,
        support=_texts(values, "support"),
        withheld=withheld,
        family=_label(values, "family"),
        near=tuple(_known({"near": name}, "near", questions, "questions.jsonl") for name in _list(values, "near")),
        drafted=_truth(values, "drafted", False),
    )


def planted(values: Row, tenants: Mapping[str, Tenant], documents: Mapping[str, Document]) -> Planted:
    """A line of planted.jsonl."""
    only(values, ("id", "tenant", "kind", "value", "places"), ("person",))
    tenant, value = _known(values, "tenant", tenants, "tenants.jsonl"), string(values, "value")
    places = tuple(_place(place, tenant, value, documents) for place in _list(values, "places"))
    if not places:
        raise Wrong("places", "is empty; say where the value stands, or remove the line")
    return Planted(
        id=identifier(values, "id"),
        tenant=tenant,
        kind=identifier(values, "kind"),
        value=value,
        places=places,
        person=_label(values, "person"),
    )


def asked(values: Row, users: Mapping[str, User], questions: Mapping[str, Question]) -> Asked:
    """A line of log.jsonl."""
    only(values, ("id", "at", "user", "text", "question"), ("deferrable",))
    user = users[_known(values, "user", users, "users.jsonl")]
    question = questions[_known(values, "question", questions, "questions.jsonl")]
    if user.tenant != question.tenant:
        said = f"is {ids.shown(user.id)} of tenant {user.tenant}, but the question is one of tenant {question.tenant}"
        raise Wrong("user", f"{said}; name a user of the question's own tenant")
    at = string(values, "at")
    if not _real(at, "%Y-%m-%dT%H:%M:%SZ", 20):
        raise Wrong("at", f"is {ids.shown(at)}, not a time; write it in UTC as 2026-10-01T08:15:30Z")
    return Asked(
        id=identifier(values, "id"),
        at=at,
        user=user.id,
        text=string(values, "text"),
        question=question.id,
        deferrable=_truth(values, "deferrable", False),
    )


# ---- fields that several files have ----------------------------------------------------------------------------------


def _evidence(piece: object, documents: Mapping[str, Document], tenant: str, field: str = "evidence") -> Evidence:
    """One piece of evidence; with a tenant, its documents must be that tenant's."""
    if not isinstance(piece, dict):
        raise Wrong(field, f'holds {ids.shown(piece)}, not an object; write {{"document": …, "spans": […]}}')
    only(piece, ("document",), ("spans", "grade", "also"))
    named = documents[_known(piece, "document", documents, "documents.jsonl")]
    if tenant and named.tenant != tenant:
        said = f"is {ids.shown(named.id)} of tenant {named.tenant}, but the question is one of tenant {tenant}"
        raise Wrong("document", f"{said}; name a document of the question's own tenant")
    grade = piece.get("grade", 1)
    if type(grade) is not int or grade < 1:
        raise Wrong("grade", f"is {ids.shown(grade)}, not a whole number of 1 or more; leave it out for 1")
    also = tuple(_evidence(other, documents, tenant, "also") for other in _list(piece, "also"))
    if any(other.also for other in also):
        raise Wrong("also", "holds an also of its own; put all alternatives into one list")
    return Evidence(named.id, tuple(_span(span, named) for span in _list(piece, "spans")), grade, also)


def _place(place: object, tenant: str, value: str, documents: Mapping[str, Document]) -> Place:
    if not isinstance(place, dict):
        raise Wrong("places", f'holds {ids.shown(place)}, not an object; write {{"document", "start", "end"}}')
    only(place, ("document", "start", "end"), ("form",))
    named = documents[_known(place, "document", documents, "documents.jsonl")]
    if named.tenant != tenant:
        said = f"is {ids.shown(named.id)} of tenant {named.tenant}, but the value is one of tenant {tenant}"
        raise Wrong("document", f"{said}; name a document of the value's own tenant")
    start, end = _span([place["start"], place["end"]], named)
    form = place.get("form", "plain")
    if form not in get_args(Form):
        raise Wrong("form", f"is {ids.shown(form)}; write one of {', '.join(get_args(Form))}")
    if form == "plain" and named.text[start:end] != value:
        found = ids.shown(named.text[start:end])
        raise Wrong(
            "places", f"says that {ids.shown(value)} stands at [{start}, {end}], but {found} does; mend the place"
        )
    return Place(named.id, start, end, form)


def _marks(values: Row, length: int) -> tuple[Mark, ...]:
    marks: list[Mark] = []
    for item in _list(values, "marks"):
        if not isinstance(item, dict):
            raise Wrong("marks", f'holds {ids.shown(item)}, not an object; write {{"start": …, "page": …}}')
        only(item, ("start",), ("page", "section"))
        start, page = item["start"], item.get("page")
        if type(start) is not int or not 0 <= start <= length or (marks and start < marks[-1].start):
            raise Wrong("marks", f"holds the start {ids.shown(start)}; write places in the text, in their order")
        if page is not None and (type(page) is not int or page < 1):
            raise Wrong("page", f"is {ids.shown(page)}, not a whole number of 1 or more; leave it out where unknown")
        marks.append(Mark(start, page, string(item, "section", "")))
    return tuple(marks)


def _label(values: Row, name: str) -> str:
    """An identifier, or nothing."""
    return identifier(values, name) if values.get(name, "") != "" else ""


def _texts(values: Row, name: str) -> tuple[str, ...]:
    return tuple(string({name: text}, name) for text in _list(values, name))


def _truth(values: Row, name: str, default: bool) -> bool:
    value = values.get(name, default)
    if not isinstance(value, bool):
        raise Wrong(name, f"is {ids.shown(value)}, not true or false; write one of them")
    return value


def _classification(values: Row, name: str = "classification") -> Classification:
    value = values.get(name)
    for known in CLASSIFICATIONS:
        if value == known:
            return known
    raise Wrong(name, f"is {ids.shown(value)}; write one of {', '.join(CLASSIFICATIONS)}")


def _language(values: Row) -> str:
    value = values.get("language", "")
    if value and not (isinstance(value, str) and re.fullmatch("[a-z]{2}", value)):
        raise Wrong("language", f"is {ids.shown(value)}; write two letters of ISO 639-1, such as en")
    return str(value)


def _date(values: Row) -> str:
    value = string(values, "date", "")
    if value and not _real(value, "%Y-%m-%d", 10):
        raise Wrong("date", f"is {ids.shown(value)}, not a day of the calendar; write it as 2026-10-01")
    return value


def _real(text: str, form: str, length: int) -> bool:
    """True for a date of the calendar in exactly this form."""
    try:
        return len(text) == length and bool(datetime.strptime(text, form))
    except ValueError:
        return False


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
