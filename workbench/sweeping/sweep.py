"""A workload and a grid come in; the best recipe, confirmed on questions that it was not picked on, goes out.

Interrupted, the same call goes on: what was answered stays, and the looks come out as before.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from importlib import metadata
from pathlib import Path
from typing import Any

from workbench.errors import BadInput, Infrastructure
from workbench.prices import LOCAL
from workbench.records import Workload
from workbench.runs import interrupting, selection, whole, wishes
from workbench.runs.accounts import money
from workbench.runs.options import Options, check
from workbench.runs.progress import Progress
from workbench.runs.store import Experiment
from workbench.runs.wishes import DEFAULTS
from workbench.sweeping import race, words
from workbench.sweeping.bench import Bench
from workbench.sweeping.grid import MODELS, Candidate, Grid, candidates, default
from workbench.sweeping.result import Confirmed, Result, Row
from workbench.sweeping.scoring import Figures, Scored, metric
from workbench.sweeping.split import Split, split

SCHEMA = 1
MARGIN = 0.02
"""Of the metric, given up for a lower cost where no difference was shown."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One sweep, checked, before anything is started."""

    workload: Workload
    found: Sequence[Candidate]
    baseline: Candidate
    options: Mapping[str, Options]
    """Of each candidate by name; `out` is a folder below the sweep's."""
    split: Split
    path: str
    metric: str
    margin: float
    folder: Path
    rule: race.Rule
    looks: Sequence[int]


def wanted(
    backend: str, grid: Grid, *, model: str = "", embedding_model: str = "", reranker: str = "", **others: Any
) -> Options:
    """What all candidates are asked alike: options of a run, whose models are the grid's first where it varies them.

    Args:
        backend: its name.
        grid: values by field.
        model: that answers; empty: the default.
        embedding_model: that embeds; empty: the default.
        reranker: that orders the passages found; empty: none.
        others: of `workbench.runs.wishes.options`.

    Raises:
        BadInput: names the option, its value and what is allowed.
    """
    # A remote one before all others: of local models alone an upstream is refused.
    first = {name: min((str(value or "") for value in grid[name]), key=_is_local) for name in MODELS if grid.get(name)}
    return wishes.options(
        backend,
        model=first.get("model", model) or DEFAULTS.model,
        embedding_model=first.get("embedding_model", embedding_model) or DEFAULTS.embedding_model,
        reranker=first.get("reranker", reranker),
        **others,
    )


def plan(
    workload: Workload,
    grid: Grid,
    options: Options,
    *,
    metric_name: str = "f1",
    baseline: Mapping[str, Any] | None = None,
    margin: float = MARGIN,
) -> Plan:
    """Check a sweep. Nothing is sent or written.

    Args:
        workload: loaded and checked.
        grid: values by field, see `workbench.sweeping.grid.FIELDS`.
        options: of every candidate: one backend on parity, the recipe that the grid varies, `out` the sweep's folder.
        metric_name: what decides, see `workbench.sweeping.scoring.METRICS`.
        baseline: values of the candidate to beat; None: the recipe without a sweep where the grid holds it, else the
            grid's first.
        margin: of the metric, 0 to 1: how far behind the best a cheaper candidate may be measured to be picked.

    Raises:
        BadInput: says what of it is wrong, and what to give.
    """
    path, name = metric(metric_name)
    if len(options.backends) != 1 or options.tracks != ("parity",):
        raise BadInput("--backend: a sweep varies the recipe of one backend on parity; give one name")
    if not 0 <= margin < 1:
        raise BadInput(f"--margin {margin:g}: give 0 to 1, such as 0.02")
    found = candidates(grid, options.recipe, upstream=bool(options.upstream))
    models = {name: getattr(found[0].recipe, name) for name in MODELS if name in grid}
    usual = replace(options.recipe, **models)
    first = default(found, usual) if baseline is None else _named(found, baseline)
    folder = options.out
    if folder == Path():
        told = repr((workload.hash, options.backends, options.recipe, options.upstream, options.questions, dict(grid)))
        folder = Path("runs", f"{workload.name}-sweep-{hashlib.sha256(told.encode()).hexdigest()[:8]}")
    by_name = {
        each.name: replace(
            options, recipe=each.recipe, out=folder / each.folder, upstream="" if _local(each) else options.upstream
        )
        for each in found
    }
    for its in by_name.values():
        check(its)
    halves = split(selection.order(workload.questions, options.recipe.seed)[: options.questions], workload.gold)
    looks = race.looks(len(halves.picking))
    rule = race.Rule(len(found), len(looks))
    return Plan(workload, found, first, by_name, halves, path, name, margin, folder, rule, looks)


