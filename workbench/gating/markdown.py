"""A result comes in, Markdown for a pull request goes out: the result first, a short table, everything else folded.

Ids of questions and names of workloads are somebody's data: they stand in code, which no Markdown acts on, or escaped.
"""

from collections.abc import Iterable, Iterator

from workbench.gating import grid
from workbench.gating.outcome import Check, Outcome, Result
from workbench.markdown import code, table, text

MOST_QUESTIONS = 20

MOST_CHARACTERS = 60_000
"""GitHub refuses a comment of more than 65,536."""

_SIGNS: dict[Outcome, str] = {
    "pass": "✅",
    "inconclusive": "❔",
    "infrastructure": "🔧",
    "outdated": "📼",
    "regression": "❌",
    "mismatch": "⚠️",
}


def render(result: Result) -> str:
    """The whole text."""
    head, rows = grid.table(result)
    lines = [f"**{_SIGNS[result.outcome]} {text(grid.headline(result))}**", ""]
    if rows:
        lines += [*table(head, rows), ""]
    told = grid.sentences(result)
    if told:
        lines += _folded(f"What is not as before: {len(told)}", (_told(name, check) for _, name, check in told))
    about = [
        f"{len(result.checks)} checks of {code(result.folder)} against {code(result.baseline)}, "
        f"workload {code(result.workload)}",
        *map(text, result.notes),
    ]
    lines += _folded("What was compared", about)
    return "\n".join(lines)


def _folded(title: str, items: Iterable[str]) -> list[str]:
    # Inside, Markdown is read again after an empty line.
    lines, size = [f"<details><summary>{title}</summary>", ""], 0
    for item in items:
        size += len(item)
        if size > MOST_CHARACTERS / 2:
            lines.append("- and more: the JSON and JUnit files hold everything")
            break
        lines.append(f"- {item}")
    return [*lines, "", "</details>", ""]


def _told(name: str, check: Check) -> str:
    parts = [f"{_SIGNS[check.outcome]} **{text(name)}**: {text(check.sentence)}"]
    parts += _questions(check)
    return "".join(parts)


def _questions(check: Check) -> Iterator[str]:
    directed = bool(check.better)
    for word, names in (("worse" if directed else "questions", check.worse), ("better", check.better)):
        if names:
            more = f" and {len(names) - MOST_QUESTIONS} more" if len(names) > MOST_QUESTIONS else ""
            yield f"<br>{word}: {', '.join(map(code, names[:MOST_QUESTIONS]))}{more}"
