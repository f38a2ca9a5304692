"""A result comes in, Markdown for a pull request goes out: the result first, a short table, everything else folded.

Ids of questions and names of workloads are somebody's data: they stand in code, which no Markdown acts on, or escaped.
"""

import re
from collections.abc import Iterable, Iterator

from workbench.gate import grid
from workbench.gate.outcome import Check, Outcome, Result

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
_SPECIAL = re.compile(r"([\\`*_{}\[\]#|~])")
_REFERENCE = re.compile(r"(?<!\w)([@#]|GH-)(?=\w)", re.IGNORECASE)
"""What GitHub makes a mention or a link of, escaped or not."""
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def render(result: Result) -> str:
    """The whole text."""
    head, rows = grid.table(result)
    lines = [f"**{_SIGNS[result.outcome]} {_text(grid.headline(result))}**", ""]
    if rows:
        lines += [_row(head), _row(["---"] * len(head)), *(_row(row) for row in rows), ""]
    told = grid.sentences(result)
    if told:
        lines += _folded(f"What is not as before: {len(told)}", (_told(name, check) for _, name, check in told))
    about = [
        f"{len(result.checks)} checks of {_code(result.folder)} against {_code(result.baseline)}, "
        f"workload {_code(result.workload)}",
        *map(_text, result.notes),
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
    parts = [f"{_SIGNS[check.outcome]} **{_text(name)}**: {_text(check.sentence)}"]
    parts += _questions(check)
    return "".join(parts)


def _questions(check: Check) -> Iterator[str]:
    directed = bool(check.better)
    for word, names in (("worse" if directed else "questions", check.worse), ("better", check.better)):
        if names:
            more = f" and {len(names) - MOST_QUESTIONS} more" if len(names) > MOST_QUESTIONS else ""
            yield f"<br>{word}: {', '.join(map(_code, names[:MOST_QUESTIONS]))}{more}"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell if set(cell) == {'-'} and len(cell) == 3 else _text(cell) for cell in cells)} |"


def _text(text: str) -> str:
    """Plain text that stays plain: nothing in it is markup, a mention or a link."""
    plain = _REFERENCE.sub("\\1\u200b", _UNSEEN.sub(" ", text))
    return _SPECIAL.sub(r"\\\1", plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


def _code(text: str) -> str:
    """Code on one line; what would end it is replaced."""
    plain = _UNSEEN.sub(" ", text).replace("`", "'").replace("|", "¦").strip()
    return f"`{plain[:200] or '?'}`"
