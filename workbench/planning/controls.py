"""What somebody moved on a screen comes in, settings of a scenario go out; and what a scenario says each control is at.

A control is a plain word for one input or two that belong together. A control that stands where the scenario has it
changes nothing, so that the scenario's own source and range stay.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from workbench.planning.evidence import Check, check
from workbench.planning.inputs import BY_NAME, PRICE_FIELDS
from workbench.planning.names import CUT_INPUT, INPUT_TOKENS, TENANTS
from workbench.planning.scenario import Scenario
from workbench.planning.values import plain, shown


@dataclass(frozen=True, slots=True)
class Control:
    """One thing that can be moved."""

    key: str
    """Short and stable: it stands in addresses."""
    label: str
    input: str
    """Whose value is shown, and set."""
    means: str
    percent: bool = True
    topic: str = ""
    """Of the document check: where its evidence stands."""
    lever: str = ""


USERS = Control("users", "People who use it each day", "demand.daily_users", "Daily active users.", percent=False)
CACHE = Control(
    "cache",
    "Answers served from a cache (%)",
    "response_cache.hit_rate",
    "Of the questions that somebody waits for: a stored answer is given again and no model is paid.",
    topic="response cache",
    lever="response_cache",
)
QUERIES = Control(
    "queries",
    "Questions per person and day",
    "demand.queries_per_user",
    "Mean over everybody who uses it that day.",
    percent=False,
)
LEVERS = (
    Control(
        "wrong",
        "Cached answers that are wrong (%)",
        "response_cache.false_hits",
        "Stored answers given to another question than was asked.",
        topic="response cache",
        lever="response_cache",
    ),
    Control(
        "prompt",
        "Shorter prompts (%)",
        "prompt.cut_dynamic",
        "Taken off the text that is sent with each question.",
        topic="prompt",
        lever="prompt",
    ),
    Control(
        "answer",
        "Shorter answers (%)",
        "prompt.cut_output",
        "Taken off the answer that the user sees.",
        topic="prompt",
        lever="prompt",
    ),
    Control(
        "route",
        "Questions sent to the cheap model (%)",
        "routing.share",
        "Of those that the cache does not answer.",
        topic="routing",
        lever="routing",
    ),
    Control(
        "prefix",
        "Prompts found in the vendor's cache (%)",
        "prefix_cache.hit_rate",
        "Calls whose shared beginning the vendor still holds. It needs a shared beginning: tokens.prefix, below.",
        topic="vendor's prefix cache",
        lever="prefix_cache",
    ),
    Control(
        "batch",
        "Questions that wait for a batch job (%)",
        "batch.share",
        "Answered within 24 hours, at the vendor's batch price.",
        topic="batch",
        lever="batch",
    ),
)
CONTROLS = (USERS, CACHE, QUERIES, *LEVERS)

_ALSO = {"prompt.cut_dynamic": CUT_INPUT}
"""What is set in place of the input that is shown."""


def position(control: Control, scenario: Scenario) -> float:
    """Where the control stands in a scenario: per cent, or the input's own unit."""
    if control.input == "prefix_cache.hit_rate" and not scenario.values["prefix_cache.enabled"]:
        return 0.0
    return float(scenario.number(control.input) * (100 if control.percent else 1))


def settings(scenario: Scenario, moved: Mapping[str, float]) -> tuple[str, ...]:
    """Settings for `Scenario.set`.

    Args:
        scenario: where the controls stood.
        moved: positions by control's key; those left out stay.
    """
    found: list[str] = []
    for control in CONTROLS:
        at = moved.get(control.key)
        if at is None or at == position(control, scenario):
            continue
        value = Decimal(repr(at)) / (100 if control.percent else 1)
        found.append(f"{_ALSO.get(control.input, control.input)}={plain(value)}")
        if control.key == "prefix":
            found.append(f"prefix_cache.enabled={'on' if value else 'off'}")
        if control.key == "batch":  # no more can be a batch job than may wait
            found.append(f"channels.deferrable={plain(max(value, scenario.number('channels.deferrable')))}")
    return tuple(found)


def held(scenario: Scenario, control: Control) -> str:
    """Whether a control's value is measured or an assumption, in words."""
    given = scenario.inputs[control.input]
    ends = "" if given.low is None or given.high is None else f", {_per_cent(given.low)} to {_per_cent(given.high)}"
    return f"{given.source}{ends}"


@cache
def published() -> Mapping[str, Check]:
    """Claim, correction and evidence by topic, of no scenario in particular."""
    return {each.topic: each for each in check()}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of any input."""

    name: str
    value: str
    """As somebody would type it."""
    source: str
    unit: str
    range: str
    meaning: str


def known(scenario: Scenario, name: str) -> Known:
    """An input, a price, or what stands for several inputs, as a scenario has it.

    Args:
        scenario: whose value.
        name: one of `names.all_names()`.
    """
    if name in BY_NAME:
        field, given = BY_NAME[name], scenario.inputs[name]
        value = shown(given.value)
        if given.low is not None and given.high is not None:
            value = f"{shown(given.low)}..{value}..{shown(given.high)}"
        return Known(name, value, given.source, field.unit, field.range, field.meaning)
    if name == INPUT_TOKENS:
        whole = scenario.number("tokens.prefix") + scenario.number("tokens.dynamic")
        return Known(name, plain(whole), "", "tokens per query", "", "whole prompt: sets what the shared prefix leaves")
    if name == CUT_INPUT:
        return Known(name, shown(scenario.values["prompt.cut_dynamic"]), "", "share", "0 to 1", "taken off the prompt")
    if name == TENANTS:
        told = ",".join(
            ":".join(
                [each.name, plain(each.share), plain(each.token_multiplier), *([each.model] if each.model else [])]
            )
            for each in scenario.tenants
        )
        return Known(name, told, "", "", "NAME:SHARE[:TOKENS[:MODEL]],...", "who shares the bill")
    return _price(scenario, name)


def _price(scenario: Scenario, name: str) -> Known:
    weak = name.startswith("prices.weak_")
    part = name.removeprefix("prices.").removeprefix("weak_")
    field = next(each for each in PRICE_FIELDS if each.name == part)
    model = scenario.models.get(scenario.weak if weak else scenario.strong)
    rate = model.rate_on(scenario.start_month) if model else None
    value = getattr(model, field.attribute, None)
    if value is None:
        value = getattr(rate, field.attribute, None)
    source = rate.source if rate else "unpriced"
    text = value.isoformat() if part == "retires" and value else shown(value)
    return Known(name, text, source, field.unit, "", f"{field.meaning}{' (cheap model)' if weak else ''}")


def _per_cent(share: Decimal) -> str:
    return f"{plain(share * 100)} %"
