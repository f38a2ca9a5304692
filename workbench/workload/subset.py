"""A workload and names of tenants or questions in, the workload of these alone out, with a hash of its own."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from workbench.errors import BadInput
from workbench.records import Workload
from workbench.workload.identity import workload_of


def of_tenants(workload: Workload, names: Sequence[str]) -> Workload:
    """Keep some tenants with all that is theirs, so that every question stays as hard as it was.

    Args:
        workload: any.
        names: ids of tenants, one or more.

    Raises:
        BadInput: a name is no tenant's id.
    """
    known = {tenant.id for tenant in workload.tenants}
    for name in names:
        if name not in known:
            raise BadInput(
                f"--tenants: {name!r} is no tenant of {workload.name}; choose from {', '.join(sorted(known))}"
            )
    return _of(workload, names, {question.id for question in workload.questions if question.tenant in names})


def of_questions(workload: Workload, names: Collection[str]) -> Workload:
    """Keep some questions, with every document: so each stays as hard as it was.

    Args:
        workload: any.
        names: ids of questions; others are passed over.
    """
    tenants = [tenant.id for tenant in workload.tenants]
    return _of(workload, tenants, {question.id for question in workload.questions if question.id in names})


def _of(workload: Workload, names: Collection[str], asked: Collection[str]) -> Workload:
    questions = [question for question in workload.questions if question.id in asked]
    documents = [document for document in workload.documents if document.tenant in names]
    there = {document.id for document in documents}
    gold = [
        replace(
            one,
            withheld=tuple(piece for piece in one.withheld if piece.document in there),
            near=tuple(name for name in one.near if name in asked),
        )
        for one in workload.gold.values()
        if one.question in asked
    ]
    return workload_of(
        name=workload.name,
        source=workload.source,
        tenants=[tenant for tenant in workload.tenants if tenant.id in names],
        documents=documents,
        questions=questions,
        gold=gold,
        users=[user for user in workload.users if user.tenant in names],
        planted=[planted for planted in workload.planted if planted.tenant in names],
        log=[line for line in workload.log if line.question in asked],
    )
