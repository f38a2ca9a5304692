"""dataset.toml in, what it says out: name and source, the seed, who works there, the month of the question log."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.records import Classification
from workbench.workload import fields, ids
from workbench.workload.authoring import written
from workbench.workload.authoring.log import Month

_MOST_USERS, _MOST_DAYS, _MOST_LINES = 10_000, 366, 1_000_000
_STEEPEST = 10.0
"""Exponent of Zipf's law above which one question is asked and no other."""


@dataclass(frozen=True, slots=True)
class Role:
    """What a role may read, and how many have it."""

    name: str
    users: int
    clearance: Classification
    personal_data: bool
    """May be told private facts of others, up to the clearance."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What dataset.toml says."""

    name: str
    source: str
    seed: str
    roles: tuple[Role, ...]
    month: Month


def read(path: Path) -> Settings:
    """Read dataset.toml.

    Raises:
        BadInput: it is not there, not TOML, or a field is missing, unknown or of a value that it cannot have.
    """
    about = written.toml(path)
    with fields.told(path):
        fields.only(about, ("name", "source", "seed", "role", "log"))
        if type(about["seed"]) is not int and not isinstance(about["seed"], str):
            raise fields.Wrong("seed", f"is {ids.shown(about['seed'])}; write a whole number or a text")
        roles = fields.items(about, "role")
        name, source, seed = fields.identifier(about, "name"), fields.string(about, "source"), str(about["seed"])
    return Settings(
        name, source, seed, tuple(_role(each, f"{path}, [[role]]") for each in roles), _month(about["log"], path)
    )


def _role(values: object, where: str) -> Role:
    with fields.told(where):
        about = fields.table(values, "role")
        fields.only(about, ("name", "users", "clearance", "personal_data"))
        return Role(
            fields.identifier(about, "name"),
            fields.whole(about, "users", 1, most=_MOST_USERS),
            fields.classification(about, "clearance"),
            fields.truth(about, "personal_data", False),
        )


def _month(values: object, path: Path) -> Month:
    with fields.told(f"{path}, [log]"):
        about = fields.table(values, "log")
        fields.only(about, tuple(Month.__slots__))
        first_day = str(about["first_day"])
        if not fields.real(first_day, "%Y-%m-%d", 10):
            raise fields.Wrong("first_day", f"is {ids.shown(first_day)}; write a day, such as 2026-10-01")
        return Month(
            first_day=first_day,
            days=fields.whole(about, "days", 1, most=_MOST_DAYS),
            lines=fields.whole(about, "lines", 0, most=_MOST_LINES),
            zipf=fields.number(about, "zipf", 0, _STEEPEST),
            weekday_over_weekend=fields.number(about, "weekday_over_weekend", 0),
            hourly=_hourly(about),
            verbatim=fields.number(about, "verbatim", 0, 1),
            deferrable=fields.number(about, "deferrable", 0, 1),
            deferrable_reports=fields.number(about, "deferrable_reports", 0, 1),
        )


def _hourly(about: Mapping[str, Any]) -> tuple[float, ...]:
    given = fields.items(about, "hourly")
    if len(given) != 24:
        raise fields.Wrong("hourly", f"holds {len(given)} factors; write 24, one for each hour of the day")
    factors = tuple(fields.number({"hourly": each}, "hourly", 0) for each in given)
    if not sum(factors):
        raise fields.Wrong("hourly", "holds nothing but 0; let some hour have a load")
    return factors
