"""Single checks come in, the one outcome of a gate and its exit code go out."""

from dataclasses import dataclass, field
from typing import Any, Literal

from workbench.errors import BadInput

Outcome = Literal["pass", "inconclusive", "infrastructure", "outdated", "regression", "mismatch"]

RANK: tuple[Outcome, ...] = ("mismatch", "regression", "outdated", "infrastructure", "inconclusive", "pass")
"""Which of several is the gate's. What cannot be compared comes first, because the call is to be mended; a regression
that was shown stays one, whatever else broke down; an outdated recording before a machine, because it is its cause."""

Policy = Literal["default", "pass", "fail"]

POLICIES: tuple[Policy, ...] = ("default", "pass", "fail")

_CODES: dict[Outcome, int] = {
    "mismatch": 2,
    "regression": 1,
    "outdated": 3,
    "infrastructure": 3,
    "inconclusive": 3,
    "pass": 0,
}

SPEED = "CPU"
"""The name of the check of speed."""


def choose_policy(named: str) -> Policy:
    """What an inconclusive gate means for the exit code.

    Raises:
        BadInput: an unknown name.
    """
    for known in POLICIES:
        if named == known:
            return known
    raise BadInput(f"--inconclusive {named}: choose {', '.join(POLICIES)}")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, of one cell."""

    cell: str
    """`<backend>-<track>`; empty: of all."""
    name: str
    """The figure's path, or what else is compared."""
    outcome: Outcome
    sentence: str
    """What was found, with its numbers, for somebody who reads nothing else."""
    word: str = "same"
    """The same for a cell of a table."""
    worse: tuple[str, ...] = ()
    """Questions; of what has no direction these are all that differ, and `better` is empty."""
    better: tuple[str, ...] = ()
    figures: dict[str, Any] = field(default_factory=dict)
    """The numbers behind the sentence."""

    @property
    def changed(self) -> bool:
        """Whether there is anything to tell."""
        return self.outcome != "pass" or bool(self.worse or self.better) or self.word != "same"


@dataclass(frozen=True, slots=True)
class Result:
    """What a gate says of an experiment."""

    checks: tuple[Check, ...]
    notes: tuple[str, ...]
    """What changed that is no verdict: versions, machine, figures that are new."""
    folder: str
    baseline: str
    workload: str
    started: str
    """Of the experiment: ISO 8601, UTC."""
    policy: Policy = "default"

    @property
    def outcome(self) -> Outcome:
        """The first of `RANK` that a check has."""
        return min((check.outcome for check in self.checks), key=RANK.index, default="pass")

    @property
    def exit_code(self) -> int:
        """0 pass, 1 regression, 2 not comparable, 3 infrastructure or inconclusive.

        An inconclusive gate is a person's to decide. By default it stops where answers may have become worse, for
        nobody else will look; a suspicion of slowness in a single round does not, since the remedy is another run and
        not another change. `pass` and `fail` treat both alike.
        """
        if self.outcome != "inconclusive":
            return _CODES[self.outcome]
        if self.policy == "default":
            doubted = [check for check in self.checks if check.outcome == "inconclusive" and check.name != SPEED]
            return _CODES["inconclusive"] if doubted else 0
        return _CODES["inconclusive"] if self.policy == "fail" else 0

    def of(self, outcome: Outcome) -> list[Check]:
        """Checks with this outcome."""
        return [check for check in self.checks if check.outcome == outcome]
