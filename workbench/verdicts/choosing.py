"""An experiment and what somebody wants to see of it in, the failing questions that are meant out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.backends import NAMES
from workbench.errors import BadInput
from workbench.records import TRACKS
from workbench.runs.store import Experiment, Run
from workbench.verdicts.failures import CAUSES, Case, failing


@dataclass(frozen=True, slots=True)
class Choice:
    """Which questions. An empty word chooses all."""

    backend: str = ""
    track: str = ""
    kind: str = ""
    cause: str = ""
    question: str = ""
    """This one, whether it fails or not."""


def chosen(experiment: Experiment, choice: Choice) -> Mapping[Run, Sequence[Case]]:
    """Failing questions of every run that is meant, parity first, in the order of the backends.

    Raises:
        BadInput: a name that the experiment does not know; says which there are.
    """
    runs = _runs(experiment, choice.backend, choice.track)
    _known(experiment, choice.kind, choice.cause, choice.question)
    found = {run: failing(experiment, run, (choice.question,) if choice.question else ()) for run in runs}
    return {
        run: [case for case in cases if choice.kind in ("", case.kind) and choice.cause in ("", case.cause)]
        for run, cases in found.items()
    }


def asked(run: Run) -> int:
    """Questions that a run was asked."""
    return len({name for _, name in run.answers()})


def backends(experiment: Experiment) -> list[str]:
    """Those that were run."""
    return list(dict.fromkeys(run.identity().backend for run in experiment.runs()))


def _runs(experiment: Experiment, backend: str, track: str) -> list[Run]:
    runs = {run: run.identity() for run in experiment.runs()}
    names = backends(experiment)
    if backend and backend not in names:
        raise BadInput(f"--backend {backend}: was not run; there are {', '.join(names) or 'none yet'}")
    if track and track not in TRACKS:
        raise BadInput(f"--track {track}: unknown track; choose parity or native")
    meant = [
        run
        for run, one in runs.items()
        if (not backend or one.backend == backend) and (not track or one.track == track)
    ]
    if not meant:
        raise BadInput(f"--track {track}: {backend or 'no backend'} was not run on it")
    return sorted(meant, key=lambda run: (TRACKS.index(runs[run].track), NAMES.index(runs[run].backend)))


def _known(experiment: Experiment, kind: str, cause: str, question: str) -> None:
    gold = experiment.gold()
    if question and question not in gold:
        raise BadInput(f"--question {question}: the workload has no such question")
    kinds = sorted({known.kind for known in gold.values() if known and known.kind})
    if kind and kind not in kinds:
        raise BadInput(f"--kind {kind}: no question is of it; there are {', '.join(kinds) or 'none'}")
    if cause and cause not in CAUSES:
        raise BadInput(f"--cause {cause}: unknown; there are {', '.join(CAUSES)}")
