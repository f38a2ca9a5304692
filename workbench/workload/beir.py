"""A BEIR folder in, a workload out: corpus.jsonl, queries.jsonl and qrels/*.tsv.

A document's text is its title and text joined by a space. `metadata.tenant` says whose a document or query is; where
no document has one there is one tenant, `all`. As in BEIR's own evaluation, only queries with a row in the qrels are
asked; one whose rows name no relevant document that can be used is kept and not scored. Every score above 0 is relevant
alike.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from workbench.errors import BadInput
from workbench.records import Question, Tenant
from workbench.workload import foreign
from workbench.workload.draft import Draft, Imported
from workbench.workload.foreign import plain
from workbench.workload.tally import Tally

ALL = "all"
"""The tenant of documents that name none."""

COLUMNS = ("query-id", "corpus-id", "score")

Qrels = dict[str, dict[str, float]]
"""Score by document by query."""


def read(source: Path, *, limit: int | None = None) -> Imported:
    """Import a BEIR folder.

    Args:
        source: holds corpus.jsonl, queries.jsonl and the folder qrels; of its .tsv files test.tsv is read where it is
            there, else all of them.
        limit: at most as many questions, spread evenly over the tenants; all documents are kept.

    Raises:
        BadInput: corpus.jsonl or queries.jsonl is not there, or no document can be used.
    """
    for name in ("corpus.jsonl", "queries.jsonl"):
        if not (source / name).is_file():
            raise BadInput(f"{source} holds no {name}; name a folder with corpus.jsonl, queries.jsonl and qrels/.")
    draft = Draft(source)
    _take_corpus(draft, source / "corpus.jsonl")
    qrels = _read_qrels(draft, source / "qrels")
    for number, row in foreign.objects(source / "queries.jsonl", draft.tally):
        key = plain(row.get("_id")).strip()
        if not key:
            draft.tally.add("queries without _id, left out", f"queries.jsonl:{number}")
        elif qrels is not None and key not in qrels:
            draft.tally.add("queries without a row in the qrels, left out as BEIR does", key)
        else:
            _ask(draft, key, row, qrels)
    for key in (qrels or {}).keys() - draft.questions.keys():
        draft.tally.add("queries of the qrels that are not asked", key)
    said = f"Imported from the BEIR folder {source.resolve().name}; its publisher states the licence."
    return draft.finish(source.resolve().name, said, limit)


def _take_corpus(draft: Draft, path: Path) -> None:
    without: list[str] = []
    for number, row in foreign.objects(path, draft.tally):
        key = plain(row.get("_id")).strip()
        if not key:
            draft.tally.add("documents without _id, left out", f"{path.name}:{number}")
            continue
        tenant = _tenant_name(row)
        if not tenant:
            without.append(key)
        draft.document(key, draft.tenant(tenant or ALL), f"{plain(row.get('title'))} {plain(row.get('text'))}".strip())
    if draft.tenants.keys() - {ALL}:
        for key in without:
            draft.tally.add(f"documents without a tenant among others with one, put under {ALL}", key)


def _tenant_name(row: dict[str, Any]) -> str:
    metadata = row.get("metadata")
    return plain(metadata.get("tenant")).strip() if isinstance(metadata, dict) else ""


def _ask(draft: Draft, key: str, row: dict[str, Any], qrels: Qrels | None) -> None:
    relevant = {document: score for document, score in (qrels or {}).get(key, {}).items() if score > 0}
    tenant = _tenant_of_query(draft, key, _tenant_name(row), relevant)
    question = draft.question(key, tenant, plain(row.get("text"))) if tenant else None
    if question:
        _judge(draft, question, relevant)


def _judge(draft: Draft, question: Question, relevant: Mapping[str, float]) -> None:
    found = ((draft.find(document, question), score) for document, score in relevant.items())
    draft.judge(question, evidence=[(document, (), max(1, round(score))) for document, score in found if document])


def _tenant_of_query(draft: Draft, key: str, named: str, relevant: Iterable[str]) -> Tenant | None:
    """The query's own, else that of its relevant documents, else the only one there is."""
    if named:
        if named not in draft.tenants:
            draft.tally.add("queries of a tenant without documents, left out", key)
        return draft.tenants.get(named)
    known = (draft.documents[document].tenant for document in relevant if document in draft.documents)
    owners = Counter(known)
    if len(owners) > 1:
        draft.tally.add("queries without a tenant whose documents have several, given the most frequent", key)
    if owners:
        return draft.tenant_of(owners.most_common(1)[0][0])
    if len(draft.tenants) == 1:
        return next(iter(draft.tenants.values()))
    draft.tally.add("queries whose tenant nothing tells, left out", key)
    return None


# ---- qrels -----------------------------------------------------------------------------------------------------------


def _read_qrels(draft: Draft, folder: Path) -> Qrels | None:
    """Scores of the split that is evaluated; None: there are no qrels, and nothing is scored."""
    files = sorted(path for path in folder.glob("*.tsv") if path.is_file()) if folder.is_dir() else []
    if not files:
        draft.tally.remark("There is no qrels/*.tsv: all queries are asked and none is scored.")
        return None
    test = [path for path in files if path.name == "test.tsv"]
    others = ", ".join(path.name for path in files if path not in test)
    if test and others:
        draft.tally.remark(f"Judged by qrels/test.tsv; not read: {others}.")
    elif not test:
        draft.tally.remark(f"There is no qrels/test.tsv; judged by all of: {others}.")
    qrels: Qrels = {}
    for path in test or files:
        _take_qrels(draft, path, qrels)
    return qrels


def _take_qrels(draft: Draft, path: Path, qrels: Qrels) -> None:
    for where, query, document, score in _rows(draft, path):
        scores = qrels.setdefault(query, {})
        if document in scores:
            draft.tally.add("qrels rows of one pair, the highest score taken", where)
        scores[document] = max(score, scores.get(document, score))


def _rows(draft: Draft, path: Path) -> Iterator[tuple[str, str, str, float]]:
    """Place, query, document and score of every row."""
    columns: tuple[int, ...] = (0, 1, 2)
    width = len(columns)
    for count, (number, line) in enumerate(foreign.lines(path, draft.tally)):
        cells = [cell.strip() for cell in line.split("\t")]
        where = f"{path.name}:{number}"
        if count == 0 and _is_header(cells):
            columns, width = _columns(cells, where, draft.tally), len(cells)
            continue
        if len(cells) > width:
            draft.tally.add("qrels rows with extra columns, which are not read", where)
        if len(cells) <= max(columns):
            draft.tally.add("qrels rows with too few columns, left out", where)
            continue
        query, document = cells[columns[0]], cells[columns[1]]
        score = _number(cells[columns[2]]) if len(columns) > 2 else 1.0
        if score is None:
            draft.tally.add("qrels rows whose score is not a number, left out", where)
        else:
            yield where, query, document, score


def _is_header(cells: list[str]) -> bool:
    return set(COLUMNS[:2]) <= set(cells) or _number(cells[-1]) is None


def _columns(header: list[str], where: str, tally: Tally) -> tuple[int, ...]:
    """Where query, document and score stand; without a score every row is relevant."""
    if not set(COLUMNS[:2]) <= set(header):
        tally.add(f"qrels headers other than {', '.join(COLUMNS)}, whose columns are taken in this order", where)
        return 0, 1, 2
    if COLUMNS[2] not in header:
        tally.add("qrels without a score, every row taken as relevant", where)
    return tuple(header.index(name) for name in COLUMNS if name in header)


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None
