"""A folder in, a `Workload` out, and back. Reading is strict: what is wrong is told with its file, line and field."""

import os
import secrets
import shutil
import tomllib
from collections.abc import Callable, Iterable, Iterator
from json import dumps
from pathlib import Path
from typing import TypeVar

import orjson

from workbench.errors import BadInput, Infrastructure
from workbench.records import Document, Tenant, Workload
from workbench.workload import checks, fields, ids
from workbench.workload.identity import Record, row, workload_of

SCHEMA = 1
"""Version of the files' form that this code writes; an older one is read, a newer one refused."""

REQUIRED = ("workload.toml", "tenants.jsonl", "documents.jsonl", "questions.jsonl", "gold.jsonl")
OPTIONAL = ("users.jsonl", "planted.jsonl", "log.jsonl")
"""Files that are there only where they hold something."""

MOST_PROBLEMS = 20
"""A file is given up after as many bad lines."""

Kept = TypeVar("Kept", bound=Record)


def load(path: str | Path) -> Workload:
    """Read a workload's folder and check every line of it.

    Args:
        path: holds workload.toml, tenants.jsonl, documents.jsonl, questions.jsonl and gold.jsonl, and may hold
            users.jsonl, planted.jsonl and log.jsonl; what else lies there is not read. A workload without questions is
            fit to be loaded, though there is nothing to run.

    Returns:
        Records sorted by id, so that neither their order nor the line ends of the files matter.

    Raises:
        BadInput: something is missing or wrong; tells the first problem and counts the others of that file.
    """
    folder = Path(path)
    if not os.path.isdir(folder):  # unlike Path's, it takes any name at all
        said = "is not a folder" if os.path.exists(folder) else "is not there"
        raise BadInput(f"{folder} {said}; name the folder of a workload, or make one with `workbench import`.")
    if not (folder / "workload.toml").exists():
        kind = "is an experiment's folder; name its workload" if (folder / "experiment.json").exists() else ""
        said = f"make one of your texts: `workbench import folder {folder} --out NEW`"
        raise BadInput(f"{folder} {kind or 'holds no workload.toml, so it is no workload; ' + said}.")
    name, source = _header(folder / "workload.toml")
    tenants, lines = _table(folder / "tenants.jsonl", "id", checks.tenant)
    documents, _ = _table(folder / "documents.jsonl", "id", lambda line: checks.document(line, tenants))
    _all_have_documents(folder, tenants, lines, documents)
    users = _optional(folder / "users.jsonl", "id", lambda line: checks.user(line, tenants))
    questions, _ = _table(folder / "questions.jsonl", "id", lambda line: checks.question(line, tenants, users))
    gold, _ = _table(folder / "gold.jsonl", "question", lambda line: checks.gold(line, questions, documents))
    planted = _optional(folder / "planted.jsonl", "id", lambda line: checks.planted(line, tenants, documents))
    log = _optional(folder / "log.jsonl", "id", lambda line: checks.asked(line, users, questions))
    return workload_of(
        name=name,
        tenants=tenants.values(),
        documents=documents.values(),
        questions=questions.values(),
        gold=gold.values(),
        source=source,
        users=users.values(),
        planted=planted.values(),
        log=log.values(),
    )


