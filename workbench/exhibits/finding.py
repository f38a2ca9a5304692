"""An experiment's report and its verdicts in; what was compared, what was found and what would change it out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.comparison import CONTROL
from workbench.exhibits.exhibit import Exhibit
from workbench.exhibits.leak_counts import CHANNELS
from workbench.exhibits.measures import RIGHT, Plain, pairs, ranked, runs, source, tracks
from workbench.exhibits.numbers import all_of, percent, points, spread, within
from workbench.nouns import counted
from workbench.verdicts.metrics import LEAKS
from workbench.verdicts.wording import QUALITY

TRACK_LEADS = {"parity": "On the same passages and prompt", "native": "On their own defaults"}
TRACK_MEANS = {
    "parity": "parity: the same passages, number of passages and prompt for all, so that what differs is the framework",
    "native": "native: each framework's own splitter, prompt and defaults, what a team gets out of the box",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What an experiment showed."""

    sentence: str
    """The finding, with its interval."""
    besides: Sequence[str]
    """What else was shown: failures, work of the frameworks, tokens."""
    doubts: Sequence[str]
    """Why it may not hold: failed controls, unequal or unfinished runs."""


def finding(report: Plain, verdicts: Plain) -> Finding:
    """What the verdicts of one experiment come to, right for one backend as for six."""
    clauses = [_of_track(report, verdicts, track) for track in tracks(report)]
    sentence = "; ".join([clauses[0], *(each[0].lower() + each[1:] for each in clauses[1:])])
    return Finding(
        sentence=f"{sentence}.",
        besides=[
            each
            for track in tracks(report)
            for each in (
                *_failures(report, track),
                *_leaks(verdicts, track),
                *_work(verdicts, track),
                *_tokens(report, track),
            )
        ],
        doubts=list(dict.fromkeys(_doubts(report, verdicts))),
    )


def told(report: Plain, found: Finding) -> Exhibit:
    """The finding as an exhibit: for a report that is read elsewhere."""
    rows = [("Doubt", each) for each in found.doubts] + [("Besides", each) for each in found.besides]
    return Exhibit(
        name="finding",
        title="The finding",
        says=found.sentence,
        table=[{"Weight": kind, "What was shown": each} for kind, each in rows],
        source=source(report),
    )


def _of_track(report: Plain, verdicts: Plain, track: str) -> str:
    lead, rows = TRACK_LEADS[track], ranked(verdicts, track)
    scored = [row for row in rows if row["figures"][RIGHT.path]]
    if not rows:
        return f"{lead} no question was answered yet"
    if not scored:
        return f"{lead} no answer is scored, for want of gold answers"
    if len(scored) == 1:
        alone = f"{scored[0]['backend']} was run: {_level(scored[0])}, n = {scored[0]['questions']}"
        return f"{lead} only {alone}, and one alone shows no difference"
    found = [(pair, pair["findings"][RIGHT.path]) for pair in pairs(verdicts, track)]
    judged = [(pair, each) for pair, each in found if each["outcome"] != "not compared"]
    if not judged:
        why = found[0][1]["why_not"] if found else "not asked the same questions"
        return f"{lead} the backends cannot be compared: {why}"
    return f"{lead} {_compared(judged, scored)}"


def _compared(judged: Sequence[tuple[Plain, Plain]], scored: Sequence[Plain]) -> str:
    """Of all pairs: what was shown, or the largest difference that was not."""
    everybody, n = all_of(len(scored)), min(each["n"] for _, each in judged)
    pair, largest = max(judged, key=lambda each: abs(each[1]["difference"]))
    shown = [(pair, each) for pair, each in judged if each["outcome"] in ("better", "worse")]
    if shown:
        return _shown(shown, len(judged))
    if not any(each["differing"] for _, each in judged):
        same = "score the same in everything" if _all_same(judged) else "are right equally often"
        return f"{everybody} {same} on all {n} questions: {_level(scored[0])}, every difference {_size(largest)}"
    if all(each["outcome"] == "equivalent" for _, each in judged):
        margin = 100 * (largest["margin"] or 0.0)
        return f"{everybody} are right equally often within ±{margin:g} points: at most {_size(largest)}, n = {n}"
    return (
        f"no difference in right answers is shown between {'the two' if len(scored) == 2 else everybody}: the largest, "
        f"{_versus(pair, largest)}, is {_size(largest)}, n = {largest['n']}"
    )


