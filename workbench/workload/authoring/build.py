"""What was written in, the files of a workload out, byte for byte the same each time."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from workbench.errors import BadInput, Infrastructure
from workbench.records import CLASSIFICATIONS, Classification, Document, Gold, Question, Tenant, User, Workload
from workbench.workload import files, ids
from workbench.workload.authoring import log, plain, written
from workbench.workload.authoring.draws import choice
from workbench.workload.authoring.planting import Planter
from workbench.workload.authoring.quotes import locate
from workbench.workload.authoring.written import Ask, Manuscript, Written
from workbench.workload.identity import workload_of

CHECKSUMS = "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class Role:
    """What a role may read, and how many have it."""

    name: str
    users: int
    clearance: str
    personal_data: bool
    """May be told private facts of others, up to the clearance."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What dataset.toml says."""

    name: str
    source: str
    seed: str
    roles: tuple[Role, ...]
    month: log.Month


def build(folder: Path) -> Workload:
    """Make a workload of what was written.

    Args:
        folder: with dataset.toml and a sub-folder for each tenant; see `workbench.workload.authoring.written`.

    Raises:
        BadInput: a file is missing or wrong, a quote is not where it should be, a placeholder names nobody.
    """
    if not (folder / "dataset.toml").is_file():
        raise BadInput(f"{folder} holds no dataset.toml; name the folder of what was written.")
    settings = _settings(folder / "dataset.toml")
    seed = settings.seed
    manuscripts = [written.read(path.parent) for path in sorted(folder.glob("*/tenant.toml"))]
    users = {one.tenant.id: _users(one.tenant, settings.roles) for one in manuscripts}
    planter = Planter([person for one in manuscripts for person in one.people], seed)
    documents = [_document(text, planter) for one in manuscripts for text in _texts(one, seed)]
    asked = {_name(one.tenant.id, ask): (one.tenant.id, ask) for one in manuscripts for ask in one.questions}
    names = {(tenant, ask.id): name for name, (tenant, ask) in asked.items()}
    gold = {name: _gold(ask, tenant, names, planter) for name, (tenant, ask) in asked.items()}
    classes = {document.id: document.classification or "PUBLIC" for document in documents}
    askers = {name: _askers(ask, gold[name], users, classes) for name, (_, ask) in asked.items()}
    questions = [
        Question(name, ask.tenant, ask.text, choice(askers[name], seed, name, "asker").id, ask.language)
        for name, (_, ask) in asked.items()
    ]
    paraphrases = {name: ask.paraphrases for name, (_, ask) in asked.items()}
    kinds = {name: one.kind for name, one in gold.items()}
    of_tenants = [[question for question in questions if question.tenant == tenant] for tenant in users]
    return workload_of(
        name=settings.name,
        source=settings.source,
        tenants=[one.tenant for one in manuscripts],
        documents=documents,
        questions=questions,
        gold=gold.values(),
        users=[user for some in users.values() for user in some],
        planted=planter.planted(),
        log=[line for one in of_tenants for line in log.draw(settings.month, one, paraphrases, kinds, askers, seed)],
    )


def write(workload: Workload, folder: Path) -> None:
    """Put a workload's files into a folder in place of older ones, with their checksums; other files stay.

    Raises:
        BadInput: the folder may not be written.
        Infrastructure: the disk is full or fails.
    """
    with TemporaryDirectory(prefix="workbench-build-") as scratch:
        made = _files(workload, Path(scratch))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, content in made.items():
                draft = folder / f".{name}.new"
                draft.write_bytes(content)
                draft.replace(folder / name)
        except (PermissionError, FileExistsError, NotADirectoryError) as error:
            raise BadInput(f"{folder} cannot be written ({error.strerror}); choose another --out.") from error
        except OSError as error:
            raise Infrastructure(f"{folder} could not be written ({error.strerror}); mend that.") from error


def differing(workload: Workload, folder: Path) -> list[str]:
    """Names of the files in a folder that are not, byte for byte, what `write` would put there."""
    with TemporaryDirectory(prefix="workbench-build-") as scratch:
        made = _files(workload, Path(scratch))
    return [
        name
        for name, content in made.items()
        if not (folder / name).is_file() or (folder / name).read_bytes() != content
    ]


def _files(workload: Workload, scratch: Path) -> dict[str, bytes]:
    """Every file of a workload by name, and last the list of their SHA-256, as `sha256sum -c` reads it."""
    files.save(workload, scratch / "made")
    made = {path.name: path.read_bytes() for path in sorted((scratch / "made").iterdir())}
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in made.items())
    return {**made, CHECKSUMS: sums.encode()}


