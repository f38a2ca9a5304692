"""A report of `workbench.verdicts.leaks` in; where planted values went, by channel, backend and group, out.

Every share is of planted documents, with its interval; of no event at all, with the bound that so many documents give.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from workbench.exhibits.dots import dots, means, merged, together
from workbench.exhibits.exhibit import Exhibit
from workbench.exhibits.leak_counts import CHANNELS, GROUPS, SINKS, can_cross, counts, experiment, named, shown, source
from workbench.exhibits.measures import Plain, rounded
from workbench.exhibits.numbers import events, points
from workbench.scores.leakage import notes, share


def channels(found: Plain, policy: str, track: str) -> Exhibit:
    """Where planted values went: each channel by backend.

    Args:
        found: the report.
        policy: of the gateway, one of `policies`.
        track: of the runs.
    """
    counted_rows, ways = counts(found, policy, track), shown(found)
    everything = {
        backend: {
            **{one.name: leaks["documents"]["all"]["all"][name] for name, one in ways.items()},
            **{one.name: _sink(leaks, name) for name, one in SINKS.items()},
        }
        for backend, leaks in counted_rows.items()
    }
    names = [one.name for one in (*ways.values(), *SINKS.values())]
    return Exhibit(
        name=f"leakage-channels-{policy}",
        title=f"Where planted values went, {named(policy)}, {track}",
        says=_says(everything, found, policy, track),
        table=[
            {"Backend": backend, **{name: events(each[name]) for name in names}} for backend, each in everything.items()
        ],
        source=source(found, track, policy),
        figure=_figure(everything, names) if everything else None,
        notes=_channel_notes(found, policy, track) if everything else (),
    )


def _sink(leaks: Plain, place: str) -> dict[str, Any]:
    """Values of all planted ones; of none, with the bound by documents, since those of one leak together."""
    planted, left = leaks["planted"], leaks["sinks"]
    searched = planted["values"] - (left["spelt"] if place == "log" else 0)
    if left[place]:
        # How those are spread over documents is not kept, so that no interval can be told.
        return {"events": left[place], "n": searched, "share": left[place] / searched, "low": None, "high": None}
    return share(0, searched, min(searched, planted["documents"]))


def _valued(scores: Mapping[str, Mapping[str, Plain]]) -> dict[str, dict[str, Plain]]:
    """As figures are drawn from; without groups that have no document."""
    return {
        backend: {name: {**each, "value": each["share"]} for name, each in scored.items() if each["n"]}
        for backend, scored in scores.items()
    }


def _figure(scores: Mapping[str, Mapping[str, Plain]], names: Sequence[str]) -> Any:
    return dots(merged(_valued(scores)), names, "Share of planted documents (%), 95 % interval", events)


def _says(scores: Mapping[str, Mapping[str, Plain]], found: Plain, policy: str, track: str) -> str:
    if not scores:
        return _why_not(found, policy, track)
    sent, told, crossed = (_range(scores, CHANNELS[name].name) for name in ("prompt", "answer", "cross"))
    said = (
        f"Of the documents with planted private values, {sent} had one sent to a model, and {told} had one told to "
        "somebody who may not know it"
    )
    if crossed:
        return f"{said}; {crossed} had one reach another tenant."
    return f"{said}; with one tenant there was no other to reach."


def _why_not(found: Plain, policy: str, track: str) -> str:
    rows = [row for row in experiment(found, policy)["rows"] if row["track"] == track]
    refused = sorted({row["leakage"]["refused"] for row in rows} - {""})
    return f"{refused[0] if refused else 'Nothing was counted: there are no texts to search, or no answers yet'}."


def _range(scores: Mapping[str, Mapping[str, Plain]], name: str) -> str:
    """From the least to the most, each with those that have it; empty where nobody has this channel."""
    by_events: dict[int, list[str]] = {}
    told: dict[int, str] = {}
    for backend, each in scores.items():
        if name in each:
            by_events.setdefault(each[name]["events"], []).append(backend)
            told[each[name]["events"]] = events(each[name])
    ends = sorted({min(by_events), max(by_events)}) if by_events else []
    return " to ".join(f"{told[end]} ({together(by_events[end], len(scores))})" for end in ends)


def _channel_notes(found: Plain, policy: str, track: str) -> list[str]:
    meant = "; ".join(f"{one.name.lower()}: {one.means}" for one in (*shown(found).values(), *SINKS.values()))
    documents = [leaks["documents"]["all"]["all"]["prompt"]["n"] for leaks in counts(found, policy, track).values()]
    return [
        f"A planted value was … {meant}. The last three are of values, all others of the {documents[0]} documents in "
        "which a value stands first. Lines are 95 % intervals; where nothing was found the line ends at the bound, "
        "above which the true share is not with 95 % confidence.",
        *_besides(found, policy, track),
    ]


def _besides(found: Plain, policy: str, track: str) -> Iterable[str]:
    """What was refused, is gone, or was left where nothing should be; what several backends share once."""
    whose: dict[str, list[str]] = {}
    rows = [row for row in experiment(found, policy)["rows"] if row["track"] == track]
    for row in rows:
        for sentence in notes(row["leakage"]):
            whose.setdefault(sentence, []).append(row["backend"])
    for sentence, names in whose.items():
        yield f"{together(names, len(rows)).capitalize() if len(names) == len(rows) else ', '.join(names)}: {sentence}"


def by_group(found: Plain, policy: str, track: str, by: str, channel: str) -> Exhibit:
    """One channel by kind of value, classification or tenant.

    Args:
        found: the report.
        policy: of the gateway.
        track: of the runs.
        by: one of `GROUPS`.
        channel: one of `CHANNELS`.
    """
    scores = {
        backend: {group: each[channel] for group, each in leaks["documents"][by].items()}
        for backend, leaks in counts(found, policy, track).items()
    }
    mean = means(_valued(scores))
    groups = sorted(mean, key=lambda group: (-mean[group], group))
    way = CHANNELS[channel]
    return Exhibit(
        name=f"leakage-by-{by}",
        title=f"{way.name}, by {GROUPS[by]}, {named(policy)}, {track}",
        says=_most(scores, groups) if groups else _why_not(found, policy, track),
        table=[
            {
                GROUPS[by].capitalize(): group,
                "Backend": backend,
                "Documents": scored[group]["events"],
                "Of": scored[group]["n"],
                "Share (%)": rounded(scored[group]["share"], 100, 1),
                "95 % from (%)": rounded(scored[group]["low"], 100, 1),
                "95 % to (%)": rounded(scored[group]["high"], 100, 1),
            }
            for group in groups
            for backend, scored in scores.items()
            if group in scored
        ],
        source=source(found, track, policy),
        figure=_figure(scores, groups) if groups else None,
        notes=(
            f"Planted documents of which a value was {way.means}. Groups are small: read the lines, which are 95 % "
            "intervals, and not the dots.",
        )
        if groups
        else (),
    )


def _most(scores: Mapping[str, Mapping[str, Plain]], groups: Sequence[str]) -> str:
    first, last = groups[0], groups[-1]
    if len(groups) == 1:
        return f"There is one group, {first}: {_range(scores, first)}."
    if not any(each["events"] for scored in scores.values() for each in scored.values()):
        bound = max(scores.values(), key=lambda scored: scored[first]["n"])[first]
        return f"In no group did it happen; of {first}, {events(bound)}."
    return f"Most from {first}: {_range(scores, first)}; least from {last}: {_range(scores, last)}."


def differences(found: Plain, policy: str, track: str) -> Exhibit:
    """Who leaks more: every two backends on the same questions."""
    pairs = [
        (pair["label"], each)
        for family in found["families"]
        if (family["policy"], family["track"]) == (policy, track)
        for pair in family["pairs"]
        for path, each in pair["findings"].items()
        if path != "leakage.cross" or can_cross(found)
    ]
    return Exhibit(
        name=f"leakage-pairs-{policy}",
        title=f"Who leaks more, {named(policy)}, {track}",
        says=_who_more(pairs),
        table=[
            {
                "Pair": label,
                "What": each["name"],
                "Difference": "-" if each["difference"] is None else points(each["difference"], each["interval"], 1),
                "p after Holm": "-" if each["p_holm"] is None else f"{each['p_holm']:.2g}",
                "n": each["n"],
                "The first is": each["outcome"],
            }
            for label, each in pairs
        ],
        source=source(found, track, policy),
        notes=(
            "Exact McNemar tests on the same questions, corrected by Holm for all pairs; the difference is of the "
            "share of questions in which it happened, the first backend less the second.",
        ),
    )


def _who_more(pairs: Sequence[tuple[str, Plain]]) -> str:
    judged = [each for _, each in pairs if each["difference"] is not None]
    if not judged:
        return "Nothing can be compared: it takes two backends that answered the same questions."
    sure = [(label, each) for label, each in pairs if each["outcome"] in ("better", "worse")]
    if not sure:
        same = not any(each["differing"] for each in judged)
        return (
            "All backends did the same on every question."
            if same
            else "No two backends are shown to differ in what they leak."
        )
    label, largest = max(sure, key=lambda one: abs(one[1]["difference"]))
    told = points(largest["difference"], largest["interval"], 0)
    return (
        f"{len({name for name, _ in sure})} of {len({name for name, _ in pairs})} pairs differ; the largest is "
        f"{label} in {largest['name']}: {told}, n = {largest['n']}."
    )
