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
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import BadInput
from workbench.records import Classification, Tenant
from workbench.workload import fields, ids
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
    classification: Classification
    date: str
    language: str
    hostile: str = ""


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
    with fields.told(folder / "tenant.toml"):
        fields.only(head, ("name",))
        tenant = Tenant(folder.name, fields.identifier(head, "name"))
    paths = [*sorted((folder / "documents").glob("*.md")), *sorted((folder / "hostile").glob("*.md"))]
    grammar = folder / "plain.toml"
    return Manuscript(
        tenant,
        tuple(_document(path, tenant.id) for path in paths),
        tuple(_people(folder, tenant.id)),
        tuple(_questions(folder, tenant.id)),
        grammar if grammar.exists() else None,
    )


def _people(folder: Path, tenant: str) -> Iterator[Person]:
    """Who stands in people*.toml; an id stands once in all of them."""
    taken: dict[str, Path] = {}
    for path in sorted(folder.glob("people*.toml")):
        for name, values in toml(path).items():
            if name in taken:
                raise BadInput(f"{path}: [{name}] is there already, in {taken[name].name}; rename it.")
            taken[name] = path
            with fields.told(f"{path}, [{name}]"):
                about = fields.table(values, name)
                fields.only(about, ("name",))
                yield Person(name, tenant, _name(about))


def _name(about: Mapping[str, Any]) -> str:
    """Two words or more, of which an e-mail address can be made."""
    name = fields.string(about, "name")
    words = name.split()
    if len(words) < 2 or not all(re.search("[A-Za-z]", word) for word in (words[0], words[-1])):
        raise fields.Wrong("name", f"is {ids.shown(name)}; write a first and a last name with letters from a to z")
    return name


def _questions(folder: Path, tenant: str) -> Iterator[Ask]:
    for path in sorted(folder.glob("questions*.toml")):
        content = toml(path)
        with fields.told(path):
            fields.only(content, (), ("question",))
            asked = [fields.table(item, "question") for item in fields.items(content, "question")]
        yield from (_ask(item, tenant, path) for item in asked)


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
    try:
        match = _FRONT.fullmatch(path.read_bytes().decode())
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 ({error}); save it as UTF-8.") from None
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
    with fields.told(path):
        optional = ("date", "hostile", "supersedes", "project", "misfiled")
        fields.only(head, ("title", "type", "folder", "classification", "language"), optional)
        return Written(
            slug=slug,
            tenant=tenant,
            path=path,
            text=text,
            title=fields.string(head, "title"),
            kind=fields.identifier(head, "type"),
            source=fields.string(head, "folder"),
            classification=fields.classification(head),
            # TOML knows days as such.
            date=fields.date({"date": str(head.get("date", ""))}),
            language=fields.language(head),
            hostile=fields.label(head, "hostile"),
        )


_OPTIONAL = tuple(
    "answers parts evidence support paraphrases near family language answerable decoys elsewhere withheld asker "
    "tenant".split()
)


def _ask(item: Mapping[str, Any], tenant: str, path: Path) -> Ask:
    with fields.told(f"{path}, question {ids.shown(item.get('id', '?'))}"):
        fields.only(item, ("id", "kind", "text"), _OPTIONAL)
        return Ask(
            id=fields.identifier(item, "id"),
            path=path,
            kind=fields.identifier(item, "kind"),
            text=fields.string(item, "text"),
            tenant=fields.string(item, "tenant", tenant),
            answers=fields.texts(item, "answers"),
            parts=tuple(fields.texts({"parts": part}, "parts") for part in fields.items(item, "parts")),
            evidence=_quotes(item, "evidence"),
            withheld=_quotes(item, "elsewhere") + _quotes(item, "withheld"),
            support=fields.texts(item, "support"),
            paraphrases=fields.texts(item, "paraphrases"),
            near=fields.texts(item, "near"),
            family=fields.label(item, "family"),
            language=fields.language(item) or "en",
            answerable=fields.truth(item, "answerable", True),
            asker=fields.string(item, "asker", ""),
        )


def _quotes(item: Mapping[str, Any], name: str) -> tuple[Quote, ...]:
    return tuple(_quote(fields.table(piece, name)) for piece in fields.items(item, name))


def _quote(piece: Mapping[str, Any]) -> Quote:
    fields.only(piece, ("document", "quote"), ("also",))
    return Quote(fields.string(piece, "document"), fields.string(piece, "quote"), _quotes(piece, "also"))
