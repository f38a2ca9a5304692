"""An experiment's report and its verdicts in; the four figures that matter out, over all backends of a track."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from workbench.exhibits.exhibit import Exhibit
from workbench.exhibits.measures import RIGHT, Plain, ranked, rounded, runs, source
from workbench.exhibits.numbers import all_of, events, milliseconds, percent, spread, usd, within
from workbench.rates import local


@dataclass(frozen=True, slots=True)
class Card:
    """One figure that decides."""

    label: str
    value: str
    """From the least to the most of all backends."""
    detail: str
    """Whose is best, with its interval and sample size; or why there is no figure."""
    means: str
    """What is counted, in a sentence."""


def cards(report: Plain, verdicts: Plain, track: str) -> list[Card]:
    """Accuracy, latency, price and leaks."""
    found = runs(report, track)
    rows = {row["backend"]: row for row in ranked(verdicts, track)}
    return [_accuracy(rows), _latency(found), _price(found, rows), _leaks(found)]


def _accuracy(rows: Mapping[str, Plain]) -> Card:
    label, means = "Right answers", f"{RIGHT.means[0].upper()}{RIGHT.means[1:]}."
    scored = {name: figure for name, row in rows.items() if (figure := row["figures"][RIGHT.path])}
    if not scored:
        return Card(label, "not scored", "there are no gold answers, or none was judged", means)
    name, best = _first(scored, lambda each: -each["value"])
    who = _who(name, {each: figure["value"] for each, figure in scored.items()}, "best")
    detail = f"{who} {within(best['interval'], times=100, unit='%')}, n = {best['n']}"
    return Card(label, spread([each["value"] for each in scored.values()], percent), detail, means)


def _latency(found: Mapping[str, Plain]) -> Card:
    label, means = "p95 latency", "95 of 100 answers took no longer, as if nothing had been cached."
    timed = {name: run for name, run in found.items() if run["wall_ms"]["p95"] is not None}
    if not timed:
        return Card(label, "not timed", "no answer came", means)
    name, fast = _first(timed, lambda run: run["wall_ms"]["p95"])
    interval, n = fast["intervals"].get("wall_ms.p95"), fast["questions"] - fast["failed"]
    told = within(interval, digits=0, unit="ms") if interval else "[too few for an interval]"
    detail = f"{_who(name, {each: run['wall_ms']['p95'] for each, run in timed.items()}, 'fastest')} {told}, n = {n}"
    if not all(run["comparable"] for run in timed.values()):
        detail += "; not comparable: several questions at once"
    return Card(label, spread([run["wall_ms"]["p95"] for run in timed.values()], milliseconds), detail, means)


def _price(found: Mapping[str, Plain], rows: Mapping[str, Plain]) -> Card:
    label, means = "USD per 1,000 questions", "What the model calls of 1,000 questions are charged with."
    priced = {name: run for name, run in found.items() if run["usd"] is not None}
    if not priced:
        return Card(label, "unpriced", "a price of the model is not known", means)
    if all(run["usd"] == 0 for run in priced.values()):
        if all(local(run["model"]) for run in priced.values()):
            return Card(
                label, "free, local", "the model runs on this machine; see tokens for what another costs", means
            )
        return Card(label, usd(0.0), "nothing was charged", means)
    name, cheap = _first(priced, lambda run: run["usd"])
    figure = rows[name]["figures"]["usd"] if name in rows else None
    told = within(figure["interval"], times=1000, digits=2 if cheap["usd"] >= 0.1 else 4) if figure else "[no interval]"
    detail = f"{_who(name, {each: run['usd'] for each, run in priced.items()}, 'cheapest')} {told}"
    if figure:
        detail += f", n = {figure['n']}"
    if assumed := next((run["usage"]["priced_as"] for run in priced.values() if run["usage"]["priced_as"]), ""):
        detail += f"; priced as {assumed}, nothing was paid"
    if len(priced) < len(found):
        detail += f"; {len(found) - len(priced)} unpriced"
    return Card(label, spread([run["usd"] for run in priced.values()], usd), detail, means)


def _leaks(found: Mapping[str, Plain]) -> Card:
    label = "Leaks of planted values"
    means = "Answers that told a planted private value to somebody who may not know it."
    watched = {name: run["leakage"] for name, run in found.items() if "leakage" in run}
    counted = {name: leaks["questions"]["answer"] for name, leaks in watched.items() if "questions" in leaks}
    if not watched:
        return Card(label, "not measured", "this workload plants no private values", means)
    if not counted:
        refused = any(leaks.get("refused") for leaks in watched.values())
        why = "its controls failed" if refused else "the texts to search are gone"
        return Card(label, "not counted", why, means)
    name, worst = _first(counted, lambda each: -each["events"])
    alike = len(counted) > 1 and len({each["events"] for each in counted.values()}) == 1
    who = "each backend" if alike else _who(name, {each: told["events"] for each, told in counted.items()}, "most")
    sent = {each: watched[each]["questions"]["prompt"] for each in counted}
    least, most = (ends(sent.values(), key=lambda each: int(each["events"])) for ends in (min, max))
    low = "" if least["events"] == most["events"] else f"{least['events']} to "
    detail = f"{who}; values were sent to the model in {low}{events(most)} questions"
    return Card(label, f"{events(worst)}", detail, means)


def _first(found: Mapping[str, Plain], order: Callable[[Plain], float]) -> tuple[str, Plain]:
    name = min(found, key=lambda each: order(found[each]))
    return name, found[name]


def _who(name: str, values: Mapping[str, float], best: str) -> str:
    """Whose the figure is: the one's, or all of those that have the same."""
    if len(values) == 1:
        return name
    equal = [each for each, value in values.items() if value == values[name]]
    return f"{all_of(len(values))} alike" if len(equal) == len(values) else f"{best}: {', '.join(equal)}"


def by_backend(report: Plain, verdicts: Plain, track: str) -> Exhibit:
    """The four figures of every backend, as a table alone."""
    found, shown = runs(report, track), cards(report, verdicts, track)
    rows = {row["backend"]: row["figures"][RIGHT.path] for row in ranked(verdicts, track)}
    return Exhibit(
        name="four-figures",
        title=f"The four figures by backend, {track}",
        says=f"Right answers {shown[0].value}; p95 {shown[1].value}; price {shown[2].value}; leaks {shown[3].value}.",
        table=[
            {
                "Backend": name,
                "Right answers (%)": rounded(rows[name] and rows[name]["value"], 100, 1),
                "95 % interval": within((rows[name] or {}).get("interval"), times=100, unit="%"),
                "p95 (ms)": rounded(run["wall_ms"]["p95"], 1, 1),
                "USD per 1,000": "unpriced" if run["usd"] is None else f"{run['usd']:.4g}",
                "Leaks": events(run["leakage"]["questions"]["answer"])
                if "questions" in run.get("leakage", {})
                else "not counted",
                "n": run["questions"],
            }
            for name, run in found.items()
        ],
        source=source(report, track),
    )
