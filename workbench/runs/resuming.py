"""An experiment's folder and what is asked of it now: why it is not gone on with, or what is left to do."""

from collections.abc import Sequence

from workbench.errors import BadInput
from workbench.records import Endpoint, Question, Workload
from workbench.runs import judging, recordings
from workbench.runs.asking import still_open
from workbench.runs.crew import Cell
from workbench.runs.estimate import Left
from workbench.runs.options import Options
from workbench.runs.recordings import Tie
from workbench.runs.store import Experiment

_BEFORE = frozenset({".lock", "warmup"})
"""What a run leaves that ended before everything was checked."""


def refuse_foreign(experiment: Experiment, workload: Workload, options: Options, tie: Tie) -> None:
    """Make sure that a folder is empty, or holds the same experiment.

    Raises:
        BadInput: it holds something else; says what.
    """
    folder = experiment.folder
    if not experiment.exists():
        ours = {folder / name for name in _BEFORE} | {options.record}
        if folder.is_file() or (folder.is_dir() and any(path not in ours for path in folder.iterdir())):
            raise BadInput(f"--out {folder}: exists and holds no experiment; choose an empty or a new folder")
        return
    about = experiment.about()
    if about["workload"]["hash"] != workload.hash:
        raise BadInput(
            f"--out {folder}: holds an experiment on workload {about['workload']['name']!r}, "
            f"not on {workload.name!r} as it is now; choose another folder"
        )
    now = {"seed": options.recipe.seed, "keep_text": options.keep_text, "judge": options.judge}
    for name, value in now.items():
        if about[name] != value:
            raise BadInput(f"--out {folder}: was started with {name} {about[name]!r}, now {value!r}; choose another")
    recordings.refuse_other(folder, about, options, tie)


def cells(options: Options) -> list[Cell]:
    """What is to be measured, without a gateway to talk to."""
    return [Cell(backend, track, Endpoint("", "")) for track in options.tracks for backend in options.backends]


def left(experiment: Experiment, options: Options, questions: Sequence[Question]) -> Left:
    """What an experiment lacks of a command.

    Args:
        experiment: begun or not.
        options: of the run.
        questions: those that it asks.
    """
    names = {question.id: question for question in questions}
    wanted = cells(options)
    still = still_open(experiment, wanted, questions, options.rounds)
    asked: dict[str, list[Question]] = {cell.name: [] for cell in wanted}
    for name, _, question in sorted(still):
        asked[name].append(names[question])
    judged = {
        cell.name: [
            names[answer.question]
            for answer in judging.unjudged(experiment.run(cell.backend, cell.track), {})
            if answer.question in names
        ]
        for cell in wanted
    }
    return Left(asked, judged)
