"""An experiment or a plan and a name in, an exhibit, which is a figure with its table and sentence, out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.api.words import in_python
from workbench.errors import BadInput
from workbench.records import TRACKS, Track

if TYPE_CHECKING:
    from workbench.api.experiments import Experiment
    from workbench.exhibits.exhibit import Exhibit
    from workbench.planning.plan import Plan


class Figures(Mapping[str, "Exhibit"]):
    """All figures of an experiment or a plan by name; each is made when it is taken out."""

    def __init__(self, source: Experiment | Plan, track: str, names: list[str]) -> None:
        self._source, self._track, self._names = source, track, names

    def __getitem__(self, name: str) -> Exhibit:
        if name not in self._names:
            raise KeyError(name)
        return figure(self._source, name, track=self._track)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __repr__(self) -> str:
        return f"figures: {', '.join(self._names)}"


@in_python
def figure(source: Experiment | Plan | str | Path, name: str, *, track: str = "") -> Exhibit:
    """One figure with its table, what to see in it, and where it comes from; the same that app and report show.

    Args:
        source: an experiment, its folder, or a plan of `wb.simulate`.
        name: `wb.figures(source)` lists them, such as tradeoff, leaderboard, latency or causes; of a plan answer,
            waterfall, months, tornado or capacity.
        track: of an experiment: parity or native; empty: the first there is.

    Returns:
        The exhibit: `figure` (plotly, or None), `df`, `says`, `source`, `notes`.

    Raises:
        BadInput: there is none of that name, or not of this experiment.

    Source: `workbench.exhibits`, one module for each.
    """
    from workbench.exhibits import gallery

    made = _plan(source)
    if made is not None:
        if name not in gallery.OF_PLAN:
            raise BadInput(f"figure {name}: there is none of a plan; choose from {', '.join(gallery.OF_PLAN)}")
        return gallery.OF_PLAN[name](made)
    one = _experiment(source)
    return gallery.exhibit(one, chosen_track(one, track), name)


@in_python
def figures(source: Experiment | Plan | str | Path, *, track: str = "") -> Figures:
    """All figures there are of an experiment or a plan, by name.

    Args:
        source: an experiment, its folder, or a plan of `wb.simulate`.
        track: of an experiment: parity or native; empty: the first there is.

    Raises:
        BadInput: nothing was run on this track.

    Source: `workbench.exhibits.gallery`.
    """
    from workbench.exhibits import gallery

    made = _plan(source)
    if made is not None:
        return Figures(made, "", list(gallery.OF_PLAN))
    one = _experiment(source)
    chosen = chosen_track(one, track)
    return Figures(one, chosen, gallery.names(one, chosen))


def _plan(source: Experiment | Plan | str | Path) -> Plan | None:
    from workbench.planning.plan import Plan

    return source if isinstance(source, Plan) else None


def _experiment(source: Experiment | Plan | str | Path) -> Experiment:
    from workbench.api.experiments import opened
    from workbench.planning.plan import Plan

    assert not isinstance(source, Plan)
    return opened(source)


def chosen_track(one: Experiment, named: str) -> Track:
    """A track of an experiment; without a name the first there is.

    Raises:
        BadInput: nothing was run on it.
    """
    there = one.tracks
    if not named and there:
        return there[0]
    for track in TRACKS:
        if named == track and track in there:
            return track
    raise BadInput(f"--track {named}: nothing was run on it; there is {', '.join(there) or 'none yet'}")
