"""A set of inputs of the cost model: frozen, checked, each with its source; from a name, a file, settings or a run."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from workbench import rates
from workbench.errors import BadInput
from workbench.planning.inputs import BY_NAME, FIELDS, Field, Value
from workbench.planning.values import refusal, shown
from workbench.rates import Model

if TYPE_CHECKING:
    from workbench.records import Track
    from workbench.runs.store import Run

SHIPPED = ("reference", "today", "optimised")

ASSUMED = "assumption"
BY_HAND = "set by hand"


@dataclass(frozen=True, slots=True)
class Input:
    """One input's value, how sure it is, and where it came from."""

    value: Value
    source: str = ASSUMED
    """`assumption…`, `set by hand`, or `measured in …`."""
    cv: Decimal = Decimal(0)
    """Standard deviation of the mean over the mean: lognormal. 0: certain, unless a range is given."""
    low: Decimal | None = None
    """With `high` the ends of a triangular distribution whose mode is the value."""
    high: Decimal | None = None
    samples: tuple[Decimal, ...] = ()
    """Draws that a measurement gave, used instead of a formula."""
    n: int | None = None
    """Observations behind a measured value."""

    @property
    def certain(self) -> bool:
        """Whether it is one number and nothing else."""
        return not self.cv and self.low is None and not self.samples


@dataclass(frozen=True, slots=True)
class Tenant:
    """A business unit's part of the queries."""

    name: str
    share: Decimal
    token_multiplier: Decimal = Decimal(1)
    """Tokens of its queries relative to the others'; the scenario's mean stays."""
    model: str = ""
    """Its own strong model; empty: the scenario's."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The run that inputs were measured in."""

    run: str
    """Folder, backend and track."""
    workload: str
    backend: str
    track: str
    questions: int
    usd_per_query: Decimal | None
    """Mean of the run at the prices that it was charged or priced with; None: unpriced."""
    usd_per_query_cv: Decimal
    """Of the mean."""
    priced_as: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, repr=False)
class Scenario:
    """All inputs of one plan. Change it by `set`, which gives a new one."""

    name: str
    inputs: Mapping[str, Input]
    models: Mapping[str, Model]
    """Price schedules by name, as they were resolved: the same file gives the same bill next year."""
    strong: str
    weak: str
    title: str = ""
    note: str = ""
    historical: bool = False
    """Kept to explain an old figure; nobody can buy this bill today."""
    tenants: tuple[Tenant, ...] = ()
    measured: Measured | None = None
    values: Mapping[str, Value] = field(init=False, repr=False, compare=False)
    """The bare values by name."""

    def __post_init__(self) -> None:
        inputs = {each.name: self.inputs.get(each.name, _default(each)) for each in FIELDS}
        object.__setattr__(self, "inputs", MappingProxyType(inputs))
        object.__setattr__(self, "models", MappingProxyType(dict(self.models)))
        object.__setattr__(self, "values", MappingProxyType({name: each.value for name, each in inputs.items()}))
        _check(self)

    def __repr__(self) -> str:
        changed = [name for name, each in self.inputs.items() if each.value != BY_NAME[name].default]
        inputs = ", ".join(f"{name}={shown(self.values[name])}" for name in changed)
        return f"<Scenario {self.name} on {self.strong}: {inputs}>"

    # ---- from where ----

    @classmethod
    def load(cls, name: str | Path) -> "Scenario":
        """A shipped scenario by name, or one of a file.

        Raises:
            BadInput: no such name or file, or the file is wrong; names file, input and value.
        """
        from workbench.planning import files

        return files.load(name)

    @classmethod
    def from_run(cls, run: "Run", *, base: "Scenario | None" = None, model: str = "") -> "Scenario":
        """A scenario whose tokens, service time and model are those of a saved run; see `measured.from_run`.

        Raises:
            BadInput: the run has too few answers, or a local model and no model to price its tokens as.
        """
        from workbench.planning import measured

        return measured.from_run(run, base=base, model=model)

    @classmethod
    def from_experiment(
        cls, folder: Path, backend: str, track: "Track" = "parity", *, base: "Scenario | None" = None, model: str = ""
    ) -> "Scenario":
        """The same for one backend and track of an experiment's folder.

        Raises:
            BadInput: the folder holds no such run.
        """
        from workbench.planning import measured

        return measured.from_run(measured.run_of(folder, backend, track), base=base, model=model)

    # ---- to where ----

    def to_toml(self) -> str:
        """The whole scenario, prices included, as text."""
        from workbench.planning import files

        return files.dump(self)

    def save(self, path: Path) -> None:
        """Write the scenario to a file.

        Raises:
            BadInput: the file cannot be written.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.to_toml(), encoding="utf-8")
        except OSError as error:
            raise BadInput(f"{path}: cannot be written ({error.strerror})") from error

    # ---- change ----

    def set(self, *settings: str) -> "Scenario":
        """The same scenario with settings such as `demand.daily_users=250000`.

        Raises:
            BadInput: a name nobody knows or a value out of range.
        """
        from workbench.planning import settings as changes

        return changes.apply(self, changes.split(settings), BY_HAND)

    def starting(self, month: date) -> "Scenario":
        """The same scenario from another month on: its prices are those in force then."""
        start = replace(self.inputs["demand.start_month"], value=date(month.year, month.month, 1), source=BY_HAND)
        return replace(self, inputs={**self.inputs, "demand.start_month": start})

    def repriced(self) -> "Scenario":
        """The same scenario with list prices looked up again in the installed list; one's own prices stay."""
        models = {
            name: rates.resolve(name, self.start_month) if rates.listed(model) else model
            for name, model in self.models.items()
        }
        return replace(self, models=models)

    def certain(self) -> "Scenario":
        """The same values without any uncertainty."""
        bare = {
            name: replace(each, cv=Decimal(0), low=None, high=None, samples=()) for name, each in self.inputs.items()
        }
        return replace(self, inputs=bare)

    # ---- ask ----

    def number(self, name: str) -> Decimal:
        """A numeric input's value."""
        value = self.values[name]
        assert isinstance(value, Decimal), name
        return value

    @property
    def start_month(self) -> date:
        """The first day of the first month."""
        return cast(date, self.values["demand.start_month"])

    @property
    def budget(self) -> Decimal | None:
        """USD per month; None: none is set."""
        return cast("Decimal | None", self.values["control.budget"])

    @property
    def uncertain(self) -> tuple[str, ...]:
        """Inputs that are more than one number."""
        return tuple(name for name, each in self.inputs.items() if not each.certain and _nonzero(each))

    def everybody(self) -> tuple[Tenant, ...]:
        """The tenants, with one for what is left where their shares do not fill the whole."""
        left = 1 - sum((tenant.share for tenant in self.tenants), Decimal(0))
        if not self.tenants or left <= Decimal("1e-9"):
            return self.tenants
        return (*self.tenants, Tenant("everybody else", left))


