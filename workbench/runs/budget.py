"""A limit of USD comes in; the gateway, which every call passes, is told it, and says when it is used up."""

import http.client
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

from workbench.errors import Infrastructure
from workbench.gateway.purse import left_open
from workbench.nouns import counted
from workbench.records import Call
from workbench.runs.accounts import money
from workbench.runs.store import Experiment


class Reached(Infrastructure):
    """A budget is used up: nothing is broken, and everything that was answered is kept."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a budget stands."""

    spent_usd: Decimal
    unknown: int
    """Calls whose cost nobody knows: each counts as the most that it may have been."""
    refused: int
    refused_in_attempt: int


class Budget:
    """The limit of one run, kept by its gateway."""

    def __init__(self, usd: Decimal | None) -> None:
        self.usd = usd
        """None: no limit."""
        self._port, self._token = 0, ""

    def open(self, port: int, token: str, before: Decimal) -> None:
        """Tell the gateway, before anything costs.

        Args:
            port: of a gateway that has no budget yet.
            token: any of its bearers.
            before: USD that the experiment has cost so far.

        Raises:
            Infrastructure: the gateway does not answer.
        """
        self.join(port, token)
        if self.usd is not None:
            self._ask("PUT", {"usd": f"{self.usd:f}", "spent_usd": f"{before:f}"})

    def join(self, port: int, token: str) -> None:
        """Ask a gateway how a budget stands that somebody else has told it."""
        self._port, self._token = port, token

    def standing(self, attempt: str = "") -> Standing:
        """What was spent and refused, also in one attempt.

        Raises:
            Infrastructure: the gateway does not answer.
        """
        said = self._ask("GET", None, attempt)
        return Standing(Decimal(said["spent_usd"]), said["unknown"], said["refused"], said["refused_in_attempt"])

    def stopped(self, attempt: str = "") -> bool:
        """Whether calls were refused, of one attempt or at all.

        Raises:
            Infrastructure: the gateway does not answer.
        """
        if self.usd is None:
            return False
        standing = self.standing(attempt)
        return bool(standing.refused_in_attempt if attempt else standing.refused)

    def _ask(self, method: str, body: object, attempt: str = "") -> dict[str, Any]:
        headers = {"authorization": f"Bearer {self._token}", "x-workbench-attempt": attempt}
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            connection.request(method, "/v1/budget", None if body is None else orjson.dumps(body), headers)
            response = connection.getresponse()
            said: dict[str, Any] = orjson.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Infrastructure("the gateway's process ended; run the same command again to go on") from error
        finally:
            connection.close()
        if response.status != 200:
            raise Infrastructure(f"the gateway takes no budget: {said}")
        return said


def spent(experiment: Experiment) -> Decimal:
    """USD that all calls of an experiment have cost, those included that belong to no answer.

    A call whose cost nobody knows (its answer was not heard, or its gateway was killed) counts as the most that it may
    have been; one of a model without a price, which no budget takes, as nothing.
    """
    known = sum((call.spent_usd for call in _calls(experiment) if call.spent_usd is not None), Decimal(0))
    return known + left_open(holds(experiment))


def holds(experiment: Experiment) -> Path:
    """Where an experiment's gateways write down what calls under way may cost."""
    return experiment.folder / "warmup" / "holds.jsonl"


def sentence(usd: Decimal, spent_usd: Decimal, unheard_usd: Decimal, answered: int, wanted: int, unjudged: int) -> str:
    """How a run ends that a budget stopped.

    Args:
        usd: the limit.
        spent_usd: so far, earlier commands included.
        unheard_usd: of it, what calls may have cost whose answers nobody heard.
        answered: questions, each counted once for every backend, track and round.
        wanted: of them in all.
        unjudged: answers that a judge has still to see.
    """
    waiting = f", {counted(unjudged, 'answer')} not judged yet" if unjudged else ""
    unheard = f" ({money(unheard_usd)} of it may not be billed: answers lost on the way)" if unheard_usd else ""
    return (
        f"budget of {usd:f} USD: stopped after {answered} of {counted(wanted, 'question')}{waiting}, "
        f"{money(spent_usd)} USD "
        f"spent{unheard}; the same command with a higher --budget-usd goes on"
    )


def _calls(experiment: Experiment) -> Iterable[Call]:
    yield from experiment.warmup_calls()
    for run in experiment.runs():
        yield from run.calls()
        yield from run.judge_calls()
