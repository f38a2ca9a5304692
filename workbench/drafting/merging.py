"""A workload and a reviewed file in, the workload with the drafts that were taken out. All rows are right or none is.

A draft is known by its id: taken twice it is there once; taken unreviewed and reviewed later, it is replaced.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from workbench.drafting import checking
from workbench.drafting.candidate import Candidate, Reviewed, canonical
from workbench.drafting.quotes import places, stands
from workbench.errors import BadInput
from workbench.records import Document, Evidence, Gold, Question, Workload
from workbench.workload import ids
from workbench.workload.identity import workload_of
from workbench.workload.spans import Span


@dataclass(frozen=True, slots=True)
class Merged:
    """A workload with drafts, and what became of the rows."""

    workload: Workload
    counts: Mapping[str, int]
    """What became of a row -> rows."""


class _Wrong(Exception):
    """What is wrong with a row."""


def merge(workload: Workload, rows: Sequence[Reviewed], path: str, keep_drafted: bool = False) -> Merged:
    """Take reviewed drafts into a workload.

    Args:
        workload: its questions, users, planted values and log stay.
        rows: of a review file. `ok` takes a row as it was drafted, `edit` as it stands now, `no` drops it.
        path: of that file, for sentences.
        keep_drafted: rows without a verdict are taken too, marked as drafted; else they are left out.

    Raises:
        BadInput: a row cannot be taken; names the first and counts the others.
    """
    session = _Session(workload, keep_drafted)
    problems: list[tuple[int, str]] = []
    for row in rows:
        try:
            session.take(row)
        except (_Wrong, checking.Rejected) as wrong:
            problems.append((row.row, str(wrong)))
    if problems:
        number, said = problems[0]
        others = ", ".join(str(other) for other, _ in problems[1:])
        more = f" (also wrong: {'rows' if len(problems) > 2 else 'row'} {others})" if others else ""
        raise BadInput(f"{path}, row {number}: {said}; mend the row and write edit, or write no.{more}")
    return session.merged()


class _Session:
    """The workload as it grows row by row."""

    def __init__(self, workload: Workload, keep_drafted: bool) -> None:
        self._workload, self._keep = workload, keep_drafted
        # A cell holds what is printable of an id.
        self._documents = {(one.tenant, canonical(one.id)): one for one in workload.documents}
        self._questions = {one.id: one for one in workload.questions}
        self._gold = dict(workload.gold)
        self._known = checking.Known(workload.questions)
        self._counts: Counter[str] = Counter()

    def take(self, row: Reviewed) -> None:
        self._counts[self._done(row)] += 1

    def merged(self) -> Merged:
        old = self._workload
        workload = workload_of(
            name=old.name,
            tenants=old.tenants,
            documents=old.documents,
            questions=self._questions.values(),
            gold=self._gold.values(),
            source=old.source,
            users=old.users,
            planted=old.planted,
            log=old.log,
        )
        return Merged(workload, dict(self._counts))

    def _done(self, row: Reviewed) -> str:
        """Take a row; what became of it."""
        id, verdict = row.candidate.id, row.verdict
        there = self._gold.get(id)
        drafted = there is not None and there.drafted
        if verdict == "no":
            if drafted:
                del self._questions[id], self._gold[id]
                return "taken before without a review, now removed"
            return "dropped"
        if id in self._questions and (not drafted or not verdict):
            return "there already"
        if not verdict and not self._keep:
            return "without a verdict, left out"
        question, gold = self._made(row)
        other = self._known.find(question.tenant, question.text)
        if other and other != id:
            return "asked already by another question, left out"
        self._questions[id], self._gold[id] = question, gold
        self._known.add(question.tenant, question.text, id)
        if not verdict:
            return "kept as drafted, not reviewed"
        return "reviewed, taken as drafted" if verdict == "ok" else "reviewed, taken as edited"

    def _made(self, row: Reviewed) -> tuple[Question, Gold]:
        one = row.candidate
        if row.verdict != "edit" and not row.untouched:
            said = "question, answer or quote is not as it was drafted (a spreadsheet may have changed it)"
            raise _Wrong(said)
        document = self._documents.get((one.tenant, one.document))
        if document is None or document.hostile:
            raise _Wrong(f"{ids.shown(one.document)} is no honest document of tenant {ids.shown(one.tenant)}")
        spans = _spans(one, document)
        checking.check(one.question, one.answer, one.quote, one.derived)
        first = " ".join(document.text[slice(*spans[0])].split())
        asked = self._questions.get(one.id, Question(one.id, one.tenant, "", language=document.language))
        gold = Gold(
            question=one.id,
            answers=(one.answer,),
            evidence=(Evidence(document.id, spans),),
            kind="" if ids.fault(one.kind) else one.kind,
            support=() if stands(one.answer, one.quote) else (first,),
            drafted=not row.verdict,
        )
        return replace(asked, text=one.question), gold


def _spans(one: Candidate, document: Document) -> tuple[Span, ...]:
    """Where the quote stands: in its passage, wherever the document says that, or else once in the document."""
    found: list[Span] = []
    for start, end in places(one.passage, document.text):
        inside = places(one.quote, document.text[start:end])
        if len(inside) == 1:
            found.append((start + inside[0][0], start + inside[0][1]))
    if not found:
        found = places(one.quote, document.text)
        if len(found) != 1:
            said = f"the quote {ids.shown(one.quote)} stands {len(found)} times in {ids.shown(document.id)}"
            raise _Wrong(f"{said}, not once")
    return tuple(sorted(set(found)))
