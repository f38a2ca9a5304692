"""A workload and names of tenants in, the workload of these tenants alone out, with a hash of its own."""

from collections.abc import Sequence
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
    questions = [question for question in workload.questions if question.tenant in names]
    asked = {question.id for question in questions}
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
