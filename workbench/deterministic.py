"""A report in, the part of it out that must be the same whenever the same questions were answered alike. Pure.

Left out is what differs between two undisturbed runs, or between one that was interrupted and one that was not: times
and machine; what was spent on attempts that do not count, on indexing again and on judging again; sentences on these.
"""

from collections.abc import Mapping
from typing import Any

TIMES = frozenset({"wall_ms", "parts_ms", "cpu_ms", "framework_cpu_ms", "streaming"})

SPENT = frozenset({"not_scored", "ingestion", "unattributed", "retries", "failed_calls", "truncated", "spent_usd"})
"""Fields of a cell's usage that count every call, whether its attempt counts or not."""

SINKS = ("log", "spelt")
"""Sinks that our own records and ids fill; others may come from attempts that do not count, or be lost with them."""

EXPERIMENT = ("workload", "seed", "keep_text", "judge", "price_as", "prices", "workbench", "too_long_passages")

_SPENT_NOTES = (
    "latency not comparable",
    "retrieval was not timed apart",
    "spent and not scored",
    "no question: unattributed",
    "the gateway tried",
    "texts were longer than the embedder reads",
    "planted values of another tenant were in calls",
    "planted values were left in files",
    "planted values were written to standard error",
)


def part(report: Mapping[str, Any]) -> dict[str, Any]:
    """The deterministic part of a report.

    Args:
        report: as `workbench.comparison.report` gives it.

    Returns:
        Plain values: `experiment`, `parity`, and `backends`: backend -> track -> figures. Two replays of one recording
        give equal ones, byte for byte as JSON, however often they were interrupted.
    """
    about = report["experiment"]
    replayed = about.get("replayed")
    return {
        "experiment": {name: about[name] for name in EXPERIMENT if name in about}
        | {"replayed": None if replayed is None else {name: replayed[name] for name in ("id", "sha256", "calls")}},
        "parity": dict(report["parity"]),
        "backends": {
            backend: {track: _cell(figures) for track, figures in tracks.items()}
            for backend, tracks in report["backends"].items()
        },
    }


def _cell(figures: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in figures.items() if name not in TIMES}
    ingested = figures.get("ingested")
    if leaks := figures.get("leakage"):
        kept["leakage"] = (
            leaks | {"sinks": {name: leaks["sinks"][name] for name in SINKS}} if "sinks" in leaks else leaks
        )
    return kept | {
        "comparable": None,  # more questions at once make other times, and the same answers
        "judge": {name: value for name, value in figures["judge"].items() if name != "bill"},
        "usage": _usage(figures["usage"]),
        "intervals": {
            path: interval for path, interval in figures["intervals"].items() if path.split(".")[0] not in TIMES
        },
        "ingested": None if ingested is None else {"passages": ingested["passages"]},
        "notes": [note for note in figures["notes"] if not any(words in note for words in _SPENT_NOTES)],
    }


def _usage(usage: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in usage.items() if name not in SPENT}
    # Spent on answers that count: less where a cache of ours was warm already.
    return kept | {"counted": {name: value for name, value in usage["counted"].items() if name != "spent_usd"}}
