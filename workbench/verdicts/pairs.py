"""Experiments come in, families of pairs of runs go out, and of each pair a figure on the same questions."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from math import exp, fsum, isnan, log
from typing import Literal

from workbench.backends import rank
from workbench.comparison import CONTROL
from workbench.errors import BadInput
from workbench.records import TRACKS
from workbench.verdicts.findings import Observed
from workbench.verdicts.margins import JUDGED_TIME
from workbench.verdicts.sides import Side
from workbench.verdicts.values import Cell, Key, paired

Clustered = Literal["none", "document", "tenant"]


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One run of one experiment."""

    mark: str
    """Of its experiment; empty where there is one."""
    cell: Cell

    @property
    def name(self) -> str:
        """As in sentences: `haystack (native, B)`."""
        return f"{self.cell.backend} ({', '.join(filter(None, (self.cell.track, self.mark)))})"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two runs: what is said is said of `after`."""

    after: Row
    before: Row


@dataclass(frozen=True, slots=True)
class Family:
    """Pairs that are looked at together: what is corrected for is their number."""

    kind: Literal["backends", "tracks", "folders"]
    """Backends on one track, one backend on two tracks, or one backend and track in two folders."""
    title: str
    pairs: tuple[Pair, ...]
    parity: bool
    """Of one folder's parity track: quality must not differ."""
    leaders: Pair | None = None
    """Of backends on one track: the best by F1 and the one after it."""


def rows(sides: Iterable[Side]) -> list[Row]:
    """All runs: by track, then by folder, backends in their usual order."""
    sides = list(sides)
    return [
        Row(side.mark, side.cells[Key(name, track)])
        for track in TRACKS
        for side in sides
        for name in sorted({cell.backend for cell in side.cells}, key=rank)
        if Key(name, track) in side.cells
    ]


def families(listed: list[Row], against: str = "") -> list[Family]:
    """All pairs of backends on each track of each folder; each backend on both tracks, and in every two folders.

    Args:
        listed: of `rows`.
        against: a backend that all others of the track are compared with, instead of all with all.

    Raises:
        BadInput: no such backend was run.
    """
    names = list(dict.fromkeys(row.cell.backend for row in listed))
    if against and against not in names:
        raise BadInput(f"--against {against}: was not run; there are {', '.join(names)}")
    found = [*_of_backends(listed, against), *_of_tracks(listed), *_of_folders(listed)]
    return [family for family in found if family.pairs]


def _of_backends(listed: list[Row], against: str) -> list[Family]:
    found = []
    for track, mark in dict.fromkeys((row.cell.track, row.mark) for row in listed):
        together = [row for row in listed if (row.cell.track, row.mark) == (track, mark)]
        together.sort(key=lambda row: row.cell.backend != (against or CONTROL))
        pairs = [Pair(after, before) for before, after in combinations(together, 2)]
        if against:
            pairs = [pair for pair in pairs if pair.before.cell.backend == against]
        title = f"{track}, {mark}" if mark else track
        found.append(Family("backends", title, tuple(pairs), track == "parity", _leaders(together)))
    return found


def _leaders(together: list[Row]) -> Pair | None:
    ranked = sorted((row for row in together if row.cell.of("answers.f1")), key=lambda row: -mean_of(row, "answers.f1"))
    return Pair(ranked[0], ranked[1]) if len(ranked) > 1 else None


def mean_of(row: Row, path: str) -> float:
    """Over all of a run's own questions."""
    found = row.cell.of(path).values()
    return fsum(found) / len(found)


def _of_tracks(listed: list[Row]) -> list[Family]:
    found = []
    for mark in dict.fromkeys(row.mark for row in listed):
        here = {(row.cell.backend, row.cell.track): row for row in listed if row.mark == mark}
        pairs = tuple(
            Pair(row, here[name, "parity"])
            for (name, track), row in here.items()
            if track == "native" and (name, "parity") in here
        )
        title = "native against parity" + (f", {mark}" if mark else "")
        found.append(Family("tracks", title, pairs, False))
    return found


def _of_folders(listed: list[Row]) -> list[Family]:
    found = []
    for first, second in combinations(dict.fromkeys(sorted(row.mark for row in listed)), 2):
        before = {(row.cell.backend, row.cell.track): row for row in listed if row.mark == first}
        pairs = tuple(
            Pair(row, before[key])
            for row in listed
            if row.mark == second and (key := (row.cell.backend, row.cell.track)) in before
        )
        found.append(Family("folders", f"{second} against {first}", pairs, False))
    return found


def observe(
    pair: Pair, path: str, among: frozenset[str] | None, clustered: Clustered = "none", interleaved: bool = True
) -> Observed:
    """A figure of both runs on the same questions.

    Args:
        pair: of runs.
        path: of the figure.
        among: questions that count; None: all.
        clustered: what questions are grouped by.
        interleaved: whether both were asked in turn, so that their times may be compared.
    """
    after, before = pair.after.cell, pair.before.cell
    if path == JUDGED_TIME:
        names, new, old = _cpu(after, before, among)
    else:
        names, new, old = paired(after, before, path, among.__contains__ if among is not None else None)
    clusters = [clusters_of(before, clustered)[name] for name in names] if clustered != "none" else None
    return Observed(new, old, clusters, _why_not(pair, path, names, interleaved))


def _cpu(after: Cell, before: Cell, among: frozenset[str] | None) -> tuple[list[str], list[float], list[float]]:
    """CPU by question: the geometric mean over the rounds in which both answered."""
    sums: dict[str, tuple[float, float, int]] = {}
    where = {name: place for place, name in enumerate(before.questions)}
    for turn in after.by_round[JUDGED_TIME].keys() & before.by_round[JUDGED_TIME].keys():
        base = before.by_round[JUDGED_TIME][turn]
        for name, value in zip(after.questions, after.by_round[JUDGED_TIME][turn], strict=True):
            other = base[where[name]] if name in where and (among is None or name in among) else 0.0
            if not isnan(value) and not isnan(other) and value > 0 and other > 0:
                new, old, count = sums.get(name, (0.0, 0.0, 0))
                sums[name] = new + log(value), old + log(other), count + 1
    return (
        list(sums),
        [exp(new / count) for new, _, count in sums.values()],
        [exp(old / count) for _, old, count in sums.values()],
    )


def clusters_of(cell: Cell, clustered: Clustered) -> dict[str, str]:
    """The cluster of each question; one without evidence is a cluster of its own."""
    labels = cell.tenants if clustered == "tenant" else cell.documents
    return {name: label or f"\0{name}" for name, label in zip(cell.questions, labels, strict=True)}


def _why_not(pair: Pair, path: str, names: list[str], interleaved: bool) -> str:
    cells = (pair.after.cell, pair.before.cell)
    if path == JUDGED_TIME and not all(cell.comparable for cell in cells):
        return "several questions were in flight at once"
    if path == JUDGED_TIME and not interleaved:
        return "asked at different times, not in turn"
    if names:
        return ""
    if path == "usd" and any(cell.of("tokens.input") and not cell.of("usd") for cell in cells):
        return "unpriced"
    return "not measured on the same questions"
