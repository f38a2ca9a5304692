"""A saved experiment in, its report out: the figures of every backend and track as plain values."""

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

from workbench import prices
from workbench.backends import rank
from workbench.errors import BadInput
from workbench.leaks import files
from workbench.records import Gold
from workbench.runs.store import Experiment, Identity, Run
from workbench.scores.bill import bill
from workbench.scores.columns import Columns, Cpu
from workbench.scores.judgement import Judgement
from workbench.scores.leakage import LeakRecords
from workbench.scores.parity import Parity
from workbench.scores.reading import RunRecords, read
from workbench.scores.summary import summary

CONTROL = "plain"


def columns(run: Run, gold: Mapping[str, Gold], price_as: prices.Price | None) -> Columns:
    """Everything that scores need to know of one run."""
    judgements = map(Judgement.from_dict, run.judged())
    return read(RunRecords(run.attempts(), run.calls(), judgements, run.judge_calls(), _leakage(run)), gold, price_as)


def _leakage(run: Run) -> LeakRecords | None:
    about = run.experiment.about().get("leakage")
    if about is None:
        return None
    folder, embedder = run.experiment.folder, run.identity().recipe.embedding_model
    if not embedder.startswith(prices.LOCAL):
        about = {**about, "embedded_by": embedder}
    return LeakRecords(about, files.planted(folder), files.leaks(run.folder), files.sinks(run.folder))


def report(experiment: Experiment) -> dict[str, Any]:
    """All figures of an experiment as plain values for JSON.

    Returns:
        `experiment` (workload, machine, seed, start, prices; `unfinished` where answers are missing);
        `warmup`, the calls made before timing; `parity`, the proof that all were asked alike; and
        `backends`: backend -> track -> figures as `workbench.scores.summary.summary` gives them, with the run's
        identity.

    Raises:
        BadInput: the experiment has no run yet.
    """
    about = experiment.about()
    runs = [(run, run.identity()) for run in experiment.runs()]
    if not runs:
        raise BadInput(f"{experiment.folder}: no backend has begun yet; run the same command again")
    gold: dict[str, Gold] = {name: known for name, known in experiment.gold().items() if known}
    tenants = experiment.tenants()
    price_as = price_as_of(about)
    controls: dict[str, Cpu] = {}
    parity = Parity()
    there: dict[str, int] = {}
    backends: dict[str, dict[str, Any]] = {}

    def figures(run: Run, identity: Identity) -> dict[str, Any]:
        # The columns of one run are gone before the next is read.
        own = columns(run, gold, price_as)
        if identity.backend == CONTROL:
            controls[identity.track] = own.cpu_alone()
        if identity.track == "parity":
            parity.add(own)
        there[run.cell] = len(own.rows)
        made = summary(own, gold, control=controls.get(identity.track), tenants=tenants)
        return {**made, "asked": _asked(own)}

    # The control comes first: the others' CPU is told beyond its.
    for run, identity in sorted(runs, key=lambda each: each[1].backend != CONTROL):
        name, track = identity.backend, identity.track
        backends.setdefault(name, {})[track] = {
            "backend": name,
            "track": track,
            **figures(run, identity),
            "k": _k(identity.native_k if track == "native" else None, identity.recipe.k),
            "versions": identity.versions,
            "native_note": identity.native_note if track == "native" else "",
            "model": identity.recipe.model,
            "embedding_model": identity.recipe.embedding_model,
            "chunk_tokens": identity.recipe.chunk_tokens,
            **({} if identity.recipe.retrieval == "dense" else {"found_by": identity.recipe.retrieval}),
            **({"reranker": identity.recipe.reranker} if identity.recipe.reranker else {}),
            "upstream": identity.upstream,
            **({} if identity.privacy == "off" else {"privacy": identity.privacy}),
            "ingested": about.get("ingested", {}).get(run.cell),
        }
    return {
        "experiment": {
            **about,
            "folder": str(experiment.folder),
            **_unfinished(there, about.get("wanted", {})),
        },
        "warmup": bill(experiment.warmup_calls()).to_dict(),
        "parity": parity.to_dict(),
        "backends": {name: backends[name] for name in sorted(backends, key=rank)},
    }


def price_as_of(about: Mapping[str, Any]) -> prices.Price | None:
    """The price that local tokens are to be counted at, as it was on the day of the run: a report does not change."""
    model = about.get("price_as")
    if not model:
        return None
    price = prices.lookup(model, at=date.fromisoformat(about["started"][:10]))
    if price is None:
        raise BadInput(f"--price-as {model}: the installed price list no longer holds it; run again with another")
    return price


def _unfinished(there: Mapping[str, int], wanted: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """Answers that are there of those that the last commands wanted; empty where none is missing."""
    answered = sum(min(there.get(cell, 0), number) for cell, number in wanted.items())
    total = sum(wanted.values())
    return {"unfinished": {"answered": answered, "wanted": total}} if answered < total else {}


def _asked(run: Columns) -> str:
    """A digest of which questions a run has asked, to tell whether two were asked the same."""
    return hashlib.sha256("\0".join(sorted(run.rows.names())).encode()).hexdigest()[:12]


def _k(own: int | None, given: int) -> int:
    return given if own is None else own
