"""What a run should cost is written down when it begins, what it did when it ends; between, its budget is kept."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from workbench.gateway.process import GatewayProcess
from workbench.gateway.purse import left_open
from workbench.records import Question, Workload
from workbench.runs import accounts, resuming
from workbench.runs.budget import Budget, holds, sentence, spent
from workbench.runs.estimate import Estimate, estimate, everything
from workbench.runs.options import Options
from workbench.runs.progress import Progress
from workbench.runs.store import Experiment


class Reckoning:
    """Money and time of one call of `run`."""

    def __init__(
        self, workload: Workload, options: Options, experiment: Experiment, questions: Sequence[Question]
    ) -> None:
        """Start the clock.

        Args:
            workload: what is asked.
            options: of the run.
            experiment: begun or not.
            questions: those that are asked, in their order.
        """
        self._workload, self._options, self._experiment = workload, options, experiment
        self._questions = questions
        self._began = time.perf_counter()
        self._begun = False
        self.budget = Budget(options.budget_usd)

    def stopped_before(self) -> str:
        """A sentence, where a budget stopped this experiment that is not higher now; else empty. Nothing is spent."""
        limit = self.budget.usd
        if limit is None or not self._experiment.exists():
            return ""
        before = self._experiment.about().get("stopped_at_usd")
        return self._sentence(spent(self._experiment)) if before and limit <= Decimal(before) else ""

    def open(self, gateway: GatewayProcess, token: str, progress: Progress) -> None:
        """Hand the budget to the gateway, and say so where it will hardly do.

        Args:
            gateway: of which nothing was asked yet.
            token: one of its bearers.
            progress: told where more will be spent than there is.

        Raises:
            Infrastructure: the gateway does not answer.
        """
        if (limit := self.budget.usd) is None:
            return
        before = spent(self._experiment)  # also where it ended before it had begun
        self.budget.open(gateway.port, token, before)
        left = resuming.left(self._experiment, self._options, self._questions)
        expected = warning(estimate(self._workload, self._options, left), limit, before)
        if expected:
            progress.note(expected)

    def begin(self) -> None:
        """Write down how many answers are wanted and what they should come to. The experiment exists by now."""
        all_of_it = everything(self._options, self._questions)
        whole = estimate(self._workload, self._options, all_of_it)
        about = self._experiment.about()
        now = accounts.of_estimate(whole, datetime.now(UTC).date())
        self._experiment.update(
            estimate=accounts.merged(about.get("estimate"), now),
            wanted={**about.get("wanted", {}), **{cell: len(asked) for cell, asked in all_of_it.asked.items()}},
            stopped_at_usd="",
        )
        self._begun = True

    def end(self) -> None:
        """Write down what it came to, however it ended; no call is under way. What was refused changes nothing."""
        if self._begun:
            before = (self._experiment.about().get("actual") or {}).get("seconds", 0.0)
            took = time.perf_counter() - self._began
            self._experiment.update(actual=accounts.of_experiment(self._experiment, before + took))

    def stopped(self) -> str:
        """Write down whether the budget stopped the run.

        Returns:
            The sentence to end with; empty where it did not.

        Raises:
            Infrastructure: the gateway does not answer.
        """
        if not self.budget.stopped():
            return ""
        if self._experiment.exists():
            self._experiment.update(stopped_at_usd=f"{self.budget.usd:f}")
        return self._sentence(self.budget.standing().spent_usd)

    def _sentence(self, spent_usd: Decimal) -> str:
        limit, options = self.budget.usd, self._options
        assert limit is not None
        left = resuming.left(self._experiment, options, self._questions)
        wanted = len(options.tracks) * len(options.backends) * len(self._questions) * options.rounds
        unanswered, unjudged = (sum(map(len, by_cell.values())) for by_cell in (left.asked, left.judged))
        unheard = left_open(holds(self._experiment))
        return sentence(limit, spent_usd, unheard, wanted - unanswered, wanted, unjudged)


def warning(expected: Estimate, limit: Decimal, before: Decimal) -> str:
    """A sentence, where a run is expected to cost more than its budget has; else empty.

    Args:
        expected: what is left to do.
        limit: the budget.
        before: USD that were spent already.
    """
    usd = expected.paid(expected.amounts, datetime.now(UTC).date())
    if usd is None or before + usd <= limit:
        return ""
    more = f" after {accounts.money(before)} spent before" if before else ""
    return (
        f"the estimate of {accounts.money(usd)} USD{more} is more than --budget-usd {limit:f}: the run will stop when "
        "that is used up, and can be gone on with"
    )
