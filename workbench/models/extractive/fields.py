"""Takes prompts that name their fields, as DSPy's adapters do, gives the inputs by name and the outputs asked for."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

QUESTIONS = ("question", "query", "user_question", "user_query", "search_query")
CONTEXTS = (
    "context",
    "contexts",
    "passages",
    "passage",
    "documents",
    "document",
    "docs",
    "sources",
    "evidence",
    "snippets",
    "background",
    "retrieved_context",
    "retrieved_documents",
    "retrieved_passages",
    "knowledge",
)

_HEADING = re.compile(r"^Your (input|output) fields are:[ \t]*$", re.MULTILINE)
_FIELD = re.compile(r"^\d{1,3}\. `([^`\n]{1,80})` \((.{1,400}?)\):", re.MULTILINE)
_NUMBERED = re.compile(r"^\[(\d{1,6})\] (?=«)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that the reply must hold."""

    name: str
    kind: str = "str"
    """As the prompt writes it: `str`, `float`, `bool`, `list[str]`, `Literal['a', 'b']`, ..."""


@dataclass(frozen=True, slots=True)
class Marked:
    """What a prompt with named fields holds."""

    inputs: dict[str, str]
    outputs: tuple[Field, ...]
    form: str
    """How the reply must look: `markers`, `json` or `xml`."""


def find(system: str, user: str) -> Marked | None:
    """Read the fields that the system message lists from the last user message; None when it lists none."""
    lists = _listed(system)
    if "input" not in lists or "output" not in lists:
        return None
    outputs = tuple(lists["output"])
    names = [field.name for field in lists["input"]]
    if "wrapped in XML tags" in user[-2000:]:
        return Marked(_cut(user, names, "<{}>", "</{}>"), outputs, "xml")
    wants_json = "Outputs will be a JSON object" in system or "Respond with a JSON object" in user[-2000:]
    return Marked(_cut(user, names, "[[ ## {} ## ]]", None), outputs, "json" if wants_json else "markers")


def _listed(system: str) -> dict[str, list[Field]]:
    headings = list(_HEADING.finditer(system))
    lists: dict[str, list[Field]] = {}
    for heading, following in zip(headings, [*headings[1:], None], strict=False):
        part = system[heading.end() : following.start() if following else len(system)]
        part = part.split("\nAll interactions will be structured", 1)[0]
        lists.setdefault(heading.group(1), [Field(name, kind) for name, kind in _FIELD.findall(part)])
    return lists


def _cut(user: str, names: Sequence[str], opening: str, closing: str | None) -> dict[str, str]:
    """Cut the message at the fields' own lines, in their order.

    The last field is looked for from the end: a passage that holds such a line cannot pass itself off as the question.
    """
    places: list[tuple[str, int, int]] = []
    after = 0
    for number, name in enumerate(names):
        mark = opening.format(name)
        lines = [match.span() for match in re.finditer(rf"^{re.escape(mark)}[ \t]*$", user, re.MULTILINE)]
        lines = [span for span in lines if span[0] >= after]
        if not lines:
            continue
        start, end = lines[-1] if number == len(names) - 1 and number else lines[0]
        places.append((name, start, end))
        after = end
    values = dict.fromkeys(names, "")
    for (name, _, start), following in zip(places, [*places[1:], None], strict=False):
        value = user[start : following[1] if following else len(user)]
        if closing:
            value = value.rpartition("\n" + closing.format(name))[0]
        elif following is None:
            value = value.rpartition("\n\nRespond with ")[0] or value
        values[name] = plain(value.strip())
    return values


def plain(value: str) -> str:
    """Give a field's text without the numbering, quotes and indentation that a list of texts is wrapped in."""
    if value.startswith("[") and value.endswith("]"):
        try:
            items = json.loads(value)
        except ValueError:
            items = None
        if isinstance(items, list) and all(isinstance(item, str) for item in items):
            return "\n\n".join(items)
    starts = list(_NUMBERED.finditer(value))
    # A passage may hold a line like "[7] «": only the next number in turn begins a passage.
    turns: list[re.Match[str]] = []
    for start in starts:
        if start.group(1) == str(len(turns) + 1):
            turns.append(start)
    if turns and turns[0].start() == 0:
        ends = [*[turn.start() for turn in turns[1:]], len(value)]
        return "\n\n".join(_unquote(value[turn.end() : end].strip()) for turn, end in zip(turns, ends, strict=True))
    return _unquote(value)


def _unquote(text: str) -> str:
    if text.startswith("«««\n") and text.endswith("\n»»»"):
        return "\n".join(line.removeprefix("    ") for line in text[4:-4].split("\n"))
    if text.startswith("«") and text.endswith("»"):
        return text[1:-1]
    return text
