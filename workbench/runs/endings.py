"""A workload and options in; the run carried out, and what it lacks said as command line and notebook must say it."""

from workbench.nouns import counted
from workbench.records import Workload
from workbench.runs import recordings, runner
from workbench.runs.budget import Reached
from workbench.runs.options import Options
from workbench.runs.progress import Progress
from workbench.runs.runner import Outcome


def carry_out(workload: Workload, options: Options, progress: Progress) -> Outcome:
    """Run it; what came of it may still fall short, see `refuse`.

    Raises:
        BadInput: as `runner.run`.
        Infrastructure: as `runner.run`; `Reached` where the budget ended it before anything was answered.
        KeyboardInterrupt: what was answered is kept; the same call goes on.
    """
    outcome = runner.run(workload, options, progress)
    if outcome.stopped and not outcome.answered:
        raise Reached(outcome.stopped)
    return outcome


def refuse(outcome: Outcome) -> None:
    """Refuse to call a run done that its budget or an outdated recording ended.

    Raises:
        Reached: the budget.
        Outdated: the recording.
    """
    if outcome.stopped:
        raise Reached(outcome.stopped)
    if outcome.outdated:
        raise recordings.Outdated(outcome.outdated)


def failed(outcome: Outcome) -> str:
    """How many answers failed, as the beginning of a sentence; empty: none did."""
    return f"{counted(outcome.failed, 'answer')} failed" if outcome.failed else ""


def another_try(outcome: Outcome, again: str) -> str:
    """What the same once more would do about answers that failed.

    Args:
        outcome: of the run.
        again: what makes another try, such as `the same command`.
    """
    return f"{again} {'tries again those that infrastructure failed' if outcome.passing else 'asks none of them again'}"