def complete(inputs: Mapping[str, Input]) -> dict[str, Input]:
    """Inputs with the defaults for what is missing."""
    return {each.name: inputs.get(each.name, _default(each)) for each in FIELDS}


def _default(known: Field) -> Input:
    return Input(known.default, "assumption (default)", known.cv)


def _nonzero(given: Input) -> bool:
    return not given.cv or given.value != 0 or given.low is not None or bool(given.samples)


# ---- what fits together ----


def _check(scenario: Scenario) -> None:
    unknown = [name for name in scenario.inputs if name not in BY_NAME]
    if unknown:
        raise BadInput(f"{unknown[0]}: no such input; workbench plan --inputs lists them all")
    for name, given in scenario.inputs.items():
        _check_uncertainty(BY_NAME[name], given)
    values = cast("Mapping[str, Any]", scenario.values)
    if values["batch.share"] > values["channels.deferrable"]:
        raise refusal(
            "batch.share",
            values["batch.share"],
            f"at most channels.deferrable, which is {shown(values['channels.deferrable'])}: only what may wait can "
            "be a batch job",
        )
    if values["load.min_replicas"] > values["load.max_replicas"]:
        raise refusal("load.min_replicas", values["load.min_replicas"], "at most load.max_replicas")
    if values["self_hosting.enabled"]:
        for name in ("gpu_usd_per_hour", "tokens_per_second", "utilisation"):
            name = f"self_hosting.{name}"
            if not values[name]:
                raise refusal(name, values[name], "more than 0 where self_hosting.enabled is on")
    for wanted in {scenario.strong, *([scenario.weak] if scenario.weak else [])}:
        if wanted not in scenario.models:
            raise BadInput(f"prices.model={wanted}: the scenario holds no prices of it; set prices.model to look it up")
    routed = scenario.inputs["routing.share"]
    if not scenario.weak and any((values["routing.share"], routed.high, *routed.samples)):
        raise refusal("routing.share", values["routing.share"], "a weak model too, by prices.weak_model")
    _check_tenants(scenario.tenants, scenario.models)


def _check_uncertainty(known: Field, given: Input) -> None:
    if given.certain:
        return
    if not known.uncertain:
        raise BadInput(f"{known.name}: carries no uncertainty")
    value = given.value
    assert isinstance(value, Decimal)
    if not 0 <= given.cv <= 10:
        raise refusal(f"{known.name}.cv", given.cv, "0 to 10")
    if (given.low is None) != (given.high is None):
        raise BadInput(f"{known.name}: a range needs both low and high")
    if given.low is not None and given.high is not None and not given.low <= value <= given.high:
        raise refusal(known.name, value, f"a value between its low {given.low:f} and its high {given.high:f}")
    ends = [each for each in (given.low, given.high, *given.samples) if each is not None]
    top = Decimal(1) if known.kind == "share" else known.high
    for each in ends:
        if not each.is_finite() or (known.low is not None and each < known.low) or (top is not None and each > top):
            raise refusal(known.name, each, known.range)


def _check_tenants(tenants: Sequence[Tenant], models: Mapping[str, Model]) -> None:
    names = [tenant.name for tenant in tenants]
    if len(set(names)) != len(names):
        raise BadInput(f"tenants: {_twice(names)} is named twice")
    for tenant in tenants:
        if not tenant.name.strip() or not tenant.name.isprintable() or len(tenant.name) > 200:
            raise BadInput(f"tenants: {tenant.name!r} is no name; give a short text")
        if not 0 <= tenant.share <= 1:
            raise refusal(f"tenants.{tenant.name}.share", tenant.share, "0 to 1")
        if not 0 <= tenant.token_multiplier <= 1_000_000:
            raise refusal(f"tenants.{tenant.name}.token_multiplier", tenant.token_multiplier, "0 to 1,000,000")
        if tenant.model and tenant.model not in models:
            raise BadInput(f"tenants.{tenant.name}: the scenario holds no prices of {tenant.model}")
    total = sum((tenant.share for tenant in tenants), Decimal(0))
    if total > 1 + Decimal("1e-9"):
        raise BadInput(f"tenants: their shares add up to {shown(total)}; give at most 1")


def _twice(names: Iterable[str]) -> str:
    seen: set[str] = set()
    return next(name for name in names if name in seen or seen.add(name))  # type: ignore[func-returns-value]
