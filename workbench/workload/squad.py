"""SQuAD JSON, v1.1 or v2.0, gzipped or not, in; a workload out: an article is a tenant, a paragraph a document.

A paragraph's id is `<tenant>/<its number in the article>`, from 0. The gold evidence of a question is its paragraph
with the places of all annotators' answers. Where `answer_start` does not lead to the answer, the nearest occurrence
counts.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workbench.errors import BadInput
from workbench.records import Document, Tenant
from workbench.workload import foreign, spans
from workbench.workload.draft import Draft, Imported
from workbench.workload.foreign import plain
from workbench.workload.tally import Tally

ANSWERABLE, UNANSWERABLE = "answerable", "unanswerable"
"""Kinds of gold. What SQuAD v2.0 calls impossible must be declined: its gold has no answers and no evidence."""


def read(source: Path, *, limit: int | None = None) -> Imported:
    """Import a SQuAD file.

    Args:
        source: a .json file in SQuAD's layout, or the same gzipped.
        limit: at most as many questions, spread evenly over the articles; all documents are kept.

    Raises:
        BadInput: the file is not there, not JSON, not of SQuAD's layout, or holds no paragraph.
    """
    draft = Draft(source)
    version, articles = _articles(source, draft.tally)
    # A v2.0 file that lost its flags still says "unanswerable" by an empty list; in v1.1 it is a hole in the file.
    second = version.lower().removeprefix("v").startswith("2")
    for number, article in enumerate(articles):
        title = plain(article.get("title")).replace("_", " ").strip()
        tenant = draft.tenant(str(number), like=title or "untitled")
        for place, paragraph in enumerate(_objects(article, "paragraphs", draft.tally)):
            key = f"{tenant.id}/{place:04}"
            document = draft.document(key, tenant, plain(paragraph.get("context")))
            for turn, asked in enumerate(_objects(paragraph, "qas", draft.tally)):
                if document is None:
                    draft.tally.add("questions of a paragraph that was left out", key)
                else:
                    _ask(draft, tenant, document, asked, f"{key}/q{turn}", second)
    name = source.name.removesuffix(".gz").removesuffix(".json")
    return draft.finish(name, f"Imported from the SQuAD file {source.name}; its publisher states the licence.", limit)


def _ask(draft: Draft, tenant: Tenant, document: Document, asked: dict[str, Any], fallback: str, second: bool) -> None:
    key = plain(asked.get("id")).strip()
    if not key or key in draft.questions:
        draft.tally.add("questions without an id of their own, given one", key or fallback)
        key = fallback
    question = draft.question(key, tenant, plain(asked.get("question")))
    if question is None:
        return
    answers = list(_objects(asked, "answers", draft.tally))
    if asked.get("is_impossible", second and not answers) is True:
        draft.judge(question, answers=_texts(answers), answerable=False, kind=UNANSWERABLE)
    elif answers:
        evidence = [(document, _places(draft, document, answers, key), 1)]
        draft.judge(question, answers=_texts(answers), evidence=evidence, kind=ANSWERABLE)
    else:
        draft.judge(question)


def _texts(answers: list[dict[str, Any]]) -> list[str]:
    return [plain(answer.get("text")) for answer in answers]


def _places(draft: Draft, document: Document, answers: list[dict[str, Any]], key: str) -> list[spans.Span]:
    found = []
    for answer in answers:
        text, start = plain(answer.get("text")), answer.get("answer_start")
        if not text.strip():
            draft.tally.add("empty answers, left out", key)
            continue
        place = spans.nearest(document.text, text, start if type(start) is int else -1)
        if place is None:
            draft.tally.add("answers not found in their paragraph, kept without a place", key)
            continue
        if place[0] != start:
            draft.tally.add("answers not where the file says, placed at the nearest occurrence", key)
        found.append(place)
    return found


def _articles(source: Path, tally: Tally) -> tuple[str, list[dict[str, Any]]]:
    if source.is_dir():
        raise BadInput(f"{source} is a folder; name the SQuAD .json or .json.gz file.")
    try:
        content = json.loads(foreign.decoded(foreign.whole(source), tally, source.name), strict=False)
    except json.JSONDecodeError as error:
        raise BadInput(
            f"{source}, line {error.lineno}, column {error.colno}: is not JSON ({error.msg}); name a SQuAD file."
        ) from None
    except (ValueError, RecursionError):
        raise BadInput(f"{source} is JSON nested too deeply or with too long a number; name a SQuAD file.") from None
    if not isinstance(content, dict) or not isinstance(content.get("data"), list):
        raise BadInput(f'{source} has no list "data" of articles, as SQuAD files have; name one that has.')
    return plain(content.get("version")), list(_objects(content, "data", tally))


def _objects(holder: dict[str, Any], name: str, tally: Tally) -> Iterator[dict[str, Any]]:
    values = holder.get(name)
    for value in values if isinstance(values, list) else []:
        if isinstance(value, dict):
            yield value
        else:
            tally.add(f'entries of "{name}" that are not objects, left out')
