"""Takes an answer and its sentence, gives the reply in the form that the prompt asks for, and how the prompt wants an
unanswerable question declined.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.models.extractive.fields import Field
from workbench.models.extractive.prompts import Asked

REFUSAL = "I don't have enough information to answer."
_ANSWERS = frozenset(
    "answer answers response result output final_answer short_answer reply prediction text completion".split()
)
_PHRASE = re.compile(
    r"(?i)\b(?:say|says|respond|reply|answer|return|output|write|state)"
    r"(?: (?:only|just|exactly|simply|back|with|that|as)){0,4}"
    r"[ :]{1,2}(?:\"([^\"\n]{2,200})\"|'((?:[^'\n]|'(?=\w)){2,200})'|“([^”\n]{2,200})”"
    r"|‘((?:[^’\n]|’(?=\w)){2,200})’)"
)
_UNKNOWN = re.compile(
    r"(?i)\b(?:n't|n’t|not|no|cannot|unable|without|unknown|unanswerable|insufficient|lacks?)\b|n['’]t\b"
)
_SAY_UNKNOWN = re.compile(r"(?i)\bsay (?:that )?you (?:do not|don['’]t) know\b")
_JSON_WANTED = re.compile(
    r"(?i)\b(?:in|as|return|output|respond|reply|answer|provide|produce|valid|write)\b[^.\n]{0,60}\bjson\b"
)
_KEYS = re.compile(r"[\"`]([A-Za-z_][A-Za-z0-9_ ]{0,40})[\"`]\s*:")
_NAMED_KEYS = re.compile(r"(?i)\b(?:keys?|fields?|propert(?:y|ies))\b[^.\n]{0,200}")
_QUOTED = re.compile(r"[\"'`]([A-Za-z_][A-Za-z0-9_]{0,40})[\"'`]")
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_MARKER = re.compile(r"\[\[ ## (\w+) ## \]\]")
_OPTIONAL = re.compile(r"Optional\[(.+)\]|(.+?) \| None|None \| (.+)")
_CHOICE = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")


@dataclass(frozen=True, slots=True)
class Form:
    """How a reply must look."""

    kind: str = "plain"
    """`plain`, `markers`, `json` or `xml`."""
    fields: tuple[Field, ...] = (Field("answer"),)


def wanted(asked: Asked, response_format: Mapping[str, Any] | None) -> Form:
    """Say in which form a request wants its reply."""
    kind = (response_format or {}).get("type")
    if kind == "json_schema":
        found = _of_schema(response_format or {})
        return Form("json", found or asked.outputs or (Field("answer"),))
    if kind == "json_object" or asked.form == "json":
        return Form("json", asked.outputs or _of_text(asked.instructions))
    if asked.form:
        return Form(asked.form, asked.outputs)
    if _JSON_WANTED.search(asked.instructions):
        return Form("json", _of_text(asked.instructions))
    return Form()


def refusal(instructions: str) -> str:
    """The words in which the prompt wants an unanswerable question declined, else our own."""
    for phrase in _PHRASE.finditer(instructions):
        around = instructions[max(0, phrase.start() - 160) : phrase.end() + 80]
        if _UNKNOWN.search(around):
            return next(group for group in phrase.groups() if group).strip()
    return "I don't know." if _SAY_UNKNOWN.search(instructions) else REFUSAL


def render(form: Form, answer: str, sentence: str, answered: bool) -> tuple[str, bool]:
    """Write the reply.

    Returns:
        The reply, and whether every field could be filled with something the context says; a number that the answer
        does not hold, or a list of something else, is left at 0 or empty.
    """
    if form.kind == "plain":
        return answer, True
    names = [field.name for field in form.fields]
    main = next((name for name in names if name.lower() in _ANSWERS), None) or _last_text(form.fields)
    values: dict[str, Any] = {}
    full = True
    for field in form.fields:
        value, true = _value(field, field.name == main, answer, sentence, answered)
        values[field.name] = value
        full = full and true
    if form.kind == "json":
        return json.dumps(values), full
    lines = {name: _one_line(value) for name, value in values.items()}
    if form.kind == "xml":
        escaped = {name: line.replace("&", "&amp;").replace("<", "&lt;") for name, line in lines.items()}
        return "\n\n".join(f"<{name}>\n{line}\n</{name}>" for name, line in escaped.items()), full
    sections = [f"[[ ## {name} ## ]]\n{line}" for name, line in lines.items()]
    return "\n\n".join([*sections, "[[ ## completed ## ]]"]), full


def _one_line(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value) if isinstance(value, list | dict) else str(value)
    return _MARKER.sub(r"\1", " ".join(text.split()))


def _last_text(fields: Sequence[Field]) -> str:
    texts = [field.name for field in fields if field.kind == "str"]
    return (texts or [field.name for field in fields] or [""])[-1]


def _value(field: Field, main: bool, answer: str, sentence: str, answered: bool) -> tuple[Any, bool]:
    optional = _OPTIONAL.fullmatch(field.kind)
    kind = next(group for group in optional.groups() if group) if optional else field.kind
    if kind.startswith(("list", "array", "List", "Sequence")):
        texts = kind in ("list", "array") or "str" in kind
        if main and texts:
            return ([answer] if answered else []), True
        return ([sentence] if sentence and texts and not main else []), texts
    if kind in ("bool", "boolean"):
        return (answer.lower() == "yes" if main else answered), True
    if kind in ("int", "float", "integer", "number"):
        found = _NUMBER.search(answer) if answered else None
        number = float(found.group().replace(",", "")) if found and main else 0.0
        return (int(number) if kind.startswith("int") else number), bool(main and found)
    if kind.startswith("Literal"):
        choices = [single or double for single, double in _CHOICE.findall(kind)]
        said = [choice for choice in choices if choice.lower() in answer.lower()]
        return (said or choices or [answer])[0], main and bool(said)
    if kind.startswith(("dict", "object")):
        return {}, False
    if main:
        return answer, True
    return sentence or "The context does not tell.", True


def _of_schema(response_format: Mapping[str, Any]) -> tuple[Field, ...]:
    """The properties of an OpenAI `json_schema` response format."""
    described = response_format.get("json_schema")
    schema = described.get("schema") if isinstance(described, Mapping) else None
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    if not isinstance(properties, Mapping):
        return ()
    return tuple(Field(str(name), _kind(value)) for name, value in properties.items())


def _kind(described: object) -> str:
    if not isinstance(described, Mapping):
        return "str"
    choices = described.get("enum")
    if isinstance(choices, Sequence) and not isinstance(choices, str) and choices:
        return "Literal[" + ", ".join(repr(str(choice)) for choice in choices) + "]"
    if isinstance(described.get("anyOf"), Sequence):
        kinds = [_kind(option) for option in described["anyOf"]]
        return next((kind for kind in kinds if kind != "null"), "str")
    kind = described.get("type", "string")
    if kind == "array":
        return f"list[{_kind(described.get('items'))}]"
    return {"string": "str"}.get(str(kind), str(kind))


def _of_text(instructions: str) -> tuple[Field, ...]:
    """The keys that a prompt names in words or shows in a sample."""
    names = _KEYS.findall(instructions)
    if not names:
        names = [name for part in _NAMED_KEYS.findall(instructions) for name in _QUOTED.findall(part)]
    return tuple(Field(name) for name in dict.fromkeys(names)) or (Field("answer"),)
