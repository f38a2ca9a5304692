"""A folder of written texts in, its tenants with documents, persons and questions out, still with their placeholders.

<folder>/dataset.toml               name, source, seed, month of the log
<folder>/<tenant>/tenant.toml       name
<folder>/<tenant>/documents/*.md    `+++`, TOML, `+++`, text
<folder>/<tenant>/hostile/*.md      the same, with `hostile`
<folder>/<tenant>/plain.toml        grammars of the many short documents
<folder>/<tenant>/people*.toml      [id] name
<folder>/<tenant>/questions*.toml   [[question]]
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import BadInput
from workbench.records import CLASSIFICATIONS, Tenant
from workbench.workload import ids
from workbench.workload.authoring.identities import Person


@dataclass(frozen=True, slots=True)
class Written:
    """A document as it was written: `text` may hold placeholders such as `{{nadia-okereke.iban:formatted}}`."""

    slug: str
    tenant: str
    path: Path
    text: str
    title: str
    kind: str
    source: str
    classification: str
    date: str
    language: str
    hostile: str = ""
    supersedes: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """A place in a document, named by the words that stand there."""

    document: str
    """Slug, in the tenant whose file names it."""
    words: str
    also: tuple["Quote", ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """A question as it was written, with its gold as quotes."""

    id: str
    path: Path
    kind: str
    text: str
    tenant: str
    """Who is asked: the file's own tenant, or another that cannot know."""
    answers: tuple[str, ...]
    parts: tuple[tuple[str, ...], ...]
    evidence: tuple[Quote, ...]
    withheld: tuple[Quote, ...]
    support: tuple[str, ...]
    paraphrases: tuple[str, ...]
    near: tuple[str, ...]
    family: str
    language: str
    answerable: bool
    asker: str
    decoys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Manuscript:
    """Everything written for one tenant."""

    tenant: Tenant
    documents: tuple[Written, ...]
    people: tuple[Person, ...]
    questions: tuple[Ask, ...]
    grammar: Path | None


def read(folder: Path) -> Manuscript:
    """Read what was written for one tenant.

    Args:
        folder: named by the tenant's id.

    Raises:
        BadInput: a file is missing or not of its form; tells which, and which field.
    """
    if not ids.TENANT_ID.fullmatch(folder.name):
        raise BadInput(f"{folder}: the folder's name cannot be a tenant's id; use a-z, 0-9 and -.")
    head = toml(folder / "tenant.toml")
    tenant = Tenant(folder.name, _string(head, "name", folder / "tenant.toml"))
    paths = [*sorted((folder / "documents").glob("*.md")), *sorted((folder / "hostile").glob("*.md"))]
    people: dict[str, Person] = {}
    for path in sorted(folder.glob("people*.toml")):
        for name, about in toml(path).items():
            people[name] = Person(name, tenant.id, _string(about, "name", path))
    asked = [
        _ask(item, tenant.id, path)
        for path in sorted(folder.glob("questions*.toml"))
        for item in toml(path).get("question", [])
    ]
    grammar = folder / "plain.toml"
    return Manuscript(
        tenant,
        tuple(_document(path, tenant.id) for path in paths),
        tuple(people.values()),
        tuple(asked),
        grammar if grammar.exists() else None,
    )


def toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        BadInput: it is not there or not TOML.
    """
    try:
        return tomllib.loads(path.read_bytes().decode())
    except FileNotFoundError:
        raise BadInput(f"{path} is not there; write it.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} is not TOML in UTF-8 ({error}); mend that place.") from None


_FRONT = re.compile(r"\+\+\+\n(.*?)\n\+\+\+\n?(.*)", re.DOTALL)


def _document(path: Path, tenant: str) -> Written:
    match = _FRONT.fullmatch(path.read_bytes().decode())
    if not match:
        raise BadInput(f"{path} does not begin with fields between two lines of +++; add them.")
    try:
        head = tomllib.loads(match[1])
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{path}: its fields are not TOML ({error}); mend that place.") from None
    return written(head, match[2].strip() if not head.get("hostile") else match[2], path.stem, tenant, path)


def written(head: Mapping[str, Any], text: str, slug: str, tenant: str, path: Path) -> Written:
    """A document of its fields and its text.

    Raises:
        BadInput: a field is missing, unknown or has a value that it cannot have.
    """
    known = ("title", "type", "folder", "classification", "date", "language", "hostile", "supersedes")
    for name in head:
        if name not in (*known, "project", "misfiled"):
            raise BadInput(f'{path}, field "{name}" is not a field of a document; known are {", ".join(known)}.')
    if head.get("classification") not in CLASSIFICATIONS:
        said = ids.shown(head.get("classification"))
        raise BadInput(f'{path}, field "classification" is {said}; write one of {", ".join(CLASSIFICATIONS)}.')
    return Written(
        slug=slug,
        tenant=tenant,
        path=path,
        text=text,
        title=_string(head, "title", path),
        kind=_string(head, "type", path),
        source=_string(head, "folder", path),
        classification=head["classification"],
        date=str(head.get("date", "")),
        language=_string(head, "language", path),
        hostile=str(head.get("hostile", "")),
        supersedes=str(head.get("supersedes", "")),
    )


_QUESTION = (
    "id kind text answers parts evidence support paraphrases near family language answerable decoys elsewhere withheld "
    "asker tenant"
).split()


def _ask(item: Mapping[str, Any], tenant: str, path: Path) -> Ask:
    where = f"{path}, question {ids.shown(item.get('id', '?'))}"
    for name in item:
        if name not in _QUESTION:
            raise BadInput(f'{where}, field "{name}" is not a field of a question; known are {", ".join(_QUESTION)}.')
    for name in ("id", "kind", "text"):
        _string(item, name, where)
    return Ask(
        id=item["id"],
        path=path,
        kind=item["kind"],
        text=item["text"],
        tenant=item.get("tenant", tenant),
        answers=tuple(item.get("answers", ())),
        parts=tuple(tuple(part) for part in item.get("parts", ())),
        evidence=_quotes(item, "evidence", where),
        withheld=_quotes(item, "elsewhere", where) + _quotes(item, "withheld", where),
        support=tuple(item.get("support", ())),
        paraphrases=tuple(item.get("paraphrases", ())),
        near=tuple(item.get("near", ())),
        family=item.get("family", ""),
        language=item.get("language", "en"),
        answerable=item.get("answerable", True),
        asker=item.get("asker", ""),
        decoys=tuple(item.get("decoys", ())),
    )


def _quotes(item: Mapping[str, Any], name: str, where: str) -> tuple[Quote, ...]:
    return tuple(
        Quote(
            _string(piece, "document", where),
            _string(piece, "quote", where),
            _quotes(piece, "also", where),
        )
        for piece in item.get(name, ())
    )


def _string(values: Mapping[str, Any], name: str, where: object) -> str:
    value = values.get(name)
    if not isinstance(value, str) or not value.strip():
        raise BadInput(f'{where}, field "{name}" is {ids.shown(value)}; write a text.')
    return value
