"""Settings such as `routing.share=30%` come in, a changed scenario goes out; what depends on others is set last."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from workbench import rates
from workbench.errors import BadInput
from workbench.planning import names
from workbench.planning.inputs import BY_NAME, PRICE_FIELDS
from workbench.planning.names import CUT_INPUT, INPUT_TOKENS, TENANTS, Target
from workbench.planning.scenario import Input, Scenario, Tenant
from workbench.planning.values import day, number, read, refusal
from workbench.rates import STACK_RULES, Model

_PRICES = {field.name: field for field in PRICE_FIELDS}


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing to change."""

    target: Target
    given: object
    said: str
    """The name as it was given."""


def split(texts: Iterable[str]) -> list[Setting]:
    """Settings of `key=value` texts.

    Raises:
        BadInput: no `=`, or a name nobody knows.
    """
    found = []
    for text in texts:
        name, equals, given = text.partition("=")
        if not equals or not name.strip():
            raise BadInput(f"--set {text}: give it as name=value, such as demand.daily_users=250000")
        found.append(Setting(names.find(name), given.strip(), name.strip()))
    return found


def apply(scenario: Scenario, settings: Iterable[Setting], source: str) -> Scenario:
    """The scenario with settings changed, whatever order they come in.

    Raises:
        BadInput: a value is out of range, or values do not fit together.
    """
    todo = sorted(settings, key=lambda setting: setting.target.part != "value")
    inputs = dict(scenario.inputs)
    for setting in todo:
        _input(inputs, setting, source)
    for setting in todo:
        _derived(inputs, setting, source)
    start = inputs["demand.start_month"].value
    assert isinstance(start, date)
    models, strong, weak = _models(scenario, todo, start, source)
    tenants: Sequence[Tenant] = scenario.tenants
    for setting in todo:
        if setting.target.names == (TENANTS,):
            tenants = _tenants(str(setting.given))
    changed = replace(
        scenario,
        inputs=inputs,
        models=models,
        strong=strong,
        weak=weak,
        historical=scenario.historical and strong == scenario.strong,
    )
    return with_tenants(changed, tenants)


def with_tenants(scenario: Scenario, tenants: Sequence[Tenant]) -> Scenario:
    """The scenario with other tenants; prices of their own models are looked up.

    Raises:
        BadInput: a share out of range, a name given twice, or shares of more than 1 together.
    """
    wanted = {tenant.model for tenant in tenants if tenant.model} - set(scenario.models)
    models = {**scenario.models, **{name: resolved(name, scenario.start_month) for name in sorted(wanted)}}
    return replace(scenario, models=models, tenants=tuple(tenants))


def _input(inputs: dict[str, Input], setting: Setting, source: str) -> None:
    for name in setting.target.names:
        field = BY_NAME.get(name)
        if field is None:
            continue
        held = inputs[name]
        if setting.target.part != "value":
            value = number(setting.given)
            if value is None or not value.is_finite():
                raise refusal(f"{name}.{setting.target.part}", setting.given, "a number")
            inputs[name] = replace(held, **{setting.target.part: value}, source=source)  # type: ignore[arg-type]
            continue
        spread = read(field, setting.given)
        measured = held.source.startswith("measured")
        inputs[name] = Input(spread.value, source, field.cv if measured else held.cv, low=spread.low, high=spread.high)
        if spread.low is not None:  # a range says all: no lognormal on top
            inputs[name] = replace(inputs[name], cv=Decimal(0))


def _derived(inputs: dict[str, Input], setting: Setting, source: str) -> None:
    name = setting.target.names[0]
    if name == INPUT_TOKENS:
        whole = number(setting.given)
        prefix = inputs["tokens.prefix"].value
        assert isinstance(prefix, Decimal)
        if whole is None or not whole.is_finite() or whole < prefix:
            raise refusal(INPUT_TOKENS, setting.given, f"{prefix:f} or more, which is tokens.prefix")
        inputs["tokens.dynamic"] = replace(
            inputs["tokens.dynamic"], value=read(BY_NAME["tokens.dynamic"], whole - prefix).value, source=source
        )
    elif name == CUT_INPUT:
        for each in ("prompt.cut_prefix", "prompt.cut_dynamic"):
            spread = read(BY_NAME[each], setting.given)
            inputs[each] = Input(spread.value, source, low=spread.low, high=spread.high)


