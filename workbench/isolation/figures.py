"""What searches gave in, a row of figures with their intervals out. No clock, no framework."""

from collections.abc import Mapping, Sequence
from typing import Any

from workbench import stats


def row(outcome: Mapping[str, Any], tenants: int) -> dict[str, Any]:
    """The figures of one cell.

    Args:
        outcome: of `searching.search_all`.
        tenants: of the cell, to share memory out.
    """
    megabytes = outcome["grown_bytes"] / 2**20
    found = {
        "searched": outcome["about"],
        "filter": outcome["filtering"],
        "corpus": "own" if outcome["own"] else "derived",
        "nearness": outcome["nearness"],
        "passages": outcome["passages"],
        "build_seconds": outcome["build_seconds"],
        "megabytes_per_tenant": megabytes / tenants,
        "refused": outcome.get("refused", ""),
    }
    if found["refused"]:
        return {**found, "queries": 0}
    return {**found, **judged(outcome["judged"]), **_times(outcome)}


def judged(results: Sequence[Sequence[int]]) -> dict[str, Any]:
    """Leaks, starvation and recall of searches: one line each of foreign hits, own hits, wanted, right.

    Hits of one query come together, so that the rate per hit has its interval over queries; where nothing leaked, both
    rates have the exact one-sided bound on the number of queries.
    """
    foreign, own, wanted, right = zip(*results, strict=True)
    queries = len(results)
    return {
        "queries": queries,
        "hits": sum(foreign) + sum(own),
        "leak_per_query": share(sum(map(bool, foreign)), queries),
        "leak_per_hit": _per_hit(foreign, [a + b for a, b in zip(foreign, own, strict=True)]),
        "starved": share(sum(one < want for one, want in zip(own, wanted, strict=True)), queries),
        "recall": _mean([one / want for one, want in zip(right, wanted, strict=True)]),
    }


def share(events: int, n: int) -> dict[str, Any]:
    """A count of queries with Wilson's interval; for no event at all, the exact one-sided 95 % bound."""
    if not n:
        return {"events": 0, "n": 0, "value": None, "low": None, "high": None, "method": ""}
    if not events:
        bound = stats.no_event_bound(n)
        return {"events": 0, "n": n, "value": 0.0, "low": 0.0, "high": bound, "method": "exact one-sided 95 % bound"}
    interval = stats.wilson(events, n)
    bounds = {"low": interval.low, "high": interval.high, "method": interval.method}
    return {"events": events, "n": n, "value": events / n, **bounds}


def _per_hit(foreign: Sequence[int], hits: Sequence[int]) -> dict[str, Any]:
    total, n = sum(foreign), sum(hits)
    if not total or not n:
        return share(0, len(hits)) | {"n": n}
    # A query is a cluster of as many zeros and ones as it had hits.
    values = [one for bad, all_ in zip(foreign, hits, strict=True) for one in [1.0] * bad + [0.0] * (all_ - bad)]
    clusters = [number for number, all_ in enumerate(hits) for _ in range(all_)]
    try:
        interval = stats.mean_interval(values, clusters=clusters)
    except stats.TooFewClusters:
        interval = None
    low, high, method = (
        (max(0.0, interval.low), min(1.0, interval.high), interval.method) if interval else (None, None, "too few")
    )
    return {"events": total, "n": n, "value": total / n, "low": low, "high": high, "method": method}


def _mean(values: Sequence[float]) -> dict[str, Any]:
    interval = stats.share_interval(values)
    assert interval is not None
    value = sum(values) / len(values)
    return {"n": len(values), "value": value, "low": interval.low, "high": interval.high, "method": interval.method}


def _times(outcome: Mapping[str, Any]) -> dict[str, Any]:
    walls, cpus = outcome["milliseconds"], outcome["cpu_milliseconds"]
    interval = stats.quantile_interval(walls, 0.95)
    return {
        "p50_ms": stats.quantile(walls, 0.5),
        "p95_ms": {
            "n": len(walls),
            "value": stats.quantile(walls, 0.95),
            "low": interval.low if interval else None,
            "high": interval.high if interval else None,
        },
        "cpu_ms": sum(cpus) / len(cpus),
    }
