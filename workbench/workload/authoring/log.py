"""Questions with their paraphrases and users in, a month of questions as they would be asked out.

How often a question is asked follows Zipf's law over the questions of a tenant; when it is, the hours of a day and the
days of a week; how it is worded, its paraphrases.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from workbench.records import Asked, Question, User
from workbench.workload.authoring.draws import choice, shuffled, unit

DEFERRABLE_KINDS = ("completeness", "high_level")
"""Questions of which somebody makes a report: they may wait more often than others."""


@dataclass(frozen=True, slots=True)
class Month:
    """How a log is drawn. Fields as in [log] of dataset.toml."""

    first_day: str
    """ISO 8601."""
    days: int
    lines: int
    """Per tenant."""
    zipf: float
    """Exponent: the question at place r is asked in proportion to r^-zipf."""
    weekday_over_weekend: float
    hourly: tuple[float, ...]
    """24 factors of load, UTC."""
    verbatim: float
    """Share of lines worded as the question itself."""
    deferrable: float
    """Share of lines whose answer may wait."""
    deferrable_reports: float
    """The same share for questions of `DEFERRABLE_KINDS`."""


def draw(
    month: Month,
    questions: Sequence[Question],
    paraphrases: Mapping[str, Sequence[str]],
    kinds: Mapping[str, str],
    askers: Mapping[str, Sequence[User]],
    seed: str,
) -> list[Asked]:
    """Draw the log of one tenant.

    Args:
        month: how.
        questions: of the tenant.
        paraphrases: by question id, other wordings of the same question.
        kinds: by question id.
        askers: by question id, who may have asked it.
        seed: another seed, another log.

    Returns:
        Lines in the order of time, `<tenant>/log-00001` and so on.
    """
    if not questions:
        return []
    tenant = questions[0].tenant
    popular = shuffled(questions, seed, tenant, "popularity")
    by_rank = list(accumulate((rank + 1) ** -month.zipf for rank in range(len(popular))))
    hours = _hours(month)
    by_hour = list(accumulate(weight for _, weight in hours))
    lines = []
    for number in range(month.lines):
        lot = (seed, tenant, "log", number)
        question = popular[_place(by_rank, unit(*lot, "question"))]
        start = hours[_place(by_hour, unit(*lot, "hour"))][0]
        at = start + timedelta(seconds=int(3600 * unit(*lot, "second")))
        others = paraphrases.get(question.id, ())
        verbatim = not others or unit(*lot, "verbatim") < month.verbatim
        share = month.deferrable_reports if kinds[question.id] in DEFERRABLE_KINDS else month.deferrable
        lines.append(
            (
                f"{at:%Y-%m-%dT%H:%M:%SZ}",
                choice(askers[question.id], *lot, "user").id,
                question.text if verbatim else choice(others, *lot, "wording"),
                question.id,
                unit(*lot, "deferrable") < share,
            )
        )
    lines.sort()
    return [
        Asked(f"{tenant}/log-{number:05}", at, user, text, question, deferrable)
        for number, (at, user, text, question, deferrable) in enumerate(lines, 1)
    ]


def _hours(month: Month) -> list[tuple[datetime, float]]:
    """Every hour of the month with its share of the load."""
    first = datetime.fromisoformat(month.first_day)
    every = (first + timedelta(hours=hour) for hour in range(24 * month.days))
    return [
        (hour, month.hourly[hour.hour] * (month.weekday_over_weekend if hour.weekday() < 5 else 1.0)) for hour in every
    ]


def _place(cumulated: Sequence[float], drawn: float) -> int:
    """Where a number in [0, 1) falls among cumulated weights."""
    return min(bisect_right(cumulated, drawn * cumulated[-1]), len(cumulated) - 1)
