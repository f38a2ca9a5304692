"""Text or a TOML value comes in, an input's checked value goes out, or a refusal by name, value and allowed range."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from workbench.errors import BadInput
from workbench.planning.inputs import Field, Tiers, Value

_ON, _OFF = {"on", "true", "yes", "1"}, {"off", "false", "no", "0"}
_NONE = {"none", "null", "-"}
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?")
_SUFFIXES = {"k": 1000, "M": 1_000_000, "m": 1_000_000}
_LONGEST = 60
_LARGEST = Decimal(10**15)
"""More than this is a slip of the finger, in whatever unit."""


class Spread(NamedTuple):
    """What one text says of an input: its value, and a range where one is given."""

    value: Value
    low: Decimal | None = None
    high: Decimal | None = None


def read(field: Field, given: object) -> Spread:
    """The value of an input.

    Args:
        field: which one.
        given: text as on the command line (`250,000`, `30%`, `365/12`, `0.2..0.3..0.4`), or a value of TOML.

    Raises:
        BadInput: names the input, the value and what is allowed.
    """
    if isinstance(given, str) and field.uncertain and ".." in given:
        ends = [_one(field, part) for part in given.split("..")]
        if len(ends) == 2:
            ends.insert(1, (ends[0] + ends[1]) / 2)
        if len(ends) != 3 or not ends[0] <= ends[1] <= ends[2]:
            raise refusal(field.name, given, "LOW..VALUE..HIGH in ascending order")
        return Spread(ends[1], ends[0], ends[2])
    return Spread(_value(field, given))


def refusal(name: str, given: object, allowed: str) -> BadInput:
    """The sentence for a wrong value."""
    return BadInput(f"{name}={shown(given)}: give {allowed}")


def shown(value: object) -> str:
    """A value as somebody would type it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date):
        return f"{value:%Y-%m}"
    if isinstance(value, tuple | list):
        return ",".join(_pair(each) if isinstance(each, tuple) else shown(each) for each in value)
    return str(value)


def _pair(pair: tuple[object, ...]) -> str:
    return ":".join("inf" if part is None else shown(part) for part in pair)


def plain(value: Decimal) -> str:
    """Digits without an exponent and without idle zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def month(name: str, given: object) -> date:
    """The first day of a month.

    Raises:
        BadInput: not YYYY-MM.
    """
    if isinstance(given, date):
        return date(given.year, given.month, 1)
    match = re.fullmatch(r"(\d{4})-(\d{2})(-\d{2})?", str(given).strip())
    if match and 1 <= int(match[2]) <= 12 and 1900 <= int(match[1]) <= 9000:
        return date(int(match[1]), int(match[2]), 1)
    raise refusal(name, given, "a month as YYYY-MM")


def number(text: object) -> Decimal | None:
    """A number as people write it: `250,000`, `250_000`, `250k`, `30%`, `365/12`; None where it is none."""
    if isinstance(text, bool):
        return None
    if isinstance(text, int | Decimal):
        return Decimal(text)
    if isinstance(text, float):
        return Decimal(str(text))
    if not isinstance(text, str) or len(text) > _LONGEST:
        return None
    word = text.strip()
    if "/" in word:
        over, _, under = word.partition("/")
        upper, lower = number(over), number(under)
        return None if upper is None or not lower else upper / lower
    if word.endswith("%"):
        share = number(word[:-1])
        return None if share is None else share / 100
    scale = _SUFFIXES.get(word[-1:], 1)
    digits = word[:-1] if scale != 1 else word
    if _THOUSANDS.fullmatch(digits):
        digits = digits.replace(",", "")
    try:
        return Decimal(digits) * scale if digits.isascii() else None
    except InvalidOperation:
        return None


def _value(field: Field, given: object) -> Value:
    if isinstance(given, str) and given.strip().lower() in _NONE and field.optional:
        return None
    match field.kind:
        case "number" | "count" | "share":
            return None if given is None and field.optional else _one(field, given)
        case "switch":
            return _switch(field, given)
        case "month":
            return month(field.name, given)
        case "word":
            return _word(field, given)
        case "words":
            words = tuple(str(each).strip() for each in _parts(given))
            if sorted(words) != sorted(field.choices):
                raise refusal(field.name, given, f"each of {field.range} once")
            return words
        case "numbers" | "shares":
            return _numbers(field, given)
        case "tiers":
            return _tiers(field, given)


def _one(field: Field, given: object) -> Decimal:
    value = number(given)
    if value is None or not value.is_finite() or abs(value) > _LARGEST:
        raise refusal(field.name, given, field.range)
    low, high = (Decimal(0), Decimal(1)) if field.kind in ("share", "shares") else (field.low, field.high)
    if (low is not None and value < low) or (high is not None and value > high):
        raise refusal(field.name, given, field.range)
    if field.kind == "count" and value != value.to_integral_value():
        raise refusal(field.name, given, f"a whole number, {field.range}")
    return value


def _switch(field: Field, given: object) -> bool:
    word = str(given).strip().lower()
    if word in _ON:
        return True
    if word in _OFF:
        return False
    raise refusal(field.name, given, field.range)


def _word(field: Field, given: object) -> str:
    word = str(given).strip()
    if field.choices and word not in field.choices:
        raise refusal(field.name, given, field.range)
    if not word or len(word) > 100 or not word.isprintable():
        raise refusal(field.name, given, "a short text")
    return word


def _numbers(field: Field, given: object) -> tuple[Decimal, ...]:
    parts = _parts(given)
    if isinstance(given, str) and given.strip().endswith("%"):  # 10/25/50/100 % means every one of them
        parts = [each if str(each).strip().endswith("%") else f"{each}%" for each in parts]
    values = tuple(_one(field, each) for each in parts)
    if not values or (field.length and len(values) != field.length):
        raise refusal(field.name, given, field.range)
    return values


def _tiers(field: Field, given: object) -> Tiers:
    tiers: list[tuple[Decimal | None, Decimal]] = []
    for each in _parts(given) if given not in ("", "none") else ():
        limit, share = each.split(":") if isinstance(each, str) and each.count(":") == 1 else (None, None)
        if isinstance(each, list | tuple) and len(each) == 2:
            limit, share = each
        if isinstance(limit, str) and limit.strip() in ("inf", "above", "rest"):
            upto: Decimal | None = Decimal("Infinity")
        else:
            upto = number(limit)
        part = number(share)
        before = tiers[-1][0] if tiers else Decimal(0)
        if upto is None or upto.is_nan() or part is None or not 0 <= part <= 1 or before is None or upto <= before:
            raise refusal(field.name, given, "ascending LIMIT:SHARE pairs such as 150000:10%,500000:7%,inf:3%")
        tiers.append((upto if upto.is_finite() else None, part))
    return tuple(tiers)


def _parts(given: object) -> Sequence[object]:
    if isinstance(given, str):
        text = given.strip().strip("[]").replace("%%", "%")
        mark = "/" if "/" in text and "," not in text else ","
        return [part.strip().strip("\"'") for part in text.split(mark) if part.strip()]
    if isinstance(given, Sequence):
        return given
    return [given]


def day(name: str, given: object) -> date | None:
    """A day, or None for `none`.

    Raises:
        BadInput: not YYYY-MM-DD.
    """
    if given is None or (isinstance(given, str) and given.strip().lower() in _NONE):
        return None
    if isinstance(given, date):
        return given
    try:
        return datetime.strptime(str(given).strip(), "%Y-%m-%d").date()
    except ValueError as error:
        raise refusal(name, given, "a day as YYYY-MM-DD, or none") from error
