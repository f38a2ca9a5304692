"""A report of `workbench.verdicts.leaks` in; what the gateway's policies keep back, and what that costs, out."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from workbench.exhibits.dots import merged, whiskers
from workbench.exhibits.exhibit import Exhibit
from workbench.exhibits.leak_counts import CHANNELS, Channel, counts, experiment, named, policies, shown, source
from workbench.exhibits.measures import MEASURES, Plain, rounded
from workbench.exhibits.numbers import events, percent, points, spread, within
from workbench.exhibits.theme import COLOURS, INK, SYMBOLS, figure

LEAKS = {name: CHANNELS[name] for name in ("prompt", "answer", "cross")}
"""What a policy is to keep back, by the name of the event, of which a question is the unit."""

SCORES = {measure.path: measure for measure in MEASURES[:2]}
"""What that may cost."""

MEANS = {
    "off": "everything is sent as it is",
    "redact": "detected personal data goes out under pseudonyms, which are brought back in the answer",
    "reject": "a prompt with detected personal data is not sent, and its question fails",
}


def leaks(found: Plain) -> dict[str, Channel]:
    """Of `LEAKS`, what can happen here."""
    return {name: one for name, one in shown(found).items() if name in LEAKS}


def costs(found: Plain, track: str, leak: str = "prompt", path: str = "answers.contains") -> Exhibit:
    """Leaks against accuracy: a point for each policy, and a line through those of each backend.

    Args:
        found: the report, of two policies or more.
        track: of the runs.
        leak: one of `LEAKS`.
        path: one of `SCORES`.
    """
    way, score = LEAKS[leak], SCORES[path]
    there, first = policies(found, track), found["experiments"][0]["policy"]
    spots = _spots(found, track, there, leak, path)
    table = [
        {
            "Backend": backend,
            "Policy": policy,
            f"{way.name} (questions)": events(spot["leak"]),
            f"{score.name} (%)": rounded(spot["score"] and spot["score"]["value"], 100, 1),
            "95 % interval": within((spot["score"] or {}).get("interval"), times=100, unit="%"),
            "n": spot["score"]["n"] if spot["score"] else 0,
            f"{way.name}, against {first}": _change(found, policy, backend, track, f"leakage.{leak}"),
            f"{score.name}, against {first}": _change(found, policy, backend, track, path),
            "Not sent by the policy": f"{spot['refused']} of {spot['questions']}",
            "Hidden though not planted": spot["hidden"],
        }
        for backend, by_policy in spots.items()
        for policy, spot in by_policy.items()
    ]
    return Exhibit(
        name="leakage-policies",
        title=f"What a policy costs: {way.name.lower()} against {_inside(score.name)}, {track}",
        says=_says(found, spots, there, track, (leak, path)),
        table=table,
        source=source(found, track, *there),
        figure=_figure(spots, f"{way.name}: share of questions (%)", f"{score.name} (%)") if spots else None,
        notes=(
            f"To the left less is {way.name.lower()}, which is: {way.means}; further up more is right. Lines are 95 % "
            "intervals of each policy alone; whether two differ is judged question by question and corrected by Holm.",
            f"{'; '.join(f'{name}: {MEANS[name]}' for name in there if name in MEANS)}. No policy covers texts that "
            "are sent to be embedded.",
            *_overdone(found, there),
        ),
    )


def _spots(found: Plain, track: str, there: Sequence[str], leak: str, path: str) -> dict[str, dict[str, Plain]]:
    """Backend -> policy -> what is drawn and told of it."""
    spots: dict[str, dict[str, Plain]] = {}
    for policy in there:
        rows = {row["backend"]: row for row in experiment(found, policy)["rows"] if row["track"] == track}
        for backend, leaks in counts(found, policy, track).items():
            row = rows[backend]
            spots.setdefault(backend, {})[policy] = {
                "leak": leaks["questions"][leak],
                "score": row["figures"][path],
                "refused": row["refused_by_policy"],
                "questions": row["questions"],
                "hidden": _hidden(leaks, policy),
            }
    return spots


def _hidden(leaks: Plain, policy: str) -> str:
    """What `redact` hides though no planted value stands there."""
    if policy != "redact":
        return "-"
    if "redaction" not in leaks:
        return "not counted"
    cost = leaks["redaction"]
    return f"{cost['hidden']:,} of {cost['characters']:,} characters"


def _overdone(found: Plain, there: Sequence[str]) -> Iterable[str]:
    if "redact" in there and not any("redaction" in row["leakage"] for row in experiment(found, "redact")["rows"]):
        yield ("How much else redaction hides was not counted by the version that made this run; a new run counts it.")


def _finding(found: Plain, policy: str, backend: str, track: str, path: str) -> Plain | None:
    """Of a policy against the first, question by question."""
    for family in found["costs"]:
        for pair in family["pairs"]:
            if family["policy"] == policy and pair["after"].startswith(f"{backend} ({track}"):
                finding: Plain | None = pair["findings"].get(path)
                return finding if finding and finding["difference"] is not None else None
    return None


def _change(found: Plain, policy: str, backend: str, track: str, path: str) -> str:
    finding = _finding(found, policy, backend, track, path)
    return "-" if finding is None else f"{points(finding['difference'], finding['interval'])}: {finding['outcome']}"


def _says(
    found: Plain,
    spots: Mapping[str, Mapping[str, Plain]],
    there: Sequence[str],
    track: str,
    paths: tuple[str, str],
) -> str:
    if not spots:
        return "Nothing was counted under any policy."
    told = []
    for policy in there:
        mine = {backend: each[policy] for backend, each in spots.items() if policy in each}
        if not mine:
            continue
        counted = {spot["leak"]["events"]: spot["leak"] for spot in mine.values()}
        leaked = " to ".join(events(counted[end]) for end in sorted({min(counted), max(counted)}))
        values = [spot["score"]["value"] for spot in mine.values() if spot["score"]]
        right = spread(values, percent) if values else "unscored"
        verdict = _verdict(found, policy, list(mine), track, paths[1])
        refused = [spot["refused"] for spot in mine.values()]
        asked = max(spot["questions"] for spot in mine.values())
        stopped = f", {spread(refused, str)} of {asked} not sent at all" if any(refused) else ""
        told.append(f"{named(policy)} {leaked}, {_inside(SCORES[paths[1]].name)} {right}{verdict}{stopped}")
    return f"Questions with a value {LEAKS[paths[0]].name.lower()}: {'; '.join(told)}."


def _inside(name: str) -> str:
    """As it is written inside a sentence."""
    return name if name.isupper() else name.lower()


def _verdict(found: Plain, policy: str, backends: Sequence[str], track: str, path: str) -> str:
    """In how many backends the score is shown to change."""
    judged = [finding for name in backends if (finding := _finding(found, policy, name, track, path))]
    if not judged:
        return ""
    worse = sum(each["outcome"] == "worse" for each in judged)
    most = min(judged, key=lambda each: each["difference"])
    told = points(most["difference"], most["interval"])
    if not worse:
        return f" (no loss shown, {told})"
    whose = f" in {worse} of {len(judged)} backends" if len(judged) > 1 else ""
    return f" (worse{whose}, {told})"


def _figure(spots: Mapping[str, Mapping[str, Plain]], x: str, y: str) -> Any:
    import plotly.graph_objects as go

    made = figure(x=x, y=y, height=420)
    series = merged({name: {key: one for key, one in each.items() if one["score"]} for name, each in spots.items()})
    for name, (label, by_policy) in series.items():
        ones, colour = list(by_policy.values()), INK if len(series) == 1 else COLOURS[name]
        leaks = [{"value": one["leak"]["share"], **_ends(one["leak"])} for one in ones]
        scores = [{"value": one["score"]["value"], **_ends(one["score"]["interval"])} for one in ones]
        made.add_trace(
            go.Scatter(
                x=[100 * each["value"] for each in leaks],
                y=[100 * each["value"] for each in scores],
                name=label,
                mode="lines+markers+text",
                text=list(by_policy),
                # Aside of whiskers, of the line that comes from the left below, and of the figure's left end.
                textposition=["top right", *["bottom right"] * (len(ones) - 1)],
                line={"color": colour, "width": 1, "dash": "dot"},
                marker={"color": colour, "symbol": SYMBOLS[name], "size": 12},
                error_x=whiskers(leaks, colour),
                error_y=whiskers(scores, colour),
                customdata=[[events(one["leak"]), one["refused"], one["questions"]] for one in ones],
                hovertemplate=(
                    f"{label}, %{{text}}: %{{customdata[0]}}; %{{y:.1f}} % right; not sent %{{customdata[1]}} of "
                    "%{{customdata[2]}}"
                    "<extra></extra>"
                ),
            )
        )
    made.update_layout(xaxis={"rangemode": "tozero"}, yaxis={"rangemode": "tozero"}, showlegend=True)
    return made


def _ends(interval: Plain | None) -> dict[str, float | None]:
    return {end: (interval or {}).get(end) for end in ("low", "high")}
