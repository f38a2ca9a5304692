"""A figure's dotted path in, its name in tables, which direction is better and whether it must repeat exactly out."""

from dataclasses import dataclass
from typing import Literal

from workbench.prices import LOCAL
from workbench.runs.store import Identity

Scale = Literal["score", "amount"]
"""score: differences are subtracted, as of shares. amount: above zero, differences are told as a ratio."""


@dataclass(frozen=True, slots=True)
class Metric:
    """What is known of a figure before it is measured."""

    path: str
    """Such as `answers.f1`."""
    name: str
    """In tables, such as `F1`."""
    higher_is_better: bool
    scale: Scale


MAIN = (
    Metric("answers.f1", "F1", True, "score"),
    Metric("answers.contains", "contains", True, "score"),
    Metric("retrieval.recall@5", "recall@5", True, "score"),
    Metric("retrieval.ndcg@10", "nDCG@10", True, "score"),
    Metric("answers.refusal_accuracy", "refusal", True, "score"),
    Metric("failed", "failed", False, "score"),
    Metric("tokens.input", "tokens", False, "amount"),
    Metric("usd", "USD", False, "amount"),
    Metric("cpu_ms", "CPU", False, "amount"),
)
"""What every comparison judges, in the order of tables."""

LEAKS = (
    Metric("leakage.prompt", "leak sent", False, "score"),
    Metric("leakage.answer", "leak told", False, "score"),
    Metric("leakage.cross", "leak cross", False, "score"),
)
"""What is judged beside them where values were planted: 0 or 1 by question, so that the test of a pair is McNemar's."""

TIMES = frozenset({"wall_ms", "cpu_ms", "framework_cpu_ms"})
"""Never the same twice; NaN for a failed question."""

_KNOWN = {metric.path: metric for metric in (*MAIN, *LEAKS)}
_LOWER = ("answers.wrongly_declined", "leakage.", *TIMES, "tokens.", "usd", "failed")
_AMOUNTS = ("tokens.", "usd", *TIMES)


def metric(path: str) -> Metric:
    """The figure at a dotted path, whether it is one of `MAIN` or not; what is not known better is a score."""
    if path in _KNOWN:
        return _KNOWN[path]
    return Metric(path, path, not path.startswith(_LOWER), "amount" if path.startswith(_AMOUNTS) else "score")


def deterministic(path: str, identity: Identity, judge: str = "") -> bool:
    """Whether the same run would give every question the same value again, so that any difference is a real one.

    Embedded models and recordings repeat themselves; an upstream's model does not, not even at temperature 0.

    Args:
        path: of the figure.
        identity: of the run.
        judge: the model that judged, for `judge.*`.
    """
    if path in TIMES or path == "failed":
        return False
    if identity.recording:
        return True
    embedded = identity.recipe.embedding_model.startswith(LOCAL)
    if path.startswith(("retrieval.", "ragas.id_")):
        return embedded
    answered = embedded and identity.recipe.model.startswith(LOCAL)
    return answered and (judge.startswith(LOCAL) if path.startswith("judge.") else True)
