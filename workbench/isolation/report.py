"""Finished cells in; rows, answers and erasure as plain values out, with what they stand on."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workbench.isolation import figures
from workbench.isolation.corpus import Corpus
from workbench.records import Workload
from workbench.runs import machine

if TYPE_CHECKING:
    from workbench.isolation.study import Options

DERIVED = (
    "Up to as many tenants as the workload has, tenants are its own. For more, each tenant draws passages of the whole "
    "workload and holds its own version of each: the text with the tenant's mark, the real vector turned at random so "
    "far that two versions of a passage are as near as the workload's own tenants come to each other (90th percentile "
    "of the cosine to the nearest foreign passage, `nearness`). Derived tenants have no topics of their own."
)

ERASURE = (
    "Searched for marks, ids and vectors: everything that the collector of the backend's process reaches, arrays, "
    "FAISS indexes, files saved after forgetting, and the home and temporary folder. Not searched: freed memory, "
    "caches inside compiled extensions. The gateway's own cache keeps a forgotten passage's vector (not its text) in "
    "memory until the gateway ends."
)


def condensed(operation: str, outcome: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of an operation's outcome."""
    if operation == "search":
        return figures.row(outcome, given["tenants"])
    if operation == "answers":
        return _answers(outcome)
    return dict(outcome)


def make(
    workload: Workload,
    options: "Options",
    corpus: Corpus,
    cells: Iterable[Mapping[str, Any]],
    failed: Sequence[str],
) -> dict[str, Any]:
    """The whole report.

    Args:
        workload: studied.
        options: with which.
        corpus: made of it.
        cells: the finished ones.
        failed: sentences about those that could not be finished.

    Returns:
        `about`; `rows`, one per backend, layout, number of tenants and sizes; `answers` and `erasure`, one per backend;
        `loaded`, one per backend and number of tenants.
    """
    rows, answers, loaded, erasure = [], [], [], dict[str, dict[str, Any]]()
    for cell in cells:
        backend, outcome, given = cell["backend"], cell["outcome"], cell["given"]
        source = f"workload {workload.hash[:12]}, seed {options.recipe.seed}"
        stands_on = {"source": source, "versions": cell["versions"]}
        if cell["operation"] == "search":
            named = {name: given[name] for name in ("layout", "tenants", "sizes", "k")}
            rows.append({"backend": backend, **named, **outcome, "seconds": cell["seconds"], **stands_on})
        elif cell["operation"] == "answers":
            answers.append({"backend": backend, "layout": "index_per_tenant", **outcome, **stands_on})
        elif cell["operation"] == "load":
            loaded.append({"backend": backend, "tenants": given["tenants"], **outcome, **stands_on})
        else:
            erasure.setdefault(backend, {"backend": backend})[cell["operation"]] = {**outcome, **_verdict(outcome)}
    return {
        "about": {
            "workload": {"name": workload.name, "hash": workload.hash, "tenants": len(corpus.tenants)},
            "corpus": {"passages": len(corpus.passages), "questions": len(corpus.questions)},
            "nearness": corpus.nearness,
            "passages_per_tenant": options.passages,
            "k": options.recipe.k,
            "trials": options.trials,
            "seed": options.recipe.seed,
            "failed": list(failed),
            "machine": machine.describe(),
            "derived": DERIVED,
            "erasure": ERASURE,
        },
        "rows": rows,
        "answers": answers,
        "loaded": loaded,
        "erasure": list(erasure.values()),
    }


def _answers(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """Every answer holds its whole prompt: one with no mark of its own tenant would show that the check is blind."""
    marks = outcome["foreign_marks"]
    kept = {"failed": len(outcome["failed"]), "first_failure": next(iter(outcome["failed"]), "")}
    if not marks:
        return {**kept, "queries": 0}
    return {
        **kept,
        **figures.judged(outcome["judged"]),
        "foreign_marks_in_answers": figures.share(sum(map(bool, marks)), len(marks)),
        "answers_with_own_marks": outcome["prompted"],
    }


def _verdict(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """Whether a document is gone from everywhere, and where it is not."""
    left = [
        *(f"search ({outcome['hits']} hits)" for _ in range(bool(outcome["hits"]))),
        *(f"memory: {place}" for place in outcome["memory"]),
        *(f"saved: {name}" for name in outcome["saved"]),
        *(f"caches: {name}" for name in outcome["caches"]),
    ]
    lost = outcome.get("others_lost", 0)
    # A search that could not find it before would find nothing afterwards either.
    seen = bool(outcome["found_before"]["memory"])
    return {"erased": seen and not left and not lost, "left": left}