def _settings(path: Path) -> Settings:
    about = written.toml(path)
    try:
        roles = tuple(Role(**item) for item in about["role"])
        month = log.Month(**{**about["log"], "first_day": str(about["log"]["first_day"])})
        return Settings(about["name"], about["source"], str(about["seed"]), roles, month)
    except KeyError as error:
        raise BadInput(f"{path}: {error} is missing; add it.") from None
    except TypeError as error:
        fields = str(error).partition("__init__() ")[2] or str(error)
        raise BadInput(f"{path}: a [[role]] or [log] {fields}; mend its fields.") from None


def _texts(manuscript: Manuscript, seed: str) -> Iterator[Written]:
    """Every document of a tenant; a slug stands once."""
    made = plain.read(manuscript.grammar, manuscript.tenant.id, seed) if manuscript.grammar else ()
    taken: dict[str, Path] = {}
    for document in (*manuscript.documents, *made):
        if document.slug in taken:
            raise BadInput(
                f"{document.path}: {ids.shown(document.slug)} is taken by {taken[document.slug]}; rename it."
            )
        taken[document.slug] = document.path
        yield document


def _document(text: Written, planter: Planter) -> Document:
    return Document(
        id=f"{text.tenant}/{text.slug}",
        tenant=text.tenant,
        text=planter.plant(text),
        title=text.title,
        kind=text.kind,
        source=text.source,
        classification=text.classification,  # type: ignore[arg-type]  # checked when it was read
        language=text.language,
        date=text.date,
        hostile=text.hostile,
    )


def _users(tenant: Tenant, roles: Sequence[Role]) -> list[User]:
    every = (role for role in roles for _ in range(role.users))
    return [
        User(f"{tenant.id}/user-{number:03}", tenant.id, (role.name,), role.clearance, role.personal_data)  # type: ignore[arg-type]
        for number, role in enumerate(every, 1)
    ]


def _name(tenant: str, ask: Ask) -> str:
    """A question's id; one that is put to another tenant says whence it comes."""
    return f"{tenant}/{ask.id}" if ask.tenant == tenant else f"{ask.tenant}/of-{tenant}-{ask.id}"


def _gold(ask: Ask, tenant: str, names: Mapping[tuple[str, str], str], planter: Planter) -> Gold:
    where = f"{ask.path}, question {ids.shown(ask.id)}"

    def fill(text: str) -> str:
        return planter.fill(text, tenant, where)

    try:
        evidence = tuple(locate(quote, tenant, planter.texts, fill) for quote in ask.evidence)
        withheld = tuple(locate(quote, tenant, planter.texts, fill) for quote in ask.withheld)
    except BadInput as error:
        raise BadInput(f"{where}: {error}") from None
    unknown = [other for other in ask.near if (tenant, other) not in names]
    if unknown:
        raise BadInput(f"{where}: near names {ids.shown(unknown[0])}, which is no question; mend the name.")
    return Gold(
        question=names[tenant, ask.id],
        answers=tuple(fill(answer) for answer in ask.answers),
        evidence=evidence,
        answerable=ask.answerable,
        kind=ask.kind,
        parts=tuple(tuple(fill(wording) for wording in part) for part in ask.parts),
        support=tuple(fill(words) for words in ask.support),
        withheld=withheld,
        family=ask.family,
        near=tuple(names[tenant, other] for other in ask.near),
    )


def _askers(
    ask: Ask, gold: Gold, users: Mapping[str, Sequence[User]], classes: Mapping[str, Classification]
) -> list[User]:
    """Who asks: the role that the question names, or those who may read all of its evidence."""
    if ask.tenant not in users:
        said = f"is put to the tenant {ids.shown(ask.tenant)}, of which nothing is written; write it or mend the name"
        raise BadInput(f"{ask.path}, question {ids.shown(ask.id)} {said}.")
    if not ask.asker:
        needed = max((CLASSIFICATIONS.index(classes[one.document]) for one in gold.evidence), default=1)
        return [user for user in users[ask.tenant] if CLASSIFICATIONS.index(user.clearance) >= needed]
    found = [user for user in users[ask.tenant] if ask.asker in user.roles]
    if not found:
        said = f"nobody of {ask.tenant} is {ids.shown(ask.asker)}; mend the role"
        raise BadInput(f"{ask.path}, question {ids.shown(ask.id)}: {said}.")
    return found
