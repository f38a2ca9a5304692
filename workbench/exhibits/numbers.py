"""A number and its interval in, what a reader sees of them out."""

from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import Any

Interval = Mapping[str, Any] | None

_SMALL = ("no", "one", "two", "three", "four", "five", "six")


def percent(share: float, digits: int = 0) -> str:
    """Such as 23 %."""
    return f"{100 * share:.{digits}f} %"


def within(interval: Interval, *, times: float = 1.0, digits: int = 0, unit: str = "") -> str:
    """Such as [12, 35 %]; of none, that there is none."""
    if interval is None or interval.get("low") is None:
        return "[no interval]"
    low, high = times * interval["low"], times * interval["high"]
    return f"[{low:,.{digits}f}, {high:,.{digits}f}{f' {unit}' if unit else ''}]"


def points(difference: float, interval: Interval = None, digits: int = 0) -> str:
    """A difference of two shares, such as +4 points [-12, +20]."""
    told = f"{_plain_zero(100 * difference, digits)} points"
    if interval is None:
        return told
    low, high = (_plain_zero(100 * interval[end], digits) for end in ("low", "high"))
    return f"{told} [{low}, {high}]"


def _plain_zero(value: float, digits: int) -> str:
    text = f"{value:+.{digits}f}"
    return text[1:] if not float(text) else text


def milliseconds(value: float) -> str:
    """To three digits: 8.4 ms, 41 ms, 1,230 ms."""
    return f"{value:,.1f} ms" if value < 10 else f"{value:,.0f} ms"


def usd(value: float) -> str:
    """Such as 0.14 USD; a price below a cent keeps two digits that say something."""
    return f"{value:,.2f} USD" if value >= 0.1 or not value else f"{value:.2g} USD"


def events(found: Mapping[str, Any]) -> str:
    """Of a share with its bound: `3 of 60 [1, 14 %]`, or `0 of 60, at most 4.9 %`; rounded up, so that it holds."""
    told = f"{found['events']} of {found['n']}"
    if found["high"] is None:
        return told
    if not found["events"]:
        return f"{told}, at most {ceil(1000 * found['high']) / 10:g} %"
    # What happened is not told as nothing.
    seen = found["low"] if found["low"] >= 0.0001 else found["high"]
    digits = 0 if seen >= 0.005 else 1 if seen >= 0.0005 else 2
    return f"{told} {within(found, times=100, digits=digits, unit='%')}"


def spread(values: Sequence[float], write: Callable[[float], str]) -> str:
    """The smallest to the largest as `write` tells them, such as `15 to 19 %`; once where both read alike."""
    low, high = str(write(min(values))), str(write(max(values)))
    if low == high:
        return low
    number, _, unit = low.partition(" ")
    return f"{number if high.endswith(f' {unit}') else low} to {high}"


def listed(names: Sequence[str]) -> str:
    """How a sentence tells several, of one or more: `a, b and c`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def all_of(count: int) -> str:
    """How a sentence names so many backends together: `both`, `all six`."""
    return "both" if count == 2 else f"all {_SMALL[count] if count < len(_SMALL) else count}"