def run(asked: Plan, progress: Progress) -> Result:
    """Measure the candidates, stop those shown worse, pick one and confirm it.

    Args:
        asked: of `plan`.
        progress: told of stages, steps and notes.

    Raises:
        BadInput: the folder holds something else.
        Infrastructure: upstream, key, gateway, worker or disk; what was answered is kept.
        KeyboardInterrupt: what was answered is kept; the same call goes on.
    """
    _refuse_foreign(asked)
    try:
        with Experiment(asked.folder).lock():
            _refuse_foreign(asked)
            _begin(asked)
            return interrupting.run(_go(asked, progress), progress)
    except OSError as error:
        raise Infrastructure(f"{asked.folder}: {error.strerror or error}; what was answered is kept") from error


async def _go(asked: Plan, progress: Progress) -> Result:
    async with Bench(asked.workload, asked.options, progress, asked.folder) as bench:
        running = _Race(asked, bench)
        try:
            await running.pick()
            await running.confirm()
            if not bench.stopped:
                await bench.finish()
        finally:
            found = running.result()
            whole.write(asked.folder / "sweep.json", {**_about(asked), "result": found.to_dict()})
        return found


class _Race:
    """The looks of one sweep, one after the other."""

    def __init__(self, asked: Plan, bench: Bench) -> None:
        self._plan, self._bench = asked, bench
        self._alive = [each.name for each in asked.found]
        self._stopped_at: dict[str, int] = {}
        self._behind: dict[str, race.Behind] = {}
        self._picked = ""
        self._confirmed: Confirmed | None = None
        self._picking = [question.id for question in asked.split.picking]
        self._held = [question.id for question in asked.split.held_out]

    async def pick(self) -> None:
        """Ask, look, let go of who is shown worse; at the end pick."""
        plan, bench = self._plan, self._bench
        for number, upto in enumerate(plan.looks, start=1):
            label = f"look {number} of {len(plan.looks)}: {len(self._alive)} candidates"
            await bench.ask(self._alive, plan.split.picking[:upto], label)
            if bench.stopped:
                return
            scores = {name: self._scored(name, self._picking[:upto]).scores for name in self._alive}
            if not any(scores.values()):
                raise BadInput(f"--metric {plan.metric}: no question has gold for it; choose another")
            seen = race.look(scores, plan.rule)
            self._behind |= seen.behind
            self._behind.pop(seen.leader, None)
            for name in seen.left:
                # The baseline is asked on, since the picked one is compared with it; it cannot be picked any more.
                self._stopped_at[name] = upto
                self._alive.remove(name)
            if len(self._alive) == 1:
                break
        figures = {name: self._scored(name, self._picking) for name in self._alive}
        means = {name: its.score for name, its in figures.items() if its.score is not None}
        self._picked = race.pick(means, {name: its.price for name, its in figures.items()}, plan.margin)

    async def confirm(self) -> None:
        """Ask picked and baseline what nobody was picked on."""
        plan, bench, name = self._plan, self._bench, self._picked
        if not name:
            return
        both = list(dict.fromkeys((name, plan.baseline.name)))
        await bench.ask(both, plan.split.held_out, "confirming")
        if bench.stopped:
            return
        figures = {each: (self._scored(each, self._picking), self._scored(each, self._held)) for each in both}
        mine, its = figures[name], figures[plan.baseline.name]
        if mine[1].score is None or its[1].score is None:
            return
        found = race.confirm(
            (mine[0].scores, mine[1].scores),
            None if len(both) == 1 else (its[0].scores, its[1].scores),
        )
        self._confirmed = Confirmed(
            n=len(mine[1].scores),
            score=mine[1].score,
            interval=mine[1].interval,
            baseline_score=its[1].score,
            verdict=found.verdict,
            optimism=found.optimism,
            baseline_shift=found.baseline_shift,
        )

    def result(self) -> Result:
        """How it stands."""
        plan, bench = self._plan, self._bench
        rows = tuple(self._row(each) for each in plan.found)
        asked = sum(row.asked for row in rows)
        spent = bench.spent()
        return Result(
            folder=str(plan.folder),
            workload=plan.workload.name,
            backend=next(iter(plan.options.values())).backends[0],
            metric=plan.metric,
            baseline=plan.baseline.name,
            picked=self._picked,
            rows=rows,
            picking=len(self._picking),
            held_out=len(self._held),
            looks=tuple(plan.looks),
            level=plan.rule.level,
            margin=plan.margin,
            confirmed=self._confirmed,
            asked=asked,
            without_stopping=len(rows) * len(self._picking),
            shared=words.shared(bench.shared, len(rows)),
            spent_usd=f"{spent:f}",
            prices=f"list prices of genai-prices {metadata.version('genai-prices')}, local models are free",
            started=datetime.now(UTC).isoformat(timespec="seconds"),
            model=plan.baseline.recipe.model,
            stopped=self._stopped(spent) if bench.stopped else "",
        )

    def _scored(self, name: str, questions: Sequence[str]) -> Figures:
        return Scored(self._bench.entrants[name], self._plan.path).of(questions)

    def _row(self, each: Candidate) -> Row:
        plan, name = self._plan, each.name
        figures = self._scored(name, self._picking)
        behind = self._behind.get(name)
        return Row(
            name=name,
            settings=each.settings,
            folder=str(plan.options[name].out),
            asked=figures.asked,
            stopped_at=self._stopped_at.get(name),
            score=figures.score,
            interval=figures.interval,
            recall_at_5=figures.recall_at_5,
            tokens=figures.tokens,
            usd=figures.usd,
            p50_ms=figures.p50_ms,
            difference=behind.difference if behind else None,
            difference_interval=behind.interval if behind else None,
            failed=figures.failed,
            standing=self._standing(name, figures),
            baseline=name == plan.baseline.name,
        )

    def _standing(self, name: str, figures: Figures) -> str:
        if name in self._stopped_at:
            return "worse"
        if name == self._picked:
            return "picked"
        best = max((self._scored(one, self._picking).score or 0.0 for one in self._alive), default=0.0)
        return "as good" if (figures.score or 0.0) >= best - self._plan.margin else "behind"

    def _stopped(self, spent: Decimal) -> str:
        usd = next(iter(self._plan.options.values())).budget_usd
        return (
            f"budget of {usd:f} USD: stopped with {money(spent)} USD spent; the same command with a higher "
            "--budget-usd goes on"
        )