def _shown(shown: Sequence[tuple[Plain, Plain]], judged: int) -> str:
    pair, largest = max(shown, key=lambda each: abs(each[1]["difference"]))
    after, before = _names(pair, largest)
    rest = "" if judged == 1 else f"; of {judged} pairs, {len(shown)} {'differs' if len(shown) == 1 else 'differ'}"
    return f"{after} is right more often than {before}: {_size(largest)}, n = {largest['n']}{rest}"


def _all_same(judged: Sequence[tuple[Plain, Plain]]) -> bool:
    return not any(pair["findings"][path]["differing"] for pair, _ in judged for path in QUALITY)


def _names(pair: Plain, found: Plain) -> tuple[str, str]:
    """The better one first."""
    names = pair["after"].split(" ", 1)[0], pair["before"].split(" ", 1)[0]
    return names if found["difference"] >= 0 else (names[1], names[0])


def _versus(pair: Plain, found: Plain) -> str:
    return " over ".join(_names(pair, found))


def _size(found: Plain) -> str:
    """The size of a difference with its interval, told of the better one."""
    interval = found["within"] if found["outcome"] == "equivalent" else found["interval"]
    if found["difference"] < 0 and interval:
        interval = {"low": -interval["high"], "high": -interval["low"]}
    return points(abs(found["difference"]), interval)


def _level(row: Plain) -> str:
    figure = row["figures"][RIGHT.path]
    return f"{percent(figure['value'])} right {within(figure['interval'], times=100, unit='%')}"


def _failures(report: Plain, track: str) -> Iterable[str]:
    for name, run in runs(report, track).items():
        if run["failed"]:
            kinds = ", ".join(f"{kind.replace('_', ' ')} {count}" for kind, count in run["failures"].items())
            share = f"{run['failed']} of {run['questions']}"
            yield f"{name} ({track}) failed on {share} questions, which are scored as wrong: {kinds}."


def _leaks(verdicts: Plain, track: str) -> Iterable[str]:
    """Where backends are shown to differ in what they leak."""
    for leak in LEAKS:
        way = CHANNELS[leak.path.removeprefix("leakage.")]
        found = [(pair, each) for pair in pairs(verdicts, track) if (each := pair["findings"].get(leak.path))]
        shown = [(pair, each) for pair, each in found if each["outcome"] in ("better", "worse")]
        if shown:
            pair, largest = max(shown, key=lambda each: abs(each[1]["difference"]))
            yield (
                f"How often a planted value was {way.means} ({track}): {len(shown)} of {len(found)} pairs differ, most "
                f"{_versus(pair, largest)}, by {_size(largest)}, n = {largest['n']}."
            )


def _work(verdicts: Plain, track: str) -> Iterable[str]:
    """What the frameworks take beyond the control: the steady measure of speed."""
    ratios = {row["backend"]: row["cpu_ratio"] for row in ranked(verdicts, track) if row["cpu_ratio"]}
    if not ratios:
        return
    order = sorted(ratios, key=lambda name: ratios[name]["value"])
    ends = [order[0], order[-1]] if len(order) > 1 else order
    told = " to ".join(
        f"{ratios[name]['value']:.1f} {within(ratios[name]['interval'], digits=1)} times ({name})" for name in ends
    )
    yield f"Work of the frameworks ({track}): {told} the CPU of {CONTROL}, the control without a framework."


def _tokens(report: Plain, track: str) -> Iterable[str]:
    tokens = {name: run["tokens"]["input"] for name, run in runs(report, track).items() if run["tokens"]["input"]}
    if len(tokens) < 2:
        return
    low, high = min(tokens, key=tokens.__getitem__), max(tokens, key=tokens.__getitem__)
    if tokens[high] > _ALIKE * tokens[low]:
        yield (
            f"Input tokens per question ({track}): {tokens[low]:,.0f} ({low}) to {tokens[high]:,.0f} ({high}): "
            "with a model that is paid by the token, this is what the bill follows."
        )


