"""Takes the messages of a chat request, gives question and context wherever a framework has put them, or says what is
missing. It never guesses: a prompt that shows no context, or that asks for something else, is reported as such.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.models.extractive import fields
from workbench.models.extractive.fields import Field

LONGEST_QUESTION = 4000
"""Characters; what is longer is a document, not a question."""
_HEAD = 2000
"""Characters in which a prompt says what it is about."""

_START = r"(?im)^[ \t>*#_\-]{0,32}(?:\[/?INST\][ \t]*)?"
_COLON = r"[ \t]?[*_]{0,3}:[*_]{0,3}(?=\s|$)"
_QUESTION = re.compile(
    _START
    + r"(?:(?:the |user(?:'s|’s)? |original |input |my ){0,2}(?:question|query)|q)(?: is)?(?: as follows)?"
    + _COLON
)
_USER = re.compile(_START + r"(?:user|human)" + _COLON)
_CONTEXT = re.compile(
    _START + r"(?:(?:new|the|retrieved|relevant|provided|given|supporting|reference|background) ){0,2}"
    r"(?:context|documents?|passages?|sources|information|background|evidence|excerpts?|snippets?|search results"
    r"|knowledge|facts|paragraphs?|references?)(?: (?:information|sections?))?" + _COLON
)
_ANSWER = re.compile(
    _START + r"(?:(?:helpful|final|new|refined|short|your|concise|detailed) )?(?:answer|response)" + _COLON
)
_EXISTING = re.compile(r"(?im)^(?:original answer|we have provided an existing answer)[ \t]*:[ \t]*")
_CUE = re.compile(
    r"(?i)\b(?:following|below|retrieved|provided|given|these|this|here (?:are|is))\b[^\n]{0,100}?"
    r"\b(?:context|information|documents?|passages?|sources?|excerpts?|snippets|paragraphs?)\b"
    r"|\b(?:context|information|documents?|passages?|sources?)\b[^\n]{0,60}?\b(?:below|following)\b"
)
_FENCE = re.compile(r"(?m)^[ \t]*(?:-{3,}|={3,}|\*{3,}|_{3,}|`{3,}|\"{3})[ \t]*$")
_TAGS = re.compile(
    r"(?i)<(context|documents?|passages?|sources?|information|background|evidence|search_results|knowledge)>"
)
_QUESTION_TAG = re.compile(r"(?i)<(question|query|user_question)>")
_GIVEN = re.compile(r"(?i)response|answer|prediction|claim|statement|truth|completion|summary")
"""Names of inputs that a judge is given and a reader is not."""
_QUOTED = re.compile(r"^([\"'`]{1,3})([^\"'`]+)\1$")
_JUDGE = re.compile(
    r"(?i)\b(?:verdict|faithful(?:ness)?|grounded or|ungrounded|grade[rsd]?|evaluat(?:e|or|ing)|judge|rate the"
    r"|binary score|on a scale|standalone question|rephrase|reformulate)\b"
)
_NEAR_COLON = 60
"""Characters from an announcement to a colon that belongs to it."""
_AFTERWORD = re.compile(
    r"(?is)\s*\Z|[ \t]*\n(?=.{0,600}\Z).{0,400}?\b(?:answer|question|context|respond|reply|say|know)\b"
)
"""What a prompt may say behind its context: nothing, or some instructions; else the tags are a passage's own."""
_RECORD = re.compile(r"(?m)^[ \t]*(?:Value|Content|Text):[ \t]*")
_RECORD_NAME = re.compile(r"(?m)^[ \t]*(?:Name|Title):[ \t]*([^\n]*)$")
_RECORD_END = re.compile(r"(?m)^[ \t]*(?:Link|Source|Url|Score):[^\n]*$")
_TAIL = re.compile(
    r"(?i)\n[ \t]*\n[ \t]*(?:instructions?:[^\n]{0,80}\b(?:documents?|context|question)\b"
    r"|(?:include|provide|cite|add|mention)\b[^\n]{0,40}\b(?:citations?|sources?)\b)[^\n]{0,200}(?:\n[^\n]{0,200}){0,2}\s*$"
)
_UNSEEN = re.compile(
    "[\ud800-\udfff\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f]|\r\n?"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request holds."""

    question: str = ""
    context: str = ""
    instructions: str = ""
    """What the prompt says besides; never a word of the context."""
    earlier: str = ""
    """An answer that the prompt wants kept unless the context betters it."""
    outputs: tuple[Field, ...] = ()
    """Fields that the prompt names for the reply."""
    form: str = ""
    """`markers`, `json` or `xml` where the prompt names fields."""
    flags: tuple[str, ...] = ()
    """`no_question`, `no_context`, `ambiguous`, `not_rag`: why question or context is empty."""


def find(messages: Sequence[Mapping[str, Any]]) -> Asked:
    """Find question and context in a request."""
    texts = [(str(message.get("role") or ""), _text(message.get("content"))) for message in messages]
    system = "\n\n".join(text for role, text in texts if role in ("system", "developer"))
    users = [text for role, text in texts if role == "user"]
    user = users[-1] if users else ""
    marked = fields.find(system, user)
    if marked is not None:
        return _of_fields(marked, system)
    asked = _of_one(user)
    if asked is not None:
        asked = replace(asked, instructions=system + "\n" + asked.instructions)
    else:
        asked = _of_several(texts, system, user)
    if asked is None:
        judged = _JUDGE.search(user[:_HEAD]) or _JUDGE.search(system[:_HEAD])
        return Asked(instructions=system, flags=("not_rag",) if judged else _missing(user))
    if _JUDGE.search(asked.instructions):
        return Asked(instructions=asked.instructions, flags=("not_rag",))
    return asked


def _text(content: object) -> str:
    """The text of a message, without what no reader would see, such as zero-width and tag characters."""
    if isinstance(content, Sequence) and not isinstance(content, str):
        parts = [part.get("text") for part in content if isinstance(part, Mapping)]
        content = "\n".join(part for part in parts if isinstance(part, str))
    if not isinstance(content, str):
        return ""
    return _UNSEEN.sub(lambda mark: "\n" if mark.group()[0] == "\r" else "", content)


def _missing(user: str) -> tuple[str, ...]:
    return ("no_context",) if 0 < len(user.strip()) <= LONGEST_QUESTION else ("no_question", "no_context")


def _of_fields(marked: fields.Marked, system: str) -> Asked:
    if any(_GIVEN.search(name) for name in marked.inputs):
        return Asked("", "", system, "", marked.outputs, marked.form, ("not_rag",))
    question = next((marked.inputs[name] for name in fields.QUESTIONS if name in marked.inputs), "")
    context = "\n\n".join(marked.inputs[name] for name in fields.CONTEXTS if name in marked.inputs)
    flags = (() if question.strip() else ("no_question",)) + (() if context.strip() else ("no_context",))
    return Asked(question, context, system, "", marked.outputs, marked.form, flags)


def _checked(question: str, context: str, instructions: str, earlier: str = "") -> Asked:
    question, context = _QUOTED.sub(r"\2", question.strip()).strip(), context.strip()
    flags = (() if question and len(question) <= LONGEST_QUESTION else ("no_question",)) + (
        () if context else ("no_context",)
    )
    return Asked(question, context, instructions, earlier, flags=flags)


def _of_one(text: str) -> Asked | None:
    """Both in one message, told apart by labels, tags or fences; None when the message does not show both."""
    questions = list(_QUESTION.finditer(text))
    labels = sorted([*questions, *_USER.finditer(text)], key=lambda label: label.start())
    if not labels:
        return _tagged(text) or _records(text)
    existing = _EXISTING.search(text)
    if existing and questions and _refines(text):
        return _refine(text, questions, existing)
    behind = _context_first(text, labels[-1])
    ahead = _question_first(text, questions) if questions else None
    if ahead and labels[-1] not in questions:
        return ahead
    if behind and behind.context and ahead and behind.question != ahead.question:
        # A passage posing as a prompt of its own: which of the two questions is meant cannot be known.
        return Asked(instructions=ahead.instructions, flags=("ambiguous", "no_question"))
    return behind if behind and behind.context else ahead or behind


def _context_first(text: str, label: re.Match[str]) -> Asked | None:
    """`Context: ... Question: ... Answer:`, where nothing is answered yet."""
    found = _context_in(text[: label.start()])
    question, rest = _until_answer(text[label.end() :])
    if found is None or rest is None or _CONTEXT.search("\n" + question) or _FENCE.search(question):
        return None
    return _checked(question, found[0], found[1] + rest)


def _until_answer(tail: str) -> tuple[str, str | None]:
    """A question without the `Answer:` and what follows; None for the rest when an answer is there already."""
    label = _ANSWER.search(tail)
    question, gap, rest = tail[: label.start() if label else len(tail)].strip().partition("\n\n")
    if label and _nothing(tail[label.end() :]) is False:
        return question, None
    return question, gap + rest


def _nothing(text: str) -> bool:
    """Whether only fences and closing marks of a template are left."""
    return not _FENCE.sub("", text).replace("[/INST]", "").strip()


def _question_first(text: str, questions: Sequence[re.Match[str]]) -> Asked | None:
    """`Question: ... Context: ... Answer:`, the context running to the last, empty `Answer:` or to the end."""
    label = questions[-1]
    start = _FENCE.match(text, text.find("\n", label.end()) + 1) if "\n" in text[label.end() :] else None
    direct = start is not None
    if start is None:
        label = questions[0]
        cue = _CUE.search(text, 0, label.start())
        if _FENCE.search(text, 0, label.start()) or _TAGS.search(text, 0, label.start()):
            return None
        if cue and text[_end_of_cue(text[: label.start()], cue) : label.start()].strip():
            return None
        start = _CONTEXT.search(text, label.end()) or _FENCE.search(text, label.end())
    if start is None or (not direct and _CONTEXT.search(text, 0, label.start())):
        return None
    question, body = text[label.end() : start.start()], text[start.end() :]
    answers = list(_ANSWER.finditer(body))
    if answers:
        if not _nothing(body[answers[-1].end() :]):
            return None
        body = body[: answers[-1].start()]
    closing = list(_FENCE.finditer(body))
    if closing and _nothing(body[closing[-1].end() :]):
        body = body[: closing[-1].start()]
    return None if _ANSWER.search(question) else _checked(question, _cleaned(body), text[: label.start()])


def _tagged(text: str) -> Asked | None:
    """`<context>...</context>` and `<question>...</question>`, in either order."""
    opening = _TAGS.search(text)
    marks = list(_QUESTION_TAG.finditer(text))
    if opening is None or not marks:
        return None
    mark = marks[0] if marks[0].start() < opening.start() else marks[-1]
    closing = text.lower().rfind("</" + opening.group(1).lower() + ">")
    ending = text.lower().find("</" + mark.group(1).lower() + ">", mark.end())
    if closing < opening.end() or ending < 0 or opening.end() <= mark.start() < closing:
        return None
    said = text[: min(opening.start(), mark.start())] + text[max(closing, ending) :]
    return _checked(text[mark.end() : ending], text[opening.end() : closing], said)


def _records(text: str) -> Asked | None:
    """Search results as `Name:`/`Value:` records between fences, then the bare question."""
    fences = list(_FENCE.finditer(text))
    if not fences or not _RECORD.search(text):
        return None
    question, _, rest = text[fences[-1].end() :].strip().partition("\n")
    if not question.rstrip().endswith("?"):
        return None
    return _checked(question, _cleaned(text[: fences[-1].start()]), rest)


def _refines(text: str) -> bool:
    """Whether the prompt speaks of refining an answer before it comes to the context."""
    start = _CONTEXT.search(text) or _FENCE.search(text)
    return start is not None and "refin" in text[: start.start()].lower()


def _refine(text: str, questions: list[re.Match[str]], existing: re.Match[str]) -> Asked | None:
    """An answer is there already and new context with it."""
    ahead = [label for label in questions if label.start() < existing.start()]
    if not ahead:
        return None
    earlier = text[existing.end() :].split("\n", 1)[0].strip()
    start = _CONTEXT.search(text, 0, ahead[-1].start())
    if start is not None:
        question = text[ahead[-1].end() : existing.start()]
        return _checked(question, text[start.end() : ahead[-1].start()], text[: start.start()], earlier)
    fences = list(_FENCE.finditer(text, existing.end()))
    if len(fences) < 2:
        return None
    context = text[fences[0].end() : fences[-1].start()]
    return _checked(text[ahead[0].end() : existing.start()], context, text[: ahead[0].start()], earlier)


def _of_several(texts: Sequence[tuple[str, str]], system: str, user: str) -> Asked | None:
    """The context in the system message or a tool's result, the question in the last user message."""
    if not user.strip() or len(user) > LONGEST_QUESTION or _CONTEXT.search(user):
        return None
    label = list(_QUESTION.finditer(user))
    question = _until_answer(user[label[-1].end() :])[0] if label else user
    found = _context_in(system)
    if found is not None:
        return _checked(question, *found)
    tools = "\n\n".join(text for role, text in texts if role in ("tool", "function"))
    return _checked(question, tools, system) if tools.strip() else None


def _context_in(text: str) -> tuple[str, str] | None:
    """The context in a text that holds no question, and what else it says; None when nothing announces a context."""
    cue, label, opening = _CUE.search(text), _CONTEXT.search(text), _TAGS.search(text)
    # What stands further down than the announcement is part of the context.
    announced = _end_of_cue(text, cue) if cue else len(text)
    if opening and not text[announced : opening.start()].strip() and (not label or opening.start() < label.start()):
        closing = text.lower().rfind("</" + opening.group(1).lower() + ">")
        if closing >= opening.end() and _AFTERWORD.match(text, text.find(">", closing) + 1):
            return _cleaned(text[opening.end() : closing]), text[: opening.start()] + text[closing:]
    if label and not text[announced : label.start()].strip():
        fence = _FENCE.match(text, label.end() + 1)
        return _body(text, fence.end() if fence else label.end(), label.start())
    return _body(text, announced, announced) if cue else None


def _end_of_cue(text: str, cue: re.Match[str]) -> int:
    """Where the context begins after an announcement: behind a fence, else behind the paragraph or its colon."""
    fence = _FENCE.search(text, cue.end())
    gap = text.find("\n\n", cue.end())
    colon = text.find(":\n", cue.end())
    if 0 <= colon <= cue.end() + _NEAR_COLON and fence and text[colon + 1 : fence.start()].strip():
        return colon + 1  # the fence ends a record
    if fence and (gap < 0 or fence.start() <= gap + 2):
        return fence.end()
    if 0 <= colon < (gap if gap >= 0 else len(text)):
        return colon + 1
    return gap if gap >= 0 else len(text)


def _body(text: str, start: int, said: int) -> tuple[str, str]:
    """The context from `start`, without a closing fence and instructions after it."""
    body = text[start:]
    fences = list(_FENCE.finditer(body))
    rest = ""
    opened = _FENCE.search(text[:start][-80:].rstrip("\n") + "\n") is not None
    if fences and opened:
        rest, body = body[fences[-1].end() :], body[: fences[-1].start()]
    return _cleaned(body), text[:said] + rest


def _cleaned(context: str) -> str:
    tail = _TAIL.search(context, max(0, len(context) - 800))
    if tail:
        context = context[: tail.start()]
    if _RECORD.search(context) and _RECORD_END.search(context):
        named = _RECORD_NAME.sub(r"\n\1\n", context)
        context = _FENCE.sub("\n", _RECORD_END.sub("", _RECORD.sub("", named)))
    return context