def save(workload: Workload, folder: str | Path) -> None:
    """Write a workload's folder whole or not at all, and only if `load` takes it.

    Args:
        workload: what to write.
        folder: must be absent or empty; parents are made.

    Raises:
        BadInput: the folder is taken or may not be written, or the workload is not fit to be loaded again.
        Infrastructure: the disk is full or fails.
    """
    target = Path(folder).resolve()
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise BadInput(f"{folder} exists and is not an empty folder; choose another --out.")
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".workload-{secrets.token_hex(4)}")
        try:
            # A company's own documents: until somebody opens it for others, as with a run's texts.
            draft.mkdir(mode=0o700)
            _write(workload, draft)
            _read_back(workload, draft, target)
            if target.exists():
                draft.chmod(target.stat().st_mode)
                target.rmdir()
            draft.rename(target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except (PermissionError, FileExistsError, NotADirectoryError) as error:
        raise BadInput(f"{folder} cannot be written ({error.strerror}); choose another --out.") from error
    except OSError as error:
        raise Infrastructure(f"{folder} could not be written ({error.strerror}); mend that and try again.") from error


# ---- reading ---------------------------------------------------------------------------------------------------------


def _header(path: Path) -> tuple[str, str]:
    """The name and the source sentence of workload.toml."""
    try:
        values = tomllib.loads(b"".join(line for _, line in _lines(path)).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} is not TOML in UTF-8 ({error}); mend that place.") from None
    schema = values.get("schema", SCHEMA)
    if type(schema) is int and schema > SCHEMA:
        said = f"has the newer value {schema}, and this version reads up to {SCHEMA}"
        raise BadInput(f'{path}, field "schema": {said}; use a newer workbench.')
    try:
        fields.only(values, ("name", "schema"), ("source",))
        if type(schema) is not int or schema < 1:
            raise fields.Wrong("schema", f"is {ids.shown(schema)}; write {SCHEMA}")
        return fields.identifier(values, "name"), fields.string(values, "source", "")
    except fields.Wrong as wrong:
        raise BadInput(f'{path}, field "{wrong.field}": {wrong}.') from None


def _table(path: Path, key: str, parse: Callable[[fields.Row], Kept]) -> tuple[dict[str, Kept], dict[str, int]]:
    """Every record of a file by its key, and the line of each."""
    records: dict[str, Kept] = {}
    lines: dict[str, int] = {}
    problems: list[str] = []
    for number, line in _lines(path):
        if not line.strip():
            continue
        try:
            record = parse(checks.row(line))
            name = str(getattr(record, key))
            if name in lines:
                raise fields.Wrong(key, f"is {ids.shown(name)}, as on line {lines[name]} already; keep one of the two")
            records[name], lines[name] = record, number
        except fields.Wrong as wrong:
            field = f', field "{wrong.field}"' if wrong.field else ""
            problems.append(f"{path}, line {number}{field}: {wrong}")
            if len(problems) == MOST_PROBLEMS:
                break
    if problems:
        raise BadInput(_first(problems))
    return records, lines


def _optional(path: Path, key: str, parse: Callable[[fields.Row], Kept]) -> dict[str, Kept]:
    """Every record of a file that need not be there."""
    return _table(path, key, parse)[0] if path.exists() else {}


def _first(problems: list[str]) -> str:
    others = len(problems) - 1
    if not others:
        return f"{problems[0]}."
    count = f"at least {others}" if len(problems) == MOST_PROBLEMS else str(others)
    return f"{problems[0]} ({count} more bad {'line' if others == 1 else 'lines'} in this file; mend this one first)."


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers from 1; they end at a line feed and nowhere else."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if number == 1 and line.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
                    said = "begins with a byte order mark; save it as UTF-8 without one"
                    raise BadInput(f"{path}, line 1: {said}.")
                yield number, line
    except FileNotFoundError:
        raise BadInput(f"{path} is not there; make it, empty if there is nothing to put in it.") from None
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}); put a readable file there.") from None


def _all_have_documents(
    folder: Path, tenants: dict[str, Tenant], lines: dict[str, int], documents: dict[str, Document]
) -> None:
    if not documents:
        raise BadInput(f"{folder / 'documents.jsonl'} holds no document; add one.")
    filled = {document.tenant for document in documents.values()}
    for tenant in tenants:
        if tenant not in filled:
            where = f'{folder / "tenants.jsonl"}, line {lines[tenant]}, field "id"'
            raise BadInput(f"{where}: {ids.shown(tenant)} has no document; add one or remove the tenant.")


# ---- writing ---------------------------------------------------------------------------------------------------------


def _write(workload: Workload, folder: Path) -> None:
    quoted = {"name": workload.name, "schema": SCHEMA, "source": workload.source}
    # A JSON string is a TOML string too, but for DEL, which TOML wants escaped.
    header = "".join(f"{key} = {dumps(value, ensure_ascii=False)}\n" for key, value in quoted.items())
    (folder / "workload.toml").write_bytes(header.replace("\x7f", "\\u007f").encode("utf-8", "replace"))
    _write_lines(folder / "tenants.jsonl", workload.tenants)
    _write_lines(folder / "documents.jsonl", workload.documents)
    _write_lines(folder / "questions.jsonl", workload.questions)
    _write_lines(folder / "gold.jsonl", workload.gold.values())
    tables: tuple[tuple[Record, ...], ...] = (workload.users, workload.planted, workload.log)
    for name, records in zip(OPTIONAL, tables, strict=True):
        if records:
            _write_lines(folder / name, records)


def _write_lines(path: Path, records: Iterable[Record]) -> None:
    with path.open("wb") as file:
        file.writelines(orjson.dumps(row(record)) + b"\n" for record in records)
        file.flush()
        os.fsync(file.fileno())


def _read_back(workload: Workload, draft: Path, target: Path) -> None:
    """Nothing leaves here that `load` would refuse, or read as something else."""
    try:
        same = load(draft).hash == workload.hash
    except BadInput as error:
        raise BadInput(f"The workload cannot be written: {error}".replace(str(draft), str(target))) from None
    if not same:
        raise BadInput(f"The workload for {target} does not carry the hash of its records; build it with workload_of.")
