"""What was written in, the files of a workload out, byte for byte the same each time."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from workbench.errors import BadInput, Infrastructure
from workbench.records import CLASSIFICATIONS, Classification, Document, Gold, Question, Tenant, User, Workload
from workbench.workload import files, ids
from workbench.workload.authoring import log, plain, settings, written
from workbench.workload.authoring.draws import choice
from workbench.workload.authoring.planting import Planter
from workbench.workload.authoring.quotes import locate
from workbench.workload.authoring.settings import Role
from workbench.workload.authoring.written import Ask, Manuscript, Written
from workbench.workload.identity import workload_of

CHECKSUMS = "SHA256SUMS"


def build(folder: Path) -> Workload:
    """Make a workload of what was written.

    Args:
        folder: with dataset.toml and a sub-folder for each tenant; see `workbench.workload.authoring.written`.

    Raises:
        BadInput: a file is missing or wrong, a quote is not where it should be, a placeholder names nobody.
    """
    if not (folder / "dataset.toml").is_file():
        raise BadInput(f"{folder} holds no dataset.toml; name the folder of what was written.")
    about = settings.read(folder / "dataset.toml")
    seed = about.seed
    manuscripts = [written.read(path.parent) for path in sorted(folder.glob("*/tenant.toml"))]
    users = {one.tenant.id: _users(one.tenant, about.roles) for one in manuscripts}
    planter = Planter([person for one in manuscripts for person in one.people], seed)
    documents = [_document(text, planter) for one in manuscripts for text in _texts(one, seed)]
    asked = _asked(manuscripts)
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
        name=about.name,
        source=about.source,
        tenants=[one.tenant for one in manuscripts],
        documents=documents,
        questions=questions,
        gold=gold.values(),
        users=[user for some in users.values() for user in some],
        planted=planter.planted(),
        log=[line for one in of_tenants for line in log.draw(about.month, one, paraphrases, kinds, askers, seed)],
    )


def write(workload: Workload, folder: Path) -> None:
    """Put a workload's files into a folder in place of older ones, with their checksums; files of others stay.

    Raises:
        BadInput: the folder may not be written.
        Infrastructure: the disk is full or fails; the older files are as they were.
    """
    made = _files(workload)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # All are written before one takes the place of an older one; two at once have a folder each.
        with TemporaryDirectory(prefix=".build-", dir=folder) as draft:
            for name, content in made.items():
                Path(draft, name).write_bytes(content)
            for name in made:
                Path(draft, name).replace(folder / name)
        for name in _stale(made, folder):
            (folder / name).unlink(missing_ok=True)
    except (PermissionError, FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise BadInput(f"{folder} cannot be written ({error.strerror}); choose another --out.") from error
    except OSError as error:
        raise Infrastructure(f"{folder} could not be written ({error.strerror}); mend that.") from error


def differing(workload: Workload, folder: Path) -> list[str]:
    """Names of the files in a folder that are not, byte for byte, what `write` would leave there.

    Raises:
        BadInput: a file cannot be read.
    """
    made = _files(workload)
    try:
        return [
            *(n for n, content in made.items() if not (folder / n).is_file() or (folder / n).read_bytes() != content),
            *_stale(made, folder),
        ]
    except OSError as error:
        raise BadInput(f"{folder} cannot be read ({error.strerror}); name a readable folder.") from error


def _stale(made: Mapping[str, bytes], folder: Path) -> list[str]:
    """Files that `load` would take for the workload's, though it has none of them."""
    return [name for name in files.OPTIONAL if name not in made and (folder / name).exists()]


def _files(workload: Workload) -> dict[str, bytes]:
    """Every file of a workload by name, and last the list of their SHA-256, as `sha256sum -c` reads it."""
    with TemporaryDirectory(prefix="workbench-build-") as scratch:
        saved = Path(scratch, "made")
        files.save(workload, saved)
        made = {path.name: path.read_bytes() for path in sorted(saved.iterdir())}
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in made.items())
    return {**made, CHECKSUMS: sums.encode()}


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
        classification=text.classification,
        language=text.language,
        date=text.date,
        hostile=text.hostile,
    )


def _users(tenant: Tenant, roles: Sequence[Role]) -> list[User]:
    every = (role for role in roles for _ in range(role.users))
    return [
        User(f"{tenant.id}/user-{number:03}", tenant.id, (role.name,), role.clearance, role.personal_data)
        for number, role in enumerate(every, 1)
    ]


def _asked(manuscripts: Sequence[Manuscript]) -> dict[str, tuple[str, Ask]]:
    """Every question by its id, with the tenant whose file holds it; an id stands once."""
    asked: dict[str, tuple[str, Ask]] = {}
    for one in manuscripts:
        for ask in one.questions:
            name = _name(one.tenant.id, ask)
            if name in asked:
                said = f"question {ids.shown(ask.id)} is there already, in {asked[name][1].path.name}; rename it"
                raise BadInput(f"{ask.path}: {said}.")
            asked[name] = one.tenant.id, ask
    return asked


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
