"""Values of single answers come in, one value per question goes out: a round repeats a question, it is no new one."""

from collections.abc import Iterable


def by_question(values: Iterable[tuple[str, float | None]]) -> dict[str, float]:
    """Mean over the rounds of each question, in the order of first appearance; None is passed over."""
    gathered: dict[str, list[float]] = {}
    for question, value in values:
        if value is not None:
            gathered.setdefault(question, []).append(value)
    return {question: sum(each) / len(each) for question, each in gathered.items()}
