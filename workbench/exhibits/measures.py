"""An experiment's report and its verdicts in; the rows, measures and the line of origin that exhibits share out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.exhibits.numbers import spread
from workbench.records import TRACKS, Track

Plain = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Measure:
    """A score that a reader can choose. All are from 0 to 1 and told in percent."""

    path: str
    name: str
    means: str


RIGHT = Measure(
    "answers.contains",
    "Right answers",
    "the share of needed facts that an answer holds; of what must be declined, whether it was",
)
MEASURES = (
    RIGHT,
    Measure("answers.f1", "F1", "how far the words of an answer agree with those of the gold answer"),
    Measure("retrieval.recall@5", "Evidence in the first 5 passages", "how much of the needed evidence was retrieved"),
    Measure("retrieval.ndcg@10", "Ranking of passages (nDCG@10)", "how far up among ten passages the evidence stands"),
    Measure("answers.refusal_accuracy", "Declined what has no answer", "of the unanswerable questions only"),
)
GROUPED = {"right": RIGHT, "recall@5": MEASURES[2]}
"""What is told by tenant and kind, by its name there."""


def tracks(report: Plain) -> list[Track]:
    """That something was run on."""
    return [track for track in TRACKS if any(track in runs for runs in report["backends"].values())]


def runs(report: Plain, track: str) -> dict[str, Plain]:
    """The runs of a track that have an answer, by backend."""
    return {name: found[track] for name, found in report["backends"].items() if found.get(track, {}).get("questions")}


def ranked(verdicts: Plain, track: str, path: str = RIGHT.path) -> list[Plain]:
    """The rows of a track, best first by this figure; what has none comes last."""
    rows = [row for row in verdicts["rows"] if row["track"] == track and row["questions"]]
    return sorted(rows, key=lambda row: -(row["figures"][path] or {"value": -1.0})["value"])


def pairs(verdicts: Plain, track: str) -> list[Plain]:
    """Every two backends of a track."""
    return [
        pair
        for family in verdicts["families"]
        if family["kind"] == "backends" and family["title"] == track
        for pair in family["pairs"]
    ]


def source(report: Plain, track: str = "") -> str:
    """Run, date, sample size and prices in one line."""
    about = report["experiment"]
    found = [run for name in ((track,) if track else TRACKS) for run in runs(report, name).values()]
    asked = spread([run["questions"] for run in found], str) if found else "0"
    model = f", {found[0]['model']}" if found else ""
    prices = f"priced as {about['price_as']}" if about.get("price_as") else about.get("prices", "prices not stated")
    where = f", {track}" if track else ""
    return f"{about['workload']['name']}{where}, {about['started'][:10]}, n = {asked} questions{model}; {prices}"


def rounded(value: float | None, factor: float, digits: int) -> float | None:
    """As a table shows it; None stays None."""
    return None if value is None else round(factor * value, digits)


def whisker(value: float, interval: Plain | None, colour: str) -> dict[str, Any]:
    """What plotly draws an interval of a share with, in percent."""
    if not interval or interval.get("low") is None:
        return {"visible": False}
    up, down = 100 * (interval["high"] - value), 100 * (value - interval["low"])
    return {"type": "data", "symmetric": False, "array": [up], "arrayminus": [down], "color": colour, "thickness": 2}