def _models(
    scenario: Scenario, settings: Iterable[Setting], start: date, source: str
) -> tuple[dict[str, Model], str, str]:
    models = dict(scenario.models)
    chosen = {"": scenario.strong, "weak_": scenario.weak}
    changes: dict[str, dict[str, object]] = {"": {}, "weak_": {}}
    for setting in settings:
        group, _, rest = setting.target.names[0].partition(".")
        if group != "prices":
            continue
        role = "weak_" if rest.startswith("weak_") else ""
        part = rest.removeprefix("weak_")
        if part == "model":
            name = str(setting.given).strip()
            if not name or len(name) > 200 or not name.isprintable():
                raise refusal(setting.said, setting.given, "a model's name")
            chosen[role] = name
            if name not in models:
                models[name] = resolved(name, start)
        else:
            changes[role][part] = setting.given
    for role, changed in changes.items():
        if changed:
            model = chosen[role]
            if not model:
                raise BadInput(f"prices.{role}input: name the model first, by prices.{role}model")
            models[model] = _changed(models[model], changed, role, source)
    return models, chosen[""], chosen["weak_"]


def resolved(name: str, start: date) -> Model:
    """A model's prices from the list.

    Raises:
        BadInput: a local model, which has no price.
    """
    if rates.local(name):
        raise BadInput(
            f"prices.model={name}: a local model's tokens are free, its machines are not; name the model whose price "
            "stands for its own"
        )
    return rates.resolve(name, start)


def _changed(model: Model, changes: Mapping[str, object], role: str, source: str) -> Model:
    prices: dict[str, Decimal | None] = {}
    for part, given in changes.items():
        said = f"prices.{role}{part}"
        if part == "stack_rule":
            if given not in STACK_RULES:
                raise refusal(said, given, ", ".join(STACK_RULES))
            model = replace(model, stack_rule=given)
        elif part == "retires":
            model = replace(model, retires=day(said, given))
        elif part == "min_prefix":
            model = replace(model, min_prefix_tokens=_price(said, given, optional=False) or Decimal(0))
        else:
            optional = part not in ("input", "output", "request")
            prices[_PRICES[part].attribute] = _price(said, given, optional=optional)
    if not prices:
        return model
    try:
        return rates.negotiated(model, prices, f"{source} (negotiated or assumed price)")
    except ValueError as error:
        raise BadInput(
            f"prices.{role}model={model.name}: no list price is known; set both prices.{role}input and "
            f"prices.{role}output"
        ) from error


def _price(name: str, given: object, *, optional: bool) -> Decimal | None:
    if optional and str(given).strip().lower() == "none":
        return None
    value = number(given)
    if value is None or not value.is_finite() or not 0 <= value <= 1_000_000:
        raise refusal(name, given, "0 to 1000000, or none" if optional else "0 to 1000000")
    return value


def _tenants(text: str) -> tuple[Tenant, ...]:
    """Tenants of `name:share[:multiplier[:model]],…`."""
    found = []
    for each in text.split(","):
        if not each.strip():
            continue
        name, *rest = (part.strip() for part in each.split(":", 3))
        share = number(rest[0]) if rest else None
        multiplier = number(rest[1]) if len(rest) > 1 and rest[1] else Decimal(1)
        if share is None or multiplier is None or not share.is_finite() or not multiplier.is_finite():
            raise refusal("tenants", each, "NAME:SHARE[:TOKEN_MULTIPLIER[:MODEL]], such as sales:30%:1.5")
        found.append(Tenant(name, share, multiplier, rest[2] if len(rest) > 2 else ""))
    return tuple(found)
