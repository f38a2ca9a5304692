"""A scenario's name, file or run in; what it costs, month by month and how surely, out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.api.shown import Shown, frame, page
from workbench.api.words import in_python
from workbench.planning.plan import Plan as Reckoned
from workbench.planning.scenario import Scenario as Inputs

if TYPE_CHECKING:
    import pandas

    from workbench.api.experiments import Experiment
    from workbench.exhibits.exhibit import Exhibit


class Scenario(Shown, Inputs):
    """All inputs of one plan, each with its source; a `workbench.planning.Scenario` that shows itself.

    Source: `workbench.planning.scenario`, as `workbench plan` reads it.
    """

    @property
    def df(self) -> pandas.DataFrame:
        """One row an input: input, value, unit, cv (standard deviation of the mean over the mean), low, high, source.

        `source` is `assumption…`, `set by hand` or `measured in …`; `n` questions are behind a measured value.
        """
        return frame(self._rows(self.inputs))

    @in_python
    def set(self, *settings: str, **named: object) -> Scenario:
        """The same scenario with inputs changed, as a new one.

        Args:
            settings: such as `demand.daily_users=250000`, `routing.share=30%` or, as a range, `users=80k..100k..150k`.
            named: the same by name, such as `users=250_000` or `**{"routing.share": "30%"}`.

        Raises:
            BadInput: a name nobody knows, or a value out of range.
        """
        from workbench.planning.origins import worded

        return shown(Inputs.set(self, *settings, *worded(named)))

    def _rows(self, names: Iterable[str]) -> Iterable[dict[str, Any]]:
        from workbench.planning.inputs import BY_NAME
        from workbench.planning.values import shown as told

        for name in names:
            given = self.inputs[name]
            yield {
                "input": name,
                "value": told(given.value),
                "unit": BY_NAME[name].unit,
                "cv": float(given.cv) or None,
                "low": None if given.low is None else float(given.low),
                "high": None if given.high is None else float(given.high),
                "n": given.n,
                "source": given.source,
            }

    def _changed(self) -> list[str]:
        """Inputs that are not the reference's."""
        from workbench.planning.inputs import BY_NAME

        return [name for name, each in self.inputs.items() if each.value != BY_NAME[name].default]

    def _headline(self) -> str:
        return f"{self.name} on {self.strong}: {self.title}" if self.title else f"{self.name} on {self.strong}"

    def _lines(self) -> Iterable[Any]:
        from rich.markup import escape

        yield escape(self._headline())
        for row in self._rows(self._changed()):
            yield escape(f"  {row['input']:36} {row['value']}  {row['unit']}  ({row['source']})")

    def _repr_html_(self) -> str:
        said = [self._headline(), "Inputs that are not the reference's:"]
        return page(f"Scenario {self.name}", said, list(self._rows(self._changed())))


class Plan(Shown, Reckoned):
    """What a scenario costs; a `workbench.planning.plan.Plan` that shows itself. Money in USD.

    Source: `workbench.planning.plan`, as `workbench plan` prints it; formulas are in the page on methods.
    """

    @property
    def p10(self) -> float | None:
        """USD of all months together that 1 of 10 draws stays below; None: a model is unpriced."""
        return self._percentile(0)

    @property
    def p50(self) -> float | None:
        """USD of all months together in the middle of the draws: the plan; None: unpriced."""
        return self._percentile(1)

    @property
    def p90(self) -> float | None:
        """USD of all months together that 9 of 10 draws stay below: the budget; None: unpriced."""
        return self._percentile(2)

    @property
    def df(self) -> pandas.DataFrame:
        """One row a month.

        Columns: month, users, rollout (share), queries, llm_usd, infrastructure_usd, cache_usd, support_usd, staff_usd,
        total_usd, cumulative_usd, p10_usd, p50_usd, p90_usd, budget_usd, burn_rate (1: on pace), wrong_answers,
        replicas.
        """
        months = self.to_dict()["months"]
        return frame(
            {
                **{name: value for name, value in month.items() if not isinstance(value, list | dict)},
                "replicas": month["capacity"]["replicas"],
            }
            for month in months
        )

    @property
    def bill_df(self) -> pandas.DataFrame:
        """The first month at full demand, line by line: group, name, model, quantity, unit, usd_per_mtok, usd."""
        return frame(self.to_dict()["lines"])

    @property
    def levers_df(self) -> pandas.DataFrame:
        """What each lever takes off a month: name, waterfall, shapley and alone, in USD; empty: none is on."""
        return frame(self.to_dict()["levers"])

    def figure(self, name: str) -> Exhibit:
        """One of `figures`; `wb.figure(plan, name)` is the same.

        Raises:
            BadInput: there is none of that name.
        """
        from workbench.api.figures import figure

        return figure(self, name)

    def _percentile(self, place: int) -> float | None:
        found = self.months_simulation
        return None if found is None else found.percentiles[place]

    def _headline(self) -> str:
        from workbench.exhibits.plan import answer

        exhibit = answer(self)
        return "\n".join([exhibit.says, *exhibit.notes])

    def _lines(self) -> Iterable[Any]:
        from workbench.planning import report

        return report.lines(self)

    def _repr_html_(self) -> str:
        from workbench.exhibits.plan import answer

        return answer(self)._repr_html_()


