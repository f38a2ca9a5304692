"""Puts a workload's questions into the order they are asked in: seeded, even over tenants, growing by its prefixes."""

import hashlib
from collections.abc import Sequence
from itertools import zip_longest

from workbench.records import Question


def order(questions: Sequence[Question], seed: int) -> list[Question]:
    """All questions, shuffled within their tenant and taken from the tenants in turn.

    A prefix of n holds every tenant as often as any other, to within one, while questions last; a longer prefix
    contains the shorter, so that an experiment of 50 questions grows to 100 by asking 50.

    Args:
        questions: of a workload, in any order.
        seed: another seed, another order; the same seed, the same order everywhere.
    """
    by_tenant: dict[str, list[tuple[bytes, Question]]] = {}
    for question in questions:
        by_tenant.setdefault(question.tenant, []).append((_draw(seed, question.id), question))
    tenants = sorted(by_tenant, key=lambda tenant: _draw(seed, tenant))
    columns = [sorted(by_tenant[tenant], key=lambda drawn: drawn[0]) for tenant in tenants]
    return [drawn[1] for row in zip_longest(*columns) for drawn in row if drawn is not None]


def _draw(seed: int, name: str) -> bytes:
    return hashlib.sha256(f"{seed}\0{name}".encode("utf-8", "surrogatepass")).digest()
