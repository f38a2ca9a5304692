"""A folder of texts, PDFs, Word files and HTML pages in, a workload out: a sub-folder is a tenant, a file a document.

Files at the top belong to the tenant `default`; what lies deeper belongs to the first level. A document's id and source
is its path; its marks say where pages and sections begin. What cannot be read is counted and named, and the rest is
imported. Questions are read from questions.jsonl at the top, where it exists: `tenant` and `text`, and if known
`answers` and `documents` (paths).
"""

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

from workbench.errors import BadInput
from workbench.records import Mark
from workbench.workload import extraction, foreign, jsonl, markdown
from workbench.workload.draft import Draft, Imported
from workbench.workload.extracted import Extracted, Unreadable
from workbench.workload.foreign import plain
from workbench.workload.tally import Tally

TEXTS = (".md", ".txt")
SUFFIXES = (*TEXTS, *extraction.MODULES)
QUESTIONS = "questions.jsonl"

_OTHERS = {
    ".doc": "old Word files, not read (save them as .docx)",
    ".dot": "old Word files, not read (save them as .docx)",
    ".rtf": "RTF files, not read (save them as .docx)",
    ".odt": "OpenDocument files, not read (save them as .docx)",
    ".mhtml": "web archives, not read (save the pages as .html)",
    ".mht": "web archives, not read (save the pages as .html)",
}
"""What to do about files that are texts as well."""


def read(source: Path, *, limit: int | None = None) -> Imported:
    """Import a folder of files.

    Args:
        source: the folder. In .md and .txt line ends become line feeds, as Python's own text files do; a byte order
            mark goes; nothing else is changed. Of the others the text is taken: paragraphs parted by blank lines,
            tables as `| a | b |`.
        limit: at most as many questions, spread evenly over the tenants; all documents are kept.

    Raises:
        BadInput: it is not a folder, or holds no file that can be used.
    """
    if not source.is_dir():
        said = "is not a folder" if source.exists() else "is not there"
        raise BadInput(f"{source} {said}; name a folder with a sub-folder of files for every tenant.")
    draft = Draft(source)
    with extraction.Extraction() as reader:
        for key, path in _files(source, draft.tally):
            try:
                taken = _text(path, draft.tally, key) if path.suffix.lower() in TEXTS else reader.read(path)
            except Unreadable as error:
                draft.tally.add(str(error), key)
                continue
            except (BadInput, OSError):
                draft.tally.add(extraction.NO_ACCESS, key)
                continue
            for note in taken.notes:
                draft.tally.add(note.what, f"{key}, {note.where}" if note.where else key)
            _take(draft, key, taken)
    if (source / QUESTIONS).is_file():
        _take_questions(draft, source / QUESTIONS)
    name = source.resolve().name
    example = '{"tenant": "…", "text": "…", "answers": ["…"], "documents": ["path/of/file.md"]}'
    advice = f"put {QUESTIONS} into {source}, {example} a line, answers and documents where known, and import again"
    return draft.finish(name, f"Imported from the folder {name}; licence not stated.", limit, advice)


def _take(draft: Draft, key: str, taken: Extracted) -> None:
    top = key.split("/")[0] if "/" in key else jsonl.DEFAULT
    # A name may hold half characters, which no workload can.
    draft.document(key, draft.tenant(top), taken.text, taken.title, source=plain(key), marks=taken.marks)


def _text(path: Path, tally: Tally, key: str) -> Extracted:
    """A file that is text already."""
    text = foreign.decoded(_bounded(path), tally, key)
    if "\r" in text:
        tally.add("files with carriage returns, made line feeds", key)
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    title, marks = markdown.read(text) if path.suffix.lower() == ".md" else ("", tuple[Mark, ...]())
    return Extracted(text, title, marks)


def _bounded(path: Path) -> bytes:
    """All bytes of a file, unzipped where it is gzipped; a gigabyte of blanks is a megabyte there."""
    most = extraction.MOST_BYTES
    size = path.stat().st_size
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if zipped and size <= most:
            with gzip.GzipFile(fileobj=file) as unzipped:
                while size <= most and (chunk := unzipped.read(1_000_000)):
                    size += len(chunk)
    if size > most:
        raise Unreadable(f"files of more than {most // 1_000_000} MB, skipped (split them)")
    return foreign.whole(path)


def _take_questions(draft: Draft, path: Path) -> None:
    by_id = {tenant.id: key for key, tenant in draft.tenants.items()}
    for number, row in foreign.objects(path, draft.tally):
        # A tenant may be called by its folder or by the id that was made of it, a document with or without the folder.
        name = plain(row.get("tenant")).strip() or jsonl.DEFAULT
        tenant = name if name in draft.tenants else by_id.get(name, name)
        paths = jsonl.listed(row.get("documents"))
        inside = [f"{tenant}/{document}" for document in paths]
        named = [long if long in draft.documents else short for short, long in zip(paths, inside, strict=True)]
        row |= {"tenant": tenant, "documents": named}
        jsonl.ask(draft, row, plain(row.get("id")).strip(), number)


def _files(source: Path, tally: Tally) -> Iterator[tuple[str, Path]]:
    """Key and path of every file that can be read, sorted; everything else is counted."""
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
    elif path.name.startswith("~$"):
        tally.add("locks that Word leaves while a file is open, skipped", key)
    elif (suffix := path.suffix.lower()) not in SUFFIXES:
        tally.add(_OTHERS.get(suffix, f"files of other kinds, not read ({suffix or 'no suffix'})"), key)
    elif not path.is_file():
        tally.add("what is no regular file, skipped", key)
    else:
        return key
    return ""
