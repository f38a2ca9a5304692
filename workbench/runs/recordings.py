"""Ties an experiment to a recording: options in; what it records or replays, and why that is refused, out."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workbench.errors import BadInput, Infrastructure
from workbench.gateway import recording
from workbench.gateway.replay import OUTDATED
from workbench.gateway.settings import Replayed
from workbench.nouns import counted
from workbench.records import Failure
from workbench.runs.options import Options


class Outdated(Infrastructure):
    """A replay came to calls that its recording does not hold: nothing is broken, and nothing was measured."""


@dataclass(frozen=True, slots=True)
class Tie:
    """What an experiment has to do with recordings."""

    recorded: str = ""
    """Id of the recording that is gone on with; empty: none, or one that is not there yet."""
    replayed: recording.State | None = None

    @property
    def identity(self) -> str:
        """What makes a replay another run than the asking, and two recordings two runs."""
        return self.replayed.id if self.replayed else ""


def tie(options: Options) -> Tie:
    """Look at the files that the options name. Nothing is written.

    Raises:
        BadInput: a file is no recording, broken, or of a newer workbench.
    """
    return Tie(
        recorded=recording.known(options.record) if options.record else "",
        replayed=recording.examine(options.replay) if options.replay else None,
    )


def refuse_other(folder: Path, about: Mapping[str, Any], options: Options, now: Tie) -> None:
    """Make sure that an experiment is gone on with as it was started: a recording may have grown, no more.

    Raises:
        BadInput: names the file, and what it was.
    """
    recorded = about.get("recorded", "")
    if options.record and recorded != now.recorded:
        was = "was recorded into another file" if recorded else "was started without --record"
        raise BadInput(f"--record {options.record}: {folder} {was}; choose another --out")
    if recorded and not options.record:
        raise BadInput(f"--out {folder}: was started with --record; give the same file, or choose another folder")
    replayed = about.get("replayed")
    if options.replay is None or now.replayed is None:
        if replayed:
            raise BadInput(f"--out {folder}: replays a recording; give it as --replay, or choose another folder")
        return
    if not replayed:
        raise BadInput(f"--replay {options.replay}: {folder} was started without it; choose another --out")
    same = replayed["id"] == now.replayed.id
    if not same or not recording.begins_with(options.replay, replayed["sha256"], replayed["size"]):
        raise BadInput(
            f"--replay {options.replay}: is not the recording that {folder} was started with, nor the same one grown; "
            "choose another --out"
        )


def described(options: Options, now: Tie) -> dict[str, Any] | None:
    """The replayed recording as experiment.json has it."""
    if options.replay is None or now.replayed is None:
        return None
    return {"file": options.replay.name, **asdict(now.replayed), "real_time": options.real_time}


def replayed(options: Options, now: Tie) -> Replayed | None:
    """The same for the gateway."""
    if options.replay is None or now.replayed is None:
        return None
    return Replayed(str(options.replay.resolve()), now.replayed.size, options.real_time)


def outdated_answer(missing: int) -> Failure:
    """Why a question has no answer whose calls are not in the recording."""
    return Failure(OUTDATED, f"the recording does not hold {missing} of its calls: record again")


def is_outdated(failure: Failure) -> bool:
    """Whether another recording may help."""
    return failure.kind == OUTDATED


def verdict(missing: int, first: str, *, at_least: bool = False) -> str:
    """The sentence that a replay ends with which came to calls that its recording does not hold."""
    return f"recording outdated, {'at least ' * at_least}{counted(missing, 'call')} (first: {first}): record again"
