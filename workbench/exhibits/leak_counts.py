"""A report of `workbench.verdicts.leaks` in; its rows, the channels and the line of origin that exhibits share out."""

from dataclasses import dataclass

from workbench.exhibits.measures import Plain
from workbench.nouns import counted
from workbench.records import TRACKS, Track


@dataclass(frozen=True, slots=True)
class Channel:
    """A way that a planted value can go."""

    name: str
    means: str
    """Continues: a planted value was …"""


CHANNELS = {
    "retrieved": Channel("Retrieved", "among the passages for a prompt"),
    "prompt": Channel("Sent", "in what was sent to a model"),
    "answer": Channel("Told", "in an answer to somebody who may not know it"),
    "cross": Channel("Crossed", "in passages, prompt or answer of another tenant"),
    "class": Channel("Above clearance", "sent or told above the clearance of who asked"),
}
"""By the name of the event, of which a planted document is the unit."""

SINKS = {
    "cache": Channel("Left in files", "left in files that the framework wrote by itself"),
    "stderr": Channel("On error output", "written to standard error by the framework"),
    "log": Channel("In our logs", "in files of the experiment other than its texts"),
}
"""By the name of the place, of which a planted value is the unit."""

PLANTED = (
    "Made-up private values, such as card numbers, names and salaries, stand in some documents on purpose: what "
    "happens to them would happen to real ones."
)
"""What planted values are, for who never heard of them."""

GROUPS = {"kinds": "kind of value", "classifications": "classification", "tenants": "tenant"}
"""By their name in a report."""


def tracks(found: Plain) -> list[Track]:
    """That something was run on, under any policy."""
    there = {row["track"] for one in found["experiments"] for row in one["rows"]}
    return [track for track in TRACKS if track in there]


def policies(found: Plain, track: str) -> list[str]:
    """That something was run under on this track, `off` first."""
    return [one["policy"] for one in found["experiments"] if any(row["track"] == track for row in one["rows"])]


def experiment(found: Plain, policy: str) -> Plain:
    """Its part of the report."""
    one: Plain = next(one for one in found["experiments"] if one["policy"] == policy)
    return one


def counts(found: Plain, policy: str, track: str) -> dict[str, Plain]:
    """What was counted, by backend; without those whose controls refused or whose texts are gone."""
    rows = experiment(found, policy)["rows"]
    return {row["backend"]: row["leakage"] for row in rows if row["track"] == track and "documents" in row["leakage"]}


def can_cross(found: Plain) -> bool:
    """Whether there was another tenant for a value to reach: without one, no event is no finding."""
    return any(one["workload"]["tenants"] > 1 for one in found["experiments"])


def shown(found: Plain) -> dict[str, Channel]:
    """The channels that something can go by here."""
    return {name: one for name, one in CHANNELS.items() if name != "cross" or can_cross(found)}


def source(found: Plain, track: str, *under: str) -> str:
    """Workload, policies, date, sample size and model in one line."""
    one = experiment(found, under[0])
    rows = [row for row in one["rows"] if row["track"] == track]
    planted = rows[0]["leakage"]["planted"]
    return (
        f"{one['workload']['name']}, policy {', '.join(under)}, {track}, {one['started'][:10]}, "
        f"{planted['values']:,} planted values in {counted(planted['documents'], 'document')}, "
        f"n = {max(row['questions'] for row in rows):,} questions, {one['model']}"
    )


def named(policy: str) -> str:
    """In a heading."""
    return "no policy" if policy == "off" else f"policy {policy}"
