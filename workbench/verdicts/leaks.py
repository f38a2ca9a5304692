"""Folders of experiments come in; where planted values went, who differs in that, and what a policy costs, go out."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from workbench import comparison
from workbench.errors import BadInput
from workbench.gateway.denied import PRIVATE
from workbench.gateway.settings import PRIVACY
from workbench.runs.store import Experiment, Identity
from workbench.verdicts.metrics import LEAKS
from workbench.verdicts.report import compare

COSTS = (*(leak.path for leak in LEAKS), "answers.f1", "answers.contains", "failed")
"""Figures that a policy is judged by: what it keeps back, and what that costs in accuracy and in refusals."""

ACCURACY = ("answers.contains", "answers.f1")


def report(folders: Sequence[Path]) -> dict[str, Any]:
    """Bring together the leakage of experiments that differ in the gateway's policy alone.

    Args:
        folders: of one experiment, or of one for each policy.

    Returns:
        `experiments`, the policy `off` first: `policy`, `folder`, `workload`, `started`, `model`, `unfinished`
        (where it is: answers there and wanted) and `rows`: `backend`,
        `track`, `questions`, `refused_by_policy`, `figures` (of `ACCURACY`: path -> value, n, interval; or None),
        `leakage` (see `workbench.scores.leakage.score`). `families`: of each experiment and track all pairs of
        backends, with `findings` on `LEAKS` by exact McNemar and Holm. `costs`: of each policy against the first,
        backend by backend, `findings` on `COSTS`.

    Raises:
        BadInput: no experiment there, one without planted values, two of one policy, or two that differ in more.
    """
    opened = sorted(map(Experiment.open, folders), key=lambda one: PRIVACY.index(_policy(one)))
    _check(opened)
    judged = compare([one.folder for one in opened])
    policies = {side["mark"]: _policy(one) for side, one in zip(judged["folders"], opened, strict=True)}
    first = judged["folders"][0]["mark"]
    families, costs = [], []
    for family in judged["families"]:
        if family["kind"] == "backends":
            leaks = [_chosen(pair, [leak.path for leak in LEAKS]) for pair in family["pairs"]]
            track, _, mark = family["title"].partition(", ")
            families.append({**_named(family), "policy": policies[mark], "track": track, "pairs": leaks})
        elif family["kind"] == "folders" and family["title"].endswith(f"against {first}"):
            policy = policies[family["title"].partition(" ")[0]]
            pairs = [_chosen(pair, COSTS) for pair in family["pairs"]]
            costs.append({**_named(family), "policy": policy, "against": policies[first], "pairs": pairs})
    return {
        "experiments": [
            _experiment(one, [row for row in judged["rows"] if row["mark"] == side["mark"]])
            for side, one in zip(judged["folders"], opened, strict=True)
        ],
        "families": families,
        "costs": costs,
        "alpha": judged["settings"]["alpha"],
    }


def refusals(found: Mapping[str, Any]) -> list[str]:
    """Why figures are not shown, by experiment; empty: all are."""
    return [
        f"{one['folder']}: {sentence}"
        for one in found["experiments"]
        for sentence in sorted({row["leakage"]["refused"] for row in one["rows"]} - {""})
    ]


def comparable(folder: Path, others: Sequence[Path]) -> list[Path]:
    """An experiment, and those of others that `report` sets beside it: one of each other policy, alike in all else.

    Args:
        folder: of the experiment.
        others: in the order of preference.
    """
    first = Experiment.open(folder)
    found = {_policy(first): first}
    for one in map(Experiment.open, others):
        if "leakage" not in one.about() or not _identities(one) or _policy(one) in found:
            continue
        if not any(_differing(known, one) for known in found.values()):
            found[_policy(one)] = one
    return [one.folder for one in found.values()]


def _experiment(experiment: Experiment, judged: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    made = comparison.report(experiment)
    about = made["experiment"]
    figures = {(row["backend"], row["track"]): row["figures"] for row in judged}
    return {
        "policy": _policy(experiment),
        "folder": str(experiment.folder),
        "workload": about["workload"],
        "started": about["started"],
        **({"unfinished": about["unfinished"]} if "unfinished" in about else {}),
        "model": next(iter(_identities(experiment))).recipe.model,
        "rows": [
            {
                "backend": row["backend"],
                "track": row["track"],
                "questions": row["questions"],
                "refused_by_policy": sum(count for kind, count in row["failures"].items() if kind == PRIVATE),
                "figures": {path: figures.get((row["backend"], row["track"]), {}).get(path) for path in ACCURACY},
                "leakage": row["leakage"],
            }
            for tracks in made["backends"].values()
            for row in tracks.values()
        ],
    }


def _identities(experiment: Experiment) -> list[Identity]:
    return [run.identity() for run in experiment.runs()]


def _policy(experiment: Experiment) -> str:
    found = {identity.privacy for identity in _identities(experiment)}
    if not found:
        raise BadInput(f"{experiment.folder}: no backend has answered yet; run the same command again")
    return found.pop()


def _check(experiments: Sequence[Experiment]) -> None:
    for one in experiments:
        if "leakage" not in one.about():
            raise BadInput(
                f"{one.folder}: nothing was counted: its workload has no planted values, or it is of an older version; "
                "plant some (see datasets/enterprise), or type the same `workbench run` again"
            )
    known: dict[str, Path] = {}
    for one in experiments:
        policy = _policy(one)
        if policy in known:
            raise BadInput(
                f"{known[policy]} and {one.folder}: both were run with --privacy {policy}; give one experiment for "
                "each policy, or compare these two by `workbench compare`"
            )
        known[policy] = one.folder
    for one in experiments[1:]:
        if differing := _differing(experiments[0], one):
            raise BadInput(
                f"{one.folder}: differs from {experiments[0].folder} in {', '.join(differing)}, so that what the "
                "policy costs could not be told; run both alike but for --privacy"
            )


def _differing(first: Experiment, second: Experiment) -> list[str]:
    """Names of what two experiments do not share, the policy apart."""
    settings = []
    for one in (first, second):
        by_cell = {(each.backend, each.track): asdict(replace(each, privacy="")) for each in _identities(one)}
        settings.append(by_cell)
    shared = settings[0].keys() & settings[1].keys()
    if not shared:
        return ["backends"]
    names = {
        name
        for cell in shared
        for name, value in settings[0][cell].items()
        # A recording has no prompt of another policy in it, so that each policy has its own.
        if name != "recording" and value != settings[1][cell][name]
    }
    return sorted(name.replace("workload_hash", "workload").replace("_", " ") for name in names)


def _named(family: Mapping[str, Any]) -> dict[str, Any]:
    return {"title": family["title"], "correction": family["correction"]}


def _chosen(pair: Mapping[str, Any], paths: Sequence[str]) -> dict[str, Any]:
    findings = {path: pair["findings"][path] for path in paths if path in pair["findings"]}
    return {"label": pair["label"], "after": pair["after"], "before": pair["before"], "findings": findings}