def _local(each: Candidate) -> bool:
    return all(_is_local(getattr(each.recipe, name)) for name in MODELS)


def _is_local(model: str) -> bool:
    return model in ("", "none") or model.startswith(LOCAL)


def _named(found: Sequence[Candidate], wanted: Mapping[str, Any]) -> Candidate:
    for each in found:
        if all(each.settings.get(name) == value for name, value in wanted.items()):
            return each
    told = ", ".join(f"{name}={value}" for name, value in wanted.items())
    raise BadInput(f"--baseline {told}: no candidate has these values; choose some of the grid's")


def _about(asked: Plan) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "workload": {"name": asked.workload.name, "hash": asked.workload.hash},
        "candidates": {each.name: each.folder for each in asked.found},
    }


def _refuse_foreign(asked: Plan) -> None:
    folder, path = asked.folder, asked.folder / "sweep.json"
    if not path.is_file():
        if folder.is_file() or (folder.is_dir() and any(each.name != ".lock" for each in folder.iterdir())):
            raise BadInput(f"--out {folder}: exists and holds no sweep; choose an empty or a new folder")
        return
    before = whole.read(path)
    if before["schema"] > SCHEMA:
        raise BadInput(f"{path}: schema {before['schema']} is newer than {SCHEMA}; update this workbench")
    if before["workload"]["hash"] != asked.workload.hash:
        raise BadInput(
            f"--out {folder}: holds a sweep on workload {before['workload']['name']!r}, not on "
            f"{asked.workload.name!r} as it is now; choose another folder"
        )


def _begin(asked: Plan) -> None:
    path = asked.folder / "sweep.json"
    kept = whole.read(path).get("result") if path.is_file() else None
    whole.write(path, {**_about(asked), "result": kept})
