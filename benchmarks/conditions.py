"""A saved experiment comes in, what its figures stand on goes out: workload, machine, versions, date."""

from typing import Any

from workbench.runs.store import Experiment


def of(experiment: Experiment) -> dict[str, Any]:
    """Plain values for a result's JSON; `versions` holds every package of every backend that was run."""
    about = experiment.about()
    identities = [run.identity() for run in experiment.runs()]
    return {
        "workload": {name: about["workload"][name] for name in ("name", "hash", "documents", "questions")},
        "machine": about["machine"],
        "versions": {
            "workbench": about["workbench"],
            **{name: version for one in identities for name, version in sorted(one.versions.items())},
        },
        "started": about["started"],
    }
