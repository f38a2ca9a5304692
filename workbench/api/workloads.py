"""A folder in, a `Workload` that shows itself out: the library's own record, with frames and subsets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench import records
from workbench.api.shown import Shown, frame, page
from workbench.api.words import in_python
from workbench.nouns import counted

if TYPE_CHECKING:
    import pandas


class Workload(Shown, records.Workload):
    """Tenants, their documents, the questions and the gold; a `workbench.records.Workload` that shows itself.

    Source: read and checked by `workbench.workload.load`.
    """

    __slots__ = ()

    @property
    def df(self) -> pandas.DataFrame:
        """One row a question: question, tenant, kind, text, gold (answers, joined by ;), answerable, evidence (pieces).

        `answerable` is None and `gold` empty where a question has no gold.
        """
        return frame(map(self._question, self.questions), _QUESTION)

    @property
    def documents_df(self) -> pandas.DataFrame:
        """One row a document: document, tenant, title, kind, classification, language, date, characters."""
        return frame(
            {
                "document": each.id,
                "tenant": each.tenant,
                "title": each.title,
                "kind": each.kind,
                "classification": each.classification,
                "language": each.language,
                "date": each.date,
                "characters": len(each.text),
            }
            for each in self.documents
        )

    @property
    def tenants_df(self) -> pandas.DataFrame:
        """One row a tenant: tenant, name, and how many documents, questions, users and planted values it has."""
        return frame(map(self._tenant, self.tenants))

    @in_python
    def subset(self, *, questions: int | None = None, tenants: Sequence[str] = (), seed: int = 0) -> Workload:
        """Some tenants, or so many questions, as a workload with a hash of its own; all documents of a tenant stay.

        `wb.run(workload, questions=50)` instead keeps the workload, so that 50 questions can grow to 100.

        Args:
            questions: a seeded prefix, spread evenly over the tenants, 1 or more; None: all.
            tenants: ids; none: all.
            seed: of the choice of questions.

        Raises:
            BadInput: a name is no tenant's id, or fewer than 1 question.
        """
        from workbench.errors import BadInput
        from workbench.runs import selection
        from workbench.workload import subset

        chosen: records.Workload = subset.of_tenants(self, tenants) if tenants else self
        if questions is not None:
            if questions < 1:
                raise BadInput(f"--questions {questions}: give 1 or more")
            kept = {each.id for each in selection.order(chosen.questions, seed)[:questions]}
            chosen = subset.of_questions(chosen, kept)
        return shown(chosen)

    def _question(self, question: records.Question) -> dict[str, Any]:
        gold = self.gold.get(question.id)
        return {
            "question": question.id,
            "tenant": question.tenant,
            "kind": gold.kind if gold else "",
            "text": question.text,
            "gold": "; ".join(gold.answers) if gold else "",
            "answerable": gold.answerable if gold else None,
            "evidence": len(gold.evidence) if gold else 0,
        }

    def _tenant(self, tenant: records.Tenant) -> dict[str, Any]:
        def count(some: Iterable[Any]) -> int:
            return sum(each.tenant == tenant.id for each in some)

        return {
            "tenant": tenant.id,
            "name": tenant.name,
            "documents": count(self.documents),
            "questions": count(self.questions),
            "users": count(self.users),
            "planted": count(self.planted),
        }

    def _headline(self) -> str:
        parts = [
            counted(len(self.tenants), "tenant"),
            counted(len(self.documents), "document"),
            counted(len(self.questions), "question"),
        ]
        if self.planted:
            parts.append(counted(len(self.planted), "planted value"))
        return f"{self.name}: {', '.join(parts)}"

    def _lines(self) -> Iterable[Any]:
        from workbench.tables import rows_of

        yield self._headline()
        if self.source:
            yield self.source
        rows = [self._tenant(tenant) for tenant in self.tenants]
        table = rows_of(*[name for name in rows[0] if name not in ("tenant", "name")], first="tenant")
        for row in rows:
            table.add_row(row["tenant"], *(str(value) for name, value in row.items() if name not in ("tenant", "name")))
        yield table

    def _repr_html_(self) -> str:
        return page(self.name, [self._headline()], [self._tenant(each) for each in self.tenants], self.source)


_QUESTION = ("question", "tenant", "kind", "text", "gold", "answerable", "evidence")


@in_python
def load(path: str | Path) -> Workload:
    """Read a workload's folder and check every line of it.

    Args:
        path: of the folder, from here; what comes with the workbench is found from anywhere, such as
            `datasets/starter` and `datasets/enterprise`.

    Returns:
        The workload; `df` has its questions.

    Raises:
        BadInput: every problem of the folder in one sentence after the other, each with file and line.

    Source: `workbench.workload.files.load`, as `workbench check` reads it.
    """
    from workbench import workload
    from workbench.location import found

    return shown(workload.load(found(path)))


def shown(workload: records.Workload) -> Workload:
    """The same records in a workload that shows itself."""
    return Workload(**{each.name: getattr(workload, each.name) for each in fields(workload)})


def given(workload: records.Workload | str | Path, tenants: Sequence[str]) -> records.Workload:
    """A workload, or that of a folder, or of some of its tenants.

    Raises:
        BadInput: the folder has a fault, or a name is no tenant's id.
    """
    from workbench.workload import subset

    loaded = load(workload) if isinstance(workload, str | Path) else workload
    return subset.of_tenants(loaded, tenants) if tenants else loaded
