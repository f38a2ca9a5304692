"""A result comes in, what the terminal and Markdown show of it goes out: a headline, a table and sentences."""

from collections import Counter

from workbench.gating import leaks
from workbench.gating.likeness import ANSWERED, LIKENESS
from workbench.gating.outcome import SPEED, Check, Outcome, Result
from workbench.nouns import counted

_GROUPS = {
    "retrieval.": "retrieval",
    "ragas.id_": "retrieval",
    "passages": "retrieval",
    "tokens.": "tokens",
    "usd": "cost",
    leaks.PREFIX: "leakage",
    "answers.": "quality",
    "judge.": "quality",
    "ragas.": "quality",
    "answer": "answers",
    "failed": "failed",
    SPEED: SPEED,
}
_ORDER = ("retrieval", "tokens", "cost", "leakage", "answers", "quality", "failed", SPEED)

_WORDS: dict[Outcome, str] = {
    "pass": "",
    "inconclusive": "inconclusive",
    "infrastructure": "broken",
    "outdated": "outdated",
    "regression": "WORSE",
    "mismatch": "not comparable",
}
MOST_NAMED = 3


def group(check: Check) -> str:
    """The column of a check."""
    for prefix, name in _GROUPS.items():
        if check.name.startswith(prefix):
            return name
    return check.name.partition(".")[0]


def table(result: Result) -> tuple[list[str], list[list[str]]]:
    """Head and rows: a row for each cell, a column for each group, in a word the worst of what is there."""
    cells = list(dict.fromkeys(check.cell for check in result.checks if check.cell))
    groups = {group(check) for check in result.checks if check.name not in (ANSWERED, LIKENESS)}
    columns = [name for name in _ORDER if name in groups] + sorted(groups - set(_ORDER)) or [ANSWERED]
    rows = []
    for cell in cells:
        mine = [check for check in result.checks if check.cell == cell]
        stopped = next((check for check in mine if check.name in (ANSWERED, LIKENESS)), None)
        if stopped is not None:
            rows.append([cell, _WORDS[stopped.outcome], *([""] * (len(columns) - 1))])
        else:
            rows.append([cell, *(_word([check for check in mine if group(check) == name]) for name in columns)])
    return ["backend", *columns], rows


def headline(result: Result) -> str:
    """The result in one line, the most important thing first."""
    found = result.of(result.outcome)
    undecided = "inconclusive" if result.exit_code else "passed, though inconclusive"
    what = {
        "mismatch": "not comparable",
        "outdated": "recording outdated",
        "infrastructure": "infrastructure",
        "inconclusive": undecided,
    }
    if result.outcome == "pass":
        said = _passed(result)
    else:
        said = _regressed(result) if result.outcome == "regression" else _first(what[result.outcome], found)
    others = Counter(check.outcome for check in result.checks if check.outcome not in (result.outcome, "pass"))
    also = ", ".join(f"{count} {_ALSO[outcome]}" for outcome, count in sorted(others.items()))
    return f"{said} (beside it: {also})" if also else said


_ALSO: dict[Outcome, str] = {
    "inconclusive": "inconclusive",
    "infrastructure": "broken down",
    "outdated": "outdated",
    "regression": "worse",
    "mismatch": "not comparable",
    "pass": "passed",
}


def sentences(result: Result) -> list[tuple[Outcome, str, Check]]:
    """Everything that is not the same as before, the worst first: outcome, whose and what, and the check."""
    told = [check for check in result.checks if check.changed and (check.name != SPEED or check.outcome != "pass")]
    told.sort(key=lambda check: _SEVERITY.index(check.outcome))
    return [(check.outcome, f"{check.cell or 'all'} {check.name}", check) for check in told]


_SEVERITY: tuple[Outcome, ...] = ("mismatch", "regression", "outdated", "infrastructure", "inconclusive", "pass")


def _word(checks: list[Check]) -> str:
    """The worst of a group; of several alike the first that changed."""
    if not checks:
        return "-"
    worst = min((check.outcome for check in checks), key=_SEVERITY.index)
    mine = [check for check in checks if check.outcome == worst]
    first = next((check for check in mine if check.changed), mine[0])
    prefix = _WORDS[worst]
    return f"{prefix} {first.word}" if prefix else first.word


def _passed(result: Result) -> str:
    better = [check for check in result.checks if check.better]
    moved = [check for check in result.checks if check.worse]
    if not better and not moved:
        return "pass: nothing has changed but times"
    cells = len({check.cell for check in (*better, *moved)})
    return (
        f"pass: {counted(cells, 'backend has', 'backends have')} changed and none is worse; "
        "workbench accept makes this the baseline"
    )


def _regressed(result: Result) -> str:
    slow = [check for check in result.of("regression") if check.name == SPEED]
    worse = [check for check in result.of("regression") if check.name != SPEED]
    leaking = [check for check in worse if check.name.startswith(leaks.PREFIX)]
    worse = [check for check in worse if check not in leaking]
    parts = [_leaking(leaking)] if leaking else []
    parts += [_first("worse", worse)] if worse else []
    parts += [_first("slower", slow)] if slow else []
    return f"regression, {'; '.join(parts)}"


def _leaking(checks: list[Check]) -> str:
    """The gravest in its own words, which name the backend, the channel and how many."""
    order = {name: place for place, name in enumerate(leaks.GRAVEST)}
    gravest = min(checks, key=lambda check: order.get(check.name, len(order)))
    more = len(checks) - 1
    return f"leak: {gravest.sentence.partition(' (')[0]}" + (f"; and {more} more leaks" if more else "")


def _first(what: str, checks: list[Check]) -> str:
    """`worse: haystack-parity answers.f1, dspy-parity tokens.input and 4 more`; with the sentence that all share."""
    names = list(dict.fromkeys(_name(check) for check in checks))
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    alike = checks[0].sentence if len({check.sentence for check in checks}) == 1 else ""
    return ": ".join(part for part in (what, f"{', '.join(names[:MOST_NAMED])}{more}", alike) if part)


def _name(check: Check) -> str:
    plain = check.name in (ANSWERED, LIKENESS, SPEED)
    return check.cell if plain else f"{check.cell or 'all'} {check.name}"
