"""A workload in the making: importers put in what they find; what is usable is taken, the rest is counted."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import BadInput
from workbench.nouns import counted
from workbench.records import Document, Evidence, Gold, Mark, Question, Tenant, Workload
from workbench.workload import ids
from workbench.workload.foreign import plain
from workbench.workload.identity import workload_of
from workbench.workload.spans import Span, joined
from workbench.workload.tally import Met, Tally


@dataclass(frozen=True, slots=True)
class Imported:
    """What an importer hands back: a workload that `save` takes, and what was met on the way."""

    workload: Workload
    met: tuple[Met, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What was met, one plain line each."""
        return tuple(str(met) for met in self.met)


class Draft:
    """Tenants, documents and questions by the keys of the foreign files, with ids that are fit here.

    Attributes:
        tally: what was met and could not simply be taken.
        tenants: by foreign key.
        documents: by foreign key, those that are not empty.
        questions: by foreign key, those that are not empty.
    """

    def __init__(self, source: Path) -> None:
        self.tally = Tally()
        self.tenants: dict[str, Tenant] = {}
        self.documents: dict[str, Document] = {}
        self.questions: dict[str, Question] = {}
        self._source = source
        self._tenants: dict[str, Tenant] = {}
        self._gold: dict[str, Gold] = {}
        self._empty: set[str] = set()
        self._tenant_ids = ids.Claims(ids.slug, limit=63)
        self._document_ids = ids.Claims(ids.safe)
        self._question_ids = ids.Claims(ids.safe)

    def tenant(self, key: str, *, like: str = "", name: str = "") -> Tenant:
        """The tenant of a key, made when it is new.

        Args:
            key: what the foreign files call it.
            like: what its id is made of, if not of the key.
            name: if not as its id.
        """
        if key not in self.tenants:
            label = " ".join((name or like or key).split()) or "unnamed"
            made = Tenant(self._tenant_ids.claim(like or key), ids.safe(label))
            self.tenants[key] = self._tenants[made.id] = made
        return self.tenants[key]

    def tenant_of(self, id: str) -> Tenant | None:
        """The tenant of an id of ours."""
        return self._tenants.get(id)

    def document(
        self,
        key: str,
        tenant: Tenant,
        text: str,
        title: str = "",
        *,
        source: str = "",
        marks: tuple[Mark, ...] = (),
    ) -> Document | None:
        """Take a document, unless it is empty or its key is known."""
        if not text.strip():
            self._empty.add(key)
            self.tally.add("empty documents, left out", key)
            return None
        if key in self.documents:
            self.tally.add("documents whose id was there already, left out", key)
            return None
        if "\r" in text:
            self.tally.add("documents with carriage returns, kept as they are", key)
        taken = Document(self._document_ids.claim(key), tenant.id, text, title, source=source, marks=marks)
        if taken.id != key:
            self.tally.add("document ids that cannot be ids here, changed", key)
        self.documents[key] = taken
        return taken

    def question(self, key: str, tenant: Tenant, text: str) -> Question | None:
        """Take a question without the blanks around it, unless it is empty or its key is known."""
        if not text.strip():
            self.tally.add("questions without text, left out", key)
            return None
        if key in self.questions:
            self.tally.add("questions whose id was there already, left out", key)
            return None
        if text != text.strip():
            self.tally.add("questions with blanks around them, trimmed", key)
        taken = Question(self._question_ids.claim(key), tenant.id, text.strip())
        if taken.id != key:
            self.tally.add("question ids that cannot be ids here, changed", key)
        self.questions[key] = taken
        return taken

    def find(self, key: str, asked: Question) -> Document | None:
        """The document that a question's gold names, unless it is unknown, empty or another tenant's."""
        if key in self._empty and key not in self.documents:
            self.tally.add("gold that names an empty document, left out", key)
        elif key not in self.documents:
            self.tally.add("gold that names an unknown document, left out", key)
        elif self.documents[key].tenant != asked.tenant:
            self.tally.add("gold that names another tenant's document, left out", f"{asked.id} -> {key}")
        else:
            return self.documents[key]
        return None

    def judge(
        self,
        asked: Question,
        *,
        answers: Iterable[str] = (),
        evidence: Iterable[tuple[Document, Sequence[Span], int]] = (),
        answerable: bool = True,
        kind: str = "",
    ) -> None:
        """Give a question its gold; evidence is document, places and grade. Empty gold leaves it unscored."""
        texts = tuple(dict.fromkeys(plain(answer) for answer in answers if plain(answer).strip()))
        pieces = tuple(dict.fromkeys(Evidence(found.id, joined(spans), grade) for found, spans, grade in evidence))
        if asked.id in self._gold:
            self.tally.add("further gold of one question, left out", asked.id)
            return
        if not answerable and (texts or pieces):
            self.tally.add("answers or evidence of an unanswerable question, left out", asked.id)
            texts, pieces = (), ()
        if answerable and not texts and not pieces:
            self.tally.add("questions without usable gold, kept and not scored", asked.id)
            return
        label = kind if not ids.fault(kind) else ""
        self._gold[asked.id] = Gold(asked.id, texts, pieces, answerable, label)

    def finish(self, name: str, source: str, limit: int | None, advice: str = "") -> Imported:
        """Make the workload of all that was taken.

        Args:
            name: of the workload; made fit.
            source: where the texts come from and under which licence, in a sentence.
            limit: at most as many questions, spread evenly over the tenants in the order of the files; None: all.
            advice: how to get questions, said if there is none.

        Raises:
            BadInput: there is no document at all.
        """
        if not self.documents:
            met = "; ".join(str(met) for met in self.tally.met()) or "nothing was found"
            raise BadInput(f"{self._source} holds no document that can be used ({met}); name another source.")
        filled = {document.tenant for document in self.documents.values()}
        asked = [question for question in self.questions.values() if self._has_documents(question, filled)]
        kept = spread(asked, limit)
        if len(kept) < len(asked):
            self.tally.remark(f"{len(kept)} of {counted(len(asked), 'question')} kept, spread evenly over the tenants.")
        if not kept:
            self.tally.remark(f"There is no question, and a run needs some{f': {advice}' if advice else ''}.")
        workload = workload_of(
            name=ids.safe(" ".join(name.split()) or "imported"),
            tenants=[tenant for tenant in self.tenants.values() if self._is_filled(tenant, filled)],
            documents=self.documents.values(),
            questions=kept,
            gold=[self._gold[question.id] for question in kept if question.id in self._gold],
            source=source,
        )
        return Imported(workload, self.tally.met())

    def _has_documents(self, question: Question, filled: set[str]) -> bool:
        if question.tenant not in filled:
            self.tally.add("questions of a tenant without documents, left out", question.id)
        return question.tenant in filled

    def _is_filled(self, tenant: Tenant, filled: set[str]) -> bool:
        if tenant.id not in filled:
            self.tally.add("tenants without documents, left out", tenant.name)
        return tenant.id in filled


def spread(questions: Sequence[Question], limit: int | None) -> list[Question]:
    """The first of every tenant, then the second of every tenant …, until there are enough; in their first order."""
    if limit is None:
        return list(questions)
    seen: Counter[str] = Counter()
    turns: list[tuple[int, int]] = []
    for place, question in enumerate(questions):
        turns.append((seen[question.tenant], place))
        seen[question.tenant] += 1
    return [questions[place] for place in sorted(place for _, place in sorted(turns)[:limit])]
