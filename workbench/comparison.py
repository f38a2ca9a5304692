"""A saved experiment in, its report out: the figures of every backend and track as plain values."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from workbench import prices
from workbench.backends import NAMES
from workbench.errors import BadInput
from workbench.records import Gold
from workbench.runs.store import Experiment, Run
from workbench.scores import usage
from workbench.scores.figures import RunRecords
from workbench.scores.judgement import Judgement
from workbench.scores.summary import summary

CONTROL = "plain"


def records(run: Run) -> RunRecords:
    """Everything that scores read of one run."""
    judgements = {attempt: Judgement.from_dict(item) for attempt, item in run.judgements().items()}
    return RunRecords(
        answers=tuple(run.answers().values()),
        calls=tuple(run.calls()),
        judgements=judgements,
        judge_calls=tuple(run.judge_calls()),
    )


def report(experiment: Experiment) -> dict[str, Any]:
    """All figures of an experiment as plain values for JSON.

    Returns:
        `experiment` (workload, machine, seed, start, prices); `warmup`, the calls made before timing; `parity`, the
        proof that all were asked alike; and
        `backends`: backend -> track -> figures as `workbench.scores.summary.summary` gives them, with the run's
        identity.

    Raises:
        BadInput: the experiment has no run yet.
    """
    about = experiment.about()
    found = {(identity.backend, identity.track): run for run in experiment.runs() for identity in [run.identity()]}
    if not found:
        raise BadInput(f"{experiment.folder}: no backend has begun yet; run the same command again")
    gold: dict[str, Gold] = {name: known for name, known in experiment.gold().items() if known}
    tenants = experiment.tenants()
    price_as = price_as_of(about)
    controls = {track: tuple(run.answers().values()) for (name, track), run in found.items() if name == CONTROL}
    backends: dict[str, dict[str, Any]] = {}
    for (name, track), run in found.items():
        identity = run.identity()
        figures = summary(records(run), gold, control=controls.get(track), price_as=price_as, tenants=tenants)
        backends.setdefault(name, {})[track] = {
            "backend": name,
            "track": track,
            **figures,
            "asked": _asked(run),
            "k": _k(identity.native_k if track == "native" else None, identity.recipe.k),
            "versions": identity.versions,
            "native_note": identity.native_note if track == "native" else "",
            "model": identity.recipe.model,
            "embedding_model": identity.recipe.embedding_model,
            "chunk_tokens": identity.recipe.chunk_tokens,
            "upstream": identity.upstream,
            "ingested": about.get("ingested", {}).get(run.cell),
        }
    return {
        "experiment": {
            **about,
            "folder": str(experiment.folder),
        },
        "warmup": usage.bill(experiment.warmup_calls()).to_dict(),
        "parity": _parity([run for (_, track), run in found.items() if track == "parity"]),
        "backends": {name: backends[name] for name in sorted(backends, key=NAMES.index)},
    }


def _parity(runs: Sequence[Run]) -> dict[str, int]:
    """How many questions reached the model in the same words from every backend, and found the same passages."""
    prompts: dict[tuple[int, str], list[str]] = {}
    passages: dict[tuple[int, str], list[tuple[str, ...]]] = {}
    for run in runs:
        answers = run.answers()
        counted = {answer.attempt: key for key, answer in answers.items() if answer.failure is None}
        for call in run.calls():
            if call.kind == "chat" and call.attempt in counted:
                prompts.setdefault(counted[call.attempt], []).append(call.prompt_sha256)
        for key, answer in answers.items():
            if answer.failure is None:
                passages.setdefault(key, []).append(tuple(hit.passage for hit in answer.hits))
    common = [key for key, found in passages.items() if len(found) == len(runs)]
    return {
        "backends": len(runs),
        "questions": len(common),
        "equal_prompts": sum(len(prompts[key]) == len(runs) and len(set(prompts[key])) == 1 for key in common),
        "equal_passages": sum(len(set(passages[key])) == 1 for key in common),
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


def _asked(run: Run) -> str:
    """A digest of which questions a run has asked, to tell whether two were asked the same."""
    return hashlib.sha256("\0".join(sorted(name for _, name in run.answers())).encode()).hexdigest()[:12]


def _k(own: int | None, given: int) -> int:
    return given if own is None else own
