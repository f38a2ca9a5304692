"""What somebody calls an input comes in, the input's own name goes out, or a refusal with the nearest names."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Literal

from workbench.errors import BadInput
from workbench.planning.inputs import FIELDS, PRICE_FIELDS

Part = Literal["value", "cv", "low", "high"]

_PARTS: tuple[Part, ...] = ("cv", "low", "high")

INPUT_TOKENS = "tokens.input"
"""The whole prompt: sets what the shared prefix leaves of it."""

CUT_INPUT = "prompt.cut_input"
"""Sets both cuts of the prompt."""

TENANTS = "tenants"

_GROUPS: Mapping[str, str] = {
    "token": "tokens",
    "tokens_per_query": "tokens",
    "query": "tokens",
    "channel": "channels",
    "price": "prices",
    "cache": "response_cache",
    "caching": "response_cache",
    "router": "routing",
    "vendor_cache": "prefix_cache",
    "prefixcache": "prefix_cache",
    "prompt_cache": "prefix_cache",
    "batching": "batch",
    "infra": "infrastructure",
    "infrastructure_per_month": "infrastructure",
    "capacity": "load",
    "selfhost": "self_hosting",
    "self_host": "self_hosting",
    "selfhosting": "self_hosting",
    "budget": "control",
    "demands": "demand",
    "lever": "quick",
    "levers": "quick",
}

_VIRTUAL: Mapping[str, tuple[str, ...]] = {
    INPUT_TOKENS: ("input_tokens", "prompt_tokens", "tokens.prompt"),
    CUT_INPUT: ("prompt.input", "prompt.input_cut", "prompt.x_in", "prompt.cut"),
    TENANTS: ("tenant",),
}

_UNCERTAINTY: Mapping[str, tuple[str, ...]] = {
    "demand.cv": ("demand.daily_users",),
    "demand.forecast_cv": ("demand.daily_users",),
    "demand.uncertainty": ("demand.daily_users",),
    "demand.coefficient_of_variation": ("demand.daily_users",),
    "tokens.cv": ("tokens.dynamic", "tokens.output", "tokens.reasoning"),
    "tokens.uncertainty": ("tokens.dynamic", "tokens.output", "tokens.reasoning"),
    "tokens.input_cv": ("tokens.dynamic",),
}


@dataclass(frozen=True, slots=True)
class Target:
    """What a name points at."""

    names: tuple[str, ...]
    """Inputs by their own names; more than one where an uncertainty is set for several."""
    part: Part = "value"


def find(name: str) -> Target:
    """The input that is meant.

    Raises:
        BadInput: none or several could be meant; names the nearest.
    """
    wanted = name.strip().replace("-", "_").replace(" ", "_")
    target = _whole(wanted) or _whole(wanted.lower())
    if target is None:
        raise BadInput(f"--set {name}: no such input; {_hint(wanted.lower())}")
    return target


def all_names() -> tuple[str, ...]:
    """Every input's own name, in the order of the table."""
    return tuple(_own())


def _whole(wanted: str) -> Target | None:
    if wanted in _UNCERTAINTY:
        return Target(_UNCERTAINTY[wanted], "cv")
    found = _known(wanted)
    if found is not None:
        return Target((found,))
    for part in _PARTS:
        for mark in (".", "_"):
            stem = wanted.removesuffix(f"{mark}{part}")
            if stem != wanted and (found := _known(stem)) is not None:
                return Target((found,), part)
    return None


def _known(wanted: str) -> str | None:
    aliases = _aliases()
    group, dot, rest = wanted.partition(".")
    attempts = [wanted]
    if dot:
        attempts += [f"{_GROUPS.get(group, group)}.{rest}", wanted.replace("weak.", "prices.weak_", 1)]
        if group in ("routing", "prices") and rest.startswith("weak."):
            attempts.append(f"prices.weak_{rest.removeprefix('weak.')}")
    for attempt in attempts:
        for form in (attempt, *(attempt.removesuffix(f"_{unit}") for unit in ("usd", "share", "tokens", "per_month"))):
            if form in aliases:
                return aliases[form]
    return None


def _own() -> Iterator[str]:
    yield from (field.name for field in FIELDS)
    yield from (f"prices.{field.name}" for field in PRICE_FIELDS)
    yield from (f"prices.weak_{field.name}" for field in PRICE_FIELDS)
    yield from _VIRTUAL


@cache
def _aliases() -> Mapping[str, str]:
    """Every spelling -> own name. A bare word counts only where it can mean one input."""
    spelled: dict[str, set[str]] = {}
    bare: dict[str, set[str]] = {}

    def also(own: str, group: str, names: tuple[str, ...]) -> None:
        for each in names:
            spelled.setdefault(each if "." in each else f"{group}.{each}", set()).add(own)
            if "." not in each:
                bare.setdefault(each, set()).add(own)

    for field in FIELDS:
        also(field.name, field.group, (field.name.partition(".")[2], *field.also))
    for price in PRICE_FIELDS:
        names = (price.name, *price.also)
        also(f"prices.{price.name}", "prices", names)
        # A model's own words are bare names too; that `input` is a price and not tokens nobody could guess.
        for each in names:
            if price.name != "model":
                bare.pop(each, None)
            spelled.setdefault(f"prices.weak_{each}", set()).add(f"prices.weak_{price.name}")
            spelled.setdefault(f"routing.weak_{each}", set()).add(f"prices.weak_{price.name}")
    for own, names in _VIRTUAL.items():
        spelled[own] = {own}
        for each in names:
            spelled.setdefault(each, set()).add(own)
    spelled["prices.weak_model"] = spelled["weak_model"] = spelled["routing.model"] = {"prices.weak_model"}
    spelled["routing.weak"] = {"prices.weak_model"}
    for name, owners in bare.items():
        spelled.setdefault(name, set()).update(owners)
    own_names = set(_own())
    return {
        name: name if name in own_names else next(iter(owners))
        for name, owners in spelled.items()
        if name in own_names or len(owners) == 1
    }


def _hint(wanted: str) -> str:
    last = wanted.rpartition(".")[2]
    several = sorted(own for own in _own() if own.rpartition(".")[2] == last)
    if len(several) > 1:
        return f"{last} could be {', '.join(several)}"
    spellings = _aliases()
    near = get_close_matches(wanted, spellings, 6, 0.6) or get_close_matches(last, spellings, 6, 0.6)
    names = list(dict.fromkeys(spellings[each] for each in near))[:3]
    return f"the nearest are {', '.join(names)}" if names else "workbench plan --inputs lists them all"
