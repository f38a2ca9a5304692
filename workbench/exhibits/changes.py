"""An experiment's report and its verdicts in; what would change the finding, and how to find out, out."""

from collections.abc import Iterable

from workbench.exhibits.exhibit import Exhibit
from workbench.exhibits.measures import RIGHT, Plain, pairs, runs, source, tracks
from workbench.exhibits.numbers import points
from workbench.rates import local
from workbench.records import TRACKS
from workbench.stats import connor

Change = tuple[str, str, str]
"""What, why, how to find out."""


def changes(report: Plain, verdicts: Plain) -> Exhibit:
    """What would change the finding, the likeliest first."""
    found = [
        *_missing(report),
        *(each for track in tracks(report) for each in _questions(report, verdicts, track)),
        *_reader(report),
        *_prices(report),
        *_speed(report),
        _data(report),
    ]
    return Exhibit(
        name="changes",
        title="What would change it",
        says=f"{found[0][0]}: {found[0][1]}",
        table=[{"What": what, "Why": why, "How to find out": how} for what, why, how in found],
        source=source(report),
    )


def _missing(report: Plain) -> Iterable[Change]:
    if len(report["backends"]) < 2:
        yield ("A second backend", "One backend alone shows no difference.", "--backends plain,NAME")
    for track in TRACKS:
        if track not in tracks(report):
            why = (
                "What the framework itself changes shows only where all else is the same."
                if track == "parity"
                else "A framework's own splitter, prompt and defaults were not tried."
            )
            yield (f"The {track} track", why, "--track both")


def _questions(report: Plain, verdicts: Plain, track: str) -> Iterable[Change]:
    """How many questions would decide what was not shown."""
    found = [pair["findings"][RIGHT.path] for pair in pairs(verdicts, track)]
    open_ = [each for each in found if each["outcome"] == "no difference shown" and each["differing"]]
    if not open_:
        return
    seen = max(open_, key=lambda each: abs(each["difference"]))
    effect = abs(seen["difference"]) or _WORTH
    discordant = max(seen["differing"] / seen["n"], effect)
    needed = connor(effect, discordant, alpha=verdicts["settings"]["alpha"] / len(found))
    blind = "" if seen["detectable"] is None else f"; these {seen['n']} show {points(seen['detectable'])} or more"
    workload = report["experiment"]["workload"]
    how = (
        f"--questions {needed}"
        if needed <= workload["questions"]
        else f"{workload['name']} has {workload['questions']:,} questions: add your own, workbench draft"
    )
    size = (
        f"the largest difference seen ({points(effect)})" if seen["difference"] else f"a difference of {points(effect)}"
    )
    yield (
        f"About {_round_up(needed):,} questions ({track})",
        f"So many would show {size} in 4 of 5 experiments, if it is real{blind}.",
        how,
    )


_WORTH = 0.05
"""A difference that somebody would act on, where none was seen."""


def _round_up(count: int) -> int:
    """To two digits: the estimate is no better."""
    step = int(10 ** max(0, len(str(count)) - 2))
    return -(-count // step) * step


def _reader(report: Plain) -> Iterable[Change]:
    models = {run["model"] for track in tracks(report) for run in runs(report, track).values()}
    if any(local(model) for model in models):
        yield (
            "A real model",
            f"{', '.join(sorted(models))} is a small, weak reader: with a large model accuracy, seconds and price are "
            "others, and differences between prompts may grow or vanish.",
            "--upstream URL --model NAME, after --dry-run has told the price",
        )


def _prices(report: Plain) -> Iterable[Change]:
    if assumed := report["experiment"].get("price_as"):
        yield ("The price", f"Tokens are priced as those of {assumed}, which nobody paid.", "the page Plan")


def _speed(report: Plain) -> Iterable[Change]:
    found = [run for track in tracks(report) for run in runs(report, track).values()]
    if found and not all(run["comparable"] for run in found):
        yield ("Speed, one at a time", "Several questions at once disturb each other's times.", "--workers 1")
    elif found and max(run["rounds"] for run in found) == 1:
        yield ("Speed, asked again", "Times of one round on one machine spread widely.", "--rounds 3")


def _data(report: Plain) -> Change:
    name = report["experiment"]["workload"]["name"]
    return (
        "Your tenants' own documents and questions",
        f"The finding holds for questions like those of {name}; yours may be harder, longer or more alike.",
        "workbench import, then workbench check and workbench run on your folder",
    )
