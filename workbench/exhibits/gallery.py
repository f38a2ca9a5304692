"""An experiment or a plan in; every exhibit that there is of it, by name and by section of a report, out."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from workbench.errors import BadInput
from workbench.exhibits import isolation as study
from workbench.exhibits import leakage, policies, questions
from workbench.exhibits.capacity import capacity
from workbench.exhibits.cards import by_backend
from workbench.exhibits.changes import changes
from workbench.exhibits.claims import claims
from workbench.exhibits.comparison import grouped, leaderboard
from workbench.exhibits.document import Section
from workbench.exhibits.exhibit import Exhibit
from workbench.exhibits.finding import finding, stands_on, told
from workbench.exhibits.latency import latency
from workbench.exhibits.leak_counts import policies as policies_of
from workbench.exhibits.leak_counts import tracks as leak_tracks
from workbench.exhibits.levers import tornado, waterfall
from workbench.exhibits.measures import Plain, runs, source, tracks
from workbench.exhibits.plan import answer
from workbench.exhibits.schedule import monthly, rollout
from workbench.exhibits.tenants import tenants
from workbench.exhibits.tradeoff import cost_axes, tradeoff
from workbench.planning.plan import Plan
from workbench.records import Track
from workbench.verdicts.failures import Case


class Subject(Protocol):
    """What exhibits of an experiment are made of; each is read when it is first asked for."""

    @property
    def report(self) -> Plain:
        """As `workbench.comparison.report` gives it."""

    @property
    def verdicts(self) -> Plain:
        """As `workbench.verdicts.report.compare` gives it."""

    @property
    def leaks(self) -> Plain | None:
        """As `workbench.verdicts.leaks.report` gives it; None: nothing was planted."""

    @property
    def isolation(self) -> Mapping[str, Any] | None:
        """As `workbench isolation --json` writes it; None: there is none."""

    def failing(self, track: Track) -> Sequence[Case]:
        """Failing questions of a track."""


def overview(report: Plain, verdicts: Plain) -> list[Exhibit]:
    """What a report begins with, of the first track."""
    own = tracks(report)[0]
    found = told(report, finding(report, verdicts))
    return [found, by_backend(report, verdicts, own), changes(report, verdicts), stands_on(report)]


def _overview(place: int) -> Callable[[Subject, Track], Exhibit]:
    return lambda one, track: overview(one.report, one.verdicts)[place]


def _tradeoff(one: Subject, track: Track) -> Exhibit:
    axes = cost_axes(one.report, track)
    if not axes:
        raise BadInput("figure tradeoff: nothing that costs was measured, to set scores against")
    return tradeoff(one.report, one.verdicts, track, next(iter(axes)))


def _causes(one: Subject, track: Track) -> Exhibit:
    asked = {name: run["questions"] for name, run in runs(one.report, track).items()}
    return questions.causes(one.failing(track), asked, track, source(one.report, track))


def _leaks(one: Subject) -> Plain:
    if one.leaks is None:
        raise BadInput("there is no figure of leaks: the workload has no planted values; datasets/enterprise has some")
    return one.leaks


def _policy(found: Plain, track: Track) -> str:
    return policies_of(found, track)[0]


def _channels(one: Subject, track: Track) -> Exhibit:
    found = _leaks(one)
    return leakage.channels(found, _policy(found, track), track)


def _by_kind(one: Subject, track: Track) -> Exhibit:
    found = _leaks(one)
    return leakage.by_group(found, _policy(found, track), track, "kinds", "prompt")


def _policies(one: Subject, track: Track) -> Exhibit:
    found = _leaks(one)
    if len(policies_of(found, track)) < 2:
        raise BadInput("figure policies: one policy alone was run; give experiments that differ in --privacy alone")
    return policies.costs(found, track)


def _isolation(make: Callable[[Mapping[str, Any]], Exhibit]) -> Callable[[Subject, Track], Exhibit]:
    def made(one: Subject, track: Track) -> Exhibit:
        if one.isolation is None:
            raise BadInput("no isolation study lies beside the experiment; `workbench isolation WORKLOAD` makes one")
        return make(one.isolation)

    return made


OF_EXPERIMENT: Mapping[str, Mapping[str, Callable[[Subject, Track], Exhibit]]] = {
    "Overview": {name: _overview(place) for place, name in enumerate(("finding", "backends", "changes", "stands-on"))},
    "Compare": {
        "leaderboard": lambda one, track: leaderboard(one.report, one.verdicts, track),
        "tradeoff": _tradeoff,
        "latency": lambda one, track: latency(one.report, track),
        "kinds": lambda one, track: grouped(one.report, track, "kinds"),
        "tenants": lambda one, track: grouped(one.report, track, "tenants"),
        "causes": _causes,
    },
    "Leakage": {
        "leakage": _channels,
        "leakage-kinds": _by_kind,
        "policies": _policies,
        "isolation": _isolation(study.isolation),
        "erasure": _isolation(study.erasure),
    },
}
"""By section of a report and by name."""

OF_PLAN: Mapping[str, Callable[[Plan], Exhibit]] = {
    "answer": answer,
    "waterfall": waterfall,
    "months": monthly,
    "rollout": rollout,
    "tornado": tornado,
    "capacity": capacity,
    "tenants": tenants,
    "claims": claims,
}


def names(one: Subject, track: Track) -> list[str]:
    """Exhibits that there are of an experiment on a track, in the order of a report."""
    return [name for made in OF_EXPERIMENT.values() for name in made if _there(one, track, name)]


def exhibit(one: Subject, track: Track, name: str) -> Exhibit:
    """One of them.

    Raises:
        BadInput: there is none of that name, or not of this experiment.
    """
    for made in OF_EXPERIMENT.values():
        if name in made:
            return made[name](one, track)
    raise BadInput(f"figure {name}: there is none; choose from {', '.join(names(one, track))}")


def sections(one: Subject, track: Track, plan: Plan | None = None) -> list[Section]:
    """All of them, as a report has them.

    Args:
        one: the experiment.
        track: of its runs.
        plan: is told at the end; None: no part of it.
    """
    found = [
        Section(title, [make(one, track) for name, make in made.items() if _there(one, track, name)])
        for title, made in OF_EXPERIMENT.items()
    ]
    if plan is not None:
        found.append(Section("Plan", [make(plan) for make in OF_PLAN.values()]))
    return [section for section in found if section.exhibits]


def _there(one: Subject, track: Track, name: str) -> bool:
    if name in ("isolation", "erasure"):
        return one.isolation is not None
    if name in ("leakage", "leakage-kinds", "policies"):
        found = one.leaks
        if found is None or track not in leak_tracks(found):
            return False
        return name != "policies" or len(policies_of(found, track)) > 1
    return name != "tradeoff" or bool(cost_axes(one.report, track))
