"""A scenario's name or file, or a run, and settings in, the scenario that is meant out."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from workbench.errors import BadInput
from workbench.planning import names
from workbench.planning.scenario import Scenario
from workbench.planning.values import month
from workbench.records import TRACKS, Track


def origin(
    name: str | Path | None,
    settings: Sequence[str] = (),
    *,
    from_run: Path | None = None,
    backend: str = "",
    track: str = "parity",
    date: str = "",
) -> Scenario:
    """Find a scenario and change it.

    Args:
        name: shipped, or a file; None: `reference`, under a run `today`.
        settings: such as `demand.daily_users=250000`.
        from_run: an experiment's folder that tokens, times and model are taken from.
        backend: of that experiment.
        track: of that experiment.
        date: first month, YYYY-MM; empty: that of the scenario.

    Raises:
        BadInput: an unknown name, a value out of range, or no such run.
    """
    start = month("--date", date) if date else None
    if from_run is None:
        if backend:
            raise BadInput(f"--backend {backend}: needs --from-run DIR")
        base = Scenario.load(name or "reference")
    else:
        if not backend:
            raise BadInput(f"--from-run {from_run}: name the run by --backend NAME")
        base = Scenario.load(name or "today")
    if start:
        base = base.starting(start)
    if from_run is not None:
        base = Scenario.from_experiment(from_run, backend, _track(track), base=base, model=_named_model(settings))
    return base.set(*settings) if settings else base


def worded(named: Mapping[str, object]) -> list[str]:
    """Settings by name as the words that a shell would have: `users=250000`, `load.nodes_follow_replicas=on`."""
    return [f"{name}={_word(value)}" for name, value in named.items()]


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list | tuple):
        return ",".join(map(_word, value))
    return "none" if value is None else str(value)


def _track(named: str) -> Track:
    for track in TRACKS:
        if named == track:
            return track
    raise BadInput(f"--track {named}: unknown track; choose parity or native")


def _named_model(settings: Sequence[str]) -> str:
    """A model that the settings name: it prices the run's tokens."""
    named = ""
    for text in settings:
        key, _, value = text.partition("=")
        if key.strip() and names.find(key).names == ("prices.model",):
            named = value.strip()
    return named