@in_python
def scenario(
    source: str | Path | Experiment = "reference",
    *settings: str,
    backend: str = "",
    track: str = "parity",
    base: str | Path | None = None,
    start: str = "",
    **named: object,
) -> Scenario:
    """Inputs of a plan: shipped ones, those of a file, or tokens, times and model as a run measured them.

    Args:
        source: reference, today, optimised, a TOML file, or an experiment (or its folder).
        settings: changes such as `demand.daily_users=250000`; `workbench plan --inputs` lists every input.
        backend: of the experiment; may be left out where it has one.
        track: of the experiment: parity or native.
        base: under an experiment, the scenario that demand, infrastructure and levers come from; None: today.
        start: first month as YYYY-MM; prices are those in force then; empty: the scenario's.
        named: changes by name, such as `users=250_000` or `**{"routing.share": "30%"}`; `model="gpt-4o-mini"` prices
            the tokens of a run with a local model.

    Raises:
        BadInput: an unknown name or file, a value out of range, no such run, or a local model without one to price its
            tokens as.

    Source: `workbench.planning.origins.origin`, as `workbench plan` calls it.
    """
    from workbench.planning.origins import origin, worded

    changes = [*settings, *worded(named)]
    folder = _folder(source)
    if folder is None:
        assert isinstance(source, str | Path)
        return shown(origin(source, changes, backend=backend, date=start))
    chosen = backend or _only(folder)
    return shown(origin(base, changes, from_run=folder, backend=chosen, track=track, date=start))


@in_python
def simulate(
    scenario: Scenario | Experiment | str | Path, *, months: int = 1, draws: int = 10_000, seed: int = 0
) -> Plan:
    """Reckon a scenario: bill, levers, months, capacity, and how sure that is by drawing everything uncertain.

    Args:
        scenario: of `wb.scenario`, or what it takes.
        months: to plan, 1 to 120.
        draws: 100 to 1,000,000.
        seed: 0 or more; the same seed gives the same draws.

    Returns:
        The plan: `p10`, `p50`, `p90` in USD, `df` by month.

    Raises:
        BadInput: an argument out of range.

    Source: `workbench.planning.plan`; lognormal means with sigma² = ln(1 + cv²), ranges triangular.
    """
    chosen = scenario if isinstance(scenario, Inputs) else _named(scenario)
    made = Plan(chosen, months, draws, seed)
    _ = made.months  # users that pass every bound are refused here
    return made


_named = scenario  # an argument has its name below


def shown(scenario: Inputs) -> Scenario:
    """The same inputs in a scenario that shows itself."""
    return Scenario(**{each.name: getattr(scenario, each.name) for each in fields(scenario) if each.init})


def _folder(source: str | Path | Experiment) -> Path | None:
    from workbench.location import found

    if not isinstance(source, str | Path):
        return source.folder
    path = found(source)
    return path if path.is_dir() else None


def _only(folder: Path) -> str:
    from workbench.errors import BadInput
    from workbench.runs.store import Experiment as Saved
    from workbench.verdicts.choosing import backends

    names = backends(Saved.open(folder))
    if len(names) != 1:
        raise BadInput(f"{folder}: name a run of it by --backend, one of {', '.join(names) or 'none yet'}")
    return names[0]