_ALIKE = 1.1
"""Up to a tenth more tokens are not worth a sentence."""


def _doubts(report: Plain, verdicts: Plain) -> Iterable[str]:
    yield from verdicts["bugs"]
    yield from (f"{note[0].upper()}{note[1:]}." for note in verdicts["notes"])
    proof = report["parity"]
    if proof["backends"] > 1 and min(proof["equal_prompts"], proof["equal_passages"]) < proof["questions"]:
        yield (
            f"The proof of parity fails: prompts were equal in {proof['equal_prompts']} and passages in "
            f"{proof['equal_passages']} of {proof['questions']} questions that all answered."
        )
    for track in tracks(report):
        found = {name: each[track] for name, each in report["backends"].items() if track in each}
        idle = [name for name, run in found.items() if not run["questions"]]
        if idle:
            yield f"Unfinished ({track}): {', '.join(idle)} answered nothing yet; run the same command again."
        if len({run["asked"] for run in found.values()}) > 1:
            yield f"Unfinished ({track}): the backends were asked different questions; run the same command again."
        for run in found.values():
            refused = run.get("leakage", {}).get("refused")
            yield from ([f"{refused[0].upper()}{refused[1:]}."] if refused else [])
            yield from (note[0].upper() + note[1:] for note in run["notes"] if "not judged yet" in note)
            if run["drafted"]:
                yield f"{run['drafted']} of {run['questions']} questions were drafted by a model and not reviewed."


def stands_on(report: Plain) -> Exhibit:
    """What was compared on what."""
    about = report["experiment"]
    workload, machine = about["workload"], about.get("machine", {})
    found = [run for track in tracks(report) for run in runs(report, track).values()]
    asked = spread([run["questions"] for run in found], str) if found else "0"
    versions = {name: found for name, found in _versions(report).items()}
    lines = {
        "Workload": f"{workload['name']}: {counted(workload['tenants'], 'tenant')}, "
        f"{counted(workload['documents'], 'document')}. {workload.get('source', '')}".strip(),
        "Questions": f"{asked} of {workload['questions']}, seed {about['seed']}",
        "Backends": ", ".join(f"{name} {versions[name]}".strip() for name in report["backends"]),
        "Tracks": "; ".join(TRACK_MEANS[track] for track in tracks(report)),
        "Models": _models(found),
        "Run": ", ".join(
            filter(
                None,
                (
                    about["started"][:10],
                    machine.get("processor", ""),
                    f"{machine['cores']} cores" if "cores" in machine else "",
                ),
            )
        ),
        "Prices": about.get("prices", "not stated")
        + (f"; tokens priced as {about['price_as']}, an assumption" if about.get("price_as") else ""),
    }
    return Exhibit(
        name="stands-on",
        title="What was compared on what",
        says=f"{counted(len(report['backends']), 'backend')} answered {asked} questions of {workload['name']}.",
        table=[{"What": name, "Which": text} for name, text in lines.items() if text],
        source=source(report),
    )


def _models(found: Sequence[Plain]) -> str:
    if not found:
        return ""
    first = found[0]
    where = f"asked at {first['upstream']}" if first["upstream"] else "run on this machine, nothing was sent out"
    found_by = f"{first['found_by']} retrieval; " if "found_by" in first else ""
    ranks = f", {first['reranker']} ranks" if "reranker" in first else ""
    return f"{first['model']} answers, {first['embedding_model']} embeds{ranks}; {found_by}{where}"


def _versions(report: Plain) -> Mapping[str, Any]:
    """The version of each backend's framework; the control has none."""
    from workbench.backends import framework

    used = {name: next(iter(each.values()))["versions"] for name, each in report["backends"].items()}
    return {
        name: "(the control)" if name == CONTROL else versions.get(framework(name, versions), "")
        for name, versions in used.items()
    }
