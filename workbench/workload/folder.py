"""A folder of .md and .txt files in, a workload out: a sub-folder is a tenant, a file a document.

Files at the top belong to the tenant `default`; what lies deeper belongs to the first level. A document's id is its
path. Questions are read from questions.jsonl at the top, where it exists: `tenant` and `text`, and if known `answers`
and `documents` (paths).
"""

import os
from collections.abc import Iterator
from pathlib import Path

from workbench.errors import BadInput
from workbench.workload import foreign, jsonl
from workbench.workload.draft import Draft, Imported
from workbench.workload.foreign import plain
from workbench.workload.tally import Tally

SUFFIXES = (".md", ".txt")
QUESTIONS = "questions.jsonl"


def read(source: Path, *, limit: int | None = None) -> Imported:
    """Import a folder of text files.

    Args:
        source: the folder. Line ends become line feeds, as Python's own text files do; a byte order mark goes; nothing
            else is changed.
        limit: at most as many questions, spread evenly over the tenants; all documents are kept.

    Raises:
        BadInput: it is not a folder, or holds no file that can be used.
    """
    if not source.is_dir():
        said = "is not a folder" if source.exists() else "is not there"
        raise BadInput(f"{source} {said}; name a folder with a sub-folder of .md or .txt files for every tenant.")
    draft = Draft(source)
    for key, path in _texts(source, draft.tally):
        top = key.split("/")[0] if "/" in key else jsonl.DEFAULT
        try:
            text = foreign.decoded(foreign.whole(path), draft.tally, key)
        except BadInput:
            draft.tally.add("files that cannot be read, skipped", key)
            continue
        if "\r" in text:
            draft.tally.add("files with carriage returns, made line feeds", key)
        draft.document(key, draft.tenant(top), text.replace("\r\n", "\n").replace("\r", "\n"))
    if (source / QUESTIONS).is_file():
        _take_questions(draft, source / QUESTIONS)
    name = source.resolve().name
    example = '{"tenant": "…", "text": "…", "answers": ["…"], "documents": ["path/of/file.md"]}'
    advice = f"put {QUESTIONS} into {source}, {example} a line, answers and documents where known, and import again"
    return draft.finish(name, f"Imported from the folder {name}; licence not stated.", limit, advice)


def _take_questions(draft: Draft, path: Path) -> None:
    by_id = {tenant.id: key for key, tenant in draft.tenants.items()}
    for _, row in foreign.objects(path, draft.tally):
        # A tenant may be called by its folder or by the id that was made of it, a document with or without the folder.
        name = plain(row.get("tenant")).strip() or jsonl.DEFAULT
        tenant = name if name in draft.tenants else by_id.get(name, name)
        paths = jsonl.listed(row.get("documents"))
        inside = [f"{tenant}/{document}" for document in paths]
        named = [long if long in draft.documents else short for short, long in zip(paths, inside, strict=True)]
        row |= {"tenant": tenant, "documents": named}
        jsonl.ask(draft, row, plain(row.get("id")).strip())


def _texts(source: Path, tally: Tally) -> Iterator[tuple[str, Path]]:
    """Key and path of every text file, sorted; everything else is counted."""
    root = source.resolve()

    def refused(error: OSError) -> None:
        tally.add("folders that cannot be read, skipped", str(error.filename))

    for folder, names, files in os.walk(root, onerror=refused):
        for name in sorted(names):
            key = Path(folder, name).relative_to(root).as_posix()
            if name.startswith("."):
                tally.add("hidden files and folders, skipped", key)
            elif os.path.islink(os.path.join(folder, name)):
                # One that leads upwards would never end.
                tally.add("linked folders, not followed", key)
        names[:] = sorted(name for name in names if not name.startswith("."))
        for name in sorted(files):
            path = Path(folder, name)
            if key := _taken(path, root, tally):
                yield key, path


def _taken(path: Path, root: Path, tally: Tally) -> str:
    """The key of a file that is to be read, or nothing."""
    key = path.relative_to(root).as_posix()
    if path == root / QUESTIONS:
        return ""
    if path.name.startswith("."):
        tally.add("hidden files and folders, skipped", key)
    elif not Path(os.path.realpath(path)).is_relative_to(root):
        tally.add("links that leave the folder, skipped", key)
    elif path.suffix.lower() not in SUFFIXES:
        tally.add(f"files of other kinds, not read ({path.suffix.lower() or 'no suffix'})", key)
    elif not path.is_file():
        tally.add("what is no regular file, skipped", key)
    else:
        return key
    return ""
