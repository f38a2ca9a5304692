"""A scenario as TOML, in and out: every input, and the prices as they were resolved."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from workbench.errors import BadInput
from workbench.planning import names, settings
from workbench.planning.inputs import BY_NAME, FIELDS, Field
from workbench.planning.scenario import ASSUMED, SHIPPED, Input, Measured, Scenario, Tenant, complete
from workbench.planning.settings import Setting
from workbench.planning.values import day, number, plain, read
from workbench.rates import STACK_RULES, Model, Rate

SCHEMA = 1
_LARGEST_FILE = 1_000_000
_FOLDER = Path(__file__).parent / "scenarios"
_TOP = {"schema", "name", "title", "note", "historical", "models", "tenants", "measured", "prices"}


def load(name: str | Path) -> Scenario:
    """A shipped scenario by name, or one of a file.

    Raises:
        BadInput: nothing there, not TOML, a newer schema, an unknown input or a wrong value; names the file.
    """
    if str(name) in SHIPPED:
        return _shipped(str(name))
    path = Path(name)
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise BadInput(f"{path}: larger than a scenario can be")
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise BadInput(
            f"{name}: no such scenario or file; give {', '.join(SHIPPED)}, or a file that --save wrote"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{name}: cannot be read ({error})") from error
    return parse(text, str(name))


@cache
def _shipped(name: str) -> Scenario:
    return parse((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"), name)


def parse(text: str, where: str = "scenario") -> Scenario:
    """A scenario of TOML text.

    Args:
        text: what `dump` wrote, or any part of it: missing inputs are the reference's.
        where: named in messages.

    Raises:
        BadInput: see `load`.
    """
    try:
        content = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError, ArithmeticError) as error:  # a number can be too long to be read
        raise BadInput(f"{where}: not TOML ({error})") from error
    try:
        return _scenario(content, where)
    except BadInput as error:
        raise BadInput(f"{where}: {str(error).removeprefix('--set ')}") from error


def dump(scenario: Scenario) -> str:
    """The whole scenario as TOML text; `parse` gives the same scenario back."""
    return "\n".join(_lines(scenario)) + "\n"


# ---- in ----


def _scenario(content: Mapping[str, Any], where: str) -> Scenario:
    schema = content.get("schema", SCHEMA)
    if not isinstance(schema, int) or isinstance(schema, bool) or schema < 1:
        raise BadInput(f"schema={schema!r} is no version; give {SCHEMA}")
    if schema > SCHEMA:
        raise BadInput(f"schema {schema} is newer than {SCHEMA}, which this workbench reads; update it")
    inputs, changes = _sections(content)
    models = {model.name: model for model in _tables(content, "models", _model)}
    prices = content.get("prices", {})
    if not isinstance(prices, dict):
        raise BadInput("prices: give a table such as [prices]")
    strong, weak = _text(prices, "model", "prices"), _text(prices, "weak_model", "prices")
    if not strong:
        reference = load("reference")
        strong, weak = reference.strong, weak or reference.weak
        models = {**reference.models, **models}
    scenario = Scenario(
        name=_text(content, "name", "") or Path(where).stem,
        inputs=complete(inputs),
        # A model without a schedule in the file is looked up below, in the month that the file says.
        models={**models, **{each: Model(each) for each in (strong, weak) if each and each not in models}},
        strong=strong,
        weak=weak,
        title=_text(content, "title", ""),
        note=_text(content, "note", ""),
        historical=content.get("historical") is True,
        measured=_measured(content.get("measured")),
    )
    missing = [each for each in (strong, weak) if each and each not in models]
    if missing:
        looked_up = {each: settings.resolved(each, scenario.start_month) for each in missing}
        scenario = replace(scenario, models={**scenario.models, **looked_up})
    own = [
        Setting(names.find(f"prices.{key}"), value, f"prices.{key}")
        for key, value in prices.items()
        if key not in ("model", "weak_model")
    ]
    scenario = settings.apply(scenario, [*changes, *own], "scenario file") if changes or own else scenario
    return settings.with_tenants(scenario, _tables(content, "tenants", _tenant))


def _sections(content: Mapping[str, Any]) -> tuple[dict[str, Input], list[Setting]]:
    """Inputs by name, and what stands for several of them and must be set after."""
    inputs: dict[str, Input] = {}
    changes: list[Setting] = []
    for group, entries in content.items():
        if group in _TOP:
            continue
        if not isinstance(entries, dict):
            raise BadInput(f"{group}: no such section or field; inputs stand in sections such as [demand]")
        for key, given in entries.items():
            target = names.find(f"{group}.{key}")
            field = BY_NAME.get(target.names[0])
            if field is None or target.part != "value":
                changes.append(Setting(target, given, f"{group}.{key}"))
            elif field.name in inputs:
                raise BadInput(f"{group}.{key}: {field.name} is given twice")
            else:
                inputs[field.name] = _input(field, given)
    return inputs, changes


def _input(field: Field, given: object) -> Input:
    if not isinstance(given, dict):
        spread = read(field, given)
        return Input(spread.value, ASSUMED, Decimal(0) if spread.low is not None else field.cv, spread.low, spread.high)
    unknown = set(given) - {"value", "cv", "low", "high", "samples", "source", "n"}
    if unknown or "value" not in given:
        raise BadInput(f"{field.name}: give value, and of cv, low, high, samples, source, n what is known")
    ends = {part: _number(f"{field.name}.{part}", given[part]) for part in ("low", "high") if part in given}
    samples = given.get("samples", [])
    n = given.get("n")
    if not isinstance(samples, list) or not (n is None or (isinstance(n, int) and n > 0)):
        raise BadInput(f"{field.name}: samples is a list of numbers, n a whole number of 1 or more")
    return Input(
        read(field, given["value"]).value,
        _text(given, "source", field.name) or ASSUMED,
        _number(f"{field.name}.cv", given["cv"]) if "cv" in given else Decimal(0) if ends or samples else field.cv,
        ends.get("low"),
        ends.get("high"),
        tuple(_number(f"{field.name}.samples", each) for each in samples),
        n,
    )


def _model(given: Mapping[str, Any]) -> Model:
    name = _text(given, "name", "models")
    if not name:
        raise BadInput("models: one has no name")
    rule = given.get("stack_rule", "no_cache")
    if rule not in STACK_RULES:
        raise BadInput(f"models.{name}: stack_rule={rule!r}: give {', '.join(STACK_RULES)}")
    known = {each.name for each in fields(Rate)}
    schedule = []
    for entry in given.get("rates", []):
        if (
            not isinstance(entry, dict)
            or set(entry) - known
            or not {"input_usd_per_mtok", "output_usd_per_mtok"} <= set(entry)
        ):
            raise BadInput(
                f"models.{name}: a rate needs input_usd_per_mtok and output_usd_per_mtok, of {', '.join(sorted(known))}"
            )
        schedule.append(_rate(name, entry))
    longest = given.get("long_context_tokens")
    return Model(
        name,
        _text(given, "provider", "models"),
        tuple(sorted(schedule, key=lambda rate: rate.effective_from or date.min)),
        rule,
        _price(f"models.{name}.min_prefix_tokens", given.get("min_prefix_tokens", 1024)),
        day(f"models.{name}.retires", given.get("retires")),
        _text(given, "terms", "models"),
        longest if isinstance(longest, int) else None,
    )


def _rate(name: str, entry: Mapping[str, Any]) -> Rate:
    found: dict[str, Any] = {}
    for key, value in entry.items():
        where = f"models.{name}.{key}"
        if key == "source":
            found[key] = _text(entry, key, where)
        elif key.startswith("effective"):
            found[key] = day(where, value)
        else:
            found[key] = _price(where, value)
    return Rate(**found)


def _tenant(given: Mapping[str, Any]) -> Tenant:
    name = _text(given, "name", "tenants")
    if set(given) - {"name", "share", "token_multiplier", "model"} or "share" not in given:
        raise BadInput(f"tenants.{name}: give name, share, and token_multiplier and model where they differ")
    return Tenant(
        name,
        _number(f"tenants.{name}.share", given["share"]),
        _number(f"tenants.{name}.token_multiplier", given.get("token_multiplier", 1)),
        _text(given, "model", "tenants"),
    )


def _measured(given: object) -> Measured | None:
    if given is None:
        return None
    if not isinstance(given, dict) or not {"run", "workload", "backend", "track", "questions"} <= set(given):
        raise BadInput("measured: give run, workload, backend, track and questions")
    usd = given.get("usd_per_query")
    questions = given["questions"]
    if not isinstance(questions, int) or questions < 1:
        raise BadInput(f"measured.questions={questions!r}: give 1 or more")
    return Measured(
        _text(given, "run", "measured"),
        _text(given, "workload", "measured"),
        _text(given, "backend", "measured"),
        _text(given, "track", "measured"),
        questions=questions,
        usd_per_query=None if usd is None else _price("measured.usd_per_query", usd),
        usd_per_query_cv=_price("measured.usd_per_query_cv", given.get("usd_per_query_cv", 0)),
        priced_as=_text(given, "priced_as", "measured"),
        warnings=tuple(str(each) for each in given.get("warnings", ())),
    )


def _tables(content: Mapping[str, Any], key: str, read_one: Any) -> list[Any]:
    entries = content.get(key, [])
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise BadInput(f"{key}: give tables such as [[{key}]]")
    return [read_one(each) for each in entries]


def _text(given: Mapping[str, Any], key: str, where: str) -> str:
    value = given.get(key, "")
    if not isinstance(value, str):
        raise BadInput(f"{where}.{key}={value!r}: give a text".lstrip("."))
    return value


def _number(name: str, given: object) -> Decimal:
    value = number(given)
    if value is None or not value.is_finite():
        raise BadInput(f"{name}={given!r}: give a number")
    return value


def _price(name: str, given: object) -> Decimal:
    value = _number(name, given)
    if not 0 <= value <= 1_000_000:
        raise BadInput(f"{name}={plain(value)}: give 0 to 1000000")
    return value


# ---- out ----


def _lines(scenario: Scenario) -> Iterator[str]:
    yield f"schema = {SCHEMA}"
    yield f"name = {_quoted(scenario.name)}"
    for key in ("title", "note"):
        if text := getattr(scenario, key):
            yield f"{key} = {_quoted(text)}"
    if scenario.historical:
        yield "historical = true"
    group = ""
    for field in FIELDS:
        if field.group != group:
            group = field.group
            yield f"\n[{group}]"
        yield f"{field.name.partition('.')[2]} = {_written(field, scenario.inputs[field.name])}"
    yield "\n[prices]"
    yield f"model = {_quoted(scenario.strong)}"
    yield f"weak_model = {_quoted(scenario.weak)}"
    for model in scenario.models.values():
        yield from _model_lines(model)
    for tenant in scenario.tenants:
        yield "\n[[tenants]]"
        yield from _table(tenant)
    if scenario.measured:
        yield "\n[measured]"
        yield from _table(scenario.measured)


def _written(field: Field, given: Input) -> str:
    parts = [f"value = {_toml(given.value)}"]
    if given.cv or field.cv:
        parts.append(f"cv = {_toml(given.cv)}")
    parts += [
        f"{key} = {_toml(getattr(given, key))}" for key in ("low", "high", "n") if getattr(given, key) is not None
    ]
    if given.samples:
        parts.append(f"samples = {_toml(given.samples)}")
    return "{ " + ", ".join([*parts, f"source = {_quoted(given.source)}"]) + " }"


def _model_lines(model: Model) -> Iterator[str]:
    yield "\n[[models]]"
    for each in fields(Model):
        value = getattr(model, each.name)
        if each.name != "rates" and value not in (None, ""):
            yield f"{each.name} = {_toml(value)}"
    for rate in model.rates:
        yield "\n[[models.rates]]"
        yield from _table(rate)


def _table(record: Any) -> Iterator[str]:
    for each in fields(record):
        value = getattr(record, each.name)
        if value not in (None, "", ()):
            yield f"{each.name} = {_toml(value)}"


def _toml(value: object) -> str:
    if value is None:
        return '"none"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return plain(value) if value.is_finite() else '"inf"'
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        if value and isinstance(value[0], tuple):  # support tiers
            return "[" + ", ".join(f"[{_limit(upto)}, {_toml(share)}]" for upto, share in value) + "]"
        return "[" + ", ".join(_toml(each) for each in value) + "]"
    return _quoted(str(value))


def _limit(upto: Decimal | None) -> str:
    return '"inf"' if upto is None else _toml(upto)


def _quoted(text: str) -> str:
    # A JSON string is a basic string of TOML, but for DEL, which TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
