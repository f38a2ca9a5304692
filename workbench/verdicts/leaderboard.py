"""Runs come in, what each has by itself goes out: every main figure with its interval, best by F1 first."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from statistics import fmean
from typing import Any

from workbench.comparison import CONTROL
from workbench.stats import CONFIDENCE, Interval, TooFewClusters, mean_interval, quantile, share_interval
from workbench.verdicts import ratios
from workbench.verdicts.metrics import MAIN, metric
from workbench.verdicts.pairs import Clustered, Pair, Row, clusters_of, observe
from workbench.verdicts.wording import MAIN_QUALITY


def leaderboard(rows: Sequence[Row], among: frozenset[str] | None, clustered: Clustered) -> list[dict[str, Any]]:
    """The figures of every run.

    Args:
        rows: any order.
        among: questions that count; None: all.
        clustered: what questions are grouped by in intervals.

    Returns:
        Track by track, best F1 first: `mark`, `backend`, `track`, `questions`, `figures` (path -> value, n, interval or
        None where nothing is scored), `cpu_ratio` to the control of the same track and folder, `wall_ms`, `comparable`.
    """
    found = [_entry(row, rows, among, clustered) for row in rows]
    tracks = list(dict.fromkeys(row.cell.track for row in rows))
    return sorted(found, key=lambda entry: (tracks.index(entry["track"]), -_f1(entry)))


def _f1(entry: dict[str, Any]) -> float:
    figure = entry["figures"][MAIN_QUALITY]
    return float(figure["value"]) if figure else -1.0


def _entry(row: Row, rows: Iterable[Row], among: frozenset[str] | None, clustered: Clustered) -> dict[str, Any]:
    cell = row.cell
    walls = [
        value
        for turn in cell.by_round["wall_ms"].values()
        for name, value in zip(cell.questions, turn, strict=True)
        if value == value and (among is None or name in among)  # NaN is not itself
    ]
    return {
        "mark": row.mark,
        "backend": cell.backend,
        "track": cell.track,
        "questions": sum(among is None or name in among for name in cell.questions),
        "figures": {
            metric.path: _figure(row, metric.path, among, clustered) for metric in MAIN if metric.path != "cpu_ms"
        },
        "cpu_ratio": _cpu_ratio(row, rows, among, clustered),
        "wall_ms": {name: quantile(walls, share) for name, share in (("p50", 0.5), ("p95", 0.95))} if walls else None,
        "comparable": cell.comparable,
        "priced_as": cell.priced_as,
    }


def _figure(row: Row, path: str, among: frozenset[str] | None, clustered: Clustered) -> dict[str, Any] | None:
    known = {name: value for name, value in row.cell.of(path).items() if among is None or name in among}
    if not known:
        return None
    values = list(known.values())
    return {"value": fmean(values), "n": len(values), "interval": _plain(_interval(row, path, known, clustered))}


def _interval(row: Row, path: str, known: dict[str, float], clustered: Clustered) -> Interval | None:
    values = list(known.values())
    share = metric(path).scale == "score" and all(0 <= value <= 1 for value in values)
    if clustered == "none":
        return share_interval(values) if share else mean_interval(values)
    labels = clusters_of(row.cell, clustered)
    try:
        found = mean_interval(values, clusters=[labels[name] for name in known])
    except TooFewClusters:
        return None
    if found is None or not share:
        return found
    return Interval(max(0.0, found.low), min(1.0, found.high), found.n, found.method)


def _cpu_ratio(
    row: Row, rows: Iterable[Row], among: frozenset[str] | None, clustered: Clustered
) -> dict[str, Any] | None:
    same = (row.mark, row.cell.track)
    control = [each for each in rows if (each.mark, each.cell.track) == same and each.cell.backend == CONTROL]
    if row.cell.backend == CONTROL or not control:
        return None
    seen = observe(Pair(row, control[0]), "cpu_ms", among, clustered)
    if seen.why_not or len(seen.after) < 2:
        return None
    try:
        ratio = ratios.of_times(seen.after, seen.before, seen.clusters)
    except TooFewClusters:
        return None
    return {"value": ratio.value, "n": len(seen.after), "interval": _plain(ratio.interval(CONFIDENCE))}


def _plain(interval: Interval | None) -> dict[str, Any] | None:
    return asdict(interval) if interval else None
